package dev.segue.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.segue.api.Phase;
import dev.segue.api.StagingSpec.Snapshot;
import dev.segue.api.StagingStatus;
import dev.segue.engine.StageFacts.Place;
import dev.segue.engine.StageFacts.SnapshotFacts;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A rehearsal with production's data is deleted at each look, and the operator dies at each look before or after that, in each
 * way: nothing is left, and what is needed by something that is there is never removed.
 */
class StageSnapshotsCrashTest {
    enum Crash {
        NONE,
        STATUS_LOST,
        ACTIONS_LOST
    }

    private static final int MOST_LOOKS = 60;

    /** Looks of the undisturbed rehearsal, until the copy is made. */
    private static final int FORWARD = 12;

    static IntStream looks() {
        return IntStream.range(0, FORWARD);
    }

    /** Without a deletion it gets to the copy. */
    @ParameterizedTest
    @EnumSource
    void theSnapshotsAreThereBeforeTheClaims(Crash crash) {
        for (int at = 0; at < FORWARD; at++) {
            Journey journey = new Journey(Integer.MAX_VALUE, at, crash);
            journey.until("CopyObjects");
            assertThat(journey.snapshots)
                    .extracting(SnapshotFacts::place)
                    .as("%s at look %d", crash, at)
                    .containsExactlyInAnyOrder(Place.values());
        }
    }

    @ParameterizedTest
    @MethodSource("looks")
    void nothingIsLeftWhereverItIsDeleted(int deleted) {
        for (Crash crash : Crash.values()) {
            for (int at = 0; at < deleted + FORWARD; at++) {
                Journey journey = new Journey(deleted, at, crash);
                journey.toEnd();
                String told = "deleted at look %d, %s at look %d".formatted(deleted, crash, at);
                assertThat(journey.snapshots).as(told).isEmpty();
                assertThat(journey.present).as(told).isFalse();
            }
        }
    }

    private static final class Journey extends StageMoment {
        private final int deletedAt;
        private final int crashAt;
        private final Crash crash;
        private Phase phase = Phase.Staging;

        private @Nullable String task = "CreateNamespace";

        Journey(int deletedAt, int crashAt, Crash crash) {
            this.deletedAt = deletedAt;
            this.crashAt = crashAt;
            this.crash = crash;
            volumes = List.of(new Snapshot("data", null));
            staging = StagingStatus.begin(NAMESPACE, 1).isolated("Enforced");
            present = false;
            occupied = false;
            reported = Observed.Reported.YES;
        }

        void until(String reached) {
            for (int look = 0; !reached.equals(task); look++) {
                step(look);
            }
        }

        void toEnd() {
            for (int look = 0; !phase.terminal() || staging.present() || look <= deletedAt; look++) {
                step(look);
            }
        }

        private void step(int look) {
            assertThat(look).as("looks").isLessThan(MOST_LOOKS);
            deleting = look >= deletedAt;
            if (!deleting && "CopyObjects".equals(task)) {
                return; // what follows is another matter
            }
            Decision decision = look(phase, task);
            if (look != crashAt || crash != Crash.ACTIONS_LOST) {
                decision.actions().forEach(this::act);
            }
            if (look != crashAt || crash != Crash.STATUS_LOST) {
                phase = decision.status().phaseOrPending();
                task = decision.status().task();
                staging = after(decision);
            }
            assertThat(snapshots.isEmpty() || !staging.snapshotsOrEmpty().isEmpty())
                    .as("what is in the cluster is in the status")
                    .isTrue();
            controllers();
        }

        private void act(Action action) {
            switch (action) {
                case Action.CreateStage _ -> {
                    present = true;
                    occupied = true;
                }
                case Action.TakeSnapshots _ -> make(Place.PRODUCTION);
                case Action.OfferSnapshots _ -> {
                    assertThat(is(Place.PRODUCTION)).isTrue();
                    make(Place.CONTENT);
                    make(Place.COPY);
                }
                case Action.RemoveStage _ -> terminating = true;
                case Action.RemoveSnapshots(var _, Place place, var _) -> {
                    assertThat(present).as("the namespace goes first").isFalse();
                    assertThat(Stream.of(Place.values())
                                    .filter(p -> p.compareTo(place) < 0)
                                    .anyMatch(this::is))
                            .as("what needs it is there: " + place)
                            .isFalse();
                    replace(place, true, true);
                }
                default -> throw new IllegalStateException("not foreseen: " + action);
            }
        }

        private boolean is(Place place) {
            return snapshots.stream().anyMatch(s -> s.place() == place);
        }

        private void make(Place place) {
            if (!is(place)) {
                replace(place, false, false);
            }
        }

        private void replace(Place place, boolean ready, boolean going) {
            snapshots.removeIf(s -> s.place() == place);
            snapshots.add(new SnapshotFacts(
                    place, StageSnapshotsTest.name("data", 1), false, ready, null, null, null, going ? NOW : null));
        }

        /** What is being deleted goes, what is new gets ready; with the namespace goes what is in it. */
        private void controllers() {
            if (terminating) {
                terminating = false;
                present = false;
                occupied = false;
                snapshots.removeIf(s -> s.place() == Place.COPY);
            }
            snapshots.removeIf(s -> s.terminatingSince() != null);
            for (SnapshotFacts s : List.copyOf(snapshots)) {
                replace(s.place(), true, false);
            }
        }
    }
}
