package dev.segue.e2e.fault;

import dev.segue.api.Phase;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * One way that a migration can take.
 *
 * @param component what it changes
 * @param spec the rest of its spec
 * @param cue what is done to it on the way, null for nothing
 * @param fleeting a task, as {@code Preparing/AwaitTarget}, that may be over before a status names it; null for none
 * @param end the last phase that it is in
 */
record Path(
        String name,
        String component,
        String spec,
        @Nullable Cue cue,
        @Nullable String fleeting,
        Phase end) {

    /** What someone, or something, does to a migration. */
    enum Deed {
        ABORT,
        DELETE,
        /** The metric exceeds its limit. */
        FAIL_METRIC
    }

    /**
     * When it is done: when the status first names this task, as {@code Soaking/Soak}, and before the operator knows that
     * its write was accepted. So it is at the same place among its writes in each run.
     */
    record Cue(String task, Deed deed) {}

    static Path of(String name, String component, String spec, Phase end) {
        return new Path(name, component, spec, null, null, end);
    }

    static Path interrupted(Deed deed, String task, Phase end) {
        return interrupted(deed, task, Lab.to("2"), Lab.SWIFT, end);
    }

    static Path interrupted(Deed deed, String task, String component, String spec, Phase end) {
        String name = "%s in %s".formatted(deed, task).toLowerCase(Locale.ROOT).replace('_', ' ');
        return new Path(name, component, spec, new Cue(task, deed), null, end);
    }

    Path withFleeting(String task) {
        return new Path(name, component, spec, cue, task, end);
    }

    /** Whether nothing is left of the Migration itself. */
    boolean deleted() {
        return cue != null && cue.deed() == Deed.DELETE;
    }
}
