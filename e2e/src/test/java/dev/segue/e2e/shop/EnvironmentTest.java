package dev.segue.e2e.shop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.segue.e2e.shop.Faults.Readiness;
import dev.segue.e2e.shop.Faults.Shutdown;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EnvironmentTest {

    @Test
    void unsetAndBlankVariablesMeanAHealthyShopThatDiesAtOnce() {
        Faults faults = Faults.from(new Environment(Map.of("ERROR_RATIO", "", "CRASH_AFTER", " ")));

        assertThat(faults)
                .isEqualTo(new Faults(
                        0, Duration.ZERO, 1, Readiness.ALWAYS, null, Shutdown.ABRUPT, Duration.ofSeconds(5), 0));
    }

    @Test
    void everyFaultIsRead() {
        Faults faults = Faults.from(new Environment(Map.of(
                "ERROR_RATIO", "0.05",
                "LATENCY_MS", "150",
                "LATENCY_RATIO", "0.1",
                "READY", "never",
                "CRASH_AFTER", "2.5",
                "SHUTDOWN", "graceful",
                "DRAIN_SECONDS", "0.5",
                "QUEUE_DEPTH", "1200")));

        assertThat(faults)
                .isEqualTo(new Faults(
                        0.05,
                        Duration.ofMillis(150),
                        0.1,
                        Readiness.NEVER,
                        Duration.ofMillis(2500),
                        Shutdown.GRACEFUL,
                        Duration.ofMillis(500),
                        1200));
    }

    @ParameterizedTest
    @CsvSource({
        "ERROR_RATIO, 1.01, from 0 to 1",
        "ERROR_RATIO, NaN, from 0 to 1",
        "ERROR_RATIO, 5%, from 0 to 1",
        "LATENCY_MS, -1, from 0 to 60000",
        "LATENCY_MS, 1.5, a whole number",
        "LATENCY_RATIO, 2, from 0 to 1",
        "READY, Never, always or never",
        "CRASH_AFTER, 0, from 0.001 to 86400",
        "SHUTDOWN, fast, abrupt or graceful",
        "DRAIN_SECONDS, 5s, from 0 to 600",
        "QUEUE_DEPTH, full, from 0 to 1000000000",
    })
    void aBadValueIsRefusedWithItsNameAndWhatWouldBeRight(String name, String value, String right) {
        assertThatThrownBy(() -> Faults.from(new Environment(Map.of(name, value))))
                .isInstanceOf(Environment.Invalid.class)
                .hasMessageContaining(name + "='" + value + "'")
                .hasMessageContaining(right);
    }

    @ParameterizedTest
    @CsvSource({"250ms, 250", "10s, 10000", "1.5s, 1500", "2m, 120000", "1h, 3600000"})
    void durationsAreRead(String text, long millis) {
        assertThat(new Environment(Map.of("D", text)).duration("D", Duration.ZERO))
                .isEqualTo(Duration.ofMillis(millis));
    }

    @ParameterizedTest
    @CsvSource({"10", "s", "10 s", "-1s", "0s", "10d"})
    void otherDurationsAreRefused(String text) {
        assertThatThrownBy(() -> new Environment(Map.of("D", text)).duration("D", Duration.ZERO))
                .isInstanceOf(Environment.Invalid.class)
                .hasMessageContaining("D='" + text + "'");
    }
}
