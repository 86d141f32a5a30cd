package dev.segue.engine;

import static dev.segue.engine.Journey.CLEAN;
import static dev.segue.engine.Journey.COMPLETED;
import static org.assertj.core.api.Assertions.assertThat;

import dev.segue.api.Handover.Via;
import dev.segue.api.MigrationStatus.StepStatus;
import dev.segue.api.Phase;
import dev.segue.api.Step;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** Migrations that reach their end. {@link Journey} checks the promise at every look. */
class ForwardTest {
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

    /** One more that is ready at once would get traffic, and be stopped in it. */
    @Test
    void theAdoptionStartsNoPod() {
        World world = World.ofShop();
        world.startup.put("v2", Duration.ofSeconds(1));
        int before = world.started;
        new Journey(world, new Spec()).toEnd();

        assertThat(world.started - before).isEqualTo(4);
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
        Journey journey = new Journey(World.backToFirst(), new Spec()).toEnd();

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

    /** Nothing but the proofs, the propagation and the drain is between the steps. */
    @Test
    void withoutAnyHold() {
        Spec spec = new Spec();
        spec.steps = List.of(new Step(25, "0s"), new Step(100, "0s"));
        assertThat(new Journey(World.ofShop(), spec).toEnd().end()).isEqualTo(COMPLETED);
        assertThat(new Journey(World.ofShop(), spec.via(Via.Settle)).toEnd().end())
                .isEqualTo(COMPLETED);
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
}
