package dev.segue.engine;

import static dev.segue.engine.Journey.COMPLETED;
import static org.assertj.core.api.Assertions.assertThat;

import dev.segue.api.Condition;
import dev.segue.api.Handover.Via;
import dev.segue.api.Phase;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A GitOps tool writes the selector as it is in Git, whenever it looks: both versions serve, and nothing moves. */
class ContestTest {
    /** Runs until then; the tool looks every three seconds. */
    private static void contested(Journey journey, Duration duration) {
        Instant until = journey.world.now.plus(duration);
        while (journey.world.now.isBefore(until)) {
            journey.runFor(Duration.ofSeconds(3));
            journey.world.service("shop").pin = null;
        }
    }

    private static List<Instant> narrowings(Journey journey) {
        List<Instant> at = new ArrayList<>();
        for (Decision d : journey.decisions) {
            if (d.actions().stream().anyMatch(Action.Pin.class::isInstance)) {
                at.add(Objects.requireNonNull(d.status().narrowing()).last());
            }
        }
        return at;
    }

    @Test
    void inTheCutoverItIsTriedEverMoreSlowlyAndTold() {
        Journey journey = new Journey(World.ofShop(), new Spec());
        journey.runUntil(s -> Objects.equals(s.task(), "PinTarget"));
        contested(journey, Duration.ofMinutes(20));

        assertThat(journey.status.phase()).as("no advance").isEqualTo(Phase.CuttingOver);
        List<Instant> at = narrowings(journey);
        assertThat(at).as("no war over the field").hasSizeBetween(10, 14);
        assertThat(Duration.between(at.get(1), at.get(2))).isGreaterThanOrEqualTo(Duration.ofSeconds(10));
        assertThat(Duration.between(at.get(2), at.get(3))).isGreaterThanOrEqualTo(Duration.ofSeconds(30));
        assertThat(Duration.between(at.get(3), at.get(4))).isGreaterThanOrEqualTo(Duration.ofMinutes(2));
        assertThat(journey.waiting()).isEqualTo("FieldContested");
        assertThat(journey.status.condition("Waiting").map(Condition::message).orElseThrow())
                .contains("somebody-else takes spec.selector of Service shop back", "leave spec.selector");

        assertThat(journey.toEnd().end()).as("left alone, it goes on").isEqualTo(COMPLETED);
    }

    @Test
    void inTheSoakTheHandoverIsNotBegun() {
        Journey journey = new Journey(World.ofShop(), new Spec());
        journey.runUntil(s -> Objects.equals(s.task(), "Soak"));
        contested(journey, Duration.ofMinutes(20));
        assertThat(journey.status.phase()).isEqualTo(Phase.Soaking);
        assertThat(narrowings(journey)).hasSizeLessThan(15);
        assertThat(journey.toEnd().end()).isEqualTo(COMPLETED);
    }

    @Test
    void onTheWayBackThePodsOfTheTargetAreKept() {
        Journey journey = new Journey(World.ofShop(), new Spec());
        journey.runUntil(s -> Objects.equals(s.task(), "Soak"));
        journey.command = "abort";
        journey.runUntil(s -> Objects.equals(s.task(), "PinDeployment"));
        contested(journey, Duration.ofMinutes(20));
        assertThat(journey.status.phase()).isEqualTo(Phase.Reverting);
        assertThat(narrowings(journey)).hasSizeLessThan(15);
        assertThat(journey.waiting()).isEqualTo("FieldContested");
        assertThat(journey.toEnd().end()).isEqualTo(Journey.reverted("Aborted"));
    }

    /** Once an hour is no contest: it is put right at once. */
    @Test
    void whatHappensSeldomIsPutRightAtOnce() {
        Journey journey = new Journey(World.ofShop(), new Spec());
        journey.spec.steps = List.of(new dev.segue.api.Step(100, "5h"));
        journey.runUntil(s -> Objects.equals(s.task(), "Soak"));
        for (int i = 0; i < 3; i++) {
            journey.runFor(Duration.ofMinutes(60));
            journey.world.service("shop").pin = null;
            Instant taken = journey.world.now;
            journey.runUntil(s -> Objects.equals(s.task(), "Soak") && journey.world.service("shop").pin != null);
            assertThat(Objects.requireNonNull(journey.status.narrowing()).last())
                    .isBefore(taken.plusSeconds(10));
            assertThat(journey.status.narrowing().times()).isEqualTo(1);
        }
        assertThat(journey.toEnd().end()).isEqualTo(COMPLETED);
    }

    /** A tool that is faster than our looks: what was written is never seen there. */
    @ParameterizedTest
    @EnumSource(
            value = Via.class,
            names = {"Adopt", "Settle"})
    void theTemplateIsWrittenEverMoreSlowly(Via via) {
        Journey journey = new Journey(World.ofShop(), new Spec().via(via));
        journey.runUntil(s -> s.phase() == Phase.HandingOver);
        Instant until = journey.world.now.plus(Duration.ofMinutes(20));
        while (journey.world.now.isBefore(until)) {
            journey.look();
            if (!"v1".equals(journey.world.shop().template)) {
                journey.world.floor = 2; // its own rolling update begins and goes back
                journey.world.setTemplate("v1");
            }
        }
        assertThat(journey.performed.stream().filter(Action.ApplyChange.class::isInstance))
                .as("no war over the template")
                .hasSizeBetween(10, 14);
        assertThat(journey.waiting()).isEqualTo("SourceDiverged");
        assertThat(journey.world.shop().paused).as("left as it was").isFalse();

        assertThat(journey.toEnd().end()).as("left alone, it goes on").startsWith("Completed");
        assertThat(journey.status.change()).isNull();
    }
}
