package dev.segue.e2e.fault;

import dev.segue.api.Migration;
import dev.segue.api.Phase;
import dev.segue.e2e.stage.Migrations;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A task at which a migration stays for a while, with all of Kubernetes at rest.
 *
 * @param task at which it stays, as {@code Shifting/Hold}
 * @param component what the Migration changes
 * @param spec the rest of its spec
 * @param before what is done in the lab before the Migration is created
 * @param cue what is done on the way; null for nothing
 * @param stay what it stays for
 * @param end how it ends in the end
 */
record Station(
        String name,
        String task,
        String component,
        String spec,
        Consumer<Lab> before,
        @Nullable Cue cue,
        Stay stay,
        Phase end) {

    /** Once the migration is at this task, this is done. */
    record Cue(String task, Consumer<Lab> deed) {}

    /** What ends the stay. */
    sealed interface Stay {
        /** The hold of a step is over. It began at a time that is in the status. */
        record Hold() implements Stay {}

        /** An operator has waited for as long as the spec says. Another operator begins to wait anew. */
        record Watch() implements Stay {}

        /**
         * Somebody does this.
         *
         * @param reason of the condition Waiting by then; null when there is none
         */
        record Deed(@Nullable String reason, Consumer<Lab> deed) implements Stay {}
    }

    static Station of(String name, String task, String spec, Stay stay) {
        return new Station(name, task, Lab.to("2"), spec, lab -> {}, null, stay, Phase.Completed);
    }

    Station component(String other) {
        return new Station(name, task, other, spec, before, cue, stay, end);
    }

    Station after(Consumer<Lab> earlier) {
        return new Station(name, task, component, spec, earlier, cue, stay, end);
    }

    Station with(String at, Consumer<Lab> deed) {
        return new Station(name, task, component, spec, before, new Cue(at, deed), stay, end);
    }

    Station ending(Phase other) {
        return new Station(name, task, component, spec, before, cue, stay, other);
    }

    /** Creates the Migration, and waits until it is here. */
    void enter(Lab lab) {
        before.accept(lab);
        lab.migrate(Lab.MIGRATION, component, spec);
        if (cue != null) {
            String at = cue.task();
            lab.migrations().reached(Lab.MIGRATION, at, m -> at.equals(place(m)));
            cue.deed().accept(lab);
        }
        lab.migrations().reached(Lab.MIGRATION, task, m -> holds(m) && told(m));
    }

    /** Whether a Migration in this state is here. */
    boolean holds(Migration m) {
        return task.equals(place(m));
    }

    /** Whether it says what it waits for, where somebody has to do it. */
    private boolean told(Migration m) {
        return !(stay instanceof Stay.Deed(String reason, var _))
                || reason == null
                || reason.equals(Migrations.waitingFor(m));
    }

    /** Does what it waits for, where that is somebody's deed. */
    void release(Lab lab) {
        if (stay instanceof Stay.Deed(var _, Consumer<Lab> deed)) {
            deed.accept(lab);
        }
    }

    private static String place(Migration m) {
        return "%s/%s"
                .formatted(
                        Migrations.status(m).phaseOrPending(),
                        Migrations.status(m).task());
    }
}
