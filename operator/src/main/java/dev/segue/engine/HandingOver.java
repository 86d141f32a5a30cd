package dev.segue.engine;

import dev.segue.api.Handover.Via;
import dev.segue.api.MigrationStatus.ServiceStatus;
import dev.segue.engine.Observed.DeploymentFacts;
import dev.segue.engine.Observed.ReplicaSetFacts;
import dev.segue.engine.Observed.ServiceFacts;
import dev.segue.engine.Outcome.Act;
import dev.segue.engine.Outcome.Await;
import dev.segue.engine.Outcome.Back;
import dev.segue.engine.Outcome.Fail;
import dev.segue.engine.Outcome.Reroute;
import dev.segue.traffic.SetProof;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The Deployment takes the new version over, while the Services still point at the target alone.
 *
 * <p>Adopt: template first, then our ReplicaSet is let go; the Deployment takes it for its own new one and stops the
 * idle old pods. It is paused in between, so that it does not build a ReplicaSet of its own, which would stay behind
 * in its history and make {@code kubectl rollout undo} go nowhere.
 *
 * <p>Settle: the Deployment builds its own pods of the new version, then ours are withdrawn.
 */
final class HandingOver {
    /** How the pods get to the Deployment. */
    enum Route {
        Adopt,
        Settle
    }

    static final String ROLLOUT = "AwaitRollout";

    private static final List<Task> AGAIN = CuttingOver.AGAIN.stream()
            .map(t -> task(
                            t.name(),
                            o -> o.target() == null
                                    ? targetGone(o)
                                    : pinned(o, t.check().apply(o)))
                    .asDetour())
            .toList();

    private static final List<Task> ADOPT = Stream.concat(
                    AGAIN.stream(),
                    Stream.of(
                            task("ApplyChangePaused", o -> withServices(o, applyChange(o, true))),
                            task("ReleaseTarget", o -> withServices(o, release(o))),
                            task("Resume", o -> withServices(o, resume(o))),
                            task("AwaitAdoption", HandingOver::adopted),
                            task("Unpin", HandingOver::unpin),
                            task("ProveEndpoints", HandingOver::prove)))
            .toList();

    private static final List<Task> SETTLE = Stream.of(
                    AGAIN.stream(),
                    Stream.of(
                            task("ApplyChange", o -> withServices(o, applyChange(o, false))),
                            task(ROLLOUT, HandingOver::rolledOut)),
                    Withdrawal.TASKS.stream())
            .flatMap(tasks -> tasks)
            .toList();

    private HandingOver() {}

    private static Task task(String name, Function<Observed, Outcome> check) {
        return new Task(name, o -> {
            DeploymentFacts d = o.deployment();
            if (d == null
                    || !d.uid()
                            .equals(Objects.requireNonNull(o.status().source()).deploymentUid())) {
                return gone(o);
            }
            return Pins.dead(o)
                    ? new Act("no pod is ready that the traffic goes to: sending it to all ready pods", Pins.off(o))
                    : check.apply(o);
        });
    }

    /** No guard ends the wait for the target any more, so it says what it waits for, and follows the Deployment's size. */
    private static Outcome pinned(Observed o, Outcome outcome) {
        if (!(outcome instanceof Await wait)
                || wait.waiting() != null
                || Target.of(o).serves(Target.needed(o))) {
            return outcome;
        }
        Outcome sized = Target.size(o);
        return ours(o) && sized instanceof Act ? sized : new Await("TargetUnready", wait.message());
    }

    private static boolean ours(Observed o) {
        return o.target() != null && o.migration().uid().equals(o.target().controllerUid());
    }

    /** A target that is still ours goes on serving; one that went to the Deployment goes with it. */
    private static Outcome gone(Observed o) {
        return !ours(o) && !Pins.none(o)
                ? new Act("the Deployment is gone: sending the traffic to all ready pods", Pins.off(o))
                : new Fail(deploymentGone(o));
    }

    static Failure deploymentGone(Observed o) {
        return new Failure(
                "DeploymentGone",
                "Deployment %s was deleted or replaced during the handover"
                        .formatted(o.spec().component().deployment()),
                "Segue never recreates what is yours: create it again, then delete the Migration");
    }

    /** Without a target there is nothing to hand over. */
    private static Outcome targetGone(Observed o) {
        DeploymentFacts d = Planner.deployment(o);
        if (!Pins.none(o)) {
            return new Act("the target is gone: sending the traffic to all ready pods", Pins.off(o));
        }
        if (d.pausedByUs()) {
            return new Act("the target is gone: letting the Deployment go on", new Action.Resume(d.uid()));
        }
        return new Fail(new Failure(
                "TargetGone",
                "the target's ReplicaSet was deleted during the handover",
                "look at Deployment %s: its own pods serve; then delete the Migration"
                        .formatted(o.spec().component().deployment())));
    }

    /**
     * Whether the Deployment has something of ours: from then on it only goes forward. Before that, and again when
     * someone has taken our change back, there still is a way back.
     */
    static boolean begun(Observed o) {
        DeploymentFacts d = o.deployment();
        return d == null || o.target() == null || d.carriesChange() || d.pausedByUs() || adopted(d, o);
    }

    /** What goes on only while every Service is there: one that is made anew would send to the pods that are stopped. */
    private static Outcome withServices(Observed o, Outcome otherwise) {
        Set<String> present = Pins.selecting(o).stream().map(ServiceFacts::name).collect(Collectors.toSet());
        Optional<ServiceStatus> gone = o.status().servicesOrEmpty().stream()
                .filter(s -> !present.contains(s.name()))
                .findFirst();
        return otherwise instanceof Act && gone.isPresent()
                ? new Await(
                        "ServiceGone",
                        "Service %s was deleted, or lost its selector; the target serves, and the handover goes on when it is there again"
                                .formatted(gone.get().name()))
                : otherwise;
    }

    static List<Task> tasks(Route route) {
        return route == Route.Adopt ? ADOPT : SETTLE;
    }

    static List<Task> tasks(Observed o) {
        return tasks(Route.valueOf(Objects.requireNonNull(o.status().handover())));
    }

    /** Adopt where the Deployment will recognise our ReplicaSet as its new one. */
    static Route route(Observed o) {
        Via via = o.spec().handoverOrDefault().viaOrDefault();
        return via == Via.Settle || obstacle(o) != null ? Route.Settle : Route.Adopt;
    }

    /** Why the Deployment would not take over our ReplicaSet as it is, null when it would. */
    private static @Nullable String obstacle(Observed o) {
        DeploymentFacts d = Planner.deployment(o);
        if (d.olderTwinOfTarget()) {
            return "the Deployment still has an older ReplicaSet of this version and would prefer it to the target's";
        }
        if (Target.of(o).deleting()) {
            return "the target's ReplicaSet is being deleted";
        }
        return Target.of(o).wanted() > d.replicas()
                ? "the Deployment was scaled down and would stop serving pods of the target"
                : null;
    }

    static String announce(Observed o) {
        if (route(o) == Route.Adopt) {
            return "Adopt: the Deployment takes the target's ReplicaSet over; no serving pod restarts";
        }
        return o.spec().handoverOrDefault().viaOrDefault() == Via.Settle
                ? "Settle: the Deployment builds its own pods, then the target's are withdrawn"
                : "Settle: " + obstacle(o);
    }

    private static Outcome applyChange(Observed o, boolean pause) {
        DeploymentFacts d = Planner.deployment(o);
        if (o.target() == null) {
            return targetGone(o);
        }
        if (d.pausedBySomeone()) {
            return pausedBySomeone(o);
        }
        if (d.carriesChange() && (d.paused() == pause || adopted(d, o))) {
            return Outcome.DONE;
        }
        boolean takenBack = Contest.waits(o.status().change(), Target.of(o).hash(), o);
        if (!d.carriesChange() && (Guards.sourceChanged(o) || takenBack)) {
            return overridden(o);
        }
        if (!d.carriesChange() && !Pins.all(o, Target.of(o).hash())) {
            return new Back(CuttingOver.PIN, "a Service no longer points at the target alone");
        }
        if (d.paused() && !pause) { // left from an Adopt that was given up
            return new Act("letting the Deployment go on", new Action.Resume(d.uid()));
        }
        return new Act("writing the change into the Deployment's template", new Action.ApplyChange(d.uid(), pause));
    }

    private static Await pausedBySomeone(Observed o) {
        return new Await(
                "DeploymentPaused",
                "Deployment %1$s was paused by someone, so it does not take over; the target serves. kubectl rollout resume deployment/%1$s"
                        .formatted(o.spec().component().deployment()));
    }

    /**
     * Someone, GitOps perhaps, made something else of the Deployment. Nothing is written again: that would be a war
     * over the field, and every round of it a rollout.
     */
    private static Outcome overridden(Observed o) {
        DeploymentFacts d = Planner.deployment(o);
        if (d.pausedByUs()) {
            return resume(o);
        }
        return new Await(
                "SourceDiverged",
                "the template of Deployment %1$s is not the migration's target any more; the target serves, and nothing moves. Make the same change where the template comes from, take the other one back (kubectl rollout undo deployment/%1$s), or abort the Migration"
                        .formatted(o.spec().component().deployment()));
    }

    /** The end of a handover that was done, and then undone by someone. */
    static Failure changedAgain(Observed o) {
        return new Failure(
                "SourceDiverged",
                "the template of Deployment %s was changed again before the handover was over; it serves what it was changed to"
                        .formatted(o.spec().component().deployment()),
                "make the change where the template comes from, or create the Migration again");
    }

    private static Outcome release(Observed o) {
        DeploymentFacts d = Planner.deployment(o);
        if (o.target() == null) {
            return targetGone(o);
        }
        ReplicaSetFacts target = o.target();
        if (adopted(d, o)) {
            return Outcome.DONE;
        }
        if (target.controllerUid() == null) {
            return new Await("waiting for the Deployment to adopt ReplicaSet " + target.name());
        }
        if (!d.carriesChange()) {
            // What was made of it is gone again: the change may be written once more, if it is time.
            return Guards.sourceChanged(o) || d.pausedByUs()
                    ? overridden(o)
                    : new Back("ApplyChangePaused", "the Deployment has the old template again");
        }
        if (!d.paused()) {
            return new Back("ApplyChangePaused", "the Deployment is not paused any more");
        }
        if (!d.observed()) {
            // Its controller may hear of the ReplicaSet first, and would stop it as one of another version.
            return new Await("waiting for the Deployment controller to see the new template");
        }
        if (!Pins.all(o, target.hash())) {
            return new Back(CuttingOver.PIN, "a Service no longer points at the target alone");
        }
        String obstacle = obstacle(o);
        if (obstacle != null || !target.matchesDeployment()) {
            return new Reroute(
                    Route.Settle,
                    "the Deployment builds its own pods (Settle): "
                            + Objects.requireNonNullElse(obstacle, "it would not recognise the target's ReplicaSet"));
        }
        if (target.wanted() != d.replicas()) {
            return new Act(
                    "scaling the target to the Deployment's size",
                    new Action.ScaleTarget(target.name(), target.uid(), d.replicas()));
        }
        if (target.available() < target.wanted()) {
            // A Deployment that adopts an incomplete one makes up its number with pods that are stopped soon after.
            return new Await(
                    "TargetUnready",
                    "%d of %d target pod(s) available: not letting go of ReplicaSet %s yet"
                            .formatted(target.available(), target.wanted(), target.name()));
        }
        return new Act(
                "letting go of ReplicaSet " + target.name(),
                new Action.ReleaseTarget(target.name(), target.uid(), d.replicas()));
    }

    private static boolean adopted(DeploymentFacts d, Observed o) {
        return o.target() != null && d.uid().equals(o.target().controllerUid());
    }

    private static Outcome resume(Observed o) {
        DeploymentFacts d = Planner.deployment(o);
        if (!d.carriesChange() && adopted(d, o) && !Pins.none(o)) {
            return new Act("the Deployment was changed again: widening the Services", Pins.off(o));
        }
        if (d.carriesChange() && toPinAgain(o)) {
            return pinAgain(o);
        }
        if (d.carriesChange() && adopted(d, o) && shortOfPods(o)) {
            return new Await(
                    "TargetUnready",
                    "%d of %d target pod(s) ready, so the old ones have traffic: the Deployment stays paused"
                            .formatted(Target.of(o).ready(), d.replicas()));
        }
        return d.pausedByUs() ? new Act("letting the Deployment go on", new Action.Resume(d.uid())) : Outcome.DONE;
    }

    /** Someone widened a Service, and the Deployment stops its old pods, which it does while paused as well. */
    private static boolean toPinAgain(Observed o) {
        DeploymentFacts d = Planner.deployment(o);
        ReplicaSetFacts target = o.target();
        return target != null && !d.settled() && !Pins.all(o, target.hash()) && target.serves(d.replicas());
    }

    /** Whether the traffic cannot be taken off the old pods, which a Deployment that goes on would stop. */
    private static boolean shortOfPods(Observed o) {
        ReplicaSetFacts target = Target.of(o);
        int replicas = Planner.deployment(o).replicas();
        return !Pins.all(o, target.hash())
                && !target.serves(replicas)
                && target.wanted() >= replicas; // less does not get more while it is paused
    }

    /** Nothing keeps the old pods from being stopped: every moment that a Service sends to them counts. */
    private static Act pinAgain(Observed o) {
        return new Act(
                "pointing the Services at the target alone again",
                Pins.to(o, Target.of(o).hash()));
    }

    private static Outcome adopted(Observed o) {
        DeploymentFacts d = Planner.deployment(o);
        ReplicaSetFacts target = o.target();
        boolean lost = target == null
                || !d.carriesChange()
                || (d.observed() && d.current() != null && !d.current().hash().equals(target.hash()));
        if (lost && !Pins.none(o)) {
            // It took another ReplicaSet for its new one and will scale ours down: widen the Services at once.
            return new Act("the Deployment prefers another ReplicaSet: widening the Services", Pins.off(o));
        }
        if (!lost && toPinAgain(o)) {
            return pinAgain(o);
        }
        if (!d.settled() && d.pausedBySomeone()) {
            return pausedBySomeone(o);
        }
        return d.settled()
                ? Outcome.DONE
                : unsettled(
                        o,
                        "the Deployment stops the old version's idle pods: %d pod(s), %d of the new version"
                                .formatted(d.total(), d.updated()));
    }

    /** The target serves meanwhile, so this may take its time; after the deadline it says that it takes too long. */
    private static Await unsettled(Observed o, String seen) {
        return Timer.expired(o, o.spec().deadlineOrDefault().prepareOrDefault())
                ? new Await(
                        "RolloutUnready",
                        "%s; longer than deadline.prepare, see kubectl rollout status deployment/%s"
                                .formatted(seen, o.spec().component().deployment()))
                : new Await(seen);
    }

    /** The Services are widened only when every pod they could pick is of the new version. */
    private static Outcome unpin(Observed o) {
        if (Pins.none(o)) {
            return Outcome.DONE;
        }
        Outcome adopted = adopted(o);
        return adopted instanceof Outcome.Done ? Pins.unpin(o) : adopted;
    }

    private static Outcome prove(Observed o) {
        ReplicaSetFacts serving = Planner.deployment(o).current();
        Set<String> pods = serving == null ? Set.of() : Target.readyPods(serving);
        for (ServiceFacts service : Pins.selecting(o)) {
            Optional<String> missing = SetProof.only(
                    service.name(),
                    service.readyPods(),
                    pods,
                    Planner.deployment(o).replicas());
            if (missing.isPresent()) {
                return unsettled(o, missing.get());
            }
        }
        return Outcome.DONE;
    }

    private static Outcome rolledOut(Observed o) {
        DeploymentFacts d = Planner.deployment(o);
        if (o.target() == null) {
            return targetGone(o);
        }
        if (!Pins.all(o, o.target().hash()) && o.target().serves(d.replicas())) {
            return pinAgain(o);
        }
        if (!d.carriesChange()) {
            return overridden(o);
        }
        if (!d.settled() && d.paused()) {
            return pausedBySomeone(o);
        }
        return d.settled() && d.current() != null
                ? Outcome.DONE
                : unsettled(
                        o,
                        "the Deployment builds its own pods of the new version: %d of %d available"
                                .formatted(d.available(), d.replicas()));
    }
}
