package dev.segue.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DurationsTest {
    @ParameterizedTest
    @CsvSource({
        "90s,        90000,    1m30s",
        "5m,         300000,   5m",
        "1h30m,      5400000,  1h30m",
        "48h,        172800000, 48h",
        "500ms,      500,      500ms",
        "0s,         0,        0ms",
        "1m500ms,    60500,    1m",
        "1s1s,       2000,     2s",
    })
    void readAndWritten(String text, long millis, String written) {
        Duration read = Durations.parse(text);
        assertThat(read).hasMillis(millis);
        assertThat(Durations.format(read)).isEqualTo(written);
        assertThat(text).matches(Durations.PATTERN);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "5", "m", "5 m", "-5m", "1.5h", "5d", "5m ", "PT5M", "5m\n", "9999999999999999999h"})
    void refused(String text) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Durations.parse(text))
                .withMessageContaining("is not a duration such as 90s");
    }
}
