package dev.segue.e2e.recorded;

import dev.segue.analysis.Arms;
import dev.segue.analysis.Comparison;
import dev.segue.analysis.Counting;
import dev.segue.analysis.Counts;
import dev.segue.analysis.Coverage;
import dev.segue.analysis.Criterion;
import dev.segue.analysis.Dispersion;
import dev.segue.analysis.Evidence;
import dev.segue.analysis.Forecast;
import dev.segue.analysis.Interval;
import dev.segue.analysis.Judgement;
import dev.segue.analysis.Observation;
import dev.segue.analysis.Risk;
import dev.segue.analysis.Schedule;
import dev.segue.analysis.Series;
import dev.segue.analysis.Tolerance;
import dev.segue.api.Analysis;
import dev.segue.api.ComparisonStatus.Baseline;
import dev.segue.api.ComparisonStatus.Checkpoint;
import dev.segue.api.Metric;
import dev.segue.api.Migration;
import dev.segue.api.MigrationStatus;
import dev.segue.api.MigrationStatus.MetricStatus;
import dev.segue.api.Ratios;
import dev.segue.e2e.stage.Migrations;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One evaluation of a comparison, computed once more from the raw samples. From the status are the questions only: which
 * intervals were evaluated together, by which queries, and the dispersion; no count, and nothing of what the operator keeps.
 *
 * @param state right after it
 * @param said the metric's status then
 * @param observations what was counted in the intervals that it looked at
 * @param evidence of all intervals until then, added up from the first one
 * @param missing of them had samples, but not of both versions
 * @param beside the source's requests before the cutover; none as long as it has traffic
 */
public record Recount(
        Migration state,
        MetricStatus said,
        List<Observation> observations,
        Evidence evidence,
        int missing,
        Counts beside) {
    /**
     * As the operator does: a counter is counted from what it stood at in the two intervals before, and whether a pod is
     * new is looked for as long before these as its warm-up takes.
     */
    private static final int LOOK_BACK = 2;

    private static final Duration LONGEST_LOOK_BACK = Duration.ofMinutes(5);

    /** Who has the raw samples. */
    @FunctionalInterface
    public interface Samples {
        /** Those after {@code from}, up to and including {@code to}. */
        List<Series> of(String selector, Instant from, Instant to);
    }

    /** All that there were of this metric. */
    public static List<Recount> all(Samples raw, List<Migration> history, String metric) {
        List<Recount> recounts = new ArrayList<>();
        for (Migration state : history) {
            MetricStatus said = Judgement.find(Migrations.status(state).metricsOrEmpty(), metric)
                    .filter(m -> m.checkpoint() != null && m.comparison() != null)
                    .orElse(null);
            Recount before = recounts.isEmpty() ? null : recounts.getLast();
            if (said != null && (before == null || !before.kept().equals(said.checkpoint()))) {
                recounts.add(after(before, state, said, raw));
            }
        }
        return recounts;
    }

    private static Recount after(@Nullable Recount before, Migration state, MetricStatus said, Samples raw) {
        Checkpoint now = Objects.requireNonNull(said.checkpoint());
        Recount known = before != null && now.of().equals(before.kept().of()) ? before : null;
        Instant first = now.holdSince().plus(analysis(state).warmupOrDefault());
        Instant from = known != null && known.kept().until().isAfter(first)
                ? known.kept().until()
                : first;
        Recount recount = begin(known, state, said);
        for (Observation o : count(raw, state, said, from, now.until())) {
            recount = recount.with(o);
        }
        return recount;
    }

    /** Before any interval of this evaluation. */
    private static Recount begin(@Nullable Recount before, Migration state, MetricStatus said) {
        Checkpoint now = Objects.requireNonNull(said.checkpoint());
        if (now.frozen() != null && (before == null || !before.frozen())) {
            Counts beside = before == null ? Counts.NONE : before.evidence.source();
            return new Recount(state, said, List.of(), Evidence.none(0), 0, beside);
        }
        if (before == null || !now.from().equals(before.kept().from())) {
            Evidence none = Evidence.none(tolerance(metric(state, said)).factor());
            return new Recount(state, said, List.of(), none, 0, Counts.NONE);
        }
        boolean sameHold = now.holdSince().equals(before.kept().holdSince());
        Evidence evidence = sameHold ? before.evidence : before.evidence.anew();
        return new Recount(state, said, List.of(), evidence, before.missing, before.beside);
    }

    private Recount with(Observation o) {
        List<Observation> more = new ArrayList<>(observations);
        more.add(o);
        Evidence then = o.sampled() ? evidence.plus(o.counts()) : evidence;
        boolean lacking = o.sampled() && then.intervals() == evidence.intervals();
        return new Recount(state, said, List.copyOf(more), then, missing + (lacking ? 1 : 0), beside);
    }

    private static List<Observation> count(
            Samples raw, Migration state, MetricStatus said, Instant from, Instant until) {
        Duration interval = analysis(state).intervalOrDefault();
        List<Instant> bounds = new ArrayList<>();
        for (Instant bound = from; !bound.isAfter(until); bound = bound.plus(interval)) {
            bounds.add(bound);
        }
        if (bounds.size() < 2) {
            return List.of();
        }
        MigrationStatus status = Migrations.status(state);
        Arms arms = new Arms(
                Objects.requireNonNull(status.source()).replicaSet(),
                Objects.requireNonNull(status.target()).replicaSet());
        Duration back = interval.multipliedBy(LOOK_BACK);
        Duration warmup = Schedule.ofPod(analysis(state));
        Instant since = from.minus(back.compareTo(LONGEST_LOOK_BACK) < 0 ? back : LONGEST_LOOK_BACK)
                .minus(warmup);
        return arms.count(
                Counting.of(metric(state, said)),
                Objects.requireNonNull(said.comparison()).queries().stream()
                        .map(selector -> raw.of(selector, since, bounds.getLast()))
                        .toList(),
                bounds,
                warmup);
    }

    /** What the operator keeps for its next look. */
    public Checkpoint kept() {
        return Objects.requireNonNull(said.checkpoint());
    }

    /** Whether the target is compared with what the source had, as nothing runs beside it any more. */
    public boolean frozen() {
        return kept().frozen() != null;
    }

    /** The figures that the status should show, but for how it goes on. */
    public Comparison comparison() {
        Analysis analysis = analysis(state);
        Metric metric = metric(state, said);
        Risk risk = new Risk(
                analysis.riskOrDefault().falseRevertOrDefault(),
                analysis.riskOrDefault().falsePromoteOrDefault());
        Tolerance tolerance = tolerance(metric);
        if (frozen()) {
            double source = Evidence.none(0)
                    .plus(new Interval(Counts.NONE, source()))
                    .upper(risk.falseRevert(), dispersion().phi());
            tolerance = Tolerance.objective(Math.min(.999, tolerance.factor() * source + tolerance.excess()));
        }
        int weights =
                analysis.comparing().stream().mapToInt(Metric::weightOrDefault).sum();
        return Comparison.of(
                new Criterion(
                        metric.name(), tolerance, (double) metric.weightOrDefault() / weights, metric.isRequired()),
                evidence,
                dispersion(),
                risk,
                new Coverage(evidence.intervals(), missing, kept().from(), kept().until()),
                analysis.minCoverageOrDefault(),
                new Comparison.Outlook(
                        new Forecast.Course(
                                evidence.sourceRatio(),
                                evidence.targetRatio(),
                                evidence.source().total() / evidence.target().total()),
                        0),
                null);
    }

    /** The source's requests: those beside the target, and where they were too few before the cutover the history's as well. */
    public Counts source() {
        if (!frozen()) {
            return evidence.source();
        }
        double shown = Objects.requireNonNull(said.comparison()).source().total();
        Baseline history = said.baseline();
        return history == null || shown == beside.total()
                ? beside
                : beside.plus(new Counts(history.bad(), history.total()));
    }

    private Dispersion dispersion() {
        Double fixed = analysis(state).dispersionOrDefault().value();
        Baseline history = said.baseline();
        if (fixed != null) {
            return Dispersion.fixed(fixed);
        }
        if (history == null || history.intervals() == 0) {
            return Dispersion.of(List.of(), tolerance(metric(state, said)));
        }
        return new Dispersion(
                evidence.factor() == 0 ? history.phiAlone() : history.phi(),
                Dispersion.Origin.HISTORY,
                history.pods(),
                history.intervals(),
                history.bad());
    }

    private static Tolerance tolerance(Metric metric) {
        if (metric.objective() != null) {
            return Tolerance.objective(Ratios.parse(metric.objective().max()));
        }
        Metric.Tolerance t = metric.compare() == null
                ? new Metric.Tolerance(null, null)
                : metric.compare().toleranceOrDefault();
        return Tolerance.of(t.relativeOrDefault(), t.absoluteOrDefault());
    }

    private static Analysis analysis(Migration state) {
        return state.getSpec().analysisOrDefault();
    }

    private static Metric metric(Migration state, MetricStatus said) {
        return analysis(state).comparing().stream()
                .filter(m -> m.name().equals(said.name()))
                .findFirst()
                .orElseThrow();
    }
}
