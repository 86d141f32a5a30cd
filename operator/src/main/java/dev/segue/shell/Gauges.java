package dev.segue.shell;

import dev.segue.api.ComparisonStatus;
import dev.segue.api.ComparisonStatus.Counted;
import dev.segue.api.Migration;
import dev.segue.api.MigrationStatus;
import dev.segue.api.MigrationStatus.MetricStatus;
import dev.segue.api.MigrationStatus.StepStatus;
import dev.segue.api.Ratios;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.MultiGauge.Row;
import io.micrometer.core.instrument.Tags;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiConsumer;
import java.util.stream.Stream;

/**
 * The figures of the Migrations that are under way, for a dashboard. They have the Migration's name as a label, so there are
 * none of a Migration that waits or has ended: as many series as there are moves at the same time. Thread-safe.
 */
final class Gauges {
    private final MultiGauge weight;
    private final MultiGauge phase;
    private final MultiGauge waiting;
    private final MultiGauge requests;
    private final MultiGauge ratio;
    private final MultiGauge excess;
    private final MultiGauge evidence;
    private final MultiGauge needed;
    private final MultiGauge dispersion;
    private final Map<String, Shown> shown = new ConcurrentHashMap<>();

    private record Shown(Tags migration, MigrationStatus status) {}

    /** One figure in the making. */
    private interface Figure {
        void add(Tags tags, double value);
    }

    Gauges(MeterRegistry registry) {
        weight = gauge(
                registry,
                "segue.migration.weight",
                "Share of the traffic in percent: asked for, and what the endpoints give");
        phase = gauge(registry, "segue.migration.phase", "1 for the phase that a Migration under way is in");
        waiting = gauge(registry, "segue.migration.waiting", "1 for what a Migration under way waits for");
        requests = gauge(registry, "segue.analysis.requests", "Requests that were counted, by version; bad ones apart");
        ratio = gauge(registry, "segue.analysis.ratio", "Bad requests per request, by version");
        excess = gauge(
                registry,
                "segue.analysis.excess",
                "How much more bad requests per request the target has, its bounds, and what is tolerated");
        evidence =
                gauge(registry, "segue.analysis.evidence", "Evidence for harm and for non-inferiority, as a logarithm");
        needed = gauge(registry, "segue.analysis.evidence.needed", "Evidence that decides, as a logarithm");
        dispersion = gauge(registry, "segue.analysis.dispersion", "How much bad requests come in clusters");
    }

    private static MultiGauge gauge(MeterRegistry registry, String name, String description) {
        return MultiGauge.builder(name).description(description).register(registry);
    }

    /** Shows this status, or nothing of the Migration any more. */
    void show(Migration m, MigrationStatus status) {
        String uid = Facts.uid(m);
        if (!status.phaseOrPending().engaged()) {
            forget(uid);
            return;
        }
        // Not "namespace": there Prometheus writes the operator's own.
        Tags tags = Tags.of(
                "migration_namespace", m.getMetadata().getNamespace(),
                "migration", m.getMetadata().getName());
        Shown before = shown.put(uid, new Shown(tags, status));
        if (before == null || !before.status().equals(status)) {
            register();
        }
    }

    void forget(String uid) {
        if (shown.remove(uid) != null) {
            register();
        }
    }

    private synchronized void register() {
        register(weight, Gauges::weights);
        register(
                phase,
                (s, f) -> f.add(
                        s.migration().and("phase", s.status().phaseOrPending().name()), 1));
        register(
                waiting,
                (s, f) -> s.status()
                        .condition("Waiting")
                        .ifPresent(c -> f.add(s.migration().and("reason", c.reason()), 1)));
        register(
                requests,
                (s, f) -> compared(s, (tags, c) -> {
                    arms(c, (arm, counted) -> f.add(tags.and("version", arm, "result", "bad"), counted.bad()));
                    arms(c, (arm, counted) -> f.add(tags.and("version", arm, "result", "all"), counted.total()));
                }));
        register(
                ratio,
                (s, f) -> compared(
                        s,
                        (tags, c) -> arms(
                                c,
                                (arm, counted) -> f.add(
                                        tags.and("version", arm),
                                        counted.total() == 0 ? Double.NaN : counted.bad() / counted.total()))));
        register(
                excess,
                (s, f) -> compared(s, (tags, c) -> {
                    f.add(
                            tags.and("value", "estimate"),
                            Ratios.parsePoints(c.effect().excess()));
                    f.add(
                            tags.and("value", "lower"),
                            Ratios.parsePoints(c.effect().lower()));
                    f.add(
                            tags.and("value", "upper"),
                            Ratios.parsePoints(c.effect().upper()));
                    f.add(
                            tags.and("value", "tolerance"),
                            Ratios.parsePoints(c.effect().tolerance()));
                }));
        register(
                evidence,
                (s, f) -> compared(s, (tags, c) -> {
                    f.add(tags.and("for", "harm"), c.evidence().harm());
                    f.add(tags.and("for", "non-inferiority"), c.evidence().nonInferior());
                }));
        register(
                needed,
                (s, f) -> compared(s, (tags, c) -> {
                    f.add(tags.and("for", "harm"), c.evidence().harmNeeded());
                    f.add(tags.and("for", "non-inferiority"), c.evidence().nonInferiorNeeded());
                }));
        register(
                dispersion,
                (s, f) -> compared(s, (tags, c) -> f.add(tags, c.dispersion().phi())));
    }

    private void register(MultiGauge gauge, BiConsumer<Shown, Figure> figures) {
        List<Row<?>> rows = new ArrayList<>();
        shown.values().forEach(s -> figures.accept(s, (tags, value) -> rows.add(Row.of(tags, value))));
        gauge.register(rows, true);
    }

    private static void weights(Shown s, Figure figure) {
        StepStatus step = s.status().step();
        if (step != null) {
            figure.add(s.migration().and("kind", "asked"), step.weight());
            figure.add(s.migration().and("kind", "actual"), 100 * Ratios.parse(step.traffic()));
        }
    }

    private static void compared(Shown s, BiConsumer<Tags, ComparisonStatus> each) {
        Stream<MetricStatus> metrics = s.status().metricsOrEmpty().stream();
        metrics.filter(m -> m.comparison() != null)
                .forEach(m ->
                        each.accept(s.migration().and("metric", m.name()), Objects.requireNonNull(m.comparison())));
    }

    private static void arms(ComparisonStatus c, BiConsumer<String, Counted> each) {
        each.accept("source", c.source());
        each.accept("target", c.target());
    }
}
