package dev.segue.engine;

import static dev.segue.engine.Journey.COMPLETED;
import static dev.segue.engine.Journey.reverted;
import static org.assertj.core.api.Assertions.assertThat;

import dev.segue.analysis.Reading;
import dev.segue.api.Deadline;
import dev.segue.api.MigrationSpec.OnFailure;
import dev.segue.api.Phase;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Migrations to a version that is not good. {@link Journey} checks the promise at every look. */
class BadTargetTest {
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
                .allSatisfy(s -> assertThat(journey.world.endpoints(s)).hasSize(4));

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

    /** One of the first step's two pods is ready, so it gets requests, while the other takes its time. */
    @Test
    void aMetricFailsInPreparing() {
        Journey journey = new Journey(World.ofShop(), new Spec().metric());
        journey.metric = new Reading.Value(11);
        journey.when(
                        Phase.Preparing,
                        "AwaitTarget",
                        () -> Objects.requireNonNull(journey.world.target())
                                .pods
                                .getFirst()
                                .down = true)
                .toEnd();

        assertThat(journey.end()).isEqualTo(reverted("MetricFailed"));
        assertThat(journey.phases()).doesNotContain(Phase.Shifting);
    }
}
