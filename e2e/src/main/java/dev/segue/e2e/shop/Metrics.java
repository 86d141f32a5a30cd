package dev.segue.e2e.shop;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter.MeterProvider;
import io.micrometer.core.instrument.Timer;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.prometheus.metrics.core.metrics.Histogram;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** What a shop measures, by the names and labels of Micrometer. */
final class Metrics {
    private static final String TEXT = "text/plain; version=0.0.4; charset=utf-8";
    private static final String PROTOBUF =
            "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited";

    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final Form form;
    private final Requests requests;

    /** Value of HISTOGRAM: whether the durations of requests are counted in Micrometer's buckets, or in a native histogram. */
    private enum Form {
        CLASSIC,
        NATIVE
    }

    private interface Requests {
        void took(Duration time, String method, String outcome, String status, String uri);
    }

    /** @throws Environment.Invalid when HISTOGRAM has a value that cannot be used */
    static Metrics from(Environment environment, Faults faults) {
        return new Metrics(faults, environment.choice("HISTOGRAM", Form.CLASSIC));
    }

    private Metrics(Faults faults, Form form) {
        this.form = form;
        Gauge.builder("shop.queue.depth", faults, Faults::queueDepth).register(registry);
        requests = form == Form.NATIVE ? natively() : classically();
    }

    private Requests classically() {
        MeterProvider<Timer> timers = Timer.builder("http.server.requests")
                .serviceLevelObjectives(
                        Duration.ofMillis(5),
                        Duration.ofMillis(10),
                        Duration.ofMillis(25),
                        Duration.ofMillis(50),
                        Duration.ofMillis(100),
                        Duration.ofMillis(250),
                        Duration.ofMillis(500),
                        Duration.ofSeconds(1),
                        Duration.ofMillis(2_500),
                        Duration.ofSeconds(5),
                        Duration.ofSeconds(10))
                .withRegistry(registry);
        return (time, method, outcome, status, uri) -> timers.withTags(
                        "method", method, "outcome", outcome, "status", status, "uri", uri)
                .record(time);
    }

    /** Of Prometheus' own library, as Micrometer has none. At schema 0 a bucket's edges are powers of two, and it stays so. */
    private Requests natively() {
        Histogram histogram = Histogram.builder()
                .name("http_server_requests_seconds")
                .labelNames("method", "outcome", "status", "uri")
                .nativeOnly()
                .nativeInitialSchema(0)
                .withoutExemplars() // they would need its tracer, which Micrometer leaves out
                .register(registry.getPrometheusRegistry());
        return (time, method, outcome, status, uri) ->
                histogram.labelValues(method, outcome, status, uri).observe(time.toNanos() / 1e9);
    }

    /** A request of a user was answered. */
    void answered(Duration time, String method, int status, String uri) {
        requests.took(time, method, outcome(status), Integer.toString(status), uri);
    }

    /** The names that Spring's and Quarkus' metrics use. */
    private static String outcome(int status) {
        return switch (status / 100) {
            case 2 -> "SUCCESS";
            case 4 -> "CLIENT_ERROR";
            case 5 -> "SERVER_ERROR";
            default -> "UNKNOWN";
        };
    }

    /**
     * The form in which it is told: text, which cannot tell native histograms, where there are none or nobody asks for them.
     *
     * @param accept the HTTP header
     */
    String type(@Nullable String accept) {
        return form == Form.NATIVE && accept != null && accept.contains("proto=io.prometheus.client.MetricFamily")
                ? PROTOBUF
                : TEXT;
    }

    /** All of it in this form. */
    byte[] page(String type) throws IOException {
        var page = new ByteArrayOutputStream();
        registry.scrape(page, type);
        return page.toByteArray();
    }
}
