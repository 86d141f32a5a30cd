package dev.segue.assessment;

import dev.segue.api.Finding;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.autoscaling.v2.HorizontalPodAutoscaler;
import io.fabric8.kubernetes.api.model.autoscaling.v2.MetricSpec;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * An autoscaler takes its averages over all pods that the Deployment's selector picks. The target's are among them, so
 * that it sees each pod half as busy as it will be, and scales down.
 */
final class Autoscalers {
    /** Those that are averages over the pods; the others come from outside. */
    private static final Set<String> AVERAGES = Set.of("Resource", "ContainerResource", "Pods");

    private Autoscalers() {}

    static Stream<Finding> moving(Topology t) {
        return t.autoscalers().stream()
                .filter(h -> "Deployment".equals(h.getSpec().getScaleTargetRef().getKind())
                        && t.name().equals(h.getSpec().getScaleTargetRef().getName()))
                .map(h -> judge(t, h));
    }

    private static Finding judge(Topology t, HorizontalPodAutoscaler h) {
        String name = h.getMetadata().getName();
        int min = Objects.requireNonNullElse(h.getSpec().getMinReplicas(), 1);
        boolean averages =
                h.getSpec().getMetrics().stream().map(MetricSpec::getType).anyMatch(AVERAGES::contains);
        if (!averages || min >= t.replicas()) {
            return Reason.AutoscalerFollowed.finding(
                    "HorizontalPodAutoscaler %s scales Deployment %s (%d to %d, now %d); the new version follows upwards"
                            .formatted(name, t.name(), min, h.getSpec().getMaxReplicas(), t.replicas()),
                    null);
        }
        Optional<String> scaledObject = h.getMetadata().getOwnerReferences().stream()
                .filter(o -> "ScaledObject".equals(o.getKind()))
                .map(OwnerReference::getName)
                .findFirst();
        return Reason.AutoscalerMisled.finding(
                "HorizontalPodAutoscaler %s averages over the pods of both versions, sees them half as busy as they will be, and may scale Deployment %s from %d down to %d before the new version has all traffic"
                        .formatted(name, t.name(), t.replicas(), min),
                scaledObject
                        .map(o ->
                                "for the time of the migration: kubectl patch scaledobject %s -n %s --type merge -p '{\"spec\":{\"minReplicaCount\":%d}}'"
                                        .formatted(o, t.namespace(), t.replicas()))
                        .orElse(
                                "for the time of the migration: kubectl patch hpa %s -n %s --type merge -p '{\"spec\":{\"minReplicas\":%d}}'"
                                        .formatted(name, t.namespace(), t.replicas())));
    }
}
