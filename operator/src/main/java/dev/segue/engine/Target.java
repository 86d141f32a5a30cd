package dev.segue.engine;

import dev.segue.api.Durations;
import dev.segue.engine.Observed.PodFacts;
import dev.segue.engine.Observed.ReplicaSetFacts;
import dev.segue.engine.Observed.ServiceFacts;
import dev.segue.engine.Outcome.Act;
import dev.segue.engine.Outcome.Await;
import dev.segue.engine.Outcome.Fail;
import dev.segue.traffic.Ratio;
import dev.segue.traffic.SetProof;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** What several phases ask of the target: its size, its pods, its endpoints. */
final class Target {
    private Target() {}

    /** How many pods the step needs for the size that the Deployment has now. */
    static int needed(Observed o) {
        return Ratio.targetReplicas(
                Objects.requireNonNull(o.status().step()).weight(),
                Planner.deployment(o).replicas());
    }

    static ReplicaSetFacts of(Observed o) {
        return Objects.requireNonNull(o.target());
    }

    /** Up only: its pods are in the traffic, and one that is stopped there fails requests. */
    static Outcome size(Observed o) {
        ReplicaSetFacts target = of(o);
        int needed = needed(o);
        return target.wanted() >= needed
                ? Outcome.DONE
                : new Act(
                        "scaling the target to %d pod(s)".formatted(needed),
                        new Action.ScaleTarget(target.name(), target.uid(), needed));
    }

    static Outcome awaitAvailable(Observed o) {
        ReplicaSetFacts target = of(o);
        if (target.available() >= target.wanted()) {
            return Outcome.DONE;
        }
        String seen = "%d of %d target pod(s) available".formatted(target.available(), target.wanted());
        Duration limit = o.spec().deadlineOrDefault().prepareOrDefault();
        return Timer.expired(o, limit)
                ? new Fail(new Failure(
                        "TargetNeverReady",
                        "%s after %s (deadline.prepare)".formatted(seen, Durations.format(limit)),
                        "kubectl describe replicaset %s says why pods are missing (quota, policy), its pods why they are not ready; raise deadline.prepare if they just need longer"
                                .formatted(target.name())))
                : new Await(seen);
    }

    /** Every Service has all of the target's pods as ready endpoints, beside the source's. */
    static Outcome joined(Observed o) {
        ReplicaSetFacts target = of(o);
        Set<String> pods = readyPods(target);
        for (ServiceFacts service : Pins.selecting(o)) {
            Optional<String> missing = SetProof.among(service.name(), service.readyPods(), pods, target.wanted());
            if (missing.isPresent()) {
                return Timer.expired(o, o.spec().deadlineOrDefault().prepareOrDefault())
                        ? new Fail(new Failure(
                                "EndpointsMissing",
                                missing.get() + " after deadline.prepare",
                                "look at the EndpointSlices of Service %s and at its selector"
                                        .formatted(service.name())))
                        : new Await(missing.get());
            }
        }
        return Outcome.DONE;
    }

    /** Kubernetes does not say when the nodes have programmed a change of the endpoints, so this waits. */
    static Outcome propagate(Observed o) {
        Duration limit = o.spec().verifyOrDefault().propagationOrDefault();
        return Timer.expired(o, limit)
                ? Outcome.DONE
                : new Await("the nodes get %s to program the new endpoints (verify.propagation)"
                        .formatted(Durations.format(limit)));
    }

    static Set<String> readyPods(ReplicaSetFacts set) {
        return set.pods().stream().filter(PodFacts::ready).map(PodFacts::uid).collect(Collectors.toSet());
    }
}
