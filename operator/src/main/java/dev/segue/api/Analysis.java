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
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Metrics that are watched while the target has traffic. */
@JsonInclude(JsonInclude.Include.NON_NULL)
@ValidationRule(
        value = "!has(self.interval) || duration(self.interval) >= duration('1s')",
        message = "interval must be 1s or longer: Prometheus is asked once per interval and metric")
public record Analysis(
        @JsonPropertyDescription("The Prometheus server to ask.") @Nullable
        PrometheusSource prometheus,

        @JsonPropertyDescription("Time between two evaluations.")
        @Default("60s")
        @Pattern(Durations.PATTERN)
        @Size(max = 20)
        @Nullable
        String interval,

        @JsonPropertyDescription("The metrics, each with its own limit. Names must differ.") @Size(max = 20) @Nullable
        List<Metric> metrics) {

    static final Analysis NONE = new Analysis(null, null, null);

    public Duration intervalOrDefault() {
        return Durations.parse(interval == null ? "60s" : interval);
    }

    public List<Metric> metricsOrEmpty() {
        return metrics == null ? List.of() : metrics;
    }

    /** One query with a limit. */
    public record Metric(
            @JsonPropertyDescription("Name in status, events and metrics.")
            @Required
            @Size(min = 1, max = 63)
            @Pattern("^[a-z0-9]([-a-z0-9]*[a-z0-9])?$")
            String name,

            @JsonPropertyDescription("A PromQL query that gives one number. $namespace and $pods (a regular expression"
                    + " that matches the target's pods) are replaced.")
            @Required
            @Size(min = 1, max = 4096)
            String query,

            @JsonPropertyDescription("When the metric counts as failed.") @Required
            Threshold threshold) {}

    /** Fails when the value exceeds {@code max} in {@code failures} of the last {@code window} evaluations. */
    @ValidationRule(
            value = "!has(self.failures) || !has(self.window) || self.failures <= self.window",
            message = "failures must not exceed window: it can never be reached")
    public record Threshold(
            @JsonPropertyDescription("The largest value that is still good.") @Required
            double max,

            @JsonPropertyDescription("How many evaluations of the window have to exceed max.")
            @Default("3")
            @Min(1)
            @Max(20)
            @Nullable
            Integer failures,

            @JsonPropertyDescription("How many of the latest evaluations are looked at.")
            @Default("5")
            @Min(1)
            @Max(20)
            @Nullable
            Integer window) {

        public int failuresOrDefault() {
            return failures == null ? 3 : failures;
        }

        public int windowOrDefault() {
            return window == null ? 5 : window;
        }
    }
}
