package dev.segue.e2e.referee;

import io.fabric8.kubernetes.api.model.Pod;
import java.util.List;

/** {@link Invariant#SERVING_PODS}. */
final class ServingPods implements Rule {
    @Override
    public List<Violation> check(Change change, World world) {
        if (!(change.object() instanceof Pod pod) || !change.deleted()) {
            return List.of();
        }
        return world.running().stream()
                .flatMap(r -> r.services().stream())
                .filter(service -> world.readyEndpoints(service).contains(World.uid(pod)))
                .map(service -> Violation.of(
                        Invariant.SERVING_PODS,
                        change,
                        "deleted while it is a ready endpoint of Service %s".formatted(service)))
                .toList();
    }
}
