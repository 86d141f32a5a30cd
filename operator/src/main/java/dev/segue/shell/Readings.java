package dev.segue.shell;

import dev.segue.analysis.Arms;
import dev.segue.analysis.Counting;
import dev.segue.analysis.Judgement;
import dev.segue.analysis.QueryTemplate;
import dev.segue.analysis.Reading;
import dev.segue.analysis.Schedule;
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
import dev.segue.shell.CountReader.Due;
import dev.segue.shell.PrometheusResult.ConfigError;
import dev.segue.shell.PrometheusResult.Data;
import dev.segue.shell.PrometheusResult.ProviderError;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What Prometheus says at one look.
 *
 * @param metrics the evaluations that were due, by metric
 * @param drain the number of recent requests to the pods being drained, null when none are drained by a query
 */
record Readings(Map<String, Reading> metrics, @Nullable Reading drain) {
    private static final Readings NONE = new Readings(Map.of(), null);

    /** As far back as Prometheus itself looks for a sample. */
    private static final Duration LONGEST_LOOK_BACK = Duration.ofMinutes(5);

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
        List<String> metrics = new ArrayList<>();
        List<String> queries = new ArrayList<>();
        TargetStatus target = status.target();
        if (target != null && Observed.watched(status.phaseOrPending())) {
            for (Metric metric : analysis.metricsOrEmpty()) {
                if (metric.query() != null && Thresholds.due(analysis, metric, status.metricsOrEmpty(), now)) {
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
        Map<String, Reading> byMetric = count(prometheus, source, namespace, analysis, status, now);
        List<Reading> answers = prometheus.ask(source, namespace, queries);
        for (int i = 0; i < metrics.size(); i++) {
            byMetric.put(metrics.get(i), answers.get(i));
        }
        return new Readings(byMetric, answers.size() > metrics.size() ? answers.getLast() : null);
    }

    /** What is counted in the intervals that are due, by metric. */
    private static Map<String, Reading> count(
            Prometheus prometheus,
            PrometheusSource source,
            String namespace,
            Analysis analysis,
            MigrationStatus status,
            Instant now) {
        Map<String, Reading> counted = new HashMap<>();
        Instant holdSince = Observed.watching(status).holdSince();
        if (holdSince == null || status.source() == null || status.target() == null) {
            return counted;
        }
        Arms arms = new Arms(status.source().replicaSet(), status.target().replicaSet());
        // Nearly always all have the same bounds, and so share the time for an answer.
        Map<List<Instant>, List<Due>> byBounds = new LinkedHashMap<>();
        for (Metric metric : analysis.comparing()) {
            Checkpoint past = Judgement.find(status.metricsOrEmpty(), metric.name())
                    .map(MetricStatus::checkpoint)
                    .orElse(null);
            List<Instant> bounds = Schedule.due(analysis, metric, holdSince, past, now);
            if (!bounds.isEmpty()) {
                byBounds.computeIfAbsent(bounds, _ -> new ArrayList<>())
                        .add(new Due(metric.name(), Counting.of(metric), bounds));
            }
        }
        CountReader reader = new CountReader(prometheus, source, namespace);
        byBounds.values()
                .forEach(
                        due -> counted.putAll(reader.counted(arms, due, lookBack(analysis), Schedule.ofPod(analysis))));
        return counted;
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
        Map<String, String> queries = new LinkedHashMap<>();
        List<Instant> bounds = Schedule.history(analysis, now);
        List<Due> due = new ArrayList<>();
        for (Metric metric : analysis.metricsOrEmpty()) {
            if (metric.query() != null) {
                queries.put(metric.name(), QueryTemplate.fill(metric.query(), namespace, sourceReplicaSet));
            } else {
                due.add(new Due(metric.name(), Counting.of(metric), bounds));
            }
        }
        String drain = spec.verifyOrDefault().drainOrDefault().query();
        if (drain != null) {
            queries.put(DRAIN, QueryTemplate.fill(drain, namespace, sourceReplicaSet));
        }
        Map<String, Reading> readings = new CountReader(prometheus, source, namespace)
                .history(new Arms(sourceReplicaSet, null), due, analysis.intervalOrDefault());
        List<PrometheusResult<Reading>> answers = prometheus.numbers(source, namespace, List.copyOf(queries.values()));
        int i = 0;
        for (String name : queries.keySet()) {
            readings.put(name, number(answers.get(i++)));
        }
        return readings;
    }

    /** What one query gave, or why it gave nothing. */
    static Reading number(PrometheusResult<Reading> answer) {
        return switch (answer.whole()) {
            case Data<Reading> data -> data.value();
            case ProviderError<Reading>(String why) -> new Reading.Unavailable(why);
            case ConfigError<Reading>(String why, var _) -> new Reading.Refused(why);
        };
    }

    /**
     * For what a counter is counted from. An interval holds two scrapes, so that two of them do also when one is missed;
     * further back there are only more samples to carry.
     */
    private static Duration lookBack(Analysis analysis) {
        Duration two = analysis.intervalOrDefault().multipliedBy(2);
        return two.compareTo(LONGEST_LOOK_BACK) < 0 ? two : LONGEST_LOOK_BACK;
    }
}
