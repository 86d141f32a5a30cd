package dev.segue.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.segue.api.Phase;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** A migration that has ended, look by look: what its user can still ask for. */
class EndedTest extends StageMoment {
    @BeforeEach
    void removed() {
        seen();
        staging = staging.removed(NOW);
    }

    @ParameterizedTest
    @EnumSource(
            value = Phase.class,
            names = {"Failed", "Reverted"})
    void runsAgainFromTheBeginning(Phase phase) {
        command = "retry";
        Decision d = look(phase, null);
        assertThat(d.status().phase()).isEqualTo(Phase.Pending);
        assertThat(d.status().task()).isEqualTo("AwaitTurn");
        assertThat(d.status().taskSince()).isEqualTo(NOW);
        assertThat(d.status().phaseSince()).isEqualTo(NOW);
        assertThat(d.status().run()).isEqualTo(2);
        assertThat(d.status().command()).isEqualTo("retry");
        Moment.announced(d, false, "Retried", "run 2 begins: a user asked for it");
        assertThat(Moment.said(d)).isEqualTo(Phase.Pending.description());
    }

    @Test
    void aWayBackThatIsStuckIsTriedAgain() {
        command = "retry";
        Decision d = look(Phase.Stuck, null);
        assertThat(d.status().phase()).isEqualTo(Phase.Reverting);
        assertThat(d.status().task()).isEqualTo("DeleteHold");
        Moment.announced(d, true, "Reverting", Phase.Reverting.description());
        assertThat(Moment.said(d)).isEqualTo(Phase.Reverting.description());
    }

    @Test
    void theDeletionTriesAWayBackThatIsStuckAgain() {
        deleting = true;
        assertThat(look(Phase.Stuck, null).status().phase()).isEqualTo(Phase.Reverting);
        deleting = false;
        assertThat(look(Phase.Stuck, null).status().phase()).isEqualTo(Phase.Stuck);
        deleting = true;
        assertThat(look(Phase.Failed, null).status().phase()).isEqualTo(Phase.Failed);
    }

    @ParameterizedTest
    @CsvSource({
        "Completed, retry, retry has no effect: it is completed",
        "Completed, abort, abort has no effect: it has ended",
        "Failed, abort, abort has no effect: it has ended",
        "Stuck, abort, abort has no effect: it has ended",
        "Reverted, promote, promote has no effect: there is no hold to skip in Reverted",
    })
    void whatHasNoEffectIsAnswered(Phase phase, String given, String answer) {
        command = given;
        Decision d = look(phase, null);
        Moment.announced(d, true, "CommandIgnored", answer);
        assertThat(d.status().phase()).isEqualTo(phase);
        assertThat(d.status().command()).isEqualTo(given);
    }

    @Test
    void aCommandThatIsNoneIsAnswered() {
        command = "abrot";
        Moment.announced(
                look(Phase.Staging, "RunTests"),
                true,
                "UnknownCommand",
                "annotation segue.dev/command is 'abrot', which is not a command; known: abort, promote, retry");
    }

    @Test
    void anAbortBeforeTheBeginningEndsIt() {
        command = "abort";
        Decision d = look(Phase.Pending, "AwaitTurn");
        assertThat(d.status().phase()).isEqualTo(Phase.Failed);
        assertThat(d.status().task()).isNull();
        Moment.announced(d, true, "Failed", "A user asked for it (annotation segue.dev/command=abort)");
    }

    @Test
    void aDeletionBeforeTheBeginningEndsIt() {
        deleting = true;
        Decision d = look(Phase.Pending, "AwaitTurn");
        assertThat(d.status().phase()).isEqualTo(Phase.Failed);
        Moment.announced(d, true, "Failed", "The Migration was deleted");
    }
}
