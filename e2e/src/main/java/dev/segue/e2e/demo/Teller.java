package dev.segue.e2e.demo;

import dev.segue.api.MigrationStatus.Transition;
import java.io.PrintStream;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Tells about a Migration line by line: every transition, every change, and a sign of life in between. */
final class Teller {
    private final PrintStream out;
    private final Change change;
    private final Instant applied;
    private final Duration silence;
    private int transitions;
    private @Nullable Look last;

    /** @param silence the longest time without a line */
    Teller(PrintStream out, Change change, Instant applied, Duration silence) {
        this.out = out;
        this.change = change;
        this.applied = applied;
        this.silence = silence;
    }

    /** @param timeline all transitions so far; those that were told before are not told again */
    void tell(List<Transition> timeline, Look now) {
        for (; transitions < timeline.size(); transitions++) {
            Transition t = timeline.get(transitions);
            Duration at = Duration.between(applied, t.at());
            out.printf("%-5s * %s: %s%n", Look.clock(at.isNegative() ? Duration.ZERO : at), t.reason(), t.message());
        }
        if (last == null
                || now.differs(last)
                || now.elapsed().minus(last.elapsed()).compareTo(silence) >= 0) {
            out.println(now.line(change.from(), change.to()));
            last = now;
        }
    }
}
