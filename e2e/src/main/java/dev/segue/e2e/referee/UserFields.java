package dev.segue.e2e.referee;

import com.fasterxml.jackson.databind.JsonNode;
import dev.segue.api.Migration;
import dev.segue.e2e.witness.Json;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.PodTemplateSpecBuilder;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.ReplicaSet;
import java.util.List;
import java.util.Optional;

/**
 * {@link Invariant#USER_FIELDS}. Documented are: of a Deployment the template, which becomes the target's, and
 * {@code paused}; of a Service one key of the selector; of anything else nothing. A field that someone removed without
 * a signature is the operator's doing while a Migration moves that object, unless the test announced it.
 */
final class UserFields implements Rule {
    @Override
    public List<Violation> check(Change change, World world) {
        HasMetadata before = change.before();
        HasMetadata after = change.after();
        if (before == null || after == null || !ofUser(before)) {
            return List.of();
        }
        boolean unsigned = Authors.of(change).isEmpty() && moved(after, world).isPresent();
        return Difference.between(before, after).stream()
                .filter(d -> Authors.bySegue(change, d) || (unsigned && d.removed()))
                .filter(d -> !documented(d, after, world))
                .map(d -> Violation.of(Invariant.USER_FIELDS, change, d.toString()))
                .toList();
    }

    private static boolean ofUser(HasMetadata object) {
        return (object instanceof Deployment || object instanceof Service || object instanceof ReplicaSet)
                && Acts.owner(object).isEmpty();
    }

    private static boolean documented(Difference d, HasMetadata after, World world) {
        return switch (after) {
            case Deployment deployment
            when d.in("spec", "template") ->
                moved(deployment, world)
                        .flatMap(r -> target(r, world))
                        .filter(target ->
                                json(target).equals(json(deployment.getSpec().getTemplate())))
                        .isPresent();
            case Deployment _ -> d.in("spec", "paused") || isFence(d);
            case Service _ -> d.in("spec", "selector", World.HASH);
            default -> false;
        };
    }

    /** Of a Deployment whose handover is given up. */
    static boolean isFence(Difference d) {
        return d.in("metadata", "annotations", "segue.dev/fence");
    }

    private static Optional<Running> moved(HasMetadata object, World world) {
        String name = object.getMetadata().getName();
        return switch (object) {
            case Deployment _ ->
                world.running().stream()
                        .filter(r -> r.deployment().equals(name))
                        .findFirst();
            case Service _ -> world.moving(name);
            default -> Optional.empty();
        };
    }

    /** The template of the target's ReplicaSet, as it was before it was given a hash. */
    private static Optional<PodTemplateSpec> target(Running running, World world) {
        return world.find(Migration.class, running.migration())
                .flatMap(m -> Optional.ofNullable(World.status(m).target()))
                .flatMap(t -> world.find(ReplicaSet.class, t.replicaSet()))
                .map(set -> new PodTemplateSpecBuilder(set.getSpec().getTemplate())
                        .editMetadata()
                        .removeFromLabels(World.HASH)
                        .endMetadata()
                        .build());
    }

    private static JsonNode json(PodTemplateSpec template) {
        return Json.MAPPER.valueToTree(template);
    }
}
