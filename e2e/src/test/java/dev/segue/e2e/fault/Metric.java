package dev.segue.e2e.fault;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.regex.Pattern;

/** A Prometheus with one metric, which is 1 for a namespace where things fail and 0 elsewhere. Safe for all threads. */
final class Metric implements AutoCloseable {
    private static final Pattern QUERY = Pattern.compile("(?:.*&)?query=([^&]*).*");

    private final HttpServer server;
    private final Set<String> failing = ConcurrentHashMap.newKeySet();

    Metric() {
        try {
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        } catch (IOException e) {
            throw new UncheckedIOException("no port to listen on", e);
        }
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/api/v1/query", this::answer);
        server.start();
    }

    /** The part of a Migration's spec that asks for it, once a second; one bad value is enough. */
    String analysis() {
        return """
                analysis:
                  prometheus: {url: "http://127.0.0.1:%d"}
                  interval: 1s
                  metrics: [{name: errors, query: $namespace, threshold: {max: 0.5, failures: 1, window: 1}}]
                """.formatted(server.getAddress().getPort());
    }

    void fail(String namespace) {
        failing.add(namespace);
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            String form = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
            String namespace = URLDecoder.decode(QUERY.matcher(form).replaceFirst("$1"), StandardCharsets.UTF_8);
            byte[] answer = "{\"status\":\"success\",\"data\":{\"resultType\":\"scalar\",\"result\":[0,\"%d\"]}}"
                    .formatted(failing.contains(namespace) ? 1 : 0)
                    .getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(200, answer.length);
            exchange.getResponseBody().write(answer);
        }
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
