package dev.segue.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.segue.api.MigrationStatus.Cause;
import dev.segue.api.MigrationStatus.DrainStatus;
import dev.segue.api.MigrationStatus.MetricStatus;
import dev.segue.api.MigrationStatus.Transition;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Whatever others say, the status stays one that the API server takes. */
class MessageTest {
    private static final Instant AT = Instant.parse("2026-01-01T00:00:00Z");
    private static final String LONG = "x".repeat(50_000);

    @Test
    void everyMessageOfTheStatusIsCut() {
        assertThat(List.of(
                        new Condition("Waiting", "True", "Refused", LONG, AT, 1L).message(),
                        new Cause("ChangeRefused", LONG, null, Phase.Assessing, AT).message(),
                        String.valueOf(new Cause("ChangeRefused", "", LONG, Phase.Assessing, AT).remedy()),
                        new Transition(AT, Phase.Failed, "Failed", LONG).message(),
                        String.valueOf(MetricStatus.limited("errors", null, 1, "NoData", List.of(), LONG, AT)
                                .message()),
                        String.valueOf(new DrainStatus(null, null, LONG).message())))
                .allSatisfy(m -> assertThat(m).isEqualTo("x".repeat(1021) + "…"));
    }

    @Test
    void whatIsShortStaysAsItIs() {
        assertThat(Message.cut("x".repeat(1024))).isEqualTo("x".repeat(1024));
        assertThat(new DrainStatus(1.0, null, null).message()).isNull();
    }

    @Test
    void isCutByBytesAndNotWithinACharacter() {
        assertThat(Message.cut("é".repeat(512))).isEqualTo("é".repeat(512));
        assertThat(Message.cut("é".repeat(513))).isEqualTo("é".repeat(510) + "…");
        String cut = Message.cut("x" + "😀".repeat(600));
        assertThat(cut).isEqualTo("x" + "😀".repeat(255) + "…");
        assertThat(cut.getBytes(StandardCharsets.UTF_8)).hasSizeLessThanOrEqualTo(1024);
    }

    @Test
    void whatIsCutOnceIsNotCutAgain() {
        String cut = Message.cut("é".repeat(5000));
        assertThat(Message.cut(cut)).isEqualTo(cut);
    }
}
