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
                .allSatisfy(m -> assertThat(m).hasSize(1024).endsWith("x…"));
    }

    @Test
    void whatIsShortStaysAsItIs() {
        assertThat(Message.cut("x".repeat(1024))).isEqualTo("x".repeat(1024));
        assertThat(new DrainStatus(1.0, null, null).message()).isNull();
    }

    @Test
    void isNotCutWithinACharacter() {
        String cut = Message.cut("x" + "😀".repeat(600));
        assertThat(StandardCharsets.UTF_8.newEncoder().canEncode(cut)).isTrue();
        assertThat(cut).hasSizeLessThanOrEqualTo(1024);
    }
}
