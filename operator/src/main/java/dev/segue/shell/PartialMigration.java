package dev.segue.shell;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import dev.segue.api.Migration;
import dev.segue.api.Phase;
import dev.segue.engine.Planner;
import dev.segue.report.Conditions;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Namespaced;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.model.annotation.Group;
import io.fabric8.kubernetes.model.annotation.Kind;
import io.fabric8.kubernetes.model.annotation.Plural;
import io.fabric8.kubernetes.model.annotation.Version;
import java.time.Instant;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What is kept in memory of each Migration: enough to know whether it needs a look, too little to decide anything. A
 * tenth of the whole; there may be thousands.
 */
@Group(Migration.GROUP)
@Version("v1alpha1")
@Kind("Migration")
@Plural("migrations")
public final class PartialMigration extends CustomResource<PartialMigration.Spec, PartialMigration.Status>
        implements Namespaced {

    static final Comparator<HasMetadata> BY_AGE = Comparator.<HasMetadata, String>comparing(
                    m -> m.getMetadata().getCreationTimestamp())
            .thenComparing(Facts::uid);

    @JsonIgnoreProperties(ignoreUnknown = true)
    record Spec(@Nullable List<Part> components) {}

    @JsonIgnoreProperties(ignoreUnknown = true)
    record Part(@Nullable String deployment) {}

    @JsonIgnoreProperties(ignoreUnknown = true)
    record Status(
            @Nullable Long observedGeneration,
            @Nullable String phase,
            @Nullable Instant phaseSince,
            @Nullable String command,
            @Nullable List<Said> conditions) {

        /** Of the conditions only what it waits for is kept. */
        Status {
            conditions = conditions == null
                    ? List.of()
                    : conditions.stream()
                            .filter(c -> Conditions.WAITING.equals(c.type()))
                            .toList();
        }
    }

    @JsonIgnoreProperties(ignoreUnknown = true)
    record Said(@Nullable String type, @Nullable String reason) {}

    /** Drops what only others read. What the framework reads is never null. */
    @Override
    public void setMetadata(ObjectMeta metadata) {
        metadata.setManagedFields(List.of());
        metadata.setLabels(Map.of());
        metadata.setOwnerReferences(List.of());
        String command = command(metadata);
        metadata.setAnnotations(command == null ? Map.of() : Map.of(Migration.COMMAND_ANNOTATION, command));
        super.setMetadata(metadata);
    }

    private static @Nullable String command(ObjectMeta metadata) {
        return metadata.getAnnotations() == null
                ? null
                : metadata.getAnnotations().get(Migration.COMMAND_ANNOTATION);
    }

    /** Empty when a later version of the operator has written one that this version does not know. */
    @JsonIgnore
    Optional<Phase> phase() {
        return waiting()
                ? Optional.of(Phase.Pending)
                : Arrays.stream(Phase.values())
                        .filter(p -> p.name().equals(getStatus().phase()))
                        .findFirst();
    }

    /** Whether it has ended, and nothing of ours is left. */
    @JsonIgnore
    boolean over() {
        return phase().filter(Phase::over).isPresent();
    }

    private boolean waiting() {
        return getStatus() == null
                || getStatus().phase() == null
                || Phase.Pending.name().equals(getStatus().phase());
    }

    /** Name of the Deployment that it moves. */
    @JsonIgnore
    String deployment() {
        return getSpec() == null
                        || getSpec().components() == null
                        || getSpec().components().isEmpty()
                ? ""
                : Objects.requireNonNullElse(getSpec().components().getFirst().deployment(), "");
    }

    /**
     * Whether nothing is to be done until somebody changes it: it has ended, nothing of ours is left nor can arrive late, and
     * its status speaks of the spec and the command as they are.
     */
    boolean settled(Instant now) {
        return over()
                && !mayHaveLateArrivals(now)
                && !getMetadata().getFinalizers().contains(Migration.FINALIZER)
                && answered();
    }

    /**
     * Whether its user paused it before it began, and it has said so about the spec and the command as they are: until he
     * changes it, looks at it only keep its findings up to date.
     */
    @JsonIgnore
    boolean resting() {
        return phase().filter(p -> p == Phase.Assessing).isPresent()
                && getStatus().conditions() != null
                && getStatus().conditions().stream().anyMatch(c -> Planner.PAUSED.equals(c.reason()))
                && getMetadata().getDeletionTimestamp() == null
                && answered();
    }

    /** Whether its status speaks of the spec and the command as they are. */
    private boolean answered() {
        return Objects.equals(getMetadata().getGeneration(), getStatus().observedGeneration())
                && Objects.equals(command(getMetadata()), getStatus().command());
    }

    /** Failed means that nothing was written, so nothing of it can arrive. */
    private boolean mayHaveLateArrivals(Instant now) {
        Instant since = getStatus().phaseSince();
        return !Phase.Failed.name().equals(getStatus().phase())
                && since != null
                && now.isBefore(since.plus(Observer.LATE));
    }

    /**
     * Whether another one of the same Deployment may have to wait for this one: it is older, or past waiting itself. A plan
     * that waits for a human has no turn; it gets another one when it is to be run.
     */
    boolean mayPrecede(HasMetadata other) {
        return !Facts.uid(this).equals(Facts.uid(other))
                && phase().filter(p -> p == Phase.Planned).isEmpty()
                && (BY_AGE.compare(this, other) < 0 || !waiting());
    }

    /** Whether what the user says or wants is another thing than before; our own writes are not. */
    @JsonIgnore
    boolean differs(PartialMigration before) {
        ObjectMeta now = getMetadata();
        ObjectMeta then = before.getMetadata();
        return !Objects.equals(now.getUid(), then.getUid())
                || !Objects.equals(now.getGeneration(), then.getGeneration())
                || !Objects.equals(command(now), command(then))
                || !Objects.equals(now.getDeletionTimestamp(), then.getDeletionTimestamp());
    }
}
