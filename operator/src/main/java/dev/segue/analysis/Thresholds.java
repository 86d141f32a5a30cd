package dev.segue.analysis;

import dev.segue.api.Analysis;
import dev.segue.api.Metric;
import dev.segue.api.MigrationStatus.MetricStatus;
import java.math.BigDecimal;
import java.math.MathContext;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The plain rule: a metric fails when it exceeded its limit in k of the last n evaluations. */
public final class Thresholds {
    public static final String PASS = "Pass";
    public static final String FAIL = "Fail";
    public static final String NO_DATA = "NoData";

    private Thresholds() {}

    /** Whether it is time to evaluate this metric again. */
    public static boolean due(Analysis analysis, Metric metric, List<MetricStatus> past, Instant now) {
        return Judgement.find(past, metric.name())
                .map(s -> !Duration.between(s.at(), now)
                        .minus(analysis.intervalOrDefault())
                        .isNegative())
                .orElse(true);
    }

    /** The metric's status after this reading; without a new reading it keeps its status. */
    static Optional<MetricStatus> fold(
            Metric metric, @Nullable MetricStatus before, @Nullable Reading reading, Instant now) {
        List<Boolean> exceeded = new ArrayList<>(before == null ? List.of() : before.exceeded());
        double max = metric.limit().max();
        return switch (reading) {
            case null -> Optional.ofNullable(before);
            case Reading.Value(double number) -> {
                exceeded.add(number > max);
                while (exceeded.size() > metric.limit().windowOrDefault()) {
                    exceeded.removeFirst();
                }
                long failures = exceeded.stream().filter(e -> e).count();
                String verdict = failures >= metric.limit().failuresOrDefault() ? FAIL : PASS;
                yield Optional.of(MetricStatus.limited(metric.name(), number, max, verdict, exceeded, null, now));
            }
            case Reading.Missing missing ->
                Optional.of(MetricStatus.limited(metric.name(), null, max, NO_DATA, exceeded, missing.why(), now));
            case Reading.Counted _, Reading.History _ ->
                throw new IllegalArgumentException("metric %s is a query, and was counted".formatted(metric.name()));
        };
    }

    /** The first metric with this verdict. */
    public static Optional<MetricStatus> first(List<MetricStatus> metrics, String verdict) {
        return metrics.stream().filter(m -> m.verdict().equals(verdict)).findFirst();
    }

    /** A metric that exceeded its limit, in words; numbers to four digits. */
    public static String exceeding(MetricStatus metric) {
        String value = metric.value() == null ? "unknown" : text(metric.value());
        return "metric %s is %s, above %s".formatted(metric.name(), value, text(Objects.requireNonNull(metric.max())));
    }

    private static String text(double number) {
        return BigDecimal.valueOf(number)
                .round(new MathContext(4))
                .stripTrailingZeros()
                .toPlainString();
    }
}
