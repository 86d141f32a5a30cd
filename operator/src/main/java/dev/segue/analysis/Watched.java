package dev.segue.analysis;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * The hold in which the arms are watched.
 *
 * @param alone whether the target has all traffic, so that nothing runs beside it
 * @param holdSince when the hold began; null before the first
 */
public record Watched(boolean alone, @Nullable Instant holdSince) {}
