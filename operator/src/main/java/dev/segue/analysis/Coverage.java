package dev.segue.analysis;

import java.time.Instant;

/**
 * How much of the time has data of both arms.
 *
 * @param intervals intervals with data
 * @param missing intervals without
 * @param from the beginning of the first interval
 * @param to the end of the last one
 */
public record Coverage(int intervals, int missing, Instant from, Instant to) {
    /** Intervals with data per interval; 0 before the first. */
    public double ratio() {
        return intervals + missing == 0 ? 0 : (double) intervals / (intervals + missing);
    }
}
