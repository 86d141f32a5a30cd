package dev.segue.shell;

import java.time.Duration;
import java.time.Instant;

/**
 * Spreads looks, so that neither the API server nor this process has more of them to do with more Migrations: at most so
 * many a second follow from waiting. While there are fewer, every wait is as long as it was asked for. Thread-safe.
 */
final class Pace {
    /** Longer waits are rare looks, which need no place between the others. */
    private static final Duration RARE = Duration.ofMinutes(1);

    private final Duration between;
    private Instant free = Instant.EPOCH;

    Pace(int looksPerSecond) {
        between = Duration.ofSeconds(1).dividedBy(looksPerSecond);
    }

    /**
     * How long to wait instead: as long as wanted or longer. What shall be done at once is, and takes no place.
     *
     * @param wanted zero or more
     */
    synchronized Duration spread(Duration wanted, Instant now) {
        if (wanted.isZero() || wanted.compareTo(RARE) > 0) {
            return wanted;
        }
        free = (free.isBefore(now) ? now : free).plus(between);
        Duration place = Duration.between(now, free);
        return place.compareTo(wanted) > 0 ? place : wanted;
    }
}
