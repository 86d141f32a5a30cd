package dev.segue.shell;

import dev.segue.engine.Observed.DeploymentFacts;
import dev.segue.engine.Observed.PodFacts;
import dev.segue.engine.Observed.ReplicaSetFacts;
import dev.segue.staging.Change;
import dev.segue.traffic.Selectors;
import dev.segue.traffic.Services;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerStateWaiting;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ManagedFieldsEntry;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodCondition;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.DeploymentStatus;
import io.fabric8.kubernetes.api.model.apps.ReplicaSet;
import io.fabric8.kubernetes.api.model.discovery.v1.Endpoint;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** From Kubernetes' objects to the facts that the engine decides on. No I/O. */
final class Facts {
    /** The name under which our writes stand in an object's managed fields. */
    static final String MANAGER = "segue";

    /** Not the same: whose a pause of the Deployment is, is told by whether anything else of it is ours. */
    static final String FENCE_MANAGER = "segue-fence";

    private Facts() {}

    /**
     * @param owned the ReplicaSets that the Deployment controls
     * @param target our ReplicaSet, null before it exists
     * @param wanted the template that the migration wants, null when it is not known yet
     * @param tool the rollout tool that names the Deployment as its own, null when none does or nobody asked
     */
    static DeploymentFacts deployment(
            Deployment d,
            List<ReplicaSet> owned,
            @Nullable ReplicaSet target,
            @Nullable PodTemplateSpec wanted,
            List<Pod> pods,
            @Nullable String tool,
            Instant now) {
        PodTemplateSpec template = d.getSpec().getTemplate();
        DeploymentStatus status = d.getStatus();
        PodSpec spec = template.getSpec();
        Optional<ReplicaSet> current = owned.stream()
                .filter(r -> hash(r).isPresent()) // to narrow a Service to no hash would be an outage
                .filter(r -> Change.sameTemplate(r.getSpec().getTemplate(), template))
                .min(BY_AGE);
        boolean twin = wanted != null
                && owned.stream()
                        .filter(r -> target == null || (!uid(r).equals(uid(target)) && BY_AGE.compare(r, target) < 0))
                        .anyMatch(r -> Change.sameTemplate(r.getSpec().getTemplate(), wanted));
        return new DeploymentFacts(
                uid(d),
                d.getMetadata().getResourceVersion(),
                number(status == null ? null : status.getObservedGeneration())
                        >= d.getMetadata().getGeneration(),
                d.getSpec().getReplicas(),
                (int) number(status == null ? null : status.getReplicas()),
                (int) number(status == null ? null : status.getUpdatedReplicas()),
                (int) number(status == null ? null : status.getAvailableReplicas()),
                Boolean.TRUE.equals(d.getSpec().getPaused()),
                pausedByUs(d),
                spec.getContainers().stream().map(Container::getName).toList(),
                spec.getContainers().stream().anyMatch(c -> c.getReadinessProbe() != null),
                wanted != null && Change.sameTemplate(template, wanted),
                current.map(r -> replicaSet(r, template, pods, now)).orElse(null),
                twin,
                tool == null ? owner(d) : tool,
                marked(d),
                annotations(d).get(Patches.FENCE));
    }

    private static final Comparator<ReplicaSet> BY_AGE = Comparator.<ReplicaSet, String>comparing(
                    r -> r.getMetadata().getCreationTimestamp())
            .thenComparing(r -> r.getMetadata().getName());

    static ReplicaSetFacts replicaSet(ReplicaSet r, @Nullable PodTemplateSpec template, List<Pod> pods, Instant now) {
        int minReady = Objects.requireNonNullElse(r.getSpec().getMinReadySeconds(), 0);
        return new ReplicaSetFacts(
                r.getMetadata().getName(),
                uid(r),
                hash(r).orElseThrow(),
                replicas(r),
                controller(r).map(OwnerReference::getUid).orElse(null),
                r.getMetadata().getDeletionTimestamp() != null,
                template != null && Change.sameTemplate(r.getSpec().getTemplate(), template),
                marked(r),
                pods.stream()
                        .filter(p -> controller(p)
                                .filter(o -> o.getUid().equals(uid(r)))
                                .isPresent())
                        .filter(p -> !finished(p))
                        .map(p -> pod(p, minReady, now))
                        .sorted(Comparator.comparing(PodFacts::name))
                        .toList());
    }

    /** How many of the pods have this hash and are not being stopped. */
    static int withHash(String hash, List<Pod> pods) {
        return (int) pods.stream()
                .filter(p -> p.getMetadata().getDeletionTimestamp() == null && !finished(p))
                .filter(p -> p.getMetadata().getLabels() != null
                        && hash.equals(p.getMetadata().getLabels().get(Selectors.HASH)))
                .count();
    }

    /** Pods that have ended (evicted, say) are no part of the set any more; the ReplicaSet makes others. */
    private static boolean finished(Pod p) {
        String phase = p.getStatus() == null ? null : p.getStatus().getPhase();
        return "Failed".equals(phase) || "Succeeded".equals(phase);
    }

    static PodFacts pod(Pod p, int minReadySeconds, Instant now) {
        boolean deleting = p.getMetadata().getDeletionTimestamp() != null;
        Optional<PodCondition> ready = p.getStatus().getConditions().stream()
                .filter(c -> c.getType().equals("Ready") && c.getStatus().equals("True"))
                .findFirst();
        boolean available = ready.filter(c -> minReadySeconds == 0
                        || !Instant.parse(c.getLastTransitionTime())
                                .plus(Duration.ofSeconds(minReadySeconds))
                                .isAfter(now))
                .isPresent();
        List<ContainerStatus> containers = Stream.concat(
                        p.getStatus().getInitContainerStatuses().stream(),
                        p.getStatus().getContainerStatuses().stream())
                .toList();
        Optional<ContainerStateWaiting> waiting = waiting(containers);
        return new PodFacts(
                p.getMetadata().getName(),
                uid(p),
                ready.isPresent() && !deleting,
                available && !deleting,
                deleting,
                containers.stream()
                        .mapToInt(ContainerStatus::getRestartCount)
                        .max()
                        .orElse(0),
                waiting.map(ContainerStateWaiting::getReason).orElse(null),
                waiting.map(ContainerStateWaiting::getMessage).orElse(null),
                Instant.parse(p.getMetadata().getCreationTimestamp()));
    }

    /** What a container waits for that does not come by itself; of the first that does. */
    static Optional<ContainerStateWaiting> waiting(List<ContainerStatus> containers) {
        return containers.stream()
                .map(ContainerStatus::getState)
                .filter(s -> s != null && s.getWaiting() != null)
                .map(s -> s.getWaiting())
                .filter(w -> w.getReason() != null
                        && !w.getReason().equals("ContainerCreating")
                        && !w.getReason().equals("PodInitializing"))
                .findFirst();
    }

    /** UIDs of the pods behind the ready endpoints. A dual-stack pod stands in two slices; it counts once. */
    static List<String> readyPods(List<EndpointSlice> slices) {
        return slices.stream()
                .flatMap(s -> Stream.ofNullable(s.getEndpoints()).flatMap(List::stream)) // null in a slice without any
                .filter(e -> e.getConditions() == null
                        || !Boolean.FALSE.equals(e.getConditions().getReady()))
                .map(Endpoint::getTargetRef)
                .filter(t -> t != null && t.getUid() != null)
                .map(t -> t.getUid())
                .distinct()
                .sorted()
                .toList();
    }

    /** Why the traffic of this Service cannot be moved by its selector, whatever pods it picks; null when it can. */
    static @Nullable String unmovable(Service s) {
        Map<String, String> selector = Services.selector(s);
        if ("ExternalName".equals(s.getSpec().getType())) {
            return "it is of type ExternalName, a mere DNS alias";
        }
        if ("None".equals(s.getSpec().getClusterIP())) {
            return "it is headless: clients keep pod addresses from DNS, and nobody can move them";
        }
        if (selector.isEmpty()) {
            return "it has no selector, so its endpoints are made by hand";
        }
        if (selector.containsKey("rollouts-pod-template-hash")) {
            return "Argo Rollouts manages it (selector rollouts-pod-template-hash)";
        }
        if (Boolean.TRUE.equals(s.getSpec().getPublishNotReadyAddresses())) {
            return "publishNotReadyAddresses sends traffic to pods that are not ready";
        }
        if ("Local".equals(s.getSpec().getExternalTrafficPolicy())) {
            return "externalTrafficPolicy Local drops traffic on nodes whose pods are deselected";
        }
        return s.getSpec().getPorts().stream().anyMatch(p -> "UDP".equals(p.getProtocol()))
                ? "it has a UDP port, whose clients cannot be drained"
                : null;
    }

    /** Why a Service cannot be moved that nobody has begun to move yet, null when it can. */
    static @Nullable String misfit(Service s, Map<String, String> labels) {
        if (Services.selector(s).containsKey(Selectors.HASH)) {
            return "its selector already names a %s; remove it first".formatted(Selectors.HASH);
        }
        return Selectors.picks(Services.selector(s), labels)
                ? null
                : "its selector does not pick the Deployment's pods";
    }

    /** From the selector: unlike a label it cannot change, and it is what tells its pods from others. */
    private static Optional<String> hash(ReplicaSet r) {
        return Optional.ofNullable(r.getSpec().getSelector().getMatchLabels())
                .map(labels -> labels.get(Selectors.HASH));
    }

    static int replicas(ReplicaSet r) {
        return Objects.requireNonNullElse(r.getSpec().getReplicas(), 0);
    }

    /** Who else wrote the selector last, as the managed fields tell; null when they tell nobody. */
    static @Nullable String selectorWriter(Service s) {
        return s.getMetadata().getManagedFields().stream()
                .filter(m -> !MANAGER.equals(m.getManager()) && writes(m, "f:selector"))
                .max(Comparator.comparing(m -> Objects.requireNonNullElse(m.getTime(), "")))
                .map(ManagedFieldsEntry::getManager)
                .orElse(null);
    }

    /** Whether it is paused, and nobody else has written that since we did. */
    static boolean pausedByUs(Deployment d) {
        return Boolean.TRUE.equals(d.getSpec().getPaused())
                && d.getMetadata().getManagedFields().stream()
                        .anyMatch(m -> MANAGER.equals(m.getManager()) && writes(m, "f:paused"));
    }

    private static boolean writes(ManagedFieldsEntry entry, String fieldOfSpec) {
        return entry.getFieldsV1() != null
                && entry.getFieldsV1().getAdditionalProperties().get("f:spec") instanceof Map<?, ?> spec
                && spec.containsKey(fieldOfSpec);
    }

    static boolean marked(HasMetadata object) {
        return object.getMetadata().getManagedFields().stream().anyMatch(m -> MANAGER.equals(m.getManager()));
    }

    static Optional<OwnerReference> controller(HasMetadata object) {
        return object.getMetadata().getOwnerReferences().stream()
                .filter(o -> Boolean.TRUE.equals(o.getController()))
                .findFirst();
    }

    /** Who else controls the Deployment or its rollout. */
    private static @Nullable String owner(Deployment d) {
        Optional<OwnerReference> owner = controller(d);
        if (owner.isPresent()) {
            return owner.get().getKind() + " " + owner.get().getName();
        }
        Map<String, String> annotations = annotations(d);
        return annotations.containsKey("batchrelease.rollouts.kruise.io/control-info")
                        || annotations.containsKey("rollouts.kruise.io/in-progressing")
                ? "a Kruise Rollout"
                : null;
    }

    static Map<String, String> labels(HasMetadata object) {
        return Objects.requireNonNullElse(object.getMetadata().getLabels(), Map.of());
    }

    static Map<String, String> annotations(HasMetadata object) {
        return Objects.requireNonNullElse(object.getMetadata().getAnnotations(), Map.of());
    }

    static String uid(HasMetadata object) {
        return object.getMetadata().getUid();
    }

    private static long number(@Nullable Number number) {
        return number == null ? 0 : number.longValue();
    }
}
