package dev.segue.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.segue.analysis.Reading;
import dev.segue.api.Deadline;
import dev.segue.api.MigrationSpec.OnFailure;
import dev.segue.api.MigrationStatus.MetricStatus;
import dev.segue.api.MigrationStatus.ServiceStatus;
import dev.segue.api.Phase;
import dev.segue.engine.Observed.PodFacts;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Each reason to go back, at the very moment from which it counts, with what the person on call reads. */
class GuardsTest {
    private static final String HOLDING = "holding until 2026-01-01T12:00:30Z";

    private final Moment moment = Moment.shifting("Hold");

    @ParameterizedTest
    @EnumSource
    void watchFromTheFirstTargetPodToTheHandover(Phase phase) {
        assertThat(Observed.watched(phase))
                .isEqualTo(
                        switch (phase) {
                            case Preparing, Shifting, CuttingOver, Soaking -> true;
                            default -> false;
                        });
    }

    // ---- what the migration is about ----

    @Test
    void theDeploymentIsGone() {
        moment.deploymentGone = true;
        deploymentGone();
    }

    @Test
    void theDeploymentIsAnother() {
        moment.shop.uid = "uid-of-another";
        deploymentGone();
    }

    private void deploymentGone() {
        moment.reverts(
                "DeploymentGone",
                "Deployment shop was deleted or replaced",
                "Segue never recreates what is yours: create it again, then delete the Migration");
    }

    @Test
    void aServiceIsGone() {
        moment.knownServices = List.of(
                new ServiceStatus("shop", "uid-of-shop", 4, 2, null), new ServiceStatus("shop-eu", "eu", 4, 2, null));
        moment.reverts(
                "ServiceGone", "Service shop-eu, which was to be moved, was deleted or replaced", "create it again");
    }

    @Test
    void aServiceIsAnother() {
        moment.service().uid = "uid-of-another";
        moment.reverts(
                "ServiceGone", "Service shop, which was to be moved, was deleted or replaced", "create it again");
    }

    @Test
    void aServiceCannotBeMovedAnyMore() {
        moment.service().unmovable = "it is headless";
        moment.reverts(
                "ServiceUnmovable",
                "the traffic of Service shop cannot be moved: it is headless",
                "change that, or name it in spec.components[0].excludedServices: requests through it are then not protected");
    }

    @Test
    void aServiceIsPointedElsewhere() {
        moment.service().selects = false;
        moment.reverts(
                "ServiceSelector",
                "Service shop does not select the pods any more: its selector was changed to {app=shop}",
                "give it its selector back, then migrate again");
    }

    private static final String WHO_DELETES =
            "find out who deletes ReplicaSets here (the API server's audit log names them), then migrate again";

    @Test
    void theTargetIsGone() {
        moment.target = null;
        moment.reverts("TargetGone", "the target's ReplicaSet was deleted", WHO_DELETES);
    }

    @Test
    void theTargetIsBeingDeleted() {
        moment.target().deleting = true;
        moment.reverts(
                "TargetGone",
                "the target's ReplicaSet is being deleted; its pods serve until they are drained",
                WHO_DELETES);
    }

    // ---- time ----

    @Test
    void theDeadlineIsOverToTheSecond() {
        moment.spec.deadline = new Deadline("5m", "2h");
        moment.startedAt = Moment.NOW.minusSeconds(7199);
        moment.awaits(null, HOLDING);

        moment.startedAt = Moment.NOW.minusSeconds(7200);
        moment.reverts(
                "DeadlineExceeded",
                "not finished 2h after its start (deadline.total)",
                "raise deadline.total, or shorten the holds");
    }

    // ---- the target's pods ----

    private static PodFacts pod(int restarts, @Nullable String trouble, @Nullable String message, Instant created) {
        return new PodFacts("m1-0", "m1-0", true, true, false, restarts, trouble, message, created);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "CrashLoopBackOff",
                "InvalidImageName",
                "ErrImageNeverPull",
                "CreateContainerConfigError",
                "CreateContainerError"
            })
    void aPodCannotRun(String trouble) {
        moment.target().first(pod(0, trouble, null, Moment.NOW));
        moment.reverts(trouble, "target pod m1-0: " + trouble, "look at the new version: kubectl describe pod m1-0");
    }

    @Test
    void theKubeletsWordsArePassedOn() {
        moment.target().first(pod(0, "CreateContainerConfigError", "secret \"shop\" not found", Moment.NOW));
        moment.reverts(
                "CreateContainerConfigError",
                "target pod m1-0: CreateContainerConfigError: secret \"shop\" not found",
                "look at the new version: kubectl describe pod m1-0");
    }

    @ParameterizedTest
    @ValueSource(strings = {"ErrImagePull", "ImagePullBackOff"})
    void anImageIsNotThere(String trouble) {
        moment.target().first(pod(0, trouble, null, Moment.NOW.minusSeconds(29)));
        moment.awaits(null, HOLDING);

        moment.target().first(pod(0, trouble, null, Moment.NOW.minusSeconds(30)));
        moment.reverts(trouble, "target pod m1-0: " + trouble, "look at the new version: kubectl describe pod m1-0");
    }

    @ParameterizedTest
    @ValueSource(strings = {"ContainerCreating", "PodInitializing"})
    void aPodThatIsOnlyStartingIsNoTrouble(String waiting) {
        moment.target().first(pod(0, waiting, null, Moment.NOW.minusSeconds(600)));
        moment.awaits(null, HOLDING);
    }

    @Test
    void restartedOnceIsNoReasonTwiceIs() {
        moment.target().first(pod(1, null, null, Moment.NOW));
        moment.awaits(null, HOLDING);

        moment.target().first(pod(2, null, null, Moment.NOW));
        moment.reverts(
                "TargetRestarting",
                "target pod m1-0 was restarted 2 times",
                "look at the new version: kubectl logs --previous m1-0");
    }

    @Test
    void aPodThatIsBeingStoppedIsNoneOfTheseReasons() {
        moment.target().first(new PodFacts("m1-0", "m1-0", true, true, true, 5, "CrashLoopBackOff", null, Moment.NOW));
        moment.awaits(null, HOLDING);
    }

    // ---- its number ----

    @Test
    void tooFewPodsForLongerThanTheGrace() {
        moment.target().has(1);
        moment.unavailableSince = Moment.NOW.minusSeconds(29);
        assertThat(moment.awaits(null, HOLDING).status().target()).satisfies(t -> {
            assertThat(t.availability()).isEqualTo("1/2");
            assertThat(t.unavailableSince()).as("still since").isEqualTo(Moment.NOW.minusSeconds(29));
        });

        moment.unavailableSince = Moment.NOW.minusSeconds(30);
        moment.reverts(
                "TargetUnavailable",
                "only 1/2 target pods have been available for 30s",
                "look at the pods of ReplicaSet shop-m1");
    }

    @Test
    void aPodThatHasComeBackIsForgiven() {
        moment.unavailableSince = Moment.NOW.minusSeconds(300);
        assertThat(moment.awaits(null, HOLDING).status().target()).satisfies(t -> {
            assertThat(t.availability()).isEqualTo("2/2");
            assertThat(t.unavailableSince()).isNull();
        });
    }

    @Test
    void theGraceBeginsAtTheFirstLookThatMissesOne() {
        moment.target().has(1);
        assertThat(moment.awaits(null, HOLDING).status().target())
                .satisfies(t -> assertThat(t.unavailableSince()).isEqualTo(Moment.NOW));
    }

    /** They have deadline.prepare for it. */
    @ParameterizedTest
    @CsvSource({"SizeTarget, AwaitTarget", "AwaitTarget,"})
    void podsThatAreOnlyJustAskedForAreNotMissed(String task, @Nullable String next) {
        Moment sizing = Moment.shifting(task);
        sizing.target().has(1);
        sizing.unavailableSince = Moment.NOW.minusSeconds(100);
        if (next == null) {
            sizing.awaits(null, "1 of 2 target pod(s) available");
        } else {
            sizing.goesOnTo(next);
        }
    }

    // ---- metrics and the source ----

    @Test
    void aMetricFailsAtTheLastOfItsEvaluations() {
        moment.spec.metric();
        moment.metrics = List.of(metric(List.of(true, false, true)));
        moment.awaits(null, HOLDING);

        moment.readings.put("errors", new Reading.Value(12.345));
        moment.reverts(
                "MetricFailed",
                "metric errors is 12.35, above 10 in 3 of the last 4 evaluations",
                "look at the new version; if it is good, correct the limit or the query in spec.analysis");
    }

    private static MetricStatus metric(List<Boolean> exceeded) {
        return MetricStatus.limited("errors", 3.0, 10, "Pass", exceeded, null, Moment.NOW.minusSeconds(10));
    }

    @Test
    void theTemplateIsChangedWhileTheSourceHasTraffic() {
        moment.current().wanted = 4;
        moment.shop.current = new Moment.Pods("shop-3", "3", Moment.THEM, 4);
        sourceChanged(moment);
    }

    @Test
    void theTemplateIsChangedAndItsReplicaSetIsNotMadeYet() {
        moment.shop.current = null;
        sourceChanged(moment);
    }

    private static void sourceChanged(Moment moment) {
        moment.reverts(
                "SourceChanged",
                "the template of Deployment shop was changed while it was being migrated",
                "change it before or after a migration");
    }

    /** Then its rollout takes no traffic away from anyone. */
    @Test
    void withTheTrafficOnTheTargetAChangedTemplateIsWaitedFor() {
        Moment soaking = Moment.soaking("Soak");
        soaking.shop.current = new Moment.Pods("shop-3", "3", Moment.THEM, 4);
        soaking.awaits(
                "SourceDiverged",
                "Deployment shop was changed to something else than the migration's target (its ReplicaSet was shop-1); nothing moves. Take that back (kubectl rollout undo deployment/shop), or abort the Migration");
    }

    // ---- onFailure: Hold ----

    @Test
    void holdsOnFailureInstead() {
        moment.spec.onFailure(OnFailure.Hold);
        moment.service().unmovable = "it is headless";
        moment.awaits(
                "CheckFailed",
                "ServiceUnmovable: the traffic of Service shop cannot be moved: it is headless; onFailure is Hold, so nothing moves until it passes or the migration is aborted");
    }

    @ParameterizedTest
    @CsvSource({"0, true", "1, false"})
    void whatIsHeldIsWidenedWhenNobodyServes(int ready, boolean widened) {
        if (widened) { // what is written is in the status first
            held("Soak", ready).goesTo("PinTarget", "no target pod is ready: the traffic goes to all ready pods");
        }
        Decision held = held("PinTarget", ready)
                .stays(
                        "CheckFailed",
                        "TargetUnavailable: only %d/4 target pods have been available for 30s; onFailure is Hold, so nothing moves until it passes or the migration is aborted"
                                .formatted(ready));
        assertThat(held.actions()).isEqualTo(widened ? List.of(new Action.Unpin("shop", "uid-of-shop")) : List.of());
        assertThat(held.status().cause()).as("it has not gone back").isNull();
    }

    @Test
    void whatIsHeldIsWidenedWhenTheTargetIsGone() {
        Moment soaking = held("Soak", 0);
        soaking.target = null;
        soaking.goesTo("PinTarget", "no target pod is ready: the traffic goes to all ready pods");
        soaking = held("PinTarget", 0);
        soaking.target = null;
        assertThat(soaking.look().actions()).containsExactly(new Action.Unpin("shop", "uid-of-shop"));
    }

    private static Moment held(String task, int ready) {
        Moment soaking = Moment.soaking(task);
        soaking.spec.onFailure(OnFailure.Hold);
        soaking.target().has(ready);
        soaking.unavailableSince = Moment.NOW.minusSeconds(60);
        return soaking;
    }
}
