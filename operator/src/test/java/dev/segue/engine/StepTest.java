package dev.segue.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.segue.analysis.Reading;
import dev.segue.api.Analysis;
import dev.segue.api.Deadline;
import dev.segue.api.Handover.Via;
import dev.segue.api.Metric;
import dev.segue.api.MigrationSpec.OnFailure;
import dev.segue.api.MigrationStatus.ContestStatus;
import dev.segue.api.MigrationStatus.MetricStatus;
import dev.segue.api.MigrationStatus.StepStatus;
import dev.segue.api.Phase;
import dev.segue.api.PrometheusSource;
import dev.segue.engine.Observed.PodFacts;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The tasks from the first target pod to the soak: when each acts, waits, is done or goes back. */
class StepTest {
    private static final Duration PREPARE = Duration.ofMinutes(5);
    private static final Instant UNTIL = Moment.NOW.plusSeconds(30);

    // ---- Preparing ----

    @Test
    void theHoldServicesComeFirst() {
        Moment moment = Moment.preparing("HoldEndpoints");
        moment.services.add(new Moment.Svc("shop-eu", null));
        moment.acts("creating the hold Service(s)", new Action.CreateHold("shop-eu"));

        moment.holds = Set.of("shop", "shop-eu");
        moment.goesOnTo("CreateTarget");
    }

    @Test
    void aServiceThatAnotherMigrationMovesIsNotTouched() {
        Moment moment = Moment.preparing("HoldEndpoints");
        moment.holds = Set.of();
        moment.service().lockedBy = "Migration shop-1 of namespace prod";
        moment.awaits(
                "Locked",
                "Migration shop-1 of namespace prod has Service shop in hand; this one starts when it has ended");
    }

    @Test
    void theTargetIsCreatedOnce() {
        Moment moment = Moment.preparing("CreateTarget");
        moment.goesOnTo("SizeTarget");
    }

    @Test
    void availableMeansAllOfThem() {
        Moment moment = Moment.shifting("AwaitTarget").after(PREPARE);
        moment.goesOnTo("ProveEndpoints");

        moment.target().has(1);
        moment.after(PREPARE.minusSeconds(1)).awaits(null, "1 of 2 target pod(s) available");
        moment.after(PREPARE)
                .reverts(
                        "TargetNeverReady",
                        "1 of 2 target pod(s) available after 5m (deadline.prepare)",
                        "kubectl describe replicaset shop-m1 says why pods are missing (quota, policy), its pods why they are not ready; raise deadline.prepare if they just need longer");
    }

    // ---- sizes ----

    @ParameterizedTest
    @CsvSource({"1, 4, 2", "1, 8, 3", "2, 8, 8", "3, 8, 8"})
    void theTargetHasThePodsThatTheStepNeedsForTheSizeNow(int step, int replicas, int needed) {
        Moment moment = step == 3 ? Moment.cuttingOver("SizeTarget") : Moment.shifting("SizeTarget");
        moment.step = step;
        moment.shop.scaled(replicas);
        moment.current().has(replicas);
        moment.target().wanted = needed - 1;
        moment.acts(
                "scaling the target to %d pod(s)".formatted(needed),
                new Action.ScaleTarget("shop-m1", "uid-of-shop-m1", needed));

        moment.target().wanted = needed;
        moment.goesOnTo("AwaitTarget");

        moment.target().wanted = needed + 1; // its pods are in the traffic
        moment.goesOnTo("AwaitTarget");
    }

    // ---- the proof ----

    @Test
    void everyServiceHasToHaveEveryTargetPod() {
        Moment moment = Moment.shifting("ProveEndpoints");
        moment.service().endpoints = List.of("1-0", "1-1", "1-2", "1-3", "m1-0");
        moment.after(PREPARE.minusSeconds(1)).awaits(null, "Service shop has 1 of 2 needed ready endpoint(s)");
        moment.after(PREPARE)
                .reverts(
                        "EndpointsMissing",
                        "Service shop has 1 of 2 needed ready endpoint(s) after deadline.prepare",
                        "look at the EndpointSlices of Service shop and at its selector");

        moment.service().endpoints = List.of("m1-0", "m1-1");
        moment.goesOnTo("Propagate");
    }

    /** What the EndpointSlice still says of a pod that is not ready any more counts for nothing. */
    @Test
    void anEndpointOfAPodThatIsNotReadyIsNoProof() {
        Moment moment = Moment.shifting("ProveEndpoints");
        moment.service().endpoints = List.of("1-0", "m1-0", "m1-1");
        moment.target().first(new PodFacts("m1-0", "m1-0", false, false, false, 0, null, null, Moment.NOW));
        moment.awaits(null, "Service shop has 1 of 2 needed ready endpoint(s)");
    }

    @Test
    void theNodesGetTheirTime() {
        Moment moment = Moment.shifting("Propagate");
        moment.holdUntil = null;
        moment.after(Duration.ofSeconds(14))
                .awaits(null, "the nodes get 15s to program the new endpoints (verify.propagation)");
        Decision held = moment.after(Duration.ofSeconds(15)).goesOnTo("Hold");
        assertThat(Objects.requireNonNull(held.status().step())).satisfies(s -> {
            assertThat(s.holdSince()).isEqualTo(Moment.NOW);
            assertThat(s.holdUntil()).isEqualTo(Moment.NOW.plusSeconds(60));
        });
    }

    // ---- the hold ----

    @Test
    void aHoldLastsToTheSecond() {
        Moment moment = Moment.shifting("Hold");
        moment.holdUntil = Moment.NOW.plusSeconds(1);
        moment.awaits(null, "holding until 2026-01-01T12:00:01Z");

        moment.holdUntil = Moment.NOW;
        moment.enters(
                Phase.Shifting,
                "SizeTarget",
                "StepStarted",
                "step 2 of 3: 50% of the traffic asked for; 4 target pod(s) beside 4 give 50%");
    }

    @Test
    void theNextStepBeginsWithoutAHold() {
        Moment moment = Moment.shifting("Hold");
        moment.holdUntil = Moment.NOW;
        assertThat(moment.look().status().step())
                .isEqualTo(new StepStatus(2, "2/3", 50, 50, "33%", 4, null, null, null));
    }

    @Test
    void theLastRatioIsFollowedByTheCutover() {
        Moment moment = Moment.shifting("Hold");
        moment.step = 2;
        moment.target = new Moment.Pods("shop-m1", Moment.TARGET, Moment.US, 4);
        moment.holdUntil = Moment.NOW;
        Decision d = moment.enters(
                Phase.CuttingOver, "SizeTarget", "CuttingOver", "step 3 of 3: all traffic, with 4 target pod(s)");
        assertThat(d.status().step()).isEqualTo(new StepStatus(3, "3/3", 100, 100, "50%", 4, null, null, null));
    }

    @Test
    void anAutoscaledSourceIsFollowedInTheHold() {
        Moment moment = Moment.shifting("Hold");
        moment.shop.scaled(8);
        moment.current().has(8);
        Decision d = moment.goesTo("SizeTarget", "Deployment shop now has 8 replica(s), so the target needs 3 pod(s)");
        assertThat(d.status().step()).satisfies(s -> {
            assertThat(s.replicas()).isEqualTo(3);
            assertThat(s.effectiveWeight()).isEqualTo(27);
            assertThat(s.holdUntil()).as("goes on").isEqualTo(UNTIL);
        });
    }

    @Test
    void theHoldOfAStepThatWasResizedGoesOn() {
        Moment moment = Moment.shifting("Propagate").after(Duration.ofSeconds(15));
        Decision d = moment.goesOnTo("Hold");
        assertThat(Objects.requireNonNull(d.status().step()).holdUntil()).isEqualTo(UNTIL);
    }

    @Test
    void aHoldDoesNotEndWhileTheSourceIsNoWayBack() {
        Moment moment = Moment.shifting("Hold");
        moment.holdUntil = Moment.NOW;
        moment.shop.available = 3;
        moment.awaits(
                "SourceUnready", "the source is not healthy (3 of 4 available): going on would leave no way back");

        moment.shop.scaled(0);
        moment.current().has(0);
        moment.awaits(
                "SourceUnready", "the source is not healthy (0 of 0 available): going on would leave no way back");
    }

    @Test
    void everyMetricHasToHaveData() {
        Moment moment = Moment.shifting("Hold");
        moment.spec.analysis = Analysis.of(
                new PrometheusSource("http://prometheus:9090", null, null, null, null),
                "10s",
                List.of(
                        Metric.limited("errors", "errors", new Metric.Threshold(10, null, null)),
                        Metric.limited("latency", "latency", new Metric.Threshold(0.5, null, null))));
        moment.readings.put("errors", new Reading.Value(1));
        for (Instant until : List.of(UNTIL, Moment.NOW)) { // also while the time is not over yet
            moment.holdUntil = until;
            moment.awaits("NoData", "not every metric has been evaluated yet");
        }

        moment.readings.put("latency", new Reading.NoData("the result is empty"));
        moment.awaits(
                "NoData",
                "metric latency has no data, which is neither success nor harm, so the weight is held: the result is empty");

        moment.readings.put("latency", new Reading.Value(0.75));
        moment.awaits(null, "metric latency is 0.75, above 0.5; watching it before going on");

        moment.readings.put("latency", new Reading.Value(0.5));
        assertThat(moment.look().status().step())
                .satisfies(s -> assertThat(s.index()).isEqualTo(2));
    }

    /** Its evaluations are those of before, and its verdict is that there is no data. */
    @Test
    void aMetricThatPassedAndThenHasNoDataHoldsAsWell() {
        Moment moment = Moment.shifting("Hold");
        moment.spec.metric();
        moment.metrics = List.of(MetricStatus.limited(
                "errors", 1.0, 10, "Pass", List.of(false, false), null, Moment.NOW.minusSeconds(10)));
        moment.awaits(null, "holding until " + UNTIL);
        moment.readings.put("errors", new Reading.NoData("no answer"));
        moment.awaits(
                "NoData",
                "metric errors has no data, which is neither success nor harm, so the weight is held: no answer");
    }

    // ---- the cutover ----

    @Test
    void aNewServiceGetsItsHoldBeforeTheCutover() {
        Moment moment = Moment.cuttingOver("HoldEndpoints");
        moment.goesOnTo("PinTarget");
        moment.holds = Set.of();
        moment.acts("creating the hold Service(s)", new Action.CreateHold("shop"));
    }

    @Test
    void theCutoverNarrowsEachServiceThatIsNotYet() {
        Moment moment = Moment.cuttingOver("PinTarget");
        moment.services.add(new Moment.Svc("shop-eu", Moment.TARGET));
        Moment.Svc other = new Moment.Svc("shop-us", "another");
        other.endpoints = List.of("pod-of-another");
        moment.services.add(other);
        moment.acts(
                "pointing the Services at the target alone",
                new Action.Pin("shop", "uid-of-shop", Moment.TARGET),
                new Action.Pin("shop-us", "uid-of-shop-us", Moment.TARGET));

        moment.service().pin = Moment.TARGET;
        moment.services.removeLast();
        moment.goesOnTo("ProveCutover");
    }

    @Test
    void neverToPodsThatAreNotReadyAtFullNumber() {
        Moment moment = Moment.cuttingOver("PinTarget");
        moment.target().has(3);
        moment.awaits(null, "3 of 4 target pod(s) ready: not narrowing the traffic to them yet");

        moment.target().wanted = 3;
        moment.goesTo("SizeTarget", "the Deployment was scaled up");
    }

    @Test
    void aPauseHoldsTheCutoverThatIsReady() {
        Moment moment = Moment.cuttingOver("PinTarget");
        moment.spec.paused = true;
        moment.awaits("Paused", "spec.paused is true: all is ready for the cutover, which waits");
    }

    /** In the soak it is no step forward: the traffic was there before. */
    @Test
    void aPauseDoesNotHoldAServiceThatIsNarrowedAgain() {
        Moment moment = Moment.soaking("PinTarget");
        moment.spec.paused = true;
        moment.service().pin = null;
        moment.acts("pointing the Services at the target alone", new Action.Pin("shop", "uid-of-shop", Moment.TARGET));
    }

    @Test
    void theCutoverIsProvedByTheEndpoints() {
        Moment moment = Moment.cuttingOver("ProveCutover");
        moment.goesOnTo("Propagate");

        moment.service().endpoints = List.of("m1-0", "m1-1", "m1-2", "m1-3", "1-0");
        moment.awaits(null, "Service shop still has 1 ready endpoint(s) of other pods");

        moment.service().endpoints = List.of("m1-0", "m1-1", "m1-2");
        moment.awaits(null, "Service shop has 3 of 4 needed ready endpoint(s)");
    }

    @ParameterizedTest
    @CsvSource({"ProveCutover", "Propagate", "DrainSource"})
    void aServiceThatIsWidenedIsNarrowedAgain(String task) {
        Moment moment = Moment.cuttingOver(task).after(Duration.ofMinutes(10));
        moment.service().pin = null;
        moment.goesTo("PinTarget", "a Service no longer points at the target alone");
    }

    @Test
    void theNodesGetTheirTimeAfterTheCutover() {
        Moment moment = Moment.cuttingOver("Propagate");
        moment.after(Duration.ofSeconds(14))
                .awaits(null, "the nodes get 15s to program the new endpoints (verify.propagation)");
        moment.after(Duration.ofSeconds(15)).goesOnTo("DrainSource");
    }

    @Test
    void theSoakBeginsWhenTheSourceIsDrained() {
        Moment moment = Moment.cuttingOver("DrainSource");
        moment.after(Duration.ofSeconds(29))
                .awaits("Draining", "the pods of shop-1 get 30s to finish what they have (verify.drain.wait)");
        Decision d = moment.after(Duration.ofSeconds(30))
                .enters(
                        Phase.Soaking,
                        "SizeTarget",
                        "Soaking",
                        "all traffic is on the target, proved; the source is kept for a way back");
        assertThat(d.status().step()).satisfies(s -> {
            assertThat(s.holdSince()).isEqualTo(Moment.NOW);
            assertThat(s.holdUntil()).isEqualTo(Moment.NOW.plusSeconds(120));
        });
    }

    @Test
    void podsThatAreReplacedNeedNoDrain() {
        Moment moment = Moment.cuttingOver("DrainSource");
        moment.shop.current = new Moment.Pods("shop-3", "3", Moment.THEM, 4);
        assertThat(moment.look().status().phase()).isEqualTo(Phase.Soaking);
        moment.shop.current = null; // not seen which they are
        moment.awaits("Draining", "the pods of shop-1 get 30s to finish what they have (verify.drain.wait)");
    }

    // ---- a Service that somebody widens again ----

    @ParameterizedTest
    @CsvSource({
        "1, 0, true",
        "2, 9, false",
        "2, 10, true",
        "3, 29, false",
        "3, 30, true",
        "4, 119, false",
        "4, 120, true",
        "9, 119, false",
        "9, 120, true"
    })
    void whatIsTakenBackIsNarrowedEverMoreSlowly(int times, int ago, boolean again) {
        Moment moment = Moment.cuttingOver("PinTarget");
        moment.narrowing = new ContestStatus(Moment.TARGET, times, Moment.NOW.minusSeconds(ago));
        if (again) {
            assertThat(moment.acts(
                                    "pointing the Services at the target alone",
                                    new Action.Pin("shop", "uid-of-shop", Moment.TARGET))
                            .status()
                            .narrowing())
                    .isEqualTo(new ContestStatus(Moment.TARGET, times + 1, Moment.NOW));
        } else {
            assertThat(moment.awaits(
                                    "FieldContested",
                                    "somebody takes spec.selector of Service shop back, which was narrowed %d times: both versions serve, and nothing moves. Let somebody leave spec.selector of Service shop alone until the Migration has ended, or abort it"
                                            .formatted(times))
                            .status()
                            .narrowing())
                    .isEqualTo(moment.narrowing);
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "argocd-controller | Argo CD: in the Application, ignoreDifferences: [{kind: Service, name: shop-eu, jsonPointers: [/spec/selector]}] and syncPolicy.syncOptions: [RespectIgnoreDifferences=true]",
                "kustomize-controller | Flux: suspend the Kustomization or HelmRelease of Service shop-eu until the Migration has ended (flux suspend)",
                "helm-controller | Flux: suspend the Kustomization or HelmRelease of Service shop-eu until the Migration has ended (flux suspend)",
                "kubectl | Let kubectl leave spec.selector of Service shop-eu alone until the Migration has ended, or abort it",
            })
    void whoTakesItBackIsToldWithTheSettingThatEndsIt(String writer, String remedy) {
        Moment moment = Moment.cuttingOver("PinTarget");
        moment.service().pin = Moment.TARGET;
        moment.services.add(new Moment.Svc("shop-eu", null));
        moment.services.getLast().writer = writer;
        moment.narrowing = new ContestStatus(Moment.TARGET, 2, Moment.NOW);
        moment.awaits(
                "FieldContested",
                "%s takes spec.selector of Service shop-eu back, which was narrowed 2 times: both versions serve, and nothing moves. %s"
                        .formatted(writer, remedy));
    }

    @Test
    void whatWasLongAgoOrForOtherPodsIsNoContest() {
        Moment moment = Moment.cuttingOver("PinTarget");
        for (ContestStatus last : List.of(
                new ContestStatus("another", 3, Moment.NOW),
                new ContestStatus(Moment.TARGET, 3, Moment.NOW.minusSeconds(600)))) {
            moment.narrowing = last;
            assertThat(moment.look().status().narrowing()).isEqualTo(new ContestStatus(Moment.TARGET, 1, Moment.NOW));
        }
    }

    // ---- the soak ----

    @Test
    void theSoakFollowsTheDeploymentsSize() {
        Moment moment = Moment.soaking("Soak");
        moment.shop.scaled(5);
        moment.current().has(5);
        moment.goesTo("SizeTarget", "Deployment shop now has 5 replica(s), so the target needs 5 pod(s)");
    }

    @Test
    void theSoakPutsAWidenedServiceRight() {
        Moment moment = Moment.soaking("Soak");
        moment.service().pin = null;
        moment.goesTo("PinTarget", "a Service no longer points at the target alone");
    }

    @ParameterizedTest
    @CsvSource({
        "false, Auto, Adopt, ApplyChangePaused, Adopt: the Deployment takes the target's ReplicaSet over; no serving pod restarts",
        "false, Settle, Settle, ApplyChange, 'Settle: the Deployment builds its own pods, then the target''s are withdrawn'",
        "true, Auto, Settle, ApplyChange, Settle: the Deployment still has an older ReplicaSet of this version and would prefer it to the target's",
    })
    void theSoakEndsWithTheHandoverThatIsPossible(boolean twin, Via via, String route, String first, String message) {
        Moment moment = Moment.soaking("Soak");
        moment.spec.via(via);
        moment.shop.olderTwin = twin;
        moment.holdUntil = Moment.NOW;
        Decision d = moment.enters(Phase.HandingOver, first, "HandingOver", message);
        assertThat(d.status().handover()).isEqualTo(route);
    }

    @Test
    void aDeploymentThatWasScaledDownBuildsItsOwn() {
        Moment moment = Moment.soaking("Soak");
        moment.holdUntil = Moment.NOW;
        moment.shop.scaled(3);
        moment.current().has(3);
        moment.enters(
                Phase.HandingOver,
                "ApplyChange",
                "HandingOver",
                "Settle: the Deployment was scaled down and would stop serving pods of the target");
    }

    /** The change itself, come from Git, is no divergence. */
    @Test
    void theChangeThatCameByItselfIsHandedOver() {
        Moment moment = Moment.soaking("Soak");
        moment.holdUntil = Moment.NOW;
        moment.shop.carriesChange = true;
        moment.shop.current = new Moment.Pods("shop-2", "2", Moment.THEM, 4);
        assertThat(moment.look().status().phase()).isEqualTo(Phase.HandingOver);
    }

    // ---- the deadline of a target that cannot be created ----

    @Test
    void aTargetThatCannotBeCreated() {
        Moment moment = Moment.preparing("CreateTarget");
        moment.spec.deadline = new Deadline("5m", "6h");
        moment.target = null;
        moment.unseenTarget = true;
        moment.after(PREPARE.minusSeconds(1))
                .acts("creating ReplicaSet shop-m1", new Action.CreateTarget("shop-m1", Moment.TARGET));
        moment.after(PREPARE)
                .reverts(
                        "TargetNotCreated",
                        "the target's ReplicaSet could not be created within 5m (deadline.prepare)",
                        "the condition Waiting and the operator's log say what the API server refused");
        // Held it could never pass, were it not tried on.
        moment.spec.onFailure(OnFailure.Hold);
        moment.acts("creating ReplicaSet shop-m1", new Action.CreateTarget("shop-m1", Moment.TARGET));
    }
}
