package dev.segue.shell;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.segue.analysis.Reading;
import java.io.IOException;
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

/** Asks a Prometheus server for one number. Whatever goes wrong is {@code NoData} with the reason. Thread-safe. */
final class Prometheus {
    private static final Duration CONNECT = Duration.ofSeconds(2);
    private static final Duration ANSWER = Duration.ofSeconds(5);

    private final HttpClient http =
            HttpClient.newBuilder().connectTimeout(CONNECT).build();
    private final ObjectMapper json = new ObjectMapper();

    /** One instant query; blocks for at most five seconds. */
    Reading ask(String url, String query) {
        String base = url.endsWith("/") ? url.substring(0, url.length() - 1) : url;
        try {
            HttpRequest request = HttpRequest.newBuilder(URI.create(base + "/api/v1/query"))
                    .timeout(ANSWER)
                    .header("Content-Type", "application/x-www-form-urlencoded")
                    .POST(BodyPublishers.ofString("query=" + URLEncoder.encode(query, StandardCharsets.UTF_8)))
                    .build();
            HttpResponse<String> response = http.send(request, BodyHandlers.ofString());
            return read(response.statusCode(), response.body());
        } catch (IllegalArgumentException e) {
            return new Reading.NoData("analysis.prometheus.url is no usable URL: " + e.getMessage());
        } catch (HttpTimeoutException e) {
            return new Reading.NoData("Prometheus at %s did not answer in time".formatted(base));
        } catch (ConnectException e) {
            return new Reading.NoData("Prometheus at %s cannot be reached".formatted(base));
        } catch (IOException e) {
            return new Reading.NoData("asking Prometheus at %s failed: %s".formatted(base, e.getMessage()));
        } catch (InterruptedException e) {
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
