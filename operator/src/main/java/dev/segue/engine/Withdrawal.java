package dev.segue.engine;

import dev.segue.api.Phase;
import dev.segue.engine.Observed.DeploymentFacts;
import dev.segue.engine.Observed.ReplicaSetFacts;
import dev.segue.engine.Observed.ServiceFacts;
import dev.segue.engine.Outcome.Act;
import dev.segue.engine.Outcome.Await;
import dev.segue.engine.Outcome.Back;
import dev.segue.engine.Outcome.Fail;
import dev.segue.traffic.SetProof;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * Takes the target out of the traffic, then away: the one way in which its pods are ever stopped by us, in a revert as
 * well as in Settle. The traffic goes to what the Deployment itself runs. No pod is stopped while a Service may send
 * to it or a client still uses it, so it fails no request of an application that dies at SIGTERM either.
 */
final class Withdrawal {
    static final String DRAIN = "DrainTarget";
    private static final String PIN = "PinDeployment";

    /** Two tries, as the shell repeats what is refused. */
    private static final Duration HOLD_GRACE = Duration.ofSeconds(15);

    static final List<Task> TASKS = List.of(
            new Task("HoldEndpoints", Withdrawal::holdEndpoints),
            new Task(PIN, Withdrawal::pin),
            new Task("ProveDeployment", o -> empty(o) || abandoned(o) ? Outcome.DONE : prove(o)),
            new Task("PropagateDeployment", o -> empty(o) ? Outcome.DONE : stillPinned(o, Target.propagate(o))),
            new Task(DRAIN, o -> empty(o) ? Outcome.DONE : stillPinned(o, drain(o))),
            new Task("StopTarget", Withdrawal::stop),
            new Task("Unpin", Pins::unpin),
            new Task("DeleteTarget", Withdrawal::delete));

    private Withdrawal() {}

    /** Whether the target has no pods that could have traffic, or nobody wants any pods. */
    private static boolean empty(Observed o) {
        return o.target() == null || o.target().pods().isEmpty() || adopted(o) || unwanted(o);
    }

    /** The Deployment was scaled to 0: no traffic can be given back, and the target's pods go the same way. */
    private static boolean unwanted(Observed o) {
        return o.deployment() != null && o.deployment().replicas() == 0;
    }

    /** A way back is never blocked by a quota or a policy on Services: after a while it goes on without. */
    private static Outcome holdEndpoints(Observed o) {
        return empty(o) || abandoned(o) || Timer.expired(o, HOLD_GRACE) ? Outcome.DONE : Pins.holdEndpoints(o);
    }

    /** The Deployment has taken the target over: it is no longer ours to stop. */
    private static boolean adopted(Observed o) {
        return o.target() != null
                && o.deployment() != null
                && o.deployment().uid().equals(o.target().controllerUid());
    }

    /** The Migration is being deleted and its Deployment is gone, as when the namespace goes: nothing to protect. */
    private static boolean abandoned(Observed o) {
        return o.deployment() == null && o.migration().deleting();
    }

    private static Outcome pin(Observed o) {
        if (abandoned(o)) {
            return Outcome.DONE;
        }
        if (empty(o)) {
            return Pins.unpin(o); // whatever the Deployment has is better than a target without pods
        }
        DeploymentFacts d = o.deployment();
        if (d == null) {
            List<Action> widen = offButTarget(o, 1);
            if (!widen.isEmpty()) {
                return new Act("the Deployment is gone: sending the traffic to all ready pods", widen);
            }
            return new Fail(new Failure(
                    "DeploymentGone",
                    "there is no Deployment %s to give the traffic back to; the target goes on serving"
                            .formatted(o.spec().component().deployment()),
                    "create it again, then delete the Migration"));
        }
        ReplicaSetFacts current = d.current();
        if (overridden(o)) {
            return new Back(HandingOver.ROLLOUT, "the Deployment's template no longer is the target's");
        }
        if (current == null || !ready(d)) {
            return awaitDeployment(o, d);
        }
        return Pins.all(o, current.hash())
                ? Outcome.DONE
                : Contest.narrow(o, "pointing the Services at the Deployment's own pods alone", current.hash());
    }

    /** The Deployment's own pods are proven ready at its full size, now. */
    private static boolean ready(DeploymentFacts d) {
        return d.settled()
                && d.replicas() > 0
                && d.current() != null
                && d.current().ready() >= d.replicas();
    }

    /**
     * Narrowed to pods that the Deployment may replace any moment is no place to wait: widen, or stay on the target. A way
     * back may be for the target's badness, so there it is left alone with the traffic only while a rollout stops pods of
     * the Deployment.
     */
    private static Outcome awaitDeployment(Observed o, DeploymentFacts d) {
        if (d.pausedByUs()) { // our change arrived late, when the way back had begun
            return new Act("letting the Deployment go on", new Action.Resume(d.uid()));
        }
        boolean stay = o.status().phase() == Phase.HandingOver || !d.rolled();
        List<Action> widen = stay ? offButTarget(o, d.replicas()) : Pins.off(o);
        if (!widen.isEmpty()) {
            return new Act("the Deployment is not ready: sending the traffic to all ready pods", widen);
        }
        return new Await(
                "SourceUnready",
                "Deployment %s cannot take all traffic yet: %d of %d available. Repair it, or scale it to what it has"
                        .formatted(o.spec().component().deployment(), d.available(), d.replicas()));
    }

    /** Widens what is narrowed, but to a target that is ready at this capacity. */
    private static List<Action> offButTarget(Observed o, int needed) {
        ReplicaSetFacts target = Target.of(o);
        return o.services().stream()
                .filter(s -> s.pinned() != null)
                .filter(s -> !(target.hash().equals(s.pinned()) && target.serves(needed)))
                .<Action>map(s -> new Action.Unpin(s.name(), s.uid()))
                .toList();
    }

    /** In a handover the traffic is given to the new version, not to what someone made of the Deployment meanwhile. */
    private static boolean overridden(Observed o) {
        return o.status().phase() == Phase.HandingOver && !Planner.deployment(o).carriesChange();
    }

    /**
     * The handover was undone when the target had no pods any more. Only as long as there is a target can that be told, so
     * it stays until it has been; the way back deletes it.
     */
    private static boolean undone(Observed o) {
        return o.deployment() != null && overridden(o) && Target.of(o).pods().isEmpty();
    }

    private static Outcome prove(Observed o) {
        DeploymentFacts d = o.deployment();
        if (d == null) {
            return new Back(PIN, "the Deployment is gone");
        }
        Outcome pinned = stillPinned(o, Outcome.DONE);
        if (!(pinned instanceof Outcome.Done)) {
            return pinned;
        }
        Set<String> pods = Target.readyPods(Objects.requireNonNull(d.current()));
        for (ServiceFacts service : Pins.selecting(o)) {
            Optional<String> missing = SetProof.only(service.name(), service.readyPods(), pods, d.replicas());
            if (missing.isPresent()) {
                return new Await(missing.get());
            }
        }
        return Outcome.DONE;
    }

    /** While narrowed to the Deployment's pods, its rollout by someone else must not leave the Services empty. */
    private static Outcome stillPinned(Observed o, Outcome otherwise) {
        if (abandoned(o)) {
            return Outcome.DONE;
        }
        DeploymentFacts d = o.deployment();
        return d != null
                        && d.current() != null
                        && ready(d)
                        && !overridden(o)
                        && Pins.all(o, d.current().hash())
                ? otherwise
                : new Back(PIN, "the Deployment's own pods no longer have the traffic alone");
    }

    private static Outcome drain(Observed o) {
        ReplicaSetFacts target = Target.of(o);
        // Pods that are not ready get no new requests, but may have old ones; a query often has no data of such pods.
        return target.ready() == 0 ? Drain.ofTime(o, target.name()) : Drain.of(o, target.name(), false);
    }

    private static Outcome stop(Observed o) {
        ReplicaSetFacts target = o.target();
        if (target == null) {
            return o.strays() == 0
                    ? Outcome.DONE
                    : new Await("%d pod(s) of the deleted target are being stopped".formatted(o.strays()));
        }
        if (adopted(o) || undone(o)) {
            return Outcome.DONE;
        }
        if (target.wanted() > 0 || target.deleting()) {
            // One that is being deleted does not follow its size any more; its pods are stopped by letting it go.
            Action stop = target.deleting()
                    ? new Action.DeleteTarget(target.name(), target.uid())
                    : new Action.ScaleTarget(target.name(), target.uid(), 0);
            Act act = new Act("stopping the target's idle pods", stop);
            return empty(o) || abandoned(o) ? act : stillPinned(o, act);
        }
        // Stopping pods are no ready endpoints any more, so the Services need not stay narrowed until they are gone.
        return target.pods().stream().allMatch(Observed.PodFacts::deleting)
                ? Outcome.DONE
                : new Await("the target's pods are being stopped");
    }

    private static Outcome delete(Observed o) {
        ReplicaSetFacts target = o.target();
        if (target == null || adopted(o) || undone(o)) {
            return Outcome.DONE;
        }
        if (target.wanted() > 0) {
            return new Back(PIN, "someone scaled the target up again");
        }
        return !target.pods().isEmpty()
                ? new Await(
                        "%d target pod(s) are stopping".formatted(target.pods().size()))
                : new Act("deleting ReplicaSet " + target.name(), new Action.DeleteTarget(target.name(), target.uid()));
    }
}
