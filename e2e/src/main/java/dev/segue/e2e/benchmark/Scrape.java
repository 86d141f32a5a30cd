package dev.segue.e2e.benchmark;

import java.util.HashMap;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** What the operator's {@code /metrics} said at one moment: series and value. */
record Scrape(Map<String, Double> series) {
    private static final Pattern LINE = Pattern.compile("(?m)^([a-z_]+(?:\\{[^}]*})?) ([-+0-9.eE]+|\\+Inf|NaN)$");
    private static final String REQUESTS = "segue_kubernetes_requests_total";
    private static final String LOOKS = "operator_sdk_controllers_execution_reconcile_seconds";

    static Scrape of(String text) {
        Map<String, Double> series = new HashMap<>();
        Matcher matcher = LINE.matcher(text);
        while (matcher.find()) {
            series.put(matcher.group(1), Double.valueOf(matcher.group(2).replace("+Inf", "Infinity")));
        }
        return new Scrape(series);
    }

    /** What was counted since an earlier one of the same process. */
    Scrape since(Scrape before) {
        return new Scrape(series.entrySet().stream()
                .collect(Collectors.toMap(
                        Map.Entry::getKey, e -> e.getValue() - before.series.getOrDefault(e.getKey(), 0.0))));
    }

    /** Requests to the API server that read: gets, lists, watches and dry runs, but for the leader's Lease. */
    long reads() {
        return Math.round(requests(true));
    }

    /** Requests that write, but for dry runs and the renewals of the leader's Lease. */
    long writes() {
        return Math.round(requests(false));
    }

    private double requests(boolean reads) {
        return series.entrySet().stream()
                .filter(e -> e.getKey().startsWith(REQUESTS))
                .filter(e -> !"leases".equals(label(e.getKey(), "resource")))
                .filter(e -> reads == isRead(e.getKey()))
                .mapToDouble(Map.Entry::getValue)
                .sum();
    }

    /** The questions what the operator may do are POSTs, but write nothing. */
    private static boolean isRead(String series) {
        return "GET".equals(label(series, "method"))
                || "true".equals(label(series, "trial"))
                || String.valueOf(label(series, "resource")).startsWith("selfsubject");
    }

    long looks() {
        return Math.round(series.entrySet().stream()
                .filter(e -> e.getKey().startsWith(LOOKS + "_count"))
                .mapToDouble(Map.Entry::getValue)
                .sum());
    }

    /** How long a look took that was slower than this share of them, in seconds; NaN when there was none. */
    double look(double quantile) {
        NavigableMap<Double, Double> buckets = new TreeMap<>();
        series.forEach((name, count) -> {
            if (name.startsWith(LOOKS + "_bucket")) {
                buckets.merge(Double.valueOf(label(name, "le").replace("+Inf", "Infinity")), count, Double::sum);
            }
        });
        double rank = quantile * (buckets.isEmpty() ? 0 : buckets.lastEntry().getValue());
        double lower = 0;
        double below = 0;
        for (var bucket : buckets.entrySet()) {
            if (bucket.getValue() >= rank && rank > 0) {
                double share = (rank - below) / (bucket.getValue() - below);
                return bucket.getKey().isInfinite() ? lower : lower + (bucket.getKey() - lower) * share;
            }
            lower = bucket.getKey();
            below = bucket.getValue();
        }
        return Double.NaN;
    }

    private static String label(String series, String name) {
        Matcher matcher = Pattern.compile("[{,]" + name + "=\"([^\"]*)\"").matcher(series);
        return matcher.find() ? matcher.group(1) : "";
    }
}
