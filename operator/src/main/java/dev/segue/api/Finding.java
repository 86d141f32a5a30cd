package dev.segue.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Required;
import org.jspecify.annotations.Nullable;

/** One thing that the assessment has found. */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Finding(
        @JsonPropertyDescription("Block ends the migration before anything is written, Warn may cost requests or the"
                + " way back, Info is good to know.")
        @Required
        Severity severity,

        @JsonPropertyDescription("One word for machines.") @Required
        String reason,

        @JsonPropertyDescription("What was seen and why it matters, in a sentence.") @Required
        String message,

        @JsonPropertyDescription("What to do about it, as something to type or paste.") @Nullable
        String remedy) {

    /** How bad it is. */
    public enum Severity {
        Block,
        Warn,
        Info
    }

    public Finding {
        message = Message.cut(message);
        remedy = Message.cutOrNull(remedy);
    }
}
