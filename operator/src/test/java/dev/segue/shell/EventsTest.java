package dev.segue.shell;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import org.junit.jupiter.api.Test;

/** The limits of the API server: 253 characters of name, 1024 bytes of note. */
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

    @Test
    void aNoteIsCutByBytesAndNotWithinACharacter() {
        assertThat(Events.note("é".repeat(512))).isEqualTo("é".repeat(512));
        assertThat(Events.note("é".repeat(513))).isEqualTo("é".repeat(512));
        String cut = Events.note("x" + "😀".repeat(300));
        assertThat(cut).isEqualTo("x" + "😀".repeat(255));
        assertThat(cut.getBytes(StandardCharsets.UTF_8)).hasSizeLessThanOrEqualTo(1024);
    }
}
