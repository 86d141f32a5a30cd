package dev.segue.shell;

import static org.assertj.core.api.Assertions.assertThat;

import dev.segue.api.Phase;
import dev.segue.shell.Metrics.PhaseCounts;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class MetricsTest {
    @Test
    void oneScrapeCountsAllMigrationsOnceAndTheNextOneAnew() {
        List<Phase> phases = new ArrayList<>(List.of(Phase.Completed, Phase.Shifting, Phase.Completed));
        AtomicInteger asked = new AtomicInteger();
        AtomicLong nanos = new AtomicLong(-5);
        var counts = new PhaseCounts(
                () -> {
                    asked.incrementAndGet();
                    return phases.stream();
                },
                nanos::get);
        assertThat(counts.of(Phase.Completed)).isEqualTo(2);
        assertThat(counts.of(Phase.Shifting)).isEqualTo(1);
        assertThat(counts.of(Phase.Stuck)).isZero();
        assertThat(asked).hasValue(1);

        phases.add(Phase.Stuck);
        nanos.addAndGet(Duration.ofSeconds(1).toNanos());
        assertThat(counts.of(Phase.Stuck)).as("of the same scrape").isZero();
        nanos.incrementAndGet();
        assertThat(counts.of(Phase.Stuck)).isEqualTo(1);
        assertThat(asked).hasValue(2);
    }
}
