package dev.segue.engine;

import static dev.segue.engine.Journey.COMPLETED;
import static dev.segue.engine.Journey.reverted;
import static org.assertj.core.api.Assertions.assertThat;

import dev.segue.analysis.Reading;
import dev.segue.api.Handover.Via;
import dev.segue.api.MigrationSpec.OnFailure;
import dev.segue.api.MigrationStatus.Transition;
import dev.segue.api.Phase;
import dev.segue.engine.Decision.Notice;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Each command in every phase: what it does, or why it does nothing. It is taken once, and never without an answer. */
class UserCommandsTest {
    /** Comes to the task, with the command given at that moment. */
    private static Journey commanded(Phase phase, String task, String command) {
        Journey journey = new Journey(World.ofShop(), new Spec());
        return journey.when(phase, task, () -> journey.command = command);
    }

    private static List<String> told(Journey journey, String reason) {
        return journey.decisions.stream()
                .flatMap(d -> d.notices().stream())
                .filter(n -> n.reason().equals(reason))
                .map(Notice::message)
                .toList();
    }

    // ---- promote ----

    @ParameterizedTest
    @CsvSource({"Shifting, Hold, 1/3", "Shifting, SizeTarget, 1/3", "Shifting, Propagate, 1/3", "Soaking, Soak, 3/3"})
    void promoteSkipsTheRestOfTheHoldAndNothingElse(Phase phase, String task, String step) {
        Instant undisturbed = new Journey(World.ofShop(), new Spec()).toEnd().world.now;
        Journey journey = commanded(phase, task, "promote").toEnd();

        assertThat(journey.end()).isEqualTo(COMPLETED);
        assertThat(told(journey, "Promoted"))
                .singleElement()
                .satisfies(m -> assertThat(m).contains("step " + step));
        assertThat(journey.world.now).isBefore(undisturbed.minusSeconds(40));
        assertThat(journey.visited)
                .as("proofs are not skipped")
                .contains("Shifting/Propagate", "CuttingOver/DrainSource");
    }

    @Test
    void promoteSkipsOneHoldOnly() {
        Journey journey = commanded(Phase.Shifting, "Hold", "promote");
        journey.runUntil(s ->
                s.phase() == Phase.Shifting && Objects.requireNonNull(s.step()).index() == 2);
        journey.runUntil(s -> Objects.equals(s.task(), "Hold"));
        Instant until = Objects.requireNonNull(
                Objects.requireNonNull(journey.status.step()).holdUntil());
        assertThat(until).isEqualTo(journey.world.now.plusSeconds(60));
        journey.runUntil(s -> s.phase() == Phase.CuttingOver);
        assertThat(journey.world.now).isAfterOrEqualTo(until);
    }

    /** The value has to change, or be taken away and given again. */
    @Test
    void promoteCanBeGivenAgain() {
        Journey journey = commanded(Phase.Shifting, "Hold", "promote");
        journey.runUntil(s -> Objects.requireNonNullElse(s.step(), NO_STEP).index() == 2);
        journey.command = "promote@2";
        journey.runUntil(s -> s.phase() == Phase.Soaking);
        journey.command = null;
        journey.runFor(Duration.ofSeconds(10));
        journey.command = "promote";
        journey.toEnd();
        assertThat(told(journey, "Promoted")).hasSize(3);
        assertThat(told(journey, "CommandIgnored")).isEmpty();
    }

    private static final dev.segue.api.MigrationStatus.StepStatus NO_STEP =
            new dev.segue.api.MigrationStatus.StepStatus(0, "", 0, 0, "", 0, null, null, null);

    @Test
    void promoteSkipsNoCheck() {
        Journey journey = new Journey(World.ofShop(), new Spec().metric());
        journey.metric = new Reading.NoData("nothing there");
        journey.when(Phase.Shifting, "Hold", () -> journey.command = "promote");
        journey.runFor(Duration.ofMinutes(30));
        assertThat(journey.status.phase()).isEqualTo(Phase.Shifting);
        assertThat(journey.waiting()).isEqualTo("NoData");

        journey.command = "promote@2";
        journey.runFor(Duration.ofSeconds(10));
        assertThat(told(journey, "CommandIgnored"))
                .singleElement()
                .satisfies(m -> assertThat(m).contains("the hold is over"));
        assertThat(journey.waiting()).as("goes on saying what it waits for").isEqualTo("NoData");
    }

    @Test
    void promoteMovesNothingWhilePaused() {
        Journey journey = commanded(Phase.Shifting, "Hold", "promote");
        journey.spec.paused = false;
        journey.runUntil(s -> Objects.equals(s.task(), "Hold"));
        journey.spec.paused = true;
        journey.runFor(Duration.ofMinutes(10));
        assertThat(journey.status.phase()).isEqualTo(Phase.Shifting);
        assertThat(journey.waiting()).isEqualTo("Paused");
    }

    // ---- retry ----

    @Test
    void retryAfterAWayBackRunsAgainWithATargetOfItsOwn() {
        Journey journey = commanded(Phase.Shifting, "Hold", "abort").toEnd();
        assertThat(journey.end()).isEqualTo(reverted("Aborted"));
        String first = Objects.requireNonNull(journey.status.target()).replicaSet();
        List<Transition> told = journey.status.timelineOrEmpty();

        journey.world.run = 2;
        again(journey);
        assertThat(journey.end()).isEqualTo(COMPLETED);
        assertThat(journey.status.run()).isEqualTo(2);
        assertThat(Objects.requireNonNull(journey.status.target()).replicaSet()).isNotEqualTo(first);
        assertThat(journey.status.timelineOrEmpty()).startsWith(told.toArray(Transition[]::new));
        assertThat(told(journey, "Retried")).containsExactly("run 2 begins: a user asked for it");
    }

    @Test
    void retryAfterAFailedAssessmentLooksAgain() {
        Journey journey = new Journey(World.ofShop(), new Spec());
        journey.world.shop().paused = true;
        journey.toEnd();
        assertThat(journey.cause()).isEqualTo("DeploymentPaused");

        journey.world.shop().paused = false;
        journey.world.run = 2;
        again(journey);
        assertThat(journey.end()).isEqualTo(COMPLETED);
    }

    private static void again(Journey journey) {
        journey.command = "retry";
        journey.runUntil(s -> !s.isTerminal()).toEnd();
    }

    /** The Deployment is gone, and comes back. */
    @Test
    void retryOfAStuckOneTriesTheWayBackAgain() {
        Journey journey = new Journey(World.ofShop(), new Spec());
        journey.runUntil(s -> s.phase() == Phase.Soaking && Objects.equals(s.task(), "Soak"));
        journey.world.floor = 0;
        World.Deployment shop = journey.world.shop();
        List<World.ReplicaSet> theirs = List.copyOf(journey.world.owned(shop));
        journey.world.deployment = null;
        journey.toEnd();
        assertThat(journey.status.phase()).isEqualTo(Phase.Stuck);
        assertThat(theirs).isNotEmpty();

        journey.world.deployment = shop;
        again(journey);
        assertThat(journey.end()).isEqualTo(reverted("DeploymentGone"));
    }

    @ParameterizedTest
    @CsvSource({
        "Pending, AwaitTurn",
        "Preparing, AwaitTarget",
        "Shifting, Hold",
        "Soaking, Soak",
        "Finishing, DeleteHold"
    })
    void retryOfARunningOneIsIgnored(Phase phase, String task) {
        Journey journey = commanded(phase, task, "retry").toEnd();
        assertThat(journey.end()).isEqualTo(COMPLETED);
        assertThat(told(journey, "CommandIgnored")).containsExactly("retry has no effect: it has not ended");
    }

    // ---- ignored ----

    @ParameterizedTest
    @CsvSource({
        "Pending, AwaitTurn",
        "Assessing, CheckWorkload",
        "Preparing, AwaitTarget",
        "CuttingOver, DrainSource",
        "HandingOver, AwaitAdoption",
        "Finishing, DeleteHold"
    })
    void promoteWithoutAHoldIsIgnored(Phase phase, String task) {
        Journey journey = commanded(phase, task, "promote").toEnd();
        assertThat(journey.end()).isEqualTo(COMPLETED);
        assertThat(told(journey, "CommandIgnored"))
                .containsExactly("promote has no effect: there is no hold to skip in " + phase);
    }

    @ParameterizedTest
    @CsvSource({"Adopt, AwaitAdoption", "Adopt, ProveEndpoints", "Settle, AwaitRollout", "Settle, DrainTarget"})
    void abortIsTooLateOnceTheDeploymentHasTheNewVersion(Via via, String task) {
        Journey journey = new Journey(World.ofShop(), new Spec().via(via));
        journey.when(Phase.HandingOver, task, () -> journey.command = "abort").toEnd();
        assertThat(journey.end()).isEqualTo(COMPLETED);
        assertThat(told(journey, "CommandIgnored"))
                .containsExactly(
                        "abort has no effect: the Deployment has the new version; to go back, migrate to the old one");
    }

    @Test
    void abortGivenTwiceIsAnswered() {
        Journey journey = commanded(Phase.Soaking, "Soak", "abort");
        journey.when(Phase.Reverting, "DrainTarget", () -> journey.command = "abort@again")
                .toEnd();
        assertThat(journey.end()).isEqualTo(reverted("Aborted"));
        assertThat(told(journey, "CommandIgnored")).containsExactly("abort has no effect: it is going back already");
    }

    @Test
    void commandsAfterTheEndAreAnsweredAndChangeNothing() {
        Journey journey = new Journey(World.ofShop(), new Spec()).toEnd();
        String ready = journey.status.condition("Ready").orElseThrow().message();
        for (String command : List.of("abort", "promote", "retry")) {
            journey.command = command;
            journey.runFor(Duration.ofSeconds(5));
            assertThat(journey.status.phase()).isEqualTo(Phase.Completed);
            assertThat(journey.status.condition("Ready").orElseThrow().message())
                    .isEqualTo(ready);
        }
        assertThat(told(journey, "CommandIgnored")).hasSize(3);
    }

    /** What an answer must not do is to hide what is waited for. */
    @Test
    void anIgnoredCommandKeepsTheConditions() {
        Journey journey = new Journey(World.ofShop(), new Spec().metric().onFailure(OnFailure.Hold));
        journey.runUntil(s -> Objects.equals(s.task(), "Hold"));
        journey.metric = new Reading.Value(11);
        journey.runUntil(_ -> Objects.equals(journey.waiting(), "CheckFailed"));
        journey.command = "retry";
        journey.runUntil(s -> "retry".equals(s.command()));
        assertThat(journey.waiting()).isEqualTo("CheckFailed");
    }
}
