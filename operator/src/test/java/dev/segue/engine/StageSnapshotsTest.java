package dev.segue.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.segue.api.Phase;
import dev.segue.api.StagingSpec.Snapshot;
import dev.segue.api.StagingStatus;
import dev.segue.api.StagingStatus.SnapshotStatus;
import dev.segue.engine.StageFacts.Place;
import dev.segue.engine.StageFacts.SnapshotFacts;
import dev.segue.staging.StageName;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Production's data in the copy, look by look. */
class StageSnapshotsTest extends StageMoment {
    private static final String TASK = "SnapshotVolumes";
    private static final String NAME = name("data", 1);

    static String name(String claim, int attempt) {
        return StageName.snapshot(StageName.labels(Moment.US, attempt), claim);
    }

    @BeforeEach
    void wanted() {
        seen();
        volumes = List.of(new Snapshot("data", "fast"));
        staging = staging.snapshotting(List.of(new SnapshotStatus("data", NAME, null)));
    }

    private SnapshotFacts object(Place place, boolean ready) {
        return new SnapshotFacts(place, NAME, false, ready, null, null, null, null);
    }

    private void has(Place... places) {
        snapshots.clear();
        for (Place place : places) {
            snapshots.add(object(place, true));
        }
    }

    private void replace(Place place, @Nullable String error, @Nullable Instant errorAt, @Nullable Instant going) {
        snapshots.removeIf(s -> s.place() == place);
        snapshots.add(new SnapshotFacts(place, NAME, false, false, null, error, errorAt, going));
    }

    // ---- it is taken, and given to the copy ----

    @Test
    void withoutAnyItGoesOn() {
        volumes = List.of();
        goesOn(TASK, "CopyObjects");
    }

    /** So that whoever comes after a crash knows that there may be some to remove. */
    @Test
    void thatTheyAreTakenIsInTheStatusBefore() {
        staging = staging.snapshotting(List.of());
        Decision noted = look(Phase.Staging, TASK);
        assertThat(noted.actions()).isEmpty();
        assertThat(after(noted).snapshotsOrEmpty()).containsExactly(new SnapshotStatus("data", NAME, null));
    }

    @Test
    void productionsComesFirstThenTheCopys() {
        assertThat(look(Phase.Staging, TASK).actions()).containsExactly(new Action.TakeSnapshots(List.of("data"), 1));
        snapshots.add(object(Place.PRODUCTION, false));
        assertThat(awaits(TASK))
                .isEqualTo(
                        "waiting for the snapshot of PersistentVolumeClaim data, VolumeSnapshot %s, to be ready to use"
                                .formatted(NAME));
        has(Place.PRODUCTION);
        assertThat(look(Phase.Staging, TASK).actions())
                .containsExactly(new Action.OfferSnapshots(NAMESPACE, List.of("data"), 1));
        has(Place.PRODUCTION, Place.CONTENT);
        assertThat(look(Phase.Staging, TASK).actions())
                .containsExactly(new Action.OfferSnapshots(NAMESPACE, List.of("data"), 1));
        snapshots.add(object(Place.COPY, false));
        assertThat(awaits(TASK)).contains("VolumeSnapshot %s in the copy, to be ready to use".formatted(NAME));
        has(Place.PRODUCTION, Place.CONTENT, Place.COPY);
        goesOn(TASK, "CopyObjects");
    }

    @Test
    void whatIsMissingAloneIsMade() {
        volumes = List.of(new Snapshot("data", null), new Snapshot("index", null));
        has(Place.PRODUCTION);
        staging = after(look(Phase.Staging, TASK));
        assertThat(look(Phase.Staging, TASK).actions()).containsExactly(new Action.TakeSnapshots(List.of("index"), 1));
    }

    @Test
    void whenItWasTakenIsNoted() {
        snapshots.add(new SnapshotFacts(Place.PRODUCTION, NAME, false, true, NOW, null, null, null));
        Decision noted = look(Phase.Staging, TASK);
        assertThat(noted.actions()).isEmpty();
        assertThat(after(noted).snapshotsOrEmpty()).containsExactly(new SnapshotStatus("data", NAME, NOW));
    }

    // ---- it is waited for, and ends ----

    @Test
    void oneThatTakesLongIsTold() {
        snapshots.add(object(Place.PRODUCTION, false));
        since(14);
        assertThat(awaits(TASK)).startsWith("waiting for");
        since(15);
        assertThat(awaits(TASK)).startsWith("StagingSnapshotUnready: waiting for");
        since(300);
        fails(
                TASK,
                "StagingSnapshotFailed",
                "the copy does not get the data of PersistentVolumeClaim data by VolumeSnapshot %s: not ready to use after 5m (deadline.prepare)"
                        .formatted(NAME),
                remedy());
    }

    private static String remedy() {
        return "kubectl -n prod describe volumesnapshot %s; correct its class or the driver, then give the command retry"
                .formatted(NAME);
    }

    /** What two writers of an object do to each other is told as an error, too, and passes. */
    @ParameterizedTest
    @EnumSource(names = {"PRODUCTION", "COPY"})
    void anErrorEndsItWhenItStands(Place place) {
        has(Place.PRODUCTION, Place.CONTENT, Place.COPY);
        since(120);
        replace(place, "no room", NOW.minusSeconds(59), null);
        assertThat(awaits(TASK)).endsWith("to be ready to use: no room");
        replace(place, "no room", NOW.minusSeconds(60), null);
        fails(TASK, "StagingSnapshotFailed", told("no room"), remedy());
        replace(place, "no room", null, null);
        fails(TASK, "StagingSnapshotFailed", told("no room"), remedy());
    }

    private static String told(String why) {
        return "the copy does not get the data of PersistentVolumeClaim data by VolumeSnapshot %s: %s"
                .formatted(NAME, why);
    }

    /** Nobody was there to see it: what it says now may be what is being repaired. */
    @Test
    void anErrorOfAnOutageIsNotHeldAgainstIt() {
        replace(Place.PRODUCTION, "no room", NOW.minusSeconds(600), null);
        since(600);
        taskSeen = NOW;
        assertThat(awaits(TASK)).endsWith("no room");
    }

    @Test
    void oneThatSomebodyDeletesEndsIt() {
        since(120);
        replace(Place.PRODUCTION, null, null, NOW.minusSeconds(60));
        fails(TASK, "StagingSnapshotFailed", told("it is being deleted"), remedy());
        has(Place.CONTENT, Place.COPY);
        fails(TASK, "StagingSnapshotFailed", told("it was deleted during the rehearsal"), remedy());
    }

    @Test
    void oneThatCannotBeMadeEndsIt() {
        refusal = "VolumeSnapshot x is there already and is not this rehearsal's";
        since(300);
        fails(
                TASK,
                "StagingIncomplete",
                "taking snapshots of PersistentVolumeClaim(s) data was not possible within 5m (deadline.prepare): "
                        + refusal,
                "correct that, then give the command retry");
        has(Place.PRODUCTION);
        fails(
                TASK,
                "StagingIncomplete",
                "giving the copy the snapshots of PersistentVolumeClaim(s) data was not possible within 5m (deadline.prepare): "
                        + refusal,
                "correct that, then give the command retry");
    }

    /** In an administrator's namespace another one has begun to copy before. */
    @Test
    void whoWasOvertakenWaitsAgain() {
        occupied = false;
        otherwise = "another Migration (UID u)";
        Decision back = look(Phase.Staging, TASK);
        assertThat(back.actions()).isEmpty();
        assertThat(back.status().task()).isEqualTo("CreateNamespace");
    }

    // ---- they go with the copy ----

    private static Action removing(Place place) {
        return new Action.RemoveSnapshots(NAMESPACE, place, List.of(NAME));
    }

    @ParameterizedTest
    @CsvSource({"Reverting", "Finishing"})
    void theCopyGoesFirstProductionsLast(Phase phase) {
        has(Place.PRODUCTION, Place.CONTENT, Place.COPY);
        assertThat(look(phase, "RemoveStaging").actions()).containsExactly(new Action.RemoveStage(NAMESPACE, "uid-ns"));
        terminating = true;
        assertThat(look(phase, "RemoveStaging").actions())
                .as("in its namespace something is left")
                .isEmpty();
        occupied = false;
        terminating = false;
        for (Place place : Place.values()) {
            assertThat(look(phase, "RemoveStaging").actions()).containsExactly(removing(place));
            replace(place, null, null, NOW.minusSeconds(30));
            Decision waits = look(phase, "RemoveStaging");
            assertThat(waits.actions())
                    .as("nothing else as long as it is there")
                    .isEmpty();
            assertThat(after(waits).present()).isTrue();
            snapshots.removeIf(s -> s.place() == place);
        }
        assertThat(after(look(phase, "RemoveStaging")).removedAt()).isEqualTo(NOW);
    }

    @Test
    void oneThatDoesNotGoIsTold() {
        occupied = false;
        present = false;
        since(60);
        replace(Place.PRODUCTION, "the driver is away", null, NOW.minusSeconds(59));
        Decision waits = look(Phase.Reverting, "RemoveStaging");
        assertThat(waits.status().condition("Waiting")).isEmpty();
        replace(Place.PRODUCTION, "the driver is away", null, NOW.minusSeconds(60));
        waits = look(Phase.Reverting, "RemoveStaging");
        assertThat(waits.status().condition("Waiting")).hasValueSatisfying(c -> {
            assertThat(c.reason()).isEqualTo("StagingTerminating");
            assertThat(c.message()).isEqualTo("VolumeSnapshot %s is being deleted: the driver is away".formatted(NAME));
        });
        replace(Place.CONTENT, null, null, NOW.minusSeconds(60));
        assertThat(look(Phase.Reverting, "RemoveStaging").status().condition("Waiting"))
                .hasValueSatisfying(c ->
                        assertThat(c.message()).isEqualTo("VolumeSnapshotContent %s is being deleted".formatted(NAME)));
    }

    /** A copy that was kept: its time is over, or the Migration is deleted. */
    @Test
    void afterTheEndTheyGoWithTheCopyThatWasKept() {
        staging = staging.judged("Failed", "why", NOW.minusSeconds(60), NOW.plusSeconds(1));
        has(Place.PRODUCTION, Place.CONTENT);
        occupied = false;
        present = false;
        assertThat(look(Phase.Failed, null).actions()).isEmpty();
        staging = staging.judged("Failed", "why", NOW.minusSeconds(60), NOW);
        Decision first = look(Phase.Failed, null);
        assertThat(first.actions()).containsExactly(removing(Place.CONTENT));
        assertThat(after(first).present()).as("as long as anything is left").isTrue();
        has(Place.PRODUCTION);
        assertThat(look(Phase.Failed, null).actions()).containsExactly(removing(Place.PRODUCTION));
        replace(Place.PRODUCTION, null, null, NOW.minusSeconds(60));
        Decision going = look(Phase.Failed, null);
        assertThat(going.actions()).isEmpty();
        assertThat(going.status().condition("Waiting"))
                .hasValueSatisfying(c -> assertThat(c.reason()).isEqualTo("StagingTerminating"));
        snapshots.clear();
        assertThat(after(look(Phase.Failed, null)).removedAt()).isEqualTo(NOW);
    }

    // ---- another rehearsal takes others ----

    @Test
    void thoseOfAnEarlierRehearsalGoFirst() {
        String earlierName = NAME;
        staging = StagingStatus.next(NAMESPACE, staging);
        assertThat(staging.snapshotsOrEmpty()).as("there may be some of before").isNotEmpty();
        present = false;
        occupied = false;
        snapshots.add(new SnapshotFacts(Place.PRODUCTION, earlierName, true, true, NOW, null, null, null));
        assertThat(look(Phase.Staging, "CreateNamespace").actions()).containsExactly(removing(Place.PRODUCTION));
        snapshots.clear();
        assertThat(look(Phase.Staging, "CreateNamespace").actions())
                .containsExactly(new Action.CreateStage(NAMESPACE, 2));
        present = true;
        occupied = true;
        seen();
        Decision noted = look(Phase.Staging, TASK);
        assertThat(after(noted).snapshotsOrEmpty()).containsExactly(new SnapshotStatus("data", name("data", 2), null));
        assertThat(name("data", 2)).isNotEqualTo(earlierName);
    }

    @Test
    void oneThatDriftsKeepsInMindWhatIsLeft() {
        staging = staging.judged("Passed", "all well", NOW.minusSeconds(86_400), null);
        Decision again = look(Phase.Staging, "ProveFresh");
        assertThat(after(again).attempt()).isEqualTo(2);
        assertThat(after(again).snapshotsOrEmpty()).isEqualTo(staging.snapshotsOrEmpty());
        assertThat(Objects.requireNonNull(after(again).stale())).contains("older");
    }
}
