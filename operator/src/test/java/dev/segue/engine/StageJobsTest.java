package dev.segue.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.segue.analysis.Reading;
import dev.segue.api.Phase;
import dev.segue.api.StagingSpec;
import dev.segue.api.StagingSpec.Limit;
import dev.segue.api.StagingStatus.TestStatus;
import dev.segue.engine.Decision.Notice;
import dev.segue.engine.StageFacts.JobFacts;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The Jobs of a rehearsal, look by look: seeds, tests and their limits. */
class StageJobsTest extends StageMoment {
    private static final JobFacts RUNNING = new JobFacts(false, null, null, null);
    private static final JobFacts SUCCEEDED = new JobFacts(true, null, null, null);

    @BeforeEach
    void begin() {
        seen();
    }

    private void began(String test, int attempt, long ago) {
        staging = staging.with(new TestStatus(test, "Running", attempt, NOW.minusSeconds(ago), null, null));
    }

    private static JobFacts failed(@Nullable String message) {
        return new JobFacts(false, "exit code 1", null, message);
    }

    private TestStatus test(Decision d) {
        return after(d).test("load").orElseThrow();
    }

    // ---- tests ----

    @Test
    void aTestThatRunsIsWaitedFor() {
        began("load", 1, 30);
        jobs.put("load-1-1", RUNNING);
        assertThat(awaits("RunTests")).isEqualTo("test load runs in staging, try 1 of 1");
        retries = 2;
        began("load", 2, 30);
        jobs.put("load-1-2", RUNNING);
        assertThat(awaits("RunTests")).isEqualTo("test load runs in staging, try 2 of 3");
    }

    @Test
    void aJobThatCannotBeMadeFailsTheTestWhenItsTimeIsOver() {
        refusal = "exceeded quota: jobs";
        retries = 1;
        began("load", 1, 599);
        Decision tries = look(Phase.Staging, "RunTests");
        assertThat(Moment.said(tries)).isEqualTo("starting test load");
        assertThat(tries.actions()).containsExactly(new Action.StartTest(NAMESPACE, "load", "load-1-1"));
        began("load", 1, 600);
        Decision ends = look(Phase.Staging, "RunTests");
        assertThat(test(ends))
                .as("and is not tried again")
                .isEqualTo(new TestStatus(
                        "load",
                        "Failed",
                        1,
                        NOW.minusSeconds(600),
                        NOW,
                        "its Job could not be made: exceeded quota: jobs"));
        assertThat(Moment.said(ends)).isEqualTo("test load failed");
        assertThat(ends.notices()).isEmpty();
    }

    @Test
    void aPodThatDoesNotStartFailsTheTestInSeconds() {
        retries = 1;
        jobs.put("load-1-1", new JobFacts(false, null, "ErrImagePull", null));
        began("load", 1, 9);
        assertThat(awaits("RunTests")).isEqualTo("test load runs in staging, try 1 of 2");
        began("load", 1, 10);
        TestStatus ended = test(look(Phase.Staging, "RunTests"));
        assertThat(ended.failed()).isTrue();
        assertThat(ended.message()).isEqualTo("its pod does not start: ErrImagePull");
        began("load", 1, 10);
        jobs.put("load-1-1", RUNNING);
        assertThat(awaits("RunTests")).isEqualTo("test load runs in staging, try 1 of 2");
    }

    @Test
    void whatAFailedTestSaidIsTold() {
        retries = 1;
        began("load", 1, 30);
        jobs.put("load-1-1", failed("3 of 9 failed"));
        Decision again = look(Phase.Staging, "RunTests");
        assertThat(test(again))
                .isEqualTo(
                        new TestStatus("load", "Running", 2, NOW, null, "try 1: exit code 1; it said: 3 of 9 failed"));
        assertThat(again.notices())
                .containsExactly(
                        new Notice(
                                true,
                                "StagingTestRetried",
                                "test load failed in staging and is tried again (2 of 2): exit code 1; it said: 3 of 9 failed"));
        for (String nothing : new String[] {" ", null}) {
            jobs.put("load-1-1", failed(nothing));
            assertThat(test(look(Phase.Staging, "RunTests")).message()).isEqualTo("try 1: exit code 1");
        }
    }

    @Test
    void aTestThatFailedForGoodEndsTheRehearsal() {
        staging = staging.with(new TestStatus("load", "Failed", 1, NOW, NOW, "exit code 1"));
        fails(
                "RunTests",
                "StagingTestFailed",
                "test load failed in staging: exit code 1",
                "its log is in ConfigMap shop-2-report, key test-load.log; repair the new version or the test, then give the command retry");
    }

    @Test
    void aTestThatPassedIsToldWithWhatItSaid() {
        began("load", 1, 30);
        jobs.put("load-1-1", new JobFacts(true, null, null, " 9 of 9 \n"));
        Decision passed = look(Phase.Staging, "RunTests");
        assertThat(test(passed)).isEqualTo(new TestStatus("load", "Passed", 1, NOW.minusSeconds(30), NOW, "9 of 9"));
        assertThat(passed.notices())
                .containsExactly(new Notice(false, "StagingTestPassed", "test load passed in staging"));
        assertThat(passed.actions()).isEmpty();

        jobs.put("load-1-1", new JobFacts(true, null, null, " "));
        assertThat(test(look(Phase.Staging, "RunTests")).message()).isNull();
        jobs.put("load-1-1", SUCCEEDED);
        assertThat(test(look(Phase.Staging, "RunTests")).message()).isNull();
        staging = after(passed);
        goesOn("RunTests", "DeploySource");
    }

    @Test
    void seedsRunOneAfterTheOtherBeforeTheNewVersion() {
        goesOn("SeedData", "AwaitDependencies");
        seeds = List.of(seed("schema"), seed("rows"));
        Decision begins = look(Phase.Staging, "SeedData");
        assertThat(Moment.said(begins)).isEqualTo("test schema begins");
        assertThat(after(begins).testsOrEmpty())
                .containsExactly(new TestStatus("schema", "Running", 1, NOW, null, null));
        staging = staging.with(new TestStatus("schema", "Passed", 1, NOW, NOW, null));
        assertThat(Moment.said(look(Phase.Staging, "SeedData"))).isEqualTo("test rows begins");
        staging = staging.with(new TestStatus("rows", "Passed", 1, NOW, NOW, null));
        goesOn("SeedData", "AwaitDependencies");
    }

    private static StagingSpec.Test seed(String name) {
        return new StagingSpec.Test(name, "psql", null, null, null, null, null, null, null);
    }

    // ---- their limits ----

    private void limited() {
        limits = List.of(new Limit("p99", "q", 0.3), new Limit("errors", "e", 1));
        retries = 1;
        began("load", 1, 30);
        jobs.put("load-1-1", new JobFacts(true, null, null, "{}"));
    }

    @Test
    void whatTheLimitsMeasuredIsToldAndTheLimitItselfIsNotTooMuch() {
        limited();
        readings.put("p99", new Reading.Value(0.3));
        readings.put("errors", new Reading.Value(0));
        assertThat(test(look(Phase.Staging, "RunTests")).message())
                .isEqualTo("p99 0.3000 of at most 0.3000; errors 0.000 of at most 1.000; {}");
    }

    @Test
    void aLimitThatIsExceededIsTriedAgain() {
        limited();
        readings.put("p99", new Reading.Value(0.2));
        readings.put("errors", new Reading.Value(2));
        assertThat(test(look(Phase.Staging, "RunTests")))
                .isEqualTo(new TestStatus(
                        "load",
                        "Running",
                        2,
                        NOW,
                        null,
                        "try 1: its threshold errors is exceeded: 2.000 of at most 1.000"));
    }

    @Test
    void aLimitThatCannotBeReadIsNotTriedAgain() {
        limited();
        readings.put("p99", new Reading.Refused("parse error"));
        TestStatus ended = test(look(Phase.Staging, "RunTests"));
        assertThat(ended.failed()).isTrue();
        assertThat(ended.message()).isEqualTo("its threshold p99 cannot be read: parse error");
        readings.clear();
        assertThat(test(look(Phase.Staging, "RunTests")).message())
                .isEqualTo("its thresholds need analysis.prometheus, which is not there");
        assertThat(test(look(Phase.Staging, "RunTests")).failed()).isTrue();
        prometheus = true;
        assertThat(awaits("RunTests")).isEqualTo("waiting for metric p99 of test load");
    }

    @Test
    void aLimitWithoutDataIsWaitedForAsLongAsAScrapeMayTake() {
        limited();
        readings.put("p99", new Reading.NoData("no series"));
        began("load", 1, 659);
        assertThat(awaits("RunTests")).isEqualTo("NoData: threshold p99 of test load has no data: no series");
        began("load", 1, 660);
        assertThat(test(look(Phase.Staging, "RunTests")).message())
                .isEqualTo("try 1: its threshold p99 has no data: no series");
        assertThat(test(look(Phase.Staging, "RunTests")).attempt()).isEqualTo(2);
    }
}
