package dev.segue.shell;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class SteadyClockTest {
    private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

    @Test
    void goesOnWithTheTimeThatPasses() {
        AtomicLong nanos = new AtomicLong(-7);
        SteadyClock clock = new SteadyClock(START, nanos::get);

        assertThat(clock.instant()).isEqualTo(START);
        nanos.addAndGet(90_000_000_000L);
        assertThat(clock.instant()).isEqualTo(START.plusSeconds(90));
    }

    /** The counter has no origin that means anything, and may begin just before the largest number. */
    @Test
    void theCounterMayOverflow() {
        AtomicLong nanos = new AtomicLong(Long.MAX_VALUE - 1_000_000_000L);
        SteadyClock clock = new SteadyClock(START, nanos::get);

        nanos.addAndGet(5_000_000_000L);
        assertThat(clock.instant()).isEqualTo(START.plusSeconds(5));
    }

    @Test
    void beginsWithTheSystemsTime() {
        Instant before = Instant.now();
        assertThat(new SteadyClock().instant()).isBetween(before, Instant.now().plusSeconds(1));
    }
}
