package dev.segue.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** A share of the traffic and how long to watch it. */
@JsonInclude(JsonInclude.Include.NON_NULL)
@ValidationRule(
        value = "self.weight <= 50 || self.weight == 100",
        message = "weight must be 1 to 50, or 100: a Service shares traffic by pods, and more than half of it cannot be"
                + " given while the source keeps its full size")
public record Step(
        @JsonPropertyDescription("Percent of the traffic that the target gets: 1 to 50, or 100. What can be had with"
                + " whole pods is shown in status.step.")
        @Required
        @Min(1)
        @Max(100)
        int weight,

        @JsonPropertyDescription(
                "How long to stay at this weight, watching, before the next step. The hold of 100 is" + " the soak.")
        @Default("5m")
        @Pattern(Durations.PATTERN)
        @Size(max = 20)
        @Nullable
        String hold,

        @JsonPropertyDescription(
                "What ends the step, once its hold is over: NoHarm goes on unless the target is shown to"
                        + " be worse than tolerated; NonInferior only when it is shown not to be. Both wait for"
                        + " analysis.minRequests at this weight.")
        @Default("NoHarm")
        @Nullable
        Gate gate) {

    /** What ends a step. */
    public enum Gate {
        NoHarm,
        NonInferior
    }

    /** With the gate NoHarm. */
    public Step(int weight, @Nullable String hold) {
        this(weight, hold, null);
    }

    public boolean needsNonInferiority() {
        return gate == Gate.NonInferior;
    }

    public Duration holdFor() {
        return Durations.parse(hold == null ? "5m" : hold);
    }
}
