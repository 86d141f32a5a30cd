package dev.segue.e2e.stage;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import dev.segue.analysis.NativeHistogram;
import dev.segue.analysis.NativeHistogram.Bucket;
import dev.segue.analysis.Series;
import dev.segue.analysis.Series.Sample;
import dev.segue.e2e.witness.Json;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A Prometheus in the cluster, asked without the operator and its client. Safe for all threads. */
public final class Prometheus {
    /** Where the cluster's own answers. */
    public static final String URL = "http://prometheus.monitoring:9090";

    private static final Pattern QUERIES = Pattern.compile(
            "(?m)^prometheus_http_requests_total\\{code=\"[0-9]+\",handler=\"/api/v1/query\"} ([0-9.e+]+)$");
    private static final Pattern STARTED = Pattern.compile("(?m)^process_start_time_seconds ([0-9.e+]+)$");

    private final KubernetesClient client;
    private final String server;
    private final AtomicLong own = new AtomicLong();

    /**
     * A local cluster's runs beside the node, and the API server proxies to no Service without pods.
     *
     * @param url what pods know it by: {@code http://SERVICE.NAMESPACE:PORT}
     */
    Prometheus(KubernetesClient client, String url) {
        this.client = client;
        URI address = URI.create(url);
        String[] host = address.getHost().split("\\.");
        boolean pod = !client.pods().inNamespace(host[1]).list().getItems().isEmpty();
        server = pod
                ? "/api/v1/namespaces/%s/services/%s:%d".formatted(host[1], host[0], address.getPort())
                : "/api/v1/nodes/%s:9090"
                        .formatted(client.nodes()
                                .list()
                                .getItems()
                                .getFirst()
                                .getMetadata()
                                .getName());
    }

    /**
     * How many queries it has answered since its start, but for those from here.
     *
     * @param started in seconds since 1970; another process has counted anew
     */
    public record Answered(double started, long queries) {}

    public Answered answered() {
        String metrics = get("metrics");
        Matcher started = STARTED.matcher(metrics);
        if (!started.find()) {
            throw new IllegalStateException("Prometheus does not tell when it was started");
        }
        long queries = QUERIES.matcher(metrics)
                .results()
                .mapToLong(m -> Math.round(Double.parseDouble(m.group(1))))
                .sum();
        return new Answered(Double.parseDouble(started.group(1)), queries - own.get());
    }

    /** What an instant query finds now. */
    public JsonNode query(String expression) {
        return result("query=" + encoded(expression));
    }

    /** The raw samples after {@code from}, up to and including {@code to}. */
    public List<Series> samples(String selector, Instant from, Instant to) {
        String range = "%s[%dms]".formatted(selector, Duration.between(from, to).toMillis());
        List<Series> found = new ArrayList<>();
        for (JsonNode series : result("query=%s&time=%s".formatted(encoded(range), encoded(to.toString())))) {
            List<Sample> samples = new ArrayList<>();
            for (JsonNode sample : series.path("values")) {
                samples.add(new Sample(Math.round(sample.get(0).asDouble() * 1000), number(sample.get(1))));
            }
            List<NativeHistogram> histograms = new ArrayList<>();
            series.path("histograms").forEach(sample -> histograms.add(histogram(sample)));
            found.add(new Series(
                    Json.MAPPER.convertValue(series.path("metric"), new TypeReference<Map<String, String>>() {}),
                    samples,
                    histograms));
        }
        return found;
    }

    /** Of [time, {"count": …, "buckets": [[rule, lower, upper, count], …]}]. */
    private static NativeHistogram histogram(JsonNode sample) {
        List<Bucket> buckets = new ArrayList<>();
        for (JsonNode bucket : sample.get(1).path("buckets")) {
            buckets.add(new Bucket(number(bucket.get(1)), number(bucket.get(2)), number(bucket.get(3))));
        }
        return new NativeHistogram(
                Math.round(sample.get(0).asDouble() * 1000),
                number(sample.get(1).path("count")),
                buckets);
    }

    /** As Go writes it, in a string. */
    private static double number(JsonNode text) {
        return Double.parseDouble(text.asText().replace("Inf", "Infinity"));
    }

    private JsonNode result(String form) {
        own.incrementAndGet();
        try {
            return Json.MAPPER
                    .readTree(get("api/v1/query?" + form))
                    .path("data")
                    .path("result");
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("Prometheus answers with something else than JSON", e);
        }
    }

    private String get(String path) {
        String answer = client.raw(server + "/proxy/" + path);
        if (answer == null) {
            throw new IllegalStateException("Prometheus has nothing at /" + path);
        }
        return answer;
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }
}
