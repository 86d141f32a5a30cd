package dev.segue.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.segue.analysis.Counts;
import dev.segue.analysis.Reading;
import dev.segue.api.Analysis.OnInconclusive;
import dev.segue.api.Finding;
import dev.segue.api.Handover.Via;
import dev.segue.api.MigrationSpec.Mode;
import dev.segue.api.MigrationStatus;
import dev.segue.api.MigrationStatus.Cause;
import dev.segue.api.Phase;
import dev.segue.api.Step;
import dev.segue.engine.AssessingTest.Workload;
import dev.segue.engine.Observed.DeploymentFacts;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** What the assessment waits for, look by look, and what it lets pass. */
class AssessingWaitsTest {
    private final Workload workload = new Workload();

    private Decision look(MigrationStatus status) {
        return Planner.plan(workload.observed(status));
    }

    private Decision look(String task) {
        return look(AssessingTest.assessing(task));
    }

    private static String waiting(Decision d) {
        return d.status()
                .condition("Waiting")
                .map(c -> c.reason() + ": " + c.message())
                .orElse("-");
    }

    private static Cause cause(Decision d) {
        return Objects.requireNonNull(d.status().cause());
    }

    @Test
    void aMigrationWaitsForItsTurn() {
        MigrationStatus pending = look(MigrationStatus.EMPTY).status();
        workload.precededBy = "shop-1";
        assertThat(waiting(look(pending)))
                .isEqualTo("Locked: Migration shop-1 moves Deployment shop; this one starts when it has ended");
        workload.precededBy = null;
        assertThat(look(pending).status().phase()).isEqualTo(Phase.Assessing);
    }

    @Test
    void aQueryThatIsWrongIsRefused() {
        workload.readings = Map.of("errors", new Reading.Refused("parse error"));
        Decision d = look("AwaitSource");
        assertThat(d.status().phase()).isEqualTo(Phase.Failed);
        assertThat(cause(d).reason()).isEqualTo("AnalysisRefused");
        assertThat(cause(d).message()).isEqualTo("metric errors: parse error");
        assertThat(cause(d).remedy()).contains("kubectl annotate migration shop-2");
    }

    @Test
    void aPrometheusThatIsAwayIsWaitedFor() {
        MigrationStatus source = AssessingTest.assessing("AwaitSource");
        workload.readings = Map.of("errors", new Reading.Unavailable("no answer"), "slow", new Reading.Value(1));
        workload.now = workload.now.plusSeconds(299);
        assertThat(waiting(look(source)))
                .isEqualTo("PrometheusUnavailable: nothing starts before the metrics can be read: no answer");
        workload.now = workload.now.plusSeconds(1);
        assertThat(cause(look(source)).reason()).isEqualTo("PrometheusUnavailable");
        workload.readings = Map.of("slow", new Reading.Value(1));
        assertThat(look(source).status().task()).isEqualTo("WriteReport");
    }

    @Test
    void fiftyServicesAreNotTooMany() {
        workload.services = 50;
        assertThat(look("CheckWorkload").status().task()).isEqualTo("AwaitSource");
    }

    @Test
    void adoptIsPossibleWithoutATwin() {
        workload.spec.via(Via.Adopt);
        assertThat(look("CheckWorkload").status().task()).isEqualTo("AwaitSource");
    }

    /** While the plan is reported the source may get unhealthy. */
    @Test
    void aSourceIsLookedAtUntilTheLastMoment() {
        MigrationStatus reporting = look("AwaitSource").status();
        workload.available = 3;
        Decision back = look(reporting);
        assertThat(back.status().task()).isEqualTo("AwaitSource");
        assertThat(Moment.said(back))
                .isEqualTo("Deployment shop is not healthy: 3 of 4 replicas available, 4 up to date");
    }

    /** Before it has begun, what it is checked for does not matter yet. */
    @Test
    void aPauseHoldsTheBeginning() {
        MigrationStatus reporting = look("AwaitSource").status();
        workload.reported = Observed.Reported.YES;
        workload.spec.paused = true;
        Decision waits = look(reporting);
        assertThat(waiting(waits)).isEqualTo("Paused: spec.paused is true: the next step waits; checks go on");
        assertThat(waits.next()).isEqualTo(Duration.ofMinutes(10));
        assertThat(waits.status().phase()).isEqualTo(Phase.Assessing);
        workload.spec.paused = false;
        assertThat(look(reporting).status().phase()).isEqualTo(Phase.Preparing);
    }

    @Test
    void anAbortEndsIt() {
        MigrationStatus checking = AssessingTest.assessing("CheckWorkload");
        workload.command = "abort";
        assertThat(look(checking).status().phase()).isEqualTo(Phase.Failed);
    }

    @Test
    void aPauseHoldsNoPlanThatIsOnlyOffered() {
        workload.spec.mode = Mode.Plan;
        workload.spec.paused = true;
        MigrationStatus reporting = look("AwaitSource").status();
        workload.reported = Observed.Reported.YES;
        assertThat(look(reporting).status().phase()).isEqualTo(Phase.Planned);
    }

    /** A history of a request an hour decides nothing in the time that there is. */
    @Test
    void thatAVerdictIsUnlikelyIsToldBeforeTheBeginning() {
        workload.spec.compares(Step.Gate.NonInferior, OnInconclusive.Pause);
        workload.readings = Map.of(
                "errors", new Reading.History(List.of(Map.of("shop-1-abcde", new Counts(0, 1))), Duration.ofHours(1)));
        assertThat(look("CheckWorkload").status().metricsOrEmpty())
                .as("it is measured when the source is healthy")
                .isEmpty();
        MigrationStatus reporting = look("AwaitSource").status();
        assertThat(reporting.metricsOrEmpty())
                .singleElement()
                .satisfies(m -> assertThat(m.verdict()).isEqualTo("Baseline"));
        workload.reported = Observed.Reported.YES;
        Decision begins = look(reporting);
        assertThat(begins.status().timelineOrEmpty())
                .extracting(MigrationStatus.Transition::reason)
                .contains("VerdictUnlikely", "Preparing");
    }

    /** Each run tells what it has found. */
    @Test
    void warningsAreToldAgainInAnotherRun() {
        workload.findings = List.of(new Finding(Finding.Severity.Warn, "SingleReplica", "one pod", null));
        workload.reported = Observed.Reported.YES;
        MigrationStatus told = look(look("AwaitSource").status()).status();
        workload.command = "abort";
        MigrationStatus failed = look(told).status();
        workload.command = "retry";
        MigrationStatus pending = look(failed).status();
        workload.now = workload.now.plusSeconds(60);
        MigrationStatus status = pending;
        for (int looks = 0; looks < 4; looks++) {
            status = look(status).status();
        }
        assertThat(status.timelineOrEmpty())
                .extracting(MigrationStatus.Transition::reason)
                .endsWith("Retried", "Assessing", "AssessmentWarned");
    }

    @Test
    void whatIsRefusedIsToldOnce() {
        workload.refusal = "spec.x is wrong";
        workload.labels = Map.of();
        assertThat(look("CheckWorkload").status().findingsOrEmpty())
                .extracting(Finding::reason)
                .containsExactly("ChangeRefused");
        workload.refusal = null;
        workload.unmovable = "it is headless";
        assertThat(look("CheckWorkload").status().findingsOrEmpty())
                .extracting(Finding::reason)
                .containsExactly("ServiceUnmovable");
        assertThat(look("CheckWorkload").status().servicesOrEmpty())
                .as("nothing is moved yet")
                .isEmpty();
    }

    // ---- what a look reads ----

    @Test
    void theHistoryIsReadAtTheLastLookBeforeTheBeginning() {
        MigrationStatus source = AssessingTest.assessing("AwaitSource");
        DeploymentFacts shop = Objects.requireNonNull(workload.observed(source).deployment());
        assertThat(Observed.readsHistory(source, shop)).isTrue();
        assertThat(Observed.readsHistory(AssessingTest.assessing("CheckWorkload"), shop))
                .isFalse();
        assertThat(Observed.readsHistory(MigrationStatus.EMPTY, shop)).isFalse();
        assertThat(Observed.readsHistory(Moment.shifting("AwaitSource").status(), shop))
                .isFalse();
        workload.ordinary = false;
        assertThat(Observed.readsHistory(
                        source, Objects.requireNonNull(workload.observed(source).deployment())))
                .isFalse();
    }

    @Test
    void whileThePlanIsReportedNothingElseIsRead() {
        MigrationStatus reporting = look("AwaitSource").status();
        DeploymentFacts shop =
                Objects.requireNonNull(workload.observed(reporting).deployment());
        assertThat(Observed.reports(reporting)).isTrue();
        assertThat(Observed.reports(MigrationStatus.EMPTY)).isFalse();
        assertThat(Observed.readsSurroundings(reporting, shop, Map.of())).isFalse();
    }
}
