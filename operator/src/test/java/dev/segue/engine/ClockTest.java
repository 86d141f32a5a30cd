package dev.segue.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.segue.api.Handover.Via;
import dev.segue.api.Phase;
import dev.segue.api.Verify.OnTimeout;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * Another operator takes over, and its clock is ten minutes ahead of the one before or behind it. What the
 * proof of a task waits for is never shortened; a hold is shortened or prolonged by the difference, once.
 */
class ClockTest {
    private static final Duration AHEAD = Duration.ofMinutes(10);
    private static final Duration BEHIND = AHEAD.negated();

    /** An operator with a clock of its own, which knows nothing of the one before. */
    private static final class Successor {
        private final Duration ahead;
        private @Nullable String task;
        private @Nullable Instant since;
        private Instant seen = Instant.MIN;

        Successor(Duration ahead) {
            this.ahead = ahead;
        }

        Observed look(Observed o) {
            Instant now = o.now().plus(ahead);
            if (!Objects.equals(task, o.status().task())
                    || !Objects.equals(since, o.status().taskSince())) {
                task = o.status().task();
                since = o.status().taskSince();
                seen = now;
            }
            return new Observed(
                    now,
                    o.migration(),
                    o.spec(),
                    o.status(),
                    o.deployment(),
                    o.target(),
                    o.strays(),
                    o.services(),
                    o.serviceProblem(),
                    o.holds(),
                    o.change(),
                    o.precededBy(),
                    o.readings(),
                    o.drainReading(),
                    seen,
                    o.findings(),
                    o.planned(),
                    o.reported(),
                    o.stage());
        }
    }

    private static void takeOver(Journey journey, Duration ahead) {
        journey.eyes = new Successor(ahead)::look;
    }

    /** {@link Journey} checks at every look that no pod was stopped in use and no Service narrowed to too few. */
    @TestFactory
    Stream<DynamicTest> noRequestIsLostWhereverItHappens() {
        return Stream.of(AHEAD, BEHIND)
                .flatMap(ahead -> Stream.of(
                                everywhere("Adopt", ahead, () -> new Journey(World.ofShop(), new Spec())),
                                everywhere(
                                        "Settle", ahead, () -> new Journey(World.ofShop(), new Spec().via(Via.Settle))),
                                everywhere(
                                        "Settle, drain by query",
                                        ahead,
                                        () -> new Journey(
                                                World.ofShop(),
                                                new Spec().via(Via.Settle).drainByQuery(OnTimeout.Hold))),
                                everywhere("abort", ahead, () -> {
                                    Journey journey = new Journey(World.ofShop(), new Spec());
                                    return journey.when(Phase.Soaking, "Soak", () -> journey.command = "abort");
                                }))
                        .flatMap(tests -> tests));
    }

    private static Stream<DynamicTest> everywhere(String name, Duration ahead, Supplier<Journey> begin) {
        Journey undisturbed = begin.get().toEnd();
        return undisturbed.turningPoints().stream()
                .map(look -> DynamicTest.dynamicTest(
                        "%s, %s, look %d, %s".formatted(name, ahead, look, undisturbed.visited.get(look)), () -> {
                            Journey journey = begin.get();
                            journey.beforeLook(look, () -> takeOver(journey, ahead));
                            assertThat(journey.toEnd().end()).isEqualTo(undisturbed.end());
                        }));
    }

    @Test
    void aheadAHoldIsOverAtOnce() {
        Journey journey = new Journey(World.ofShop(), new Spec());
        journey.runUntil(s -> "Hold".equals(s.task()));
        Instant from = journey.world.now;

        takeOver(journey, AHEAD);
        journey.runUntil(s -> !"Hold".equals(s.task()));

        assertThat(journey.world.now).isBefore(from.plusSeconds(10));
    }

    @Test
    void behindAHoldLastsLongerByTheDifference() {
        Journey journey = new Journey(World.ofShop(), new Spec());
        journey.runUntil(s -> "Hold".equals(s.task()));
        Instant from = journey.world.now;

        takeOver(journey, BEHIND);
        journey.runUntil(s -> !"Hold".equals(s.task()));

        assertThat(journey.world.now)
                .isBetween(from.plus(AHEAD).plusSeconds(60), from.plus(AHEAD).plusSeconds(70));
    }

    /** The one wait that a stopped pod's requests depend on: it begins again with whoever waits. */
    @Test
    void aheadTheDrainIsWaitedInFull() {
        Journey journey = new Journey(World.ofShop(), new Spec());
        journey.when(Phase.Soaking, "Soak", () -> journey.command = "abort");
        journey.runUntil(s -> "DrainTarget".equals(s.task()));
        journey.runFor(Duration.ofSeconds(20));
        Instant from = journey.world.now;

        takeOver(journey, AHEAD);
        journey.runUntil(s -> "StopTarget".equals(s.task()));

        assertThat(journey.world.now).isBetween(from.plusSeconds(30), from.plusSeconds(40));
    }

    /** {@code deadline.prepare} is 5 minutes here: it counts while someone works. */
    @Test
    void aheadADeadlineBeginsAgain() {
        Journey journey = new Journey(World.ofShop(), new Spec());
        journey.world.startup.put("v2", null);
        journey.runUntil(s -> "AwaitTarget".equals(s.task()));
        Instant from = journey.world.now;

        takeOver(journey, AHEAD);
        journey.runUntil(s -> s.phase() == Phase.Reverting);

        assertThat(journey.cause()).isEqualTo("TargetNeverReady");
        assertThat(journey.world.now).isBetween(from.plusSeconds(300), from.plusSeconds(310));
    }
}
