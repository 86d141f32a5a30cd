package dev.segue.analysis;

import java.util.List;
import java.util.Map;

/**
 * A time series of a counter with the samples that were scraped.
 *
 * @param labels as Prometheus gives them
 * @param samples in any order
 * @param histograms samples that are native histograms, in any order; mostly a series has one kind only
 */
public record Series(Map<String, String> labels, List<Sample> samples, List<NativeHistogram> histograms) {
    /**
     * @param at milliseconds since 1970
     * @param value what the counter stood at
     */
    public record Sample(long at, double value) {}

    /** Of numbers. */
    public Series(Map<String, String> labels, List<Sample> samples) {
        this(labels, samples, List.of());
    }
}
