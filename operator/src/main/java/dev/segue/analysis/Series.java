package dev.segue.analysis;

import java.util.List;
import java.util.Map;

/**
 * A time series of a counter with the samples that were scraped.
 *
 * @param labels as Prometheus gives them
 * @param samples in any order
 */
public record Series(Map<String, String> labels, List<Sample> samples) {
    /**
     * @param at milliseconds since 1970
     * @param value what the counter stood at
     */
    public record Sample(long at, double value) {}
}
