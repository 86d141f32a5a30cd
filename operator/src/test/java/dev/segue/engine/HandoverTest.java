package dev.segue.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.segue.api.Condition;
import dev.segue.api.MigrationStatus.ServiceStatus;
import dev.segue.api.Phase;
import dev.segue.engine.HandingOver.Route;
import dev.segue.engine.Observed.PodFacts;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The tasks of the handover: when each acts, waits, is done, goes back, or takes the other way. */
class HandoverTest {
    private static final Duration PREPARE = Duration.ofMinutes(5);
    private static final Action WIDEN = new Action.Unpin("shop", "uid-of-shop");
    private static final Action NARROW = new Action.Pin("shop", "uid-of-shop", Moment.TARGET);
    private static final Action RESUME = new Action.Resume(Moment.THEM);

    // ---- the change ----

    @ParameterizedTest
    @CsvSource({"Adopt, ApplyChangePaused, true", "Settle, ApplyChange, false"})
    void theChangeIsWritten(Route route, String task, boolean pause) {
        Moment.handingOver(route, task)
                .acts("writing the change into the Deployment's template", new Action.ApplyChange(Moment.THEM, pause));
    }

    @Test
    void anAdoptIsPausedAsWell() {
        Moment moment = Moment.adopting("ApplyChangePaused");
        moment.goesOnTo("ReleaseTarget");

        moment.shop.paused = false;
        moment.acts("writing the change into the Deployment's template", new Action.ApplyChange(Moment.THEM, true));

        moment.target().controller = Moment.THEM;
        moment.goesOnTo("ReleaseTarget");
    }

    @Test
    void aSettleIsNotPaused() {
        Moment moment = Moment.settling("ApplyChange");
        moment.goesOnTo("AwaitRollout");

        moment.shop.paused = moment.shop.pausedByUs = true; // left from an Adopt that was given up
        moment.acts("letting the Deployment go on", RESUME);
        moment.shop.carriesChange = false;
        moment.shop.current = new Moment.Pods("shop-1", Moment.SOURCE, Moment.THEM, 4);
        moment.acts("letting the Deployment go on", RESUME);
    }

    @ParameterizedTest
    @CsvSource({"Adopt, ApplyChangePaused", "Settle, ApplyChange"})
    void aPauseOfTheUsersIsRespected(Route route, String task) {
        Moment moment = Moment.handingOver(route, task);
        moment.shop.paused = true;
        moment.awaits(
                "DeploymentPaused",
                "Deployment shop was paused by someone, so it does not take over; the target serves. kubectl rollout resume deployment/shop");
    }

    @ParameterizedTest
    @CsvSource({"Adopt, ApplyChangePaused", "Settle, ApplyChange"})
    void aTemplateThatWentElsewhereIsNotOverwritten(Route route, String task) {
        Moment moment = Moment.handingOver(route, task);
        moment.shop.current = new Moment.Pods("shop-3", "3", Moment.THEM, 4);
        diverged(moment);
    }

    private static void diverged(Moment moment) {
        moment.awaits(
                "SourceDiverged",
                "the template of Deployment shop is not the migration's target any more; the target serves, and nothing moves. Make the same change where the template comes from, take the other one back (kubectl rollout undo deployment/shop), or abort the Migration");
    }

    @ParameterizedTest
    @CsvSource({"Adopt, ApplyChangePaused", "Settle, ApplyChange"})
    void theChangeIsWrittenOnlyWhileTheTargetServesAlone(Route route, String task) {
        Moment moment = Moment.handingOver(route, task);
        moment.service().pin = null;
        moment.goesTo("PinTarget", "a Service no longer points at the target alone");
    }

    @ParameterizedTest
    @CsvSource({"Adopt, ApplyChangePaused", "Settle, ApplyChange"})
    void nothingGoesOnWithoutEveryService(Route route, String task) {
        Moment moment = Moment.handingOver(route, task);
        moment.knownServices = List.of(
                new ServiceStatus("shop", "uid-of-shop", 0, 4, Moment.TARGET),
                new ServiceStatus("shop-eu", "uid-of-shop-eu", 0, 4, Moment.TARGET));
        moment.awaits(
                "ServiceGone",
                "Service shop-eu was deleted, or lost its selector; the target serves, and the handover goes on when it is there again");
    }

    /** What is only waited for, or done, needs no Service. */
    @Test
    void aServiceThatIsGoneStopsNoMoreThanTheActs() {
        Moment moment = Moment.adopting("ReleaseTarget");
        moment.target().controller = Moment.THEM;
        moment.knownServices = List.of(new ServiceStatus("shop-eu", "uid-of-shop-eu", 0, 4, Moment.TARGET));
        moment.goesOnTo("Resume");
    }

    // ---- letting go ----

    @Test
    void theTargetIsLetGo() {
        Moment.adopting("ReleaseTarget")
                .acts("letting go of ReplicaSet shop-m1", new Action.ReleaseTarget("shop-m1", "uid-of-shop-m1", 4));
    }

    @Test
    void theDeploymentAdoptsIt() {
        Moment moment = Moment.adopting("ReleaseTarget");
        moment.target().controller = null;
        moment.awaits(null, "waiting for the Deployment to adopt ReplicaSet shop-m1");

        moment.target().controller = Moment.THEM;
        moment.goesOnTo("Resume");
    }

    @Test
    void itIsLetGoAtTheDeploymentsSize() {
        Moment moment = Moment.adopting("ReleaseTarget");
        moment.shop.replicas = 5;
        moment.acts(
                "scaling the target to the Deployment's size", new Action.ScaleTarget("shop-m1", "uid-of-shop-m1", 5));
    }

    @Test
    void itIsLetGoComplete() {
        Moment moment = Moment.adopting("ReleaseTarget");
        moment.target().has(3);
        String seen = "3 of 4 target pod(s) available: not letting go of ReplicaSet shop-m1 yet";
        moment.awaits("TargetUnready", seen);
    }

    /** As after kubectl rollout undo. While it is still paused by us it is let go on first. */
    @Test
    void theChangeIsWrittenAgainWhenTheOldTemplateIsBack() {
        Moment moment = Moment.adopting("ReleaseTarget");
        moment.shop.carriesChange = false;
        moment.acts("letting the Deployment go on", RESUME);

        moment.shop.paused = false;
        moment.shop.current = new Moment.Pods("shop-1", Moment.SOURCE, Moment.THEM, 4);
        moment.goesTo("ApplyChangePaused", "the Deployment has the old template again");
    }

    @Test
    void itIsLetGoOnlyToAPausedDeployment() {
        Moment moment = Moment.adopting("ReleaseTarget");
        moment.shop.paused = false;
        moment.goesTo("ApplyChangePaused", "the Deployment is not paused any more");
    }

    @Test
    void itIsLetGoOnlyWhileItServesAlone() {
        Moment moment = Moment.adopting("ReleaseTarget");
        moment.service().pin = null;
        moment.goesTo("PinTarget", "a Service no longer points at the target alone");
    }

    @Test
    void itIsNotLetGoToAnotherTemplate() {
        Moment moment = Moment.adopting("ReleaseTarget");
        moment.shop.carriesChange = false;
        moment.acts("letting the Deployment go on", RESUME);

        moment.shop.paused = false;
        diverged(moment);
    }

    @ParameterizedTest
    @CsvSource({
        "false, false, true, 5, the Deployment was scaled down and would stop serving pods of the target",
        "false, true, true, 4, the target's ReplicaSet is being deleted",
        "true, false, true, 4, the Deployment still has an older ReplicaSet of this version and would prefer it to the target's",
        "false, false, false, 4, it would not recognise the target's ReplicaSet",
    })
    void whatWouldNotBeAdoptedTakesTheOtherWay(
            boolean twin, boolean deleting, boolean matches, int wanted, String why) {
        Moment moment = Moment.adopting("ReleaseTarget");
        moment.shop.olderTwin = twin;
        moment.target().deleting = deleting;
        moment.target().matches = matches;
        moment.target().wanted = wanted;
        Decision d = moment.goesTo("ApplyChange", "the Deployment builds its own pods (Settle): " + why);
        assertThat(d.status().handover()).isEqualTo("Settle");
        Moment.told(d, true, "HandoverRerouted", "the Deployment builds its own pods (Settle): " + why);
    }

    @Test
    void aPauseThatTheUserMakesLaterIsRespectedToo() {
        Moment moment = adopted("Resume");
        moment.shop.pausedByUs = false;
        moment.goesOnTo("AwaitAdoption");

        moment = adopted("AwaitAdoption");
        moment.shop.pausedByUs = false;
        moment.awaits(
                "DeploymentPaused",
                "Deployment shop was paused by someone, so it does not take over; the target serves. kubectl rollout resume deployment/shop");

        moment = Moment.finishing("ForgetFields");
        moment.shop.paused = true;
        moment.shop.marked = true;
        moment.acts(
                "removing our traces from the managed fields",
                new Action.ForgetFields(Action.ForgetFields.Kind.Deployment, "shop"));
    }

    // ---- the Deployment goes on ----

    private static Moment adopted(String task) {
        Moment moment = Moment.adopting(task);
        moment.target().controller = Moment.THEM;
        moment.shop.current = moment.target;
        moment.shop.total = 6;
        return moment;
    }

    @Test
    void theDeploymentIsResumed() {
        Moment moment = adopted("Resume");
        moment.acts("letting the Deployment go on", RESUME);
        moment.shop.paused = false;
        moment.goesOnTo("AwaitAdoption");
    }

    @Test
    void aTemplateThatIsChangedAgainTakesTheServicesAlong() {
        Moment moment = adopted("Resume");
        moment.shop.carriesChange = false;
        moment.acts("the Deployment was changed again: widening the Services", WIDEN);

        moment.service().pin = null;
        moment.acts("letting the Deployment go on", RESUME);
    }

    /** It stops its old pods, and a Service sends to them again: every moment counts. */
    @ParameterizedTest
    @CsvSource({"Resume", "AwaitAdoption"})
    void aWidenedServiceIsNarrowedWhileOldPodsAreStopped(String task) {
        Moment moment = adopted(task);
        moment.shop.paused = false;
        moment.service().pin = null;
        moment.acts("pointing the Services at the target alone again", NARROW);

        moment.target().has(3); // not to fewer than the Deployment wants
        assertThat(moment.look().actions()).isEmpty();
    }

    /** With only new pods left there is nothing to narrow it for. */
    @Test
    void aWidenedServiceIsLeftSoWhenAllIsSettled() {
        Moment moment = adopted("Resume");
        moment.shop.scaled(4);
        moment.service().pin = null;
        moment.acts("letting the Deployment go on", RESUME);
    }

    @Test
    void theRolloutIsWaitedForAndSaidToBeLate() {
        Moment moment = adopted("AwaitAdoption");
        moment.shop.updated = 3;
        String seen = "the Deployment stops the old version's idle pods: 6 pod(s), 3 of the new version";
        moment.after(PREPARE.minusSeconds(1)).awaits(null, seen);
        moment.after(PREPARE)
                .awaits(
                        "RolloutUnready",
                        seen + "; longer than deadline.prepare, see kubectl rollout status deployment/shop");

        moment.shop.scaled(4);
        moment.goesOnTo("Unpin");
    }

    @ParameterizedTest
    @CsvSource({"an old pod", "an old pod for a new one", "a pod that is not available", "an old look"})
    void aRolloutThatIsNotOverHasStill(String what) {
        Moment moment = adopted("AwaitAdoption");
        moment.shop.scaled(4);
        switch (what) {
            case "an old pod" -> moment.shop.total = 5;
            case "an old pod for a new one" -> moment.shop.updated = 3;
            case "a pod that is not available" -> moment.shop.available = 3;
            default -> moment.shop.observed = false;
        }
        assertThat(moment.look().status().task()).isEqualTo("AwaitAdoption");
    }

    @ParameterizedTest
    @CsvSource({"carries another template", "prefers another ReplicaSet", "has no ReplicaSet of ours"})
    void whatTheDeploymentDoesNotKeepIsNotPointedAt(String how) {
        Moment moment = adopted("AwaitAdoption");
        switch (how) {
            case "carries another template" -> moment.shop.carriesChange = false;
            case "prefers another ReplicaSet" -> moment.shop.current = new Moment.Pods("shop-2", "2", Moment.THEM, 4);
            default -> moment.target = null;
        }
        moment.acts("the Deployment prefers another ReplicaSet: widening the Services", WIDEN);

        moment.service().pin = null;
        assertThat(moment.look().actions()).isEmpty();
    }

    /** Until it has looked, it only seems to prefer the old one. */
    @Test
    void aDeploymentThatHasNotLookedYetPrefersNothing() {
        Moment moment = adopted("AwaitAdoption");
        moment.shop.observed = false;
        moment.shop.current = new Moment.Pods("shop-1", Moment.SOURCE, Moment.THEM, 4);
        assertThat(moment.look().actions()).isEmpty();
        moment.shop.observed = true;
        moment.shop.current = null;
        assertThat(moment.look().actions()).isEmpty();
    }

    // ---- the Services are widened ----

    @Test
    void theServicesAreWidenedWhenOnlyNewPodsAreLeft() {
        Moment moment = adopted("Unpin");
        assertThat(moment.look().actions()).as("not while old ones run").isEmpty();

        moment.shop.scaled(4);
        moment.acts("giving the Services their own selector back", WIDEN);
        moment.service().pin = null;
        moment.goesOnTo("ProveEndpoints");
    }

    @Test
    void theEndIsProved() {
        Moment moment = adopted("ProveEndpoints");
        moment.shop.scaled(4);
        moment.service().pin = null;
        moment.service().endpoints = List.of("m1-0", "m1-1", "m1-2", "m1-3", "1-0");
        moment.awaits(null, "Service shop still has 1 ready endpoint(s) of other pods");
        moment.service().endpoints = List.of("m1-0", "m1-1", "m1-2");
        moment.awaits(null, "Service shop has 3 of 4 needed ready endpoint(s)");

        moment.service().endpoints = null;
        moment.enters(Phase.Finishing, "DeleteHold", "Finishing", "the Deployment serves the new version alone");
    }

    @Test
    void withoutAReplicaSetThereIsNoProof() {
        Moment moment = adopted("ProveEndpoints");
        moment.service().pin = null;
        moment.shop.current = null;
        moment.awaits(null, "Service shop still has 4 ready endpoint(s) of other pods");
    }

    @Test
    void aTemplateThatIsChangedAgainAtTheEndIsNotCalledCompleted() {
        Moment moment = adopted("ProveEndpoints");
        moment.shop.scaled(4);
        moment.service().pin = null;
        moment.shop.carriesChange = false;
        moment.reverts(
                "SourceDiverged",
                "the template of Deployment shop was changed again before the handover was over; it serves what it was changed to",
                "make the change where the template comes from, or create the Migration again");
    }

    // ---- Settle ----

    @Test
    void theDeploymentsOwnPodsAreWaitedFor() {
        Moment moment = Moment.settling("AwaitRollout");
        moment.shop.available = 2;
        String seen = "the Deployment builds its own pods of the new version: 2 of 4 available";
        moment.after(PREPARE.minusSeconds(1)).awaits(null, seen);
        moment.after(PREPARE)
                .awaits(
                        "RolloutUnready",
                        seen + "; longer than deadline.prepare, see kubectl rollout status deployment/shop");

        moment.shop.available = 4;
        moment.goesOnTo("HoldEndpoints");

        moment.shop.current = null;
        assertThat(moment.look().status().task()).isEqualTo("AwaitRollout");
    }

    @Test
    void theRolloutIsFollowedOnTheTarget() {
        Moment moment = Moment.settling("AwaitRollout");
        moment.service().pin = null;
        moment.acts("pointing the Services at the target alone again", NARROW);

        moment.target().has(3);
        moment.goesOnTo("HoldEndpoints");
    }

    @Test
    void aRolloutToSomethingElseIsNotWaitedFor() {
        Moment moment = Moment.settling("AwaitRollout");
        moment.shop.carriesChange = false;
        diverged(moment);
    }

    // ---- what is gone ----

    @ParameterizedTest
    @CsvSource({
        "Adopt, PinTarget",
        "Adopt, ProveCutover",
        "Adopt, ApplyChangePaused",
        "Adopt, ReleaseTarget",
        "Settle, ApplyChange",
        "Settle, AwaitRollout"
    })
    void withoutATargetThereIsNothingToHandOver(Route route, String task) {
        Moment moment = Moment.handingOver(route, task);
        moment.shop.paused = moment.shop.pausedByUs = true;
        moment.shop.marked = true;
        moment.target = null;
        moment.acts("no pod is ready that the traffic goes to: sending it to all ready pods", WIDEN);

        moment.service().pin = null;
        moment.acts("the target is gone: letting the Deployment go on", RESUME);

        moment.shop.pausedByUs = false; // then it is the user's pause
        moment.getsStuck(
                "TargetGone",
                "the target's ReplicaSet was deleted during the handover",
                "look at Deployment shop: its own pods serve; then delete the Migration");
    }

    @ParameterizedTest
    @CsvSource({"ours, true", "theirs, true", "theirs, false"})
    void withoutTheDeploymentTheTargetServes(String whose, boolean pinned) {
        Moment moment = Moment.adopting("ReleaseTarget");
        moment.target().controller = whose.equals("ours") ? Moment.US : Moment.THEM;
        moment.deploymentGone = true;
        moment.service().pin = pinned ? Moment.TARGET : null;
        if (whose.equals("theirs") && pinned) {
            moment.acts("the Deployment is gone: sending the traffic to all ready pods", WIDEN);
        } else {
            deploymentGone(moment);
        }
    }

    @Test
    void aDeploymentOfTheSameNameIsNotTheOne() {
        Moment moment = Moment.adopting("Resume");
        moment.shop.uid = "uid-of-another";
        deploymentGone(moment);

        moment.target = null;
        moment.acts("the Deployment is gone: sending the traffic to all ready pods", WIDEN);
    }

    private static void deploymentGone(Moment moment) {
        moment.getsStuck(
                "DeploymentGone",
                "Deployment shop was deleted or replaced during the handover",
                "Segue never recreates what is yours: create it again, then delete the Migration");
    }

    // ---- the way back ----

    @ParameterizedTest
    @CsvSource({
        "nothing of it has begun, true",
        "the user paused it, true",
        "it carries the change, false",
        "we paused it, false",
        "it adopted the target, false",
        "the target is gone, false",
        "the Deployment is gone, false",
    })
    void theWayBackIsOpenUntilTheDeploymentHasSomethingOfOurs(String what, boolean open) {
        Moment moment = Moment.handingOver(Route.Adopt, "ApplyChangePaused");
        switch (what) {
            case "the user paused it" -> moment.shop.paused = true;
            case "it carries the change" -> moment.shop.carriesChange = true;
            case "we paused it" -> moment.shop.paused = moment.shop.pausedByUs = true;
            case "it adopted the target" -> moment.target().controller = Moment.THEM;
            case "the target is gone" -> moment.target = null;
            case "the Deployment is gone" -> moment.deploymentGone = true;
            default -> {}
        }
        if (!what.equals("the Deployment is gone")) { // which ends it
            assertThat(moment.look().status().condition("Reversible").map(Condition::status))
                    .hasValue(open ? "True" : "False");
        }
        moment.shop.fence = moment.taskSince.toString();
        moment.command = "abort";
        assertThat(moment.look().status().phase() == Phase.Reverting).isEqualTo(open);
        moment.command = null;
        moment.deleting = true;
        assertThat(moment.look().status().phase() == Phase.Reverting).isEqualTo(open);
    }

    /** Else its controller, which still has the old template, would stop the target's pods as an old version's. */
    @Test
    void theTargetIsNotLetGoBeforeTheControllerKnowsTheTemplate() {
        Moment moment = Moment.handingOver(Route.Adopt, "ReleaseTarget");
        moment.shop.carriesChange = true;
        moment.shop.paused = moment.shop.pausedByUs = true;
        moment.target().matches = true;
        assertThat(moment.look().actions()).containsExactly(new Action.ReleaseTarget("shop-m1", "uid-of-shop-m1", 4));
        moment.shop.observed = false;
        assertThat(moment.look().actions()).isEmpty();
        assertThat(moment.look().status().task()).isEqualTo("ReleaseTarget");
    }

    /** A change that is still on its way would roll out by itself what was to be taken back. */
    @ParameterizedTest
    @CsvSource({"abort, false", ", true"})
    void noWayBackBeforeALateChangeIsRefused(@Nullable String command, boolean deleting) {
        Moment moment = Moment.handingOver(Route.Settle, "ApplyChange");
        moment.shop.fence = moment.taskSince.minusSeconds(1).toString(); // of an earlier task
        moment.command = command;
        moment.deleting = deleting;
        Decision decision = moment.look();
        assertThat(decision.actions()).containsExactly(new Action.Fence(Moment.THEM, moment.taskSince.toString()));
        assertThat(decision.status().task()).isEqualTo("ApplyChange");
        assertThat(decision.status().command()).isNull();
        moment.waiting = Planner.FENCE_REFUSED; // a policy that keeps the change out as well
        assertThat(moment.look().status().phase()).isEqualTo(Phase.Reverting);
        moment.shop.carriesChange = true; // it was faster than the fence
        assertThat(moment.look().status().phase()).isEqualTo(Phase.HandingOver);
    }

    /** A pod that is not ready is not counted on. */
    @Test
    void aTargetPodThatIsNotReadyIsNoPlaceForTheTraffic() {
        Moment moment = adopted("AwaitAdoption");
        moment.service().pin = null;
        PodFacts unready = new PodFacts("m1-0", "m1-0", false, true, false, 0, null, null, Moment.NOW);
        moment.target().first(unready);
        assertThat(moment.look().actions()).isEmpty();
    }

    @Test
    void aPauseOfTheMigrationDoesNotHoldUpAHandover() {
        Moment moment = adopted("ProveEndpoints");
        moment.shop.scaled(4);
        moment.service().pin = null;
        moment.spec.paused = true;
        moment.enters(Phase.Finishing, "DeleteHold", "Finishing", "the Deployment serves the new version alone");
    }
}
