package dev.segue.shell;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** An API server that has these lists, otherwise empty ones, and these objects; it notes what is made and deleted. */
final class Stored implements AutoCloseable {
    private static final Pattern NAME = Pattern.compile("\"name\":\"(segue-[^\"]*)\"");

    private final Map<String, String> lists = new ConcurrentHashMap<>();
    private final Map<String, String> objects = new ConcurrentHashMap<>();
    private final Set<String> absent = ConcurrentHashMap.newKeySet();
    private final List<String> creations = new CopyOnWriteArrayList<>();
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

    /** @param path with its name */
    void is(String path, String object) {
        objects.put(path, object);
    }

    /** What begins so is not there, and its lists neither. */
    void lacks(String path) {
        absent.add(path);
    }

    /** Path and body of each. */
    List<String> creations() {
        return creations;
    }

    /** Path and body of each. */
    List<String> deletions() {
        return deletions;
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            var uri = exchange.getRequestURI();
            boolean deletes = exchange.getRequestMethod().equals("DELETE");
            String sent = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
            if (exchange.getRequestMethod().equals("POST")) {
                create(exchange, uri.getPath(), sent);
                return;
            }
            if (objects.containsKey(uri.getPath()) && !deletes) {
                respond(exchange, HttpURLConnection.HTTP_OK, objects.get(uri.getPath()));
                return;
            }
            if (absent.stream().anyMatch(uri.getPath()::startsWith)) {
                respond(exchange, HttpURLConnection.HTTP_NOT_FOUND, failure(HttpURLConnection.HTTP_NOT_FOUND));
                return;
            }
            if (deletes) {
                deletions.add(uri.getPath() + " " + sent);
            }
            String request = uri.getQuery() == null ? uri.getPath() : uri.getPath() + "?" + uri.getQuery();
            respond(
                    exchange,
                    HttpURLConnection.HTTP_OK,
                    deletes
                            ? "{\"apiVersion\":\"v1\",\"kind\":\"Status\",\"status\":\"Success\"}"
                            : "{\"metadata\":{},\"items\":[%s]}".formatted(lists.getOrDefault(request, "")));
        }
    }

    private void create(HttpExchange exchange, String path, String sent) throws IOException {
        Matcher name = NAME.matcher(sent);
        if (name.find() && objects.containsKey(path + "/" + name.group(1))) {
            respond(exchange, HttpURLConnection.HTTP_CONFLICT, failure(HttpURLConnection.HTTP_CONFLICT));
            return;
        }
        creations.add(path + " " + sent);
        respond(exchange, HttpURLConnection.HTTP_CREATED, sent);
    }

    private static String failure(int code) {
        return "{\"apiVersion\":\"v1\",\"kind\":\"Status\",\"status\":\"Failure\",\"code\":%d}".formatted(code);
    }

    private static void respond(HttpExchange exchange, int code, String text) throws IOException {
        byte[] body = text.getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", "application/json");
        exchange.sendResponseHeaders(code, body.length);
        exchange.getResponseBody().write(body);
    }

    @Override
    public void close() {
        client.close();
        server.stop(0);
    }
}
