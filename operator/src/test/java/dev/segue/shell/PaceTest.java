package dev.segue.shell;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.PriorityQueue;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class PaceTest {
    private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");
    private static final Duration HOLD = Duration.ofSeconds(2);
    private static final int RATE = 25;

    /** How many looks a minute so many Migrations have that wait for as long as a hold does, over and over. */
    private static long looksInTheSecondMinute(int migrations) {
        Pace pace = new Pace(RATE);
        PriorityQueue<Instant> due = new PriorityQueue<>(Comparator.naturalOrder());
        IntStream.range(0, migrations).forEach(i -> due.add(START));
        long looks = 0;
        while (due.peek().isBefore(START.plusSeconds(120))) {
            Instant now = due.remove();
            looks += now.isBefore(START.plusSeconds(60)) ? 0 : 1;
            due.add(now.plus(pace.spread(HOLD, now)));
        }
        return looks;
    }

    @Test
    void fewLookAsOftenAsTheyWant() {
        assertThat(looksInTheSecondMinute(1)).isEqualTo(30);
        assertThat(looksInTheSecondMinute(40)).isEqualTo(40 * 30);
    }

    @Test
    void manyShareWhatThereIs() {
        assertThat(looksInTheSecondMinute(100)).isBetween(RATE * 60L - RATE, RATE * 60L);
        assertThat(looksInTheSecondMinute(1_000)).isBetween(RATE * 60L - RATE, RATE * 60L);
    }

    @Test
    void whatShallBeDoneAtOnceIsDoneAtOnce() {
        Pace pace = new Pace(RATE);
        IntStream.range(0, 1_000).forEach(i -> pace.spread(HOLD, START));
        assertThat(pace.spread(Duration.ZERO, START)).isZero();
    }

    @Test
    void rareLooksTakeNoPlace() {
        Pace pace = new Pace(RATE);
        IntStream.range(0, 10_000)
                .forEach(i ->
                        assertThat(pace.spread(Duration.ofMinutes(10), START)).hasMinutes(10));
        assertThat(pace.spread(HOLD, START)).isEqualTo(HOLD);
    }

    @Test
    void aWaitIsNeverShorterThanWanted() {
        Pace pace = new Pace(RATE);
        IntStream.range(0, 1_000)
                .forEach(i -> assertThat(pace.spread(HOLD, START)).isGreaterThanOrEqualTo(HOLD));
    }
}
