package dev.segue.shell;

import dev.segue.api.Phase;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.Objects;
import java.util.function.Supplier;
import java.util.stream.Stream;

/** The operator's own metrics. None has a label that grows with the number of migrations. Thread-safe. */
final class Metrics {
    /** As its jar says; it has none where the classes run by themselves. */
    static final String VERSION =
            Objects.requireNonNullElse(Metrics.class.getPackage().getImplementationVersion(), "unknown");

    private final MeterRegistry registry;

    Metrics(MeterRegistry registry) {
        this.registry = registry;
        // From 0, as Prometheus sees no increase in a series that begins with its first one.
        Stream.of(Phase.values()).filter(Phase::terminal).forEach(end -> transitions(end, end.name()));
        Gauge.builder("segue.build.info", () -> 1)
                .description("1, for the version that runs")
                .tag("version", VERSION)
                .register(registry);
    }

    private Counter transitions(Phase phase, String reason) {
        return registry.counter("segue.transitions", "phase", phase.name(), "reason", reason);
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
        transitions(phase, reason).increment();
    }

    void phaseEnded(Phase phase, Duration duration) {
        registry.timer("segue.phase.duration", "phase", phase.name()).record(duration);
    }
}
