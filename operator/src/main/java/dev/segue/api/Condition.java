package dev.segue.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** A condition by the Kubernetes API conventions. */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Condition(
        @JsonPropertyDescription("Name of the condition.") @Required @Size(max = 316)
        String type,

        @JsonPropertyDescription("True, False or Unknown.") @Required @Size(max = 7)
        String status,

        @JsonPropertyDescription("One word for machines.") @Required @Size(max = 1024)
        String reason,

        @JsonPropertyDescription("A sentence for humans.") @Required @Size(max = 32768)
        String message,

        @JsonPropertyDescription("When the status last changed.") @Required
        Instant lastTransitionTime,

        @JsonPropertyDescription("The generation of the spec that this speaks of.") @Nullable
        Long observedGeneration) {

    public Condition {
        message = Message.cut(message);
    }
}
