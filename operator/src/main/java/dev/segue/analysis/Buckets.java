package dev.segue.analysis;

import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Requests by duration, as a classic histogram has them: how many took at most each bound. Latency is judged as the fraction
 * over one bound, which makes a slow request a bad one; quantiles of buckets are interpolated and have no error bound.
 *
 * @param atMost requests by upper bound, cumulative; of one pod, or of several with the same bounds
 */
public record Buckets(NavigableMap<Double, Double> atMost) {
    /**
     * @param byLe growths by the label {@code le}; {@code 1} and {@code 1.0} are the same bound and are added
     * @throws NumberFormatException when a label is no number
     */
    public static Buckets of(Map<String, Double> byLe) {
        NavigableMap<Double, Double> atMost = new TreeMap<>();
        byLe.forEach((le, growth) -> atMost.merge(bound(le), growth, Double::sum));
        return new Buckets(atMost);
    }

    /** A label {@code le} as a number: Prometheus 3 writes {@code 1.0}, version 2 wrote what it had scraped, often {@code 1}. */
    public static double bound(String le) {
        return le.equals("+Inf") ? Double.POSITIVE_INFINITY : Double.parseDouble(le);
    }

    /**
     * How many requests took longer than the bound; empty when there is no bucket of this bound, or none of all
     * requests. Scraped in the middle of an update a bucket may exceed the next one, so no fewer than 0.
     */
    public Optional<Counts> over(double bound) {
        Double within = atMost.get(bound);
        Double all = atMost.get(Double.POSITIVE_INFINITY);
        return within == null || all == null
                ? Optional.empty()
                : Optional.of(new Counts(Math.max(0, all - within), Math.max(0, all)));
    }
}
