package dev.segue.engine;

import static dev.segue.engine.Journey.CLEAN;
import static dev.segue.engine.Journey.COMPLETED;
import static dev.segue.engine.Journey.reverted;
import static org.assertj.core.api.Assertions.assertThat;

import dev.segue.analysis.Reading;
import dev.segue.api.Command;
import dev.segue.api.Handover.Via;
import dev.segue.api.Migration;
import dev.segue.api.MigrationStatus;
import dev.segue.api.Phase;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** What the user, or Git, says and does while a migration is under way. {@link Journey} checks the promise at every look. */
class InterferenceTest {
    @Test
    void pausedMakesNoForwardMove() {
        for (Phase phase :
                List.of(Phase.Assessing, Phase.Preparing, Phase.Shifting, Phase.CuttingOver, Phase.Soaking)) {
            Journey journey = new Journey(World.ofShop(), new Spec());
            journey.runUntil(s -> s.phase() == phase);
            journey.spec.paused = true;
            journey.runFor(Duration.ofMinutes(30));
            assertThat(journey.status.phase()).isEqualTo(phase);
            assertThat(journey.waiting()).as("in " + phase).isEqualTo("Paused");
            assertThat(journey.performed)
                    .as("no flip while paused in " + phase)
                    .noneMatch(a -> a instanceof Action.Pin && phase != Phase.Soaking);

            journey.spec.paused = false;
            assertThat(journey.toEnd().end()).isEqualTo(COMPLETED);
        }
    }

    @Test
    void pausedStillReverts() {
        Journey journey = new Journey(World.ofShop(), new Spec().metric());
        journey.runUntil(s -> s.phase() == Phase.Shifting);
        journey.spec.paused = true;
        journey.runFor(Duration.ofMinutes(10));
        journey.metric = new Reading.Value(11);
        assertThat(journey.toEnd().end()).isEqualTo(reverted("MetricFailed"));
    }

    @Test
    void anUnknownCommandIsToldOnceAndDoesNothing() {
        Journey journey = new Journey(World.ofShop(), new Spec());
        journey.command = "abbort";
        journey.toEnd();

        assertThat(journey.end()).isEqualTo(COMPLETED);
        assertThat(journey.decisions.stream()
                        .flatMap(d -> d.notices().stream())
                        .filter(n -> n.reason().equals("UnknownCommand")))
                .singleElement()
                .satisfies(n -> {
                    assertThat(n.warning()).isTrue();
                    assertThat(n.message()).contains(Migration.COMMAND_ANNOTATION, "abbort", Command.choices());
                });
    }

    @Test
    void anAbortThatIsTakenBackStillAborts() {
        Journey journey = new Journey(World.ofShop(), new Spec());
        journey.when(Phase.Soaking, "Soak", () -> journey.command = "abort");
        journey.runUntil(s -> s.phase() == Phase.Reverting);
        journey.command = null;
        assertThat(journey.toEnd().end()).isEqualTo(reverted("Aborted"));
    }

    // ---- Services change meanwhile ----

    /** GitOps, say: the old pods must not be stopped while a Service sends to them again. */
    @ParameterizedTest
    @CsvSource({"ApplyChangePaused", "ReleaseTarget"})
    void aPinTakenBackInTheHandoverIsMadeAgain(String task) {
        Journey journey = new Journey(World.ofShop(), new Spec());
        journey.when(Phase.HandingOver, task, () -> {
                    journey.world.service("shop").pin = null;
                    journey.world.tick(Duration.ofSeconds(20)); // long enough for clients to use the old pods
                })
                .toEnd();
        assertThat(journey.end()).isEqualTo(COMPLETED);
    }

    /** Nothing keeps the Deployment from stopping them any more; but each moment counts. */
    @ParameterizedTest
    @CsvSource({"Resume", "AwaitAdoption"})
    void aPinTakenBackWhileTheDeploymentAdoptsIsMadeAgain(String task) {
        Journey journey = new Journey(World.ofShop(), new Spec());
        journey.when(Phase.HandingOver, task, () -> journey.world.service("shop").pin = null)
                .toEnd();
        assertThat(journey.end()).isEqualTo(COMPLETED);
        assertThat(journey.performed.stream()
                        .filter(a ->
                                a instanceof Action.Pin pin && pin.service().equals("shop")))
                .hasSize(2);
    }

    @ParameterizedTest
    @CsvSource({"Shifting, Hold", "CuttingOver, DrainSource", "Soaking, Soak", "HandingOver, ReleaseTarget"})
    void aServiceThatIsNewIsMovedAsWell(Phase phase, String task) {
        Journey journey = new Journey(World.ofShop(), new Spec());
        journey.when(phase, task, () -> journey.world.services.add(journey.world.newService("shop-late")))
                .toEnd();
        assertThat(journey.end()).startsWith("Completed (null);").endsWith("[shop, shop-internal, shop-late]");
        assertThat(journey.performed)
                .anyMatch(a -> a instanceof Action.Pin pin && pin.service().equals("shop-late"));
    }

    @ParameterizedTest
    @CsvSource({"Shifting, Hold", "Soaking, Soak"})
    void aServiceThatIsReplacedMeansTheWayBack(Phase phase, String task) {
        Journey journey = new Journey(World.ofShop(), new Spec());
        journey.when(phase, task, () -> {
                    journey.world.services.remove(journey.world.service("shop"));
                    journey.world.services.addFirst(journey.world.newService("shop"));
                })
                .toEnd();
        assertThat(journey.end()).isEqualTo(reverted("ServiceGone"));
    }

    /** It sends to none of the pods any more, so nothing is proved by it, and it keeps nothing of ours. */
    @ParameterizedTest
    @CsvSource({"Preparing, AwaitTarget", "Shifting, Hold", "CuttingOver, DrainSource", "Soaking, Soak"})
    void aServiceThatIsPointedElsewhereMeansTheWayBack(Phase phase, String task) {
        Journey journey = new Journey(World.ofShop(), new Spec());
        journey.when(phase, task, () -> journey.world.service("shop-internal").selects = false)
                .toEnd();
        assertThat(journey.end()).isEqualTo(reverted("ServiceSelector"));
    }

    @Test
    void aServiceThatIsPointedElsewhereInTheHandoverIsWaitedFor() {
        Journey journey = new Journey(World.ofShop(), new Spec());
        journey.when(
                Phase.HandingOver, "ApplyChangePaused", () -> journey.world.service("shop-internal").selects = false);
        journey.runFor(Duration.ofMinutes(20));
        assertThat(journey.waiting()).isEqualTo("ServiceGone");
        journey.world.service("shop-internal").selects = true;
        journey.world.floor = 0;
        journey.world.tick(Duration.ofSeconds(20)); // its endpoints follow
        journey.world.floor = 4;
        assertThat(journey.toEnd().status.phase()).isEqualTo(Phase.Completed);
    }

    /** The message says what to do: one that says only that nothing moves helps nobody. */
    @ParameterizedTest
    @CsvSource({"Soaking, Soak", "HandingOver, ApplyChangePaused", "HandingOver, ReleaseTarget"})
    void aDivergedDeploymentIsToldHowToGoOn(Phase phase, String task) {
        Journey journey = new Journey(World.ofShop(), new Spec());
        journey.when(phase, task, () -> journey.world.setTemplate("v3"));
        journey.runFor(Duration.ofMinutes(20));
        assertThat(journey.waiting()).isEqualTo("SourceDiverged");
        assertThat(journey.status.condition("Waiting").orElseThrow().message())
                .contains("kubectl rollout undo deployment/shop", "abort");

        journey.world.setTemplate("v1"); // what kubectl rollout undo makes of it
        assertThat(journey.toEnd().status.phase()).as("done as told").isEqualTo(Phase.Completed);
    }

    @Test
    void aPauseOfTheUsersInARolloutIsTold() {
        Journey journey = new Journey(World.ofShop(), new Spec().via(Via.Settle));
        journey.when(Phase.HandingOver, "AwaitRollout", () -> journey.world.shop().paused = true);
        journey.runFor(Duration.ofMinutes(20));
        assertThat(journey.waiting()).isEqualTo("DeploymentPaused");

        journey.world.shop().paused = false;
        assertThat(journey.toEnd().status.phase()).isEqualTo(Phase.Completed);
    }

    @Test
    void aServiceThatAnotherMigrationHasInHandIsWaitedFor() {
        Journey journey = new Journey(World.ofShop(), new Spec());
        journey.world.service("shop").lockedBy = "Migration other";
        journey.runFor(Duration.ofMinutes(30));
        assertThat(journey.waiting()).isEqualTo("Locked");
        assertThat(journey.performed).as("nothing is made before").isEmpty();

        journey.world.service("shop").lockedBy = null;
        assertThat(journey.toEnd().end()).isEqualTo(COMPLETED);
    }

    @Test
    void aRefusedHoldDoesNotBlockTheWayBack() {
        Journey journey = new Journey(World.ofShop(), new Spec());
        journey.when(Phase.Shifting, "Hold", () -> {
                    journey.world.services.forEach(s -> s.held = false);
                    journey.world.servicesRefused = true;
                    journey.command = "abort";
                })
                .toEnd();
        assertThat(journey.end()).isEqualTo(reverted("Aborted"));
    }

    // ---- the Deployment changes meanwhile ----

    /** To 0 is the user's wish, too; but nothing goes on towards a way back that is not there. */
    @ParameterizedTest
    @CsvSource({"Shifting, Hold", "Soaking, Soak"})
    void scaledToZero(Phase phase, String task) {
        Journey journey = new Journey(World.ofShop(), new Spec());
        journey.when(phase, task, () -> journey.world.scale(0));
        journey.runFor(Duration.ofHours(2));
        assertThat(journey.status.phase()).isEqualTo(phase);
        assertThat(journey.waiting()).isEqualTo("SourceUnready");

        journey.world.abandoned = true;
        journey.deleting = true;
        assertThat(journey.toEnd().end())
                .isEqualTo("Reverted (Deleted); deployment v1 x0; sets [v1 x0 of theirs, 0 ready]" + CLEAN);
    }

    @ParameterizedTest
    @CsvSource({"PinTarget", "ProveCutover", "Propagate", "DrainSource"})
    void theNamespaceGoesWhileAServiceIsPinnedAgain(String task) {
        Journey journey = new Journey(World.ofShop(), new Spec());
        journey.when(Phase.HandingOver, "ReleaseTarget", () -> journey.world.service("shop").pin = null)
                .when(Phase.HandingOver, task, () -> {
                    journey.world.floor = 0;
                    journey.world.abandoned = true;
                    journey.world.deleteDeployment();
                    journey.deleting = true;
                });
        journey.toEnd();
        assertThat(journey.status.phase()).isEqualTo(Phase.Reverted);
    }

    @Test
    void sourceChangedInShifting() {
        Journey journey = new Journey(World.ofShop(), new Spec());
        journey.when(Phase.Shifting, "Hold", () -> {
                    journey.world.floor = 2; // its own rolling update takes some away
                    journey.world.setTemplate("v3");
                })
                .toEnd();

        assertThat(journey.end())
                .isEqualTo(
                        "Reverted (SourceChanged); deployment v3 x4; sets [v1 x0 of theirs, 0 ready, v3 x4 of theirs,"
                                + " 4 ready]" + CLEAN);
    }

    @Test
    void sourceChangedInSoaking() {
        Journey journey = new Journey(World.ofShop(), new Spec());
        journey.when(Phase.Soaking, "Soak", () -> journey.world.setTemplate("v3"));
        journey.runFor(Duration.ofMinutes(30));
        assertThat(journey.status.phase()).isEqualTo(Phase.Soaking);
        assertThat(journey.waiting()).isEqualTo("SourceDiverged");

        journey.world.setTemplate("v1");
        assertThat(journey.toEnd().status.phase()).as("changed back").isEqualTo(Phase.Completed);
    }

    @Test
    void theChangeItselfArrivesWhileSoaking() {
        Journey journey = new Journey(World.ofShop(), new Spec());
        journey.when(Phase.Soaking, "Soak", () -> journey.world.setTemplate("v2"))
                .toEnd();

        assertThat(journey.status.phase()).isEqualTo(Phase.Completed);
        assertThat(journey.status.handover()).isEqualTo("Adopt");
        assertThat(Objects.requireNonNull(journey.world.target()).ready(journey.world.now))
                .isEqualTo(4);
    }

    @ParameterizedTest
    @CsvSource({"Adopt, Resume", "Settle, AwaitRollout", "Settle, Unpin", "Settle, DeleteTarget"})
    void gitPutsTheOldTemplateBack(Via via, String task) {
        Journey journey = new Journey(World.ofShop(), new Spec().via(via));
        journey.when(Phase.HandingOver, task, () -> {
            journey.world.floor = 2;
            journey.world.setTemplate("v1");
        });
        journey.runFor(Duration.ofMinutes(20));
        assertThat(journey.performed.stream().filter(Action.ApplyChange.class::isInstance))
                .as("no war over the template")
                .hasSize(1);
        if (!task.equals("AwaitRollout")) {
            assertThat(journey.end())
                    .startsWith("Reverted (SourceDiverged); deployment v1 x4;")
                    .endsWith(CLEAN);
        } else {
            assertThat(journey.waiting()).isEqualTo("SourceDiverged");
            journey.command = "abort";
            assertThat(journey.toEnd().end())
                    .startsWith("Reverted (Aborted); deployment v1 x4;")
                    .endsWith(CLEAN);
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = Via.class,
            names = {"Adopt", "Settle"})
    void aPauseOfTheUsersIsNotOverwritten(Via via) {
        Journey journey = new Journey(World.ofShop(), new Spec().via(via));
        journey.when(Phase.Soaking, "Soak", () -> journey.world.shop().paused = true);
        journey.runFor(Duration.ofMinutes(20));
        assertThat(journey.waiting()).isEqualTo("DeploymentPaused");
        assertThat(journey.world.shop().paused).isTrue();
        assertThat(journey.world.shop().template).isEqualTo("v1");

        journey.world.shop().paused = false;
        assertThat(journey.toEnd().status.phase()).isEqualTo(Phase.Completed);
    }

    @Test
    void aPauseOfTheUsersLeavesTheWayBackOpen() {
        Journey journey = new Journey(World.ofShop(), new Spec());
        journey.when(Phase.Soaking, "Soak", () -> journey.world.shop().paused = true);
        journey.runUntil(s -> s.phase() == Phase.HandingOver);
        assertThat(journey.status.condition("Reversible").orElseThrow().status())
                .isEqualTo("True");
        journey.command = "abort";
        assertThat(journey.toEnd().status.phase()).isEqualTo(Phase.Reverted);
    }

    @Test
    void thePauseOfAnAdoptThatBecomesASettleIsOurs() {
        Journey journey = new Journey(World.ofShop(), new Spec());
        journey.when(Phase.HandingOver, "ReleaseTarget", () -> journey.world.scale(2))
                .toEnd();
        assertThat(journey.status.handover()).isEqualTo("Settle");
        assertThat(journey.world.shop().paused).isFalse();
    }

    /** As {@code helm upgrade --force} does: the new Service sends to all pods, also to those that are stopped. */
    @ParameterizedTest
    @CsvSource({
        "Adopt, ApplyChangePaused",
        "Adopt, ReleaseTarget",
        "Adopt, Resume",
        "Settle, ApplyChange",
    })
    void aServiceIsMadeAnewInTheHandover(Via via, String task) {
        Journey journey = new Journey(World.ofShop(), new Spec().via(via));
        World.Service internal = journey.world.service("shop-internal");
        journey.when(Phase.HandingOver, task, () -> journey.world.services.remove(internal));
        journey.runUntil(s -> s.phase() == Phase.HandingOver && task.equals(s.task()));
        int before = journey.performed.size();
        journey.runFor(Duration.ofMinutes(20));
        assertThat(journey.waiting()).isEqualTo("ServiceGone");
        assertThat(journey.performed).as("nothing is done meanwhile").hasSize(before);

        journey.world.services.add(journey.world.newService("shop-internal"));
        assertThat(journey.toEnd().status.phase()).isEqualTo(Phase.Completed);
        assertThat(journey.world.toString()).endsWith(CLEAN);
    }

    @Test
    void anAutoscalerDoesNotKeepTheHoldFromEnding() {
        Journey journey = new Journey(World.ofShop(), new Spec());
        journey.runUntil(s -> "Hold".equals(s.task()));
        Instant until = Objects.requireNonNull(
                Objects.requireNonNull(journey.status.step()).holdUntil());
        journey.world.scale(8);
        journey.runUntil(s -> s.step() != null && s.step().index() == 2);
        assertThat(journey.world.now).isBetween(until, until.plusSeconds(30));
    }

    @Test
    void aScaledDownDeploymentBuildsItsOwnPods() {
        Journey journey = new Journey(World.ofShop(), new Spec());
        journey.when(Phase.Soaking, "Soak", () -> journey.world.scale(2)).toEnd();
        assertThat(journey.status.handover())
                .as("adopted, serving pods would have been stopped")
                .isEqualTo("Settle");
    }

    @ParameterizedTest
    @CsvSource({"Shifting, Hold", "Soaking, Soak", "HandingOver, ReleaseTarget", "HandingOver, AwaitAdoption"})
    void deploymentReplaced(Phase phase, String task) {
        Journey journey = new Journey(World.ofShop(), new Spec());
        journey.when(phase, task, () -> {
            journey.world.floor = 0;
            journey.world.deleteDeployment();
            journey.world.deployment = new World.Deployment("uid-of-another", "v1", 4);
        });
        journey.runUntil(MigrationStatus::isTerminal);
        assertThat(journey.cause()).isEqualTo("DeploymentGone");
        journey.world.tick(Duration.ofMinutes(1));
        assertThat(journey.world.services)
                .allSatisfy(s -> assertThat(journey.world.endpoints(s)).hasSizeGreaterThanOrEqualTo(4));
        journey.world.floor = 4;
        journey.world.tick(Duration.ofMinutes(10));

        journey.deleting = true;
        assertThat(journey.toEnd().end()).contains("deployment v1 x4;").endsWith(CLEAN);
    }

    /** What arrives after the end is removed, but not from under the Migration that came next. */
    @ParameterizedTest
    @CsvSource({"false", "true"})
    void anEndedOneKeepsItsHandsOffWhatTheNextOneDoes(boolean next) {
        Journey journey = new Journey(World.ofShop(), new Spec()).toEnd();
        int before = journey.performed.size();
        journey.world.shop().paused = journey.world.shop().pausedByUs = true;
        journey.world.shop().marked = true;
        journey.precededBy = next ? "shop-3" : null;
        journey.runFor(Duration.ofSeconds(30));
        assertThat(journey.performed.subList(before, journey.performed.size()).isEmpty())
                .isEqualTo(next);
        assertThat(journey.world.shop().paused).isEqualTo(next);
    }
}
