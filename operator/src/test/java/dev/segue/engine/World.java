package dev.segue.engine;

import dev.segue.analysis.Reading;
import dev.segue.api.Phase;
import dev.segue.staging.TargetName;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
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
    /**
     * How long things take.
     *
     * @param step at what distance the controllers run
     * @param endpoints from a change of the selector or of a pod until the EndpointSlice has it
     * @param nodes from the EndpointSlice until the last node has it
     * @param connections how long a client uses a connection that it has
     * @param collection from the end of a ReplicaSet until its pods are told to stop
     * @param stopping from SIGTERM until the pod is gone
     */
    record Pace(
            Duration step,
            Duration endpoints,
            Duration nodes,
            Duration connections,
            Duration collection,
            Duration stopping) {
        static final Pace REAL = ofSeconds(1, 2, 12, 25, 3, 5);

        static Pace ofSeconds(int step, int endpoints, int nodes, int connections, int collection, int stopping) {
            return new Pace(
                    Duration.ofSeconds(step),
                    Duration.ofSeconds(endpoints),
                    Duration.ofSeconds(nodes),
                    Duration.ofSeconds(connections),
                    Duration.ofSeconds(collection),
                    Duration.ofSeconds(stopping));
        }
    }

    static final class Pod {
        final String uid;
        final Instant created;
        final @Nullable Instant readyAt;

        @Nullable
        Instant stoppedAt;

        Instant lastRouted = Instant.MIN;
        boolean down;
        Instant downUntil = Instant.MIN;
        int restarts;

        @Nullable
        String trouble;

        Pod(String uid, Instant created, @Nullable Instant readyAt) {
            this.uid = uid;
            this.created = created;
            this.readyAt = readyAt;
        }

        boolean ready(Instant now) {
            return stoppedAt == null && !down && !now.isBefore(downUntil) && readyAt != null && !now.isBefore(readyAt);
        }

        /** Whether its process could answer, also when it is not ready. */
        boolean runs(Instant now) {
            return stoppedAt == null && trouble == null && readyAt != null && !now.isBefore(readyAt);
        }

        Pod(Pod other) {
            this(other.uid, other.created, other.readyAt);
            stoppedAt = other.stoppedAt;
            lastRouted = other.lastRouted;
            down = other.down;
            downUntil = other.downUntil;
            restarts = other.restarts;
            trouble = other.trouble;
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

        /** The size of the Deployment that its annotations tell; null while no Deployment has scaled it. */
        @Nullable
        Integer size;

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

        ReplicaSet(ReplicaSet other) {
            this(other.name, other.uid, other.hash, other.template, other.wanted, other.controller);
            other.pods.forEach(p -> pods.add(new Pod(p)));
            marked = other.marked;
            size = other.size;
            deleting = other.deleting;
            goneAt = other.goneAt;
        }

        int active() {
            return (int) pods.stream().filter(p -> p.stoppedAt == null).count();
        }

        int ready(Instant now) {
            return (int) pods.stream().filter(p -> p.ready(now)).count();
        }

        /** Tells writes to it apart, as its resourceVersion does. */
        int version() {
            return Objects.hash(wanted, controller, deleting);
        }
    }

    static final class Deployment {
        final String uid;
        String template;
        int replicas;
        boolean paused;
        boolean pausedByUs;
        boolean marked;

        @Nullable
        String fence;

        int fences;

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

        Deployment(Deployment other) {
            this(other.uid, other.template, other.replicas);
            paused = other.paused;
            pausedByUs = other.pausedByUs;
            marked = other.marked;
            fence = other.fence;
            fences = other.fences;
            generation = other.generation;
            observedGeneration = other.observedGeneration;
            total = other.total;
            updated = other.updated;
            available = other.available;
        }

        /** Tells writes to it and to its status apart, as its resourceVersion does. */
        int version() {
            return Objects.hash(generation, fences, observedGeneration, total, updated, available);
        }
    }

    static final class Service {
        final String name;
        final String uid;
        final TreeMap<Instant, Set<String>> slices = new TreeMap<>();

        @Nullable
        String pin;

        boolean held;

        /** Whether its user has not pointed it elsewhere. */
        boolean selects = true;

        @Nullable
        String lockedBy;

        boolean marked;

        /** Counts the writes to it, as its resourceVersion does. */
        int version = 1;

        Service(String name, String uid) {
            this.name = name;
            this.uid = uid;
        }

        Service(Service other) {
            this(other.name, other.uid);
            slices.putAll(other.slices);
            pin = other.pin;
            held = other.held;
            lockedBy = other.lockedBy;
            marked = other.marked;
            version = other.version;
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
    final Pace pace;

    /** UID of the Migration that is under way. */
    String migration = "uid-of-the-first-migration";

    /** Which run of it. */
    int run = 1;

    private String targetHash = TargetName.hash(migration, run);
    private int hashed = run;

    String desired;
    Instant now = Instant.parse("2026-01-01T00:00:00Z");

    @Nullable
    Deployment deployment;

    /** The fewest live endpoints that every Service must have. */
    int floor;

    /** Whether the user himself made the Deployment stop pods, which then are not ours to answer for. */
    boolean usersChurn;

    /** Whether a quota or a policy refuses new Services. */
    boolean servicesRefused;

    /** In which phase the report was last written; null when there is none. */
    @Nullable
    Phase report;

    /** Whether somebody else has a ConfigMap of the report's name. */
    boolean foreignReport;

    /** Whether a quota or a policy refuses ConfigMaps. */
    boolean reportsRefused;

    /** Whether the user has deleted the application, so that nobody minds what is stopped. */
    boolean abandoned;

    /** Whether the Deployment controller has other work at the next step. */
    boolean controllerLags;

    /** The Deployment as its controller still has it; null when that is the one there is. */
    @Nullable
    Deployment controllersCopy;

    /** At how many steps more it is what the controller has. */
    int controllersCopySteps;

    /** At how many steps more the EndpointSlice controller has other work. */
    int endpointsLagSteps;

    /** How many pods were ever started. */
    int started;

    private int serial;

    World(String running, String desired, int replicas, String... services) {
        this(Pace.REAL, running, desired, replicas, services);
    }

    World(Pace pace, String running, String desired, int replicas, String... services) {
        this.pace = pace;
        this.desired = desired;
        deployment = new Deployment("uid-of-the-deployment", running, replicas);
        for (String name : services) {
            this.services.add(new Service(name, "uid-of-" + name));
        }
        tick(Duration.ofMinutes(1));
        broken.clear();
        floor = replicas;
    }

    /** The same, to go on from in another way. */
    World(World other) {
        pace = other.pace;
        desired = other.desired;
        migration = other.migration;
        run = other.run;
        targetHash = other.targetHash;
        hashed = other.hashed;
        now = other.now;
        deployment = other.deployment == null ? null : new Deployment(other.deployment);
        other.sets.forEach(s -> sets.add(new ReplicaSet(s)));
        other.gone.forEach(s -> gone.add(new ReplicaSet(s)));
        other.services.forEach(s -> services.add(new Service(s)));
        startup.putAll(other.startup);
        broken.addAll(other.broken);
        floor = other.floor;
        usersChurn = other.usersChurn;
        servicesRefused = other.servicesRefused;
        report = other.report;
        foreignReport = other.foreignReport;
        reportsRefused = other.reportsRefused;
        abandoned = other.abandoned;
        controllersCopy = other.controllersCopy == null ? null : new Deployment(other.controllersCopy);
        controllersCopySteps = other.controllersCopySteps;
        endpointsLagSteps = other.endpointsLagSteps;
        started = other.started;
        serial = other.serial;
    }

    static World ofShop() {
        return new World("v1", "v2", 4, "shop", "shop-internal");
    }

    /** The Deployment has been at the desired version before, and keeps that ReplicaSet in its history. */
    static World backToFirst() {
        World world = new World("v1", "v1", 4, "shop", "shop-internal");
        world.floor = 0;
        world.setTemplate("v2");
        world.tick(Duration.ofMinutes(2));
        world.usersChurn = false;
        world.floor = 4;
        return world;
    }

    // ---- the controllers ----

    void tick(Duration duration) {
        for (Instant until = now.plus(duration); now.isBefore(until); ) {
            now = now.plus(pace.step);
            sets.forEach(this::runPods);
            gone.forEach(this::collect);
            gone.removeIf(s -> s.pods.isEmpty());
            if (!controllerLags && now.getEpochSecond() % 3 == 0) { // it has other work, too
                runController();
            }
            controllersCopySteps = Math.max(0, controllersCopySteps - 1);
            controllersCopy = controllersCopySteps == 0 ? null : controllersCopy;
            controllerLags = false;
            services.forEach(this::route);
            endpointsLagSteps = Math.max(0, endpointsLagSteps - 1);
        }
    }

    /** One that has an old copy of the Deployment writes to ReplicaSets, but its write of the status is a conflict. */
    void runController() {
        Deployment copy = controllersCopy;
        if (deployment != null) {
            boolean stale = copy != null && copy.generation != deployment.generation;
            new DeploymentController(this).control(stale ? new Deployment(Objects.requireNonNull(copy)) : deployment);
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
            hash = 31 * hash + endpoints(service).hashCode();
        }
        return hash;
    }

    private void collect(ReplicaSet set) {
        if (!now.isBefore(Objects.requireNonNull(set.goneAt).plus(pace.collection))) {
            set.pods.stream().filter(p -> p.stoppedAt == null).forEach(p -> stop(set, p));
        }
        removeStopped(set);
    }

    private void removeStopped(ReplicaSet set) {
        set.pods.removeIf(p -> p.stoppedAt != null && !now.isBefore(p.stoppedAt.plus(pace.stopping)));
    }

    private void runPods(ReplicaSet set) {
        removeStopped(set);
        if (set.deleting) {
            return;
        }
        while (set.active() < set.wanted) {
            Duration takes = startup.getOrDefault(set.template, Duration.ofSeconds(5));
            started++;
            set.pods.add(new Pod("pod-" + nextSerial(), now, takes == null ? null : now.plus(takes)));
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
        if (pod.runs(now) && used(pod) && !abandoned && (ours || !usersChurn)) {
            broken.add("%s: pod %s of %s (%s) was stopped in use".formatted(now, pod.uid, set.name, set.template));
        }
        pod.stoppedAt = now;
    }

    private void route(Service service) {
        Set<String> ready = Stream.concat(sets.stream(), gone.stream())
                .filter(s -> service.selects && (service.pin == null || service.pin.equals(s.hash)))
                .flatMap(s -> s.pods.stream())
                .filter(p -> p.ready(now))
                .map(p -> p.uid)
                .collect(Collectors.toCollection(TreeSet::new));
        if (endpointsLagSteps == 0) {
            service.slices.put(now, ready);
        }
        service.slices.headMap(now.minusSeconds(60)).clear();
        Set<String> endpoints = endpoints(service);
        List<Pod> live = pods().stream()
                .filter(p -> p.ready(now) && endpoints.contains(p.uid))
                .toList();
        live.forEach(p -> p.lastRouted = now);
        if (service.selects && live.size() < floor) {
            broken.add("%s: Service %s (narrowed to %s) has %d live endpoint(s), fewer than %d"
                    .formatted(now, service.name, service.pin, live.size(), floor));
        }
    }

    /** UIDs of the pods that the EndpointSlices have as ready. */
    Set<String> endpoints(Service service) {
        Map.Entry<Instant, Set<String>> entry = service.slices.floorEntry(now.minus(pace.endpoints));
        return entry == null ? Set.of() : entry.getValue();
    }

    /** The same by the Service's name, as EndpointSlices have it. */
    List<String> endpoints(String service) {
        return find(service).map(s -> List.copyOf(endpoints(s))).orElse(List.of());
    }

    /** Whether a client has a connection to it, or a node may send it one. */
    boolean used(Pod pod) {
        return !pod.lastRouted.equals(Instant.MIN)
                && pod.lastRouted.plus(pace.nodes).plus(pace.connections).isAfter(now);
    }

    int nextSerial() {
        return ++serial;
    }

    List<Pod> pods() {
        return Stream.concat(sets.stream(), gone.stream())
                .flatMap(s -> s.pods.stream())
                .toList();
    }

    List<ReplicaSet> owned(Deployment d) {
        return sets.stream().filter(s -> d.uid.equals(s.controller)).toList();
    }

    @Nullable
    ReplicaSet current(Deployment d) {
        return owned(d).stream()
                .filter(s -> s.template.equals(d.template))
                .findFirst()
                .orElse(null);
    }

    /** Takes pods from its first moment on: the endpoints of a Service do not lag behind for long. */
    Service newService(String name) {
        Service service = new Service(name, "uid-of-%s-%d".formatted(name, nextSerial()));
        for (long i = pace.endpoints.toSeconds(); i >= 0; i--) {
            service.slices.put(
                    now.minusSeconds(i),
                    pods().stream()
                            .filter(p -> p.ready(now))
                            .map(p -> p.uid)
                            .collect(Collectors.toCollection(TreeSet::new)));
        }
        return service;
    }

    Service service(String name) {
        return find(name).orElseThrow();
    }

    Optional<Service> find(String service) {
        return services.stream().filter(s -> s.name.equals(service)).findFirst();
    }

    Optional<ReplicaSet> findSet(String uid) {
        return sets.stream().filter(s -> s.uid.equals(uid)).findFirst();
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
        if (hashed != run) {
            hashed = run;
            targetHash = TargetName.hash(migration, run);
        }
        return sets.stream().filter(s -> s.hash.equals(targetHash)).findFirst().orElse(null);
    }

    /** Another Migration, when the one before has ended. */
    World nextMigration(String uid, String template) {
        migration = uid;
        run = 1;
        hashed = run;
        targetHash = TargetName.hash(uid, run);
        desired = template;
        return this;
    }

    /** Number of our ReplicaSet's pods that are in use by clients, as a metric of the application would tell. */
    Reading requests(@Nullable String replicaSet) {
        return new Reading.Value(sets.stream()
                .filter(s -> s.name.equals(replicaSet))
                .flatMap(s -> s.pods.stream())
                .filter(p -> used(p))
                .count());
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
                                                (deployment.marked ? " marked" : "")
                                                        + (deployment.fence == null ? "" : " fenced")),
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
