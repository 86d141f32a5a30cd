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
import dev.segue.staging.TargetName;
import dev.segue.traffic.Selectors;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A small cluster in memory, with a clock of its own: a Deployment whose controller rolls out, pauses and adopts as the
 * real one does, ReplicaSets, pods that get ready after a while, and Services whose endpoints lag behind. It is what
 * the pure engine is run against; it knows nothing of the Kubernetes API.
 *
 * <p>It also knows what no operator can see: which pods clients still use. A pod that is stopped while it is in use has
 * failed a request; each such moment is kept in {@link #broken}.
 */
final class World {
    /** From a change of the selector or of a pod until the EndpointSlice has it. */
    static final Duration ENDPOINTS = Duration.ofSeconds(2);

    /** From the EndpointSlice until the last node has it. */
    static final Duration NODES = Duration.ofSeconds(12);

    /** How long a client uses a connection that it has. */
    static final Duration CONNECTIONS = Duration.ofSeconds(25);

    /** From the end of a ReplicaSet until its pods are told to stop. */
    static final Duration COLLECTION = Duration.ofSeconds(3);

    /** From SIGTERM until the pod is gone. */
    static final Duration STOPPING = Duration.ofSeconds(5);

    static final class Pod {
        final String uid;
        final Instant created;
        final @Nullable Instant readyAt;

        @Nullable
        Instant stoppedAt;

        Instant lastRouted = Instant.MIN;
        boolean down;
        int restarts;

        @Nullable
        String trouble;

        Pod(String uid, Instant created, @Nullable Instant readyAt) {
            this.uid = uid;
            this.created = created;
            this.readyAt = readyAt;
        }

        boolean ready(Instant now) {
            return stoppedAt == null && !down && readyAt != null && !now.isBefore(readyAt);
        }

        boolean used(Instant now) {
            return !lastRouted.equals(Instant.MIN)
                    && lastRouted.plus(NODES).plus(CONNECTIONS).isAfter(now);
        }
    }

    static final class ReplicaSet {
        final String name;
        final String uid;
        final String hash;
        final String template;
        final List<Pod> pods = new ArrayList<>();
        int wanted;

        @Nullable
        String controller;

        boolean marked;

        /** Deleted by someone, and kept by our finalizer: it makes and stops no pods any more. */
        boolean deleting;

        @Nullable
        Instant goneAt;

        ReplicaSet(String name, String uid, String hash, String template, int wanted, @Nullable String controller) {
            this.name = name;
            this.uid = uid;
            this.hash = hash;
            this.template = template;
            this.wanted = wanted;
            this.controller = controller;
        }

        int active() {
            return (int) pods.stream().filter(p -> p.stoppedAt == null).count();
        }

        int ready(Instant now) {
            return (int) pods.stream().filter(p -> p.ready(now)).count();
        }
    }

    static final class Deployment {
        final String uid;
        String template;
        int replicas;
        boolean paused;
        boolean marked;
        int generation = 1;
        int observedGeneration;
        int total;
        int updated;
        int available;

        Deployment(String uid, String template, int replicas) {
            this.uid = uid;
            this.template = template;
            this.replicas = replicas;
        }
    }

    static final class Service {
        final String name;
        final String uid;
        final TreeMap<Instant, Set<String>> slices = new TreeMap<>();

        @Nullable
        String pin;

        boolean held;
        boolean marked;

        Service(String name, String uid) {
            this.name = name;
            this.uid = uid;
        }

        Set<String> endpoints(Instant now) {
            Map.Entry<Instant, Set<String>> entry = slices.floorEntry(now.minus(ENDPOINTS));
            return entry == null ? Set.of() : entry.getValue();
        }
    }

    /** What went wrong for the users. Empty as long as the promise is kept. */
    final List<String> broken = new ArrayList<>();

    /** How long pods of a template take to get ready; null for never. Absent templates take 5 s. */
    final Map<String, @Nullable Duration> startup = new HashMap<>();

    final List<ReplicaSet> sets = new ArrayList<>(); // oldest first

    /** Deleted ones, whose pods are not collected yet. */
    final List<ReplicaSet> gone = new ArrayList<>();

    final List<Service> services = new ArrayList<>();
    /** UID of the Migration that is under way. */
    String migration = "uid-of-the-first-migration";

    String desired;
    Instant now = Instant.parse("2026-01-01T00:00:00Z");

    @Nullable
    Deployment deployment;

    /** The fewest live endpoints that every Service must have. */
    int floor;

    /** Whether the user himself made the Deployment stop pods, which then are not ours to answer for. */
    boolean usersChurn;

    /** Whether the user has deleted the application, so that nobody minds what is stopped. */
    boolean abandoned;

    private int serial;

    World(String running, String desired, int replicas, String... services) {
        this.desired = desired;
        deployment = new Deployment("uid-of-the-deployment", running, replicas);
        for (String name : services) {
            this.services.add(new Service(name, "uid-of-" + name));
        }
        tick(Duration.ofMinutes(1));
        broken.clear();
        floor = replicas;
    }

    static World ofShop() {
        return new World("v1", "v2", 4, "shop", "shop-internal");
    }

    // ---- the controllers ----

    void tick(Duration duration) {
        for (long i = 0; i < duration.toSeconds(); i++) {
            now = now.plusSeconds(1);
            sets.forEach(this::runPods);
            gone.forEach(this::collect);
            gone.removeIf(s -> s.pods.isEmpty());
            if (deployment != null) {
                control(deployment);
            }
            services.forEach(this::route);
        }
    }

    /** Goes on until something has changed that an operator would be woken for, or for this long. */
    void awaitChange(Duration limit) {
        int before = visible();
        for (long i = 0; i < limit.toSeconds() && visible() == before; i++) {
            tick(Duration.ofSeconds(1));
        }
    }

    private int visible() {
        int hash = deployment == null
                ? 0
                : Objects.hash(
                        deployment.observedGeneration, deployment.total, deployment.updated, deployment.available);
        for (ReplicaSet set : sets) {
            hash = Objects.hash(hash, set.wanted, set.controller, set.pods.size(), set.ready(now));
        }
        for (Service service : services) {
            hash = 31 * hash + service.endpoints(now).hashCode();
        }
        return hash;
    }

    private void collect(ReplicaSet set) {
        if (!now.isBefore(Objects.requireNonNull(set.goneAt).plus(COLLECTION))) {
            set.pods.stream().filter(p -> p.stoppedAt == null).forEach(p -> stop(set, p));
        }
        removeStopped(set);
    }

    private void removeStopped(ReplicaSet set) {
        set.pods.removeIf(p -> p.stoppedAt != null && !now.isBefore(p.stoppedAt.plus(STOPPING)));
    }

    private void runPods(ReplicaSet set) {
        removeStopped(set);
        if (set.deleting) {
            return;
        }
        while (set.active() < set.wanted) {
            Duration takes = startup.getOrDefault(set.template, Duration.ofSeconds(5));
            set.pods.add(new Pod("pod-" + ++serial, now, takes == null ? null : now.plus(takes)));
        }
        set.pods.stream()
                .filter(p -> p.stoppedAt == null)
                .sorted(Comparator.comparing((Pod p) -> p.ready(now))
                        .thenComparing(p -> p.created, Comparator.reverseOrder()))
                .limit(Math.max(0, set.active() - set.wanted))
                .toList()
                .forEach(p -> stop(set, p));
    }

    private void stop(ReplicaSet set, Pod pod) {
        boolean ours = migration.equals(set.controller);
        if (pod.ready(now) && pod.used(now) && !abandoned && (ours || !usersChurn)) {
            broken.add("%s: pod %s of %s (%s) was stopped in use".formatted(now, pod.uid, set.name, set.template));
        }
        pod.stoppedAt = now;
    }

    /** As kube-controller-manager's: claim orphans; the oldest set with the template is the new one; roll. */
    private void control(Deployment d) {
        sets.stream().filter(s -> s.controller == null && !s.deleting).forEach(s -> s.controller = d.uid);
        List<ReplicaSet> own = owned(d);
        ReplicaSet fresh = current(d);
        int surge = Math.ceilDiv(d.replicas, 4);
        int least = d.replicas - d.replicas / 4;
        int all = own.stream().mapToInt(s -> s.wanted).sum();
        if (d.paused) {
            List<ReplicaSet> active = own.stream().filter(s -> s.wanted > 0).toList();
            if (active.size() == 1) {
                active.getFirst().wanted = d.replicas;
            } else if (fresh != null && fresh.wanted == d.replicas && fresh.ready(now) == d.replicas) {
                active.stream().filter(s -> s != fresh).forEach(s -> s.wanted = 0);
            }
        } else if (fresh == null) {
            String hash = "4" + ++serial;
            ReplicaSet made = new ReplicaSet(
                    "shop-" + hash,
                    "rs-" + hash,
                    hash,
                    d.template,
                    Math.clamp(d.replicas + surge - all, 0, d.replicas),
                    d.uid);
            sets.add(made);
        } else {
            fresh.wanted += Math.min(d.replicas - fresh.wanted, Math.max(0, d.replicas + surge - all));
            List<ReplicaSet> old =
                    own.stream().filter(s -> s != fresh && s.wanted > 0).toList();
            int room = own.stream().mapToInt(s -> s.wanted).sum() - least - (fresh.wanted - fresh.ready(now));
            for (ReplicaSet set : old) {
                int unhealthy = Math.clamp(set.wanted - set.ready(now), 0, Math.max(0, room));
                set.wanted -= unhealthy;
                room -= unhealthy;
            }
            room = Math.min(room, own.stream().mapToInt(s -> s.ready(now)).sum() - least);
            for (ReplicaSet set : old) {
                int cut = Math.clamp(room, 0, set.wanted);
                set.wanted -= cut;
                room -= cut;
            }
        }
        d.observedGeneration = d.generation;
        d.total = owned(d).stream().mapToInt(ReplicaSet::active).sum();
        d.available = owned(d).stream().mapToInt(s -> s.ready(now)).sum();
        ReplicaSet updated = current(d);
        d.updated = updated == null ? 0 : updated.active();
    }

    private void route(Service service) {
        Set<String> ready = Stream.concat(sets.stream(), gone.stream())
                .filter(s -> service.pin == null || service.pin.equals(s.hash))
                .flatMap(s -> s.pods.stream())
                .filter(p -> p.ready(now))
                .map(p -> p.uid)
                .collect(Collectors.toCollection(TreeSet::new));
        service.slices.put(now, ready);
        service.slices.headMap(now.minusSeconds(60)).clear();
        Set<String> endpoints = service.endpoints(now);
        List<Pod> live = pods().stream()
                .filter(p -> p.ready(now) && endpoints.contains(p.uid))
                .toList();
        live.forEach(p -> p.lastRouted = now);
        if (live.size() < floor) {
            broken.add("%s: Service %s (narrowed to %s) has %d live endpoint(s), fewer than %d"
                    .formatted(now, service.name, service.pin, live.size(), floor));
        }
    }

    List<Pod> pods() {
        return Stream.concat(sets.stream(), gone.stream())
                .flatMap(s -> s.pods.stream())
                .toList();
    }

    private List<ReplicaSet> owned(Deployment d) {
        return sets.stream().filter(s -> d.uid.equals(s.controller)).toList();
    }

    private @Nullable ReplicaSet current(Deployment d) {
        return owned(d).stream()
                .filter(s -> s.template.equals(d.template))
                .findFirst()
                .orElse(null);
    }

    // ---- what the user and fate do ----

    Deployment shop() {
        return Objects.requireNonNull(deployment);
    }

    void scale(int replicas) {
        usersChurn = usersChurn || replicas < shop().replicas;
        floor = Math.min(floor, replicas);
        shop().replicas = replicas;
        shop().generation++;
    }

    void setTemplate(String template) {
        usersChurn = true;
        shop().template = template;
        shop().generation++;
    }

    /** The garbage collector takes what the Deployment controls with it. */
    void deleteDeployment() {
        usersChurn = true;
        owned(shop()).forEach(this::remove);
        deployment = null;
    }

    void remove(ReplicaSet set) {
        set.goneAt = now;
        sets.remove(set);
        gone.add(set);
    }

    /** Our ReplicaSet, whoever controls it now; null when there is none. */
    @Nullable
    ReplicaSet target() {
        String hash = TargetName.hash(migration);
        return sets.stream().filter(s -> s.hash.equals(hash)).findFirst().orElse(null);
    }

    /** Another Migration, when the one before has ended. */
    World nextMigration(String uid, String template) {
        migration = uid;
        desired = template;
        return this;
    }

    /** Number of our ReplicaSet's pods that are in use by clients, as a metric of the application would tell. */
    Reading requests(@Nullable String replicaSet) {
        return new Reading.Value(sets.stream()
                .filter(s -> s.name.equals(replicaSet))
                .flatMap(s -> s.pods.stream())
                .filter(p -> p.used(now))
                .count());
    }

    // ---- what the operator does ----

    /** As the API server: an action whose precondition does not hold any more is refused, that is, does nothing. */
    void perform(Action action) {
        switch (action) {
            case Action.CreateTarget(String name, String hash, int replicas) -> {
                if (sets.stream().noneMatch(s -> s.name.equals(name))) {
                    sets.add(new ReplicaSet(name, "rs-" + hash, hash, desired, replicas, migration));
                }
            }
            case Action.ScaleTarget(var _, String uid, int replicas) ->
                sets.stream().filter(s -> s.uid.equals(uid)).forEach(s -> s.wanted = replicas);
            case Action.CreateHold(String name) -> service(name).held = true;
            case Action.Pin(String name, var _, String hash) -> {
                int ready = sets.stream()
                        .filter(s -> s.hash.equals(hash))
                        .mapToInt(s -> s.ready(now))
                        .sum();
                if (ready < floor) {
                    broken.add(
                            "%s: Service %s was narrowed to %s with %d ready pod(s)".formatted(now, name, hash, ready));
                }
                service(name).pin = hash;
                service(name).marked = true;
            }
            case Action.Unpin(String name, var _) -> service(name).pin = null;
            case Action.ApplyChange(String uid, boolean pause) -> {
                if (deployment != null && deployment.uid.equals(uid)) {
                    deployment.generation += deployment.template.equals(desired) && deployment.paused == pause ? 0 : 1;
                    deployment.template = desired;
                    deployment.paused = pause;
                    deployment.marked = true;
                }
            }
            case Action.Resume(String uid) -> {
                if (deployment != null && deployment.uid.equals(uid) && deployment.paused) {
                    deployment.generation++;
                    deployment.paused = false;
                }
            }
            case Action.ReleaseTarget(var _, String uid) ->
                sets.stream()
                        .filter(s -> s.uid.equals(uid) && migration.equals(s.controller))
                        .forEach(s -> {
                            s.controller = null;
                            s.marked = true;
                        });
            case Action.DeleteTarget(var _, String uid) ->
                sets.stream().filter(s -> s.uid.equals(uid)).toList().forEach(this::remove);
            case Action.DeleteHold(String name) -> service(name).held = false;
            case Action.ForgetFields(Action.ForgetFields.Kind kind, String name) -> {
                switch (kind) {
                    case Deployment -> shop().marked = false;
                    case ReplicaSet ->
                        sets.stream().filter(s -> s.name.equals(name)).forEach(s -> s.marked = false);
                    case Service -> service(name).marked = false;
                }
            }
        }
    }

    Service service(String name) {
        return services.stream().filter(s -> s.name.equals(name)).findFirst().orElseThrow();
    }

    // ---- what the operator sees ----

    Observed look(
            MigrationSpec spec,
            MigrationStatus status,
            boolean deleting,
            @Nullable String command,
            @Nullable String precededBy,
            Map<String, Reading> readings,
            @Nullable Reading drainReading) {
        ReplicaSet target = status.target() == null ? null : target();
        boolean assessing = status.phaseOrPending() == Phase.Assessing;
        String wanted = target != null ? target.template : assessing ? desired : null;
        return new Observed(
                now,
                new Subject("prod", "shop-2", migration, 1, deleting, command),
                spec,
                status,
                deployment == null ? null : facts(deployment, target, wanted),
                target == null ? null : facts(target),
                (int) gone.stream()
                        .filter(s -> status.target() != null
                                && s.hash.equals(status.target().hash()))
                        .flatMap(s -> s.pods.stream())
                        .filter(p -> p.stoppedAt == null)
                        .count(),
                status.phaseOrPending() == Phase.Pending
                        ? List.of()
                        : services.stream().map(this::facts).toList(),
                null,
                assessing ? new ChangeFacts(null) : null,
                precededBy,
                readings,
                drainReading);
    }

    private DeploymentFacts facts(Deployment d, @Nullable ReplicaSet target, @Nullable String wanted) {
        ReplicaSet current = current(d);
        boolean twin = owned(d).stream()
                .filter(s -> s != target && (target == null || sets.indexOf(s) < sets.indexOf(target)))
                .anyMatch(s -> s.template.equals(wanted));
        return new DeploymentFacts(
                d.uid,
                d.observedGeneration == d.generation,
                d.replicas,
                d.total,
                d.updated,
                d.available,
                d.paused,
                Map.of("app", "shop"),
                List.of("app"),
                true,
                d.template.equals(wanted),
                current == null ? null : facts(current),
                twin,
                null,
                d.marked);
    }

    private ReplicaSetFacts facts(ReplicaSet s) {
        return new ReplicaSetFacts(
                s.name,
                s.uid,
                s.hash,
                s.wanted,
                s.controller,
                s.deleting,
                deployment != null && s.template.equals(deployment.template),
                s.marked,
                s.pods.stream().map(this::facts).toList());
    }

    private PodFacts facts(Pod p) {
        return new PodFacts(
                p.uid, p.uid, p.ready(now), p.ready(now), p.stoppedAt != null, p.restarts, p.trouble, null, p.created);
    }

    private ServiceFacts facts(Service s) {
        return new ServiceFacts(
                s.name,
                s.uid,
                s.pin == null ? Map.of("app", "shop") : Map.of("app", "shop", Selectors.HASH, s.pin),
                List.copyOf(s.endpoints(now)),
                null,
                s.held,
                s.marked);
    }

    /** The user's objects and ours, without what differs from run to run. */
    @Override
    public String toString() {
        return "deployment %s; sets %s; services %s"
                .formatted(
                        deployment == null
                                ? "gone"
                                : "%s x%d%s%s"
                                        .formatted(
                                                deployment.template,
                                                deployment.replicas,
                                                deployment.paused ? " paused" : "",
                                                deployment.marked ? " marked" : ""),
                        sets.stream()
                                .map(s -> "%s x%d of %s, %d ready%s"
                                        .formatted(
                                                s.template,
                                                s.wanted,
                                                migration.equals(s.controller) ? "ours" : "theirs",
                                                s.ready(now),
                                                s.marked ? " marked" : ""))
                                .toList(),
                        services.stream()
                                .map(s -> s.name
                                        + (s.pin == null ? "" : " pinned")
                                        + (s.held ? " held" : "")
                                        + (s.marked ? " marked" : ""))
                                .toList());
    }
}
