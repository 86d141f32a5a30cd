package dev.segue.shell;

import dev.segue.analysis.Arms;
import dev.segue.analysis.Counting;
import dev.segue.analysis.QueryTemplate;
import dev.segue.analysis.Reading;
import dev.segue.analysis.Schedule;
import dev.segue.analysis.Series;
import dev.segue.analysis.Thresholds;
import dev.segue.api.Analysis;
import dev.segue.api.ComparisonStatus.Checkpoint;
import dev.segue.api.Metric;
import dev.segue.api.Migration;
import dev.segue.api.MigrationSpec;
import dev.segue.api.MigrationStatus;
import dev.segue.api.MigrationStatus.MetricStatus;
import dev.segue.api.MigrationStatus.TargetStatus;
import dev.segue.api.PrometheusSource;
import dev.segue.engine.Observed;
import dev.segue.shell.PrometheusResult.ConfigError;
import dev.segue.shell.PrometheusResult.Data;
import dev.segue.shell.PrometheusResult.ProviderError;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What Prometheus says at one look.
 *
 * @param metrics the evaluations that were due, by metric
 * @param drain the number of recent requests to the pods being drained, null when none are drained by a query
 */
record Readings(Map<String, Reading> metrics, @Nullable Reading drain) {
    private static final Readings NONE = new Readings(Map.of(), null);

    /** What a counter is counted from: as far back as Prometheus itself looks for a sample. */
    private static final Duration LOOK_BACK = Duration.ofMinutes(5);

    /** Name of the reading of {@code verify.drain.query} before the start. */
    private static final String DRAIN = "verify.drain.query";

    static Readings take(Prometheus prometheus, Migration m, Instant now) {
        MigrationSpec spec = m.getSpec();
        MigrationStatus status = Objects.requireNonNullElse(m.getStatus(), MigrationStatus.EMPTY);
        Analysis analysis = spec.analysisOrDefault();
        PrometheusSource source = analysis.prometheus();
        if (source == null) {
            return NONE;
        }
        String namespace = m.getMetadata().getNamespace();
        Map<String, Reading> byMetric = new HashMap<>();
        List<String> metrics = new ArrayList<>();
        List<String> queries = new ArrayList<>();
        TargetStatus target = status.target();
        if (target != null && Observed.watched(status.phaseOrPending())) {
            for (Metric metric : analysis.metricsOrEmpty()) {
                if (metric.query() == null) {
                    Reading counted = count(prometheus, source, namespace, analysis, metric, status, now);
                    if (counted != null) {
                        byMetric.put(metric.name(), counted);
                    }
                } else if (Thresholds.due(analysis, metric, status.metricsOrEmpty(), now)) {
                    metrics.add(metric.name());
                    queries.add(QueryTemplate.fill(metric.query(), namespace, target.replicaSet()));
                }
            }
        }
        String drain = spec.verifyOrDefault().drainOrDefault().query();
        String drained = Observed.drained(status);
        if (drain != null && drained != null) {
            queries.add(QueryTemplate.fill(drain, namespace, drained));
        }
        List<Reading> answers = queries.isEmpty() ? List.of() : prometheus.ask(source, namespace, queries);
        for (int i = 0; i < metrics.size(); i++) {
            byMetric.put(metrics.get(i), answers.get(i));
        }
        return new Readings(byMetric, answers.size() > metrics.size() ? answers.getLast() : null);
    }

    /** The intervals that are due, null when none are. */
    private static @Nullable Reading count(
            Prometheus prometheus,
            PrometheusSource source,
            String namespace,
            Analysis analysis,
            Metric metric,
            MigrationStatus status,
            Instant now) {
        Instant holdSince = Observed.watching(status).holdSince();
        if (holdSince == null || status.source() == null || status.target() == null) {
            return null;
        }
        Checkpoint past = status.metricsOrEmpty().stream()
                .filter(s -> s.name().equals(metric.name()))
                .findFirst()
                .map(MetricStatus::checkpoint)
                .orElse(null);
        List<Instant> bounds = Schedule.due(analysis, holdSince, past, now);
        if (bounds.isEmpty()) {
            return null;
        }
        Counting counting = Counting.of(metric);
        Arms arms = new Arms(status.source().replicaSet(), status.target().replicaSet());
        List<String> selectors = counting.selectors(namespace, arms.pods());
        return series(
                prometheus,
                source,
                namespace,
                selectors,
                bounds,
                answers -> new Reading.Counted(arms.count(counting, answers, bounds), selectors));
    }

    /**
     * Before anything starts: each query is tried, and of what is compared the source's history is read.
     *
     * @param sourceReplicaSet the Deployment's
     */
    static Map<String, Reading> before(Prometheus prometheus, Migration m, String sourceReplicaSet, Instant now) {
        MigrationSpec spec = m.getSpec();
        Analysis analysis = spec.analysisOrDefault();
        PrometheusSource source = analysis.prometheus();
        if (source == null) {
            return Map.of();
        }
        String namespace = m.getMetadata().getNamespace();
        Map<String, Reading> readings = new HashMap<>();
        List<String> asked = new ArrayList<>();
        List<String> queries = new ArrayList<>();
        List<Instant> bounds = Schedule.history(analysis, now);
        for (Metric metric : analysis.metricsOrEmpty()) {
            if (metric.query() != null) {
                asked.add(metric.name());
                queries.add(QueryTemplate.fill(metric.query(), namespace, sourceReplicaSet));
                continue;
            }
            Counting counting = Counting.of(metric);
            Arms arms = new Arms(sourceReplicaSet, null);
            readings.put(
                    metric.name(),
                    series(
                            prometheus,
                            source,
                            namespace,
                            counting.selectors(namespace, arms.pods()),
                            bounds,
                            answers -> new Reading.History(
                                    Arms.perPod(counting, answers, bounds), analysis.intervalOrDefault())));
        }
        String drain = spec.verifyOrDefault().drainOrDefault().query();
        if (drain != null) {
            asked.add(DRAIN);
            queries.add(QueryTemplate.fill(drain, namespace, sourceReplicaSet));
        }
        List<PrometheusResult<Reading>> answers =
                queries.isEmpty() ? List.of() : prometheus.numbers(source, namespace, queries);
        for (int i = 0; i < asked.size(); i++) {
            readings.put(
                    asked.get(i),
                    switch (answers.get(i)) {
                        case Data<Reading> data -> data.value();
                        case ProviderError<Reading>(String why) -> new Reading.Unavailable(why);
                        case ConfigError<Reading>(String why) -> new Reading.Refused(why);
                    });
        }
        return readings;
    }

    /** All selectors' series, of the same time, or why not. */
    private static Reading series(
            Prometheus prometheus,
            PrometheusSource source,
            String namespace,
            List<String> selectors,
            List<Instant> bounds,
            Function<List<List<Series>>, Reading> read) {
        List<List<Series>> answers = new ArrayList<>();
        for (PrometheusResult<List<Series>> result : prometheus.samples(
                source, namespace, selectors, bounds.getFirst().minus(LOOK_BACK), bounds.getLast())) {
            switch (result) {
                case Data<List<Series>> data -> answers.add(data.value());
                case ProviderError<List<Series>>(String why) -> {
                    return new Reading.Unavailable(why);
                }
                case ConfigError<List<Series>>(String why) -> {
                    return new Reading.Refused(why);
                }
            }
        }
        try {
            return read.apply(answers);
        } catch (IllegalArgumentException e) {
            return new Reading.Refused(String.valueOf(e.getMessage()));
        }
    }
}
