package dev.segue.shell;

import java.time.Instant;
import java.time.InstantSource;
import java.util.function.LongSupplier;

/**
 * The wall-clock time of its making, plus the time that has really passed since. A step of the system's clock, by NTP or
 * by hand, neither ends a hold nor prolongs it. Thread-safe.
 */
final class SteadyClock implements InstantSource {
    private final Instant start;
    private final LongSupplier nanos;
    private final long startNanos;

    SteadyClock() {
        this(Instant.now(), System::nanoTime);
    }

    /** @param nanos counts nanoseconds from any origin, and may overflow */
    SteadyClock(Instant start, LongSupplier nanos) {
        this.start = start;
        this.nanos = nanos;
        this.startNanos = nanos.getAsLong();
    }

    @Override
    public Instant instant() {
        return start.plusNanos(nanos.getAsLong() - startNanos);
    }
}
