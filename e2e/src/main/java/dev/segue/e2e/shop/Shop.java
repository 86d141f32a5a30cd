package dev.segue.e2e.shop;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.segue.e2e.shop.Faults.Readiness;
import dev.segue.e2e.shop.Faults.Shutdown;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A small HTTP service on virtual threads that says in every answer which version and pod gave it.
 *
 * <p>{@code GET /} answers at once, {@code GET /slow?seconds=2} after that time; both are measured as
 * {@code http_server_requests_seconds}. {@code /ready}, {@code /live} and {@code /metrics} are not measured and never
 * slowed or failed by ERROR_RATIO, LATENCY_MS, LATENCY_RATIO and an {@link Outage}, of which {@code POST /outage} tells.
 * With LEDGER, the URL of another shop, requests fail once the data kept there are of a newer version than SCHEMA; see
 * {@link Schema}. With HISTOGRAM=native, durations are counted in a native histogram; see {@link Metrics}. Port 8080, or
 * PORT (0 takes a free one); see {@link Faults} for the rest of the environment. Exit codes: 2 for a setting that cannot
 * be used, 1 for CRASH_AFTER or a port in use, 0 after a graceful end, 143 after an abrupt one.
 */
public final class Shop implements AutoCloseable {
    /** A slow answer may still be due when the drain ends; the default grace period of a pod is 30 s. */
    private static final int IN_FLIGHT_SECONDS = 20;

    private static final Pattern SECONDS = Pattern.compile("seconds=([0-9]{1,2}(?:\\.[0-9]{1,3})?)");
    private static final Pattern KNOWN = Pattern.compile("known=([0-9]{1,4})");
    private static final ObjectMapper JSON = new ObjectMapper();

    private final String version;
    private final String pod;
    private final Faults faults;
    private final Schema schema;
    private final Metrics metrics;
    private final HttpServer server;

    /** As a ledger: the version of the data, raised by each shop that asks. */
    private final AtomicInteger data = new AtomicInteger();

    private volatile boolean draining;
    private volatile @Nullable Outage outage;

    static {
        // Read once by the JDK's server, when its first class loads. Its defaults close a keep-alive connection after
        // 30 s without a request and every one beyond 200 idle ones, with no word to the client: a request that is
        // on its way then is lost, and our counts would blame the migration.
        System.setProperty("sun.net.httpserver.nodelay", "true");
        System.setProperty("sun.net.httpserver.idleInterval", "86400");
        System.setProperty("sun.net.httpserver.maxIdleConnections", "1000000");
    }

    /** What is sent back; {@code uri} is the metric's tag. */
    private record Answer(int status, String uri, Map<String, String> body) {}

    private Shop(String version, String pod, Faults faults, Schema schema, Metrics metrics, HttpServer server) {
        this.version = version;
        this.pod = pod;
        this.faults = faults;
        this.schema = schema;
        this.metrics = metrics;
        this.server = server;
    }

    /**
     * Starts serving on all addresses; SIGTERM and CRASH_AFTER are the business of {@link #main}.
     *
     * @param port 0 takes a free one
     * @throws IOException when the port cannot be bound
     */
    static Shop start(String version, String pod, Faults faults, Schema schema, Metrics metrics, int port)
            throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress(port), 1024);
        Shop shop = new Shop(version, pod, faults, schema, metrics, server);
        server.createContext("/", shop::handle);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.start();
        return shop;
    }

    public int port() {
        return server.getAddress().getPort();
    }

    /**
     * Ends as a well-behaved service does: not ready and no reuse of connections from now on, still answering for the
     * drain period, then no new connections, then the end once the requests in flight are answered.
     */
    public void drain() {
        draining = true;
        try {
            Thread.sleep(faults.drain());
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
        server.stop(IN_FLIGHT_SECONDS);
    }

    /** Stops at once and closes all connections. */
    @Override
    public void close() {
        server.stop(0);
    }

    private void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            switch (exchange.getRequestURI().getPath()) {
                case "/ready" -> probe(exchange, faults.readiness() == Readiness.ALWAYS && !draining);
                case "/live" -> probe(exchange, true);
                case "/metrics" -> {
                    String type = metrics.type(exchange.getRequestHeaders().getFirst("Accept"));
                    send(exchange, 200, type, metrics.page(type));
                }
                case Schema.PATH -> schema(exchange);
                case Outage.PATH -> outage(exchange);
                default -> measured(exchange);
            }
        } catch (InterruptedException interrupted) {
            throw (IOException) new InterruptedIOException("the shop is stopping").initCause(interrupted);
        }
    }

    private void probe(HttpExchange exchange, boolean good) throws IOException {
        send(exchange, good ? 200 : 503, "text/plain", good ? "ok\n" : "not ready\n");
    }

    private void schema(HttpExchange exchange) throws IOException {
        Matcher known = KNOWN.matcher(String.valueOf(exchange.getRequestURI().getQuery()));
        if (known.matches()) {
            send(
                    exchange,
                    200,
                    "text/plain",
                    data.accumulateAndGet(Integer.parseInt(known.group(1)), Math::max) + "\n");
        } else {
            send(exchange, 400, "text/plain", "ask for /schema?known=N with N from 0 to 9999\n");
        }
    }

    private void outage(HttpExchange exchange) throws IOException {
        if (!exchange.getRequestMethod().equals("POST")) {
            send(exchange, 405, "text/plain", "only POST\n");
            return;
        }
        try {
            Outage told = Outage.parse(
                    Objects.requireNonNullElse(exchange.getRequestURI().getQuery(), ""));
            outage = told;
            send(exchange, 200, "text/plain", told + "\n");
        } catch (IllegalArgumentException none) {
            send(exchange, 400, "text/plain", none.getMessage() + "\n");
        }
    }

    private void measured(HttpExchange exchange) throws IOException, InterruptedException {
        long began = System.nanoTime();
        Answer answer = answer(exchange);
        try {
            send(exchange, answer.status(), "application/json", json(answer.body()));
        } finally {
            metrics.answered(
                    Duration.ofNanos(System.nanoTime() - began),
                    exchange.getRequestMethod(),
                    answer.status(),
                    answer.uri());
        }
    }

    private Answer answer(HttpExchange exchange) throws InterruptedException {
        String path = exchange.getRequestURI().getPath();
        if (!path.equals("/") && !path.equals("/slow")) {
            return refusal(404, "/**", "no such path: try / or /slow?seconds=2");
        }
        if (!exchange.getRequestMethod().equals("GET")) {
            return refusal(405, path, "only GET");
        }
        if (path.equals("/slow")) {
            String query = exchange.getRequestURI().getQuery();
            Matcher seconds = SECONDS.matcher(query == null ? "seconds=2" : query);
            if (!seconds.matches()) {
                return refusal(400, path, "ask for /slow?seconds=N with N from 0 to 99");
            }
            Thread.sleep(Math.round(Double.parseDouble(seconds.group(1)) * 1000));
        }
        if (ThreadLocalRandom.current().nextDouble() < faults.latencyRatio()) {
            Thread.sleep(faults.latency());
        }
        if (ThreadLocalRandom.current().nextDouble() < errorRatio()) {
            return refusal(500, path, "made by ERROR_RATIO or an outage");
        }
        String trouble = schema.trouble();
        return trouble == null ? new Answer(200, path, identity()) : refusal(500, path, trouble);
    }

    private double errorRatio() {
        Outage now = outage;
        return now == null ? faults.errorRatio() : Math.max(faults.errorRatio(), now.errorRatio(Instant.now()));
    }

    private Answer refusal(int status, String uri, String error) {
        Map<String, String> body = identity();
        body.put("error", error);
        return new Answer(status, uri, body);
    }

    private Map<String, String> identity() {
        Map<String, String> body = new LinkedHashMap<>();
        body.put("version", version);
        body.put("pod", pod);
        return body;
    }

    private void send(HttpExchange exchange, int status, String type, String text) throws IOException {
        send(exchange, status, type, text.getBytes(StandardCharsets.UTF_8));
    }

    private void send(HttpExchange exchange, int status, String type, byte[] body) throws IOException {
        exchange.getResponseHeaders().set("Content-Type", type);
        if (draining) {
            exchange.getResponseHeaders().set("Connection", "close");
        }
        if (exchange.getRequestMethod().equals("HEAD")) {
            exchange.sendResponseHeaders(status, -1);
            return;
        }
        exchange.sendResponseHeaders(status, body.length);
        try (OutputStream out = exchange.getResponseBody()) {
            out.write(body);
        }
    }

    private static String json(Map<String, String> body) {
        try {
            return JSON.writeValueAsString(body);
        } catch (JsonProcessingException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    public static void main(String[] args) throws IOException {
        Environment environment = new Environment(System.getenv());
        Faults faults;
        Schema schema;
        Metrics metrics;
        int port;
        try {
            faults = Faults.from(environment);
            schema = Schema.from(environment);
            metrics = Metrics.from(environment, faults);
            port = environment.wholeNumber("PORT", 8080, 0, 65_535);
        } catch (Environment.Invalid invalid) {
            System.err.println("shop: " + invalid.getMessage());
            System.exit(2);
            return;
        }
        String version = environment.text("VERSION", "unknown");
        // Kubernetes makes a pod's name its host name.
        String pod = environment.text("HOSTNAME", "local");
        Shop shop;
        try {
            shop = start(version, pod, faults, schema, metrics, port);
        } catch (BindException inUse) {
            System.err.println("shop: port " + port + " cannot be bound (" + inUse.getMessage() + "): set PORT");
            System.exit(1);
            return;
        }
        Runtime.getRuntime().addShutdownHook(new Thread(() -> end(shop, faults), "sigterm"));
        System.out.println("shop " + version + " in " + pod + " listening on port " + shop.port() + " with " + faults);
        Duration crashAfter = faults.crashAfter();
        if (crashAfter != null) {
            crash(crashAfter);
        }
    }

    /** Runs as the JVM's shutdown hook; halting in it cuts the JVM's own orderly end short. */
    private static void end(Shop shop, Faults faults) {
        if (faults.shutdown() == Shutdown.GRACEFUL) {
            System.out.println(
                    "shop: told to end, draining for " + faults.drain().toMillis() + " ms");
            shop.drain();
            Runtime.getRuntime().halt(0);
        }
        Runtime.getRuntime().halt(143);
    }

    private static void crash(Duration after) {
        try {
            Thread.sleep(after);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
        System.err.println("shop: crashing as CRASH_AFTER demands");
        Runtime.getRuntime().halt(1);
    }
}
