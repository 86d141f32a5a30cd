package dev.segue.engine;

import static dev.segue.engine.Journey.CLEAN;
import static dev.segue.engine.Journey.COMPLETED;
import static org.assertj.core.api.Assertions.assertThat;

import dev.segue.api.Handover.Via;
import dev.segue.api.Phase;
import java.time.Duration;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * The user, Git or fate interferes at each turning point of a migration. Whatever it is, the users' requests do not
 * suffer from us, and the migration comes to an end that says what became of it.
 */
class DisturbanceTest {
    @TestFactory
    Stream<DynamicTest> abort() {
        return everywhere(journey -> journey.command = "abort", (journey, during, handedOver) -> {
            journey.toEnd();
            assertThat(journey.end()).isEqualTo(afterWayBack("Aborted", during, handedOver));
        });
    }

    @TestFactory
    Stream<DynamicTest> deletion() {
        return everywhere(journey -> journey.deleting = true, (journey, during, handedOver) -> {
            journey.toEnd();
            assertThat(journey.end()).isEqualTo(afterWayBack("Deleted", during, handedOver));
        });
    }

    /** Git's self-heal, say, while the operator is away: traffic flows again to pods that were drained. */
    @TestFactory
    Stream<DynamicTest> pinTakenBack() {
        return everywhere(
                journey -> {
                    // From the change on, the Deployment stops what it has to, and nobody can keep it from that.
                    journey.world.usersChurn =
                            journey.performed.stream().anyMatch(Action.ApplyChange.class::isInstance);
                    journey.world.services.forEach(s -> s.pin = null);
                    journey.world.tick(Duration.ofSeconds(20));
                },
                (journey, during, handedOver) -> {
                    journey.toEnd();
                    assertThat(journey.status.phase()).isEqualTo(Phase.Completed);
                });
    }

    /** For eight seconds: too short for the guards, long enough to do harm to whoever does not look. */
    @TestFactory
    Stream<DynamicTest> targetPodNotReadyForAWhile() {
        return everywhere(
                journey -> {
                    World.ReplicaSet target = journey.world.target();
                    if (target != null && !target.pods.isEmpty()) {
                        journey.world.floor = 3;
                        target.pods.getFirst().downUntil = journey.world.now.plusSeconds(8);
                    }
                },
                (journey, during, handedOver) -> {
                    journey.toEnd();
                    assertThat(journey.end()).isEqualTo(COMPLETED);
                });
    }

    @TestFactory
    Stream<DynamicTest> sourcePodNotReadyForAWhile() {
        return everywhere(
                journey -> {
                    journey.world.floor = 3;
                    journey.world.sets.getFirst().pods.stream()
                            .findFirst()
                            .ifPresent(p -> p.downUntil = journey.world.now.plusSeconds(8));
                },
                (journey, during, handedOver) -> {
                    journey.toEnd();
                    assertThat(journey.end()).isEqualTo(COMPLETED);
                });
    }

    @TestFactory
    Stream<DynamicTest> scaledUp() {
        return everywhere(journey -> journey.world.scale(7), (journey, during, handedOver) -> {
            journey.toEnd();
            assertThat(journey.status.phase()).isEqualTo(Phase.Completed);
            assertThat(journey.world.toString()).contains("v2 x7 of theirs, 7 ready");
        });
    }

    @TestFactory
    Stream<DynamicTest> scaledDown() {
        return everywhere(journey -> journey.world.scale(2), (journey, during, handedOver) -> {
            journey.toEnd();
            assertThat(journey.status.phase()).isEqualTo(Phase.Completed);
            assertThat(journey.world.toString()).contains("v2 x2 of theirs, 2 ready");
        });
    }

    @TestFactory
    Stream<DynamicTest> deploymentDeletedThenTheMigration() {
        return everywhere(
                journey -> {
                    journey.world.floor = 0;
                    journey.world.deleteDeployment();
                },
                (journey, during, handedOver) -> {
                    journey.runFor(Duration.ofMinutes(30));
                    World.ReplicaSet target = journey.world.target();
                    if (target != null && target.ready(journey.world.now) > 0) {
                        assertThat(journey.world.services)
                                .as("what is left goes on serving")
                                .noneMatch(s -> journey.world.endpoints(s).isEmpty());
                    }
                    journey.world.abandoned = true;
                    journey.deleting = true;
                    journey.toEnd();
                    assertThat(journey.world.toString()).contains("sets []").doesNotContain("pinned", "held");
                });
    }

    @TestFactory
    Stream<DynamicTest> targetDeleted() {
        return everywhere(
                journey -> {
                    journey.world.floor = 0;
                    journey.world.usersChurn = true;
                    World.ReplicaSet target = journey.world.target();
                    if (target != null) {
                        target.controller = "someone";
                        journey.world.remove(target);
                    }
                },
                (journey, during, handedOver) -> {
                    journey.toEnd();
                    assertThat(journey.world.toString()).doesNotContain("pinned", "paused");
                    journey.deleting = true;
                    journey.toEnd();
                    assertThat(journey.world.toString()).doesNotContain("pinned", "paused", "held", "marked");
                });
    }

    /** {@code kubectl delete rs} of the serving target: our finalizer keeps it, and its pods, until they are idle. */
    @TestFactory
    Stream<DynamicTest> targetBeingDeleted() {
        return everywhere(
                journey -> {
                    World.ReplicaSet target = journey.world.target();
                    if (target != null && journey.world.migration.equals(target.controller)) {
                        target.deleting = true;
                    }
                },
                (journey, during, handedOver) -> {
                    journey.toEnd();
                    assertThat(journey.status.phase()).isIn(Phase.Reverted, Phase.Completed);
                    assertThat(journey.world.toString()).endsWith(CLEAN);
                });
    }

    @TestFactory
    Stream<DynamicTest> templateChangedThenDeletion() {
        return everywhere(journey -> journey.world.setTemplate("v3"), (journey, during, handedOver) -> {
            journey.world.floor = 1; // its own rolling update takes two of four away at times
            journey.runFor(Duration.ofMinutes(30));
            journey.deleting = true;
            journey.toEnd();
            assertThat(journey.world.toString()).doesNotContain("pinned", "held", "marked", "paused");
        });
    }

    /** How an abort and a deletion end, by what had been done when they came. */
    private static String afterWayBack(String cause, String during, boolean handedOver) {
        if (handedOver) {
            return COMPLETED;
        }
        boolean untouched = during.startsWith("Pending") || during.startsWith("Assessing");
        return "%s (%s); deployment v1 x4; sets [v1 x4 of theirs, 4 ready]%s"
                .formatted(untouched ? Phase.Failed : Phase.Reverted, cause, CLEAN);
    }

    @FunctionalInterface
    private interface Aftermath {
        void check(Journey journey, String during, boolean handedOver);
    }

    /** One test for each turning point of the migration by Adopt and of the one by Settle. */
    private static Stream<DynamicTest> everywhere(Consumer<Journey> event, Aftermath then) {
        return Stream.of(Via.Adopt, Via.Settle).flatMap(via -> {
            Journey undisturbed = new Journey(World.ofShop(), new Spec().via(via)).toEnd();
            return undisturbed.turningPoints().stream().map(point -> {
                String during = undisturbed.visited.get(point);
                return DynamicTest.dynamicTest("%s, look %d, %s".formatted(via, point, during), () -> {
                    Journey journey = new Journey(World.ofShop(), new Spec().via(via));
                    journey.beforeLook(point, () -> event.accept(journey));
                    boolean handedOver = undisturbed.decisions.subList(0, point).stream()
                            .flatMap(d -> d.actions().stream())
                            .anyMatch(Action.ApplyChange.class::isInstance);
                    then.check(journey, during, handedOver);
                });
            });
        });
    }
}
