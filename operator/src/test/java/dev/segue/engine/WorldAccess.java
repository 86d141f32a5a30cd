package dev.segue.engine;

import dev.segue.analysis.Reading;
import dev.segue.api.MigrationSpec;
import dev.segue.api.MigrationStatus;
import dev.segue.api.Phase;
import dev.segue.api.PlanStatus;
import dev.segue.api.PlanStatus.Basis;
import dev.segue.engine.Observed.ChangeFacts;
import dev.segue.engine.Observed.DeploymentFacts;
import dev.segue.engine.Observed.PodFacts;
import dev.segue.engine.Observed.ReplicaSetFacts;
import dev.segue.engine.Observed.Reported;
import dev.segue.engine.Observed.ServiceFacts;
import dev.segue.engine.Observed.Subject;
import dev.segue.engine.Sight.Read;
import dev.segue.engine.World.Deployment;
import dev.segue.engine.World.Pod;
import dev.segue.engine.World.ReplicaSet;
import dev.segue.engine.World.Service;
import dev.segue.plan.Grounds;
import dev.segue.traffic.Selectors;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What the operator can do and see in a {@link World}: its hands and its eyes. */
final class WorldAccess {
    private final World world;
    private final Sight sight;

    /** Whether a plan is made; it is no part of a {@link Situation}. */
    boolean plans;

    WorldAccess(World world) {
        this(world, _ -> world);
    }

    WorldAccess(World world, Sight sight) {
        this.world = world;
        this.sight = sight;
    }

    /** As the API server: an action whose precondition does not hold any more is refused, that is, does nothing. */
    void perform(Action action) {
        switch (action) {
            case Action.CreateTarget(String name, String hash) -> {
                if (world.sets.stream().noneMatch(s -> s.name.equals(name))) {
                    world.sets.add(new ReplicaSet(name, "rs-" + hash, hash, world.desired, 0, world.migration));
                }
            }
            case Action.OnStage _ -> throw new IllegalStateException("there is no staging in this world");
            case Action.ScaleTarget(var _, String uid, int replicas) ->
                world.findSet(uid).ifPresent(s -> s.wanted = replicas);
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
                    d.pausedByUs |= pauses;
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
                if (d != null && d.uid.equals(uid) && d.pausedByUs) {
                    d.generation++;
                    d.paused = false;
                    d.pausedByUs = false;
                }
            }
            case Action.ReleaseTarget(var _, String uid, int replicas) ->
                world.findSet(uid)
                        .filter(s -> world.migration.equals(s.controller) && !s.deleting)
                        .ifPresent(s -> {
                            s.controller = null;
                            s.size = replicas;
                            s.marked = true;
                        });
            case Action.DeleteTarget(var _, String uid) -> world.findSet(uid).ifPresent(world::remove);
            case Action.DeleteHold(String name) -> world.service(name).held = false;
            case Action.WriteReport(Phase during) -> world.report = world.reportsRefused ? world.report : during;
            case Action.ForgetFields(Action.ForgetFields.Kind kind, String name) -> {
                switch (kind) {
                    case Deployment -> {
                        world.shop().marked = false;
                        world.shop().pausedByUs = false;
                        world.shop().fence = null;
                    }
                    case ReplicaSet ->
                        world.sets.stream().filter(s -> s.name.equals(name)).forEach(s -> s.marked = false);
                    case Service -> world.service(name).marked = false;
                }
            }
        }
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
        Instant now = sight.at(Read.MIGRATION).now;
        Deployment deployment = sight.at(Read.DEPLOYMENT).deployment;
        ReplicaSet target =
                status.target() == null ? null : sight.at(Read.REPLICA_SETS).target();
        List<Service> services = sight.at(Read.SERVICES).services;
        Phase phase = status.phaseOrPending();
        String wanted = target != null ? target.template : phase == Phase.Assessing ? world.desired : null;
        return new Observed(
                now,
                new Subject("prod", "shop-2", world.migration, 1, deleting, command),
                spec,
                status,
                deployment == null ? null : facts(deployment, target, wanted),
                target == null ? null : facts(target),
                target != null || status.target() == null
                        ? 0
                        : strays(status.target().hash()),
                phase == Phase.Pending
                        ? List.of()
                        : services.stream().map(this::facts).toList(),
                null,
                services.stream().filter(s -> s.held).map(s -> s.name).collect(Collectors.toSet()),
                phase == Phase.Assessing ? new ChangeFacts(null, Map.of("app", "shop")) : null,
                precededBy,
                readings,
                drainReading,
                status.taskSince() == null ? now : status.taskSince(),
                java.util.List.of(),
                plans && phase == Phase.Assessing && deployment != null ? planned(spec, deployment) : null,
                reported(phase),
                null);
    }

    private Reported reported(Phase phase) {
        if (world.foreignReport) {
            return Reported.FOREIGN;
        }
        return world.report == phase ? Reported.YES : Reported.NO;
    }

    /** Rests on the spec, the template and the Services. */
    private PlanStatus planned(MigrationSpec spec, Deployment d) {
        List<Basis> basis = new ArrayList<>(Grounds.of(spec));
        basis.add(new Basis("Deployment shop", d.uid));
        basis.add(new Basis("Deployment shop: template", d.template));
        world.services.forEach(s -> basis.add(new Basis("Service " + s.name, s.uid)));
        return new PlanStatus(Integer.toHexString(basis.hashCode()), world.now, null, basis, null, null, null, null);
    }

    private int strays(String hash) {
        World pods = sight.at(Read.PODS);
        return (int) Stream.concat(pods.sets.stream(), pods.gone.stream())
                .filter(s -> s.hash.equals(hash))
                .flatMap(s -> s.pods.stream())
                .filter(p -> p.stoppedAt == null)
                .count();
    }

    private DeploymentFacts facts(Deployment d, @Nullable ReplicaSet target, @Nullable String wanted) {
        World sets = sight.at(Read.REPLICA_SETS);
        ReplicaSet current = sets.current(d);
        boolean twin = sets.owned(d).stream()
                .filter(s -> s != target && (target == null || sets.sets.indexOf(s) < sets.sets.indexOf(target)))
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
                d.pausedByUs,
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
        Deployment d = sight.at(Read.DEPLOYMENT).deployment;
        World pods = sight.at(Read.PODS);
        return new ReplicaSetFacts(
                s.name,
                s.uid,
                s.hash,
                s.wanted,
                s.controller,
                s.deleting,
                d != null && s.template.equals(d.template),
                s.marked,
                Stream.concat(pods.sets.stream(), pods.gone.stream())
                        .filter(other -> other.uid.equals(s.uid))
                        .limit(1)
                        .flatMap(other -> other.pods.stream())
                        .map(p -> facts(p, pods.now))
                        .toList());
    }

    private static PodFacts facts(Pod p, Instant now) {
        boolean ready = p.ready(now);
        return new PodFacts(p.uid, p.uid, ready, ready, p.stoppedAt != null, p.restarts, p.trouble, null, p.created);
    }

    private ServiceFacts facts(Service s) {
        return new ServiceFacts(
                s.name,
                s.uid,
                "1",
                s.pin == null ? Map.of("app", "shop") : Map.of("app", "shop", Selectors.HASH, s.pin),
                sight.at(Read.ENDPOINTS).endpoints(s.name),
                null,
                s.selects,
                s.lockedBy,
                "somebody-else",
                s.marked);
    }
}
