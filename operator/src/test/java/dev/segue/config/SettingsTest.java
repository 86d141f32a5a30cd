package dev.segue.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SettingsTest {
    @Test
    void haveDefaults() {
        assertThat(Settings.from(Map.of()))
                .isEqualTo(new Settings(
                        Set.of(), true, "default", "segue-operator", "segue", 8080, 10, "", "cluster.local"));
    }

    @Test
    void areReadFromTheEnvironment() {
        assertThat(Settings.from(Map.of(
                        "SEGUE_WATCH_NAMESPACES", "shop, checkout,",
                        "SEGUE_LEADER_ELECTION", "false",
                        "POD_NAMESPACE", "segue-system",
                        "SEGUE_LEASE", "blue-segue-operator",
                        "POD_NAME", "segue-0",
                        "SEGUE_PORT", "9090",
                        "SEGUE_MAX_CONCURRENT", "3",
                        "SEGUE_IMAGE", "segue.dev/operator:1",
                        "SEGUE_CLUSTER_DOMAIN", "example.org")))
                .isEqualTo(new Settings(
                        Set.of("shop", "checkout"),
                        false,
                        "segue-system",
                        "blue-segue-operator",
                        "segue-0",
                        9090,
                        3,
                        "segue.dev/operator:1",
                        "example.org"));
    }

    @ParameterizedTest
    @CsvSource({
        "SEGUE_LEADER_ELECTION, yes",
        "SEGUE_PORT, 0",
        "SEGUE_PORT, 65536",
        "SEGUE_MAX_CONCURRENT, many",
    })
    void whatCannotBeReadIsNamed(String variable, String value) {
        assertThatThrownBy(() -> Settings.from(Map.of(variable, value)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(variable)
                .hasMessageContaining(value);
    }
}
