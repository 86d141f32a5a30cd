package dev.segue.e2e.demo;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.segue.e2e.demo.Report.Promise;
import dev.segue.e2e.witness.Json;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ReportTest {
    private static final Promise KEPT = new Promise("a", true, "x");

    @Test
    void whatMachinesRead() {
        JsonNode json = Json.MAPPER.valueToTree(report(KEPT));

        assertThat(json.path("versions").path("segue").asText()).isEqualTo("0.1.0");
        assertThat(json.path("start").asText()).isEqualTo("2026-01-01T00:00:00Z");
        assertThat(json.path("kept").asBoolean()).isTrue();
        JsonNode bad = json.path("migrations").path(1);
        assertThat(bad.path("requests").asLong()).isEqualTo(2_900);
        assertThat(bad.path("failures").asLong()).isEqualTo(12);
        assertThat(bad.path("traffic")
                        .path("KEEPALIVE")
                        .path("3.0.0")
                        .path("answers")
                        .path("500")
                        .asLong())
                .isEqualTo(5);
        assertThat(bad.path("phases").path(1).path("phase").asText()).isEqualTo("Reverting");
        assertThat(bad.path("verdict").path("reason").asText()).isEqualTo("MetricHarm");
    }

    @Test
    void keptMeansAllOfThem() {
        assertThat(report(KEPT).kept()).isTrue();
        assertThat(report(KEPT, new Promise("b", false, "y")).kept()).isFalse();
        assertThat(report().kept()).isFalse();
    }

    private static Report report(Promise... promises) {
        return new Report(
                Map.of("segue", "0.1.0"),
                Instant.parse("2026-01-01T00:00:00Z"),
                120,
                List.of(Examples.GOOD, Examples.BAD),
                List.of(promises));
    }
}
