package dev.segue.e2e.fault;

import com.fasterxml.jackson.databind.JsonNode;
import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.segue.e2e.fault.ApiRequest.Kind;
import dev.segue.e2e.witness.Json;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Stands between one operator and the API server, on a port of 127.0.0.1 without TLS: passes its requests on, counts
 * them, and does to them what a {@link Disturbance} says. Watches are streamed. Safe for all threads.
 */
public final class ApiProxy implements AutoCloseable {
    private static final String JSON = "application/json";

    private final ApiServer upstream;
    private final HttpServer server;
    private final List<ApiRequest> requests = new CopyOnWriteArrayList<>();
    private final AtomicInteger writes = new AtomicInteger();
    private final Set<Watch> watches = ConcurrentHashMap.newKeySet();
    private final CountDownLatch closed = new CountDownLatch(1);
    private volatile Disturbance disturbance = Disturbance.NONE;
    private volatile boolean off;

    static {
        // Read once by the JDK's server. Without it a reply of two parts waits 40 ms for the client's acknowledgement.
        System.setProperty("sun.net.httpserver.nodelay", "true");
    }

    /** A watch that is being streamed. */
    private static final class Watch {
        final InputStream events;
        volatile boolean ended;
        volatile boolean expired;

        Watch(InputStream events) {
            this.events = events;
        }

        void end() {
            ended = true;
            try {
                events.close(); // wakes the thread that reads it
            } catch (IOException e) {
                throw new UncheckedIOException("cannot end a watch", e);
            }
        }
    }

    /** Listens from now on; disturbs nothing yet. */
    public ApiProxy(ApiServer upstream) {
        this.upstream = upstream;
        try {
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        } catch (IOException e) {
            throw new UncheckedIOException("no port to listen on", e);
        }
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/", this::handle);
        server.start();
    }

    /** By which the operator reaches the API server; a new one for each operator. */
    public Config config() {
        return new ConfigBuilder(Config.empty())
                .withMasterUrl("http://127.0.0.1:" + server.getAddress().getPort())
                .withNamespace("default")
                .build();
    }

    /** From now on, in place of what was before. */
    public void disturb(Disturbance next) {
        disturbance = next;
    }

    /** All requests so far, oldest first. */
    public List<ApiRequest> requests() {
        return List.copyOf(requests);
    }

    /** The operator's writes so far, oldest first, without events, Lease and dry runs. */
    public List<ApiRequest> writes() {
        return requests.stream().filter(r -> r.kind() == Kind.WRITE).toList();
    }

    /** Nothing passes any more, ever; requests on their way may still take effect, their replies are lost. */
    public void cutOff() {
        off = true;
        watches.forEach(Watch::end);
    }

    /** Ends all watches, as the API server does every few minutes. */
    public void endWatches() {
        watches.forEach(Watch::end);
    }

    /** Ends all watches with the error 410 Gone: what they would go on from is compacted. */
    public void expireWatches() {
        watches.forEach(w -> {
            w.expired = true;
            w.end();
        });
    }

    private void handle(HttpExchange exchange) throws IOException {
        try (exchange) { // closed before its headers are sent, the connection ends without a reply
            ApiRequest request = received(exchange);
            if (off) {
                return;
            }
            switch (disturbance.on(request)) {
                case Fault.None() -> forward(exchange, request, false);
                case Fault.Cut() -> {}
                case Fault.LoseReply() -> forward(exchange, request, true);
                case Fault.Refuse refusal -> refuse(exchange, refusal);
                case Fault.Delay(Duration by) -> {
                    Thread.sleep(by);
                    forward(exchange, request, false);
                }
                case Fault.Hang() -> closed.await();
                case Fault.Stall() -> stall(exchange, request);
                case Fault.Expire() -> {
                    exchange.getResponseHeaders().set("Content-Type", JSON);
                    exchange.sendResponseHeaders(200, 0);
                    exchange.getResponseBody().write(GONE);
                }
                case Fault.Past(String version) -> past(exchange, request, version);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private ApiRequest received(HttpExchange exchange) throws IOException {
        String method = exchange.getRequestMethod();
        String path = exchange.getRequestURI().getRawPath();
        String query = Objects.requireNonNullElse(exchange.getRequestURI().getRawQuery(), "");
        byte[] body = exchange.getRequestBody().readAllBytes();
        int write = ApiRequest.kind(method, path, query) == Kind.WRITE ? writes.incrementAndGet() : 0;
        var request = new ApiRequest(Instant.now(), write, method, path, query, body);
        requests.add(request);
        return request;
    }

    private void forward(HttpExchange exchange, ApiRequest r, boolean loseReply)
            throws IOException, InterruptedException {
        HttpResponse<InputStream> reply =
                upstream.send(r.method(), r.path(), r.query(), exchange.getRequestHeaders(), r.body());
        if (r.kind() == Kind.WATCH) {
            stream(exchange, reply);
            return;
        }
        byte[] content = content(r, reply);
        if (!loseReply && !off) {
            copyHeaders(reply, exchange.getResponseHeaders());
            answer(exchange, reply.statusCode(), content);
        }
    }

    private void stall(HttpExchange exchange, ApiRequest r) throws IOException, InterruptedException {
        HttpResponse<InputStream> reply =
                upstream.send(r.method(), r.path(), r.query(), exchange.getRequestHeaders(), r.body());
        if (r.kind() == Kind.WATCH) {
            reply.body().close();
        } else {
            content(r, reply);
        }
        copyHeaders(reply, exchange.getResponseHeaders());
        exchange.sendResponseHeaders(reply.statusCode(), 0);
        exchange.getResponseBody().flush();
        closed.await();
    }

    /** The whole reply of the API server, of which the disturbance hears before the operator does. */
    private byte[] content(ApiRequest r, HttpResponse<InputStream> reply) throws IOException {
        byte[] content;
        try (InputStream in = reply.body()) {
            content = in.readAllBytes();
        }
        if (reply.statusCode() < 300) {
            disturbance.accepted(r);
        } else {
            disturbance.refused(r, reply.statusCode());
        }
        return content;
    }

    private static void copyHeaders(HttpResponse<?> reply, Headers into) {
        for (String name : List.of("Content-Type", "Content-Encoding", "Retry-After", "Warning")) {
            reply.headers().allValues(name).forEach(value -> into.add(name, value));
        }
    }

    private static void answer(HttpExchange exchange, int code, byte[] content) throws IOException {
        exchange.sendResponseHeaders(code, content.length == 0 ? -1 : content.length);
        if (content.length > 0) {
            exchange.getResponseBody().write(content);
        }
    }

    private void stream(HttpExchange exchange, HttpResponse<InputStream> reply) throws IOException {
        copyHeaders(reply, exchange.getResponseHeaders());
        exchange.sendResponseHeaders(reply.statusCode(), 0);
        OutputStream out = exchange.getResponseBody();
        var watch = new Watch(reply.body());
        watches.add(watch);
        try (var events = new BufferedReader(new InputStreamReader(watch.events, StandardCharsets.UTF_8))) {
            out.flush();
            String event;
            while (!off && (event = next(watch, events)) != null) {
                out.write((event + "\n").getBytes(StandardCharsets.UTF_8));
                out.flush();
            }
            if (watch.expired) {
                out.write(GONE);
            }
        } finally {
            watches.remove(watch);
        }
    }

    /** The next event, a line; null when there is none any more. */
    private static @Nullable String next(Watch watch, BufferedReader events) throws IOException {
        try {
            return events.readLine();
        } catch (IOException e) {
            if (watch.ended) {
                return null;
            }
            throw e;
        }
    }

    private static void refuse(HttpExchange exchange, Fault.Refuse refusal) throws IOException {
        Headers headers = exchange.getResponseHeaders();
        headers.set("Content-Type", JSON);
        @Nullable Duration retryAfter = refusal.retryAfter();
        if (retryAfter != null) {
            headers.set("Retry-After", Long.toString(retryAfter.toSeconds()));
        }
        answer(exchange, refusal.code(), status(refusal.code(), refusal.reason(), "a fault on purpose"));
    }

    private static byte[] status(int code, String reason, String message) {
        return Json.MAPPER
                .createObjectNode()
                .put("kind", "Status")
                .put("apiVersion", "v1")
                .put("status", "Failure")
                .put("message", message)
                .put("reason", reason)
                .put("code", code)
                .toString()
                .getBytes(StandardCharsets.UTF_8);
    }

    private static final byte[] GONE = "{\"type\":\"ERROR\",\"object\":%s}\n"
            .formatted(new String(status(410, "Expired", "too old resource version: 1 (2)"), StandardCharsets.UTF_8))
            .getBytes(StandardCharsets.UTF_8);

    /** A list can be had as of any version that is not compacted yet; a get is such a list of one. */
    private void past(HttpExchange exchange, ApiRequest r, String version) throws IOException, InterruptedException {
        String exact = "resourceVersion=" + version + "&resourceVersionMatch=Exact";
        Headers headers = new Headers();
        headers.set("Accept", JSON);
        int name = r.path().lastIndexOf('/');
        String path = r.named() ? r.path().substring(0, name) : r.path();
        String query = r.named()
                ? "fieldSelector=metadata.name%3D" + r.path().substring(name + 1) + "&" + exact
                : without(r.query(), "resourceVersion") + exact;
        HttpResponse<InputStream> reply = upstream.send("GET", path, query, headers, new byte[0]);
        byte[] content;
        try (InputStream in = reply.body()) {
            content = in.readAllBytes();
        }
        exchange.getResponseHeaders().set("Content-Type", JSON);
        if (!r.named() || reply.statusCode() != 200) {
            answer(exchange, reply.statusCode(), content);
            return;
        }
        JsonNode found = Json.MAPPER.readTree(content).path("items").path(0);
        if (found.isMissingNode()) {
            answer(exchange, 404, status(404, "NotFound", "not there at version " + version));
        } else {
            answer(exchange, 200, Json.MAPPER.writeValueAsBytes(found));
        }
    }

    private static String without(String query, String parameter) {
        StringBuilder kept = new StringBuilder();
        for (String part : query.split("&")) {
            if (!part.isEmpty() && !part.startsWith(parameter)) {
                kept.append(part).append('&');
            }
        }
        return kept.toString();
    }

    /** Ends every connection at once. */
    @Override
    public void close() {
        cutOff();
        closed.countDown();
        server.stop(0);
    }
}
