package dev.segue.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.segue.api.Finding;
import dev.segue.api.MigrationStatus.ContestStatus;
import dev.segue.api.MigrationStatus.ServiceStatus;
import dev.segue.api.Phase;
import dev.segue.api.PlanStatus;
import dev.segue.api.Verify.OnTimeout;
import dev.segue.engine.HandingOver.Route;
import dev.segue.engine.Observed.PodFacts;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** A handover that is held up, look by look: by target pods that are not ready, a Service somewhere else, a late command. */
class HandoverWaitsTest {
    private static final Action RESUME = new Action.Resume(Moment.THEM);
    private static final Action PIN = new Action.Pin("shop", "uid-of-shop", Moment.TARGET);

    private static Moment widened(Route route) {
        Moment moment = Moment.handingOver(route, "PinTarget");
        moment.service().pin = null;
        return moment;
    }

    /** No guard ends the wait any more, so it says what it waits for. */
    @ParameterizedTest
    @EnumSource(Route.class)
    void aTargetThatIsNotReadyIsWaitedForAndFollowsTheDeployment(Route route) {
        Moment moment = widened(route);
        moment.target().has(3);
        String message = "3 of 4 target pod(s) ready: not narrowing the traffic to them yet";
        moment.awaits("TargetUnready", message);
        moment.target().wanted = 3;
        moment.acts("scaling the target to 4 pod(s)", new Action.ScaleTarget("shop-m1", "uid-of-shop-m1", 4));
        moment.target().controller = Moment.THEM;
        moment.awaits("TargetUnready", message);
        moment.target().wanted = 4;
        moment.target().has(4);
        moment.acts("pointing the Services at the target alone", PIN);
    }

    @Test
    void whatIsWaitedForOtherwiseIsSaidAsEver() {
        Moment moment = Moment.handingOver(Route.Adopt, "ProveCutover");
        moment.service().endpoints = List.of("m1-0");
        assertThat(moment.look().status().condition("Waiting")).isEmpty();
        moment.target().has(3);
        assertThat(moment.look().status().condition("Waiting"))
                .hasValueSatisfying(c -> assertThat(c.reason()).isEqualTo("TargetUnready"));

        Moment contested = widened(Route.Adopt);
        contested.narrowing = new ContestStatus(Moment.TARGET, 2, Moment.NOW);
        assertThat(contested.look().status().condition("Waiting"))
                .hasValueSatisfying(c -> assertThat(c.reason()).isEqualTo("FieldContested"));
    }

    @Test
    void aDeploymentThatWouldStopPodsWithTrafficStaysPaused() {
        Moment moment = Moment.adopting("Resume");
        moment.target().controller = Moment.THEM;
        moment.service().pin = null;
        moment.acts("pointing the Services at the target alone again", PIN);
        moment.target().has(3);
        moment.awaits(
                "TargetUnready",
                "3 of 4 target pod(s) ready, so the old ones have traffic: the Deployment stays paused");
        moment.target().wanted = 3;
        moment.acts("letting the Deployment go on", new Action.Resume(Moment.THEM));
        moment.target().wanted = 4;
        moment.service().pin = Moment.TARGET;
        moment.acts("letting the Deployment go on", new Action.Resume(Moment.THEM));
        moment.shop.paused = false;
        moment.goesOnTo("AwaitAdoption");
    }

    /** How often it was written is noted with the write, so that a war over it is seen. */
    @Test
    void theChangeIsNotedWithItsWrite() {
        Moment moment = Moment.handingOver(Route.Settle, "ApplyChange");
        assertThat(moment.look().status().change()).isEqualTo(new ContestStatus(Moment.TARGET, 1, Moment.NOW));
        moment.shop.carriesChange = true;
        assertThat(moment.look().status().change()).isNull();
    }

    /** A Service that its user has pointed elsewhere sends the pods nothing: it is neither narrowed nor proved. */
    @Test
    void aServiceThatIsPointedElsewhereIsLeftToItsUser() {
        Moment moment = widened(Route.Adopt);
        Moment.Svc elsewhere = new Moment.Svc("shop-eu", Moment.TARGET);
        elsewhere.selects = false;
        moment.services.add(elsewhere);
        moment.acts("pointing the Services at the target alone", PIN, new Action.Unpin("shop-eu", "uid-of-shop-eu"));
        moment.service().pin = Moment.TARGET;
        moment.acts("pointing the Services at the target alone", new Action.Unpin("shop-eu", "uid-of-shop-eu"));
        elsewhere.pin = null;
        moment.goesOnTo("ProveCutover");
        moment.service().pin = null;
        moment.acts("pointing the Services at the target alone", PIN);
        elsewhere.pin = "another";
        elsewhere.endpoints = List.of("pod-of-another");
        moment.acts("pointing the Services at the target alone", PIN, new Action.Unpin("shop-eu", "uid-of-shop-eu"));
    }

    // ---- the fence ----

    @ParameterizedTest
    @CsvSource({"Refused, true", "FenceRefused, false"})
    void onlyARefusalOfTheFenceLetsItGoBackWithout(String waiting, boolean fences) {
        Moment moment = Moment.handingOver(Route.Adopt, "ApplyChangePaused");
        moment.command = "abort";
        moment.waiting = waiting;
        Decision d = moment.look();
        assertThat(d.actions().stream().anyMatch(Action.Fence.class::isInstance))
                .isEqualTo(fences);
        assertThat(d.status().phase()).isEqualTo(fences ? Phase.HandingOver : Phase.Reverting);
        assertThat(d.status().command()).isEqualTo(fences ? null : "abort");
    }

    @Test
    void whoDoesNotGoBackNeedsNoFence() {
        Moment moment = Moment.handingOver(Route.Adopt, "ApplyChangePaused");
        moment.command = "promote";
        Moment.told(
                moment.look(),
                true,
                "CommandIgnored",
                "promote has no effect: there is no hold to skip in HandingOver");
        Moment.told(
                Moment.soaking("Soak").commanded("abort").look(),
                true,
                "Reverting",
                "Aborted: A user asked for it (annotation segue.dev/command=abort)");
    }

    // ---- the way back ----

    @Test
    void aChangeThatArrivedOnTheWayBackIsLetGoOn() {
        Moment moment = Moment.reverting("PinDeployment");
        moment.shop.paused = moment.shop.pausedByUs = true;
        moment.shop.current = null;
        moment.acts("letting the Deployment go on", new Action.Resume(Moment.THEM));
        moment.shop.pausedByUs = false;
        assertThat(moment.look().actions()).noneMatch(Action.Resume.class::isInstance);
    }

    /** It would go with the Migration. */
    @Test
    void aMigrationThatIsDeletedIsNotReported() {
        Moment moment = Moment.finishing("WriteReport");
        moment.deleting = true;
        assertThat(moment.look().status().phase()).isEqualTo(Phase.Completed);
    }

    @Test
    void aReportThatCannotBeWrittenIsFoundAndForgottenWhenItIsTriedAgain() {
        Moment moment = Moment.finishing("WriteReport").after(Duration.ofSeconds(15));
        Decision skipped = moment.look();
        assertThat(skipped.status().phase()).isEqualTo(Phase.Completed);
        assertThat(skipped.status().findingsOrEmpty()).singleElement().satisfies(f -> {
            assertThat(f.reason()).isEqualTo("ReportSkipped");
            assertThat(f.message()).contains("could not be written within 15s");
        });
        moment.findings = skipped.status().findingsOrEmpty();
        assertThat(moment.look().status().findingsOrEmpty()).as("noted once").hasSize(1);

        Moment again = Moment.finishing("ForgetFields");
        again.findings = skipped.status().findingsOrEmpty();
        again.plan = new PlanStatus("hash", Moment.NOW, null, null, null, null, null, null);
        Decision reports = again.goesOnTo("WriteReport");
        assertThat(reports.status().findingsOrEmpty()).isEmpty();
        assertThat(reports.status().plan()).as("what was done stays told").isEqualTo(again.plan);
        moment.findings = List.of(new Finding(Finding.Severity.Warn, "SingleReplica", "one pod", null));
        assertThat(moment.look().status().findingsOrEmpty()).hasSize(2);
    }

    @Test
    void aDeploymentThatGoesOnStopsPodsOnlyWhenItHasTheTarget() {
        Moment moment = Moment.adopting("Resume");
        moment.service().pin = null;
        moment.target().has(3);
        moment.acts("letting the Deployment go on", RESUME);
        moment.target().controller = Moment.THEM;
        moment.shop.carriesChange = false;
        moment.acts("letting the Deployment go on", RESUME);
    }

    /** A war over the template is no less of one in the handover. */
    @Test
    void aChangeThatIsTakenBackIsNotWrittenAgainAtOnce() {
        Moment moment = Moment.handingOver(Route.Settle, "ApplyChange");
        moment.change = new ContestStatus(Moment.TARGET, 2, Moment.NOW.minusSeconds(9));
        assertThat(moment.look().status().condition("Waiting"))
                .hasValueSatisfying(c -> assertThat(c.reason()).isEqualTo("SourceDiverged"));
        moment.change = new ContestStatus(Moment.TARGET, 2, Moment.NOW.minusSeconds(10));
        moment.acts("writing the change into the Deployment's template", new Action.ApplyChange(Moment.THEM, false));
    }

    @Test
    void aDeploymentThatCarriesTheChangeIsPausedWhateverTheServicesDo() {
        Moment moment = Moment.adopting("ApplyChangePaused");
        moment.shop.paused = false;
        moment.service().pin = null;
        moment.acts("writing the change into the Deployment's template", new Action.ApplyChange(Moment.THEM, true));
        moment.service().pin = Moment.TARGET;
        moment.shop.paused = true;
        moment.shop.carriesChange = false;
        moment.shop.current = new Moment.Pods("shop-1", Moment.SOURCE, Moment.THEM, 4);
        moment.acts("writing the change into the Deployment's template", new Action.ApplyChange(Moment.THEM, true));
    }

    @Test
    void aPauseOfTheUsersHoldsTheRolloutThatIsNotOver() {
        Moment moment = Moment.settling("AwaitRollout");
        moment.shop.paused = true;
        moment.goesOnTo("HoldEndpoints");
        moment.shop.available = 3;
        assertThat(moment.look().status().condition("Waiting"))
                .hasValueSatisfying(c -> assertThat(c.reason()).isEqualTo("DeploymentPaused"));
        moment.shop.paused = false;
        moment.awaits(null, "the Deployment builds its own pods of the new version: 3 of 4 available");

        Moment adopted = Moment.adopting("AwaitAdoption");
        adopted.target().controller = Moment.THEM;
        adopted.shop.current = adopted.target;
        adopted.shop.paused = true;
        adopted.shop.pausedByUs = false;
        assertThat(adopted.look().status().condition("Waiting"))
                .hasValueSatisfying(c -> assertThat(c.reason()).isEqualTo("DeploymentPaused"));
        adopted.shop.updated = 4;
        adopted.goesOnTo("Unpin");
    }

    @Test
    void whatIsWidenedIsNotWidenedAgain() {
        Moment moment = Moment.adopting("AwaitAdoption");
        moment.service().pin = null;
        moment.shop.carriesChange = false;
        moment.awaits(null, "the Deployment stops the old version's idle pods: 4 pod(s), 0 of the new version");
        Moment unpin = Moment.adopting("Unpin");
        unpin.service().pin = null;
        unpin.goesOnTo("ProveEndpoints");
    }

    /** Then nobody can tell what its template is. */
    @Test
    void aSettleIsDoneWhenTheTargetIsGone() {
        Moment moment = Moment.settling("DeleteTarget");
        moment.service().pin = null;
        moment.target = null;
        moment.shop.carriesChange = false;
        moment.spec.paused = true;
        Decision done = moment.enters(
                Phase.Finishing, "DeleteHold", "Finishing", "the Deployment serves the new version alone");
        assertThat(done.status().servicesOrEmpty())
                .as("its pods are the new version's")
                .extracting(ServiceStatus::targetEndpoints)
                .containsExactly(4);
    }

    @Test
    void theDeploymentServesTheNewVersionWhileWeCleanUp() {
        Moment moment = Moment.finishing("DeleteHold");
        moment.target = null;
        moment.shop.current = new Moment.Pods("shop-2", "2", Moment.THEM, 4);
        assertThat(moment.look().status().servicesOrEmpty())
                .extracting(ServiceStatus::targetEndpoints)
                .containsExactly(4);
    }

    @Test
    void aTargetWithoutPodsIsDeletedThoughTheDeploymentIsGone() {
        Moment moment = Moment.settling("DeleteTarget");
        moment.service().pin = null;
        moment.target().wanted = 0;
        moment.target().has(0);
        moment.deploymentGone = true;
        assertThat(moment.look().actions()).containsExactly(new Action.DeleteTarget("shop-m1", "uid-of-shop-m1"));
    }

    @Test
    void theWayBackWidensBeforeTheDeploymentIsReady() {
        Moment moment = Moment.reverting("PinDeployment");
        moment.shop.available = 3;
        moment.acts(
                "the Deployment is not ready: sending the traffic to all ready pods",
                new Action.Unpin("shop", "uid-of-shop"));
        moment.shop.updated = 3;
        assertThat(moment.look().actions()).as("a rollout stops its pods").isEmpty();

        Moment widened = Moment.reverting("PropagateDeployment");
        widened.service().pin = null;
        widened.goesTo("PinDeployment", "the Deployment's own pods no longer have the traffic alone");
        Moment scaled = Moment.reverting("DeleteTarget");
        scaled.target().wanted = 1;
        scaled.target().has(0);
        scaled.goesTo("PinDeployment", "someone scaled the target up again");
    }

    /** A query often has no data of pods that are not ready. */
    @Test
    void podsThatAreNotReadyAreDrainedByTime() {
        Moment moment = Moment.reverting("DrainTarget");
        moment.spec.drainByQuery(OnTimeout.Hold);
        moment.target().pods = moment.target().pods.stream()
                .map(p -> new PodFacts(p.name(), p.uid(), false, false, false, 0, null, null, p.createdAt()))
                .toList();
        assertThat(Moment.said(moment.look()))
                .startsWith("the pods of shop-m1 get ")
                .endsWith(" to finish what they have (verify.drain.wait)");
    }

    @Test
    void aTargetWithoutPodsIsShownAsItIs() {
        Moment moment = Moment.reverting("DeleteTarget");
        moment.target().wanted = 0;
        moment.target().has(0);
        assertThat(moment.look().status().target())
                .satisfies(t -> assertThat(t.availability()).isEqualTo("0/0"));
    }

    @Test
    void aSettleStaysOnATargetThatServesUntilTheDeploymentIsReady() {
        Moment moment = Moment.settling("PinDeployment");
        moment.shop.available = 3;
        moment.awaits(
                "SourceUnready",
                "Deployment shop cannot take all traffic yet: 3 of 4 available. Repair it, or scale it to what it has");
    }

    @Test
    void aDeletionAloneProtectsNoLess() {
        Moment moment = Moment.reverting("PinDeployment");
        moment.deleting = true;
        moment.acts(
                "pointing the Services at the Deployment's own pods alone",
                new Action.Pin("shop", "uid-of-shop", Moment.SOURCE));
        Moment gone = Moment.reverting("PropagateDeployment");
        gone.deploymentGone = true;
        gone.service().endpoints = List.of("1-0");
        assertThat(gone.look().status().task()).isEqualTo("PinDeployment");
    }
}
