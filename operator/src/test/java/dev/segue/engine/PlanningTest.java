package dev.segue.engine;

import static dev.segue.engine.Journey.COMPLETED;
import static org.assertj.core.api.Assertions.assertThat;

import dev.segue.api.Analysis.OnInconclusive;
import dev.segue.api.MigrationSpec.Mode;
import dev.segue.api.MigrationStatus.Transition;
import dev.segue.api.Phase;
import dev.segue.api.PlanStatus;
import dev.segue.api.Step;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** A plan that is offered, run, changed or void. {@link Journey} checks the promise at every look. */
class PlanningTest {
    private static Journey planned() {
        Spec spec = new Spec();
        spec.mode = Mode.Plan;
        return later(new Journey(World.ofShop(), spec).runUntil(s -> s.phase() == Phase.Planned));
    }

    private static Journey later(Journey journey) {
        journey.world.tick(Duration.ofMinutes(1));
        return journey;
    }

    /** A rollout of its user's, which stops pods as it likes. */
    private static void rollOut(World world) {
        world.floor = 0;
        world.setTemplate("v1b");
        world.tick(Duration.ofMinutes(2));
        world.usersChurn = false;
        world.floor = 4;
    }

    private static PlanStatus plan(Journey journey) {
        return Objects.requireNonNull(journey.status.plan());
    }

    private static List<String> reasons(Journey journey) {
        return journey.status.timelineOrEmpty().stream().map(Transition::reason).toList();
    }

    @Test
    void modePlanStopsWithThePlanInTheStatusAndNothingElseDone() {
        Journey journey = planned();
        String before = journey.world.toString();
        journey.runFor(Duration.ofHours(1));

        assertThat(journey.status.phase()).isEqualTo(Phase.Planned);
        assertThat(journey.waiting()).isEqualTo("Planned");
        assertThat(journey.status.condition("Planned"))
                .hasValueSatisfying(c -> assertThat(c.status()).isEqualTo("True"));
        assertThat(plan(journey).offeredAt()).isEqualTo(journey.status.phaseSince());
        assertThat(journey.performed).containsExactly(new Action.WriteReport(Phase.Assessing));
        assertThat(journey.world).hasToString(before);
        assertThat(reasons(journey)).containsExactly("Pending", "Assessing", "Planned");
        assertThat(journey.decisions.getLast().next())
                .as("an idle plan costs nothing")
                .isEqualTo(Duration.ofMinutes(10));
    }

    /** The history is read once, before the plan is made. */
    @Test
    void whatTheSourceWasLikeStandsBesideThePlan() {
        Spec spec = new Spec().compares(Step.Gate.NoHarm, OnInconclusive.Pause);
        spec.mode = Mode.Plan;
        Journey journey = new Journey(World.ofShop(), spec).runUntil(s -> s.phase() == Phase.Planned);

        assertThat(journey.status.metricsOrEmpty()).singleElement().satisfies(m -> {
            assertThat(m.verdict()).isEqualTo("Baseline");
            assertThat(m.baseline()).isNotNull();
        });
    }

    @Test
    void modeRunExecutesThatVeryPlan() {
        Journey journey = planned();
        PlanStatus offered = plan(journey);
        journey.world.tick(Duration.ofMinutes(3));
        journey.spec.mode = Mode.Run;

        assertThat(journey.toEnd().end()).isEqualTo(COMPLETED);
        assertThat(journey.status.plan()).isEqualTo(offered);
        assertThat(reasons(journey))
                .containsSubsequence("Planned", "Pending", "Assessing", "Preparing", "Completed")
                .doesNotContain("Replanned", "PlanVoid");
        assertThat(journey.status.condition("Planned")).isEmpty();
    }

    @Test
    void modeRunFromTheStartPlansAsWell() {
        Journey journey = new Journey(World.ofShop(), new Spec()).runUntil(s -> s.phase() == Phase.Preparing);

        assertThat(plan(journey).offeredAt()).isNull();
        assertThat(journey.performed).containsExactly(new Action.WriteReport(Phase.Assessing));
        assertThat(journey.toEnd().end()).isEqualTo(COMPLETED);
        assertThat(journey.performed).endsWith(new Action.WriteReport(Phase.Finishing));
    }

    /** What an autoscaler does is no other plan. */
    @Test
    void aDeploymentThatIsScaledVoidsNoPlan() {
        Journey journey = planned();
        journey.world.scale(5);
        journey.world.tick(Duration.ofMinutes(1));
        journey.spec.mode = Mode.Run;

        assertThat(journey.toEnd().status.phase()).isEqualTo(Phase.Completed);
    }

    @TestFactory
    Stream<DynamicTest> whatThePlanRestsOnHasChangedSoNothingIsRun() {
        return Stream.of(
                voided("template", "Deployment shop: template was changed", j -> rollOut(j.world)),
                voided(
                        "a Service more",
                        "Service third is new",
                        j -> j.world.services.add(j.world.newService("third"))),
                voided("a Service replaced", "Service shop was replaced by another of its name", j -> {
                    j.world.services.remove(j.world.service("shop"));
                    j.world.services.add(j.world.newService("shop"));
                }),
                voided(
                        "the spec, in the same moment",
                        "spec.steps was changed",
                        j -> j.spec.steps = List.of(new Step(100, "1m"))));
    }

    private static DynamicTest voided(String name, String message, Consumer<Journey> change) {
        return DynamicTest.dynamicTest(name, () -> {
            Journey journey = planned();
            change.accept(journey);
            journey.spec.mode = Mode.Run;
            journey.runUntil(s -> s.isTerminal());

            assertThat(journey.status.phase()).isEqualTo(Phase.Failed);
            assertThat(Objects.requireNonNull(journey.status.cause()).reason()).isEqualTo("PlanVoid");
            assertThat(journey.status.cause().message()).contains(message);
            assertThat(journey.status.cause().remedy()).contains("\"mode\":\"Plan\"", "segue.dev/command=retry");
            assertThat(journey.performed).containsExactly(new Action.WriteReport(Phase.Assessing));

            later(journey).command = "retry";
            journey.look();
            assertThat(journey.status.plan())
                    .as("what was offered is forgotten")
                    .isNull();
            journey.runUntil(s -> s.phase() == Phase.Preparing);
        });
    }

    @Test
    void anotherSpecIsPlannedAnew() {
        Journey journey = planned();
        PlanStatus first = plan(journey);
        journey.spec.steps = List.of(new Step(50, "1m"), new Step(100, "1m"));
        journey.look();
        assertThat(journey.status.timelineOrEmpty().getLast().reason()).isEqualTo("Replanned");
        assertThat(journey.status.timelineOrEmpty().getLast().message()).contains("spec.steps was changed");

        journey.runUntil(s -> s.phase() == Phase.Planned);
        assertThat(plan(journey).hash()).isNotEqualTo(first.hash());
        later(journey).spec.mode = Mode.Run;
        assertThat(journey.toEnd().end()).isEqualTo(COMPLETED);
    }

    /** It says when, not what: it neither keeps a plan from being made nor makes another one. */
    @Test
    void aPauseHoldsTheRunButNotThePlan() {
        Spec spec = new Spec();
        spec.mode = Mode.Plan;
        spec.paused = true;
        Journey journey = new Journey(World.ofShop(), spec).runUntil(s -> s.phase() == Phase.Planned);
        PlanStatus offered = plan(journey);
        spec.paused = false;
        journey.runFor(Duration.ofMinutes(20));
        spec.paused = true;
        journey.runFor(Duration.ofMinutes(20));
        assertThat(journey.status.plan()).isEqualTo(offered);

        spec.mode = Mode.Run;
        journey.runFor(Duration.ofMinutes(20));
        assertThat(journey.status.phase()).isEqualTo(Phase.Assessing);
        assertThat(journey.waiting()).isEqualTo("Paused");
        spec.paused = false;
        assertThat(journey.toEnd().end()).isEqualTo(COMPLETED);
    }

    /** Nobody has seen that plan, so there is nothing to keep to. */
    @Test
    void aRunThatIsPausedBeforeItsBeginningFollowsTheWorld() {
        Spec spec = new Spec();
        spec.paused = true;
        Journey journey = new Journey(World.ofShop(), spec);
        journey.runFor(Duration.ofMinutes(5));
        assertThat(journey.status.task()).isEqualTo("WriteReport");
        PlanStatus first = plan(journey);
        rollOut(journey.world);
        journey.runFor(Duration.ofMinutes(5));
        spec.paused = false;

        journey.runUntil(s -> s.phase() == Phase.Preparing);
        assertThat(plan(journey).hash()).isNotEqualTo(first.hash());
        assertThat(reasons(journey)).doesNotContain("PlanVoid");
    }

    @Test
    void theCommandsHaveAnswers() {
        Journey aborted = planned();
        aborted.command = "abort";
        aborted.toEnd();
        assertThat(aborted.status.phase()).isEqualTo(Phase.Failed);
        assertThat(aborted.cause()).isEqualTo("Aborted");

        Journey promoted = planned();
        promoted.command = "promote";
        promoted.look();
        assertThat(promoted.status.timelineOrEmpty().getLast().reason()).isEqualTo("CommandIgnored");
        assertThat(promoted.status.phase()).isEqualTo(Phase.Planned);

        Journey again = planned();
        again.command = "retry";
        again.look();
        assertThat(again.status.timelineOrEmpty().getLast().reason()).isEqualTo("Replanned");
        assertThat(again.status.plan()).isNull();
        assertThat(again.runUntil(s -> s.phase() == Phase.Planned).status.plan())
                .isNotNull();

        Journey deleted = planned();
        deleted.deleting = true;
        deleted.look();
        assertThat(deleted.status.phase()).isEqualTo(Phase.Failed);
    }

    /** Before it is run it waits for its turn, as it had none while it was only a plan. */
    @Test
    void aPlanThatIsToBeRunWaitsForItsTurn() {
        Journey journey = planned();
        journey.precededBy = "shop-3";
        journey.runFor(Duration.ofMinutes(5));
        assertThat(journey.status.phase()).isEqualTo(Phase.Planned);
        journey.spec.mode = Mode.Run;
        journey.runFor(Duration.ofMinutes(5));
        assertThat(journey.waiting()).isEqualTo("Locked");
        journey.precededBy = null;
        assertThat(journey.toEnd().end()).isEqualTo(COMPLETED);
    }

    @Test
    void whatIsThereAlreadyNeedsNoPlan() {
        Spec spec = new Spec();
        spec.mode = Mode.Plan;
        Journey journey = new Journey(new World("v2", "v2", 4, "shop"), spec).toEnd();

        assertThat(journey.status.timelineOrEmpty().getLast().reason()).isEqualTo("Superseded");
        assertThat(journey.performed).isEmpty();
    }

    @TestFactory
    Stream<DynamicTest> noWayHangsOnAReport() {
        return Stream.of(
                unreported("somebody else's", "is not this Migration's", w -> w.foreignReport = true),
                unreported("refused", "could not be written within 15s", w -> w.reportsRefused = true));
    }

    private static DynamicTest unreported(String name, String message, Consumer<World> trouble) {
        return DynamicTest.dynamicTest(name, () -> {
            World world = World.ofShop();
            trouble.accept(world);
            Journey there = new Journey(world, new Spec()).toEnd();
            assertThat(there.end()).isEqualTo(COMPLETED);
            assertThat(there.status.findingsOrEmpty()).singleElement().satisfies(f -> {
                assertThat(f.reason()).isEqualTo("ReportSkipped");
                assertThat(f.message()).contains(message);
            });
            assertThat(world.report).isNull();

            World held = World.ofShop();
            trouble.accept(held);
            Spec paused = new Spec();
            paused.paused = true;
            Journey waits = new Journey(held, paused);
            waits.runFor(Duration.ofHours(1));
            assertThat(waits.waiting()).isEqualTo("Paused");
            assertThat(waits.status.findingsOrEmpty()).as("noted once").hasSize(1);

            World later = World.ofShop();
            trouble.accept(later);
            Journey repaired = new Journey(later, new Spec()).runUntil(s -> s.phase() == Phase.Shifting);
            later.foreignReport = false;
            later.reportsRefused = false;
            assertThat(repaired.toEnd().status.findingsOrEmpty()).isEmpty();
            assertThat(later.report).isEqualTo(Phase.Finishing);

            World other = World.ofShop();
            trouble.accept(other);
            Journey back = new Journey(other, new Spec()).runUntil(s -> s.phase() == Phase.Shifting);
            back.command = "abort";
            back.toEnd();
            assertThat(back.end()).isEqualTo(Journey.reverted("Aborted"));
        });
    }
}
