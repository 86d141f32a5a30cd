package dev.segue.e2e.witness;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.segue.e2e.shop.Environment;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SettingsTest {

    @Test
    void theDefaults() {
        assertThat(Settings.from(new Environment(Map.of("TARGET_URL", "http://shop.default.svc:8080"))))
                .isEqualTo(new Settings(
                        URI.create("http://shop.default.svc:8080/"),
                        120,
                        60,
                        5,
                        Duration.ofSeconds(10),
                        2,
                        Duration.ofSeconds(2),
                        Duration.ofSeconds(10),
                        Duration.ofSeconds(60),
                        null,
                        Path.of("/out/records.jsonl"),
                        Path.of("/dev/termination-log"),
                        8081));
    }

    @Test
    void unlimitedIsALifetime() {
        Environment environment =
                new Environment(Map.of("TARGET_URL", "http://shop/", "KEEPALIVE_LIFETIME", "unlimited"));
        assertThat(Settings.from(environment).lifetime()).isNull();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "TARGET_URL         | ''                | http://shop.default.svc:8080/",
                "TARGET_URL         | https://shop/     | http://shop.default.svc:8080/",
                "TARGET_URL         | shop:8080         | http://shop.default.svc:8080/",
                "TARGET_URL         | http://shop/?a=b  | http://shop.default.svc:8080/",
                "TARGET_URL         | http://a b/       | http://shop.default.svc:8080/",
                "NEW_RATE           | many              | from 0 to 2000",
                "NEW_RATE           | 246               | NEW_RATE + SLOW_RATE is 251",
                "SLOW_RATE          | 131               | NEW_RATE + SLOW_RATE is 251",
                "KEEPALIVE_RATE     | -1                | from 0 to 2000",
                "KEEPALIVE_LIFETIME | forever           | a duration such as 10s",
                "KEEPALIVE_LIFETIME | 100ms             | at least 500ms",
                "RESPONSE_TIMEOUT   | 2s                | longer than SLOW_SECONDS",
                "DURATION           | 0s                | a duration of at least 1ms",
                "CONTROL_PORT       | 65536             | from 0 to 65535",
            })
    void aBadValueIsRefusedWithItsNameAndWhatWouldBeRight(String name, String value, String right) {
        Map<String, String> variables = new HashMap<>(Map.of("TARGET_URL", "http://shop/"));
        variables.put(name, value);
        assertThatThrownBy(() -> Settings.from(new Environment(variables)))
                .isInstanceOf(Environment.Invalid.class)
                .hasMessageContaining(name)
                .hasMessageContaining(right);
    }

    @Test
    void noLoadAtAllIsRefused() {
        Environment environment = new Environment(
                Map.of("TARGET_URL", "http://shop/", "NEW_RATE", "0", "KEEPALIVE_RATE", "0", "SLOW_RATE", "0"));
        assertThatThrownBy(() -> Settings.from(environment)).hasMessageContaining("nothing would be sent");
    }
}
