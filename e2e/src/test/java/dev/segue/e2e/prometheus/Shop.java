package dev.segue.e2e.prometheus;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;

/** Pages of counters that a test sets, one for each pod; a pod that has none is not there. */
final class Shop implements AutoCloseable {
    private final Map<String, Map<String, Long>> pods = new ConcurrentHashMap<>();
    private final HttpServer server;

    Shop() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/", exchange -> {
            Map<String, Long> page = pods.get(exchange.getRequestURI().getPath().substring(1));
            StringBuilder text = new StringBuilder("# TYPE shop_seconds histogram\n");
            if (page != null) {
                page.forEach((series, value) ->
                        text.append(series).append(' ').append(value).append('\n'));
            }
            byte[] body = text.toString().getBytes(StandardCharsets.UTF_8);
            try (exchange) {
                exchange.getResponseHeaders().set("Content-Type", "text/plain; version=0.0.4; charset=utf-8");
                exchange.sendResponseHeaders(page == null ? 503 : 200, body.length);
                exchange.getResponseBody().write(body);
            }
        });
        server.start();
    }

    int port() {
        return server.getAddress().getPort();
    }

    /** All series of the pod's page from now on. */
    void show(String pod, Map<String, Long> page) {
        pods.put(pod, new TreeMap<>(page));
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
