package dev.segue.analysis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.segue.api.MigrationStatus.DrainStatus;
import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class QuietTest {
    private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

    /** Readings one second apart; since which second it is quiet, or nothing. */
    @ParameterizedTest(name = "{0}: quiet since {1}")
    @CsvSource({"0, 0", "0 0 0, 0", "5 0 0, 1", "0 0 5,", "0 5 0, 2", "-,", "0 -,", "0 - 0, 2", "0.2,", "0 0 0.2 0 0, 3"
    })
    void unknownIsNotQuiet(String readings, @Nullable Long since) {
        DrainStatus drain = null;
        String[] texts = readings.split(" ", -1);
        for (int i = 0; i < texts.length; i++) {
            Reading reading =
                    texts[i].equals("-") ? new Reading.NoData("gone") : new Reading.Value(Double.parseDouble(texts[i]));
            drain = Quiet.fold(drain, reading, START.plusSeconds(i));
        }
        DrainStatus last = Objects.requireNonNull(drain);
        assertThat(last.quietSince()).isEqualTo(since == null ? null : START.plusSeconds(since));
        assertThat(last.message()).isEqualTo(texts[texts.length - 1].equals("-") ? "gone" : null);
        assertThat(last.requests() == null).isEqualTo(texts[texts.length - 1].equals("-"));
    }
}
