package dev.segue.engine;

import static dev.segue.engine.Journey.COMPLETED;
import static dev.segue.engine.Journey.reverted;
import static org.assertj.core.api.Assertions.assertThat;

import dev.segue.api.Phase;
import dev.segue.api.Verify.OnTimeout;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** The drain, and a source that is not healthy. {@link Journey} checks the promise at every look. */
class DrainTest {
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
