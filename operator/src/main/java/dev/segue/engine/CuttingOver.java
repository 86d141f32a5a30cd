package dev.segue.engine;

import dev.segue.api.Phase;
import dev.segue.engine.Observed.ReplicaSetFacts;
import dev.segue.engine.Observed.ServiceFacts;
import dev.segue.engine.Outcome.Act;
import dev.segue.engine.Outcome.Await;
import dev.segue.engine.Outcome.Back;
import dev.segue.traffic.SetProof;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/** Gives the target all traffic: size, prove, narrow the Services to it, prove, let the source run idle. */
final class CuttingOver {
    static final String DRAIN = "DrainSource";
    static final String PIN = "PinTarget";

    static final List<Task> TASKS = List.of(
            new Task("SizeTarget", Target::size),
            new Task("AwaitTarget", Target::awaitAvailable),
            new Task("ProveEndpoints", Target::joined),
            new Task("HoldEndpoints", Pins::holdEndpoints),
            new Task(PIN, CuttingOver::pin),
            new Task("ProveCutover", CuttingOver::prove),
            new Task("Propagate", o -> stillPinned(o, Target.propagate(o))),
            new Task(DRAIN, o -> stillPinned(o, drain(o))));

    /** For later phases: a Service that someone widened sends traffic to the source, which has to be drained again. */
    static final List<Task> AGAIN = TASKS.stream()
            .dropWhile(t -> !t.name().equals(PIN))
            .map(Task::asDetour)
            .toList();

    private CuttingOver() {}

    /** Never narrow traffic to a set that is not now proven ready at the required capacity. */
    private static Outcome pin(Observed o) {
        ReplicaSetFacts target = Target.of(o);
        if (Pins.dead(o)) {
            return new Act("no target pod is ready: sending the traffic to all ready pods", Pins.off(o));
        }
        if (Pins.all(o, target.hash())) {
            return Outcome.DONE;
        }
        int needed = Target.needed(o);
        if (o.spec().isPaused() && o.status().phase() == Phase.CuttingOver) {
            return new Await(Planner.PAUSED, "spec.paused is true: all is ready for the cutover, which waits");
        }
        if (target.wanted() < needed && o.status().phase() != Phase.HandingOver) {
            return new Back("SizeTarget", "the Deployment was scaled up");
        }
        if (!target.serves(needed)) {
            return new Await("%d of %d target pod(s) ready: not narrowing the traffic to them yet"
                    .formatted(target.ready(), needed));
        }
        return Contest.narrow(o, "pointing the Services at the target alone", target.hash());
    }

    static Outcome prove(Observed o) {
        ReplicaSetFacts target = Target.of(o);
        if (!Pins.all(o, target.hash()) || Pins.dead(o)) {
            return lost();
        }
        Set<String> pods = Target.readyPods(target);
        for (ServiceFacts service : Pins.selecting(o)) {
            Optional<String> missing = SetProof.only(service.name(), service.readyPods(), pods, target.wanted());
            if (missing.isPresent()) {
                return new Await(missing.get());
            }
        }
        return Outcome.DONE;
    }

    /** What goes on only while the target has the traffic alone. */
    static Outcome stillPinned(Observed o, Outcome otherwise) {
        return Pins.all(o, Target.of(o).hash()) ? alive(o, otherwise) : lost();
    }

    /** What goes on only while a Service that is narrowed has pods to send to. */
    static Outcome alive(Observed o, Outcome otherwise) {
        return Pins.dead(o) ? lost() : otherwise;
    }

    private static Outcome lost() {
        return new Back(PIN, "a Service no longer points at the target alone");
    }

    private static Outcome drain(Observed o) {
        if (Planner.deployment(o).current() != null && Guards.sourceChanged(o)) {
            return Outcome.DONE; // its pods are replaced by others, which never had traffic; the soak tells it
        }
        return Drain.of(o, Objects.requireNonNull(o.status().source()).replicaSet(), true);
    }
}
