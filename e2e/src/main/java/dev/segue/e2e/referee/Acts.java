package dev.segue.e2e.referee;

import dev.segue.api.Migration;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.ReplicaSet;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Recognises the operator's acts by what they change. What nobody signed (a deletion, a field that is removed) is taken
 * for its own where it is about an object of its own: a test that does such a thing has to announce it.
 */
final class Acts {
    private Acts() {}

    /**
     * @param migration for which it was done, empty when none can be told
     */
    record Done(Act act, Optional<String> migration) {}

    static List<Done> of(Change change, World world) {
        Optional<String> migration = migration(change, world);
        return acts(change, world).map(act -> new Done(act, migration)).toList();
    }

    private static Stream<Act> acts(Change change, World world) {
        List<Act> acts = switch (change.object()) {
            case ReplicaSet _ -> replicaSet(change);
            case Service s when World.orEmpty(s.getMetadata().getLabels()).containsKey(World.HOLD_FOR) -> hold(change);
            case Service _ -> service(change, world);
            case Deployment _ -> deployment(change);
            case ConfigMap _ -> report(change);
            default -> List.of();
        };
        if (acts.isEmpty() && watched(change.object())) {
            if (Authors.forgotten(change)) {
                return Stream.of(Act.FORGET_FIELDS);
            }
            return change.after() != null && Authors.signedBySegue(change) ? Stream.of(Act.OTHER) : Stream.empty();
        }
        return acts.stream();
    }

    /** Of a Migration's ConfigMap. */
    private static List<Act> report(Change change) {
        if (change.after() == null || owner(change.after()).isEmpty()) {
            return List.of();
        }
        boolean written =
                change.before() == null || differences(change).stream().anyMatch(d -> d.in("data", "report.md"));
        return written ? List.of(Act.WRITE_REPORT) : List.of();
    }

    private static boolean watched(HasMetadata object) {
        return object instanceof ReplicaSet || object instanceof Service || object instanceof Deployment;
    }

    private static List<Act> replicaSet(Change change) {
        if (change.before() == null) {
            return owner(change.after()).isPresent() ? List.of(Act.CREATE_TARGET) : List.of();
        }
        if (owner(change.before()).isEmpty()) {
            return List.of(); // the Deployment's
        }
        if (change.deleted()) {
            return List.of(Act.DELETE_TARGET);
        }
        if (change.after() == null) {
            return List.of();
        }
        if (owner(change.after()).isEmpty()) {
            return List.of(Act.RELEASE_TARGET);
        }
        List<Act> acts = new ArrayList<>();
        for (Difference d : differences(change)) {
            if (d.in("metadata", "finalizers") && isFreed(change)) {
                acts.add(Act.DELETE_TARGET);
            } else if (d.in("spec", "replicas")) {
                int size = d.after().asInt();
                acts.add(size > d.before().asInt() ? Act.GROW_TARGET : size == 0 ? Act.STOP_TARGET : Act.SHRINK_TARGET);
            }
        }
        return acts;
    }

    /** It gets its finalizer with its first pods; only taking it off lets it go. */
    private static boolean isFreed(Change change) {
        return Objects.requireNonNull(change.after())
                        .getMetadata()
                        .getFinalizers()
                        .size()
                < Objects.requireNonNull(change.before())
                        .getMetadata()
                        .getFinalizers()
                        .size();
    }

    private static List<Act> hold(Change change) {
        if (change.before() == null) {
            return List.of(Act.CREATE_HOLD);
        }
        return change.deleted() ? List.of(Act.DELETE_HOLD) : List.of();
    }

    private static List<Act> service(Change change, World world) {
        if (!(change.after() instanceof Service after)
                || differences(change).stream().noneMatch(d -> d.in("spec", "selector"))) {
            return List.of();
        }
        String pin = World.selector(after).get(World.HASH);
        if (pin == null) {
            return List.of(Act.WIDEN);
        }
        boolean target = migration(change, world)
                .flatMap(name -> world.find(Migration.class, name))
                .map(m -> World.status(m).target())
                .filter(t -> t.hash().equals(pin))
                .isPresent();
        return List.of(target ? Act.PIN_TARGET : Act.PIN_DEPLOYMENT);
    }

    private static List<Act> deployment(Change change) {
        List<Difference> differences = differences(change);
        if (differences.stream().anyMatch(d -> d.in("spec", "template"))) {
            return List.of(Act.APPLY_CHANGE);
        }
        if (differences.stream().anyMatch(d -> UserFields.isFence(d) && !d.removed())) {
            return List.of(Act.FENCE);
        }
        return differences.stream()
                .filter(d -> d.in("spec", "paused"))
                .map(d -> d.after().asBoolean() ? Act.PAUSE : Act.RESUME)
                .toList();
    }

    /** What the operator made different. */
    private static List<Difference> differences(Change change) {
        return change.before() == null || change.after() == null
                ? List.of()
                : Difference.between(change.before(), change.after()).stream()
                        .filter(d -> Authors.bySegue(change, d))
                        .toList();
    }

    private static Optional<String> migration(Change change, World world) {
        String name = change.object().getMetadata().getName();
        Optional<String> owner = owner(change.before()).or(() -> owner(change.after()));
        return switch (change.object()) {
            case Service _ when owner.isEmpty() -> world.moving(name).map(Running::migration);
            case Deployment _ ->
                world.running().stream()
                        .filter(r -> r.deployment().equals(name))
                        .map(Running::migration)
                        .findFirst();
            case ReplicaSet _
            when owner.isEmpty() ->
                world.all(Migration.class)
                        .filter(m -> Optional.ofNullable(World.status(m).target())
                                .filter(t -> t.replicaSet().equals(name))
                                .isPresent())
                        .map(m -> m.getMetadata().getName())
                        .findFirst();
            default -> owner;
        };
    }

    /** The Migration that this object belongs to. */
    static Optional<String> owner(@Nullable HasMetadata object) {
        return Stream.ofNullable(object)
                .flatMap(o -> o.getMetadata().getOwnerReferences().stream())
                .filter(o -> Objects.equals(o.getKind(), "Migration"))
                .map(OwnerReference::getName)
                .findFirst();
    }
}
