package dev.segue.engine;

import dev.segue.analysis.Baselines;
import dev.segue.api.Condition;
import dev.segue.api.Finding;
import dev.segue.api.MigrationStatus;
import dev.segue.api.MigrationStatus.Cause;
import dev.segue.api.Phase;
import dev.segue.api.StagingStatus;
import dev.segue.engine.Decision.Notice;
import dev.segue.engine.Observed.DeploymentFacts;
import dev.segue.engine.Outcome.Act;
import dev.segue.engine.Outcome.Await;
import dev.segue.engine.Outcome.Back;
import dev.segue.engine.Outcome.Done;
import dev.segue.engine.Outcome.Fail;
import dev.segue.engine.Outcome.Reroute;
import dev.segue.engine.Outcome.Skip;
import dev.segue.engine.Outcome.Staged;
import dev.segue.report.Conditions;
import dev.segue.traffic.Ratio;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The whole life of a migration:
 *
 * <pre>
 * Pending → Assessing → (Staging) → Preparing → Shifting (each step) → CuttingOver → Soaking → HandingOver → Finishing → Completed
 *             │     └ Failed └──────────┴──────────┴───────────────────────┴───────────┴→ Reverting → Reverted, or Failed
 *             └ Planned, while mode is Plan
 * </pre>
 *
 * <p>A phase is a list of {@link Task}s. Each look at the world either moves on by one task, phase or step, or acts
 * for the task that the status already names. Same input, same output; no clock, no I/O.
 */
public final class Planner {
    /** Reason of {@code Waiting} when the API server refuses an {@link Action.Fence}. */
    public static final String FENCE_REFUSED = "FenceRefused";

    /** Reason of {@code Waiting} while {@code spec.paused} is in the way. */
    public static final String PAUSED = "Paused";

    /** How soon to look again while something is under way. The objects that are waited for are not all watched. */
    private static final Duration SOON = Duration.ofSeconds(1);

    /** While somebody has to decide, and production is as it was: what he decides is a change of the Migration. */
    private static final Duration IDLE = Duration.ofSeconds(15);

    static final Duration NOW = Duration.ZERO;

    /** Long enough for an idle migration to cost nothing; a change of it wakes the operator anyway. */
    public static final Duration LATER = Duration.ofMinutes(10);

    private Planner() {}

    /** The tasks of a phase, in order. */
    static List<Task> tasks(Phase phase, Observed o) {
        return switch (phase) {
            case Pending -> Assessing.TURN;
            case Assessing -> Assessing.TASKS;
            case Planned -> Planning.TASKS;
            case Staging -> Staging.TASKS;
            case Preparing -> Preparing.TASKS;
            case Shifting -> Shifting.TASKS;
            case CuttingOver -> CuttingOver.TASKS;
            case Soaking -> Soaking.TASKS;
            case HandingOver -> HandingOver.tasks(o);
            case Finishing -> CleanUp.tasks(o);
            case Reverting -> Reverting.tasks(o);
            case Completed, Reverted, Failed, Stuck -> List.of();
        };
    }

    /** What follows from this look at the world. */
    public static Decision plan(Observed o) {
        StatusDraft draft = new StatusDraft(o);
        Phase phase = o.status().phaseOrPending();
        Optional<Decision> commanded = Fence.putUp(o, draft).or(() -> UserCommands.take(o, draft));
        if (commanded.isPresent()) {
            return commanded.get();
        }
        if (phase.terminal() && !(phase == Phase.Stuck && o.migration().deleting())) {
            Decision still = unmoved(o, draft, CleanUp.nextLook(o, SOON, LATER));
            MigrationStatus status = phase.over()
                    ? Conditions.held(still.status(), CleanUp.TERMINATING, CleanUp.held(o), o.now())
                    : still.status();
            return new Decision(status, CleanUp.stragglers(o), still.notices(), still.next());
        }
        if (o.status().task() == null) {
            return begin(o, draft, phase);
        }
        if (o.migration().deleting() && reversible(o)) {
            return revert(o, draft, new Failure("Deleted", "The Migration was deleted", null));
        }
        if (Guards.apply(phase)) {
            Optional<Failure> failure = Guards.check(o, draft);
            if (failure.isPresent()) {
                return fail(o, draft, failure.get());
            }
            if (draft.tellVerdict() || draft.tellMismatch() || draft.tellUnseen()) {
                return unmoved(o, draft, NOW);
            }
        }
        return pursue(o, draft, phase);
    }

    static Decision begin(Observed o, StatusDraft draft, Phase phase) {
        Phase first = phase == Phase.Stuck ? Phase.Reverting : phase;
        boolean back = first == Phase.Reverting;
        draft.enter(first, tasks(first, o).getFirst().name(), back, first.name(), first.description());
        return moved(draft, first.description());
    }

    /** Whether it can still go back. From the handover on it only goes forward. */
    static boolean reversible(Observed o) {
        return switch (o.status().phaseOrPending()) {
            case Pending, Assessing, Planned, Staging, Preparing, Shifting, CuttingOver, Soaking -> true;
            case HandingOver -> !HandingOver.begun(o);
            case Finishing, Reverting, Completed, Reverted, Failed, Stuck -> false;
        };
    }

    private static Decision fail(Observed o, StatusDraft draft, Failure failure) {
        if (o.spec().holdsOnFailure()) {
            boolean nobodyServes = o.target() == null || o.target().ready() == 0;
            List<Action> widen = nobodyServes ? Pins.off(o) : List.of(); // held without endpoints it would be an outage
            boolean intended = CuttingOver.PIN.equals(o.status().task());
            if (!widen.isEmpty() && !intended) {
                draft.task(CuttingOver.PIN);
                return moved(draft, "no target pod is ready: the traffic goes to all ready pods");
            }
            return new Decision(
                    draft.build(
                            "CheckFailed",
                            "%s: %s; onFailure is Hold, so nothing moves until it passes or the migration is aborted"
                                    .formatted(failure.reason(), failure.message())),
                    widen,
                    draft.notices(),
                    SOON);
        }
        return revert(o, draft, failure);
    }

    static Decision revert(Observed o, StatusDraft draft, Failure failure) {
        draft.cause(failure);
        Phase phase = o.status().phaseOrPending();
        if (phase == Phase.Pending || phase == Phase.Assessing || phase == Phase.Planned) {
            draft.end(Phase.Failed, true, "Failed", failure.message());
            return moved(draft, failure.message());
        }
        draft.enter(
                Phase.Reverting,
                Reverting.tasks(o).getFirst().name(),
                true,
                "Reverting",
                "%s: %s".formatted(failure.reason(), failure.message()));
        return moved(draft, failure.message());
    }

    private static Decision pursue(Observed o, StatusDraft draft, Phase phase) {
        List<Task> tasks = tasks(phase, o);
        int at = indexOf(tasks, o.status().task());
        return switch (tasks.get(at).check().apply(o)) {
            case Done() -> done(o, draft, phase, tasks, at);
            case Act(String progress, List<Action> actions) -> {
                actions.stream()
                        .flatMap(a -> a instanceof Action.Pin pin ? Stream.of(pin.hash()) : Stream.empty())
                        .findFirst()
                        .ifPresent(draft::narrow);
                if (actions.stream().anyMatch(Action.ApplyChange.class::isInstance)) {
                    draft.change();
                }
                yield new Decision(draft.build(null, progress), actions, draft.notices(), SOON);
            }
            case Await(@Nullable String waiting, String message) ->
                new Decision(draft.build(waiting, message), List.of(), draft.notices(), pace(tasks.get(at)));
            case Skip(Finding finding) -> {
                draft.find(finding);
                yield done(o, draft, phase, tasks, at);
            }
            case Back(String task, String message) -> {
                draft.task(task);
                yield moved(draft, message);
            }
            case Reroute(HandingOver.Route route, String message) -> {
                draft.handover(route.name());
                draft.task(first(HandingOver.tasks(route)));
                draft.tell(true, "HandoverRerouted", message);
                yield moved(draft, message);
            }
            case Staged(
                    StagingStatus next,
                    @Nullable String task,
                    List<Action> actions,
                    @Nullable Notice notice,
                    String progress) -> {
                draft.staging(next);
                if (task != null) {
                    draft.task(task);
                }
                if (notice != null) {
                    draft.tell(notice.warning(), notice.reason(), notice.message());
                }
                yield new Decision(draft.build(null, progress), actions, draft.notices(), NOW);
            }
            case Fail(Failure failure) -> end(o, draft, phase, failure);
        };
    }

    private static Decision done(Observed o, StatusDraft draft, Phase phase, List<Task> tasks, int at) {
        if (at + 1 < tasks.size()) {
            Task next = tasks.get(at + 1);
            draft.task(next.name());
            started(o, draft, phase, next);
            return moved(draft, next.name());
        }
        return leave(o, draft, phase);
    }

    /** A task that starts a timer notes it in the status in the same write as its name. */
    private static void started(Observed o, StatusDraft draft, Phase phase, Task task) {
        boolean first = draft.step() != null && draft.step().holdUntil() == null; // an autoscaler must not restart it
        if (phase == Phase.Shifting && task.name().equals(Shifting.HOLD) && first) {
            draft.hold(o.spec().plannedSteps().get(stepIndex(o) - 1).holdFor());
        }
        if (task.name().equals(Reporting.TASK)) {
            draft.forget(Reporting.SKIPPED);
            if (phase == Phase.Assessing) {
                Planning.keep(o, draft);
            }
        }
    }

    private static Decision end(Observed o, StatusDraft draft, Phase phase, Failure failure) {
        switch (phase) {
            case Pending, Assessing, Planned -> {
                draft.cause(failure);
                draft.block(failure);
                draft.end(Phase.Failed, true, "Failed", failure.message());
            }
            case Staging -> {
                draft.staging(Staging.failed(o, failure));
                return revert(o, draft, failure);
            }
            case HandingOver, Finishing, Reverting -> {
                draft.cause(failure);
                draft.end(Phase.Stuck, true, "Stuck", "%s: %s".formatted(failure.reason(), failure.message()));
            }
            default -> {
                return fail(o, draft, failure);
            }
        }
        return moved(draft, failure.message());
    }

    /** The phase has reached its end: which one is next. */
    private static Decision leave(Observed o, StatusDraft draft, Phase phase) {
        boolean begins = phase == Phase.Assessing && !o.spec().plansOnly();
        if (o.spec().isPaused() && (begins || phase == Phase.Staging || Guards.apply(phase))) {
            return new Decision(
                    draft.build(PAUSED, "spec.paused is true: the next step waits; checks go on"),
                    List.of(),
                    draft.notices(),
                    switch (phase) {
                        case Assessing -> LATER; // before it began, what it is checked for does not matter yet
                        case Staging -> IDLE;
                        default -> SOON;
                    });
        }
        int steps = o.spec().plannedSteps().size();
        switch (phase) {
            case Pending -> enter(o, draft, Phase.Assessing, "checking the workload");
            case Assessing -> {
                if (deployment(o).carriesChange()) {
                    draft.end(
                            Phase.Completed,
                            false,
                            "Superseded",
                            "the Deployment already has this version; nothing to do");
                } else if (draft.tellWarnings()) {
                    return unmoved(o, draft, NOW);
                } else if (o.spec().plansOnly()) {
                    Planning.offer(o, draft);
                } else {
                    Baselines.hopeless(o.spec().analysisOrDefault(), o.spec().plannedSteps(), draft.metrics())
                            .ifPresent(why -> draft.tell(true, "VerdictUnlikely", why));
                    begins(o, draft);
                }
            }
            case Planned -> Planning.leave(o, draft);
            case Staging -> Staging.leave(o, draft);
            case Preparing -> nextStep(o, draft, 1);
            case Shifting -> nextStep(o, draft, stepIndex(o) + 1);
            case CuttingOver -> {
                enter(
                        o,
                        draft,
                        Phase.Soaking,
                        "all traffic is on the target, proved; the source is kept for a way back");
                draft.hold(o.spec().plannedSteps().get(steps - 1).holdFor());
            }
            case Soaking -> {
                draft.handover(HandingOver.route(o).name());
                String first = first(HandingOver.tasks(HandingOver.route(o)));
                draft.enter(Phase.HandingOver, first, false, "HandingOver", HandingOver.announce(o));
            }
            case HandingOver -> {
                DeploymentFacts d = o.deployment();
                if (d == null) {
                    return end(o, draft, phase, HandingOver.deploymentGone(o));
                }
                if (o.target() != null && !d.carriesChange()) {
                    return revert(o, draft, HandingOver.changedAgain(o));
                }
                enter(o, draft, Phase.Finishing, "the Deployment serves the new version alone");
            }
            case Finishing ->
                draft.end(
                        Phase.Completed,
                        false,
                        "Completed",
                        "the Deployment serves the new version; nothing of Segue is left");
            case Reverting -> {
                Cause cause = o.status().cause();
                if (o.status().startedAt() == null) {
                    draft.end(
                            Phase.Failed,
                            true,
                            "Failed",
                            "production was not touched. Cause: "
                                    + (cause == null ? "unknown" : cause.reason() + ": " + cause.message()));
                    break;
                }
                draft.end(
                        Phase.Reverted,
                        true,
                        "Reverted",
                        "the old version serves again; nothing of Segue is left. Cause: "
                                + (cause == null ? "unknown" : cause.reason() + ": " + cause.message()));
            }
            case Completed, Reverted, Failed, Stuck ->
                throw new IllegalStateException("a terminal phase has no end: " + phase);
        }
        return moved(
                draft,
                draft.notices().isEmpty()
                        ? phase.name()
                        : draft.notices().getLast().message());
    }

    /** Nothing is in the way: the rehearsal, or the migration itself. */
    private static void begins(Observed o, StatusDraft draft) {
        if (o.spec().staging() == null) {
            Preparing.enter(o, draft);
        } else {
            Staging.enter(o, draft);
        }
    }

    private static void nextStep(Observed o, StatusDraft draft, int index) {
        int weight = o.spec().plannedSteps().get(index - 1).weight();
        int source = Objects.requireNonNull(o.deployment()).replicas();
        int replicas = Ratio.targetReplicas(weight, source);
        draft.step(index, replicas, source);
        int steps = o.spec().plannedSteps().size();
        if (weight == 100) {
            enter(
                    o,
                    draft,
                    Phase.CuttingOver,
                    "step %d of %d: all traffic, with %d target pod(s)".formatted(index, steps, replicas));
            return;
        }
        draft.enter(
                Phase.Shifting,
                Shifting.TASKS.getFirst().name(),
                false,
                "StepStarted",
                "step %d of %d: %d%% of the traffic asked for; %d target pod(s) beside %d give %d%%"
                        .formatted(index, steps, weight, replicas, source, Ratio.effectiveWeight(replicas, source)));
    }

    private static void enter(Observed o, StatusDraft draft, Phase next, String message) {
        draft.enter(next, first(tasks(next, o)), false, next.name(), message);
    }

    private static String first(List<Task> tasks) {
        return tasks.stream().filter(t -> !t.detour()).findFirst().orElseThrow().name();
    }

    static int stepIndex(Observed o) {
        return Objects.requireNonNull(o.status().step()).index();
    }

    static DeploymentFacts deployment(Observed o) {
        return Objects.requireNonNull(o.deployment());
    }

    private static int indexOf(List<Task> tasks, @Nullable String name) {
        for (int i = 0; i < tasks.size(); i++) {
            if (tasks.get(i).name().equals(name)) {
                return i;
            }
        }
        return 0; // a task of another version of the operator: each task looks before it acts, so begin with the first
    }

    /** While nothing is to be moved, a look every other second is soon enough to see a target fail. */
    private static Duration pace(Task task) {
        return switch (task.name()) {
            case Shifting.HOLD, Soaking.SOAK, CuttingOver.DRAIN, Withdrawal.DRAIN -> SOON.multipliedBy(2);
            case Planning.AWAIT_RUN -> LATER;
            case Staging.FRESH -> IDLE;
            default -> SOON;
        };
    }

    /** Stays where it is and says what it said before; what was noted or told meanwhile is written. */
    static Decision unmoved(Observed o, StatusDraft draft, Duration next) {
        MigrationStatus was = o.status();
        String progress = was.condition(Conditions.RECONCILING)
                .or(() -> was.condition(Conditions.READY))
                .map(Condition::message)
                .orElse(was.phaseOrPending().description());
        String waiting =
                was.condition(Conditions.WAITING).map(Condition::reason).orElse(null);
        return new Decision(draft.build(waiting, progress), List.of(), draft.notices(), next);
    }

    static Decision moved(StatusDraft draft, String progress) {
        return new Decision(draft.build(null, progress), List.of(), draft.notices(), NOW);
    }
}
