package dev.segue.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.segue.analysis.Reading;
import dev.segue.api.Command;
import dev.segue.api.Deadline;
import dev.segue.api.Handover.Via;
import dev.segue.api.Migration;
import dev.segue.api.MigrationSpec.OnFailure;
import dev.segue.api.MigrationStatus;
import dev.segue.api.MigrationStatus.StepStatus;
import dev.segue.api.Phase;
import dev.segue.api.Step;
import dev.segue.api.Verify.OnTimeout;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Whole migrations in a world of their own; {@link Journey} checks the promise at every look. */
class ScenarioTest {
    private static final Phase[] FORWARD = {
        Phase.Pending,
        Phase.Assessing,
        Phase.Preparing,
        Phase.Shifting,
        Phase.CuttingOver,
        Phase.Soaking,
        Phase.HandingOver,
        Phase.Finishing,
        Phase.Completed
    };

    /** The end of a {@link World}'s description when nothing of ours is left on the Services. */
    static final String CLEAN = "; services [shop, shop-internal]";

    private static final String COMPLETED =
            "Completed (null); deployment v2 x4; sets [v1 x0 of theirs, 0 ready, v2 x4 of theirs, 4 ready]" + CLEAN;

    private static String reverted(String cause) {
        return "Reverted (%s); deployment v1 x4; sets [v1 x4 of theirs, 4 ready]%s".formatted(cause, CLEAN);
    }

    /** The Deployment has been at the desired version before, and keeps that ReplicaSet in its history. */
    static World backToFirst() {
        World world = new World("v1", "v1", 4, "shop", "shop-internal");
        world.floor = 0;
        world.setTemplate("v2");
        world.tick(Duration.ofMinutes(2));
        world.usersChurn = false;
        world.floor = 4;
        return world;
    }

    // ---- to the end ----

    @Test
    void adopt() {
        Journey journey = new Journey(World.ofShop(), new Spec()).toEnd();

        assertThat(journey.phases()).containsExactly(FORWARD);
        assertThat(journey.end()).isEqualTo(COMPLETED);
        assertThat(journey.status.handover()).isEqualTo("Adopt");
        assertThat(journey.status.servicesOrEmpty())
                .allSatisfy(s -> assertThat(s.targetEndpoints()).isEqualTo(4));
        assertThat(journey.performed).as("no act was needed twice").doesNotHaveDuplicates();
    }

    @Test
    void adoptedPodsAreTheOnesThatWereStartedAtFirst() {
        Journey journey = new Journey(World.ofShop(), new Spec());
        journey.runUntil(s -> s.phase() == Phase.Shifting);
        List<String> first = podsOfTarget(journey.world);

        journey.toEnd();
        assertThat(podsOfTarget(journey.world)).containsAll(first).hasSize(4);
    }

    private static List<String> podsOfTarget(World world) {
        return Objects.requireNonNull(world.target()).pods.stream()
                .map(p -> p.uid)
                .toList();
    }

    @Test
    void settleByChoice() {
        Journey journey = new Journey(World.ofShop(), new Spec().via(Via.Settle)).toEnd();

        assertThat(journey.phases()).containsExactly(FORWARD);
        assertThat(journey.end()).isEqualTo(COMPLETED);
        assertThat(journey.world.target()).as("our ReplicaSet").isNull();
        assertThat(Objects.requireNonNull(journey.status.step()).traffic()).isEqualTo("100%");
        assertThat(Objects.requireNonNull(journey.status.target()).availability())
                .isEqualTo("4/4");
    }

    @Test
    void settleBecauseOfAnOlderTwin() {
        Journey journey = new Journey(backToFirst(), new Spec()).toEnd();

        assertThat(journey.phases()).containsExactly(FORWARD);
        assertThat(journey.status.handover()).isEqualTo("Settle");
        assertThat(journey.end())
                .isEqualTo(
                        "Completed (null); deployment v1 x4; sets [v1 x4 of theirs, 4 ready, v2 x0 of theirs, 0 ready]"
                                + CLEAN);
    }

    @Test
    void thereAndBackAndThereAgain() {
        World world = World.ofShop();
        new Journey(world, new Spec()).toEnd();
        Journey back = new Journey(world.nextMigration("second", "v1"), new Spec()).toEnd();
        assertThat(back.status.handover()).isEqualTo("Settle");
        Journey again = new Journey(world.nextMigration("third", "v2"), new Spec()).toEnd();
        assertThat(again.status.handover()).isEqualTo("Settle");
        assertThat(again.end()).isEqualTo(COMPLETED);
        assertThat(new Journey(world.nextMigration("fourth", "v3"), new Spec())
                        .toEnd()
                        .status
                        .handover())
                .isEqualTo("Adopt");
    }

    @Test
    void defaults() {
        Journey journey = new Journey(World.ofShop(), new Spec().bare()).toEnd();

        assertThat(journey.end()).isEqualTo(COMPLETED);
        assertThat(journey.decisions.stream()
                        .map(d -> d.status().step())
                        .filter(Objects::nonNull)
                        .map(s -> s.position() + " " + s.weight() + "% as " + s.effectiveWeight() + "%")
                        .distinct())
                .containsExactly("1/3 25% as 33%", "2/3 50% as 50%", "3/3 100% as 100%");
        Duration took = Duration.between(
                Objects.requireNonNull(journey.status.startedAt()),
                Objects.requireNonNull(journey.status.phaseSince()));
        assertThat(took).isGreaterThan(Duration.ofMinutes(45)); // 5 + 10 + 30
    }

    @Test
    void allAtOnce() {
        Spec spec = new Spec();
        spec.steps = List.of(new Step(100, "1m"));
        Journey journey = new Journey(World.ofShop(), spec).toEnd();

        assertThat(journey.phases()).doesNotContain(Phase.Shifting);
        assertThat(journey.end()).isEqualTo(COMPLETED);
    }

    @Test
    void superseded() {
        Journey journey = new Journey(new World("v2", "v2", 4, "shop"), new Spec()).toEnd();

        assertThat(journey.status.phase()).isEqualTo(Phase.Completed);
        assertThat(journey.status.timelineOrEmpty().getLast().reason()).isEqualTo("Superseded");
        assertThat(journey.performed).isEmpty();
    }

    @Test
    void waitsForAnEarlierMigration() {
        Journey journey = new Journey(World.ofShop(), new Spec());
        journey.precededBy = "shop-1";
        journey.runFor(Duration.ofMinutes(5));
        assertThat(journey.status.phase()).isEqualTo(Phase.Pending);
        assertThat(journey.waiting()).isEqualTo("Locked");

        journey.precededBy = null;
        assertThat(journey.toEnd().end()).isEqualTo(COMPLETED);
    }

    @Test
    void aHoldBeginsWhenTheNodesHaveTheEndpointsAndIsNotShortened() {
        Journey journey = new Journey(World.ofShop(), new Spec());
        journey.runUntil(s -> s.step() != null && s.step().holdUntil() != null);
        StepStatus step = Objects.requireNonNull(journey.status.step());
        Instant held = Objects.requireNonNull(step.holdSince());
        assertThat(held).isAfterOrEqualTo(journey.world.now.minusSeconds(1));
        assertThat(journey.world.services)
                .as("every Service had all target pods for 15 s (verify.propagation)")
                .allSatisfy(s -> assertThat(s.slices.get(held.minusSeconds(15))).hasSize(6));

        journey.runUntil(s -> s.step() != null && s.step().index() == 2);
        assertThat(journey.world.now).isAfterOrEqualTo(held.plus(Duration.ofMinutes(1)));
    }

    // ---- a bad target ----

    @Test
    void targetNeverReady() {
        Journey journey = new Journey(World.ofShop(), new Spec());
        journey.world.startup.put("v2", null);
        journey.toEnd();

        assertThat(journey.end()).isEqualTo(reverted("TargetNeverReady"));
        assertThat(journey.world.now).isAfter(Instant.parse("2026-01-01T00:06:00Z")); // deadline.prepare: 5m
        assertThat(journey.performed)
                .noneMatch(a -> a instanceof Action.Pin(var _, var _, String hash) && hash.startsWith("m"))
                .isNotEmpty();
    }

    @Test
    void theSecondStepsPodsNeverReady() {
        Journey journey = new Journey(World.ofShop(), new Spec());
        journey.when(Phase.Shifting, "Hold", () -> journey.world.startup.put("v2", null))
                .toEnd();

        assertThat(journey.end()).isEqualTo(reverted("TargetNeverReady"));
    }

    @ParameterizedTest
    @CsvSource({
        "Preparing, AwaitTarget, CrashLoopBackOff, 0",
        "Shifting, Hold, CrashLoopBackOff, 0",
        "CuttingOver, HoldEndpoints, CrashLoopBackOff, 0",
        "CuttingOver, DrainSource, CrashLoopBackOff, 0",
        "Soaking, Soak, CrashLoopBackOff, 0",
        "Preparing, AwaitTarget, InvalidImageName, 0",
        "Soaking, Soak, CreateContainerError, 0",
        "Shifting, Hold, , 2",
        "Soaking, Soak, , 2",
    })
    void oneTargetPodCrashes(Phase phase, String task, @Nullable String trouble, int restarts) {
        Journey journey = new Journey(World.ofShop(), new Spec());
        journey.world.floor = 3;
        journey.when(phase, task, () -> {
                    World.Pod pod =
                            Objects.requireNonNull(journey.world.target()).pods.getFirst();
                    pod.trouble = trouble;
                    pod.restarts = restarts;
                    pod.down = trouble != null;
                })
                .toEnd();

        assertThat(journey.end()).isEqualTo(reverted(trouble == null ? "TargetRestarting" : trouble));
        assertThat(Objects.requireNonNull(journey.status.cause()).during()).isEqualTo(phase);
    }

    @Test
    void anImageMayTakeASecondTry() {
        Journey journey = new Journey(World.ofShop(), new Spec());
        journey.world.startup.put("v2", Duration.ofSeconds(60));
        journey.when(Phase.Preparing, "AwaitTarget", () -> pull(journey.world, "ErrImagePull"));
        journey.runFor(Duration.ofSeconds(20));
        assertThat(journey.status.phase()).isEqualTo(Phase.Preparing);
        pull(journey.world, null);
        journey.runFor(Duration.ofSeconds(20));
        pull(journey.world, "ImagePullBackOff");
        assertThat(journey.toEnd().end()).as("after 30 s it is the image").isEqualTo(reverted("ImagePullBackOff"));
    }

    private static void pull(World world, @Nullable String trouble) {
        Objects.requireNonNull(world.target()).pods.forEach(p -> p.trouble = trouble);
    }

    @ParameterizedTest
    @CsvSource({"20, Completed", "60, Reverted"})
    void aTargetPodIsNotReadyForAWhile(int seconds, Phase end) {
        Journey journey = new Journey(World.ofShop(), new Spec());
        journey.world.floor = 3;
        journey.when(Phase.Soaking, "Soak", () -> {});
        journey.runUntil(s -> "Soak".equals(s.task()));
        World.Pod pod = Objects.requireNonNull(journey.world.target()).pods.getFirst();
        pod.down = true;
        journey.runFor(Duration.ofSeconds(seconds));
        pod.down = false;
        journey.toEnd();

        assertThat(journey.end()).isEqualTo(end == Phase.Completed ? COMPLETED : reverted("TargetUnavailable"));
    }

    @ParameterizedTest
    @CsvSource({"Shifting, Hold", "CuttingOver, DrainSource", "Soaking, Soak"})
    void metricFails(Phase phase, String task) {
        Journey journey = new Journey(World.ofShop(), new Spec().metric());
        journey.when(phase, task, () -> journey.metric = new Reading.Value(10.5))
                .toEnd();

        assertThat(journey.end()).isEqualTo(reverted("MetricFailed"));
        assertThat(Objects.requireNonNull(journey.status.cause()).during()).isEqualTo(phase);
        assertThat(Objects.requireNonNull(journey.status.cause()).message())
                .isEqualTo("metric errors is 10.5, above 10 in 3 of the last 5 evaluations");
    }

    @Test
    void aSingleBadEvaluationDoesNotFailAMetric() {
        Journey journey = new Journey(World.ofShop(), new Spec().metric());
        journey.when(Phase.Shifting, "Hold", () -> journey.metric = new Reading.Value(11));
        journey.runUntil(s -> !s.metricsOrEmpty().isEmpty()
                && s.metricsOrEmpty().getFirst().exceeded().contains(true));
        journey.metric = new Reading.Value(9);
        assertThat(journey.toEnd().end()).isEqualTo(COMPLETED);
    }

    @ParameterizedTest
    @CsvSource({"Shifting, Hold", "Soaking, Soak"})
    void missingDataHolds(Phase phase, String task) {
        Journey journey = new Journey(World.ofShop(), new Spec().metric());
        journey.when(phase, task, () -> journey.metric = new Reading.NoData("Prometheus does not answer"));
        journey.runFor(Duration.ofMinutes(60));
        assertThat(journey.status.phase()).isEqualTo(phase);
        assertThat(journey.waiting()).isEqualTo("NoData");

        journey.metric = new Reading.Value(0);
        assertThat(journey.toEnd().end()).isEqualTo(COMPLETED);
    }

    @Test
    void totalDeadline() {
        Journey journey = new Journey(World.ofShop(), new Spec().metric());
        journey.when(Phase.Soaking, "Soak", () -> journey.metric = new Reading.NoData("no"));
        journey.spec.deadline = new Deadline("5m", "1h");
        assertThat(journey.toEnd().end()).isEqualTo(reverted("DeadlineExceeded"));
    }

    // ---- onFailure: Hold ----

    @Test
    void holdOnFailure() {
        Journey journey = new Journey(World.ofShop(), new Spec().metric().onFailure(OnFailure.Hold));
        journey.when(Phase.Soaking, "Soak", () -> journey.metric = new Reading.Value(11));
        journey.runFor(Duration.ofMinutes(30));
        assertThat(journey.status.phase()).isEqualTo(Phase.Soaking);
        assertThat(journey.waiting()).isEqualTo("CheckFailed");

        journey.metric = new Reading.Value(0);
        assertThat(journey.toEnd().end()).isEqualTo(COMPLETED);
    }

    @Test
    void holdOnFailureIsNoTrapForAnAbort() {
        Journey journey = new Journey(World.ofShop(), new Spec().metric().onFailure(OnFailure.Hold));
        journey.when(Phase.Soaking, "Soak", () -> journey.metric = new Reading.Value(11));
        journey.runFor(Duration.ofMinutes(30));
        journey.command = "abort";
        assertThat(journey.toEnd().end()).isEqualTo(reverted("Aborted"));
    }

    @Test
    void holdDoesNotHoldAnOutage() {
        Journey journey = new Journey(World.ofShop(), new Spec().onFailure(OnFailure.Hold));
        journey.runUntil(s -> "Soak".equals(s.task()));
        journey.world.floor = 0;
        List<World.Pod> pods = List.copyOf(Objects.requireNonNull(journey.world.target()).pods);
        pods.forEach(p -> p.down = true);
        journey.runFor(Duration.ofMinutes(2));
        assertThat(journey.waiting()).isEqualTo("CheckFailed");
        assertThat(journey.world.services)
                .as("the source serves")
                .allSatisfy(s -> assertThat(s.endpoints(journey.world.now)).hasSize(4));

        pods.forEach(p -> p.down = false);
        journey.world.tick(Duration.ofSeconds(5));
        journey.world.floor = 4;
        assertThat(journey.toEnd().end())
                .as("the source is drained again before it is stopped")
                .isEqualTo(COMPLETED);
    }

    @Test
    void aServiceThatIsGoneStaysMissed() {
        Journey journey = new Journey(World.ofShop(), new Spec().onFailure(OnFailure.Hold));
        journey.runUntil(s -> "Hold".equals(s.task()));
        journey.world.services.removeLast();
        journey.runFor(Duration.ofMinutes(10));
        assertThat(journey.status.phase()).isEqualTo(Phase.Shifting);
        assertThat(journey.waiting()).isEqualTo("CheckFailed");
    }

    @Test
    void aServiceThatIsGoneReverts() {
        Journey journey = new Journey(World.ofShop(), new Spec());
        journey.when(Phase.Soaking, "Soak", () -> journey.world.services.removeLast())
                .toEnd();
        assertThat(journey.end()).startsWith("Reverted (ServiceGone)").endsWith("; services [shop]");
    }

    // ---- what the user says ----

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

    // ---- the Deployment changes meanwhile ----

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
    @CsvSource({"Adopt, Resume", "Settle, AwaitRollout"})
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
        if (via == Via.Adopt) {
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
                .allSatisfy(s -> assertThat(s.endpoints(journey.world.now)).hasSizeGreaterThanOrEqualTo(4));
        journey.world.floor = 4;
        journey.world.tick(Duration.ofMinutes(10));

        journey.deleting = true;
        assertThat(journey.toEnd().end()).contains("deployment v1 x4;").endsWith(CLEAN);
    }

    // ---- the drain ----

    @Test
    void neverQuietHolds() {
        Journey journey = new Journey(World.ofShop(), new Spec().drainByQuery(OnTimeout.Hold));
        journey.neverQuiet = true;
        journey.runUntil(s -> "DrainSource".equals(s.task())).runFor(Duration.ofMinutes(60));
        assertThat(journey.status.phase()).isEqualTo(Phase.CuttingOver);
        assertThat(journey.waiting()).isEqualTo("Draining");
        assertThat(journey.status.condition("Waiting").orElseThrow().message())
                .contains("verify.drain.timeout", "graceful shutdown", "verify.drain.onTimeout: Proceed");

        journey.neverQuiet = false;
        assertThat(journey.toEnd().end()).isEqualTo(COMPLETED);
    }

    @Test
    void neverQuietProceeds() {
        Journey journey = new Journey(World.ofShop(), new Spec().drainByQuery(OnTimeout.Proceed));
        journey.neverQuiet = true;
        journey.runUntil(s -> "DrainSource".equals(s.task()));
        Instant from = journey.world.now;
        journey.runUntil(s -> s.phase() == Phase.Soaking);
        assertThat(journey.world.now).isBetween(from.plusSeconds(180), from.plusSeconds(190));
        assertThat(journey.toEnd().end()).isEqualTo(COMPLETED);
    }

    @Test
    void neverQuietTargetIsKeptInARevert() {
        Journey journey = new Journey(World.ofShop(), new Spec().drainByQuery(OnTimeout.Hold));
        journey.when(Phase.Soaking, "Soak", () -> {
            journey.command = "abort";
            journey.neverQuiet = true;
        });
        journey.runUntil(s -> "DrainTarget".equals(s.task())).runFor(Duration.ofMinutes(60));
        assertThat(journey.waiting()).isEqualTo("Draining");
        assertThat(Objects.requireNonNull(journey.world.target()).ready(journey.world.now))
                .isEqualTo(4);

        journey.neverQuiet = false;
        assertThat(journey.toEnd().end()).isEqualTo(reverted("Aborted"));
    }

    @Test
    void anOldQuietReadingDoesNotCountWhenThereAreRequestsNow() {
        Journey journey = new Journey(World.ofShop(), new Spec().drainByQuery(OnTimeout.Hold));
        journey.runUntil(s -> s.drain() != null && s.drain().quietSince() != null);
        journey.world.tick(Duration.ofMinutes(20)); // the operator is away
        journey.neverQuiet = true;
        journey.runFor(Duration.ofMinutes(1));
        assertThat(journey.status.task()).isEqualTo("DrainSource");
    }

    // ---- the source ----

    @Test
    void waitsForARolloutThatIsUnderWay() {
        World world = World.ofShop();
        world.floor = 2;
        world.setTemplate("v1.1");
        Journey journey = new Journey(world, new Spec());
        journey.runUntil(s -> "AwaitSource".equals(s.task())).runFor(Duration.ofSeconds(2));
        assertThat(journey.waiting()).isEqualTo("SourceUnready");
        assertThat(journey.toEnd().status.phase()).isEqualTo(Phase.Completed);
    }

    @Test
    void aSourceThatNeverGetsHealthyIsRefused() {
        World world = World.ofShop();
        world.floor = 2;
        world.startup.put("v1.1", null);
        world.setTemplate("v1.1");
        Journey journey = new Journey(world, new Spec()).toEnd();
        assertThat(journey.status.phase()).isEqualTo(Phase.Failed);
        assertThat(journey.cause()).isEqualTo("SourceUnhealthy");
        assertThat(journey.performed).isEmpty();
    }

    @Test
    void noStepForwardWhileTheSourceIsNotHealthy() {
        Journey journey = new Journey(World.ofShop(), new Spec());
        journey.world.floor = 3;
        journey.runUntil(s -> "Hold".equals(s.task()));
        World.Pod pod = journey.world.sets.getFirst().pods.getFirst();
        pod.down = true;
        journey.runFor(Duration.ofMinutes(30));
        assertThat(journey.status.phase()).isEqualTo(Phase.Shifting);
        assertThat(journey.waiting()).isEqualTo("SourceUnready");
        pod.down = false;
        assertThat(journey.toEnd().end()).isEqualTo(COMPLETED);
    }

    @Test
    void aRevertWaitsForTheSource() {
        Journey journey = new Journey(World.ofShop(), new Spec());
        journey.runUntil(s -> "Soak".equals(s.task()));
        World.Pod pod = journey.world.sets.getFirst().pods.getFirst();
        pod.down = true;
        journey.command = "abort";
        journey.runFor(Duration.ofMinutes(30));
        assertThat(journey.status.phase()).isEqualTo(Phase.Reverting);
        assertThat(journey.waiting()).isEqualTo("SourceUnready");
        pod.down = false;
        assertThat(journey.toEnd().end()).isEqualTo(reverted("Aborted"));
    }
}
