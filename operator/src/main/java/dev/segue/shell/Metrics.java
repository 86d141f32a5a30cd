package dev.segue.shell;

import dev.segue.api.Phase;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

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

    /** @param all the phase of each Migration that there is, asked once for each scrape */
    void phases(Supplier<Stream<Phase>> all) {
        var counts = new PhaseCounts(all, System::nanoTime);
        for (Phase phase : Phase.values()) {
            Gauge.builder("segue.migrations", counts, c -> c.of(phase))
                    .description("Migrations by phase")
                    .tag("phase", phase.name())
                    .strongReference(true)
                    .register(registry);
        }
    }

    /** Of thousands of Migrations, so the gauges of one scrape share one count. */
    static final class PhaseCounts {
        private static final Duration FRESH = Duration.ofSeconds(1);

        private final Supplier<Stream<Phase>> all;
        private final LongSupplier nanoTime;
        private @Nullable Map<Phase, Long> counts;
        private long at;

        PhaseCounts(Supplier<Stream<Phase>> all, LongSupplier nanoTime) {
            this.all = all;
            this.nanoTime = nanoTime;
        }

        synchronized long of(Phase phase) {
            long now = nanoTime.getAsLong();
            Map<Phase, Long> known = counts;
            if (known == null || now - at > FRESH.toNanos()) {
                known = all.get().collect(Collectors.groupingBy(Function.identity(), Collectors.counting()));
                counts = known;
                at = now;
            }
            return known.getOrDefault(phase, 0L);
        }
    }

    void transition(Phase phase, String reason) {
        transitions(phase, reason).increment();
    }

    void phaseEnded(Phase phase, Duration duration) {
        registry.timer("segue.phase.duration", "phase", phase.name()).record(duration);
    }
}
