package dev.segue.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.segue.api.Phase;
import dev.segue.engine.StageFacts.CopyFacts;
import java.util.Objects;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Two Migrations of one production share an administrator's namespace: the first object of a copy can be made but once. */
class StagingTurnsTest extends StageMoment {
    @BeforeEach
    void another() {
        seen();
        otherwise = "another Migration (UID u)";
        copies.add(new CopyFacts("LimitRange/limits", "a", null, false));
    }

    @Test
    void whoComesLaterWaits() {
        occupied = false;
        Decision waits = look(Phase.Staging, "CreateNamespace");
        assertThat(waits.actions()).isEmpty();
        assertThat(waits.status().condition("Waiting"))
                .hasValueSatisfying(c -> assertThat(c.reason()).isEqualTo("StagingOccupied"));
    }

    @Test
    void whoWasOvertakenWaitsAgain() {
        occupied = false;
        Decision back = look(Phase.Staging, "CopyObjects");
        assertThat(back.actions()).isEmpty();
        assertThat(back.status().cause()).isNull();
        assertThat(back.status().task()).isEqualTo("CreateNamespace");
        otherwise = null;
        assertThat(look(Phase.Staging, "CreateNamespace").status().task()).isEqualTo("SnapshotVolumes");
    }

    /** Objects of both, which Segue alone does not make: whose pods are tested is not known. */
    @Test
    void withTwoCopiesInItNoneGoesOn() {
        assertThat(Objects.requireNonNull(
                                look(Phase.Staging, "CopyObjects").status().cause())
                        .reason())
                .isEqualTo("StagingNamespaceForeign");
        occupied = false;
        assertThat(Objects.requireNonNull(
                                look(Phase.Staging, "SeedData").status().cause())
                        .reason())
                .as("what is another's is not tested for one's own")
                .isEqualTo("StagingNamespaceForeign");
    }
}
