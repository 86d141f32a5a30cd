package dev.segue.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.segue.api.MigrationSpec.OnFailure;
import dev.segue.api.MigrationStatus;
import dev.segue.api.MigrationStatus.ServiceStatus;
import dev.segue.api.MigrationStatus.Transition;
import dev.segue.api.Phase;
import dev.segue.engine.HandingOver.Route;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** How one look leads to the next, and what the status says of it. */
class PlannerTest {
    private static final Duration SECOND = Duration.ofSeconds(1);

    // ---- when to look again ----

    /** While nothing is to be moved, half as often. */
    @Test
    void looksEverySecondAndInAHoldEveryOther() {
        assertThat(Moment.shifting("Hold").look().next()).isEqualTo(SECOND.multipliedBy(2));
        assertThat(Moment.soaking("Soak").look().next()).isEqualTo(SECOND.multipliedBy(2));
        assertThat(Moment.cuttingOver("DrainSource").look().next()).isEqualTo(SECOND.multipliedBy(2));
        assertThat(Moment.reverting("DrainTarget").look().next()).isEqualTo(SECOND.multipliedBy(2));
        assertThat(Moment.shifting("Propagate").look().next()).isEqualTo(SECOND);
        assertThat(Moment.reverting("StopTarget").look().next()).isEqualTo(SECOND);
    }

    // ---- what it does not know ----

    /** As of another version of the operator. */
    @Test
    void aTaskThatIsUnknownMeansTheFirst() {
        Moment moment = Moment.shifting("WarmCaches");
        moment.target().wanted = 1;
        moment.acts("scaling the target to 2 pod(s)", new Action.ScaleTarget("shop-m1", "uid-of-shop-m1", 2));
        moment.target().wanted = 2;
        moment.goesOnTo("AwaitTarget");
    }

    // ---- pause ----

    @ParameterizedTest
    @CsvSource({"Preparing, AwaitTarget", "Shifting, Hold", "CuttingOver, DrainSource", "Soaking, Soak"})
    void aPauseHoldsTheEndOfAPhase(Phase phase, String task) {
        Moment moment = switch (phase) {
            case Preparing -> Moment.preparing(task);
            case Shifting -> Moment.shifting(task);
            case CuttingOver -> Moment.cuttingOver(task);
            default -> Moment.soaking(task);
        };
        moment.holdUntil = moment.holdUntil == null ? null : Moment.NOW;
        moment.after(Duration.ofSeconds(30));
        moment.spec.paused = true;
        assertThat(moment.awaits("Paused", "spec.paused is true: the next step waits; checks go on")
                        .next())
                .isEqualTo(SECOND);
        moment.spec.paused = false;
        assertThat(moment.look().notices()).isNotEmpty();
    }

    // ---- ways back ----

    @ParameterizedTest
    @CsvSource({"false", "true"})
    void aFailureOfATaskIsHeldLikeThatOfAGuard(boolean holds) {
        Moment moment = Moment.shifting("AwaitTarget").after(Duration.ofMinutes(5));
        moment.target().has(1);
        if (holds) {
            moment.spec.onFailure(OnFailure.Hold);
            moment.awaits(
                    "CheckFailed",
                    "TargetNeverReady: 1 of 2 target pod(s) available after 5m (deadline.prepare); onFailure is Hold, so nothing moves until it passes or the migration is aborted");
        } else {
            assertThat(moment.look().status().phase()).isEqualTo(Phase.Reverting);
        }
    }

    @Test
    void aDeletionGoesBackAndIsNoReasonToHoldIt() {
        Moment moment = Moment.shifting("Hold");
        moment.spec.onFailure(OnFailure.Hold);
        moment.spec.paused = true;
        moment.deleting = true;
        moment.reverts("Deleted", "The Migration was deleted", null);
    }

    @ParameterizedTest
    @CsvSource({"Reverting, DeleteHold", "Finishing, DeleteHold"})
    void whatGoesBackOrIsHandedOverIsNotTurnedRound(Phase phase, String task) {
        Moment moment = phase == Phase.Reverting ? Moment.reverting(task) : Moment.finishing(task);
        moment.deleting = true;
        moment.acts("deleting the hold Service(s)", new Action.DeleteHold("shop"));
    }

    // ---- commands ----

    @Test
    void aCommandThatWasTakenIsNotTakenAgain() {
        Moment moment = Moment.shifting("Hold");
        moment.command = "abort";
        moment.latched = "abort";
        moment.awaits(null, "holding until 2026-01-01T12:00:30Z");
    }

    @Test
    void anAbortTellsWhoAskedForIt() {
        Moment moment = Moment.shifting("Hold");
        moment.command = "abort";
        moment.reverts("Aborted", "A user asked for it (annotation segue.dev/command=abort)", null);
    }

    @ParameterizedTest
    @CsvSource({
        "Reverting, abort, abort has no effect: it is going back already",
        "Finishing, abort, 'abort has no effect: the Deployment has the new version; to go back, migrate to the old one'",
        "HandingOver, abort, 'abort has no effect: the Deployment has the new version; to go back, migrate to the old one'",
        "CuttingOver, promote, promote has no effect: there is no hold to skip in CuttingOver",
        "Shifting, retry, retry has no effect: it has not ended",
    })
    void aCommandWithoutEffectIsAnswered(Phase phase, String command, String answer) {
        Moment moment = switch (phase) {
            case Reverting -> Moment.reverting("DeleteHold");
            case Finishing -> Moment.finishing("DeleteHold");
            case HandingOver -> Moment.adopting("Resume");
            case CuttingOver -> Moment.cuttingOver("DrainSource");
            default -> Moment.shifting("Hold");
        };
        moment.command = command;
        Decision d = moment.look();
        Moment.told(d, true, "CommandIgnored", answer);
        assertThat(d.status().phase()).isEqualTo(phase);
        assertThat(d.status().command()).isEqualTo(command);
    }

    @Test
    void aPromotionEndsTheHoldNow() {
        Moment moment = Moment.shifting("Hold");
        moment.command = "promote";
        Decision d = moment.look();
        Moment.told(
                d,
                false,
                "Promoted",
                "what is left of the hold of step 1/3 is skipped, as a user asked, and evidence is not waited for; checks and proofs are not skipped");
        assertThat(Objects.requireNonNull(d.status().step())).satisfies(s -> {
            assertThat(s.holdSince()).isEqualTo(Moment.NOW.minusSeconds(30));
            assertThat(s.holdUntil()).isEqualTo(Moment.NOW);
        });

        moment.holdUntil = Moment.NOW;
        Moment.told(
                moment.look(),
                true,
                "CommandIgnored",
                "promote has no effect: the hold is over; the conditions say what it waits for before it goes on");
    }

    // ---- what the status remembers ----

    @Test
    void theTimelineKeepsTheLatestFifty() {
        Moment moment = Moment.shifting("Hold");
        moment.holdUntil = Moment.NOW;
        for (int known : List.of(49, 50)) {
            moment.timeline = IntStream.range(0, known)
                    .mapToObj(i -> new Transition(Moment.NOW.minusSeconds(100 - i), Phase.Shifting, "Old", "old " + i))
                    .toList();
            List<Transition> timeline = moment.look().status().timelineOrEmpty();
            assertThat(timeline).hasSize(50);
            assertThat(timeline.getLast().reason()).isEqualTo("StepStarted");
            assertThat(timeline.getFirst().message()).isEqualTo("old " + (known - 49));
        }
    }

    @Test
    void theNumberOfEndpointsIsThatOfEachServiceInTheOrderOfTheirNames() {
        Moment moment = Moment.shifting("Hold");
        moment.services.addFirst(new Moment.Svc("shop-eu", null));
        moment.service().endpoints = List.of("1-0", "1-1", "m1-0");
        MigrationStatus status = moment.look().status();
        assertThat(status.servicesOrEmpty())
                .containsExactly(
                        new ServiceStatus("shop", "uid-of-shop", 4, 2, null),
                        new ServiceStatus("shop-eu", "uid-of-shop-eu", 2, 1, null));
        assertThat(Objects.requireNonNull(status.step()).traffic()).as("3 of 9").isEqualTo("33%");
    }

    @Test
    void aNarrowedServiceIsShownSo() {
        assertThat(Moment.soaking("Soak").look().status().servicesOrEmpty())
                .containsExactly(new ServiceStatus("shop", "uid-of-shop", 0, 4, Moment.TARGET));
    }

    /** With onFailure Hold it is looked at again and again. */
    @Test
    void aServiceThatIsGoneStaysKnownAndItsReplacementUnknown() {
        Moment moment = Moment.shifting("Hold");
        moment.spec.onFailure(OnFailure.Hold);
        moment.knownServices = List.of(new ServiceStatus("shop", "uid-of-shop", 4, 2, null));
        moment.service().uid = "uid-of-another";
        assertThat(moment.look().status().servicesOrEmpty())
                .containsExactly(new ServiceStatus("shop", "uid-of-shop", 0, 0, null));
    }

    @Test
    void theTargetIsShownAsItIs() {
        Moment moment = Moment.shifting("AwaitTarget");
        moment.target().has(1);
        assertThat(moment.look().status().target()).satisfies(t -> {
            assertThat(t.replicaSet()).isEqualTo("shop-m1");
            assertThat(t.hash()).isEqualTo(Moment.TARGET);
            assertThat(t.uid()).isEqualTo("uid-of-shop-m1");
            assertThat(t.available()).isEqualTo(1);
            assertThat(t.wanted()).isEqualTo(2);
            assertThat(t.availability()).isEqualTo("1/2");
        });
    }

    /** In a Settle the Deployment's own pods of the new version serve it once ours are stopped. */
    @ParameterizedTest
    @CsvSource({"4, 4/4", "0, 3/4", "-1, 3/4"})
    void whenOurPodsAreStoppedTheDeploymentsAreShown(int ours, String availability) {
        Moment moment = Moment.settling("DeleteTarget");
        moment.current().has(3);
        if (ours < 0) {
            moment.target = null;
        } else {
            moment.target().wanted = ours;
            moment.target().has(ours);
        }
        assertThat(moment.look().status().target()).satisfies(t -> {
            assertThat(t.availability()).isEqualTo(availability);
            assertThat(t.uid()).as("that of ours").isEqualTo("uid-of-shop-m1");
        });
    }

    /** In a revert what the Deployment has is the source, and none of the target's. */
    @Test
    void inARevertTheDeploymentsPodsAreNotTheTargets() {
        Moment moment = Moment.reverting("DeleteTarget");
        moment.target = null;
        moment.service().pin = null;
        MigrationStatus status = moment.look().status();
        assertThat(Objects.requireNonNull(status.target()).availability())
                .as("as it was last seen")
                .isEqualTo("4/4");
        assertThat(status.servicesOrEmpty()).containsExactly(new ServiceStatus("shop", "uid-of-shop", 4, 0, null));
    }

    /** In a handover, what the Deployment has before it carries the change is the source. */
    @Test
    void beforeTheHandoverTheDeploymentsPodsAreNotTheTargets() {
        Moment moment = Moment.handingOver(Route.Settle, "ApplyChange");
        moment.service().pin = null;
        assertThat(moment.look().status().servicesOrEmpty())
                .containsExactly(new ServiceStatus("shop", "uid-of-shop", 4, 4, null));
        moment.shop.carriesChange = true;
        moment.shop.current = new Moment.Pods("shop-2", "2", Moment.THEM, 4);
        assertThat(moment.look().status().servicesOrEmpty())
                .containsExactly(new ServiceStatus("shop", "uid-of-shop", 0, 8, null));
    }

    /** So that one knows what the way back goes back from. */
    @Test
    void onTheWayBackTheStepIsNotRecomputed() {
        Moment moment = Moment.reverting("DeleteTarget");
        moment.step = 1;
        moment.shop.scaled(8);
        moment.current().has(8);
        assertThat(Objects.requireNonNull(moment.look().status().step())).satisfies(s -> {
            assertThat(s.replicas()).isEqualTo(2);
            assertThat(s.effectiveWeight()).isEqualTo(33);
        });
    }

    @Test
    void allTrafficIsNoRatio() {
        Moment moment = Moment.soaking("Soak");
        moment.shop.scaled(5);
        moment.current().has(5);
        assertThat(Objects.requireNonNull(moment.look().status().step())).satisfies(s -> {
            assertThat(s.replicas()).isEqualTo(5);
            assertThat(s.effectiveWeight()).isEqualTo(100);
            assertThat(s.traffic()).isEqualTo("100%");
        });
    }

    @Test
    void aDeploymentThatIsGoneLeavesTheStepAsItWas() {
        Moment moment = Moment.shifting("Hold");
        moment.spec.onFailure(OnFailure.Hold);
        moment.deploymentGone = true;
        assertThat(Objects.requireNonNull(moment.look().status().step())).satisfies(s -> {
            assertThat(s.replicas()).isEqualTo(2);
            assertThat(s.effectiveWeight()).isEqualTo(33);
        });
    }

    /** What was measured for one drain says nothing of the next. */
    @Test
    void aDrainBeginsAnew() {
        Moment moment = Moment.reverting("PropagateDeployment").after(Duration.ofSeconds(15));
        moment.drain = new MigrationStatus.DrainStatus(0.0, Moment.NOW.minusSeconds(600), null);
        assertThat(moment.goesOnTo("DrainTarget").status().drain()).isNull();
    }

    @Test
    void theEndForgetsTheDrain() {
        Moment moment = Moment.finishing("ForgetFields");
        moment.drain = new MigrationStatus.DrainStatus(0.0, Moment.NOW.minusSeconds(600), null);
        assertThat(moment.look().status().drain()).isNull();
    }

    // ---- which pods the shell asks Prometheus for ----

    @Test
    void drainedAreThePodsOfTheDrainThatIsUnderWay() {
        assertThat(Observed.drained(Moment.cuttingOver("DrainSource").status())).isEqualTo("shop-1");
        assertThat(Observed.drained(Moment.reverting("DrainTarget").status())).isEqualTo("shop-m1");
        assertThat(Observed.drained(Moment.shifting("Hold").status())).isNull();
    }
}
