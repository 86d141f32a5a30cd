package dev.segue.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.segue.analysis.Reading;
import dev.segue.api.MigrationStatus.SourceStatus;
import dev.segue.api.MigrationStatus.TargetStatus;
import dev.segue.api.Phase;
import dev.segue.api.PlanStatus;
import dev.segue.api.StagingSpec.Limit;
import dev.segue.api.StagingSpec.OnDrift;
import dev.segue.api.StagingStatus;
import dev.segue.api.StagingStatus.Copied;
import dev.segue.api.StagingStatus.TestStatus;
import dev.segue.engine.Observed.PodFacts;
import dev.segue.engine.StageFacts.CopyFacts;
import dev.segue.engine.StageFacts.JobFacts;
import dev.segue.engine.StageFacts.MovesFacts;
import dev.segue.engine.StageFacts.Unready;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** The rehearsal, look by look. */
class StagingTest extends StageMoment {
    private static TestStatus running(int attempt) {
        return new TestStatus("load", "Running", attempt, NOW.minusSeconds(30), null, null);
    }

    @Test
    void theNamespaceIsMadeThenNoted() {
        present = false;
        occupied = false;
        assertThat(look(Phase.Staging, "CreateNamespace").actions())
                .containsExactly(new Action.CreateStage(NAMESPACE, 1));
        present = true;
        occupied = true;
        Decision noted = look(Phase.Staging, "CreateNamespace");
        assertThat(noted.actions()).isEmpty();
        assertThat(after(noted).uid()).isEqualTo("uid-ns");
    }

    @Test
    void aForeignNamespaceEndsItUntouched() {
        ours = false;
        occupied = false;
        Decision end = look(Phase.Staging, "CreateNamespace");
        assertThat(end.actions()).isEmpty();
        assertThat(Objects.requireNonNull(end.status().cause()).reason()).isEqualTo("StagingNamespaceForeign");
        assertThat(end.status().phase()).isEqualTo(Phase.Reverting);
    }

    @Test
    void anEarlierCopyGoesFirst() {
        earlier = true;
        assertThat(look(Phase.Staging, "CreateNamespace").actions())
                .containsExactly(new Action.RemoveStage(NAMESPACE, "uid-ns"));
        terminating = true;
        assertThat(look(Phase.Staging, "CreateNamespace").actions()).isEmpty();
    }

    @Test
    void whatIsMissingIsCopiedWhatRunsLast() {
        seen();
        copies = List.of(missing("ConfigMap/settings"), missing("Deployment/db"), missing("Deployment/shop"));
        assertThat(look(Phase.Staging, "CopyObjects").actions()).containsExactly(copying("ConfigMap/settings"));
        copies = List.of(made("ConfigMap/settings"), missing("Deployment/db"), missing("Deployment/shop"));
        noted("CopyObjects", "ConfigMap/settings");
        goesOn("CopyObjects", "ProbeIsolation");
        assertThat(look(Phase.Staging, "DeployDependencies").actions()).containsExactly(copying("Deployment/db"));
        copies = List.of(made("ConfigMap/settings"), made("Deployment/db"), missing("Deployment/shop"));
        noted("DeployDependencies", "ConfigMap/settings", "Deployment/db");
        goesOn("DeployDependencies", "SeedData");
        assertThat(look(Phase.Staging, "DeployTarget").actions()).containsExactly(copying("Deployment/shop"));
        copies = List.of(made("ConfigMap/settings"), made("Deployment/db"), made("Deployment/shop"));
        noted("DeployTarget", "ConfigMap/settings", "Deployment/db", "Deployment/shop");
        goesOn("DeployTarget", "AwaitStagedTarget");
    }

    private static CopyFacts missing(String object) {
        return new CopyFacts(object, "now", null, false);
    }

    private static CopyFacts made(String object) {
        return new CopyFacts(object, "now", "then", true);
    }

    private static Action copying(String object) {
        return new Action.CopyIntoStage(NAMESPACE, List.of(object), 1);
    }

    /** All that is there by then, by what it was made from. */
    private void noted(String task, String... objects) {
        Decision noted = look(Phase.Staging, task);
        assertThat(noted.actions()).isEmpty();
        assertThat(noted.status().task()).isEqualTo(task);
        staging = after(noted);
        assertThat(staging.objectsOrEmpty())
                .isEqualTo(Stream.of(objects).map(o -> new Copied(o, "then")).toList());
    }

    @Test
    void withoutDependenciesThereIsNothingToDeployBeforeTheNewVersion() {
        seen();
        copies = List.of(made("ConfigMap/settings"), missing("Deployment/shop"));
        staging = staging.copied(List.of(new Copied("ConfigMap/settings", "then")));
        goesOn("DeployDependencies", "SeedData");
    }

    /** What was copied is what was rehearsed, though production has changed since. */
    @Test
    void theDigestThatIsNotedIsThatOfTheCopy() {
        seen();
        copies.add(new CopyFacts("ConfigMap/settings", "new", "old", true));
        assertThat(after(look(Phase.Staging, "CopyObjects")).objectsOrEmpty())
                .containsExactly(new Copied("ConfigMap/settings", "old"));
    }

    @Test
    void aVersionThatDoesNotStartIsToldInSeconds() {
        seen();
        pods.add(new PodFacts("p", "u", false, false, false, 0, "ErrImagePull", "no such image", NOW));
        assertThat(look(Phase.Staging, "AwaitStagedTarget").status().cause()).isNull();
        taskSince = NOW.minusSeconds(11);
        assertThat(Objects.requireNonNull(look(Phase.Staging, "AwaitStagedTarget")
                                .status()
                                .cause())
                        .message())
                .contains("ErrImagePull", "no such image");
    }

    /** It calls them as soon as it starts, and a version that crashes is condemned within seconds. */
    @Test
    void whatTheNewVersionCallsIsWaitedForBeforeItStarts() {
        seen();
        goesOn("SeedData", "AwaitDependencies");
        unready.add(new Unready("db", List.of()));
        Decision waits = look(Phase.Staging, "AwaitDependencies");
        assertThat(waits.status().task()).isEqualTo("AwaitDependencies");
        assertThat(Moment.said(waits)).isEqualTo("waiting for dependencies to get available in staging: db");
        taskSince = NOW.minusSeconds(7200);
        assertThat(Objects.requireNonNull(look(Phase.Staging, "AwaitDependencies")
                                .status()
                                .cause())
                        .message())
                .startsWith("dependencies do not get available in staging within ")
                .endsWith(": db");
        unready.clear();
        assertThat(look(Phase.Staging, "AwaitDependencies").status().task()).isEqualTo("DeployTarget");
    }

    /** It may crash until another one is there, but never has an image by itself. */
    @ParameterizedTest
    @CsvSource({
        "ErrImagePull, false, true",
        "ImagePullBackOff, false, true",
        "InvalidImageName, false, true",
        "CreateContainerConfigError, false, true",
        "ErrImagePull, true, false",
        "CrashLoopBackOff, false, false",
        "CreateContainerError, false, false",
        ", false, false"
    })
    void aDependencyThatCannotStartIsToldInSeconds(@Nullable String trouble, boolean deleting, boolean told) {
        seen();
        unready.add(new Unready("cache", List.of()));
        unready.add(new Unready(
                "db",
                List.of(
                        new PodFacts("db-0", "u", false, false, false, 9, null, null, NOW),
                        new PodFacts("db-1", "u", false, false, deleting, 0, trouble, "no such image", NOW))));
        taskSince = NOW.minusSeconds(9);
        assertThat(look(Phase.Staging, "AwaitDependencies").status().cause()).isNull();
        taskSince = NOW.minusSeconds(11);
        Decision late = look(Phase.Staging, "AwaitDependencies");
        if (told) {
            assertThat(Objects.requireNonNull(late.status().cause()).message())
                    .isEqualTo("dependency db does not start in staging: pod db-1: %s: no such image", trouble);
        } else {
            assertThat(Moment.said(late)).isEqualTo("waiting for dependencies to get available in staging: cache, db");
        }
    }

    @Test
    void aTestIsInTheStatusBeforeItsJob() {
        seen();
        Decision begins = look(Phase.Staging, "RunTests");
        assertThat(begins.actions()).isEmpty();
        assertThat(after(begins).test("load"))
                .hasValueSatisfying(t -> assertThat(t.state()).isEqualTo("Running"));
        staging = staging.with(running(1));
        assertThat(look(Phase.Staging, "RunTests").actions())
                .containsExactly(new Action.StartTest(NAMESPACE, "load", "load-1-1"));
    }

    @Test
    void aTestThatFailsIsTriedAgainAsOftenAsAskedFor() {
        seen();
        retries = 1;
        staging = staging.with(running(1));
        jobs.put("load-1-1", new JobFacts(false, "exit code 1", null, "3 of 9 failed"));
        Decision again = look(Phase.Staging, "RunTests");
        assertThat(again.actions()).containsExactly(new Action.KeepLog(NAMESPACE, "load", "load-1-1"));
        assertThat(after(again).test("load").orElseThrow().attempt()).isEqualTo(2);
        assertThat(again.notices()).extracting(Decision.Notice::reason).containsExactly("StagingTestRetried");

        staging = staging.with(running(2));
        jobs.put("load-1-2", new JobFacts(false, "exit code 1", null, null));
        Decision failed = look(Phase.Staging, "RunTests");
        assertThat(after(failed).test("load").orElseThrow().failed()).isTrue();
        staging = after(failed);
        Decision end = look(Phase.Staging, "RunTests");
        assertThat(Objects.requireNonNull(end.status().cause()).reason()).isEqualTo("StagingTestFailed");
        assertThat(after(end).verdict()).isEqualTo("Failed");
        assertThat(after(end).keptUntil()).isEqualTo(NOW.plus(Duration.ofHours(2)));
    }

    @Test
    void aLimitThatIsExceededOrHasNoDataFailsTheTest() {
        seen();
        limits = List.of(new Limit("p99", "q", 0.3));
        staging = staging.with(running(1));
        jobs.put("load-1-1", new JobFacts(true, null, null, "{}"));
        readings.put("p99", new Reading.Value(0.4));
        assertThat(after(look(Phase.Staging, "RunTests"))
                        .test("load")
                        .orElseThrow()
                        .message())
                .contains("p99 is exceeded: 0.4000 of at most 0.3000");
        readings.put("p99", new Reading.NoData("no series"));
        assertThat(look(Phase.Staging, "RunTests").status().condition("Waiting"))
                .hasValueSatisfying(c -> assertThat(c.reason()).isEqualTo("NoData"));
        staging = staging.with(new TestStatus("load", "Running", 1, NOW.minusSeconds(661), null, null));
        assertThat(after(look(Phase.Staging, "RunTests"))
                        .test("load")
                        .orElseThrow()
                        .failed())
                .isTrue();
        readings.put("p99", new Reading.Value(0.2));
        assertThat(after(look(Phase.Staging, "RunTests"))
                        .test("load")
                        .orElseThrow()
                        .passed())
                .isTrue();
    }

    /** The operator was away: its own outage says nothing about the new version. */
    @Test
    void aTestThatNobodyCouldTryToStartIsTried() {
        seen();
        staging = staging.with(new TestStatus("load", "Running", 1, NOW.minusSeconds(7200), null, null));
        taskSeen = NOW;
        assertThat(look(Phase.Staging, "RunTests").actions())
                .containsExactly(new Action.StartTest(NAMESPACE, "load", "load-1-1"));
        jobs.put("load-1-1", new JobFacts(false, null, "ErrImagePull", null));
        assertThat(after(look(Phase.Staging, "RunTests"))
                        .test("load")
                        .orElseThrow()
                        .failed())
                .as("one look is no time for an image to be pulled")
                .isFalse();
        taskSeen = Instant.MIN;
        assertThat(after(look(Phase.Staging, "RunTests"))
                        .test("load")
                        .orElseThrow()
                        .message())
                .isEqualTo("its pod does not start: ErrImagePull");
        jobs.clear();
        Decision never = look(Phase.Staging, "RunTests");
        assertThat(after(never).test("load").orElseThrow().message()).startsWith("its Job could not be made");
        assertThat(never.actions()).as("there is no log of what never was").isEmpty();
    }

    @Test
    void aLimitIsReadAgainAfterAnOutage() {
        seen();
        limits = List.of(new Limit("p99", "q", 0.3));
        staging = staging.with(new TestStatus("load", "Running", 1, NOW.minusSeconds(7200), null, null));
        jobs.put("load-1-1", new JobFacts(true, null, null, null));
        readings.put("p99", new Reading.NoData("no series"));
        taskSeen = NOW;
        assertThat(after(look(Phase.Staging, "RunTests"))
                        .test("load")
                        .orElseThrow()
                        .failed())
                .isFalse();
    }

    @Test
    void aProbeThatNobodyCouldTryToStartIsTried() {
        unprobed();
        staging = staging.with(new TestStatus("segue-isolation", "Running", 1, NOW.minusSeconds(600), null, null));
        taskSeen = NOW;
        assertThat(look(Phase.Staging, "ProbeIsolation").actions())
                .containsExactly(new Action.StartTest(NAMESPACE, "segue-isolation", "segue-isolation-1-1"));
        jobs.put("segue-isolation-1-1", new JobFacts(false, null, "ErrImagePull", null));
        assertThat(after(look(Phase.Staging, "ProbeIsolation")).isolation()).isNull();
        taskSeen = Instant.MIN;
        assertThat(after(look(Phase.Staging, "ProbeIsolation")).isolation()).isEqualTo("Unknown");
    }

    @Test
    void productionThatChangedIsRehearsedAgainOrWaitedFor() {
        seen();
        staging = staging.copied(List.of(new Copied("ConfigMap/settings", "old")))
                .judged("Passed", "all well", NOW.minusSeconds(60), null);
        copies.add(new CopyFacts("ConfigMap/settings", "new", null, false));
        Decision again = look(Phase.Staging, "ProveFresh");
        assertThat(again.status().task()).isEqualTo("CreateNamespace");
        assertThat(after(again).attempt()).isEqualTo(2);
        assertThat(after(again).stale()).contains("ConfigMap/settings");

        onDrift = OnDrift.Wait;
        Decision told = look(Phase.Staging, "ProveFresh");
        assertThat(told.status().task()).isEqualTo("ProveFresh");
        staging = after(told);
        Decision waits = look(Phase.Staging, "ProveFresh");
        assertThat(waits.status().condition("Waiting"))
                .hasValueSatisfying(c -> assertThat(c.reason()).isEqualTo("StagingStale"));
        command = "promote";
        Decision accepted = look(Phase.Staging, "ProveFresh");
        assertThat(after(accepted).stale()).isNull();
        assertThat(after(accepted).objectsOrEmpty()).containsExactly(new Copied("ConfigMap/settings", "new"));
    }

    /** A ConfigMap that is replaced is gone for a moment. */
    @Test
    void whatCannotBeCopiedAnyMoreMakesTheVerdictStale() {
        seen();
        staging =
                staging.copied(List.of(new Copied("ConfigMap/settings", "a"))).judged("Passed", "all well", NOW, null);
        problem = "there is no ConfigMap settings";
        Decision again = look(Phase.Staging, "ProveFresh");
        assertThat(again.status().cause()).isNull();
        assertThat(again.status().task()).isEqualTo("CreateNamespace");
        assertThat(after(again).stale()).isEqualTo("there is no ConfigMap settings");

        onDrift = OnDrift.Wait;
        staging = after(look(Phase.Staging, "ProveFresh"));
        problem = null;
        copies.add(new CopyFacts("ConfigMap/settings", "a", null, false));
        assertThat(after(look(Phase.Staging, "ProveFresh")).stale()).isNull();
    }

    /** Somebody waits at it: a change of the Migration itself wakes the operator anyway. */
    @Test
    void waitingForAHumanIsCheap() {
        seen();
        onDrift = OnDrift.Wait;
        staging = staging.copied(List.of(new Copied("ConfigMap/settings", "old")))
                .judged("Passed", "all well", NOW, null);
        copies.add(new CopyFacts("ConfigMap/settings", "new", null, false));
        staging = after(look(Phase.Staging, "ProveFresh"));
        Decision stale = look(Phase.Staging, "ProveFresh");
        assertThat(stale.status().condition("Waiting")).isPresent();
        assertThat(stale.next()).isBetween(Duration.ofSeconds(10), Duration.ofSeconds(30));

        staging =
                staging.copied(List.of(new Copied("ConfigMap/settings", "new"))).stale(null);
        paused = true;
        Decision held = look(Phase.Staging, "ProveFresh");
        assertThat(held.status().condition("Waiting"))
                .hasValueSatisfying(c -> assertThat(c.reason()).isEqualTo("Paused"));
        assertThat(held.next()).isBetween(Duration.ofSeconds(10), Duration.ofSeconds(30));
    }

    private static PlanStatus plan(String hash) {
        return new PlanStatus(
                hash,
                NOW,
                null,
                List.of(new PlanStatus.Basis("Deployment shop: template", hash)),
                null,
                null,
                null,
                null);
    }

    /** A rehearsal takes its time, in which what the plan rests on may change. */
    @Test
    void aPlanThatWasOfferedIsRunAsItWasOrNotAtAll() {
        seen();
        staging = staging.judged("Passed", "all well", NOW, null);
        offered = plan("one").offered(NOW);
        planned = plan("one");
        assertThat(Observed.plans(observed(Phase.Staging, "ProveFresh").status()))
                .isTrue();
        assertThat(look(Phase.Staging, "ProveFresh").status().phase()).isEqualTo(Phase.Preparing);

        planned = plan("other");
        Decision end = look(Phase.Staging, "ProveFresh");
        assertThat(Objects.requireNonNull(end.status().cause()).reason()).isEqualTo("PlanVoid");
        assertThat(Objects.requireNonNull(end.status().cause()).message())
                .contains("Deployment shop: template was changed");
        assertThat(end.status().phase()).isEqualTo(Phase.Reverting);

        offered = plan("one");
        assertThat(look(Phase.Staging, "ProveFresh").status().phase())
                .as("nobody was promised that one")
                .isEqualTo(Phase.Preparing);
    }

    /** As without a rehearsal: what was asked for is there. */
    @Test
    void aVersionThatSomebodyElseDeployedMeanwhileIsTheEnd() {
        seen();
        staging = staging.copied(List.of(new Copied("Deployment/shop", "old"))).judged("Passed", "well", NOW, null);
        production.shop.carriesChange = true;
        offered = plan("one").offered(NOW);
        Decision end = look(Phase.Staging, "ProveFresh");
        assertThat(end.status().phase()).isEqualTo(Phase.Finishing);
        assertThat(end.status().cause()).isNull();
        assertThat(end.notices()).extracting(Decision.Notice::reason).containsExactly("Superseded");
        staging = after(end);
        assertThat(look(Phase.Finishing, "RemoveStaging").actions())
                .containsExactly(new Action.RemoveStage(NAMESPACE, "uid-ns"));

        rehearse = true;
        moves = new MovesFacts(null, null, null);
        assertThat(look(Phase.Staging, Rehearsal.SOURCE).status().task())
                .as("there is no old version to be started")
                .isEqualTo("ProveFresh");
    }

    /** The operator died after it had begun to remove the copy: that is no reason to fail. */
    @Test
    void aCopyThatIsGoneAfterTheVerdictIsNoLoss() {
        seen();
        staging = staging.judged("Passed", "all well", NOW, null);
        present = false;
        occupied = false;
        assertThat(look(Phase.Staging, "LeaveStaging").status().task()).isEqualTo("ProveFresh");
    }

    @Test
    void anOldVerdictIsNone() {
        seen();
        staging = staging.judged("Passed", "all well", NOW.minus(Duration.ofHours(25)), null);
        assertThat(after(look(Phase.Staging, "ProveFresh")).stale()).contains("older than 24h");
    }

    @Test
    void aFreshVerdictLetsItGoOnToProduction() {
        seen();
        staging =
                staging.copied(List.of(new Copied("ConfigMap/settings", "a"))).judged("Passed", "all well", NOW, null);
        copies.add(new CopyFacts("ConfigMap/settings", "a", null, false));
        Decision goes = look(Phase.Staging, "ProveFresh");
        assertThat(goes.status().phase()).isEqualTo(Phase.Preparing);
        assertThat(goes.status().task()).isEqualTo("HoldEndpoints");
        assertThat(goes.status().startedAt()).isEqualTo(NOW);
        assertThat(goes.status().source()).isEqualTo(new SourceStatus(Moment.THEM, "shop-1", Moment.SOURCE));
        TargetStatus target = Objects.requireNonNull(goes.status().target());
        assertThat(target.availability()).isEqualTo("0/2");
        assertThat(target.uid()).isNull();
        assertThat(Objects.requireNonNull(goes.status().step()).position()).isEqualTo("1/3");
        assertThat(goes.notices())
                .containsExactly(new Decision.Notice(
                        false, "Preparing", "starting 2 pod(s) of the target, ReplicaSet " + target.replicaSet()));
    }

    @Test
    void aRehearsalBeginsWhereTheAssessmentEnds() {
        production.target = null;
        reported = Observed.Reported.YES;
        Decision begins = look(Phase.Assessing, "WriteReport");
        assertThat(begins.status().phase()).isEqualTo(Phase.Staging);
        assertThat(begins.status().task()).isEqualTo("CreateNamespace");
        assertThat(begins.status().startedAt())
                .as("of production nothing has begun")
                .isNull();
        assertThat(after(begins)).as("another one than before").isEqualTo(StagingStatus.begin(NAMESPACE, 2));
        assertThat(begins.notices())
                .containsExactly(new Decision.Notice(
                        false,
                        "Staging",
                        "rehearsing the change in namespace prod-stg-shop-2; production is untouched"));
    }

    @Test
    void theFirstRehearsalIsTheFirst() {
        production.target = null;
        reported = Observed.Reported.YES;
        first = true;
        assertThat(after(look(Phase.Assessing, "WriteReport"))).isEqualTo(StagingStatus.begin(NAMESPACE, 1));
    }

    @Test
    void aPauseHoldsItsEnd() {
        seen();
        staging = staging.judged("Passed", "all well", NOW, null);
        paused = true;
        assertThat(awaits("ProveFresh")).isEqualTo("Paused: spec.paused is true: the next step waits; checks go on");
    }

    @Test
    void itsEndIsThatProductionWasNotTouched() {
        seen();
        staging = staging.removed(NOW);
        assertThat(look(Phase.Reverting, "RemoveStaging").status().task()).isEqualTo("WriteReport");
        reported = Observed.Reported.YES;
        assertThat(look(Phase.Reverting, "WriteReport").status().phase()).isEqualTo(Phase.Failed);
    }

    @Test
    void theCopyIsRemovedUnlessItIsKept() {
        seen();
        assertThat(look(Phase.Reverting, "RemoveStaging").actions())
                .containsExactly(new Action.RemoveStage(NAMESPACE, "uid-ns"));
        staging = staging.judged("Failed", "no", NOW, NOW.plusSeconds(60));
        assertThat(look(Phase.Reverting, "RemoveStaging").status().task()).isEqualTo("WriteReport");
        deleting = true;
        assertThat(look(Phase.Reverting, "RemoveStaging").actions())
                .containsExactly(new Action.RemoveStage(NAMESPACE, "uid-ns"));
    }

    @Test
    void aKeptCopyGoesWhenItsTimeIsOverOrTheMigrationIsDeleted() {
        seen();
        staging = staging.judged("Failed", "no", NOW, NOW.plusSeconds(60));
        Decision kept = look(Phase.Failed, null);
        assertThat(kept.actions()).isEmpty();
        assertThat(kept.next()).isEqualTo(Duration.ofSeconds(60));
        deleting = true;
        assertThat(look(Phase.Failed, null).actions()).containsExactly(new Action.RemoveStage(NAMESPACE, "uid-ns"));
        deleting = false;
        staging = staging.judged("Failed", "no", NOW, NOW);
        assertThat(look(Phase.Failed, null).actions()).containsExactly(new Action.RemoveStage(NAMESPACE, "uid-ns"));
        present = false;
        occupied = false;
        assertThat(after(look(Phase.Failed, null)).present()).isFalse();
    }

    /** Its target may serve: nothing of the copy is read then, so there is nothing to look for soon. */
    @Test
    void aStuckOneIsNotLookedAtForItsCopy() {
        seen();
        assertThat(look(Phase.Stuck, null).next()).isGreaterThan(Duration.ofMinutes(1));
    }

    @Test
    void oneThatDoesNotGoAfterTheEndIsReportedAsLongAsItDoesNot() {
        seen();
        staging = staging.judged("Failed", "no", NOW, NOW);
        terminating = true;
        blocking = "1 resource instance has the finalizer x";
        terminatingSince = NOW.minusSeconds(59);
        assertThat(look(Phase.Failed, null).status().condition("Waiting"))
                .as("while pods have their time to end")
                .isEmpty();
        terminatingSince = NOW.minusSeconds(60);
        Decision held = look(Phase.Failed, null);
        assertThat(held.status().condition("Waiting")).hasValueSatisfying(c -> {
            assertThat(c.reason()).isEqualTo("StagingTerminating");
            assertThat(c.message()).contains(NAMESPACE, "the finalizer x");
        });
        assertThat(held.status().condition("Ready")).isPresent();
        present = false;
        occupied = false;
        terminating = false;
        blocking = null;
        assertThat(look(Phase.Failed, null).status().condition("Waiting")).isEmpty();
    }

    @Test
    void oneThatDoesNotGoIsReported() {
        seen();
        terminating = true;
        taskSince = NOW.minusSeconds(61);
        assertThat(look(Phase.Reverting, "RemoveStaging").status().condition("Waiting"))
                .hasValueSatisfying(c -> assertThat(c.reason()).isEqualTo("StagingTerminating"));
    }

    static Stream<String> tasks() {
        return Staging.TASKS.stream().map(Task::name);
    }

    /** And so does an abort. */
    @ParameterizedTest
    @MethodSource("tasks")
    void deletionInEachOfItsTasksRemovesTheCopy(String task) {
        seen();
        deleting = true;
        goesBack(look(Phase.Staging, task));
        deleting = false;
        command = "abort";
        goesBack(look(Phase.Staging, task));
    }

    private void goesBack(Decision back) {
        assertThat(back.status().phase()).isEqualTo(Phase.Reverting);
        assertThat(back.status().task()).isEqualTo("DeleteHold");
        assertThat(Planner.tasks(Phase.Reverting, observed(Phase.Reverting, "DeleteHold")))
                .extracting(Task::name)
                .contains("RemoveStaging");
    }
}
