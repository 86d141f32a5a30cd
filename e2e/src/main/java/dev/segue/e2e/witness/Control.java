package dev.segue.e2e.witness;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/**
 * The witness's own HTTP server: {@code GET /summary} (so far), {@code GET /records} (so far), {@code GET /ready} (200
 * once a success has been counted), {@code POST /stop} (answers with the final summary when all requests have ended).
 */
final class Control implements AutoCloseable {
    private static final Duration LAST_ANSWERS = Duration.ofSeconds(5);

    private final Load load;
    private final Records records;
    private final Future<Summary> result;
    private final HttpServer server;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

    /**
     * @param result completed with the final summary, or exceptionally when there is none
     * @throws NothingProved when the port cannot be bound
     */
    Control(int port, Load load, Records records, Future<Summary> result) throws NothingProved {
        this.load = load;
        this.records = records;
        this.result = result;
        try {
            server = HttpServer.create(new InetSocketAddress(port), 0);
        } catch (IOException cannot) {
            throw new NothingProved("CONTROL_PORT " + port + " cannot be bound (" + cannot.getMessage() + ")", cannot);
        }
        server.createContext("/", this::handle);
        server.setExecutor(threads);
        server.start();
    }

    int port() {
        return server.getAddress().getPort();
    }

    private void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            String request =
                    exchange.getRequestMethod() + " " + exchange.getRequestURI().getPath();
            switch (request) {
                case "GET /summary" -> json(exchange, load.summary());
                case "GET /records" -> records(exchange);
                case "GET /ready" -> ready(exchange);
                case "POST /stop" -> stop(exchange);
                default ->
                    text(exchange, 404, "GET /summary, GET /records, GET /ready or POST /stop, not " + request + "\n");
            }
        }
    }

    private void ready(HttpExchange exchange) throws IOException {
        Summary now = load.summary();
        boolean ready = now.requests() > now.failures();
        text(exchange, ready ? 200 : 503, ready ? "counting\n" : "no success yet\n");
    }

    private void records(HttpExchange exchange) throws IOException {
        exchange.getResponseHeaders().set("Content-Type", "application/jsonl");
        exchange.sendResponseHeaders(200, 0);
        try (OutputStream out = exchange.getResponseBody()) {
            records.copyTo(out);
        }
    }

    private void stop(HttpExchange exchange) throws IOException {
        load.stop();
        try {
            json(exchange, result.get());
        } catch (ExecutionException none) {
            text(exchange, 503, result.exceptionNow().getMessage() + "\n");
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            text(exchange, 503, "the witness was ended\n");
        }
    }

    private static void json(HttpExchange exchange, Summary summary) throws IOException {
        exchange.getResponseHeaders().set("Content-Type", "application/json");
        send(exchange, 200, Json.MAPPER.writeValueAsBytes(summary));
    }

    private static void text(HttpExchange exchange, int status, String text) throws IOException {
        exchange.getResponseHeaders().set("Content-Type", "text/plain");
        send(exchange, status, text.getBytes(StandardCharsets.UTF_8));
    }

    private static void send(HttpExchange exchange, int status, byte[] body) throws IOException {
        exchange.sendResponseHeaders(status, body.length);
        try (OutputStream out = exchange.getResponseBody()) {
            out.write(body);
        }
    }

    /** Gives those who asked for the end the time to be told. */
    @Override
    public void close() {
        threads.shutdown();
        try {
            if (!threads.awaitTermination(LAST_ANSWERS.toNanos(), TimeUnit.NANOSECONDS)) {
                threads.shutdownNow();
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
        server.stop(0);
    }
}
