package dev.segue.engine;

import dev.segue.analysis.Reading;
import dev.segue.api.MigrationSpec;
import dev.segue.api.MigrationStatus;
import dev.segue.api.Phase;
import dev.segue.engine.Observed.ChangeFacts;
import dev.segue.engine.Observed.DeploymentFacts;
import dev.segue.engine.Observed.PodFacts;
import dev.segue.engine.Observed.ReplicaSetFacts;
import dev.segue.engine.Observed.ServiceFacts;
import dev.segue.engine.Observed.Subject;
import dev.segue.engine.World.Deployment;
import dev.segue.engine.World.Pod;
import dev.segue.engine.World.ReplicaSet;
import dev.segue.engine.World.Service;
import dev.segue.traffic.Selectors;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What the operator can do and see in a {@link World}: its hands and its eyes. */
final class WorldAccess {
    private final World world;

    WorldAccess(World world) {
        this.world = world;
    }

    /** As the API server: an action whose precondition does not hold any more is refused, that is, does nothing. */
    void perform(Action action) {
        switch (action) {
            case Action.CreateTarget(String name, String hash) -> {
                if (world.sets.stream().noneMatch(s -> s.name.equals(name))) {
                    world.sets.add(new ReplicaSet(name, "rs-" + hash, hash, world.desired, 0, world.migration));
                }
            }
            case Action.ScaleTarget(var _, String uid, int replicas) -> set(uid).forEach(s -> s.wanted = replicas);
            case Action.CreateHold(String name) -> world.service(name).held = !world.servicesRefused;
            case Action.Pin(String name, var _, String hash) -> pin(world.service(name), hash);
            case Action.Unpin(String name, var _) -> {
                Service service = world.service(name);
                service.pin = null;
                service.version++;
            }
            case Action.ApplyChange(String uid, boolean pause) -> {
                Deployment d = world.deployment;
                if (d != null && d.uid.equals(uid)) {
                    boolean pauses = pause && !d.paused;
                    d.generation += d.template.equals(world.desired) && !pauses ? 0 : 1;
                    d.template = world.desired;
                    d.paused |= pause;
                    d.marked = true;
                }
            }
            case Action.Fence(String uid, String token) -> {
                Deployment d = world.deployment;
                if (d != null && d.uid.equals(uid)) {
                    d.fence = token;
                    d.fences++;
                }
            }
            case Action.Resume(String uid) -> {
                Deployment d = world.deployment;
                if (d != null && d.uid.equals(uid) && d.paused) {
                    d.generation++;
                    d.paused = false;
                }
            }
            case Action.ReleaseTarget(var _, String uid, int replicas) ->
                set(uid).stream()
                        .filter(s -> world.migration.equals(s.controller) && !s.deleting)
                        .forEach(s -> {
                            s.controller = null;
                            s.size = replicas;
                            s.marked = true;
                        });
            case Action.DeleteTarget(var _, String uid) -> set(uid).forEach(world::remove);
            case Action.DeleteHold(String name) -> world.service(name).held = false;
            case Action.ForgetFields(Action.ForgetFields.Kind kind, String name) -> {
                switch (kind) {
                    case Deployment -> {
                        world.shop().marked = false;
                        world.shop().fence = null;
                    }
                    case ReplicaSet ->
                        world.sets.stream().filter(s -> s.name.equals(name)).forEach(s -> s.marked = false);
                    case Service -> world.service(name).marked = false;
                }
            }
        }
    }

    private List<ReplicaSet> set(String uid) {
        return world.sets.stream().filter(s -> s.uid.equals(uid)).toList();
    }

    private void pin(Service service, String hash) {
        int ready = world.sets.stream()
                .filter(s -> s.hash.equals(hash))
                .mapToInt(s -> s.ready(world.now))
                .sum();
        int needed = world.deployment == null ? 1 : world.deployment.replicas;
        if (ready < Math.max(1, needed)) {
            world.broken.add("%s: Service %s was narrowed to %s with %d ready pod(s)"
                    .formatted(world.now, service.name, hash, ready));
        }
        service.pin = hash;
        service.version++;
        service.marked = true;
    }

    Observed look(
            MigrationSpec spec,
            MigrationStatus status,
            boolean deleting,
            @Nullable String command,
            @Nullable String precededBy,
            Map<String, Reading> readings,
            @Nullable Reading drainReading) {
        Deployment deployment = world.deployment;
        ReplicaSet target = status.target() == null ? null : world.target();
        Phase phase = status.phaseOrPending();
        String wanted = target != null ? target.template : phase == Phase.Assessing ? world.desired : null;
        return new Observed(
                world.now,
                new Subject("prod", "shop-2", world.migration, 1, deleting, command),
                spec,
                status,
                deployment == null ? null : facts(deployment, target, wanted),
                target == null ? null : facts(target),
                status.target() == null ? 0 : strays(status.target().hash()),
                phase == Phase.Pending
                        ? List.of()
                        : world.services.stream().map(this::facts).toList(),
                null,
                world.services.stream().filter(s -> s.held).map(s -> s.name).collect(Collectors.toSet()),
                phase == Phase.Assessing ? new ChangeFacts(null, Map.of("app", "shop")) : null,
                precededBy,
                readings,
                drainReading,
                status.taskSince() == null ? world.now : status.taskSince());
    }

    private int strays(String hash) {
        return (int) world.gone.stream()
                .filter(s -> s.hash.equals(hash))
                .flatMap(s -> s.pods.stream())
                .filter(p -> p.stoppedAt == null)
                .count();
    }

    private DeploymentFacts facts(Deployment d, @Nullable ReplicaSet target, @Nullable String wanted) {
        ReplicaSet current = world.current(d);
        boolean twin = world.owned(d).stream()
                .filter(s -> s != target && (target == null || world.sets.indexOf(s) < world.sets.indexOf(target)))
                .anyMatch(s -> s.template.equals(wanted));
        return new DeploymentFacts(
                d.uid,
                String.valueOf(d.generation),
                d.observedGeneration == d.generation,
                d.replicas,
                d.total,
                d.updated,
                d.available,
                d.paused,
                List.of("app"),
                true,
                d.template.equals(wanted),
                current == null ? null : facts(current),
                twin,
                null,
                d.marked,
                d.fence);
    }

    private ReplicaSetFacts facts(ReplicaSet s) {
        return new ReplicaSetFacts(
                s.name,
                s.uid,
                s.hash,
                s.wanted,
                s.controller,
                s.deleting,
                world.deployment != null && s.template.equals(world.deployment.template),
                s.marked,
                s.pods.stream().map(this::facts).toList());
    }

    private PodFacts facts(Pod p) {
        boolean ready = p.ready(world.now);
        return new PodFacts(p.uid, p.uid, ready, ready, p.stoppedAt != null, p.restarts, p.trouble, null, p.created);
    }

    private ServiceFacts facts(Service s) {
        return new ServiceFacts(
                s.name,
                s.uid,
                "1",
                s.pin == null ? Map.of("app", "shop") : Map.of("app", "shop", Selectors.HASH, s.pin),
                List.copyOf(world.endpoints(s)),
                null,
                s.selects,
                s.lockedBy,
                "somebody-else",
                s.marked);
    }
}
