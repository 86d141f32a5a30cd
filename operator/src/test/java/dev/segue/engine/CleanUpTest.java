package dev.segue.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.segue.api.Phase;
import dev.segue.api.StagingSpec;
import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What goes of the copy of production at the end of a migration and after it, look by look. */
class CleanUpTest extends StageMoment {
    private static final Duration SECOND = Duration.ofSeconds(1);
    private static final Duration LATER = Duration.ofMinutes(10);
    private static final Action REMOVE = new Action.RemoveStage(NAMESPACE, "uid-ns");

    @BeforeEach
    void begin() {
        seen();
    }

    private void kept(long seconds) {
        staging = staging.judged("Failed", "no", NOW, NOW.plusSeconds(seconds));
    }

    private void gone() {
        present = false;
        occupied = false;
    }

    // ---- at the end ----

    @Test
    void itIsNotedWhenTheCopyIsGone() {
        Decision begun = look(Phase.Reverting, "RemoveStaging");
        assertThat(Moment.said(begun)).isEqualTo("removing the copy of production, namespace prod-stg-shop-2");
        gone();
        Decision noted = look(Phase.Reverting, "RemoveStaging");
        assertThat(Moment.said(noted)).isEqualTo("the copy of production is gone");
        assertThat(after(noted).removedAt()).isEqualTo(NOW);
        staging = after(noted);
        assertThat(look(Phase.Reverting, "RemoveStaging").status().task()).isEqualTo("WriteReport");
    }

    @Test
    void podsGetTheirTimeToEnd() {
        terminating = true;
        blocking = "2 pods are ending";
        since(59);
        Decision waits = look(Phase.Reverting, "RemoveStaging");
        assertThat(waits.actions()).isEmpty();
        assertThat(waits.status().condition("Waiting")).isEmpty();
        assertThat(Moment.said(waits)).isEqualTo("namespace prod-stg-shop-2 is being deleted: 2 pods are ending");
        since(60);
        assertThat(look(Phase.Reverting, "RemoveStaging").status().condition("Waiting"))
                .hasValueSatisfying(c -> assertThat(c.reason()).isEqualTo("StagingTerminating"));
    }

    @Test
    void aCopyIsKeptToTheMoment() {
        kept(1);
        assertThat(look(Phase.Reverting, "RemoveStaging").status().task()).isEqualTo("WriteReport");
        kept(0);
        assertThat(look(Phase.Reverting, "RemoveStaging").actions()).containsExactly(REMOVE);
    }

    // ---- after it ----

    @Test
    void whatIsKeptIsLookedAtWhenItsTimeIsOver() {
        kept(599);
        assertThat(look(Phase.Failed, null).next()).isEqualTo(Duration.ofSeconds(599));
        kept(601);
        assertThat(look(Phase.Failed, null).next()).isEqualTo(LATER);
        kept(0);
        assertThat(look(Phase.Failed, null).next()).isEqualTo(SECOND);
        staging = staging.removed(NOW);
        Decision over = look(Phase.Failed, null);
        assertThat(over.next()).isEqualTo(LATER);
        assertThat(over.actions()).as("what is there is not its any more").isEmpty();
    }

    @Test
    void whatGoesAlreadyIsLeftToGo() {
        kept(0);
        terminating = true;
        assertThat(look(Phase.Failed, null).actions()).isEmpty();
        terminating = false;
        assertThat(look(Phase.Failed, null).actions()).containsExactly(REMOVE);
        gone();
        Decision noted = look(Phase.Failed, null);
        assertThat(noted.actions()).isEmpty();
        assertThat(after(noted).removedAt()).isEqualTo(NOW);
    }

    @Test
    void aMigrationWithoutARehearsalHasNoneToRemove() {
        Moment moment = Moment.reverting("ForgetFields");
        assertThat(moment.look().status().task()).isEqualTo("WriteReport");
    }

    /** One that ran at all had begun at some time; before that production was not touched. */
    @Test
    void theEndSaysWhetherProductionWasTouched() {
        reported = Observed.Reported.YES;
        assertThat(look(Phase.Reverting, "WriteReport").notices())
                .singleElement()
                .satisfies(n -> {
                    assertThat(n.reason()).isEqualTo("Failed");
                    assertThat(n.warning()).isTrue();
                    assertThat(n.message()).isEqualTo("production was not touched. Cause: unknown");
                });
        Moment moment = Moment.reverting("WriteReport");
        moment.reported = Observed.Reported.YES;
        assertThat(moment.look().notices()).singleElement().satisfies(n -> {
            assertThat(n.reason()).isEqualTo("Reverted");
            assertThat(n.warning()).isTrue();
            assertThat(n.message())
                    .isEqualTo(
                            "the old version serves again; nothing of Segue is left. Cause: Aborted: A user asked for it");
        });
    }

    @Test
    void keepIsNotAskedForTheCopyOfAnEarlierRehearsal() {
        keep = StagingSpec.Keep.Always;
        earlier = true;
        Decision d = look(Phase.Staging, "CreateNamespace");
        assertThat(Moment.said(d)).isEqualTo("removing the copy of an earlier rehearsal, namespace prod-stg-shop-2");
        assertThat(d.actions()).containsExactly(REMOVE);
    }

    /** In an administrator's namespace nothing of ours is left, whatever becomes of it. */
    @Test
    void whatIsNotOursIsNotWaitedFor() {
        kept(0);
        terminating = true;
        assertThat(look(Phase.Failed, null).status().condition("Waiting")).isPresent();
        occupied = false;
        assertThat(look(Phase.Failed, null).status().condition("Waiting")).isEmpty();
        occupied = true;
        staging = staging.removed(NOW);
        assertThat(look(Phase.Failed, null).status().condition("Waiting")).isEmpty();
    }
}
