package dev.segue.shell;

import dev.segue.analysis.Baselines;
import dev.segue.analysis.Reading;
import dev.segue.api.Finding;
import dev.segue.api.Migration;
import dev.segue.api.MigrationSpec;
import dev.segue.api.MigrationStatus;
import dev.segue.api.MigrationStatus.TargetStatus;
import dev.segue.api.Phase;
import dev.segue.api.PlanStatus;
import dev.segue.assessment.Assessment;
import dev.segue.engine.Observed;
import dev.segue.engine.Observed.ChangeFacts;
import dev.segue.engine.Observed.DeploymentFacts;
import dev.segue.engine.Observed.ServiceFacts;
import dev.segue.engine.Observed.Subject;
import dev.segue.engine.StageFacts;
import dev.segue.plan.Plan;
import dev.segue.staging.HoldService;
import dev.segue.staging.TargetName;
import dev.segue.traffic.Selectors;
import dev.segue.traffic.Services;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.ReplicaSet;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Looks at the world. Every read goes to the API server: a cache may be older than what a predecessor of this process
 * did, and what is decided here moves production traffic. Thread-safe.
 */
final class Observer {
    /**
     * For how long after the end a write may still arrive. The API server gives a request a minute; the rest is for the
     * network. Longer than the time from the last look to the one after it.
     */
    static final Duration LATE = Duration.ofMinutes(15);

    private final KubernetesClient client;
    private final Changes changes;
    private final Prometheus prometheus;
    private final TopologyReader surroundings;
    private final StageReader stage;
    private final InstantSource clock;
    private final Reports reports;

    /** When a task was first seen here, by the Migration's UID. A restart forgets it, and then waits longer. */
    private final Map<String, Sight> sights = new ConcurrentHashMap<>();

    private record Sight(@Nullable String task, @Nullable Instant since, Instant seen) {}

    Observer(KubernetesClient client, Changes changes, Prometheus prometheus, StageReader stage, InstantSource clock) {
        this.client = client;
        this.changes = changes;
        this.prometheus = prometheus;
        surroundings = new TopologyReader(client);
        this.stage = stage;
        this.clock = clock;
        this.reports = new Reports(client);
    }

    /**
     * @param rivals names of the other Migrations of this Deployment, as far as they are not known to have ended
     * @throws KubernetesClientException when the API server does not answer; the next look tries again
     */
    Observed look(Migration migration, List<String> rivals) {
        MigrationSpec spec = migration.getSpec();
        MigrationStatus status = Objects.requireNonNullElse(migration.getStatus(), MigrationStatus.EMPTY);
        Phase phase = status.phaseOrPending();
        String namespace = migration.getMetadata().getNamespace();
        if (phase.over()) {
            forget(Facts.uid(migration));
            return afterTheEnd(migration, status, rivals);
        }
        // Before the cluster is read: it may take its time, and an act must not rest on pods as they were before it.
        Readings readings = Readings.take(prometheus, migration, now());
        Instant now = now();
        Deployment deployment = deployment(migration);
        List<ReplicaSet> replicaSets = deployment == null ? List.of() : replicaSets(deployment);
        ReplicaSet target = target(migration, status, replicaSets);
        List<Pod> pods = deployment == null ? podsOf(target) : pods(deployment);
        Refusable<PodTemplateSpec> wanted = wanted(migration, status, deployment, target);
        List<ReplicaSet> owned = deployment == null
                ? List.of()
                : replicaSets.stream()
                        .filter(r -> Facts.controller(r)
                                .filter(o -> o.getUid().equals(Facts.uid(deployment)))
                                .isPresent())
                        .toList();
        PodTemplateSpec template =
                deployment == null ? null : deployment.getSpec().getTemplate();
        Map<String, String> labels = labels(template);
        Map<String, Service> all = phase == Phase.Pending ? Map.of() : allServices(namespace);
        Set<String> names = names(migration, status, labels, all.values());
        DeploymentFacts facts = deployment == null
                ? null
                : Facts.deployment(
                        deployment,
                        owned,
                        target,
                        wanted.value(),
                        pods,
                        phase == Phase.Assessing ? RolloutTools.ownerOf(client, deployment) : null,
                        now);
        // No act rests on this look's pods, so that it may take its time now.
        Map<String, Reading> before = facts != null && Observed.readsHistory(status, facts)
                ? Readings.before(
                        prometheus,
                        migration,
                        Objects.requireNonNull(facts.current()).name(),
                        now)
                : Map.of();
        boolean assesses = facts != null && Observed.readsSurroundings(status, facts, before);
        return new Observed(
                now,
                subject(migration),
                spec,
                status,
                facts,
                target == null ? null : Facts.replicaSet(target, template, pods, now),
                target != null || status.target() == null
                        ? 0
                        : Facts.withHash(status.target().hash(), pods),
                names.stream()
                        .flatMap(n -> Optional.ofNullable(all.get(n)).stream())
                        .filter(s -> phase == Phase.Assessing
                                || !Services.selector(s).isEmpty()) // else nothing to narrow
                        .map(s -> service(
                                s,
                                unmovable(s, phase, labels),
                                selects(s, target, deployment),
                                lockedBy(migration, s, all)))
                        .toList(),
                phase == Phase.Pending ? null : missing(namespace, names, all.keySet()),
                holds(migration, all.values()),
                phase == Phase.Assessing ? new ChangeFacts(wanted.refusal(), labels(wanted.value())) : null,
                phase == Phase.Pending ? precededBy(migration, rivals) : null,
                before.isEmpty() ? readings.metrics() : before,
                readings.drain(),
                taskSeen(Facts.uid(migration), status, now),
                assesses ? findings(spec, deployment, facts, wanted.value(), pods, names, all, before) : null,
                planned(migration, status, deployment, wanted.value(), names, all, before, now),
                reports.reported(migration, status),
                phase == Phase.Assessing && !assesses
                        ? null
                        : stage.look(migration, status, deployment, wanted.value(), wanted.refusal(), now));
    }

    /** Only what may be the last look of the assessment, and its first: the one in between may be repeated each second. */
    private @Nullable List<Finding> findings(
            MigrationSpec spec,
            @Nullable Deployment deployment,
            @Nullable DeploymentFacts facts,
            @Nullable PodTemplateSpec wanted,
            List<Pod> pods,
            Set<String> names,
            Map<String, Service> all,
            Map<String, Reading> before) {
        if (deployment == null || facts == null || wanted == null) {
            return null;
        }
        return facts.carriesChange()
                ? List.of() // nothing will be done
                : Assessment.of(
                        surroundings.read(
                                deployment,
                                wanted,
                                pods,
                                names.stream()
                                        .flatMap(n -> Optional.ofNullable(all.get(n)).stream())
                                        .toList(),
                                all.values(),
                                spec.staging()),
                        spec,
                        before);
    }

    /** What would be done now; null when it is not asked for, or nothing can be done. */
    private static @Nullable PlanStatus planned(
            Migration m,
            MigrationStatus status,
            @Nullable Deployment deployment,
            @Nullable PodTemplateSpec changed,
            Set<String> names,
            Map<String, Service> all,
            Map<String, Reading> history,
            Instant now) {
        if (!Observed.plans(status) || deployment == null || changed == null) {
            return null;
        }
        MigrationSpec spec = m.getSpec();
        return Plan.of(
                m,
                deployment,
                changed,
                names.stream()
                        .flatMap(n -> Optional.ofNullable(all.get(n)).stream())
                        .toList(),
                Baselines.measure(spec.analysisOrDefault(), spec.plannedSteps(), history, now),
                now);
    }

    /** For a while it is looked for what arrives late; then it is an ordinary record, for which nothing is read. */
    private Observed afterTheEnd(Migration migration, MigrationStatus status, List<String> rivals) {
        Instant now = now();
        boolean late = status.target() != null
                && status.phaseSince() != null
                && now.isBefore(status.phaseSince().plus(LATE));
        String namespace = migration.getMetadata().getNamespace();
        Deployment deployment = late ? deployment(migration) : null;
        ReplicaSet target = late ? target(migration, status, List.of()) : null;
        return new Observed(
                now,
                subject(migration),
                migration.getSpec(),
                status,
                deployment == null ? null : Facts.deployment(deployment, List.of(), null, null, List.of(), null, now),
                target == null ? null : Facts.replicaSet(target, null, List.of(), now),
                0,
                List.of(),
                null,
                late ? holds(migration, allServices(namespace).values()) : Set.of(),
                null,
                late ? precededBy(migration, rivals) : null,
                Map.of(),
                null,
                now,
                List.of(),
                null,
                Observed.Reported.NO,
                stage.look(migration, status, null, null, null, now));
    }

    private Instant taskSeen(String uid, MigrationStatus status, Instant now) {
        return sights.merge(
                        uid,
                        new Sight(status.task(), status.taskSince(), now),
                        (before, latest) -> Objects.equals(before.task(), latest.task())
                                        && Objects.equals(before.since(), latest.since())
                                ? before
                                : latest)
                .seen();
    }

    /** A Migration that is no longer looked at. */
    void forget(String uid) {
        sights.remove(uid);
    }

    /** To the millisecond, as the status keeps it. */
    Instant now() {
        return clock.instant().truncatedTo(ChronoUnit.MILLIS);
    }

    private static Map<String, String> labels(@Nullable PodTemplateSpec template) {
        return template == null || template.getMetadata() == null
                ? Map.of()
                : Objects.requireNonNullElse(template.getMetadata().getLabels(), Map.of());
    }

    private static Subject subject(Migration m) {
        ObjectMeta meta = m.getMetadata();
        String command =
                meta.getAnnotations() == null ? null : meta.getAnnotations().get(Migration.COMMAND_ANNOTATION);
        return new Subject(
                meta.getNamespace(),
                meta.getName(),
                meta.getUid(),
                meta.getGeneration(),
                meta.getDeletionTimestamp() != null,
                command);
    }

    /** The Deployment of this Migration as it is now, null when there is none. */
    @Nullable
    Deployment deployment(Migration m) {
        return client.apps()
                .deployments()
                .inNamespace(m.getMetadata().getNamespace())
                .withName(m.getSpec().component().deployment())
                .get();
    }

    private List<ReplicaSet> replicaSets(Deployment d) {
        return client.apps()
                .replicaSets()
                .inNamespace(d.getMetadata().getNamespace())
                .withLabelSelector(d.getSpec().getSelector())
                .list()
                .getItems();
    }

    private List<Pod> pods(Deployment d) {
        return client.pods()
                .inNamespace(d.getMetadata().getNamespace())
                .withLabelSelector(d.getSpec().getSelector())
                .list()
                .getItems();
    }

    private List<Pod> podsOf(@Nullable ReplicaSet set) {
        return set == null
                ? List.of()
                : client.pods()
                        .inNamespace(set.getMetadata().getNamespace())
                        .withLabelSelector(set.getSpec().getSelector())
                        .list()
                        .getItems();
    }

    /** Ours by name, and by UID or owner: an object of the same name that is not ours is none of our business. */
    private @Nullable ReplicaSet target(Migration m, MigrationStatus status, List<ReplicaSet> known) {
        TargetStatus planned = status.target();
        if (planned == null) {
            return null;
        }
        Optional<ReplicaSet> listed = known.stream()
                .filter(r -> r.getMetadata().getName().equals(planned.replicaSet()))
                .findFirst();
        ReplicaSet found = listed.orElseGet(() -> client.apps()
                .replicaSets()
                .inNamespace(m.getMetadata().getNamespace())
                .withName(planned.replicaSet())
                .get());
        if (found == null) {
            return null;
        }
        boolean ours = Facts.uid(found).equals(planned.uid())
                || Facts.controller(found)
                        .filter(o -> o.getUid().equals(Facts.uid(m)))
                        .isPresent();
        return ours ? found : null;
    }

    /** A value, or why the API server refuses to give it. */
    private record Refusable<T>(@Nullable T value, @Nullable String refusal) {}

    /** The template that the migration wants: the target's once it exists, before that what a dry run gives. */
    private Refusable<PodTemplateSpec> wanted(
            Migration m, MigrationStatus status, @Nullable Deployment deployment, @Nullable ReplicaSet target) {
        if (target != null) {
            return new Refusable<>(target.getSpec().getTemplate(), null);
        }
        if (deployment == null
                || (status.phaseOrPending() != Phase.Assessing
                        && !StageFacts.needs(status).contains(StageFacts.Part.CLOSURE))) {
            return new Refusable<>(null, null);
        }
        try {
            return new Refusable<>(changes.dryRun(m, deployment), null);
        } catch (KubernetesClientException e) {
            if (e.getCode() == 422 || e.getCode() == 400 || e.getCode() == 403) {
                return new Refusable<>(null, Changes.reason(e));
            }
            throw e;
        }
    }

    private Map<String, Service> allServices(String namespace) {
        return client.services().inNamespace(namespace).list().getItems().stream()
                .collect(Collectors.toMap(s -> s.getMetadata().getName(), s -> s));
    }

    /**
     * The Services to move. They are looked for each time: one that is new, or was replaced, sends to pods that may be
     * stopped, like every other.
     */
    private static Set<String> names(
            Migration m, MigrationStatus status, Map<String, String> labels, Collection<Service> all) {
        Set<String> names = all.stream()
                .filter(s -> !HoldService.is(s))
                .filter(s -> Selectors.picks(Selectors.unpinned(Services.selector(s)), labels))
                .map(s -> s.getMetadata().getName())
                .collect(Collectors.toCollection(TreeSet::new));
        m.getSpec().component().excludedServicesOrEmpty().forEach(names::remove);
        names.addAll(m.getSpec().component().servicesOrEmpty());
        status.servicesOrEmpty().forEach(s -> names.add(s.name()));
        return names;
    }

    private static @Nullable String missing(String namespace, Set<String> names, Set<String> present) {
        Set<String> missing = new TreeSet<>(names);
        missing.removeAll(present);
        return missing.isEmpty()
                ? null
                : "namespace %s has no Service %s".formatted(namespace, String.join(", ", missing));
    }

    /** Whose the hold Service of this Service is when it is not ours, null when there is none or it is. */
    private static @Nullable String lockedBy(Migration m, Service service, Map<String, Service> all) {
        Service hold = all.get(TargetName.hold(service.getMetadata().getName()));
        if (hold == null || ownedBy(hold, m)) {
            return null;
        }
        return hold.getMetadata().getOwnerReferences().stream()
                .filter(o -> HoldService.is(hold))
                .map(o -> "Migration " + o.getName())
                .findFirst()
                .orElse("Service " + hold.getMetadata().getName() + ", which is not Segue's,");
    }

    /** The Services that we have made a hold for, by name. */
    private static Set<String> holds(Migration m, Collection<Service> all) {
        return all.stream()
                .filter(s -> HoldService.is(s) && ownedBy(s, m))
                .map(s -> s.getMetadata().getLabels().get(HoldService.LABEL))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    static boolean ownedBy(HasMetadata object, Migration m) {
        return object.getMetadata().getOwnerReferences().stream()
                .anyMatch(o -> o.getUid().equals(Facts.uid(m)));
    }

    private static @Nullable String unmovable(Service s, Phase phase, Map<String, String> labels) {
        String unmovable = Facts.unmovable(s);
        return unmovable == null && phase == Phase.Assessing ? Facts.misfit(s, labels) : unmovable;
    }

    /** What is not there is no reason to take a Service for one of others. */
    private static boolean selects(Service s, @Nullable ReplicaSet target, @Nullable Deployment deployment) {
        Map<String, String> selector = Selectors.unpinned(Services.selector(s));
        return (target == null && deployment == null)
                || (target != null
                        && Selectors.picks(selector, labels(target.getSpec().getTemplate())))
                || (deployment != null
                        && Selectors.picks(selector, labels(deployment.getSpec().getTemplate())));
    }

    private ServiceFacts service(Service s, @Nullable String unmovable, boolean selects, @Nullable String lockedBy) {
        String name = s.getMetadata().getName();
        return new ServiceFacts(
                name,
                Facts.uid(s),
                s.getMetadata().getResourceVersion(),
                Services.selector(s),
                Facts.readyPods(client.discovery()
                        .v1()
                        .endpointSlices()
                        .inNamespace(s.getMetadata().getNamespace())
                        .withLabel("kubernetes.io/service-name", name)
                        .list()
                        .getItems()),
                unmovable,
                selects,
                lockedBy,
                Facts.selectorWriter(s),
                Facts.marked(s));
    }

    /**
     * Another Migration of the same Deployment that has not ended: an older one, or one that is past waiting.
     *
     * @param rivals the names of those that may, by age; each is read
     */
    private @Nullable String precededBy(Migration m, List<String> rivals) {
        return rivals.stream()
                .map(name -> client.resources(PartialMigration.class)
                        .inNamespace(m.getMetadata().getNamespace())
                        .withName(name)
                        .get())
                .filter(x -> x != null
                        && !x.over()
                        && x.deployment().equals(m.getSpec().component().deployment())
                        && x.mayPrecede(m))
                .findFirst()
                .map(x -> x.getMetadata().getName())
                .orElse(null);
    }
}
