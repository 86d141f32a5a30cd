package dev.segue.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a migration will do, as it was worked out before anything was written. */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record PlanStatus(
        @JsonPropertyDescription("Of everything that the plan rests on. mode Run executes this one or nothing.")
        @Required
        String hash,

        @JsonPropertyDescription("When it was worked out.") Instant at,

        @JsonPropertyDescription(
                "Since when it has been offered in phase Planned: from then on mode Run executes this one"
                        + " or nothing. Absent when the migration went on by itself.")
        @Nullable
        Instant offeredAt,

        @JsonPropertyDescription(
                "What the plan rests on, with a digest of each part: by it can be said what has" + " changed.")
        @Size(max = 250)
        @Nullable
        List<Basis> basis,

        @JsonPropertyDescription("What will be created or changed, in this order.") @Size(max = 320) @Nullable
        List<PlannedObject> objects,

        @JsonPropertyDescription("The steps with the weights that whole pods can give.") @Size(max = 20) @Nullable
        List<PlannedStep> steps,

        @JsonPropertyDescription("What runs at most beside what runs now.") @Nullable
        Capacity capacity,

        @JsonPropertyDescription("How long it takes when nothing is waited for but holds, drains and propagation.")
        @Nullable
        String expectedDuration) {

    public PlanStatus {
        basis = basis == null ? List.of() : List.copyOf(basis);
        objects = objects == null ? List.of() : List.copyOf(objects);
        steps = steps == null ? List.of() : List.copyOf(steps);
    }

    /** The same, offered to somebody who decides whether it is run. */
    public PlanStatus offered(Instant since) {
        return new PlanStatus(hash, at, since, basis, objects, steps, capacity, expectedDuration);
    }

    public List<Basis> basisOrEmpty() {
        return basis == null ? List.of() : basis;
    }

    public List<PlannedObject> objectsOrEmpty() {
        return objects == null ? List.of() : objects;
    }

    public List<PlannedStep> stepsOrEmpty() {
        return steps == null ? List.of() : steps;
    }

    /** One part of what the plan rests on. */
    public record Basis(
            @JsonPropertyDescription("For example Deployment shop: template.") @Required
            String part,

            @JsonPropertyDescription("Digest of it; of an object that has to be this one, its UID.")
            String digest) {}

    /** One object that will be created or changed. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record PlannedObject(
            @JsonPropertyDescription("Create, Patch or Delete.") @Required
            String action,

            @JsonPropertyDescription("Kind and name, as Service/shop.") @Required
            String object,

            @JsonPropertyDescription("In which phase.") Phase phase,

            @JsonPropertyDescription("The patch, or what is made. Texts that may be secrets are hidden.") @Nullable
            String change) {

        public PlannedObject {
            change = Message.cutOrNull(change);
        }
    }

    /** One step. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record PlannedStep(
            @JsonPropertyDescription("The requested share of the traffic in percent.") @Required
            int weight,

            @JsonPropertyDescription("The share that whole pods give, in percent.")
            int effectiveWeight,

            @JsonPropertyDescription("Target pods.") int replicas,

            @JsonPropertyDescription("How long it is held at least.")
            String hold,

            @JsonPropertyDescription("What is waited for at its end.") @Nullable
            String gate,

            @JsonPropertyDescription("When the comparison is expected to be decided, from the source's traffic.")
            @Nullable
            String verdictExpected,

            @JsonPropertyDescription("How to go back from it.")
            String wayBack) {}

    /** What is needed beside what runs now. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Capacity(
            @JsonPropertyDescription("Pods.") int pods,

            @JsonPropertyDescription("Their requests of CPU.") @Nullable
            String cpu,

            @JsonPropertyDescription("Their requests of memory.") @Nullable
            String memory) {}
}
