package dev.segue.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RatiosTest {
    @ParameterizedTest
    @CsvSource({"0.25%, 0.0025", "0.0025, 0.0025", "10%, 0.1", "150%, 1.5", "1, 1", "1.0, 1", "0, 0", "0.8%, 0.008"})
    void readsBothForms(String text, double ratio) {
        assertThat(Ratios.parse(text)).isEqualTo(ratio);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "%", "-1%", "1.5", "10", "0.1 %", "1e-3", ".5", "1000%"})
    void refusesWhatIsNoRatio(String text) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Ratios.parse(text))
                .withMessageContaining("is not a ratio such as 0.25% or 0.0025");
    }

    @ParameterizedTest
    @CsvSource({"0.9 pp, 0.009", "-0.042 pp, -0.00042", "0 pp, 0", "100 pp, 1"})
    void readsPercentagePoints(String text, double ratio) {
        assertThat(Ratios.parsePoints(text)).isEqualTo(ratio);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "0.9", "0.9%", "0.9pp", "pp"})
    void refusesWhatAreNoPercentagePoints(String text) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Ratios.parsePoints(text))
                .withMessageContaining("is not a number of percentage points such as -0.42 pp");
    }

    @ParameterizedTest
    @CsvSource({"0, 0%", "0.001, 0.1%", "0.0101667, 1.02%", "1, 100%", "0.3333333, 33.3%"})
    void saysItInPercent(double ratio, String text) {
        assertThat(Ratios.format(ratio)).isEqualTo(text);
    }
}
