package dev.segue.engine;

import java.util.List;
import java.util.stream.Stream;

/**
 * The way back: the target is withdrawn, and nothing of ours is left. Gated by no pause, metric or deadline; only the
 * drain, which protects the requests on the target, may hold it up, also when its query has no data.
 */
final class Reverting {
    static final List<Task> TASKS =
            Stream.concat(Withdrawal.TASKS.stream(), CleanUp.TASKS.stream()).toList();

    /** Before the target was named, nothing of production was touched. */
    static List<Task> tasks(Observed o) {
        List<Task> cleaning = CleanUp.tasks(o);
        return o.status().target() == null
                ? cleaning
                : Stream.concat(Withdrawal.TASKS.stream(), cleaning.stream()).toList();
    }

    private Reverting() {}
}
