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
}
