package dev.segue.e2e.demo;

import static org.assertj.core.api.Assertions.assertThat;

import dev.segue.api.MigrationStatus.Transition;
import dev.segue.api.Phase;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TellerTest {
    private static final Instant APPLIED = Instant.parse("2026-01-01T00:00:00Z");

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final Teller teller = new Teller(
            new PrintStream(bytes, true, StandardCharsets.UTF_8),
            new Change("1.0.0", "2.0.0", true),
            APPLIED,
            Duration.ofSeconds(3));

    @Test
    void aLineForEachChangeAndASignOfLife() {
        for (int second = 1; second <= 8; second++) {
            teller.tell(List.of(), look(second, second < 6 ? "Hold" : "SizeTarget", second));
        }

        assertThat(lines()).extracting(l -> l.substring(0, 4)).containsExactly("0:01", "0:04", "0:06");
    }

    @Test
    void aFailedRequestIsAChange() {
        teller.tell(List.of(), look(1, "Hold", 5));
        teller.tell(List.of(), new Look(Duration.ofSeconds(2), "Shifting", "1/3", "Hold", "25%", "33%", Map.of(), 1));

        assertThat(lines()).hasSize(2);
    }

    @Test
    void eachTransitionIsToldOnceWithItsTime() {
        var first = new Transition(APPLIED.plusSeconds(2), Phase.Preparing, "Preparing", "starting 2 pod(s)");
        var second = new Transition(APPLIED.plusSeconds(61), Phase.Soaking, "Soaking", "all traffic");
        teller.tell(List.of(first), look(3, "AwaitTarget", 5));
        teller.tell(List.of(first, second), look(62, "Soak", 5));

        assertThat(lines().stream().filter(l -> l.contains(" * ")))
                .containsExactly("0:02  * Preparing: starting 2 pod(s)", "1:01  * Soaking: all traffic");
    }

    private static Look look(int second, String task, double rate) {
        return new Look(
                Duration.ofSeconds(second),
                "Shifting",
                "1/3",
                task,
                "25%",
                "33%",
                Map.of("1.0.0", new Look.Version(4, 4, rate)),
                0);
    }

    private List<String> lines() {
        return bytes.toString(StandardCharsets.UTF_8).lines().toList();
    }
}
