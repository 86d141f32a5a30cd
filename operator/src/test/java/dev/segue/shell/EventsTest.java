package dev.segue.shell;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import org.junit.jupiter.api.Test;

/** The API server takes names of 253 characters. */
class EventsTest {
    private static final Instant AT = Instant.parse("2026-01-01T00:00:00.123Z");

    @Test
    void namesFollowFromWhatIsTold() {
        assertThat(Events.name("shop-2", "StepStarted", AT)).isEqualTo("shop-2.19b76daa87b.stepstarted");
    }

    @Test
    void aLongNameIsCutWhereANameMayEnd() {
        String suffix = ".19b76daa87b.handoverrerouted";
        assertThat(Events.name("s".repeat(253), "HandoverRerouted", AT))
                .hasSize(253)
                .endsWith("s" + suffix);
        assertThat(Events.name("s".repeat(220) + "-.-.-" + "s".repeat(28), "HandoverRerouted", AT))
                .isEqualTo("s".repeat(220) + suffix);
    }
}
