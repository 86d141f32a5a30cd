package dev.segue.analysis;

import dev.segue.api.Analysis;
import dev.segue.api.ComparisonStatus.Baseline;
import dev.segue.api.Durations;
import dev.segue.api.Metric;
import dev.segue.api.MigrationStatus.MetricStatus;
import dev.segue.api.Ratios;
import dev.segue.api.Step;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What the source was like before the migration: how much its bad requests cluster, and how long its traffic takes to
 * decide. Measured before anything starts, so that nobody waits for a verdict that cannot come.
 */
public final class Baselines {
    private static final double NEVER = Duration.ofDays(30).toSeconds();

    private Baselines() {}

    /** The metrics' status after the history was read. */
    public static List<MetricStatus> measure(
            Analysis analysis, List<Step> steps, Map<String, Reading> readings, Instant now) {
        List<MetricStatus> measured = new ArrayList<>();
        for (Metric metric : analysis.comparing()) {
            if (readings.get(metric.name()) instanceof Reading.History history) {
                Baseline baseline = baseline(analysis, metric, steps, history);
                measured.add(new MetricStatus(
                        metric.name(),
                        null,
                        null,
                        Judgement.BASELINE,
                        List.of(),
                        "%s: the source has %s of %s requests bad (%s); %s"
                                .formatted(
                                        metric.name(),
                                        Comparison.number(baseline.bad()),
                                        Comparison.number(baseline.total()),
                                        baseline.ratio(),
                                        baseline.forecast()),
                        now,
                        null,
                        baseline,
                        null));
            }
        }
        return measured;
    }

    private static Baseline baseline(Analysis analysis, Metric metric, List<Step> steps, Reading.History history) {
        Tolerance tolerance = Comparing.tolerance(metric);
        Dispersion beside = Dispersion.of(history.intervals(), tolerance);
        Dispersion alone = Dispersion.of(history.intervals(), Tolerance.objective(tolerance.excess()));
        Counts all = history.intervals().stream()
                .flatMap(pods -> pods.values().stream())
                .reduce(Counts.NONE, Counts::plus);
        double seconds = beside.intervals() * history.interval().toMillis() / 1000.0;
        double perSecond = seconds == 0 ? 0 : all.total() / seconds;
        return new Baseline(
                Counting.of(metric).key(),
                all.bad(),
                all.total(),
                Ratios.format(all.ratio()),
                Judgement.rounded(perSecond),
                beside.intervals(),
                beside.pods(),
                beside.phi(),
                alone.phi(),
                forecast(analysis, tolerance, steps, all, perSecond, phi(analysis, beside.phi())));
    }

    private static double phi(Analysis analysis, double estimated) {
        return Objects.requireNonNullElse(analysis.dispersionOrDefault().value(), estimated);
    }

    private static String forecast(
            Analysis analysis, Tolerance tolerance, List<Step> steps, Counts all, double perSecond, double phi) {
        if (all.total() == 0) {
            return "there is no history, so nobody can say how long a verdict takes";
        }
        List<String> times = new ArrayList<>();
        for (Step step : steps) {
            if (step.weight() < 100) {
                times.add("%s at %d%%"
                        .formatted(inWords(seconds(analysis, tolerance, all, perSecond, phi, step)), step.weight()));
            }
        }
        return times.isEmpty()
                ? "both versions never run side by side"
                : "an equal version is shown to be non-inferior after about " + String.join(", ", times);
    }

    private static String inWords(Optional<Double> seconds) {
        return seconds.map(s -> Durations.format(Duration.ofSeconds(Math.max(1, Math.round(s)))))
                .orElse("more than 30 days");
    }

    private static Optional<Double> seconds(
            Analysis analysis, Tolerance tolerance, Counts all, double perSecond, double phi, Step step) {
        double share = step.weight() / 100.0;
        return Forecast.nonInferior(
                        Evidence.none(tolerance.factor()),
                        tolerance,
                        Comparing.risk(analysis),
                        phi,
                        new Forecast.Course(all.ratio(), all.ratio(), (1 - share) / share))
                .map(requests -> requests / (perSecond * share))
                .filter(s -> s < NEVER);
    }

    private static Optional<Double> seconds(Analysis analysis, Metric metric, Baseline b, Step step) {
        return seconds(
                analysis,
                Comparing.tolerance(metric),
                new Counts(b.bad(), b.total()),
                b.perSecond(),
                phi(analysis, b.phi()),
                step);
    }

    /**
     * How long an equal version takes at this step to be shown to be non-inferior; for the metric that takes longest.
     *
     * @param time null when nobody can say, or it is too long to be waited for
     */
    public record Expected(@Nullable Duration time, String inWords) {}

    /** Empty when nothing is compared at this step. */
    public static Optional<Expected> expected(Analysis analysis, Step step, List<MetricStatus> measured) {
        List<Metric> comparing = analysis.comparing();
        if (step.weight() == 100 || comparing.isEmpty()) {
            return Optional.empty();
        }
        double longest = 0;
        for (Metric metric : comparing) {
            Baseline baseline = Judgement.find(measured, metric.name())
                    .map(MetricStatus::baseline)
                    .orElse(null);
            if (baseline == null || baseline.total() == 0) {
                return Optional.of(new Expected(null, "unknown: metric %s has no history".formatted(metric.name())));
            }
            Optional<Double> seconds = seconds(analysis, metric, baseline, step);
            if (seconds.isEmpty()) {
                return Optional.of(new Expected(null, "more than 30 days: metric " + metric.name()));
            }
            longest = Math.max(longest, seconds.get());
        }
        return Optional.of(
                new Expected(Duration.ofSeconds(Math.max(1, Math.round(longest))), inWords(Optional.of(longest))));
    }

    /**
     * Why a step will not get in time the requests that its gate waits for, with what to change; empty when it may. Each gate
     * waits for minRequests.
     */
    public static Optional<String> hopeless(Analysis analysis, List<Step> steps, List<MetricStatus> measured) {
        for (Metric metric : analysis.comparing()) {
            Optional<Baseline> baseline =
                    Judgement.find(measured, metric.name()).map(MetricStatus::baseline);
            if (baseline.isEmpty() || !metric.isRequired() || baseline.get().total() == 0) {
                continue;
            }
            Baseline b = baseline.get();
            for (Step step : steps) {
                double ofTarget = b.perSecond() * step.weight() / 100; // beside the source it has half at most
                double least = analysis.minRequestsOrDefault() / ofTarget;
                if (least > analysis.deadlineOrDefault().toSeconds()) {
                    return Optional.of(
                            "metric %s: at %.3g requests per second, analysis.minRequests (%d) take %s at %d%%, and analysis.deadline is %s: lower minRequests, raise the deadline, or send more traffic"
                                    .formatted(
                                            metric.name(),
                                            b.perSecond(),
                                            analysis.minRequestsOrDefault(),
                                            inWords(Optional.of(least).filter(s -> s < NEVER)),
                                            step.weight(),
                                            Durations.format(analysis.deadlineOrDefault())));
                }
                if (step.weight() == 100 || !step.needsNonInferiority()) {
                    continue;
                }
                Optional<Double> seconds = seconds(analysis, metric, b, step);
                if (seconds.isEmpty()
                        || seconds.get() > analysis.deadlineOrDefault().toSeconds()) {
                    return Optional.of(
                            "metric %s: at %.3g requests per second, %s bad, an equal version takes %s at %d%%, and analysis.deadline is %s: raise it or the metric's tolerance, give the step gate NoHarm, or send more traffic"
                                    .formatted(
                                            metric.name(),
                                            b.perSecond(),
                                            b.ratio(),
                                            inWords(seconds),
                                            step.weight(),
                                            Durations.format(analysis.deadlineOrDefault())));
                }
            }
        }
        return Optional.empty();
    }
}
