package dev.segue.analysis;

import dev.segue.api.Durations;
import dev.segue.api.Metric;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which series a metric counts: all requests and the bad ones, or the buckets of a histogram of which those above a bound
 * are bad. The histogram may be a classic one, or native: the bound is the same, so the counts are.
 *
 * @param total selector of counters of all requests; of buckets when there is a bound
 * @param bad selector of counters of bad requests; null when there is a bound
 * @param bound in the histogram's unit
 * @param histogram selector of the same as native histograms; null when there is no bound
 */
public record Counting(
        String total,
        @Nullable String bad,
        @Nullable Double bound,
        @Nullable String histogram) {
    private static final String BUCKET = "_bucket";

    /** Labels of the pods of both versions, in each preset's selectors. */
    private static final String PODS = "namespace=\"$namespace\",pod=~\"$pods\"";

    /**
     * What a preset counts.
     *
     * @param requests counter of requests
     * @param of matchers of those that count, with a comma at the end, or empty
     * @param bad matcher of bad ones
     * @param buckets histogram of durations; null when there is none that is always there
     * @param second how many of its units a second has
     */
    private record Preset(
            String requests,
            String of,
            String bad,
            @Nullable String buckets,
            int second) {}

    /** Only metrics that a pod tells of itself: what a gateway tells names the Service, so both versions look the same. */
    private static final Map<String, Preset> PRESETS = Map.of(
            "http-server",
            new Preset(
                    "http_server_requests_seconds_count",
                    "uri!~\"/actuator.*\",",
                    "status=~\"5..\"",
                    "http_server_requests_seconds_bucket",
                    1),
            "go-promhttp",
            new Preset("http_requests_total", "", "code=~\"5..\"", "http_request_duration_seconds_bucket", 1),
            "otel-http",
            new Preset(
                    "http_server_request_duration_seconds_count",
                    "",
                    "http_response_status_code=~\"5..\"",
                    "http_server_request_duration_seconds_bucket",
                    1),
            "grpc-go",
            new Preset(
                    "grpc_server_handled_total",
                    "grpc_service!=\"grpc.health.v1.Health\",",
                    "grpc_code=~\"Unknown|Internal|Unavailable|DataLoss|DeadlineExceeded|Unimplemented\"",
                    null,
                    1),
            "istio",
            new Preset(
                    "istio_requests_total",
                    "reporter=\"destination\",",
                    "response_code=~\"5..|0\"",
                    "istio_request_duration_milliseconds_bucket",
                    1000),
            "linkerd",
            new Preset(
                    "response_total",
                    "direction=\"inbound\",",
                    "classification=\"failure\"",
                    "response_latency_ms_bucket",
                    1000));

    /** @throws IllegalArgumentException for a preset that is not known, or a metric that counts nothing */
    public static Counting of(Metric metric) {
        if (metric.counts() != null) {
            return new Counting(metric.counts().total(), metric.counts().bad(), null, null);
        }
        String[] name = String.valueOf(metric.preset()).split("/", 2);
        Preset preset = PRESETS.get(name[0]);
        if (preset == null || name.length < 2) {
            throw new IllegalArgumentException("there is no preset " + metric.preset());
        }
        if (name[1].equals("latency") && preset.buckets() != null) {
            Duration limit = Durations.parse(Objects.requireNonNull(metric.slowerThan()));
            double bound = limit.toMillis() * preset.second() / 1000.0;
            return new Counting(
                    "%s{%s%s,le=~\"%s|[+]Inf\"}".formatted(preset.buckets(), preset.of(), PODS, written(bound)),
                    null,
                    bound,
                    "%s{%s%s}"
                            .formatted(
                                    preset.buckets()
                                            .substring(0, preset.buckets().length() - BUCKET.length()),
                                    preset.of(),
                                    PODS));
        }
        return new Counting(
                "%s{%s%s}".formatted(preset.requests(), preset.of(), PODS),
                "%s{%s%s,%s}".formatted(preset.requests(), preset.of(), preset.bad(), PODS),
                null,
                null);
    }

    /** The same for the same counters, and only for them. */
    String key() {
        return Integer.toHexString("%s|%s|%s".formatted(total, bad, bound).hashCode());
    }

    /** As a label {@code le} may have it: Prometheus 3 writes {@code 1.0}, what version 2 scraped may be {@code 1}. */
    private static String written(double bound) {
        String number = Double.toString(bound);
        String exact = number.replace(".", "[.]");
        return number.endsWith(".0") ? number.substring(0, number.length() - 2) + "|" + exact : exact;
    }

    /**
     * By how much each pod's counters grew in the interval before each evaluation, for hours of which no raw samples are needed.
     * What two servers scraped counts once. The bad ones carry a label that tells them from all.
     *
     * @param replicas labels that only tell which of them scraped
     */
    public List<String> growth(String namespace, String pods, Duration interval, Set<String> replicas) {
        List<String> selectors = selectors(namespace, pods);
        String total = selectors.getFirst();
        String before = before(total, interval);
        if (bad == null) { // a bucket is not followed from 0: another way to write le would look like that
            return List.of(growth("pod, le", once(total, replicas), once(before, replicas), once(before, replicas)));
        }
        String wrong = selectors.getLast();
        String scraped = "on (%s) %s".formatted(String.join(", ", Counters.TARGET), once(before, replicas));
        return List.of(
                growth("pod", once(total, replicas), once(before, replicas), scraped),
                labelled(
                        growth("pod", once(wrong, replicas), once(before(wrong, interval), replicas), scraped),
                        "result",
                        "bad"));
    }

    /**
     * Each series grows by itself, and only then they are added up: a sum of counters falls when one of them goes, as some
     * proxies drop what is idle or as one of two ports of a pod is not scraped once, and would look as if all had been reset.
     * Of a counter that was reset, or is new where there was another, all that it stands at came in this interval. One that
     * fell by less than half was not reset: of two servers the one that is ahead is away.
     *
     * @param known what there has to have been before for that
     */
    private static String growth(String by, String now, String before, String known) {
        return "sum by (%1$s) ((%2$s - %3$s >= 0) or ((%2$s unless %2$s > %3$s / 2) and %4$s))"
                .formatted(by, now, before, known);
    }

    private static String before(String selector, Duration interval) {
        return "%s offset %dms".formatted(selector.strip(), interval.toMillis());
    }

    private static String once(String selector, Set<String> replicas) {
        return "max without (%s) (%s)".formatted(String.join(", ", replicas), selector);
    }

    /** The same of native histograms, as if they had the two buckets: of whole ones some hours would be too large. */
    public List<String> nativeGrowth(String namespace, String pods, Duration interval, Set<String> replicas) {
        if (histogram == null) {
            return List.of();
        }
        String now = QueryTemplate.of(histogram, namespace, pods);
        String before = before(now, interval);
        String counted = once(count(before), replicas);
        return List.of(
                labelled(
                        growth("pod", once(within(now), replicas), once(within(before), replicas), counted),
                        "le",
                        String.valueOf(bound)),
                labelled(growth("pod", once(count(now), replicas), counted, counted), "le", "+Inf"));
    }

    private static String count(String histograms) {
        return "histogram_count(%s)".formatted(histograms);
    }

    /**
     * How many were within the bound. At an edge Prometheus has nothing to interpolate, but it has divided by the count: only the
     * rest of that is rounded away. Of no requests the fraction is NaN, and so would be any sum with it.
     */
    private String within(String histograms) {
        return "round(histogram_fraction(-Inf, %s, %s) * %s) >= 0".formatted(bound, histograms, count(histograms));
    }

    private static String labelled(String vector, String label, String value) {
        return "label_replace(%s, \"%s\", \"%s\", \"\", \"\")".formatted(vector, label, value);
    }

    /**
     * What to ask for where there are no classic buckets: native histograms, and the counter that is there without any
     * histogram, which tells that one is lacking from that there are no requests.
     */
    public List<String> nativeSelectors(String namespace, String pods) {
        if (histogram == null) {
            return List.of();
        }
        String name = name(histogram);
        return List.of("{__name__=~\"%s|%s_count\",%s"
                .formatted(
                        name, name, QueryTemplate.of(histogram, namespace, pods).substring(name.length() + 1)));
    }

    private static String name(String selector) {
        return selector.substring(0, selector.indexOf('{'));
    }

    /** In words, which names were tried in vain. */
    String noHistogram() {
        return "neither %s nor a native histogram %s".formatted(name(total), name(Objects.requireNonNull(histogram)));
    }

    /** What to ask Prometheus for, to get these pods' series. */
    public List<String> selectors(String namespace, String pods) {
        String all = QueryTemplate.of(total, namespace, pods);
        return bad == null ? List.of(all) : List.of(all, QueryTemplate.of(bad, namespace, pods));
    }
}
