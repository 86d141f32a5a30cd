package dev.segue.analysis;

import java.time.Instant;

/**
 * What was counted in one interval.
 *
 * @param end of the interval
 * @param counts the requests of both arms
 * @param sampled whether anything was scraped of an arm in it: without, nobody knows what it had
 */
public record Observation(Instant end, Interval counts, boolean sampled) {}
