package dev.segue.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.segue.api.MigrationStatus;
import dev.segue.api.Phase;
import dev.segue.api.StagingSpec;
import dev.segue.engine.StageFacts.Part;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a look reads of the copy of production: nothing while traffic is moved. */
class StageReadsTest extends StageMoment {
    private MigrationStatus status(Phase phase, @Nullable String task) {
        return observed(phase, task).status();
    }

    @ParameterizedTest
    @CsvSource({
        "Staging, RunTests, true",
        "Failed, , true",
        "Reverted, , true",
        "Completed, , true",
        "Stuck, , false",
        "Reverting, RemoveStaging, true",
        "Reverting, DeleteHold, false",
        "Finishing, RemoveStaging, true",
        "Shifting, Hold, false",
        "Assessing, CheckWorkload, false",
    })
    void itsNamespaceIsLookedAt(Phase phase, @Nullable String task, boolean is) {
        assertThat(StageFacts.concerns(status(phase, task))).isEqualTo(is);
    }

    @ParameterizedTest
    @CsvSource({
        "CreateNamespace, SNAPSHOTS",
        "SnapshotVolumes, SNAPSHOTS",
        "CopyObjects, CLOSURE COPIES",
        "ProbeIsolation, JOBS",
        "DeployDependencies, CLOSURE COPIES",
        "SeedData, JOBS",
        "AwaitDependencies, DEPENDENCIES",
        "DeployTarget, CLOSURE COPIES",
        "AwaitStagedTarget, PODS",
        "RunTests, JOBS",
        "DeploySource, PODS MOVES",
        "AwaitStagedSource, PODS",
        "RehearseMoves, JOBS MOVES",
        "JudgeStaging, ''",
        "LeaveStaging, ''",
        "ProveFresh, CLOSURE",
    })
    void eachTaskReadsWhatItRestsOn(String task, String parts) {
        Set<Part> needed = Arrays.stream(parts.split(" "))
                .filter(p -> !p.isEmpty())
                .map(Part::valueOf)
                .collect(Collectors.toSet());
        assertThat(StageFacts.needs(status(Phase.Staging, task))).isEqualTo(needed);
        assertThat(StageFacts.needs(status(Phase.Shifting, task))).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "Failed, , true",
        "Reverting, RemoveStaging, true",
        "Finishing, RemoveStaging, true",
        "Reverting, DeleteHold, false",
        "Shifting, Hold, false",
        "Stuck, , false"
    })
    void whatIsLeftOfSnapshotsIsLookedForWhileTheCopyGoes(Phase phase, @Nullable String task, boolean is) {
        assertThat(StageFacts.needs(status(phase, task)).contains(Part.SNAPSHOTS))
                .isEqualTo(is);
    }

    @ParameterizedTest
    @CsvSource({
        "Assessing, CheckWorkload, true",
        "Staging, ProveFresh, true",
        "Staging, RunTests, false",
        "Shifting, Hold, false"
    })
    void thePlanIsWorkedOutBeforeItIsRun(Phase phase, String task, boolean worked) {
        assertThat(Observed.plans(status(phase, task))).isEqualTo(worked);
    }

    @Test
    void theAssessmentAsksWhetherItCanBeMade() {
        assertThat(StageFacts.needs(status(Phase.Assessing, "CheckWorkload"))).containsExactly(Part.CLOSURE);
        assertThat(StageFacts.needs(status(Phase.Staging, null))).isEmpty();
    }

    @Test
    void whatCannotBeACopyIsRefusedBeforeItIsMade() {
        production.target = null;
        administrators = "prod";
        assertThat(look(Phase.Assessing, "CheckWorkload").status().cause()).satisfies(c -> {
            assertThat(c.reason()).isEqualTo("StagingNamespaceForeign");
            assertThat(c.message())
                    .isEqualTo(
                            "spec.staging.namespace is the Migration's own namespace: the isolation would cut production off");
        });
        administrators = null;
        seeds = List.of(new StagingSpec.Test("load", "psql", null, null, null, null, null, null, null));
        assertThat(look(Phase.Assessing, "CheckWorkload").status().cause()).satisfies(c -> {
            assertThat(c.reason()).isEqualTo("StagingTestsAlike");
            assertThat(c.message()).startsWith("spec.staging has two seeds or tests of the name load");
        });
        seeds = List.of();
        problem = "Secret db is not listed";
        assertThat(look(Phase.Assessing, "CheckWorkload").status().cause()).satisfies(c -> {
            assertThat(c.reason()).isEqualTo("StagingIncomplete");
            assertThat(c.message()).isEqualTo("the copy for the rehearsal cannot be made: Secret db is not listed");
        });
        problem = null;
        assertThat(look(Phase.Assessing, "CheckWorkload").status().task()).isEqualTo("AwaitSource");
    }
}
