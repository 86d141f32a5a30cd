package dev.segue.analysis;

import dev.segue.api.Analysis;
import dev.segue.api.ComparisonStatus;
import dev.segue.api.ComparisonStatus.Against;
import dev.segue.api.Metric;
import dev.segue.api.MigrationStatus.MetricStatus;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What all metrics say after a look: their status, and what the comparisons say together.
 *
 * @param metrics in the order of the spec; those that nothing is known of yet are left out
 * @param conclusion null when nothing is compared, or nothing has been yet
 * @param tooFew of what this hold has not seen enough yet for its step to end; empty when it has
 * @param mismatch how the traffic is shared, when that is not as the endpoints suggest. It decides nothing: rates are
 *     compared, which do not depend on it, and clients that keep their connections are a common cause
 * @param unseen pods of which nothing is counted while others of their version are. It decides nothing either: a pod may
 *     have had no requests
 */
public record Judgement(
        List<MetricStatus> metrics,
        @Nullable Conclusion conclusion,
        Optional<String> tooFew,
        Optional<String> mismatch,
        Optional<String> unseen) {
    /** Verdict of a metric that only has been measured at the source. */
    public static final String BASELINE = "Baseline";

    private static final int DIGITS = 4;

    /**
     * @param past the metrics' status before this look
     * @param readings what it read, by metric; of a metric that was not due there is none
     */
    public static Judgement of(
            Analysis analysis, Watched watched, List<MetricStatus> past, Map<String, Reading> readings, Instant now) {
        List<MetricStatus> statuses = new ArrayList<>();
        List<Comparison> comparisons = new ArrayList<>();
        List<String> tooFew = new ArrayList<>();
        List<TrafficShare> shares = new ArrayList<>();
        List<String> unseen = new ArrayList<>();
        boolean outOfTime = false;
        boolean outage = false;
        int weights =
                analysis.comparing().stream().mapToInt(Metric::weightOrDefault).sum();
        for (Metric metric : analysis.metricsOrEmpty()) {
            MetricStatus before = find(past, metric.name()).orElse(null);
            Reading reading = readings.get(metric.name());
            if (!metric.compares()) {
                Thresholds.fold(metric, before, reading, now).ifPresent(statuses::add);
                continue;
            }
            if (watched.holdSince() == null || (reading == null && (before == null || before.checkpoint() == null))) {
                if (before != null) {
                    statuses.add(before);
                }
                tooFew.add("metric %s has not been evaluated yet".formatted(metric.name()));
                continue;
            }
            Comparing comparing = new Comparing(analysis, metric, watched, before);
            if (reading instanceof Reading.Counted counted) {
                comparing.add(counted);
            }
            Comparison comparison = comparing.comparison(
                    (double) metric.weightOrDefault() / weights, trouble(reading, before, comparing.isEmpty()));
            comparing
                    .unseen()
                    .map(pods -> "by metric %s %s".formatted(metric.name(), pods))
                    .ifPresent(unseen::add);
            comparisons.add(comparison);
            comparing.share().ifPresent(shares::add);
            statuses.add(status(metric, comparing, comparison, reading, before, now));
            comparing.tooFew().filter(_ -> metric.isRequired()).ifPresent(tooFew::add);
            if (metric.isRequired()) {
                outOfTime |= comparing.outOfTime() || comparing.silent();
                outage |= comparison.verdict() instanceof Verdict.ProviderError && awayTooLong(analysis, before, now);
            }
        }
        boolean complete = !comparisons.isEmpty()
                && comparisons.size() == analysis.comparing().size();
        Conclusion conclusion =
                complete ? Conclusion.of(comparisons, Comparing.risk(analysis), outOfTime, outage) : null;
        Optional<String> mismatch = mismatch(shares, Comparing.risk(analysis));
        Optional<String> first = unseen.stream().findFirst();
        String also = Stream.concat(mismatch.stream(), first.stream())
                .map("; "::concat)
                .collect(Collectors.joining());
        Optional<String> lacking = tooFew.stream().findFirst().map(few -> few + also);
        if (conclusion != null) {
            conclusion = conclusion.saying(also);
        }
        if (conclusion != null && outOfTime && lacking.isPresent()) {
            conclusion = conclusion.lacking(lacking.get());
        }
        return new Judgement(statuses, conclusion, lacking, mismatch, first);
    }

    /** By the metric that counts most, since it counts most of the traffic. */
    private static Optional<String> mismatch(List<TrafficShare> shares, Risk risk) {
        return shares.stream()
                .max(Comparator.comparingDouble(s -> s.source() + s.target()))
                .filter(s -> s.mismatch(risk.falseRevert()))
                .map(TrafficShare::inWords);
    }

    /** The status keeps the time of the first of the failures in a row. */
    private static boolean awayTooLong(Analysis analysis, @Nullable MetricStatus before, Instant now) {
        return before != null
                && before.verdict().equals("ProviderError")
                && Duration.between(before.at(), now).compareTo(analysis.outageLimitOrDefault()) >= 0;
    }

    /** What stands in the way stays there until the next answer. */
    private static @Nullable Verdict trouble(@Nullable Reading reading, @Nullable MetricStatus before, boolean empty) {
        return switch (reading) {
            case Reading.Unavailable(String why) -> new Verdict.ProviderError(why);
            case Reading.Refused(String why) -> new Verdict.ConfigError(why);
            case null -> remembered(before, empty);
            default -> null;
        };
    }

    private static @Nullable Verdict remembered(@Nullable MetricStatus before, boolean empty) {
        if (before == null) {
            return null;
        }
        String message = before.message() == null ? "" : before.message();
        String why = message.startsWith(before.name() + ": ")
                ? message.substring(before.name().length() + 2)
                : message;
        return switch (before.verdict()) {
            case "ProviderError" -> new Verdict.ProviderError(why);
            case "ConfigError" -> new Verdict.ConfigError(why);
            case "NoData" -> empty ? new Verdict.NoData(why) : null;
            default -> null;
        };
    }

    private static MetricStatus status(
            Metric metric,
            Comparing comparing,
            Comparison c,
            @Nullable Reading reading,
            @Nullable MetricStatus before,
            Instant now) {
        String verdict = c.verdict().name();
        Instant at = before != null && verdict.equals("ProviderError") && verdict.equals(before.verdict())
                ? before.at()
                : now;
        MetricStatus status = new MetricStatus(
                metric.name(),
                null,
                null,
                verdict,
                List.of(),
                c.reason(),
                at,
                figures(metric, comparing, c, queries(metric, reading, before)),
                before == null ? null : before.baseline(),
                comparing.checkpoint());
        boolean same = before != null
                && !(reading instanceof Reading.Counted)
                && status.verdict().equals(before.verdict())
                && Objects.equals(status.message(), before.message());
        return same
                ? Objects.requireNonNull(before)
                : status; // a hold that just began is noted with its first interval
    }

    /** What Prometheus was asked for when it last answered; before that, what it will be asked for. */
    private static List<String> queries(Metric metric, @Nullable Reading reading, @Nullable MetricStatus before) {
        if (reading instanceof Reading.Counted counted) {
            return counted.selectors();
        }
        if (before != null && before.comparison() != null) {
            return before.comparison().queries();
        }
        Counting counting = Counting.of(metric);
        return counting.bad() == null ? List.of(counting.total()) : List.of(counting.total(), counting.bad());
    }

    private static ComparisonStatus figures(Metric metric, Comparing comparing, Comparison c, List<String> queries) {
        Against against =
                comparing.frozen() ? Against.Frozen : metric.objective() != null ? Against.Objective : Against.Source;
        return new ComparisonStatus(
                against,
                Comparing.counted(comparing.source(c)),
                Comparing.counted(c.target()),
                new ComparisonStatus.Effect(
                        Comparison.points(c.effect().excess()),
                        Comparison.points(c.effect().lower()),
                        Comparison.points(c.effect().upper()),
                        Comparison.points(c.effect().tolerance().excess())),
                new ComparisonStatus.Evidence(
                        rounded(c.harm().log()),
                        rounded(c.harm().needed()),
                        rounded(c.nonInferior().log()),
                        rounded(c.nonInferior().needed()),
                        "harm %.0f%%, non-inferior %.0f%%"
                                .formatted(
                                        100 * c.harm().progress(),
                                        100 * c.nonInferior().progress())),
                new ComparisonStatus.Dispersion(rounded(c.dispersion().phi()), origin(c.dispersion())),
                new ComparisonStatus.Coverage(
                        c.coverage().intervals(),
                        c.coverage().missing(),
                        c.coverage().from(),
                        c.coverage().to(),
                        comparing.unseen().orElse(null)),
                comparing.eta(c).map(Comparison.Eta::inWords).orElse(null),
                comparing.share().map(TrafficShare::inWords).orElse(null),
                queries);
    }

    private static String origin(Dispersion d) {
        return switch (d.origin()) {
            case HISTORY ->
                "history of %d pod(s): %d intervals with %.0f bad requests".formatted(d.pods(), d.intervals(), d.bad());
            case FIXED -> "analysis.dispersion.value";
            case ASSUMED -> "assumed, as there is no history";
        };
    }

    /** For humans; what is computed with is in the checkpoint. */
    static double rounded(double number) {
        double scale = Math.pow(10, DIGITS);
        return Math.round(number * scale) / scale;
    }

    /** The status of the metric with this name. */
    public static Optional<MetricStatus> find(List<MetricStatus> metrics, String name) {
        return metrics.stream().filter(m -> m.name().equals(name)).findFirst();
    }
}
