package dev.segue.shell;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PrometheusBackOffTest {
    private Instant now = Instant.parse("2026-01-01T00:00:00Z");
    private final PrometheusBackOff backOff = new PrometheusBackOff(() -> now);

    private void pass(Duration time) {
        now = now.plus(time);
    }

    /** With the quarter that it may be longer. */
    private void restsFor(Duration base) {
        pass(base.minusMillis(1));
        assertThat(backOff.resting()).isPresent();
        pass(base.dividedBy(4).plusMillis(1));
        assertThat(backOff.resting()).isEmpty();
    }

    @Test
    void eachFailureDoublesTheRestUpToAMinute() {
        for (int seconds : new int[] {5, 10, 20, 40, 60, 60, 60}) {
            backOff.failed("down", null);
            restsFor(Duration.ofSeconds(seconds));
        }
        backOff.answered();
        backOff.failed("down again", null);
        restsFor(Duration.ofSeconds(5));
    }

    @Test
    void requestsUnderWayTogetherFailOnce() {
        for (int i = 0; i < 4; i++) {
            backOff.failed("down", null);
        }
        restsFor(Duration.ofSeconds(5));
        backOff.failed("down", null);
        restsFor(Duration.ofSeconds(10));
    }

    @Test
    void tellsTheLastErrorInTheSameWordsAllTheTime() {
        assertThat(backOff.failed("down", null).why()).isEqualTo("down");
        assertThat(backOff.resting()).hasValue("down");
        pass(Duration.ofSeconds(3));
        assertThat(backOff.resting()).hasValue("down");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    30                            | 30
                    Thu, 01 Jan 2026 00:00:30 GMT | 30
                    3                             | 5
                    86400                         | 300
                    Wed, 31 Dec 2025 23:00:00 GMT | 5
                    soon                          | 5
                    -1                            | 5
                    """)
    void whatTheServerAsksForIsGranted(String retryAfter, int seconds) {
        backOff.failed("busy", retryAfter);
        restsFor(Duration.ofSeconds(seconds));
    }

    @Test
    void aLateAnswerCountsOnlyWhenNobodyHadOneMeanwhile() {
        Instant asked = now;
        pass(Duration.ofSeconds(3));
        backOff.answered();
        pass(Duration.ofSeconds(7));
        backOff.late(asked, "late");
        assertThat(backOff.resting()).isEmpty();

        backOff.late(now, "late");
        assertThat(backOff.resting()).isPresent();
    }
}
