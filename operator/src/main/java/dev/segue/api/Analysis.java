package dev.segue.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Pattern;
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
@ValidationRule(
        value = "!has(self.minCoverage) || double(self.minCoverage.replace('%', ''))"
                + " <= (self.minCoverage.endsWith('%') ? 100.0 : 1.0)",
        message = "minCoverage must not exceed 100%: there are no more intervals")
public record Analysis(
        @JsonPropertyDescription("The Prometheus server to ask.") @Nullable
        PrometheusSource prometheus,

        @JsonPropertyDescription(
                "Time between two evaluations, at least twice Prometheus' scrape interval. Both versions"
                        + " are compared within each interval.")
        @Default("60s")
        @Pattern(Durations.PATTERN)
        @Size(max = 20)
        @Nullable
        String interval,

        @JsonPropertyDescription("How long after its end an interval is evaluated, so that Prometheus has scraped it.")
        @Default("30s")
        @Pattern(Durations.PATTERN)
        @Size(max = 20)
        @Nullable
        String settleDelay,

        @JsonPropertyDescription("The beginning of each hold that is not compared: new pods are slower at first.")
        @Default("60s")
        @Pattern(Durations.PATTERN)
        @Size(max = 20)
        @Nullable
        String warmup,

        @JsonPropertyDescription(
                "Requests that each version that has traffic must have had at a step's weight before the step ends.")
        @Default("100")
        @Min(1)
        @Max(1_000_000)
        @Nullable
        Integer minRequests,

        @JsonPropertyDescription(
                "Share of the intervals with samples that must have had requests of both versions before a metric"
                        + " counts as non-inferior.")
        @Default("80%")
        @Pattern(Ratios.PATTERN)
        @Size(max = 20)
        @Nullable
        String minCoverage,

        @JsonPropertyDescription(
                "How long a step may be compared, in time with samples, before what is undecided is" + " inconclusive.")
        @Default("2h")
        @Pattern(Durations.PATTERN)
        @Size(max = 20)
        @Nullable
        String deadline,

        @JsonPropertyDescription(
                "How long there may be no samples, as Prometheus is away for example, before the step is"
                        + " inconclusive. The weight is held meanwhile.")
        @Default("30m")
        @Pattern(Durations.PATTERN)
        @Size(max = 20)
        @Nullable
        String outageLimit,

        @JsonPropertyDescription(
                "What an inconclusive step leads to: Pause holds the weight until a human decides, Revert"
                        + " goes back, Promote goes on.")
        @Default("Pause")
        @Nullable
        OnInconclusive onInconclusive,

        @JsonPropertyDescription("How often a verdict may be false, however often it is looked at.") @Nullable
        Risk risk,

        @JsonPropertyDescription("How much bad requests come in clusters.") @Nullable
        Dispersion dispersion,

        @JsonPropertyDescription("The metrics, each with its own limit. Names must differ.") @Size(max = 20) @Nullable
        List<Metric> metrics) {

    static final Analysis NONE = new Analysis(null, null, null, null, null, null, null, null, null, null, null, null);

    /** What an inconclusive step leads to. */
    public enum OnInconclusive {
        Pause,
        Revert,
        Promote
    }

    /** With queries that have a limit. */
    public static Analysis of(@Nullable PrometheusSource prometheus, @Nullable String interval, List<Metric> metrics) {
        return new Analysis(prometheus, interval, null, null, null, null, null, null, null, null, null, metrics);
    }

    public Duration intervalOrDefault() {
        return Durations.parse(interval == null ? "60s" : interval);
    }

    public Duration settleDelayOrDefault() {
        return Durations.parse(settleDelay == null ? "30s" : settleDelay);
    }

    public Duration warmupOrDefault() {
        return Durations.parse(warmup == null ? "60s" : warmup);
    }

    public int minRequestsOrDefault() {
        return minRequests == null ? 100 : minRequests;
    }

    public double minCoverageOrDefault() {
        return Ratios.parse(minCoverage == null ? "80%" : minCoverage);
    }

    public Duration deadlineOrDefault() {
        return Durations.parse(deadline == null ? "2h" : deadline);
    }

    public Duration outageLimitOrDefault() {
        return Durations.parse(outageLimit == null ? "30m" : outageLimit);
    }

    public OnInconclusive onInconclusiveOrDefault() {
        return onInconclusive == null ? OnInconclusive.Pause : onInconclusive;
    }

    public Risk riskOrDefault() {
        return risk == null ? new Risk(null, null) : risk;
    }

    public Dispersion dispersionOrDefault() {
        return dispersion == null ? new Dispersion(null, null) : dispersion;
    }

    public List<Metric> metricsOrEmpty() {
        return metrics == null ? List.of() : metrics;
    }

    /** Those that compare the target with the source or with an objective. */
    public List<Metric> comparing() {
        return metricsOrEmpty().stream().filter(Metric::compares).toList();
    }

    /** How often a verdict may be false. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    @ValidationRule(
            value =
                    "!has(self.falseRevert) || (double(self.falseRevert.replace('%', '')) > 0.0 && double(self.falseRevert.replace('%', ''))"
                            + " < (self.falseRevert.endsWith('%') ? 100.0 : 1.0))",
            message = "risk.falseRevert must be between 0% and 100%, both excluded")
    @ValidationRule(
            value =
                    "!has(self.falsePromote) || (double(self.falsePromote.replace('%', '')) > 0.0 && double(self.falsePromote.replace('%', ''))"
                            + " < (self.falsePromote.endsWith('%') ? 100.0 : 1.0))",
            message = "risk.falsePromote must be between 0% and 100%, both excluded")
    public record Risk(
            @JsonPropertyDescription("The most probable it may be that a version within the tolerance is reverted, over"
                    + " all metrics together.")
            @Default("1%")
            @Pattern(Ratios.PATTERN)
            @Size(max = 20)
            @Nullable
            String falseRevert,

            @JsonPropertyDescription(
                    "The most probable it may be that a version beyond the tolerance counts as" + " non-inferior.")
            @Default("5%")
            @Pattern(Ratios.PATTERN)
            @Size(max = 20)
            @Nullable
            String falsePromote) {

        public double falseRevertOrDefault() {
            return Ratios.parse(falseRevert == null ? "1%" : falseRevert);
        }

        public double falsePromoteOrDefault() {
            return Ratios.parse(falsePromote == null ? "5%" : falsePromote);
        }
    }

    /** How much bad requests come in clusters. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Dispersion(
            @JsonPropertyDescription("How much of the source's history it is estimated from, before the migration.")
            @Default("2h")
            @Pattern(Durations.PATTERN)
            @Size(max = 20)
            @Nullable
            String lookback,

            @JsonPropertyDescription(
                    "A value to use instead of an estimate: 1 when each bad request comes by itself, 10"
                            + " when they come ten at a time.")
            @Min(1)
            @Max(200)
            @Nullable
            Double value) {

        public Duration lookbackOrDefault() {
            return Durations.parse(lookback == null ? "2h" : lookback);
        }
    }
}
