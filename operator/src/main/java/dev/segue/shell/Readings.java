package dev.segue.shell;

import dev.segue.analysis.QueryTemplate;
import dev.segue.analysis.Reading;
import dev.segue.analysis.Thresholds;
import dev.segue.api.Analysis;
import dev.segue.api.Migration;
import dev.segue.api.MigrationSpec;
import dev.segue.api.MigrationStatus;
import dev.segue.api.MigrationStatus.TargetStatus;
import dev.segue.engine.Observed;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
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

    static Readings take(Prometheus prometheus, Migration m, Instant now) {
        MigrationSpec spec = m.getSpec();
        MigrationStatus status = Objects.requireNonNullElse(m.getStatus(), MigrationStatus.EMPTY);
        Analysis analysis = spec.analysisOrDefault();
        if (analysis.prometheus() == null) {
            return NONE;
        }
        String namespace = m.getMetadata().getNamespace();
        List<String> metrics = new ArrayList<>();
        List<String> queries = new ArrayList<>();
        TargetStatus target = status.target();
        if (target != null && Observed.watched(status.phaseOrPending())) {
            for (Analysis.Metric metric : analysis.metricsOrEmpty()) {
                if (Thresholds.due(analysis, metric, status.metricsOrEmpty(), now)) {
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
        List<Reading> answers = prometheus.ask(analysis.prometheus(), namespace, queries);
        Map<String, Reading> byMetric = new HashMap<>();
        for (int i = 0; i < metrics.size(); i++) {
            byMetric.put(metrics.get(i), answers.get(i));
        }
        return new Readings(byMetric, answers.size() > metrics.size() ? answers.getLast() : null);
    }
}
