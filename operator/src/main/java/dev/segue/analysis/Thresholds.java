package dev.segue.analysis;

import dev.segue.api.Analysis;
import dev.segue.api.Analysis.Metric;
import dev.segue.api.MigrationStatus.MetricStatus;
import java.math.BigDecimal;
import java.math.MathContext;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The plain rule: a metric fails when it exceeded its limit in k of the last n evaluations. */
public final class Thresholds {
    public static final String PASS = "Pass";
    public static final String FAIL = "Fail";
    public static final String NO_DATA = "NoData";

    private Thresholds() {}

    /** Whether it is time to evaluate this metric again. */
    public static boolean due(Analysis analysis, Metric metric, List<MetricStatus> past, Instant now) {
        return find(past, metric.name())
                .map(s -> !Duration.between(s.at(), now)
                        .minus(analysis.intervalOrDefault())
                        .isNegative())
                .orElse(true);
    }

    /** The metrics' status after these readings; a metric without a new reading keeps its status. */
    public static List<MetricStatus> fold(
            Analysis analysis, List<MetricStatus> past, Map<String, Reading> readings, Instant now) {
        List<MetricStatus> folded = new ArrayList<>();
        for (Metric metric : analysis.metricsOrEmpty()) {
            Optional<MetricStatus> before = find(past, metric.name());
            Reading reading = readings.get(metric.name());
            if (reading != null) {
                folded.add(fold(metric, before, reading, now));
            } else {
                before.ifPresent(folded::add);
            }
        }
        return folded;
    }

    private static MetricStatus fold(Metric metric, Optional<MetricStatus> before, Reading reading, Instant now) {
        List<Boolean> exceeded =
                new ArrayList<>(before.map(MetricStatus::exceeded).orElse(List.of()));
        double max = metric.threshold().max();
        return switch (reading) {
            case Reading.NoData(String why) -> new MetricStatus(metric.name(), null, max, NO_DATA, exceeded, why, now);
            case Reading.Value(double number) -> {
                exceeded.add(number > max);
                while (exceeded.size() > metric.threshold().windowOrDefault()) {
                    exceeded.removeFirst();
                }
                long failures = exceeded.stream().filter(e -> e).count();
                String verdict = failures >= metric.threshold().failuresOrDefault() ? FAIL : PASS;
                yield new MetricStatus(metric.name(), number, max, verdict, exceeded, null, now);
            }
        };
    }

    /** The first metric with this verdict. */
    public static Optional<MetricStatus> first(List<MetricStatus> metrics, String verdict) {
        return metrics.stream().filter(m -> m.verdict().equals(verdict)).findFirst();
    }

    /** A metric that exceeded its limit, in words; numbers to four digits. */
    public static String exceeding(MetricStatus metric) {
        String value = metric.value() == null ? "unknown" : text(metric.value());
        return "metric %s is %s, above %s".formatted(metric.name(), value, text(metric.max()));
    }

    private static String text(double number) {
        return BigDecimal.valueOf(number)
                .round(new MathContext(4))
                .stripTrailingZeros()
                .toPlainString();
    }

    private static Optional<MetricStatus> find(List<MetricStatus> metrics, String name) {
        return metrics.stream().filter(m -> m.name().equals(name)).findFirst();
    }
}
