package dev.segue.shell;

import dev.segue.api.Phase;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.function.Supplier;
import java.util.stream.Stream;

/** The operator's own metrics. None has a label that grows with the number of migrations. Thread-safe. */
final class Metrics {
    private final MeterRegistry registry;

    Metrics(MeterRegistry registry) {
        this.registry = registry;
    }

    /** @param all the phase of each Migration that there is, asked at each scrape */
    void phases(Supplier<Stream<Phase>> all) {
        for (Phase phase : Phase.values()) {
            Gauge.builder(
                            "segue.migrations",
                            all,
                            a -> a.get().filter(p -> p == phase).count())
                    .description("Migrations by phase")
                    .tag("phase", phase.name())
                    .strongReference(true)
                    .register(registry);
        }
    }

    void transition(Phase phase, String reason) {
        registry.counter("segue.transitions", "phase", phase.name(), "reason", reason)
                .increment();
    }

    void phaseEnded(Phase phase, Duration duration) {
        registry.timer("segue.phase.duration", "phase", phase.name()).record(duration);
    }
}
