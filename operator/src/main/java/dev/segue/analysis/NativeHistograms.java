package dev.segue.analysis;

import dev.segue.analysis.Series.Sample;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Makes of each native histogram the two counters that a classic one with the same bound would have. So both forms are
 * counted alike, and a version that has one may be compared with a version that has the other.
 */
final class NativeHistograms {
    private NativeHistograms() {}

    /**
     * @param counting with a bound
     * @param all series of classic buckets, native histograms, and counters of requests; each has the label pod
     * @return buckets only. Of a pod with classic ones those, as they are had from the same requests
     * @throws IllegalArgumentException when a pod counts its requests but has no histogram, or the bound is no edge
     */
    static List<Series> buckets(Counting counting, List<Series> all) {
        List<Series> buckets =
                new ArrayList<>(all.stream().filter(NativeHistograms::isBucket).toList());
        Set<String> classic =
                buckets.stream().map(NativeHistograms::pod).collect(Collectors.toCollection(HashSet::new));
        Set<String> plain = new HashSet<>();
        Set<String> natively = new HashSet<>();
        for (Series one : all) {
            if (classic.contains(pod(one))) {
                continue;
            }
            if (one.histograms().isEmpty()) {
                plain.add(pod(one));
            } else {
                natively.add(pod(one));
                buckets.addAll(buckets(one, Objects.requireNonNull(counting.bound())));
            }
        }
        plain.removeAll(natively);
        if (!plain.isEmpty()) {
            throw new IllegalArgumentException("the pods count their requests, but not by duration: of %s there is %s"
                    .formatted(plain.stream().sorted().findFirst().orElseThrow(), counting.noHistogram()));
        }
        return buckets;
    }

    private static boolean isBucket(Series one) {
        return one.labels().containsKey("le");
    }

    private static String pod(Series one) {
        return Objects.requireNonNull(one.labels().get("pod"));
    }

    /**
     * Both counters, going on where they were. A count of all that falls is a restart, of both: seen of one only, it would make
     * good requests bad ones. When only those within the bound get fewer, the library has moved them to other buckets, as
     * Prometheus' for Java did in 1.7.0 whenever it halved the resolution (prometheus/client_java#2270): of what came in
     * between nothing is known then.
     */
    private static List<Series> buckets(Series one, double bound) {
        List<Sample> within = new ArrayList<>();
        List<Sample> all = new ArrayList<>();
        double lastWithin = 0;
        double lastAll = 0;
        double sumWithin = 0;
        double sumAll = 0;
        for (NativeHistogram histogram : one.histograms().stream()
                .filter(h -> Double.isFinite(h.count()))
                .sorted(Comparator.comparingLong(NativeHistogram::at))
                .toList()) {
            double nowWithin = histogram.atMost(bound);
            double nowAll = histogram.count();
            boolean restarted = nowAll < lastAll;
            if (restarted || nowWithin >= lastWithin) {
                sumWithin += restarted ? nowWithin : nowWithin - lastWithin;
                sumAll += restarted ? nowAll : nowAll - lastAll;
            }
            lastWithin = nowWithin;
            lastAll = nowAll;
            within.add(new Sample(histogram.at(), sumWithin));
            all.add(new Sample(histogram.at(), sumAll));
        }
        return List.of(new Series(labels(one, Double.toString(bound)), within), new Series(labels(one, "+Inf"), all));
    }

    private static Map<String, String> labels(Series one, String le) {
        Map<String, String> labels = new TreeMap<>(one.labels());
        labels.put("le", le);
        return labels;
    }
}
