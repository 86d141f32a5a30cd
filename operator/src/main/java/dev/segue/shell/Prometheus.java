package dev.segue.shell;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.segue.analysis.Reading;
import java.net.ConnectException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Asks a Prometheus server for numbers. Whatever goes wrong is {@code NoData} with the reason. Thread-safe. */
final class Prometheus {
    /** For all queries of one look together: meanwhile this migration's pods are not looked at. */
    static final Duration ANSWER = Duration.ofSeconds(5);

    private static final Duration CONNECT = Duration.ofSeconds(2);

    /** In bytes. One number takes some hundred; whatever else sits at the URL must not fill our memory. */
    private static final long LARGEST = 1 << 20;

    private final HttpClient http =
            HttpClient.newBuilder().connectTimeout(CONNECT).build();
    private final ObjectMapper json = new ObjectMapper();
    private final Duration answer;

    /** @param answer how long to wait for all answers together */
    Prometheus(Duration answer) {
        this.answer = answer;
    }

    /**
     * Instant queries, asked at the same time; blocks no longer than until the time for an answer is over.
     *
     * @return what each gave, in their order
     */
    List<Reading> ask(String url, List<String> queries) {
        String base = url.endsWith("/") ? url.substring(0, url.length() - 1) : url;
        long until = System.nanoTime() + answer.toNanos();
        List<CompletableFuture<HttpResponse<String>>> asked;
        try {
            HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(base + "/api/v1/query"))
                    .header("Content-Type", "application/x-www-form-urlencoded");
            asked = queries.stream().map(query -> send(request, query)).toList();
        } catch (IllegalArgumentException e) {
            return Collections.nCopies(
                    queries.size(), new Reading.NoData("analysis.prometheus.url is no usable URL: " + e.getMessage()));
        }
        return asked.stream().map(response -> await(response, base, until)).toList();
    }

    private CompletableFuture<HttpResponse<String>> send(HttpRequest.Builder request, String query) {
        return http.sendAsync(
                request.copy()
                        .POST(BodyPublishers.ofString("query=" + URLEncoder.encode(query, StandardCharsets.UTF_8)))
                        .build(),
                BodyHandlers.limiting(BodyHandlers.ofString(), LARGEST));
    }

    /** The client's own time limit ends with the headers of the answer; this one is for all of it. */
    private Reading await(CompletableFuture<HttpResponse<String>> response, String base, long until) {
        try {
            HttpResponse<String> answered = response.get(until - System.nanoTime(), TimeUnit.NANOSECONDS);
            return read(answered.statusCode(), answered.body());
        } catch (TimeoutException e) {
            response.cancel(true);
            return new Reading.NoData("Prometheus at %s did not answer in time".formatted(base));
        } catch (ExecutionException e) {
            return new Reading.NoData(
                    switch (e.getCause()) {
                        case HttpTimeoutException _ -> "Prometheus at %s did not answer in time".formatted(base);
                        case ConnectException _ -> "Prometheus at %s cannot be reached".formatted(base);
                        case null, default ->
                            "asking Prometheus at %s failed: %s"
                                    .formatted(
                                            base,
                                            e.getCause() == null
                                                    ? e
                                                    : e.getCause().getMessage());
                    });
        } catch (InterruptedException e) {
            response.cancel(true);
            Thread.currentThread().interrupt();
            return new Reading.NoData("the operator is stopping");
        }
    }

    private Reading read(int status, String body) {
        JsonNode answer;
        try {
            answer = json.readTree(body);
        } catch (JsonProcessingException e) {
            return new Reading.NoData("Prometheus answered %d with something else than JSON".formatted(status));
        }
        if (!"success".equals(answer.path("status").asText())) {
            return new Reading.NoData("Prometheus refused the query (%d): %s"
                    .formatted(status, answer.path("error").asText("no reason given")));
        }
        JsonNode result = answer.path("data").path("result");
        return switch (answer.path("data").path("resultType").asText()) {
            case "scalar" -> number(result.path(1).asText());
            case "vector" ->
                switch (result.size()) {
                    case 0 -> new Reading.NoData("the query found no series");
                    case 1 -> number(result.path(0).path("value").path(1).asText());
                    default ->
                        new Reading.NoData("the query found %d series; it must give one number, for example by sum()"
                                .formatted(result.size()));
                };
            default -> new Reading.NoData("the query gives a range or a string; it must give one number");
        };
    }

    private static Reading number(String text) {
        try {
            double number = Double.parseDouble(text);
            return Double.isFinite(number)
                    ? new Reading.Value(number)
                    : new Reading.NoData("the query gave %s, for example by dividing by no requests".formatted(text));
        } catch (NumberFormatException e) {
            return new Reading.NoData("the query gave %s, for example by dividing by no requests".formatted(text));
        }
    }
}
