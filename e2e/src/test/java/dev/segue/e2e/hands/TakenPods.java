package dev.segue.e2e.hands;

import dev.segue.e2e.fault.Lab;
import dev.segue.e2e.referee.Excuse;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.DeploymentStatus;
import io.fabric8.kubernetes.api.model.apps.ReplicaSet;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Pods that a hand has Kubernetes take away.
 *
 * @param replicaSet whose pods
 * @param excuse by which the referee knows
 */
record TakenPods(String replicaSet, Excuse excuse) {
    /** Whether those that go are on their way: whoever stops another one now does it by himself. */
    boolean areGone(Lab lab) {
        ReplicaSet set = lab.client()
                .apps()
                .replicaSets()
                .inNamespace(lab.namespace())
                .withName(replicaSet)
                .get();
        return lab.pods().stream().filter(this::stays).allMatch(p -> set != null && owns(set, p))
                && (set == null || (sized(set) && settled(lab, set)));
    }

    private boolean stays(Pod pod) {
        return pod.getMetadata().getName().startsWith(replicaSet + "-")
                && pod.getMetadata().getDeletionTimestamp() == null;
    }

    private static boolean sized(ReplicaSet set) {
        return set.getStatus() != null
                && Objects.equals(
                        set.getMetadata().getGeneration(), set.getStatus().getObservedGeneration())
                && Objects.equals(set.getSpec().getReplicas(), set.getStatus().getReplicas());
    }

    /** One without its Deployment is about to be collected. */
    private static boolean settled(Lab lab, ReplicaSet set) {
        return set.getMetadata().getOwnerReferences().stream()
                .filter(o -> o.getKind().equals("Deployment"))
                .allMatch(o -> settled(
                        lab.client()
                                .apps()
                                .deployments()
                                .inNamespace(lab.namespace())
                                .withName(o.getName())
                                .get(),
                        o));
    }

    /** Whether it has seen what it is told to be, and has its pods and no others. */
    private static boolean settled(@Nullable Deployment d, OwnerReference owner) {
        if (d == null || !d.getMetadata().getUid().equals(owner.getUid())) {
            return false;
        }
        DeploymentStatus status = d.getStatus();
        return d.getMetadata().getGeneration().equals(status.getObservedGeneration())
                && Stream.of(status.getReplicas(), status.getUpdatedReplicas(), status.getAvailableReplicas())
                        .allMatch(n -> d.getSpec().getReplicas().equals(Objects.requireNonNullElse(n, 0)));
    }

    private static boolean owns(HasMetadata owner, HasMetadata object) {
        return object.getMetadata().getOwnerReferences().stream()
                .anyMatch(o -> o.getUid().equals(owner.getMetadata().getUid()));
    }
}
