package dev.segue.engine;

import dev.segue.engine.Observed.ReplicaSetFacts;
import dev.segue.engine.Observed.ServiceFacts;
import dev.segue.engine.Outcome.Act;
import dev.segue.engine.Outcome.Await;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Narrowing the Services to the pods of one ReplicaSet, and widening them again. */
final class Pins {
    private Pins() {}

    static boolean all(Observed o, String hash) {
        return o.services().stream().allMatch(s -> s.selects() ? hash.equals(s.pinned()) : s.pinned() == null);
    }

    static boolean none(Observed o) {
        return o.services().stream().allMatch(s -> s.pinned() == null);
    }

    /** The Services that can send to pods of the migration: one whose user has pointed it elsewhere proves nothing. */
    static List<ServiceFacts> selecting(Observed o) {
        return o.services().stream().filter(ServiceFacts::selects).toList();
    }

    static List<Action> to(Observed o, String hash) {
        List<Action> actions = new ArrayList<>();
        for (ServiceFacts service : o.services()) {
            if (!service.selects() && service.pinned() != null) {
                actions.add(new Action.Unpin(service.name(), service.uid()));
            }
            if (service.selects() && !hash.equals(service.pinned())) {
                actions.add(new Action.Pin(service.name(), service.uid(), hash));
            }
        }
        return actions;
    }

    static List<Action> off(Observed o) {
        List<Action> actions = new ArrayList<>();
        for (ServiceFacts service : o.services()) {
            if (service.pinned() != null) {
                actions.add(new Action.Unpin(service.name(), service.uid()));
            }
        }
        return actions;
    }

    /**
     * Whether a Service is narrowed to pods of which none is ready: whatever else is going on, that is an outage as long
     * as it is not widened.
     */
    static boolean dead(Observed o) {
        return o.services().stream().anyMatch(s -> s.pinned() != null && ready(o, s) == 0);
    }

    private static int ready(Observed o, ServiceFacts service) {
        ReplicaSetFacts current = o.deployment() == null ? null : o.deployment().current();
        return Stream.of(Optional.ofNullable(o.target()), Optional.ofNullable(current))
                .flatMap(Optional::stream)
                .filter(set -> set.hash().equals(service.pinned()))
                .findFirst()
                .map(ReplicaSetFacts::ready)
                .orElse(service.readyPods().size());
    }

    static Outcome unpin(Observed o) {
        return none(o) ? Outcome.DONE : new Act("giving the Services their own selector back", off(o));
    }

    /** Whether another Migration moves one of the Services, and which. */
    static Optional<Await> locked(Observed o) {
        return o.services().stream()
                .filter(s -> s.lockedBy() != null)
                .findFirst()
                .map(s -> new Await(
                        "Locked",
                        "%s has Service %s in hand; this one starts when it has ended"
                                .formatted(s.lockedBy(), s.name())));
    }

    /**
     * A second Service with the original selector keeps every endpoint referenced while it drains: some data planes
     * cut the live connections of a pod that no Service selects any more. There can be but one for a Service, so it is
     * the lock between Migrations as well: the API server creates it for one of them only.
     */
    static Outcome holdEndpoints(Observed o) {
        Optional<Await> locked = locked(o);
        if (locked.isPresent()) {
            return locked.get();
        }
        List<Action> missing = o.services().stream()
                .filter(s -> !o.holds().contains(s.name()))
                .<Action>map(s -> new Action.CreateHold(s.name()))
                .toList();
        return missing.isEmpty() ? Outcome.DONE : new Act("creating the hold Service(s)", missing);
    }
}
