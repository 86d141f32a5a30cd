package dev.segue.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.segue.analysis.Reading;
import dev.segue.api.MigrationStatus.ContestStatus;
import dev.segue.api.MigrationStatus.DrainStatus;
import dev.segue.api.Phase;
import dev.segue.api.Verify.OnTimeout;
import dev.segue.engine.Action.ForgetFields;
import dev.segue.engine.HandingOver.Route;
import dev.segue.engine.Observed.PodFacts;
import dev.segue.engine.Observed.Reported;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The tasks by which the target's pods are taken out of the traffic and away, and by which the last of ours goes. */
class WithdrawalTest {
    private static final Action WIDEN = new Action.Unpin("shop", "uid-of-shop");
    private static final Action NARROW = new Action.Pin("shop", "uid-of-shop", Moment.SOURCE);
    private static final Action STOP = new Action.ScaleTarget("shop-m1", "uid-of-shop-m1", 0);
    private static final Action DELETE = new Action.DeleteTarget("shop-m1", "uid-of-shop-m1");
    private static final String NOT_ALONE = "the Deployment's own pods no longer have the traffic alone";

    /** Each way in which the target has nothing that could have traffic. */
    private static void empty(Moment moment, String how) {
        switch (how) {
            case "never created" -> moment.target = null;
            case "without pods" -> moment.target().has(0);
            case "adopted" -> moment.target().controller = Moment.THEM;
            case "wanted by nobody" -> moment.shop.scaled(0);
            default -> throw new IllegalArgumentException(how);
        }
    }

    // ---- the hold Services ----

    @Test
    void theHoldServicesAreTriedForAWhile() {
        Moment moment = Moment.reverting("HoldEndpoints");
        moment.goesOnTo("PinDeployment");

        moment.holds = Set.of();
        moment.after(Duration.ofSeconds(14)).acts("creating the hold Service(s)", new Action.CreateHold("shop"));
        moment.after(Duration.ofSeconds(15)).goesOnTo("PinDeployment");
    }

    @ParameterizedTest
    @ValueSource(strings = {"never created", "without pods", "adopted", "wanted by nobody"})
    void anEmptyTargetNeedsNoHoldServices(String how) {
        Moment moment = Moment.reverting("HoldEndpoints");
        moment.holds = Set.of();
        empty(moment, how);
        moment.goesOnTo("PinDeployment");
    }

    @Test
    void aNamespaceThatGoesNeedsNone() {
        Moment moment = Moment.reverting("HoldEndpoints");
        moment.holds = Set.of();
        moment.deploymentGone = true;
        moment.acts("creating the hold Service(s)", new Action.CreateHold("shop"));
        moment.deleting = true;
        moment.goesOnTo("PinDeployment");
    }

    // ---- the traffic is given back ----

    @Test
    void theTrafficIsGivenToTheDeploymentsOwnPods() {
        Moment moment = Moment.reverting("PinDeployment");
        moment.acts("pointing the Services at the Deployment's own pods alone", NARROW);
        moment.service().pin = Moment.SOURCE;
        moment.goesOnTo("ProveDeployment");
    }

    /** As in the cutover: somebody else writes the field. */
    @Test
    void aServiceThatIsTakenBackIsNoWar() {
        Moment moment = Moment.reverting("PinDeployment");
        moment.narrowing = new ContestStatus(Moment.SOURCE, 2, Moment.NOW.minusSeconds(9));
        assertThat(moment.look().actions()).isEmpty();
        moment.narrowing = new ContestStatus(Moment.SOURCE, 2, Moment.NOW.minusSeconds(10));
        moment.acts("pointing the Services at the Deployment's own pods alone", NARROW);
    }

    /** A target that is left may be a bad one, so it is not left alone with the traffic. */
    @ParameterizedTest
    @CsvSource({"not available", "no ReplicaSet", "not ready"})
    void notToPodsThatAreNotProvedReady(String how) {
        Moment moment = Moment.reverting("PinDeployment");
        int available = 4;
        switch (how) {
            case "not available" -> available = moment.shop.available = 3;
            case "no ReplicaSet" -> moment.shop.current = null;
            default -> moment.current().has(3);
        }
        moment.acts("the Deployment is not ready: sending the traffic to all ready pods", WIDEN);
        moment.service().pin = null;
        awaitsTheDeployment(moment, available);
    }

    /** Its pods may be stopped any moment, so the target stays pointed at, as long as it is complete. */
    @Test
    void notToPodsOfADeploymentThatRolls() {
        Moment moment = Moment.reverting("PinDeployment");
        moment.shop.observed = false;
        awaitsTheDeployment(moment, 4);

        moment.target().has(3); // then neither is complete, and both together are better than one
        moment.acts("the Deployment is not ready: sending the traffic to all ready pods", WIDEN);
        moment.service().pin = null;
        awaitsTheDeployment(moment, 4);
    }

    private static void awaitsTheDeployment(Moment moment, int available) {
        moment.awaits(
                "SourceUnready",
                "Deployment shop cannot take all traffic yet: %d of 4 available. Repair it, or scale it to what it has"
                        .formatted(available));
    }

    @Test
    void notToPodsOfAReplicaSetThatIsBeingReplaced() {
        Moment moment = Moment.reverting("PinDeployment");
        moment.service().pin = Moment.SOURCE;
        moment.shop.available = 3;
        moment.acts("the Deployment is not ready: sending the traffic to all ready pods", WIDEN);
    }

    @ParameterizedTest
    @ValueSource(strings = {"never created", "without pods", "adopted", "wanted by nobody"})
    void anEmptyTargetIsNotPointedAt(String how) {
        Moment moment = Moment.reverting("PinDeployment");
        empty(moment, how);
        moment.acts("giving the Services their own selector back", WIDEN);
        moment.service().pin = null;
        moment.goesOnTo("ProveDeployment");
    }

    @ParameterizedTest
    @CsvSource({"1, false", "0, true"})
    void withoutTheDeploymentTheTargetGoesOnServing(int ready, boolean widened) {
        Moment moment = Moment.reverting("PinDeployment");
        moment.deploymentGone = true;
        moment.target().first(new PodFacts("m1-0", "m1-0", ready > 0, false, false, 0, null, null, Moment.NOW));
        moment.target().pods = moment.target().pods.subList(0, 1);
        if (widened) {
            moment.acts("the Deployment is gone: sending the traffic to all ready pods", WIDEN);
            moment.service().pin = null;
        }
        moment.getsStuck(
                "DeploymentGone",
                "there is no Deployment shop to give the traffic back to; the target goes on serving",
                "create it again, then delete the Migration");
    }

    @Test
    void aServiceThatPointsAtTheLostDeploymentIsWidened() {
        Moment moment = Moment.reverting("PinDeployment");
        moment.deploymentGone = true;
        moment.service().pin = Moment.SOURCE;
        moment.acts("the Deployment is gone: sending the traffic to all ready pods", WIDEN);
    }

    @Test
    void aNamespaceThatGoesTakesItsTrafficAlong() {
        List<String> tasks =
                List.of("PinDeployment", "ProveDeployment", "PropagateDeployment", "DrainTarget", "StopTarget");
        for (int i = 0; i < tasks.size() - 1; i++) {
            Moment moment = Moment.reverting(tasks.get(i)).after(Duration.ofHours(1));
            moment.deploymentGone = true;
            moment.deleting = true;
            moment.service().pin = Moment.TARGET;
            moment.goesOnTo(tasks.get(i + 1));
        }
        Moment stop = Moment.reverting("StopTarget");
        stop.deploymentGone = true;
        stop.deleting = true;
        stop.acts("stopping the target's idle pods", STOP);
    }

    // ---- proof, propagation, drain ----

    @Test
    void theWayBackIsProvedByTheEndpoints() {
        Moment moment = Moment.reverting("ProveDeployment");
        moment.goesOnTo("PropagateDeployment");

        moment.service().endpoints = List.of("1-0", "1-1", "1-2", "1-3", "m1-0");
        moment.awaits(null, "Service shop still has 1 ready endpoint(s) of other pods");
        moment.service().endpoints = List.of("1-0", "1-1", "1-2");
        moment.awaits(null, "Service shop has 3 of 4 needed ready endpoint(s)");
    }

    @Test
    void aDeploymentThatIsDeletedMeanwhileProvesNothing() {
        Moment moment = Moment.reverting("ProveDeployment");
        moment.deploymentGone = true;
        moment.goesTo("PinDeployment", "the Deployment is gone");
    }

    static Stream<String> tasksThatNeedTheTraffic() {
        return Stream.of("ProveDeployment", "PropagateDeployment", "DrainTarget", "StopTarget");
    }

    @ParameterizedTest
    @MethodSource("tasksThatNeedTheTraffic")
    void noneOfItGoesOnUnlessTheDeploymentHasTheTrafficAlone(String task) {
        Moment widened = Moment.reverting(task).after(Duration.ofHours(1));
        widened.service().pin = null;
        widened.goesTo("PinDeployment", NOT_ALONE);

        Moment unready = Moment.reverting(task).after(Duration.ofHours(1));
        unready.current().has(3);
        unready.goesTo("PinDeployment", NOT_ALONE);

        Moment unavailable = Moment.reverting(task).after(Duration.ofHours(1));
        unavailable.shop.available = 3;
        unavailable.goesTo("PinDeployment", NOT_ALONE);

        Moment without = Moment.reverting(task).after(Duration.ofHours(1));
        without.shop.current = null;
        without.goesTo("PinDeployment", NOT_ALONE);
    }

    @ParameterizedTest
    @MethodSource("tasksThatNeedTheTraffic")
    void anEmptyTargetNeedsNeither(String task) {
        for (String how : List.of("never created", "without pods", "adopted", "wanted by nobody")) {
            Moment moment = Moment.reverting(task);
            moment.service().pin = null;
            empty(moment, how);
            assertThat(moment.look().status().task()).isNotEqualTo("PinDeployment");
        }
    }

    @Test
    void theNodesGetTheirTime() {
        Moment moment = Moment.reverting("PropagateDeployment");
        moment.after(Duration.ofSeconds(14))
                .awaits(null, "the nodes get 15s to program the new endpoints (verify.propagation)");
        moment.after(Duration.ofSeconds(15)).goesOnTo("DrainTarget");
    }

    @Test
    void theTargetGetsItsTime() {
        Moment moment = Moment.reverting("DrainTarget");
        moment.after(Duration.ofSeconds(29))
                .awaits("Draining", "the pods of shop-m1 get 30s to finish what they have (verify.drain.wait)");
        moment.after(Duration.ofSeconds(30)).goesOnTo("StopTarget");

        moment.target().first(new PodFacts("m1-0", "m1-0", false, false, false, 0, null, null, Moment.NOW));
        moment.target().pods = moment.target().pods.subList(0, 1);
        moment.after(Duration.ofSeconds(29)) // it may still have what it had when it was ready
                .awaits("Draining", "the pods of shop-m1 get 30s to finish what they have (verify.drain.wait)");
        moment.after(Duration.ofSeconds(30)).goesOnTo("StopTarget");
    }

    @Test
    void theTargetIsDrainedByItsRequests() {
        Moment moment = Moment.reverting("DrainTarget").after(Duration.ofSeconds(179));
        moment.spec.drainByQuery(OnTimeout.Hold);
        moment.awaits("Draining", "the pods of shop-m1 have not been asked for their requests yet");

        moment.drainReading = new Reading.NoData("no answer");
        moment.awaits("Draining", "the pods of shop-m1 may have requests, the query has no data: no answer");

        moment.drainReading = new Reading.Value(2.26);
        moment.awaits("Draining", "the pods of shop-m1 still get requests (2.3 by verify.drain.query)");

        moment.drainReading = new Reading.Value(0);
        moment.awaits("Draining", "the pods of shop-m1 have had no request since 2026-01-01T12:00:00Z");
        moment.drain = new DrainStatus(0.0, Moment.NOW.minusSeconds(9), null);
        moment.awaits("Draining", "the pods of shop-m1 have had no request since 2026-01-01T11:59:51Z");
        moment.drain = new DrainStatus(0.0, Moment.NOW.minusSeconds(10), null);
        moment.goesOnTo("StopTarget");

        moment.drainReading = new Reading.Value(1); // quiet for long, and now there is one
        moment.awaits("Draining", "the pods of shop-m1 still get requests (1.0 by verify.drain.query)");
    }

    @ParameterizedTest
    @CsvSource({"DrainTarget, shop-m1, ' to stop the pods all the same'", "DrainSource, shop-1, ''"})
    void podsThatAreNeverQuietAreKept(String task, String replicaSet, String end) {
        Moment moment = task.equals("DrainTarget") ? Moment.reverting(task) : Moment.cuttingOver(task);
        moment.spec.drainByQuery(OnTimeout.Hold);
        moment.drainReading = new Reading.Value(3);
        moment.after(Duration.ofMinutes(3))
                .awaits(
                        "Draining",
                        "the pods of %s still get requests (3.0 by verify.drain.query) after 3m (verify.drain.timeout); they are kept. Clients hold connections that a Service cannot move: let the application close them (graceful shutdown, a limited connection lifetime), restart the clients, or set verify.drain.onTimeout: Proceed%s"
                                .formatted(replicaSet, end));
    }

    @Test
    void podsThatAreNeverQuietAreStoppedWhenTheUserSaysSo() {
        Moment moment = Moment.reverting("DrainTarget");
        moment.spec.drainByQuery(OnTimeout.Proceed);
        moment.drainReading = new Reading.Value(3);
        moment.after(Duration.ofSeconds(179))
                .awaits("Draining", "the pods of shop-m1 still get requests (3.0 by verify.drain.query)");
        moment.after(Duration.ofMinutes(3)).goesOnTo("StopTarget");
    }

    // ---- the end of its pods ----

    @Test
    void theTargetIsStopped() {
        Moment moment = Moment.reverting("StopTarget");
        moment.acts("stopping the target's idle pods", STOP);

        moment.target().wanted = 0;
        moment.awaits(null, "the target's pods are being stopped");
        moment.target().pods = moment.target().pods.stream()
                .map(p -> new PodFacts(p.name(), p.uid(), false, false, true, 0, null, null, p.createdAt()))
                .toList();
        moment.goesOnTo("Unpin");
    }

    @Test
    void aTargetThatIsBeingDeletedIsLetGo() {
        Moment moment = Moment.reverting("StopTarget");
        moment.target().deleting = true;
        moment.acts("stopping the target's idle pods", DELETE);
        moment.target().wanted = 0; // its size means nothing any more
        moment.acts("stopping the target's idle pods", DELETE);
    }

    @Test
    void whatTheDeploymentAdoptedIsNotStopped() {
        Moment moment = Moment.reverting("StopTarget");
        moment.target().controller = Moment.THEM;
        moment.goesOnTo("Unpin");
        Moment delete = Moment.reverting("DeleteTarget");
        delete.target().controller = Moment.THEM;
        delete.goesOnTo("DeleteHold");
    }

    /** The Deployment was scaled to 0: there is nothing to point the Services at. */
    @Test
    void aTargetThatNobodyWantsIsStopped() {
        Moment moment = Moment.reverting("StopTarget");
        moment.service().pin = null;
        moment.shop.scaled(0);
        moment.acts("stopping the target's idle pods", STOP);
    }

    @Test
    void podsWithoutTheirReplicaSetAreWaitedFor() {
        Moment moment = Moment.reverting("StopTarget");
        moment.target = null;
        moment.strays = 2;
        moment.awaits(null, "2 pod(s) of the deleted target are being stopped");
        moment.strays = 0;
        moment.goesOnTo("Unpin");
    }

    @Test
    void thenTheServicesAreWidened() {
        Moment moment = Moment.reverting("Unpin");
        moment.services.add(new Moment.Svc("shop-eu", null));
        moment.acts("giving the Services their own selector back", WIDEN);
        moment.service().pin = null;
        moment.goesOnTo("DeleteTarget");
    }

    @Test
    void theReplicaSetIsDeletedWhenItsPodsAreGone() {
        Moment moment = Moment.reverting("DeleteTarget");
        moment.target().wanted = 0;
        moment.awaits(null, "4 target pod(s) are stopping");
        moment.target().has(0);
        moment.acts("deleting ReplicaSet shop-m1", DELETE);
        moment.target = null;
        moment.goesOnTo("DeleteHold");
    }

    // ---- in a Settle ----

    @Test
    void aSettleGivesTheTrafficToTheNewVersionOnly() {
        Moment moment = Moment.settling("PinDeployment");
        moment.acts(
                "pointing the Services at the Deployment's own pods alone", new Action.Pin("shop", "uid-of-shop", "2"));

        moment.shop.carriesChange = false;
        moment.goesTo("AwaitRollout", "the Deployment's template no longer is the target's");
    }

    @Test
    void aSettleGoesNoFurtherWithAnotherTemplate() {
        Moment moment = Moment.settling("DrainTarget").after(Duration.ofHours(1));
        moment.service().pin = "2";
        moment.goesOnTo("StopTarget");
        moment.shop.carriesChange = false;
        moment.goesTo("PinDeployment", NOT_ALONE);
    }

    @Test
    void aSettleEndsInFinishing() {
        Moment moment = Moment.settling("DeleteTarget");
        moment.service().pin = null;
        moment.target = null;
        moment.enters(Phase.Finishing, "DeleteHold", "Finishing", "the Deployment serves the new version alone");
    }

    /** Without the target nobody could tell any more what the Deployment serves, and it would be said to be the new version. */
    @Test
    void aSettleThatIsUndoneAtItsVeryEndIsNoEndInFinishing() {
        Moment moment = Moment.settling("DeleteTarget");
        moment.service().pin = null;
        moment.target().wanted = 0;
        moment.target().has(0);
        moment.acts("deleting ReplicaSet shop-m1", DELETE);
        moment.shop.carriesChange = false;
        moment.reverts(
                "SourceDiverged",
                "the template of Deployment shop was changed again before the handover was over; it serves what it was changed to",
                "make the change where the template comes from, or create the Migration again");
        moment.target().deleting = true;
        moment.target().wanted = 4;
        assertThat(moment.look().status().phase()).isEqualTo(Phase.Reverting);

        Moment stop = Moment.settling("StopTarget");
        stop.target().has(0);
        stop.target().deleting = true;
        stop.shop.carriesChange = false;
        stop.goesOnTo("Unpin");
        stop.target().has(1);
        stop.goesTo("PinDeployment", NOT_ALONE);
    }

    @Test
    void aSettleWhoseDeploymentIsGoneIsNoEndInFinishing() {
        Moment moment = Moment.settling("DeleteTarget");
        moment.service().pin = null;
        moment.target = null;
        moment.deploymentGone = true;
        moment.getsStuck(
                "DeploymentGone",
                "Deployment shop was deleted or replaced during the handover",
                "Segue never recreates what is yours: create it again, then delete the Migration");
    }

    // ---- the last of ours ----

    @Test
    void theHoldServicesGo() {
        Moment moment = Moment.finishing("DeleteHold");
        moment.acts("deleting the hold Service(s)", new Action.DeleteHold("shop"));
        moment.holds = Set.of();
        moment.goesOnTo("ForgetFields");
    }

    @Test
    void soDoTheTraces() {
        Moment moment = Moment.finishing("ForgetFields");
        moment.holds = Set.of();
        moment.shop.marked = true;
        moment.acts(
                "removing our traces from the managed fields", new ForgetFields(ForgetFields.Kind.Deployment, "shop"));
        moment.shop.marked = false;
        moment.target().marked = true;
        moment.acts(
                "removing our traces from the managed fields",
                new ForgetFields(ForgetFields.Kind.ReplicaSet, "shop-m1"));
        moment.target().marked = false;
        moment.services.add(new Moment.Svc("shop-eu", null));
        moment.services.getLast().marked = true;
        moment.acts(
                "removing our traces from the managed fields", new ForgetFields(ForgetFields.Kind.Service, "shop-eu"));

        moment.services.getLast().marked = false;
        moment.goesOnTo("WriteReport");
    }

    @Test
    void theReportIsTheLastThing() {
        Moment moment = Moment.finishing("WriteReport");
        moment.acts("writing the report, ConfigMap shop-2-report", new Action.WriteReport(Phase.Finishing));
        moment.reported = Reported.YES;
        Decision d = moment.look();
        assertThat(d.status().phase()).isEqualTo(Phase.Completed);
        assertThat(d.status().task()).isNull();
        assertThat(d.status().taskSince()).isNull();
        Moment.told(d, false, "Completed", "the Deployment serves the new version; nothing of Segue is left");
    }

    @Test
    void thereIsNoReportOfAMigrationThatGoes() {
        Moment moment = Moment.reverting("WriteReport");
        moment.service().pin = null;
        moment.deleting = true;
        assertThat(moment.look().status().phase()).isEqualTo(Phase.Reverted);
    }

    @Test
    void withoutDeploymentAndTargetThereAreNoTracesLeft() {
        Moment moment = Moment.finishing("ForgetFields");
        moment.target = null;
        moment.deploymentGone = true;
        moment.goesOnTo("WriteReport");
    }

    @Test
    void aRevertEndsWithItsCause() {
        Moment moment = Moment.reverting("WriteReport");
        moment.service().pin = null;
        moment.reported = Reported.YES;
        Decision d = moment.look();
        assertThat(d.status().phase()).isEqualTo(Phase.Reverted);
        assertThat(d.status().cause()).isEqualTo(moment.cause);
        Moment.told(
                d,
                true,
                "Reverted",
                "the old version serves again; nothing of Segue is left. Cause: Aborted: A user asked for it");
    }

    /** As one that was created for a handover would be told: it can be looked at by its route. */
    @Test
    void theTasksOfAHandoverAreThoseOfItsRoute() {
        for (Route route : Route.values()) {
            Moment moment = Moment.handingOver(route, "anything");
            assertThat(Planner.tasks(Phase.HandingOver, moment.observed())).isEqualTo(HandingOver.tasks(route));
        }
    }
}
