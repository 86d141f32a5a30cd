package dev.segue.analysis;

import java.time.Instant;
import java.util.Set;

/**
 * What was counted in one interval.
 *
 * @param end of the interval
 * @param counts the requests of both arms
 * @param sampled whether anything was scraped of an arm in it: without, nobody knows what it had
 * @param pods of which there were samples
 * @param all requests, those of pods too that are left out as they are new
 */
public record Observation(Instant end, Interval counts, boolean sampled, Set<String> pods, Interval all) {
    /** Of which pods nobody knows. */
    public Observation(Instant end, Interval counts, boolean sampled) {
        this(end, counts, sampled, Set.of(), counts);
    }
}
