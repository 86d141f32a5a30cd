package dev.segue.analysis;

import dev.segue.api.Analysis;
import dev.segue.api.ComparisonStatus;
import dev.segue.api.ComparisonStatus.Baseline;
import dev.segue.api.ComparisonStatus.Checkpoint;
import dev.segue.api.ComparisonStatus.Counted;
import dev.segue.api.ComparisonStatus.Shares;
import dev.segue.api.Durations;
import dev.segue.api.Metric;
import dev.segue.api.MigrationStatus.MetricStatus;
import dev.segue.api.Ratios;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * One metric's comparison in the making: the evidence so far, and what one look adds to it.
 *
 * <p>While both arms have traffic they are compared with each other. In the soak nothing runs beside the target any more: it
 * is compared with what the source had before, as a limit for the target alone. That limit rests on the upper bound of
 * the source's ratio, so that what is not known of the source is not held against the target.
 */
final class Comparing {
    /** As many pods are named. */
    private static final int NAMED = 3;

    private final Analysis analysis;
    private final Metric metric;
    private final Risk risk;
    private final @Nullable Baseline baseline;
    private final @Nullable Double share;
    private final String of;

    private Evidence evidence;
    private Instant from;
    private Instant until;
    private @Nullable Instant sampledUntil;
    private Instant holdSince;
    private int holdIntervals;
    private Counts holdSource = Counts.NONE;
    private Counts holdTarget = Counts.NONE;
    private @Nullable Shares shares;
    private int missing;
    private @Nullable Counts frozen;
    private @Nullable String absent;
    private @Nullable String unseen;
    private final Watched watched;

    /** Starts from what the status knows. */
    Comparing(Analysis analysis, Metric metric, Watched watched, @Nullable MetricStatus past) {
        this.analysis = analysis;
        this.metric = metric;
        this.watched = watched;
        risk = risk(analysis);
        baseline = past == null
                        || past.baseline() == null
                        || !past.baseline().of().equals(Counting.of(metric).key())
                ? null
                : past.baseline();
        share = watched.share();
        shares = watched.alone() ? null : new Shares(0, 0, 0);
        holdSince = Objects.requireNonNull(watched.holdSince());
        Instant first = holdSince.plus(analysis.warmupOrDefault());
        Tolerance tolerance = tolerance(metric);
        of = of(analysis, metric);
        Checkpoint c = past == null ? null : past.checkpoint();
        ComparisonStatus said = past == null ? null : past.comparison();
        if (c == null || !c.of().equals(of)) {
            evidence = Evidence.none(tolerance.factor());
            from = first;
            until = first;
        } else {
            evidence = Checkpoints.evidence(c);
            from = c.from();
            until = c.until();
            sampledUntil = c.sampledUntil();
            missing = c.missing();
            if (c.holdSince().equals(holdSince)) {
                holdIntervals = c.holdIntervals();
                holdSource = new Counts(c.holdSourceBad(), c.holdSource());
                holdTarget = new Counts(c.holdTargetBad(), c.holdTarget());
                shares = c.shares();
                unseen = said == null ? null : said.coverage().unseen();
            } else {
                evidence = evidence.anew();
            }
            frozen = c.frozen() == null
                    ? null
                    : new Counts(c.frozen().bad(), c.frozen().total());
        }
        if (watched.alone() && frozen == null && !tolerance.isObjective()) {
            freeze(first);
        }
    }

    /** What evidence is of; of anything else it begins anew. */
    static String of(Analysis analysis, Metric metric) {
        return "%s × %s / %s"
                .formatted(
                        Counting.of(metric).key(),
                        tolerance(metric).factor(),
                        Durations.format(analysis.intervalOrDefault()));
    }

    static Risk risk(Analysis analysis) {
        return new Risk(
                analysis.riskOrDefault().falseRevertOrDefault(),
                analysis.riskOrDefault().falsePromoteOrDefault());
    }

    /** What is tolerated while both arms have traffic. */
    static Tolerance tolerance(Metric metric) {
        if (metric.objective() != null) {
            return Tolerance.objective(Ratios.parse(metric.objective().max()));
        }
        Metric.Tolerance t = metric.compare() == null
                ? new Metric.Tolerance(null, null)
                : metric.compare().toleranceOrDefault();
        return Tolerance.of(t.relativeOrDefault(), t.absoluteOrDefault());
    }

    private void freeze(Instant first) {
        Counts beside = evidence.source();
        Counts before = baseline == null ? Counts.NONE : new Counts(baseline.bad(), baseline.total());
        // The latest is the best likeness, unless it is so little that it leaves more open than is tolerated.
        double open = upper(beside) - beside.ratio();
        boolean enough = open <= Math.max(tolerance(metric).excess(), beside.ratio());
        frozen = enough ? beside : beside.plus(before);
        evidence = Evidence.none(0);
        from = first;
        until = first;
        missing = 0;
    }

    void add(Reading.Counted counted) {
        absent = counted.absent();
        for (Observation o : counted.observations()) {
            until = o.end();
            unseen = unseen(o);
            if (o.sampled()) {
                dealt(o.all());
                Evidence before = evidence;
                evidence = evidence.plus(o.counts());
                if (evidence.intervals() > before.intervals()) {
                    holdSource = holdSource.plus(o.counts().source());
                    holdTarget = holdTarget.plus(o.counts().target());
                } else {
                    missing++;
                }
                holdIntervals++;
                sampledUntil = o.end();
            }
        }
    }

    /**
     * Pods that should be in the interval and are not, of a version of which others are. One that is younger may not have
     * been scraped yet, or is left out.
     */
    private @Nullable String unseen(Observation o) {
        Instant made = o.end().minus(analysis.intervalOrDefault()).minus(Schedule.ofPod(analysis));
        String told = Stream.of(
                        unseen("source", watched.alone() ? Map.of() : watched.source(), o.pods(), made),
                        unseen("target", watched.target(), o.pods(), made))
                .flatMap(Optional::stream)
                .collect(Collectors.joining("; "));
        return told.isEmpty() ? null : told;
    }

    private static Optional<String> unseen(String arm, Map<String, Instant> ready, Set<String> sampled, Instant made) {
        Set<String> due = new TreeSet<>();
        ready.forEach((pod, since) -> {
            if (since.isBefore(made)) {
                due.add(pod);
            }
        });
        int all = due.size();
        due.removeAll(sampled);
        return due.isEmpty() || ready.keySet().stream().noneMatch(sampled::contains)
                ? Optional.empty()
                : Optional.of("%d of the %s's %d pods have no samples: %s"
                        .formatted(
                                due.size(),
                                arm,
                                all,
                                due.stream().limit(NAMED).collect(Collectors.joining(", "))
                                        + (due.size() > NAMED ? ", …" : "")));
    }

    /** Pods of which nothing is counted; empty when there are none. */
    Optional<String> unseen() {
        return Optional.ofNullable(unseen);
    }

    /** The share that is asked for may change within a hold, as the source is scaled. */
    private void dealt(Interval counts) {
        double source = counts.source().total();
        double target = counts.target().total();
        if (shares != null && share != null) {
            shares = new Shares(
                    shares.source() + source, shares.target() + target, shares.expected() + share * (source + target));
        }
    }

    /** How the requests of this hold were shared; empty when there were none, or nobody knows how they should be. */
    Optional<TrafficShare> share() {
        if (shares == null || shares.source() + shares.target() == 0) {
            return Optional.empty();
        }
        double requests = shares.source() + shares.target();
        return Optional.of(TrafficShare.of(shares.expected() / requests, shares.source(), shares.target()));
    }

    boolean frozen() {
        return frozen != null;
    }

    /** The source's requests that this comparison rests on. */
    Counts source(Comparison c) {
        return frozen == null ? c.source() : frozen;
    }

    /** The boundary that the evidence is for now. */
    private Tolerance boundary() {
        Tolerance tolerance = tolerance(metric);
        if (frozen == null) {
            return tolerance;
        }
        double source = upper(frozen);
        return Tolerance.objective(Math.min(0.999, tolerance.factor() * source + tolerance.excess()));
    }

    /** The most that a ratio may be of which these requests are known, but for the risk of a false revert. */
    private double upper(Counts counts) {
        return Evidence.none(0)
                .plus(new Interval(Counts.NONE, counts))
                .upper(risk.falseRevert(), dispersion(0).phi());
    }

    private Dispersion dispersion(double factor) {
        Double fixed = analysis.dispersionOrDefault().value();
        if (fixed != null) {
            return Dispersion.fixed(fixed);
        }
        if (baseline == null || baseline.intervals() == 0) {
            return Dispersion.of(List.of(), tolerance(metric));
        }
        return new Dispersion(
                factor == 0 ? baseline.phiAlone() : baseline.phi(),
                Dispersion.Origin.HISTORY,
                baseline.pods(),
                baseline.intervals(),
                baseline.bad());
    }

    /**
     * @param share of the risk of a false revert
     * @param trouble what kept this look from new data, or null
     */
    Comparison comparison(double share, @Nullable Verdict trouble) {
        Comparison comparison = Comparison.of(
                new Criterion(metric.name(), boundary(), share, metric.isRequired()),
                evidence,
                dispersion(evidence.factor()),
                risk,
                new Coverage(evidence.intervals(), missing, from, until),
                analysis.minCoverageOrDefault(),
                outlook(),
                trouble == null ? nothing() : trouble);
        return frozen == null
                ? comparison
                : comparison.saying(
                        "; nothing runs beside it any more, so the limit is from what the source had before");
    }

    /**
     * As in this hold, once it has counted what its step waits for: what came with its weight goes on, and what was before
     * does not. Until then as in all holds.
     */
    private Comparison.Outlook outlook() {
        return enough()
                ? new Comparison.Outlook(
                        new Forecast.Course(
                                holdSource.ratio(), holdTarget.ratio(), holdSource.total() / holdTarget.total()),
                        perMinute(holdTarget, holdIntervals))
                : Comparison.Outlook.of(evidence, perMinute(evidence.target(), evidence.intervals()));
    }

    private double perMinute(Counts target, int intervals) {
        double minutes = intervals * analysis.intervalOrDefault().toMillis() / 60_000.0;
        return minutes > 0 ? target.total() / minutes : 0;
    }

    /** Why there is nothing to go by, null when there is. */
    private @Nullable Verdict nothing() {
        if (frozen != null && frozen.total() == 0) {
            return new Verdict.NoData(
                    "the source had no requests before the cutover, so there is nothing to compare with");
        }
        if (silent()) {
            return new Verdict.NoData("there are no samples of the pods%s: %s"
                    .formatted(
                            sampledUntil == null ? "" : " since " + sampledUntil,
                            absent != null
                                    ? absent
                                    : "Prometheus does not scrape them, or the selectors match nothing"
                                            + (Counting.of(metric).histogram() == null
                                                    ? ""
                                                    : ": " + Counting.of(metric).noHistogram())));
        }
        return absent != null && evidence.intervals() == 0
                ? new Verdict.NoData(Comparison.noData(boundary()) + ": " + absent)
                : null;
    }

    /** Whether there is nothing to go by, so that what was said of it holds until the next answer. */
    boolean isEmpty() {
        return evidence.intervals() == 0 || nothing() != null;
    }

    /**
     * What this hold has not seen enough of: requests of each arm that is compared. Evidence of the steps before does not
     * count: what breaks at this weight only has not been seen there.
     */
    Optional<String> tooFew() {
        return enough()
                ? Optional.empty()
                : Optional.of("metric %s has counted %s at this weight; analysis.minRequests asks for %d%s%s"
                        .formatted(
                                metric.name(),
                                alone()
                                        ? "%.0f requests of the target".formatted(holdTarget.total())
                                        : "%.0f requests of the source and %.0f of the target"
                                                .formatted(holdSource.total(), holdTarget.total()),
                                analysis.minRequestsOrDefault(),
                                alone() ? "" : " of each version",
                                untilEnough().map(e -> "; " + e.inWords()).orElse("")));
    }

    private boolean alone() {
        return evidence.factor() == 0;
    }

    private boolean enough() {
        int least = analysis.minRequestsOrDefault();
        return holdTarget.total() >= least && (alone() || holdSource.total() >= least);
    }

    /** How long until this hold has counted enough, as it goes; empty when it has, or nobody can say. */
    private Optional<Comparison.Eta> untilEnough() {
        if (enough() || holdTarget.total() == 0) {
            return Optional.empty();
        }
        int least = analysis.minRequestsOrDefault();
        double ofTarget = least - holdTarget.total();
        double ofSource = alone() ? 0 : (least - holdSource.total()) / holdSource.total() * holdTarget.total();
        return Optional.of(
                Comparison.Eta.of(Math.ceil(Math.max(ofTarget, ofSource)), perMinute(holdTarget, holdIntervals)));
    }

    /** When the step may end for this metric: what it waits for last. */
    Optional<Comparison.Eta> eta(Comparison c) {
        Optional<Comparison.Eta> decided = Optional.ofNullable(c.eta());
        Optional<Comparison.Eta> counted = untilEnough();
        boolean first = c.nonInferior().decides()
                || (decided.isPresent()
                        && counted.isPresent()
                        && counted.get().requests() > decided.get().requests());
        return first ? counted : decided;
    }

    boolean outOfTime() {
        Duration compared = analysis.intervalOrDefault().multipliedBy(holdIntervals);
        return compared.compareTo(analysis.deadlineOrDefault()) >= 0;
    }

    /**
     * Whether Prometheus has answered, and had no samples for too long. Only intervals that were evaluated count: what an
     * absent operator has not asked for yet is no silence.
     */
    boolean silent() {
        Instant first = holdSince.plus(analysis.warmupOrDefault());
        Instant since = sampledUntil == null || sampledUntil.isBefore(first) ? first : sampledUntil;
        return Duration.between(since, until).compareTo(analysis.outageLimitOrDefault()) >= 0;
    }

    Checkpoint checkpoint() {
        return new Checkpoint(
                of,
                from,
                until,
                sampledUntil,
                holdSince,
                holdIntervals,
                holdSource.total(),
                holdSource.bad(),
                holdTarget.total(),
                holdTarget.bad(),
                shares,
                missing,
                frozen == null ? null : counted(frozen),
                evidence.factor(),
                evidence.intervals(),
                evidence.source().bad(),
                evidence.source().total(),
                evidence.target().bad(),
                evidence.target().total(),
                evidence.strata().weight(),
                evidence.strata().source(),
                evidence.strata().target(),
                Checkpoints.harm(evidence),
                Checkpoints.sums(evidence.nonInferior()));
    }

    static Counted counted(Counts counts) {
        return new Counted(counts.bad(), counts.total(), Ratios.format(counts.ratio()));
    }
}
