package dev.segue.assessment;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.LimitRange;
import io.fabric8.kubernetes.api.model.PersistentVolume;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.ResourceQuota;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.DeploymentStatus;
import io.fabric8.kubernetes.api.model.autoscaling.v2.HorizontalPodAutoscaler;
import io.fabric8.kubernetes.api.model.networking.v1.Ingress;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import io.fabric8.kubernetes.api.model.rbac.RoleBinding;
import io.fabric8.kubernetes.api.model.storage.StorageClass;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What is around a workload, as it was read. A list whose kind could not be read is empty, and its kind stands in
 * {@code unread}.
 *
 * @param target the new version's template, as the API server would store it
 * @param ending pods of the Deployment that are being stopped: quotas still count them
 * @param services those that are moved
 * @param neighbours all Services of the namespace
 * @param configMaps of those that the target names and that exist the keys, never the content
 * @param secrets the same of Secrets
 * @param claims of those that the target names the ones that exist
 * @param serviceAccount the target's, null when there is none
 * @param autoscalers those of the namespace, as all that follow
 * @param routes HTTPRoutes and GRPCRoutes
 * @param monitors PodMonitors and ServiceMonitors
 * @param trial the API server's answer to a pod of the target
 * @param unread what the operator has no right to read
 * @param lacking what it has no right to do, of what the moves need
 * @param snapshots what snapshots for the copy rest on, null when none are wanted
 */
public record Topology(
        Deployment deployment,
        PodTemplateSpec target,
        List<Pod> ending,
        List<Service> services,
        List<Service> neighbours,
        Map<String, Set<String>> configMaps,
        Map<String, Set<String>> secrets,
        Map<String, PersistentVolumeClaim> claims,
        @Nullable ServiceAccount serviceAccount,
        List<ResourceQuota> quotas,
        List<LimitRange> limitRanges,
        List<HorizontalPodAutoscaler> autoscalers,
        List<PodDisruptionBudget> budgets,
        List<NetworkPolicy> policies,
        List<RoleBinding> roleBindings,
        List<Ingress> ingresses,
        List<GenericKubernetesResource> routes,
        List<GenericKubernetesResource> monitors,
        Trial trial,
        Set<Kind> unread,
        List<Right> lacking,
        @Nullable SnapshotGrounds snapshots) {

    /**
     * What snapshots for the copy rest on. Where a right is lacking nothing was read.
     *
     * @param claims of those that are wanted the ones that exist
     * @param volumes theirs, by the name of the claim
     * @param storage the StorageClasses of the claims that exist, by the name of the claim
     * @param classes all VolumeSnapshotClasses, null when the cluster has no such kind
     * @param lacking what the operator has no right to do
     */
    public record SnapshotGrounds(
            Map<String, PersistentVolumeClaim> claims,
            Map<String, PersistentVolume> volumes,
            Map<String, StorageClass> storage,
            @Nullable List<GenericKubernetesResource> classes,
            List<Right> lacking) {}

    /**
     * The answer to a dry run that creates one pod of the target.
     *
     * @param admitted the pod as it would be, with what admission adds to it; null when there is none
     * @param refusal why it was refused, null when it was not
     * @param untried why the dry run says nothing, null when it says something
     */
    public record Trial(
            @Nullable PodSpec admitted,
            @Nullable String refusal,
            @Nullable String untried) {
        public static final Trial NONE = new Trial(null, null, null);
    }

    String namespace() {
        return deployment.getMetadata().getNamespace();
    }

    String name() {
        return deployment.getMetadata().getName();
    }

    int replicas() {
        return Objects.requireNonNullElse(deployment.getSpec().getReplicas(), 1);
    }

    PodSpec sourcePod() {
        return deployment.getSpec().getTemplate().getSpec();
    }

    PodSpec targetPod() {
        return target.getSpec();
    }

    /** The target's pod as the quotas will count it. */
    PodSpec countedPod() {
        return trial.admitted() == null ? targetPod() : trial.admitted();
    }

    Map<String, String> sourceLabels() {
        return labels(deployment.getSpec().getTemplate());
    }

    Map<String, String> targetLabels() {
        return labels(target);
    }

    private static Map<String, String> labels(PodTemplateSpec template) {
        return template.getMetadata() == null
                ? Map.of()
                : Objects.requireNonNullElse(template.getMetadata().getLabels(), Map.of());
    }

    boolean knows(Kind kind) {
        return !unread.contains(kind);
    }

    boolean settled() {
        return settled(deployment);
    }

    /** Whether the Deployment has no rollout under way, whose additional pods would count as its own. */
    public static boolean settled(Deployment deployment) {
        DeploymentStatus status = deployment.getStatus();
        int replicas = Objects.requireNonNullElse(deployment.getSpec().getReplicas(), 1);
        return status != null
                && Objects.requireNonNullElse(status.getObservedGeneration(), 0L)
                        >= Objects.requireNonNullElse(deployment.getMetadata().getGeneration(), 0L)
                && Objects.requireNonNullElse(status.getReplicas(), 0) == replicas
                && Objects.requireNonNullElse(status.getUpdatedReplicas(), 0) == replicas;
    }
}
