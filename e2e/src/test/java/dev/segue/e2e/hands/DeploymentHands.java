package dev.segue.e2e.hands;

import static dev.segue.e2e.hands.Moment.ADOPTED;
import static dev.segue.e2e.hands.Moment.ADOPTING;
import static dev.segue.e2e.hands.Moment.ASSESSING;
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
import static dev.segue.e2e.hands.Outcome.fails;
import static dev.segue.e2e.hands.Outcome.reverts;
import static dev.segue.e2e.hands.Outcome.sticks;
import static dev.segue.e2e.hands.Outcome.waits;
import static dev.segue.e2e.hands.Outcome.whenRun;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.segue.api.Phase;
import dev.segue.e2e.fault.Lab;
import dev.segue.e2e.referee.Invariant;
import dev.segue.e2e.stage.Migrations;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.DeploymentBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/** What is done to the Deployment that is being moved. */
final class DeploymentHands {
    private static final String EDITED =
            "{\"spec\":{\"template\":{\"metadata\":{\"annotations\":{\"edited\":\"by hand\"}}}}}";

    private static final Hand UNDO = play -> {
        play.takesPods(play.own());
        play.announce(Invariant.USER_FIELDS, "Deployment", Lab.APP); // what it removes, nobody signs
        play.kubectl("rollout", "undo", "deployment/app");
    };

    private DeploymentHands() {}

    static Stream<Row> rows() {
        return Stream.of(
                Row.of("scaledUp", scale(3))
                        .at(whenRun(completes()), PLANNED)
                        .at(completes(), Moment.onTheWay())
                        .at(aborted(), REVERTING),
                Row.of("scaledDown", scale(1))
                        .at(whenRun(completes()), PLANNED)
                        .at(completes(), Moment.onTheWay())
                        .at(aborted(), REVERTING),
                Row.of("autoscaled", DeploymentHands::autoscale)
                        .at(completes(), PREPARING)
                        .at(aborted(), REVERTING),
                Row.of("scaledToZero", scale(0))
                        .at(whenRun(fails("NoReplicas")), PLANNED)
                        .at(fails("NoReplicas"), ASSESSING, STAGING)
                        .at(waits("SourceUnready", "no way back", scale(2), completes()), SHIFTING, SOAKING),
                Row.of("rolloutRestart", DeploymentHands::restart)
                        .at(whenRun(fails("PlanVoid")), PLANNED)
                        .at(completes(), ASSESSING, FINISHING)
                        .at(completes().telling("StagingStale"), STAGING)
                        .at(reverts("SourceChanged"), PREPARING, SHIFTING, FLIPPING)
                        .at(
                                waits("SourceDiverged", "kubectl rollout undo deployment/app", UNDO, completes()),
                                CUTTING_OVER,
                                SOAKING,
                                SETTLING)
                        .at(reverts("SourceDiverged"), ADOPTED)
                        .at(aborted(), REVERTING),
                Row.of("templateEdited", DeploymentHands::edit)
                        .at(whenRun(fails("PlanVoid")), PLANNED)
                        .at(completes(), ASSESSING, STAGING, FINISHING)
                        .at(reverts("SourceChanged"), PREPARING, SHIFTING, FLIPPING)
                        .at(
                                waits("SourceDiverged", "kubectl rollout undo deployment/app", UNDO, completes()),
                                CUTTING_OVER,
                                SOAKING,
                                ADOPTING,
                                SETTLING)
                        .at(reverts("SourceDiverged"), ADOPTED)
                        .at(aborted(), REVERTING),
                Row.of("newVersionSetByHand", DeploymentHands::setImage)
                        .at(whenRun(completes()), PLANNED)
                        .at(
                                completes(),
                                ASSESSING,
                                STAGING,
                                CUTTING_OVER,
                                SOAKING,
                                ADOPTING,
                                ADOPTED,
                                SETTLING,
                                FINISHING)
                        .at(reverts("SourceChanged"), PREPARING, SHIFTING, FLIPPING),
                Row.of("rolloutUndo", UNDO)
                        .before(DeploymentHands::giveHistory)
                        .at(whenRun(fails("PlanVoid")), PLANNED)
                        .at(completes(), ASSESSING, STAGING, FINISHING)
                        .at(reverts("SourceChanged"), PREPARING, SHIFTING, FLIPPING)
                        .at(
                                waits("SourceDiverged", "kubectl rollout undo deployment/app", UNDO, completes()),
                                CUTTING_OVER,
                                SOAKING,
                                SETTLING)
                        .at(reverts("SourceDiverged"), ADOPTED)
                        .at(aborted(), REVERTING),
                Row.of("paused", DeploymentHands::pause)
                        .at(whenRun(fails("DeploymentPaused")), PLANNED)
                        .at(fails("DeploymentPaused"), ASSESSING, STAGING)
                        .at(
                                waits(
                                        "DeploymentPaused",
                                        "kubectl rollout resume deployment/app",
                                        DeploymentHands::resume,
                                        completes()),
                                PREPARING,
                                SHIFTING,
                                FLIPPING,
                                CUTTING_OVER,
                                SOAKING,
                                SETTLING)
                        .at(completes(), ADOPTED, WITHDRAWING, FINISHING)
                        .at(aborted(), REVERTING),
                Row.of("selectorEdited", DeploymentHands::editSelector)
                        .at(whenRun(completes()), PLANNED)
                        .at(
                                completes(),
                                ASSESSING,
                                STAGING,
                                PREPARING,
                                SHIFTING,
                                CUTTING_OVER,
                                SOAKING,
                                ADOPTING,
                                SETTLING),
                Row.of("deleted", DeploymentHands::delete)
                        .at(whenRun(fails("DeploymentNotFound")), PLANNED)
                        .at(fails("DeploymentGone"), STAGING)
                        .at(fails("DeploymentNotFound"), ASSESSING)
                        .at(
                                sticks("DeploymentGone", DeploymentHands::createAgain),
                                PREPARING,
                                SHIFTING,
                                FLIPPING,
                                CUTTING_OVER,
                                SOAKING,
                                ADOPTING,
                                ADOPTED,
                                SETTLING,
                                WITHDRAWING,
                                REVERTING)
                        .at(completes(), FINISHING),
                Row.of("replaced", DeploymentHands::replace)
                        .at(whenRun(fails("PlanVoid")), PLANNED)
                        .at(completes(), ASSESSING, STAGING, FINISHING)
                        .at(reverts("DeploymentGone"), PREPARING, SHIFTING, FLIPPING, CUTTING_OVER, SOAKING)
                        .at(sticks("DeploymentGone", DeploymentHands::createAgain), ADOPTING, ADOPTED, SETTLING)
                        .at(aborted(), REVERTING));
    }

    private static Hand scale(int replicas) {
        return play -> {
            if (replicas < play.lab().deployment().getSpec().getReplicas()) {
                play.takesPods(play.own());
            }
            play.patchDeployment("{\"spec\":{\"replicas\":%d}}".formatted(replicas));
        };
    }

    /** Up and down every few seconds for a while, as an autoscaler does that cannot make up its mind. */
    private static void autoscale(Play play) {
        var round = new AtomicInteger();
        play.keep(Duration.ofSeconds(4), p -> {
            int size = round.getAndIncrement();
            if (size < 7) {
                if (p.status().phaseOrPending() == Phase.HandingOver) {
                    p.takesPods(List.of(p.target())); // the Deployment is about to have them as well
                }
                scale(1 + size % 3).move(p);
            }
        });
    }

    private static void restart(Play play) {
        play.takesPods(play.own());
        play.kubectl("rollout", "restart", "deployment/app");
    }

    private static void edit(Play play) {
        play.takesPods(play.own());
        play.patchDeployment(EDITED);
    }

    private static void setImage(Play play) {
        play.takesPods(play.own());
        play.kubectl("set", "image", "deployment/app", "app=" + Lab.image("2"));
    }

    private static void giveHistory(Play play) {
        play.patchDeployment(EDITED);
        await().atMost(Migrations.PATIENCE).until(play.lab()::atRest);
    }

    /** As {@code kubectl rollout pause} does it, but at once: a rollout is soon over. */
    private static void pause(Play play) {
        play.patchDeployment("{\"spec\":{\"paused\":true}}");
    }

    private static void resume(Play play) {
        play.kubectl("rollout", "resume", "deployment/app");
    }

    private static void editSelector(Play play) {
        assertThatThrownBy(() -> play.patchDeployment("{\"spec\":{\"selector\":{\"matchLabels\":{\"more\":\"x\"}}}}"))
                .isInstanceOf(KubernetesClientException.class)
                .hasMessageContaining("immutable");
    }

    private static void delete(Play play) {
        play.takesPods(play.own());
        play.announce(Invariant.CAPACITY, "Service", Lab.APP);
        play.kubectl("delete", "deployment", "app", "--wait=false");
    }

    private static void createAgain(Play play) {
        play.kubectl("delete", "deployment", "app", "--ignore-not-found", "--wait=true");
        play.lab().apply(Lab.MANIFEST);
        await().atMost(Migrations.PATIENCE).until(() -> {
            Deployment d = play.lab().deployment();
            return d.getStatus() != null
                    && Integer.valueOf(2).equals(d.getStatus().getAvailableReplicas());
        });
    }

    /** As {@code kubectl replace --force} does. */
    private static void replace(Play play) {
        Deployment was = play.lab().deployment();
        delete(play);
        await().atMost(Migrations.PATIENCE)
                .until(() -> play.client()
                                .apps()
                                .deployments()
                                .inNamespace(play.namespace())
                                .withName(Lab.APP)
                                .get()
                        == null);
        play.client()
                .resource(new DeploymentBuilder()
                        .withNewMetadata()
                        .withName(Lab.APP)
                        .withNamespace(play.namespace())
                        .endMetadata()
                        .withSpec(was.getSpec())
                        .build())
                .create();
    }
}
