package dev.segue.shell;

import dev.segue.api.Phase;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** The operator's own metrics. None has a label that grows with the number of migrations. Thread-safe. */
final class Metrics {
    private final MeterRegistry registry;
    private final Map<String, Phase> phases = new ConcurrentHashMap<>();

    Metrics(MeterRegistry registry) {
        this.registry = registry;
        for (Phase phase : Phase.values()) {
            Gauge.builder("segue.migrations", phases, p -> count(p, phase))
                    .description("Migrations by phase")
                    .tag("phase", phase.name())
                    .register(registry);
        }
    }

    private static double count(Map<String, Phase> phases, Phase phase) {
        return phases.values().stream().filter(p -> p == phase).count();
    }

    void observe(String uid, Phase phase) {
        phases.put(uid, phase);
    }

    void forget(String uid) {
        phases.remove(uid);
    }

    void transition(Phase phase, String reason) {
        registry.counter("segue.transitions", "phase", phase.name(), "reason", reason)
                .increment();
    }

    void phaseEnded(Phase phase, Duration duration) {
        registry.timer("segue.phase.duration", "phase", phase.name()).record(duration);
    }
}
