package dev.segue.shell;

import static org.assertj.core.api.Assertions.assertThat;

import dev.segue.api.Migration;
import dev.segue.api.Phase;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class PartialMigrationTest {
    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
    private static final KubernetesSerialization JSON = new KubernetesSerialization();

    private static PartialMigration read(String metadata, String status) {
        return JSON.unmarshal("""
                {"apiVersion": "segue.dev/v1alpha1", "kind": "Migration",
                 "metadata": {"name": "m", "namespace": "prod", "uid": "u", "generation": 3, "resourceVersion": "9",
                   "creationTimestamp": "2026-01-01T00:00:00Z", "labels": {"team": "a"},
                   "managedFields": [{"manager": "kubectl", "operation": "Update"}]%s},
                 "spec": {"paused": true, "components": [{"deployment": "shop", "images": {"shop": "shop:2"}}]},
                 "status": {"timeline": [{"reason": "Completed"}], "conditions": [{"type": "Ready"}]%s}}
                """.formatted(metadata, status), PartialMigration.class);
    }

    /** With this reason of {@code Waiting}. */
    private static PartialMigration waiting(String metadata, Phase phase, int observed, String reason) {
        return JSON.unmarshal("""
                {"apiVersion": "segue.dev/v1alpha1", "kind": "Migration",
                 "metadata": {"name": "m", "namespace": "prod", "uid": "u", "generation": 3%s},
                 "status": {"conditions": [{"type": "Ready", "reason": "x"}, {"type": "Waiting", "reason": "%s", "message": "m"}]%s}}
                """.formatted(metadata, reason, status(phase, observed)), PartialMigration.class);
    }

    @ParameterizedTest
    @EnumSource
    void whatItsUserPausedBeforeItBeganRests(Phase phase) {
        PartialMigration m = waiting("", phase, 3, "Paused");
        assertThat(m.resting()).isEqualTo(phase == Phase.Assessing);
        assertThat(JSON.clone(m).resting()).as("as the cache gives it").isEqualTo(m.resting());
    }

    @Test
    void whatHasSomethingToDoDoesNotRest() {
        assertThat(read("", status(Phase.Assessing, 3)).resting())
                .as("still being assessed")
                .isFalse();
        assertThat(waiting("", Phase.Assessing, 3, "Refused").resting())
                .as("waits for something else")
                .isFalse();
        assertThat(waiting("", Phase.Assessing, 2, "Paused").resting())
                .as("spec changed")
                .isFalse();
        assertThat(waiting(annotated("abort"), Phase.Assessing, 3, "Paused").resting())
                .as("new command")
                .isFalse();
        assertThat(waiting(", \"deletionTimestamp\": \"2026-01-02T00:00:00Z\"", Phase.Assessing, 3, "Paused")
                        .resting())
                .as("deleted")
                .isFalse();
    }

    private static String annotated(String value) {
        return ", \"annotations\": {\"segue.dev/command\": \"%s\", \"other\": \"x\"}".formatted(value);
    }

    private static String status(Phase phase, int observed) {
        return ", \"phase\": \"%s\", \"observedGeneration\": %d".formatted(phase, observed);
    }

    @Test
    void itKeepsWhatALookIsDecidedByAndNothingElse() {
        PartialMigration m = read(annotated("abort"), status(Phase.Shifting, 3));
        assertThat(m.deployment()).isEqualTo("shop");
        assertThat(m.phase()).contains(Phase.Shifting);
        assertThat(JSON.asJson(m)).isEqualTo(JSON.asJson(JSON.unmarshal("""
                {"apiVersion": "segue.dev/v1alpha1", "kind": "Migration",
                 "metadata": {"name": "m", "namespace": "prod", "uid": "u", "generation": 3, "resourceVersion": "9",
                   "creationTimestamp": "2026-01-01T00:00:00Z", "annotations": {"segue.dev/command": "abort"}},
                 "spec": {"components": [{"deployment": "shop"}]},
                 "status": {"observedGeneration": 3, "phase": "Shifting"}}
                """, PartialMigration.class)));
        assertThat(JSON.asJson(m)).doesNotContain("timeline", "managedFields", "team", "other", "images");
    }

    @ParameterizedTest
    @EnumSource
    void aPlanThatWaitsForAHumanHasNoTurn(Phase phase) {
        PartialMigration other = read("", "");
        other.getMetadata().setUid("younger");
        other.getMetadata().setCreationTimestamp("2026-02-01T00:00:00Z");
        assertThat(read("", status(phase, 3)).mayPrecede(other)).isEqualTo(phase != Phase.Planned);
        boolean waits = phase == Phase.Pending || phase == Phase.Planned;
        PartialMigration younger = read("", status(phase, 3));
        younger.getMetadata().setUid("younger");
        younger.getMetadata().setCreationTimestamp("2026-02-01T00:00:00Z");
        assertThat(younger.mayPrecede(read("", ""))).isEqualTo(!waits);
    }

    @Test
    void annotationsAreNeverNull() {
        assertThat(read("", "").getMetadata().getAnnotations()).isEmpty();
        assertThat(JSON.clone(read("", "")).getMetadata().getAnnotations()).isEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void onlyWhatHasEndedForGoodIsSettled(Phase phase) {
        assertThat(read("", status(phase, 3)).settled(NOW))
                .isEqualTo(
                        switch (phase) {
                            case Completed, Reverted, Failed -> true;
                            default -> false;
                        });
    }

    @Test
    void anEndedOneWithSomethingToDoIsNotSettled() {
        String ended = status(Phase.Failed, 3);
        assertThat(read("", status(Phase.Failed, 2)).settled(NOW))
                .as("spec changed")
                .isFalse();
        assertThat(read(annotated("retry"), ended).settled(NOW))
                .as("new command")
                .isFalse();
        assertThat(read(annotated("abort"), ended + ", \"command\": \"abort\"").settled(NOW))
                .as("command taken")
                .isTrue();
        assertThat(read("", ended + ", \"command\": \"abort\"").settled(NOW))
                .as("command taken away, so that it can be given again")
                .isFalse();
        assertThat(read(", \"finalizers\": [\"%s\"]".formatted(Migration.FINALIZER), ended)
                        .settled(NOW))
                .as("finalizer of ours")
                .isFalse();
        assertThat(read(", \"finalizers\": [\"other/x\"]", ended).settled(NOW))
                .as("finalizer of others")
                .isTrue();
        assertThat(read("", "").settled(NOW)).as("never looked at").isFalse();
    }

    @Test
    void aUsersChangeWakesTheOperatorAndItsOwnWritesDoNot() {
        PartialMigration before = read("", status(Phase.Shifting, 3));
        assertThat(read("", status(Phase.CuttingOver, 3)).differs(before)).isFalse();
        assertThat(read(", \"finalizers\": [\"x\"]", status(Phase.Shifting, 3)).differs(before))
                .isFalse();
        assertThat(read(annotated("abort"), status(Phase.Shifting, 3)).differs(before))
                .isTrue();
        assertThat(read(", \"deletionTimestamp\": \"2026-01-02T00:00:00Z\"", status(Phase.Shifting, 3))
                        .differs(before))
                .isTrue();
        PartialMigration edited = read("", status(Phase.Shifting, 3));
        edited.getMetadata().setGeneration(4L);
        assertThat(edited.differs(before)).isTrue();
        PartialMigration anew = read("", status(Phase.Shifting, 3));
        anew.getMetadata().setUid("v");
        assertThat(anew.differs(before)).isTrue();
    }

    @Test
    void anOlderOneOrOneThatHasBegunMayPrecede() {
        PartialMigration mine = read("", status(Phase.Pending, 3));
        PartialMigration older = read("", status(Phase.Pending, 3));
        older.getMetadata().setUid("o");
        older.getMetadata().setCreationTimestamp("2025-12-31T00:00:00Z");
        PartialMigration younger = read("", status(Phase.Pending, 3));
        younger.getMetadata().setUid("y");
        younger.getMetadata().setCreationTimestamp("2026-01-02T00:00:00Z");
        PartialMigration begun = read("", status(Phase.Shifting, 3));
        begun.getMetadata().setUid("b");
        begun.getMetadata().setCreationTimestamp("2026-01-02T00:00:00Z");
        assertThat(older.mayPrecede(mine)).isTrue();
        assertThat(younger.mayPrecede(mine)).isFalse();
        assertThat(begun.mayPrecede(mine)).isTrue();
        assertThat(mine.mayPrecede(mine)).isFalse();
    }

    /** A later version of the operator wrote it; the watch of all the others must go on. */
    @Test
    void aPhaseThatIsNotKnownIsNeitherOverNorWaiting() {
        PartialMigration m = read("", ", \"phase\": \"Rehearsing\", \"observedGeneration\": 3");
        assertThat(m.phase()).isEmpty();
        assertThat(m.settled(NOW)).isFalse();
        assertThat(m.mayPrecede(older())).isTrue();
    }

    private static PartialMigration older() {
        PartialMigration other = read("", status(Phase.Pending, 3));
        other.getMetadata().setUid("another");
        other.getMetadata().setCreationTimestamp("2025-01-01T00:00:00Z");
        return other;
    }

    @Test
    void oneThatHasJustEndedIsLookedAtForWhatArrivesLate() {
        String ended = status(Phase.Reverted, 3) + ", \"phaseSince\": \"%s\"";
        assertThat(read("", ended.formatted(NOW.minus(Observer.LATE).plusSeconds(1)))
                        .settled(NOW))
                .isFalse();
        assertThat(read("", ended.formatted(NOW.minus(Observer.LATE))).settled(NOW))
                .isTrue();
        String failed = status(Phase.Failed, 3) + ", \"phaseSince\": \"%s\"";
        assertThat(read("", failed.formatted(NOW)).settled(NOW)).isTrue();
    }
}
