package dev.segue.engine;

import dev.segue.api.Durations;
import dev.segue.api.MigrationStatus.SourceStatus;
import dev.segue.api.MigrationStatus.TargetStatus;
import dev.segue.api.Phase;
import dev.segue.engine.Observed.ReplicaSetFacts;
import dev.segue.engine.Outcome.Act;
import dev.segue.engine.Outcome.Fail;
import dev.segue.staging.TargetName;
import dev.segue.traffic.Ratio;
import java.time.Duration;
import java.util.List;
import java.util.Objects;

/** Starts the target's first pods. They join the Services by their labels as soon as they are ready. */
final class Preparing {
    static final List<Task> TASKS = List.of(
            new Task("HoldEndpoints", Pins::holdEndpoints),
            new Task("CreateTarget", Preparing::create),
            new Task("SizeTarget", Target::size),
            new Task("AwaitTarget", Target::awaitAvailable));

    private Preparing() {}

    static void enter(Observed o, StatusDraft draft) {
        ReplicaSetFacts current = Objects.requireNonNull(Planner.deployment(o).current());
        String hash = TargetName.hash(o.migration().uid(), o.status().runOrFirst());
        String name = TargetName.replicaSet(o.spec().component().deployment(), hash);
        int source = Planner.deployment(o).replicas();
        int replicas = Ratio.targetReplicas(o.spec().plannedSteps().getFirst().weight(), source);
        draft.plan(
                new SourceStatus(Planner.deployment(o).uid(), current.name(), current.hash()),
                new TargetStatus(name, hash, null, 0, replicas, "0/" + replicas, null));
        draft.step(1, replicas, source);
        draft.enter(
                Phase.Preparing,
                TASKS.getFirst().name(),
                false,
                "Preparing",
                "starting %d pod(s) of the target, ReplicaSet %s".formatted(replicas, name));
    }

    private static Outcome create(Observed o) {
        if (o.target() != null) {
            return Outcome.DONE;
        }
        Duration limit = o.spec().deadlineOrDefault().prepareOrDefault();
        // Held, it could never pass if it were not tried any more.
        if (Timer.expired(o, limit) && !o.spec().holdsOnFailure()) {
            return new Fail(new Failure(
                    "TargetNotCreated",
                    "the target's ReplicaSet could not be created within %s (deadline.prepare)"
                            .formatted(Durations.format(limit)),
                    "the condition Waiting and the operator's log say what the API server refused"));
        }
        String name = Objects.requireNonNull(o.status().target()).replicaSet();
        String hash = Objects.requireNonNull(o.status().target()).hash();
        return new Act("creating ReplicaSet " + name, new Action.CreateTarget(name, hash));
    }
}
