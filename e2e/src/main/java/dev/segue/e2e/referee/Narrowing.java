package dev.segue.e2e.referee;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import java.util.List;

/** {@link Invariant#NARROWING}. Who narrows does not matter; to give a Service more pods is never wrong. */
final class Narrowing implements Rule {
    @Override
    public List<Violation> check(Change change, World world) {
        if (!(change.before() instanceof Service before)
                || !(change.after() instanceof Service after)
                || World.selector(before).equals(World.selector(after))) {
            return List.of();
        }
        return world.moving(after.getMetadata().getName()).stream()
                .flatMap(migration -> judge(change, before, after, migration, world).stream())
                .toList();
    }

    private static List<Violation> judge(Change change, Service before, Service after, Running migration, World world) {
        List<Pod> chosen = world.serving(World.selector(after));
        if (chosen.containsAll(world.serving(World.selector(before)))) {
            return List.of();
        }
        int needed = world.find(Deployment.class, migration.deployment())
                .map(d -> d.getSpec().getReplicas())
                .orElse(migration.promised());
        return chosen.size() >= needed
                ? List.of()
                : List.of(Violation.of(
                        Invariant.NARROWING,
                        change,
                        "narrowed from %s to %s, of which %d pod(s) are ready instead of %d"
                                .formatted(World.selector(before), World.selector(after), chosen.size(), needed)));
    }
}
