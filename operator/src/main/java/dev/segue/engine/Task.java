package dev.segue.engine;

import java.util.function.Function;

/**
 * One part of a phase. Its name is written into the status before its first act; its check is a pure look at the
 * world, so a task that was interrupted is simply looked at again.
 *
 * @param detour whether the phase begins after it
 */
public record Task(String name, boolean detour, Function<Observed, Outcome> check) {
    Task(String name, Function<Observed, Outcome> check) {
        this(name, false, check);
    }

    /** The same as a part of another phase that is only gone back to, when what it had reached is lost. */
    Task asDetour() {
        return new Task(name, true, check);
    }
}
