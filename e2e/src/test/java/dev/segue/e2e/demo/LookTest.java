package dev.segue.e2e.demo;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.segue.api.MigrationStatus;
import dev.segue.e2e.witness.Json;
import dev.segue.e2e.witness.Summary;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class LookTest {
    private static final Map<String, Look.Version> VERSIONS =
            Map.of("1.0.0", new Look.Version(4, 4, 62.4), "2.0.0", new Look.Version(1, 2, 7.6));

    @Test
    void aMigrationWithoutStatusIsALineToo() {
        var look = Look.at(Duration.ofSeconds(1), MigrationStatus.EMPTY, Map.of(), 0);

        assertThat(look.line("1.0.0", "2.0.0"))
                .isEqualTo(
                        "0:01   Pending      -     -                            -      -      0      0            0      0            0");
    }

    @Test
    void aLineStandsBelowItsHeader() throws JsonProcessingException {
        var status = Json.MAPPER.readValue("""
                {"phase": "Shifting", "task": "Hold",
                 "step": {"index": 1, "position": "1/3", "weight": 25, "effectiveWeight": 33, "traffic": "20%", "replicas": 2},
                 "conditions": [{"type": "Waiting", "status": "True", "reason": "NoData", "message": "no data",
                                 "lastTransitionTime": "2026-01-01T00:00:00Z"}]}
                """, MigrationStatus.class);
        String header = Look.header("1.0.0", "2.0.0");
        String line = Look.at(Duration.ofSeconds(67), status, VERSIONS, 3).line("1.0.0", "2.0.0");

        List<String> lines = header.lines().toList();
        assertThat(line.indexOf("25%"))
                .isEqualTo(lines.getFirst().indexOf("WEIGHT"))
                .isEqualTo(lines.getLast().indexOf("asked"));
        assertThat(line.indexOf("20%")).isEqualTo(lines.getLast().indexOf("has"));
        assertThat(line.indexOf("1/2")).isEqualTo(lines.getFirst().indexOf("VERSION 2.0.0"));
        assertThat(line.indexOf(" 8 ") + 1).isEqualTo(lines.getLast().lastIndexOf("answers/s"));
        assertThat(line)
                .startsWith("1:07 ")
                .contains("Shifting", "1/3", "Hold (NoData)", "62")
                .endsWith(" 3");
        assertThat(line.lastIndexOf('3')).isEqualTo(lines.getFirst().indexOf("FAILED"));
    }

    @Test
    void theRateIsThatOfTheTimeBetween() throws JsonProcessingException {
        assertThat(Look.rate(summary(100, 5), summary(150, 9), "2.0.0", Duration.ofSeconds(2)))
                .isEqualTo(27);
        assertThat(Look.rate(summary(100, 5), summary(150, 9), "1.0.0", Duration.ofSeconds(2)))
                .isZero();
        assertThat(Look.rate(summary(1, 1), summary(2, 2), "2.0.0", Duration.ZERO))
                .isZero();
    }

    private static Summary summary(long fresh, long slow) throws JsonProcessingException {
        String part = "{\"2.0.0\": {\"requests\": %d, \"ok\": 0, \"connectionFailures\": {}, \"non2xx\": {},"
                + " \"latencyMs\": {\"p50\": 1, \"p99\": 1, \"max\": 1}}}";
        return Json.MAPPER.readValue(
                ("{\"target\": \"x\", \"byKind\": {\"NEW\": " + part + ", \"SLOW\": " + part + "}}")
                        .formatted(fresh, slow),
                Summary.class);
    }
}
