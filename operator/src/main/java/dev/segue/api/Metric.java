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
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** One metric: requests that are counted, or a query with a limit. */
@JsonInclude(JsonInclude.Include.NON_NULL)
@ValidationRule(
        value = "(has(self.preset) ? 1 : 0) + (has(self.counts) ? 1 : 0) + (has(self.query) ? 1 : 0) == 1",
        message = "a metric needs exactly one of preset, counts and query")
@ValidationRule(
        value = "has(self.query) == has(self.threshold)",
        message = "query and threshold go together: a query gives a number, and threshold.max is its limit;"
                + " preset and counts take compare or objective")
@ValidationRule(
        value = "!has(self.query) || !(has(self.compare) || has(self.objective))",
        message = "query takes threshold: compare and objective need preset or counts, as a number says nothing of how"
                + " many requests it rests on")
@ValidationRule(
        value = "!(has(self.compare) && has(self.objective))",
        message = "a metric takes compare or objective; give the same counts to a second metric for the other")
@ValidationRule(
        value = "(has(self.preset) && self.preset.endsWith('/latency')) == has(self.slowerThan)",
        message = "slowerThan and a preset .../latency go together: requests that take longer are bad")
public record Metric(
        @JsonPropertyDescription("Name in status, events and metrics.")
        @Required
        @Size(min = 1, max = 63)
        @Pattern("^[a-z0-9]([-a-z0-9]*[a-z0-9])?$")
        String name,

        @JsonPropertyDescription("Which requests are counted, by whose metrics: http-server (Micrometer: Spring,"
                + " Quarkus), go-promhttp, otel-http, istio or linkerd, each with /error-ratio or /latency; or"
                + " grpc-go/error-ratio.")
        @Pattern("^(http-server|go-promhttp|otel-http|istio|linkerd)/(error-ratio|latency)$|^grpc-go/error-ratio$")
        @Size(max = 63)
        @Nullable
        String preset,

        @JsonPropertyDescription("Which requests are counted, by counters of your own.") @Nullable
        RequestCounts counts,

        @JsonPropertyDescription("A PromQL query that gives one number. $namespace and $pods (a regular expression"
                + " that matches the target's pods) are replaced.")
        @Size(min = 1, max = 4096)
        @Nullable
        String query,

        @JsonPropertyDescription(
                "With a preset .../latency: longer requests are bad. A classic histogram must have a bucket"
                        + " with this bound. In a native one it must be an edge of buckets, as any power of two is of"
                        + " exponential ones: 250ms, 500ms, 1s, 2s.")
        @Pattern(Durations.PATTERN)
        @Size(max = 20)
        @Nullable
        String slowerThan,

        @JsonPropertyDescription("Compare the target's ratio of bad requests with the source's at the same time. The"
                + " default for preset and counts.")
        @Nullable
        Compare compare,

        @JsonPropertyDescription("Compare the target's ratio of bad requests with a limit, whatever the source does.")
        @Nullable
        Objective objective,

        @JsonPropertyDescription("When the query counts as failed.") @Nullable
        Threshold threshold,

        @JsonPropertyDescription("Share of the risk of a false revert, relative to the other metrics'.")
        @Default("1")
        @Min(1)
        @Max(100)
        @Nullable
        Integer weight,

        @JsonPropertyDescription("Whether the gates wait for this metric; one that is not required can still revert.")
        @Default("true")
        @Nullable
        Boolean required) {

    /** A query with a limit. */
    public static Metric limited(String name, String query, Threshold threshold) {
        return new Metric(name, null, null, query, null, null, null, threshold, null, null);
    }

    public boolean compares() {
        return query == null;
    }

    public int weightOrDefault() {
        return weight == null ? 1 : weight;
    }

    public boolean isRequired() {
        return !Boolean.FALSE.equals(required);
    }

    /** The limit of a query. */
    public Threshold limit() {
        return Objects.requireNonNull(threshold, name);
    }

    /** Counters of requests, as selectors of series. */
    public record RequestCounts(
            @JsonPropertyDescription("A selector of counters of all requests, for example"
                    + " http_requests_total{namespace=\"$namespace\",pod=~\"$pods\"}. The series need the label pod."
                    + " $namespace and $pods (a regular expression that matches both versions' pods) are replaced.")
            @Required
            @Size(min = 1, max = 1024)
            @Pattern("\\$pods")
            String total,

            @JsonPropertyDescription(
                    "The same for bad requests, which total counts as well; no such series means none.")
            @Required
            @Size(min = 1, max = 1024)
            @Pattern("\\$pods")
            String bad) {}

    /** How much worse than the source the target may be. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Compare(
            @JsonPropertyDescription(
                    "The target's ratio may be the source's, more by relative, and by absolute on top.")
            @Nullable
            Tolerance tolerance) {

        public Tolerance toleranceOrDefault() {
            return tolerance == null ? new Tolerance(null, null) : tolerance;
        }
    }

    /** What is tolerated. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    @ValidationRule(
            value =
                    "!has(self.absolute) || (double(self.absolute.replace('%', '')) > 0.0 && double(self.absolute.replace('%', ''))"
                            + " < (self.absolute.endsWith('%') ? 100.0 : 1.0))",
            message =
                    "tolerance.absolute must be between 0% and 100%, both excluded: without any tolerance no number of"
                            + " requests is ever enough")
    public record Tolerance(
            @JsonPropertyDescription("In points of the ratio: 0.25% allows 1.25% where the source has 1%.")
            @Default("0.25%")
            @Pattern(Ratios.PATTERN)
            @Size(max = 20)
            @Nullable
            String absolute,

            @JsonPropertyDescription("In parts of the source's ratio: 10% allows 1.1% where the source has 1%.")
            @Default("10%")
            @Pattern(Ratios.PATTERN)
            @Size(max = 20)
            @Nullable
            String relative) {

        public double absoluteOrDefault() {
            return Ratios.parse(absolute == null ? "0.25%" : absolute);
        }

        public double relativeOrDefault() {
            return Ratios.parse(relative == null ? "10%" : relative);
        }
    }

    /** A limit for the target alone. */
    @ValidationRule(
            value = "double(self.max.replace('%', '')) > 0.0 && double(self.max.replace('%', ''))"
                    + " < (self.max.endsWith('%') ? 100.0 : 1.0)",
            message = "objective.max must be between 0% and 100%, both excluded")
    public record Objective(
            @JsonPropertyDescription("The largest ratio of bad requests that is still good.")
            @Required
            @Pattern(Ratios.PATTERN)
            @Size(max = 20)
            String max) {}

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
