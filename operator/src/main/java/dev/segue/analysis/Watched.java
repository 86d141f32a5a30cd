package dev.segue.analysis;

import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The hold in which the arms are watched.
 *
 * @param alone whether the target has all traffic, so that nothing runs beside it
 * @param holdSince when the hold began; null before the first
 * @param share of the ready endpoints that the target has, and so of the requests that it should get, between 0 and 1 (both
 *     excluded); null when not both have some
 * @param source when the source's ready pods were made, by name
 * @param target the target's
 */
public record Watched(
        boolean alone,
        @Nullable Instant holdSince,
        @Nullable Double share,
        Map<String, Instant> source,
        Map<String, Instant> target) {
    /** Of which pods nobody knows. */
    public Watched(boolean alone, @Nullable Instant holdSince, @Nullable Double share) {
        this(alone, holdSince, share, Map.of(), Map.of());
    }

    /** The same with the ready pods of both arms. */
    public Watched of(Map<String, Instant> source, Map<String, Instant> target) {
        return new Watched(alone, holdSince, share, source, target);
    }
}
