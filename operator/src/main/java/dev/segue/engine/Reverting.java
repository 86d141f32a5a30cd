package dev.segue.engine;

import java.util.List;
import java.util.stream.Stream;

/** The way back: the target is withdrawn, and nothing of ours is left. Never gated by pauses or metrics. */
final class Reverting {
    static final List<Task> TASKS =
            Stream.concat(Withdrawal.TASKS.stream(), CleanUp.TASKS.stream()).toList();

    private Reverting() {}
}
