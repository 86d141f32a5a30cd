package dev.segue.engine;

import dev.segue.api.MigrationSpec;
import dev.segue.api.Phase;
import dev.segue.api.PlanStatus;
import dev.segue.engine.Outcome.Await;
import dev.segue.engine.Outcome.Back;
import dev.segue.engine.Outcome.Fail;
import dev.segue.plan.Grounds;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The plan goes into the status when the assessment is through. In mode Plan it is offered there, and nothing else is
 * done. A plan that was offered is run as it is: when what it rests on has changed, it is void and nothing is run.
 */
final class Planning {
    static final String AWAIT_RUN = "AwaitRun";

    static final List<Task> TASKS = List.of(new Task(AWAIT_RUN, Planning::awaitRun));

    private Planning() {}

    /** At the end of the assessment, and of a rehearsal: whether what was offered still holds. */
    static Outcome holds(Observed o) {
        PlanStatus offered = o.status().plan();
        if (o.spec().plansOnly()
                || offered == null
                || offered.offeredAt() == null
                || Planner.deployment(o).carriesChange()
                || same(offered, o.planned())) {
            return Outcome.DONE;
        }
        String changed = o.planned() == null
                ? "it cannot be planned any more"
                : String.join("; ", Grounds.differences(offered, o.planned()));
        String name = o.migration().name();
        return new Fail(new Failure(
                "PlanVoid",
                "the plan that was offered does not hold any more, so nothing is run: " + changed,
                "to see a new plan: kubectl patch migration %1$s --type merge -p '{\"spec\":{\"mode\":\"Plan\"}}', then the command retry (kubectl annotate migration %1$s segue.dev/command=retry --overwrite); to run without another look: the command retry alone"
                        .formatted(name)));
    }

    /** Reports the plan in the status, as long as it is the one that would be made now. */
    static Outcome report(Observed o) {
        if (Planner.deployment(o).carriesChange()) {
            return Outcome.DONE; // there is nothing to do
        }
        return same(o.status().plan(), o.planned())
                ? Reporting.write(o)
                : new Back(Assessing.SOURCE, "what the plan rests on has changed: planning anew");
    }

    private static boolean same(@Nullable PlanStatus one, @Nullable PlanStatus other) {
        return Objects.equals(one == null ? null : one.hash(), other == null ? null : other.hash());
    }

    /** Puts the plan into the status; one that was offered and holds stays as it was offered. */
    static void keep(Observed o, StatusDraft draft) {
        if (o.spec().plansOnly() || !same(o.status().plan(), o.planned())) {
            draft.plan(o.planned());
        }
    }

    static void offer(Observed o, StatusDraft draft) {
        PlanStatus plan = o.status().plan();
        if (plan != null) {
            draft.plan(plan.offered(o.now()));
        }
        draft.enter(
                Phase.Planned,
                AWAIT_RUN,
                false,
                "Planned",
                "the plan stands (%s); nothing has been written but its report. It is run when spec.mode is Run"
                        .formatted(plan == null ? "unknown" : Grounds.brief(plan)));
    }

    private static Outcome awaitRun(Observed o) {
        return o.spec().plansOnly() && differences(o).isEmpty()
                ? new Await("Planned", "the plan stands; set spec.mode to Run to execute it")
                : Outcome.DONE;
    }

    private static List<String> differences(Observed o) {
        PlanStatus plan = o.status().plan();
        MigrationSpec spec = o.spec();
        return plan == null ? List.of() : Grounds.differences(plan, spec);
    }

    /** The user wants it to be run, or wants another one. */
    static void leave(Observed o, StatusDraft draft) {
        if (o.spec().plansOnly()) {
            again(draft, String.join("; ", differences(o)));
        } else {
            draft.enter(
                    Phase.Pending,
                    Assessing.TURN.getFirst().name(),
                    false,
                    "Pending",
                    "the plan is to be run, if what it rests on has not changed");
        }
    }

    static void again(StatusDraft draft, String why) {
        draft.plan(null);
        draft.enter(
                Phase.Pending, Assessing.TURN.getFirst().name(), false, "Replanned", why + ": another plan is made");
    }
}
