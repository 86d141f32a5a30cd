package dev.segue.analysis;

import java.util.List;

/**
 * One sample of a native histogram, exponential or with custom buckets.
 *
 * @param at milliseconds since 1970
 * @param count all observations so far, also those that are no number and so in no bucket
 * @param buckets those that are not empty, each by itself and not cumulative
 */
public record NativeHistogram(long at, double count, List<Bucket> buckets) {
    /**
     * @param lower excluded, except below 0
     * @param upper included, except below 0
     */
    public record Bucket(double lower, double upper, double count) {
        /** Which to take instead of a bound inside: of narrow buckets none that is gone when they are joined. */
        private String edges(double bound) {
            double power = Math.scalb(1.0, Math.getExponent(bound));
            return lower > 0 && upper <= 2 * lower
                    ? "which of exponential buckets are powers of two: %s and %s".formatted(power, 2 * power)
                    : "such as its own";
        }
    }

    public NativeHistogram {
        buckets = List.copyOf(buckets);
    }

    /**
     * How many took at most the bound: exactly, as no bucket with observations may have it inside. So a resolution that is
     * halved, which joins buckets, changes nothing as long as the bound stays an edge, and powers of two do down to schema 0.
     *
     * @param bound above 0
     * @throws IllegalArgumentException when one has; the message says which bounds would do
     */
    double atMost(double bound) {
        double within = 0;
        for (Bucket bucket : buckets) {
            if (bucket.lower < bound && bound < bucket.upper) {
                throw new IllegalArgumentException(
                        "the native histogram has a bucket from %s to %s, so nobody knows how many in it were over %s; set slowerThan to an edge, %s"
                                .formatted(bucket.lower, bucket.upper, bound, bucket.edges(bound)));
            }
            within += bucket.upper <= bound ? bucket.count : 0;
        }
        return within;
    }
}
