package dev.segue.assessment;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.segue.analysis.Reading;
import dev.segue.api.Finding;
import dev.segue.api.MigrationSpec;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.LabelSelector;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.Service;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What the decision to go on rests on. */
final class Evidence {
    private static final ObjectMapper MAPPER = new ObjectMapper();

    private Evidence() {}

    static Stream<Finding> missing(Topology t, MigrationSpec spec) {
        if (spec.analysisOrDefault().metricsOrEmpty().isEmpty()) {
            return Stream.of(
                    Reason.HealthOnly.finding(
                            "there is no spec.analysis: the new version is judged by the health of its pods alone, not by what it answers",
                            "analysis: {prometheus: {url: \"http://PROMETHEUS:9090\"}, metrics: [{name: errors, preset: http-server/error-ratio}]}"));
        }
        boolean known = t.knows(Kind.POD_MONITORS) && t.knows(Kind.SERVICE_MONITORS);
        return !known || scraped(t)
                ? Stream.empty()
                : Stream.of(Reason.NotScraped.finding(
                        "no PodMonitor or ServiceMonitor of namespace %s selects the pods, and no annotation prometheus.io/scrape is on them: if nothing else has them scraped, there will be no data"
                                .formatted(t.namespace()),
                        "kubectl get podmonitors,servicemonitors -A, or ask Prometheus: up{namespace=\"%s\"}"
                                .formatted(t.namespace())));
    }

    /** What the metrics ask for, and Prometheus does not have. */
    static Stream<Finding> unknown(Map<String, Reading> readings) {
        return new TreeMap<>(readings)
                .entrySet().stream()
                        .filter(e -> e.getValue() instanceof Reading.History history && history.absent() != null)
                        .map(
                                e -> Reason.MetricUnknown.finding(
                                        "metric %s: %s"
                                                .formatted(e.getKey(), ((Reading.History) e.getValue()).absent()),
                                        "correct the metric in spec.analysis if that is not what the pods tell (kubectl get --raw /api/v1/namespaces/NAMESPACE/pods/POD:PORT/proxy/metrics); counters that begin with their first request are there after it"));
    }

    private static boolean scraped(Topology t) {
        return t.monitors().stream().anyMatch(monitor -> selects(monitor, t))
                || annotated(t.target().getMetadata())
                || t.services().stream().map(Service::getMetadata).anyMatch(Evidence::annotated);
    }

    private static boolean selects(GenericKubernetesResource monitor, Topology t) {
        LabelSelector selector = MAPPER.convertValue(monitor.get("spec", "selector"), LabelSelector.class);
        return monitor.getKind().equals("PodMonitor")
                ? Labels.pick(selector, t.targetLabels())
                : t.services().stream().anyMatch(s -> Labels.pick(selector, labels(s.getMetadata())));
    }

    private static Map<String, String> labels(ObjectMeta meta) {
        return Objects.requireNonNullElse(meta.getLabels(), Map.of());
    }

    private static boolean annotated(@Nullable ObjectMeta meta) {
        return meta != null
                && meta.getAnnotations() != null
                && "true".equals(meta.getAnnotations().get("prometheus.io/scrape"));
    }
}
