package dev.segue.e2e.witness;

import static org.assertj.core.api.Assertions.assertThat;

import dev.segue.e2e.witness.Summary.FailureRun;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class TallyTest {
    private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

    private final Tally tally = new Tally();
    private int next;

    @Test
    void failuresAreSplitByKindVersionAndSort() {
        add(Kind.NEW, 200, null, "1.0.0");
        add(Kind.NEW, 500, null, "3.0.0");
        add(Kind.NEW, 500, null, "3.0.0");
        add(Kind.NEW, 404, null, "3.0.0");
        add(Kind.KEEPALIVE, null, "reset", null);
        add(Kind.SLOW, 204, null, null);

        Summary summary = summary();
        assertThat(summary.requests()).isEqualTo(6);
        assertThat(summary.failures()).isEqualTo(4);
        assertThat(summary.failureRatio()).isEqualTo(4 / 6.0);
        assertThat(summary.connectionFailures()).isEqualTo(1);
        assertThat(summary.non2xx()).isEqualTo(3);
        assertThat(summary.byKind()).containsOnlyKeys(Kind.values());
        assertThat(summary.byKind().get(Kind.NEW)).containsOnlyKeys("1.0.0", "3.0.0");
        assertThat(summary.part(Kind.NEW, "3.0.0").non2xx()).isEqualTo(Map.of(500, 2L, 404, 1L));
        assertThat(summary.part(Kind.NEW, "3.0.0").ok()).isZero();
        assertThat(summary.part(Kind.KEEPALIVE, Summary.NO_VERSION).connectionFailures())
                .isEqualTo(Map.of("reset", 1L));
        assertThat(summary.part(Kind.SLOW, Summary.NO_VERSION).ok()).isEqualTo(1);
        assertThat(summary.answers("3.0.0", 500)).isEqualTo(2);
        assertThat(summary.ok("1.0.0")).isEqualTo(1);
        assertThat(summary.from()).isEqualTo(START);
        assertThat(summary.to()).isEqualTo(START.plusSeconds(5).plusMillis(6));
    }

    @Test
    void theLongestRunOfFailuresIsTheOneWithTheMostRequests() {
        add(Kind.NEW, 500, null, "1");
        add(Kind.NEW, 200, null, "1");
        add(Kind.NEW, null, "reset", null);
        add(Kind.SLOW, 500, null, "1");
        add(Kind.KEEPALIVE, null, "reset", null);
        add(Kind.NEW, 200, null, "1");
        add(Kind.NEW, 500, null, "1");

        assertThat(summary().longestFailureRun())
                .isEqualTo(new FailureRun(
                        3, START.plusSeconds(2), START.plusSeconds(4).plusMillis(5)));
    }

    @Test
    void latenciesAreInMilliseconds() {
        for (int i = 0; i < 100; i++) {
            add(Kind.NEW, 200, null, "1");
        }

        // Request n takes n + 1 milliseconds; the histogram keeps three digits.
        Summary.Latency latency = summary().part(Kind.NEW, "1").latencyMs();
        assertThat(latency.p50()).isBetween(49.9, 50.1);
        assertThat(latency.p99()).isBetween(98.9, 99.1);
        assertThat(latency.max()).isBetween(99.9, 100.1);
    }

    @Test
    void whatIsOnItsWayIsOutstanding() {
        tally.sent();
        add(Kind.NEW, 200, null, "1");

        assertThat(summary().outstanding()).isEqualTo(1);
    }

    @Test
    void theSummarySurvivesJson() throws Exception {
        add(Kind.NEW, 200, null, "1.0.0");
        add(Kind.NEW, 500, null, "3.0.0");
        add(Kind.SLOW, null, "no-response", null);

        String json = Json.MAPPER.writeValueAsString(summary());
        assertThat(json).contains("\"from\":\"2026-01-01T00:00:00Z\"").doesNotContain("\n");
        assertThat(Json.MAPPER.readValue(json, Summary.class)).isEqualTo(summary());
    }

    /** Request n is due n seconds after the start and takes n + 1 milliseconds. */
    private void add(Kind kind, @Nullable Integer status, @Nullable String error, @Nullable String version) {
        tally.sent();
        tally.ended(new RequestRecord(
                START.plusSeconds(next), next + 1.0, 0, kind, status, error, null, version, null, null, false));
        next++;
    }

    private Summary summary() {
        return tally.summary("http://shop/", Map.of(Kind.NEW, 1L));
    }
}
