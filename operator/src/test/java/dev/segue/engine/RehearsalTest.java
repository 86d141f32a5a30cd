package dev.segue.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.segue.api.Phase;
import dev.segue.api.StagingStatus;
import dev.segue.api.StagingStatus.TestStatus;
import dev.segue.engine.Observed.PodFacts;
import dev.segue.engine.StageFacts.JobFacts;
import dev.segue.engine.StageFacts.LoadFacts;
import dev.segue.engine.StageFacts.MigrationFacts;
import dev.segue.engine.StageFacts.MovesFacts;
import dev.segue.engine.StageFacts.Version;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The rehearsal of the moves, look by look. */
class RehearsalTest extends StageMoment {
    private static final String JOB = "segue-load-1-1";
    private static final Instant BACK_AT = NOW.minusSeconds(15);

    private long requests = 100;
    private long failed;
    private @Nullable Instant lastFailedAt;
    private @Nullable MigrationFacts migration;

    @BeforeEach
    void rehearse() {
        rehearse = true;
        seen();
        staging = staging.with(new TestStatus("segue-load", "Running", 1, NOW.minusSeconds(60), null, null));
        jobs.put(JOB, new JobFacts(false, null, null, null));
    }

    private Decision lookAtMoves() {
        moves = new MovesFacts(
                Version.SOURCE,
                new LoadFacts(requests, failed, lastFailedAt, failed == 0 ? null : "HTTP 500"),
                migration);
        return look(Phase.Staging, Rehearsal.MOVES);
    }

    private static PodFacts available() {
        return new PodFacts("p", "u", true, true, false, 0, null, null, NOW);
    }

    private TestStatus load(Decision d) {
        return after(d).test("segue-load").orElseThrow();
    }

    @Test
    void withoutItNothingOfItIsMade() {
        rehearse = false;
        assertThat(look(Phase.Staging, Rehearsal.SOURCE).status().task()).isEqualTo(Rehearsal.AWAIT);
        assertThat(look(Phase.Staging, Rehearsal.AWAIT).status().task()).isEqualTo(Rehearsal.MOVES);
        assertThat(look(Phase.Staging, Rehearsal.MOVES).status().task()).isEqualTo("JudgeStaging");
    }

    @Test
    void theOldVersionTakesTheNewOnesPlace() {
        moves = new MovesFacts(Version.TARGET, null, null);
        assertThat(look(Phase.Staging, Rehearsal.SOURCE).actions()).containsExactly(new Action.DeleteStaged(NAMESPACE));

        moves = new MovesFacts(null, null, null);
        pods.add(available());
        assertThat(look(Phase.Staging, Rehearsal.SOURCE).actions())
                .as("while a pod of the new version is there")
                .isEmpty();
        pods.clear();
        assertThat(look(Phase.Staging, Rehearsal.SOURCE).actions())
                .containsExactly(new Action.DeploySource(NAMESPACE, 1));

        pods.add(available());
        taskSince = NOW.minusSeconds(7200);
        assertThat(Objects.requireNonNull(
                                look(Phase.Staging, Rehearsal.SOURCE).status().cause())
                        .message())
                .startsWith("pods of the new version do not end in staging within ");

        moves = new MovesFacts(Version.SOURCE, null, null);
        assertThat(look(Phase.Staging, Rehearsal.SOURCE).status().task()).isEqualTo(Rehearsal.AWAIT);
    }

    @Test
    void withOnePodThereWouldBeNothingToShare() {
        pods.add(available());
        assertThat(look(Phase.Staging, Rehearsal.AWAIT).status().task()).isEqualTo(Rehearsal.AWAIT);
        pods.add(available());
        assertThat(look(Phase.Staging, Rehearsal.AWAIT).status().task()).isEqualTo(Rehearsal.MOVES);
    }

    @Test
    void thatTheLoadBeginsIsNotedBeforeItsJobIsMade() {
        staging = StagingStatus.begin(NAMESPACE, 1).isolated("NotEnforced");
        seen();
        jobs.clear();
        Decision begun = lookAtMoves();
        assertThat(begun.actions()).isEmpty();
        assertThat(load(begun).state()).isEqualTo("Running");

        staging = after(begun);
        assertThat(lookAtMoves().actions()).containsExactly(new Action.StartTest(NAMESPACE, "segue-load", JOB));
    }

    @Test
    void nothingIsMovedBeforeTheLoadHasShownThatItWorks() {
        requests = 0;
        assertThat(lookAtMoves().actions()).isEmpty();
        requests = 1;
        Decision begun = lookAtMoves();
        assertThat(begun.actions()).as("before it is in the status").isEmpty();
        staging = after(begun);
        assertThat(lookAtMoves().actions()).containsExactly(new Action.BeginMoves(NAMESPACE, 1));
    }

    @Test
    void anOldVersionThatDoesNotAnswerSaysNothingAboutTheMoves() {
        requests = 0;
        staging = staging.with(new TestStatus("segue-load", "Running", 1, NOW.minusSeconds(121), null, null));
        assertThat(load(lookAtMoves()).message())
                .startsWith("nothing was moved yet, and the old version does not answer well")
                .endsWith("the load asks for / (staging.load.path)");
    }

    @Test
    void movesThatSomebodyRemovedAreNotBegunAgainAsIfNothingHadHappened() {
        staging = staging.with(
                new TestStatus("segue-load", "Running", 1, NOW.minusSeconds(60), null, "the moves have begun"));
        failed = 2;
        assertThat(load(lookAtMoves()).message()).startsWith("their Migration was removed, and 2 of 100");
    }

    @Test
    void requestsThatFailBeforeTheMovesAreToldSo() {
        failed = 3;
        Decision d = lookAtMoves();
        assertThat(load(d).message())
                .isEqualTo("nothing was moved yet, and 3 of 100 request(s) failed, the last with HTTP 500");
        staging = after(d);
        jobs.clear();
        assertThat(Objects.requireNonNull(lookAtMoves().status().cause()).reason())
                .isEqualTo("StagingMovesFailed");
    }

    @Test
    void itIsTakenBackWhenTheNewVersionHasAllTheTraffic() {
        migration = new MigrationFacts(Phase.CuttingOver, NOW.minusSeconds(60), false, false, "");
        assertThat(lookAtMoves().actions()).isEmpty();
        migration = new MigrationFacts(Phase.Soaking, NOW.minusSeconds(4), false, false, "");
        assertThat(lookAtMoves().actions()).isEmpty();
        migration = new MigrationFacts(Phase.Soaking, NOW.minusSeconds(5), false, false, "");
        assertThat(lookAtMoves().actions()).containsExactly(new Action.TakeBackMoves(NAMESPACE));
        migration = new MigrationFacts(Phase.Soaking, NOW.minusSeconds(6), true, false, "");
        assertThat(lookAtMoves().actions()).isEmpty();
    }

    @Test
    void theOldVersionIsWatchedAfterTheWayBack() {
        migration = new MigrationFacts(Phase.Reverted, NOW.minusSeconds(14), true, true, "aborted");
        assertThat(load(lookAtMoves()).state()).isEqualTo("Running");
        migration = new MigrationFacts(Phase.Reverted, BACK_AT, true, true, "aborted");
        assertThat(load(lookAtMoves()).message())
                .isEqualTo("100 request(s) while the traffic went to the new version and back, none failed");
    }

    @Test
    void oneRequestThatFailsFailsTheRehearsal() {
        migration = new MigrationFacts(Phase.Reverted, BACK_AT, true, true, "aborted");
        failed = 1;
        lastFailedAt = BACK_AT.minusSeconds(9).plusNanos(1);
        Decision d = lookAtMoves();
        assertThat(load(d).state()).isEqualTo("Failed");
        assertThat(load(d).message())
                .isEqualTo("1 of 100 request(s) failed, the last with HTTP 500, sent at " + BACK_AT.minusSeconds(9));
    }

    /** Were the write of the verdict lost, the next look would count anew from nothing. */
    @Test
    void theEvidenceIsThereUntilTheVerdictIsWritten() {
        migration = new MigrationFacts(Phase.Reverted, BACK_AT, true, true, "aborted");
        Decision passed = lookAtMoves();
        failed = 1;
        lastFailedAt = BACK_AT;
        Decision condemned = lookAtMoves();
        assertThat(passed.actions()).isEmpty();
        assertThat(condemned.actions()).containsExactly(new Action.KeepLog(NAMESPACE, "segue-load", JOB));
        assertThat(lookAtMoves()).as("when the write was lost").isEqualTo(condemned);

        staging = after(passed);
        assertThat(lookAtMoves().actions()).containsExactly(new Action.StopLoad(NAMESPACE, JOB));
        staging = after(condemned);
        assertThat(lookAtMoves().actions()).containsExactly(new Action.StopLoad(NAMESPACE, JOB));
        jobs.clear();
        assertThat(Objects.requireNonNull(lookAtMoves().status().cause()).reason())
                .isEqualTo("StagingMovesFailed");
        staging = after(passed);
        assertThat(lookAtMoves().status().task()).isEqualTo("JudgeStaging");
    }

    @Test
    void aLoadThatIsLostOnceTheMovesHaveBegunIsNotBegunAgain() {
        jobs.clear();
        staging = staging.with(
                new TestStatus("segue-load", "Running", 1, NOW.minusSeconds(60), null, "the moves have begun"));
        Decision d = lookAtMoves();
        assertThat(d.actions()).isEmpty();
        assertThat(load(d).state()).isEqualTo("Failed");
        assertThat(load(d).message()).startsWith("the load was lost");
    }

    /** The verdict stands: what refuses to let the load be stopped does not hold it up for ever. */
    @Test
    void aLoadThatCannotBeStoppedIsLeftToTheNamespace() {
        TestStatus ended = new TestStatus("segue-load", "Passed", 1, NOW, NOW.minus(Duration.ofHours(2)), "well");
        staging = staging.with(ended);
        taskSeen = NOW;
        assertThat(lookAtMoves().status().task()).isEqualTo(Rehearsal.MOVES);
        taskSeen = Instant.MIN;
        assertThat(lookAtMoves().status().task()).isEqualTo("JudgeStaging");
    }

    @Test
    void anOldVersionThatDoesNotRecoverIsNamed() {
        migration = new MigrationFacts(Phase.Reverted, BACK_AT, true, true, "aborted");
        failed = 40;
        lastFailedAt = NOW;
        assertThat(load(lookAtMoves()).message()).endsWith("also after the way back: the old version does not recover");
    }

    @Test
    void movesThatEndOtherwiseFailIt() {
        migration = new MigrationFacts(Phase.Reverted, BACK_AT, true, false, "pod x restarts");
        assertThat(load(lookAtMoves()).message()).isEqualTo("they ended Reverted: pod x restarts");
        migration = new MigrationFacts(Phase.Stuck, BACK_AT, true, false, "no way");
        assertThat(load(lookAtMoves()).message()).isEqualTo("they ended Stuck: no way");
        migration = new MigrationFacts(Phase.Failed, BACK_AT, false, false, "refused");
        assertThat(lookAtMoves().actions())
                .as("there is nothing to take back")
                .doesNotContain(new Action.TakeBackMoves(NAMESPACE));
    }

    @Test
    void aLoadThatEndsOrDoesNotStartFailsIt() {
        jobs.put(JOB, new JobFacts(false, "exit code 1", null, null));
        assertThat(load(lookAtMoves()).message()).isEqualTo("the load ended before them: exit code 1");
        jobs.put(JOB, new JobFacts(false, null, "ImagePullBackOff", null));
        assertThat(load(lookAtMoves()).message()).isEqualTo("the pod of the load does not start: ImagePullBackOff");
    }

    @Test
    void movesThatDoNotEndFailIt() {
        migration = new MigrationFacts(Phase.Shifting, NOW, false, false, "Deployment shop is not healthy");
        staging = staging.with(new TestStatus("segue-load", "Running", 1, NOW.minusSeconds(7200), null, null));
        Decision d = lookAtMoves();
        assertThat(load(d).message())
                .startsWith("they took longer than ")
                .endsWith(": Shifting, Deployment shop is not healthy");
        staging = after(d);
        assertThat(lookAtMoves().actions())
                .as("what is kept to be looked at is quiet")
                .containsExactly(new Action.StopLoad(NAMESPACE, JOB), new Action.TakeBackMoves(NAMESPACE));
        jobs.clear();
        migration = new MigrationFacts(Phase.Shifting, NOW, true, false, "");
        assertThat(Objects.requireNonNull(lookAtMoves().status().cause()).reason())
                .isEqualTo("StagingMovesFailed");
    }

    @Test
    void aLoadThatNobodyCouldTryToStartIsTried() {
        jobs.clear();
        staging = staging.with(new TestStatus("segue-load", "Running", 1, NOW.minusSeconds(7200), null, null));
        taskSeen = NOW;
        assertThat(lookAtMoves().actions()).containsExactly(new Action.StartTest(NAMESPACE, "segue-load", JOB));
        taskSeen = Instant.MIN;
        assertThat(load(lookAtMoves()).message()).startsWith("the Job of the load could not be made");
    }

    @Test
    void theTimeInWhichNobodyWorkedIsNotTheMoves() {
        migration = new MigrationFacts(Phase.Shifting, NOW, false, false, "");
        staging = staging.with(new TestStatus("segue-load", "Running", 1, NOW.minusSeconds(7200), null, null));
        taskSeen = NOW;
        assertThat(load(lookAtMoves()).state()).isEqualTo("Running");
    }

    @Test
    void theVerdictTellsOfIt() {
        staging = staging.isolated("Enforced")
                .with(new TestStatus("segue-load", "Passed", 1, NOW, NOW, "100 request(s), none failed"));
        assertThat(after(look(Phase.Staging, "JudgeStaging")).message())
                .contains("; the moves: 100 request(s), none failed; isolation: Enforced");
    }

    // ---- what is waited for, and how long ----

    private void began(long ago, @Nullable String message) {
        staging = staging.with(new TestStatus("segue-load", "Running", 1, NOW.minusSeconds(ago), null, message));
    }

    private String waits() {
        Decision d = lookAtMoves();
        assertThat(d.actions()).isEmpty();
        assertThat(after(d)).isEqualTo(staging);
        return Moment.said(d);
    }

    @Test
    void thePlaceHasToGetFreeInTime() {
        moves = new MovesFacts(null, null, null);
        pods.add(available());
        since(299);
        assertThat(awaits(Rehearsal.SOURCE)).isEqualTo("the pods of the new version end in staging");
        since(300);
        fails(
                Rehearsal.SOURCE,
                "StagingIncomplete",
                "pods of the new version do not end in staging within 5m (deadline.prepare)",
                "kubectl -n prod-stg-shop-2 describe pods");
        moves = new MovesFacts(Version.TARGET, null, null);
        refusal = "deployments is forbidden";
        fails(
                Rehearsal.SOURCE,
                "StagingIncomplete",
                "stopping the new version in staging was not possible within 5m (deadline.prepare): deployments is forbidden",
                "correct that, then give the command retry");
    }

    @Test
    void theOldVersionIsCopiedWhenItIsHealthy() {
        moves = new MovesFacts(null, null, null);
        production.shop.available = 3;
        assertThat(awaits(Rehearsal.SOURCE)).startsWith("SourceUnready: ");
        production.shop.available = 4;
        since(300);
        fails(
                Rehearsal.SOURCE,
                "StagingIncomplete",
                "starting the old version in staging was not possible within 5m (deadline.prepare): the operator's log says more",
                "correct that, then give the command retry");
    }

    @Test
    void anOldVersionThatDoesNotStartIsNamed() {
        pods.add(new PodFacts("p", "u", false, false, false, 0, "CrashLoopBackOff", null, NOW));
        since(10);
        fails(
                Rehearsal.AWAIT,
                "StagingTargetFailed",
                "the old version does not get ready in staging: pod p: CrashLoopBackOff",
                "kubectl -n prod-stg-shop-2 describe pods; repair it, then give the command retry");
    }

    @Test
    void aLoadThatCannotBeMadeIsTriedForAsLongAsTheDeadlineSays() {
        jobs.clear();
        refusal = "exceeded quota: jobs";
        began(299, null);
        assertThat(lookAtMoves().actions()).containsExactly(new Action.StartTest(NAMESPACE, "segue-load", JOB));
        began(300, null);
        assertThat(load(lookAtMoves()).message())
                .isEqualTo("the Job of the load could not be made: exceeded quota: jobs");
    }

    @Test
    void aLoadThatIsSilentIsNotWaitedForForEver() {
        moves = new MovesFacts(Version.SOURCE, null, null);
        String waiting = "waiting for the load of the rehearsal, 0 request(s) so far";
        began(299, null);
        assertThat(awaits(Rehearsal.MOVES)).isEqualTo(waiting);
        began(300, null);
        assertThat(load(look(Phase.Staging, Rehearsal.MOVES)).message())
                .isEqualTo("the load said nothing within 5m (deadline.prepare)");
        began(300, "the moves have begun");
        assertThat(awaits(Rehearsal.MOVES)).as("its pod may have been replaced").isEqualTo(waiting);
    }

    @Test
    void theFirstAnswersMayTakeTheirTime() {
        requests = 0;
        began(119, null);
        assertThat(waits()).isEqualTo("waiting for the load of the rehearsal, 0 request(s) so far");
        began(120, null);
        failed = 1;
        assertThat(load(lookAtMoves()).message())
                .isEqualTo(
                        "nothing was moved yet, and the old version does not answer well, the last time with HTTP 500; the load asks for / (staging.load.path)");
    }

    @Test
    void aLoadThatEndsSaysWhy() {
        jobs.put(JOB, new JobFacts(true, null, null, null));
        assertThat(load(lookAtMoves()).message()).isEqualTo("the load ended before them: exit code 0");
        jobs.put(JOB, new JobFacts(false, "exit code 1", null, "no route"));
        assertThat(load(lookAtMoves()).message()).isEqualTo("the load ended before them: no route");
        jobs.put(JOB, new JobFacts(false, null, "ErrImagePull", null));
        began(9, "the moves have begun");
        migration = new MigrationFacts(Phase.Shifting, NOW, false, false, "");
        assertThat(waits()).isEqualTo("the moves are rehearsed in namespace prod-stg-shop-2: Shifting");
    }

    /** What the nodes get for each step is not counted. */
    @Test
    void theMovesHaveHalfAnHourBesideTheirPodsAndTheNodes() {
        migration = new MigrationFacts(Phase.Shifting, NOW, true, false, "");
        long limit = Duration.ofMinutes(5 + 30).plusSeconds(90).toSeconds();
        began(limit - 1, "the moves have begun");
        assertThat(waits()).isEqualTo("the moves are rehearsed in namespace prod-stg-shop-2: Shifting");
        began(limit, "the moves have begun");
        Decision over = lookAtMoves();
        assertThat(load(over).message()).isEqualTo("they took longer than 36m30s: Shifting");
        assertThat(over.actions())
                .as("they go back already")
                .containsExactly(new Action.KeepLog(NAMESPACE, "segue-load", JOB));
        migration = null;
        refusal = "migrations is forbidden";
        assertThat(load(lookAtMoves()).message()).isEqualTo("they took longer than 36m30s: migrations is forbidden");
        migration = new MigrationFacts(Phase.Reverted, BACK_AT, true, true, "");
        assertThat(lookAtMoves().actions()).as("they are back").doesNotContain(new Action.TakeBackMoves(NAMESPACE));
    }

    @Test
    void aRequestThatFailedAtTheVeryEndOfTheWayBackBelongsToTheMoves() {
        migration = new MigrationFacts(Phase.Reverted, BACK_AT, true, true, "aborted");
        failed = 1;
        lastFailedAt = BACK_AT;
        assertThat(load(lookAtMoves()).message())
                .isEqualTo("1 of 100 request(s) failed, the last with HTTP 500, sent at " + BACK_AT);
        lastFailedAt = null;
        assertThat(load(lookAtMoves()).message()).isEqualTo("1 of 100 request(s) failed, the last with HTTP 500");
    }

    @Test
    void thatTheMovesAreBegunIsNotedOnce() {
        Decision noted = lookAtMoves();
        assertThat(Moment.said(noted)).isEqualTo("the moves have begun");
        assertThat(load(noted))
                .isEqualTo(
                        new TestStatus("segue-load", "Running", 1, NOW.minusSeconds(60), null, "the moves have begun"));
        staging = after(noted);
        assertThat(Moment.said(lookAtMoves())).isEqualTo("beginning the rehearsal of the moves");
    }

    @Test
    void movesThatPassedAreToldAndThenTheLoadIsStopped() {
        migration = new MigrationFacts(Phase.Reverted, NOW.minusSeconds(14), true, true, "aborted");
        assertThat(waits()).isEqualTo("watching the old version in staging after the way back");
        migration = new MigrationFacts(Phase.Reverted, BACK_AT, true, true, "aborted");
        Decision passed = lookAtMoves();
        String sentence = "100 request(s) while the traffic went to the new version and back, none failed";
        assertThat(passed.actions())
                .as("its count is all that the verdict rests on")
                .isEmpty();
        assertThat(passed.notices())
                .containsExactly(
                        new Decision.Notice(false, "StagingMovesPassed", "the moves were rehearsed: " + sentence));
        assertThat(load(passed).message()).isEqualTo(sentence);
        staging = after(passed);
        assertThat(lookAtMoves().actions()).containsExactly(new Action.StopLoad(NAMESPACE, JOB));
        jobs.clear();
        goesOn(Rehearsal.MOVES, "JudgeStaging");
    }

    @Test
    void movesThatFailedEndTheRehearsal() {
        staging = staging.with(new TestStatus("segue-load", "Failed", 1, NOW, NOW, "1 of 2 failed"));
        moves = new MovesFacts(Version.SOURCE, null, null);
        jobs.clear();
        fails(
                Rehearsal.MOVES,
                "StagingMovesFailed",
                "the moves failed in the rehearsal: 1 of 2 failed",
                "kubectl -n prod-stg-shop-2 describe migrations,pods; repair the new version, or make the two go together, then give the command retry");
    }
}
