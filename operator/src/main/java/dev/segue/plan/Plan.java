package dev.segue.plan;

import dev.segue.api.Migration;
import dev.segue.api.MigrationSpec;
import dev.segue.api.MigrationStatus;
import dev.segue.api.MigrationStatus.MetricStatus;
import dev.segue.api.PlanStatus;
import dev.segue.api.PlanStatus.Basis;
import dev.segue.api.PlanStatus.PlannedStep;
import dev.segue.api.StagingStatus;
import dev.segue.staging.StageName;
import dev.segue.staging.TargetName;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;

/** Works the plan out. */
public final class Plan {
    private Plan() {}

    /**
     * What this migration would do.
     *
     * @param changed the Deployment's template with the change, as the API server made it
     * @param services those to move
     * @param measured what the source was like
     */
    public static PlanStatus of(
            Migration migration,
            Deployment deployment,
            PodTemplateSpec changed,
            List<Service> services,
            List<MetricStatus> measured,
            Instant now) {
        ObjectMeta meta = migration.getMetadata();
        MigrationSpec spec = migration.getSpec();
        MigrationStatus status = Objects.requireNonNullElse(migration.getStatus(), MigrationStatus.EMPTY);
        List<Service> sorted = services.stream()
                .sorted(Comparator.comparing(s -> s.getMetadata().getName()))
                .toList();
        List<Basis> basis = Grounds.of(spec, deployment, changed, sorted);
        var course = new Course(spec, deployment.getSpec().getReplicas(), measured);
        List<PlannedStep> steps = course.steps();
        String hash = TargetName.hash(meta.getUid(), status.runOrFirst());
        var writes = new Writes(
                spec,
                StageName.namespace(spec.staging(), meta.getNamespace(), meta.getName()),
                StageName.labels(meta.getUid(), StagingStatus.attemptAfter(status.staging())),
                TargetName.replicaSet(spec.component().deployment(), hash),
                hash,
                steps,
                sorted);
        return new PlanStatus(
                Grounds.hash(basis),
                now,
                null,
                basis,
                writes.inOrder(),
                steps,
                Requests.of(changed.getSpec(), deployment.getSpec().getReplicas()),
                course.duration());
    }
}
