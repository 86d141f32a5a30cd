package dev.segue.analysis;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * The hold in which the arms are watched.
 *
 * @param alone whether the target has all traffic, so that nothing runs beside it
 * @param holdSince when the hold began; null before the first
 * @param share of the ready endpoints that the target has, and so of the requests that it should get, between 0 and 1 (both
 *     excluded); null when not both have some
 */
public record Watched(
        boolean alone,
        @Nullable Instant holdSince,
        @Nullable Double share) {}
