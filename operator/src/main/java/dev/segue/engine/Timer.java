package dev.segue.engine;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** Timers are timestamps in the status: a restart never shortens one, and begins those of a task again. */
final class Timer {
    private Timer() {}

    /**
     * Whether the current task has been going on for at least this long, and this operator itself has seen it for as long.
     * The status may have been written by another one, whose clock was behind ours by more than the limit: a wait that
     * protects requests must not end by that. Nor must a deadline end while nobody was there to work.
     */
    static boolean expired(Observed o, Duration limit) {
        return expired(o, o.status().taskSince(), limit);
    }

    /** The same of something that began at another time within the current task. */
    static boolean expired(Observed o, @Nullable Instant since, Duration limit) {
        return passed(o, since, limit) && passed(o, o.taskSeen(), limit);
    }

    static boolean passed(Observed o, @Nullable Instant since, Duration limit) {
        return since != null && !o.now().isBefore(since.plus(limit));
    }
}
