package dev.segue.e2e.benchmark;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** Times from an event to the operator's act, in milliseconds. Safe for all threads. */
final class Latencies {
    private final List<Double> millis = Collections.synchronizedList(new ArrayList<>());

    void add(long fromNanos, long toNanos) {
        millis.add((toNanos - fromNanos) / 1e6);
    }

    /** The one that this share of them does not exceed; NaN when there are none. */
    double quantile(double share) {
        List<Double> sorted = new ArrayList<>(millis);
        Collections.sort(sorted);
        return sorted.isEmpty() ? Double.NaN : sorted.get((int) Math.ceil(share * sorted.size()) - 1);
    }
}
