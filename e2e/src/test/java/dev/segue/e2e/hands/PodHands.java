package dev.segue.e2e.hands;

import static dev.segue.e2e.hands.Moment.ADOPTED;
import static dev.segue.e2e.hands.Moment.ADOPTING;
import static dev.segue.e2e.hands.Moment.CUTTING_OVER;
import static dev.segue.e2e.hands.Moment.FINISHING;
import static dev.segue.e2e.hands.Moment.FLIPPING;
import static dev.segue.e2e.hands.Moment.PLANNED;
import static dev.segue.e2e.hands.Moment.PREPARING;
import static dev.segue.e2e.hands.Moment.REVERTING;
import static dev.segue.e2e.hands.Moment.SETTLING;
import static dev.segue.e2e.hands.Moment.SHIFTING;
import static dev.segue.e2e.hands.Moment.SOAKING;
import static dev.segue.e2e.hands.Moment.STAGING;
import static dev.segue.e2e.hands.Moment.WITHDRAWING;
import static dev.segue.e2e.hands.Outcome.aborted;
import static dev.segue.e2e.hands.Outcome.completes;
import static dev.segue.e2e.hands.Outcome.reverts;
import static dev.segue.e2e.hands.Outcome.waits;
import static dev.segue.e2e.hands.Outcome.whenRun;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.segue.e2e.fault.Lab;
import dev.segue.e2e.referee.Invariant;
import dev.segue.e2e.stage.Migrations;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.readiness.Readiness;
import java.util.List;
import java.util.stream.Stream;

/** What happens to pods. */
final class PodHands {
    private PodHands() {}

    static Stream<Row> rows() {
        return Stream.of(
                Row.of("sourcePodEvicted", play -> evict(play, play.own().getFirst()))
                        .at(whenRun(completes()), PLANNED)
                        .at(
                                completes(),
                                STAGING,
                                PREPARING,
                                SHIFTING,
                                FLIPPING,
                                CUTTING_OVER,
                                SOAKING,
                                ADOPTING,
                                SETTLING)
                        .at(aborted(), REVERTING),
                Row.of("targetPodEvicted", play -> evict(play, play.target()))
                        .at(
                                completes(),
                                SHIFTING,
                                FLIPPING,
                                CUTTING_OVER,
                                SOAKING,
                                ADOPTING,
                                ADOPTED,
                                SETTLING,
                                WITHDRAWING,
                                FINISHING)
                        .at(aborted(), REVERTING),
                Row.of("targetPodsKilledOneByOne", PodHands::killOneByOne)
                        .at(completes(), SHIFTING, CUTTING_OVER, SOAKING, ADOPTING, ADOPTED),
                Row.of("targetBrokenAndHeld", PodHands::breakTarget)
                        .spec(Play.SPEC + "onFailure: Hold\n")
                        .at(
                                waits("CheckFailed", "onFailure is Hold", PodHands::seeSourceServeAndAbort, aborted()),
                                SHIFTING,
                                CUTTING_OVER,
                                SOAKING),
                Row.of("targetDeleted", PodHands::deleteTarget)
                        .at(reverts("TargetGone"), PREPARING, SHIFTING, FLIPPING, CUTTING_OVER, SOAKING)
                        .at(completes(), ADOPTING, SETTLING, WITHDRAWING)
                        .at(aborted(), REVERTING),
                Row.of("targetScaledDownByHand", PodHands::scaleTarget)
                        .at(completes(), SHIFTING, FLIPPING, SOAKING, ADOPTING));
    }

    private static List<Pod> pods(Play play, String replicaSet) {
        return play.lab().pods().stream()
                .filter(p -> p.getMetadata().getName().startsWith(replicaSet + "-"))
                .filter(p -> p.getMetadata().getDeletionTimestamp() == null)
                .toList();
    }

    /** By the Eviction API, as a node drain does it. */
    private static void evict(Play play, String replicaSet) {
        play.takesPods(List.of(replicaSet));
        play.client()
                .pods()
                .inNamespace(play.namespace())
                .withName(pods(play, replicaSet).getFirst().getMetadata().getName())
                .evict();
    }

    /** Each as soon as the one before has been replaced. */
    private static void killOneByOne(Play play) {
        String target = play.target();
        play.takesPods(List.of(target));
        List<Pod> victims = pods(play, target);
        for (Pod victim : victims) {
            play.kubectl("delete", "pod", victim.getMetadata().getName(), "--grace-period=0", "--force");
            await().atMost(Migrations.PATIENCE)
                    .until(() -> pods(play, target).stream()
                                    .filter(Readiness::isPodReady)
                                    .count()
                            == victims.size());
        }
    }

    /** Each pod of it, until none is ready. */
    private static void breakTarget(Play play) {
        String target = play.target();
        play.announce(Invariant.CAPACITY, "Service", Lab.APP);
        for (Pod pod : pods(play, target)) {
            play.kubectl("set", "image", "pod/" + pod.getMetadata().getName(), "app=" + Lab.image("9"));
        }
        await().atMost(Migrations.PATIENCE)
                .until(() -> pods(play, target).stream().noneMatch(Readiness::isPodReady));
    }

    /** A Service that was narrowed to the target is widened, and that is all that is done. */
    private static void seeSourceServeAndAbort(Play play) {
        List<String> source = pods(play, play.own().getFirst()).stream()
                .map(p -> p.getMetadata().getName())
                .toList();
        await().atMost(Migrations.PATIENCE)
                .untilAsserted(() -> assertThat(play.readyEndpoints())
                        .as("who serves")
                        .hasSize(2)
                        .containsExactlyInAnyOrderElementsOf(source));
        assertThat(play.lab().service().getSpec().getSelector()).containsOnlyKeys("app");
        assertThat(play.waitingFor()).isEqualTo("CheckFailed");
        play.lab().abort(Lab.MIGRATION);
    }

    private static void deleteTarget(Play play) {
        play.announce(Invariant.INTENT, "ReplicaSet", play.target()); // nobody signs a deletion
        play.announce(Invariant.IDLE, "ReplicaSet", play.target());
        play.kubectl("delete", "rs", play.target(), "--wait=false");
    }

    private static void scaleTarget(Play play) {
        String target = play.target();
        play.takesPods(List.of(target));
        play.announce(Invariant.CAPACITY, "Service", Lab.APP);
        play.announce(Invariant.INTENT, "ReplicaSet", target);
        play.kubectl("scale", "rs", target, "--replicas=0");
    }
}
