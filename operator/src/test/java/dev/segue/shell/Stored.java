package dev.segue.shell;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;

/** An API server that has these lists, otherwise empty ones, and notes what is deleted. */
final class Stored implements AutoCloseable {
    private final Map<String, String> lists = new ConcurrentHashMap<>();
    private final List<String> deletions = new CopyOnWriteArrayList<>();
    private final HttpServer server;
    final KubernetesClient client;

    Stored() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/", this::answer);
        server.start();
        client = new KubernetesClientBuilder()
                .withConfig(new ConfigBuilder(Config.empty())
                        .withMasterUrl("http://127.0.0.1:" + server.getAddress().getPort())
                        .withRequestRetryBackoffLimit(0)
                        .build())
                .build();
    }

    /** @param request path and query, without what is encoded in it */
    void has(String request, String... items) {
        lists.put(request, String.join(",", items));
    }

    /** Path and body of each. */
    List<String> deletions() {
        return deletions;
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            var uri = exchange.getRequestURI();
            boolean deletes = exchange.getRequestMethod().equals("DELETE");
            if (deletes) {
                deletions.add(uri.getPath() + " "
                        + new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
            }
            String request = uri.getQuery() == null ? uri.getPath() : uri.getPath() + "?" + uri.getQuery();
            byte[] body = (deletes
                            ? "{\"apiVersion\":\"v1\",\"kind\":\"Status\",\"status\":\"Success\"}"
                            : "{\"metadata\":{},\"items\":[%s]}".formatted(lists.getOrDefault(request, "")))
                    .getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().set("Content-Type", "application/json");
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
        }
    }

    @Override
    public void close() {
        client.close();
        server.stop(0);
    }
}
