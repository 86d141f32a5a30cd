package dev.segue.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.segue.api.Phase;
import dev.segue.api.StagingSpec;
import dev.segue.api.StagingStatus.TestStatus;
import dev.segue.engine.Decision.Notice;
import dev.segue.engine.StageFacts.CopyFacts;
import dev.segue.engine.StageFacts.JobFacts;
import dev.segue.engine.StageFacts.MovesFacts;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The probe of the isolation, look by look, and that nothing of the copy runs before. */
class IsolationTest extends StageMoment {
    private static final String PROBE = "segue-isolation-1-1";
    private static final JobFacts RUNNING = new JobFacts(false, null, null, null);

    @BeforeEach
    void begin() {
        unprobed();
    }

    private void began(long ago) {
        staging = staging.with(new TestStatus(StageTests.ISOLATION, "Running", 1, NOW.minusSeconds(ago), null, null));
    }

    private static JobFacts said(@Nullable String word) {
        return new JobFacts(true, null, null, word);
    }

    private String isolation(JobFacts job, long ago) {
        began(ago);
        jobs.put(PROBE, job);
        Decision d = look(Phase.Staging, "ProbeIsolation");
        TestStatus probe = after(d).test(StageTests.ISOLATION).orElseThrow();
        assertThat(probe.passed()).as("a probe never fails").isTrue();
        assertThat(d.notices())
                .containsExactly(new Notice(true, "StagingNotIsolated", String.valueOf(probe.message())));
        return after(d).isolation() + ": " + probe.message();
    }

    @Test
    void theProbeIsInTheStatusBeforeItsJob() {
        Decision begins = look(Phase.Staging, "ProbeIsolation");
        assertThat(begins.actions()).isEmpty();
        assertThat(after(begins).testsOrEmpty())
                .containsExactly(new TestStatus(StageTests.ISOLATION, "Running", 1, NOW, null, null));
        began(59);
        assertThat(look(Phase.Staging, "ProbeIsolation").actions())
                .containsExactly(new Action.StartTest(NAMESPACE, "segue-isolation", PROBE));
        jobs.put(PROBE, RUNNING);
        assertThat(awaits("ProbeIsolation")).isEqualTo("probing whether the network keeps staging apart");
    }

    @Test
    void aProbeThatCannotBeMadeIsNotWaitedForLong() {
        refusal = "no";
        began(60);
        assertThat(after(look(Phase.Staging, "ProbeIsolation"))
                        .test(StageTests.ISOLATION)
                        .orElseThrow()
                        .message())
                .isEqualTo(
                        "it is not known whether the network keeps staging apart: the probe could not be started: no");
    }

    @ParameterizedTest
    @CsvSource({
        "production blocked, names reached, Enforced",
        "production reached, names reached, NotEnforced",
        "production blocked, names blocked, Unknown",
        "production blocked, names unresolved, Unknown",
        "production blocked, names refused, Unknown",
        "production blocked, names on the node, Unknown",
        "production blocked, names of another address, Unknown",
        "production refused, names reached, Unknown",
        "production reached, names unresolved, Unknown",
    })
    void itIsWhatTheProbeSaw(String production, String names, String isolation) {
        began(5);
        jobs.put(PROBE, said(production + ", " + names));
        assertThat(after(look(Phase.Staging, "ProbeIsolation")).isolation()).isEqualTo(isolation);
    }

    @Test
    void whatTheProbeCannotTellIsNotKnown() {
        String unknown = "Unknown: it is not known whether the network keeps staging apart: the probe ";
        JobFacts failed = new JobFacts(false, "exit code 1", null, null);
        assertThat(isolation(failed, 1)).isEqualTo(unknown + "failed: exit code 1");
        assertThat(isolation(new JobFacts(false, "exit code 1", null, "word"), 1))
                .isEqualTo(unknown + "failed: exit code 1");
        assertThat(isolation(said(null), 1)).isEqualTo(unknown + "failed: it said nothing");
        assertThat(isolation(said("production refused, names reached"), 1))
                .isEqualTo(unknown + "says: production refused, names reached");
        JobFacts unpulled = new JobFacts(false, null, "ErrImagePull", null);
        assertThat(isolation(unpulled, 10)).isEqualTo(unknown + "does not start: ErrImagePull");
        assertThat(isolation(said("production reached, names reached"), 1))
                .startsWith("NotEnforced: the network does not keep staging apart");

        began(9);
        jobs.put(PROBE, unpulled);
        assertThat(awaits("ProbeIsolation")).isEqualTo("probing whether the network keeps staging apart");
    }

    @Test
    void withoutItsImageItIsNotProbed() {
        probed = false;
        Decision d = look(Phase.Staging, "ProbeIsolation");
        assertThat(after(d).isolation()).isEqualTo("Unknown");
        assertThat(d.actions()).isEmpty();
        assertThat(d.notices())
                .singleElement()
                .satisfies(n -> assertThat(n.message())
                        .endsWith("the operator does not know its own image, which holds the probe (SEGUE_IMAGE)"));
    }

    @Test
    void isolationIsNoNewsWhenItIsThere() {
        began(5);
        jobs.put(PROBE, said("production blocked, names reached"));
        Decision d = look(Phase.Staging, "ProbeIsolation");
        assertThat(d.notices()).isEmpty();
        assertThat(Moment.said(d)).startsWith("the network keeps staging apart");
    }

    /** Also from then on: it may be asked for later. */
    @ParameterizedTest
    @ValueSource(strings = {"ProbeIsolation", "SeedData", "RunTests", "JudgeStaging"})
    void whatIsRequiredIsRequiredOfTheAnswer(String task) {
        staging = staging.with(new TestStatus(StageTests.ISOLATION, "Passed", 1, NOW, NOW, "reached"));
        requireIsolation = true;
        for (String isolation : List.of("Unknown", "NotEnforced")) {
            staging = staging.isolated(isolation);
            fails(
                    task,
                    "StagingNotIsolated",
                    "isolation is %s, and spec.staging.requireIsolation is true: reached".formatted(isolation),
                    "use a network plugin that enforces NetworkPolicies, or set it to false");
        }
        requireIsolation = false;
        assertThat(look(Phase.Staging, task).status().cause()).isNull();
        requireIsolation = true;
        staging = staging.isolated("Enforced");
        assertThat(look(Phase.Staging, task).status().cause()).isNull();
    }

    // ---- nothing runs before ----

    /** Wherever the status says that it is, as an operator of before may have come further. */
    @Test
    void nothingOfTheCopyRunsAsLongAsItsIsolationIsNotKnown() {
        everythingIsToBeStarted();
        assertThat(starting()).isEmpty();
        assertThat(look(Phase.Staging, "SeedData").status().task()).isEqualTo("ProbeIsolation");
        assertThat(look(Phase.Staging, "CopyObjects").actions())
                .containsExactly(new Action.CopyIntoStage(NAMESPACE, List.of("ConfigMap/settings"), 1));
    }

    @Test
    void nothingOfTheCopyRunsWhereItIsRequiredAndNotThere() {
        everythingIsToBeStarted();
        requireIsolation = true;
        staging = staging.isolated("Unknown");
        assertThat(starting()).isEmpty();
        staging = staging.isolated("NotEnforced");
        assertThat(starting()).isEmpty();
        staging = staging.isolated("Enforced");
        assertThat(starting())
                .containsExactly(
                        "DeployDependencies", "SeedData", "DeployTarget", "RunTests", "DeploySource", "RehearseMoves");
    }

    private void everythingIsToBeStarted() {
        seeds = List.of(new StagingSpec.Test("rows", "psql", null, null, null, null, null, null, null));
        rehearse = true;
        moves = new MovesFacts(null, null, null);
        copies = Stream.of("ConfigMap/settings", "Deployment/db", "Deployment/shop")
                .map(object -> new CopyFacts(object, "a", null, false))
                .toList();
    }

    /** The tasks that start something of the copy, or say that it begins. */
    private List<String> starting() {
        return Staging.TASKS.stream()
                .map(Task::name)
                .takeWhile(task -> !task.equals("JudgeStaging"))
                .filter(task -> starts(look(Phase.Staging, task)))
                .toList();
    }

    private boolean starts(Decision d) {
        return d.actions().stream().anyMatch(IsolationTest::starts)
                || after(d).testsOrEmpty().stream().anyMatch(t -> !t.name().equals(StageTests.ISOLATION));
    }

    private static boolean starts(Action action) {
        return switch (action) {
            case Action.CopyIntoStage copy -> copy.objects().stream().anyMatch(o -> o.startsWith("Deployment/"));
            case Action.StartTest test -> !Objects.equals(test.test(), StageTests.ISOLATION);
            case Action.DeploySource _, Action.BeginMoves _ -> true;
            default -> false;
        };
    }
}
