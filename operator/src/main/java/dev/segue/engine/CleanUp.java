package dev.segue.engine;

import dev.segue.api.Phase;
import dev.segue.api.StagingStatus;
import dev.segue.engine.Action.ForgetFields;
import dev.segue.engine.Observed.ReplicaSetFacts;
import dev.segue.engine.Outcome.Act;
import dev.segue.engine.Outcome.Await;
import dev.segue.engine.Outcome.Staged;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Removes what is still there of ours. */
final class CleanUp {
    static final String REMOVE_STAGING = "RemoveStaging";

    /** Reason of Waiting while the copy of production does not go. */
    static final String TERMINATING = "StagingTerminating";

    static final List<Task> TASKS = List.of(
            new Task("DeleteHold", CleanUp::deleteHold),
            new Task("ForgetFields", CleanUp::forgetFields),
            new Task(REMOVE_STAGING, CleanUp::removeStaging),
            new Task(Reporting.TASK, Reporting::write));

    private static final List<Task> WITHOUT_STAGING =
            TASKS.stream().filter(t -> !t.name().equals(REMOVE_STAGING)).toList();

    /** Pods get their time to end. */
    static final Duration REMOVAL_GRACE = Duration.ofSeconds(60);

    private CleanUp() {}

    static List<Task> tasks(Observed o) {
        return o.status().staging() == null ? WITHOUT_STAGING : TASKS;
    }

    /**
     * What arrived after the end: an act that an operator had sent before it died, held up by the network. Only what
     * makes something new, or names a version of the Deployment that still is the latest, is not refused then.
     */
    static List<Action> stragglers(Observed o) {
        if (o.status().phase() == Phase.Stuck) {
            return Pins.dead(o) ? Pins.off(o) : List.of();
        }
        List<Action> late = new ArrayList<>();
        expiredStage(o).ifPresent(late::add);
        o.holds().forEach(h -> late.add(new Action.DeleteHold(h)));
        ReplicaSetFacts target = o.target();
        if (target != null && o.migration().uid().equals(target.controllerUid())) {
            late.add(new Action.DeleteTarget(target.name(), target.uid()));
        }
        // What has no owner's name on it may be the next Migration's: its pause, its entries of the managed fields.
        if (o.precededBy() == null && forgetFields(o) instanceof Act(var _, List<Action> traces)) {
            late.addAll(traces);
        }
        return late;
    }

    /** The copy of production goes, or is kept for a while. */
    private static Outcome removeStaging(Observed o) {
        StagingStatus staging = o.status().staging();
        if (staging == null || !staging.present() || kept(o)) {
            return Outcome.DONE;
        }
        StageFacts stage = Staging.stage(o);
        if (!stage.left()) {
            return new Staged(staging.removed(o.now()), "the copy of production is gone");
        }
        return stage.occupied() ? removal(o, "the copy of production") : StageSnapshots.removal(o);
    }

    private static boolean kept(Observed o) {
        Instant until = Staging.status(o).keptUntil();
        return until != null && o.now().isBefore(until) && !o.migration().deleting();
    }

    /** Removes what is there, and says what keeps it when it does not go. */
    static Outcome removal(Observed o, String what) {
        String namespace = Staging.status(o).namespace();
        StageFacts stage = Staging.stage(o);
        if (!stage.terminating()) {
            return new Act(
                    "removing %s, namespace %s".formatted(what, namespace),
                    new Action.RemoveStage(namespace, stage.uid()));
        }
        return going(Timer.expired(o, REMOVAL_GRACE), terminating(namespace, stage));
    }

    /** Is waited for, and told once it takes long. */
    static Await going(boolean told, String what) {
        return told ? new Await(TERMINATING, what) : new Await(what);
    }

    private static String terminating(String namespace, StageFacts stage) {
        return "namespace %s is being deleted%s"
                .formatted(namespace, stage.blocking() == null ? "" : ": " + stage.blocking());
    }

    /** Of one that has ended: what keeps the copy that it had kept from going, null when nothing does. */
    static @Nullable String held(Observed o) {
        StagingStatus staging = o.status().staging();
        StageFacts stage = o.stage();
        if (staging == null || !staging.present() || stage == null || !stage.left()) {
            return null;
        }
        Instant since = stage.occupied() ? stage.terminatingSince() : StageSnapshots.goingSince(o);
        if (!Timer.passed(o, since, REMOVAL_GRACE)) {
            return null;
        }
        return stage.occupied() ? terminating(staging.namespace(), stage) : StageSnapshots.going(o);
    }

    /** Of one that has ended: what to do for its copy of production, which was kept. */
    private static Optional<Action> expiredStage(Observed o) {
        StagingStatus staging = o.status().staging();
        StageFacts stage = o.stage();
        if (staging == null || !staging.present() || stage == null || kept(o) || !stage.left()) {
            return Optional.empty();
        }
        if (!stage.occupied()) {
            return StageSnapshots.removing(o);
        }
        return stage.terminating()
                ? Optional.empty()
                : Optional.of(new Action.RemoveStage(staging.namespace(), stage.uid()));
    }

    /** One that has ended is looked at again when the copy that it kept is to go, and while it goes. */
    static Duration nextLook(Observed o, Duration soon, Duration later) {
        StagingStatus staging = o.status().staging();
        if (staging == null
                || !staging.present()
                || !o.status().phaseOrPending().over()) {
            return later;
        }
        if (!kept(o)) {
            return soon;
        }
        Duration left = Duration.between(o.now(), staging.keptUntil());
        return left.compareTo(later) < 0 ? left : later;
    }

    private static Outcome deleteHold(Observed o) {
        List<Action> left =
                o.holds().stream().<Action>map(Action.DeleteHold::new).toList();
        return left.isEmpty() ? Outcome.DONE : new Act("deleting the hold Service(s)", left);
    }

    private static Outcome forgetFields(Observed o) {
        List<Action> left = new ArrayList<>();
        if (o.deployment() != null && (o.deployment().marked() || o.deployment().fence() != null)) {
            if (o.deployment().pausedByUs()) {
                left.add(new Action.Resume(o.deployment().uid()));
            }
            left.add(new ForgetFields(
                    ForgetFields.Kind.Deployment, o.spec().component().deployment()));
        }
        ReplicaSetFacts adopted = o.target();
        if (adopted != null && adopted.marked()) {
            left.add(new ForgetFields(ForgetFields.Kind.ReplicaSet, adopted.name()));
        }
        o.services().stream()
                .filter(Observed.ServiceFacts::marked)
                .forEach(s -> left.add(new ForgetFields(ForgetFields.Kind.Service, s.name())));
        return left.isEmpty() ? Outcome.DONE : new Act("removing our traces from the managed fields", left);
    }
}
