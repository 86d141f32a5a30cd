package dev.segue.engine;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** Timers are timestamps in the status: a restart neither forgets nor shortens one. */
final class Timer {
    private Timer() {}

    /** Whether the current task has been going on for at least this long. */
    static boolean expired(Observed o, Duration limit) {
        return passed(o, o.status().taskSince(), limit);
    }

    static boolean passed(Observed o, @Nullable Instant since, Duration limit) {
        return since != null && !o.now().isBefore(since.plus(limit));
    }

    /** What is left of the current task's time, never negative. */
    static Duration left(Observed o, Duration limit) {
        Instant since = o.status().taskSince();
        Duration left = since == null ? limit : Duration.between(o.now(), since.plus(limit));
        return left.isNegative() ? Duration.ZERO : left;
    }
}
