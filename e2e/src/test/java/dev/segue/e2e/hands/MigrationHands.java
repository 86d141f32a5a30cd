package dev.segue.e2e.hands;

import static dev.segue.e2e.hands.Moment.ADOPTED;
import static dev.segue.e2e.hands.Moment.ADOPTING;
import static dev.segue.e2e.hands.Moment.ASSESSING;
import static dev.segue.e2e.hands.Moment.CREATING;
import static dev.segue.e2e.hands.Moment.CUTTING_OVER;
import static dev.segue.e2e.hands.Moment.FINISHING;
import static dev.segue.e2e.hands.Moment.FLIPPING;
import static dev.segue.e2e.hands.Moment.PREPARING;
import static dev.segue.e2e.hands.Moment.REVERTING;
import static dev.segue.e2e.hands.Moment.SETTLING;
import static dev.segue.e2e.hands.Moment.SHIFTING;
import static dev.segue.e2e.hands.Moment.SOAKING;
import static dev.segue.e2e.hands.Moment.WITHDRAWING;
import static dev.segue.e2e.hands.Outcome.aborted;
import static dev.segue.e2e.hands.Outcome.completes;
import static dev.segue.e2e.hands.Outcome.reverts;
import static dev.segue.e2e.hands.Outcome.vanishes;
import static dev.segue.e2e.hands.Outcome.waits;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.segue.e2e.fault.Lab;
import dev.segue.e2e.referee.Invariant;
import dev.segue.e2e.stage.Migrations;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.util.List;
import java.util.stream.Stream;

/** What is done to the Migration itself: its spec is edited, it is deleted, its namespace goes. */
final class MigrationHands {
    /** Whatever the phase. */
    private static final List<String> INVALID = List.of(
            "{\"paused\":\"later\"}",
            "{\"onFailure\":\"Ignore\"}",
            "{\"deadline\":{\"total\":\"744h\"}}",
            "{\"verify\":{\"propagation\":\"soon\"}}",
            "{\"verify\":{\"drain\":{\"query\":\"up\"}}}",
            "{\"analysis\":{\"metrics\":[{\"name\":\"a\",\"query\":\"up\",\"threshold\":{\"max\":1}}]}}",
            "{\"components\":null}");

    /** Once it has started. */
    private static final List<String> FROZEN = List.of(
            "{\"components\":[{\"deployment\":\"app\",\"images\":{\"app\":\"segue.dev/e2e/still:3\"}}]}",
            "{\"components\":[{\"deployment\":\"app\",\"images\":{\"app\":\"segue.dev/e2e/still:2\"},\"services\":[\"app\"]}]}",
            "{\"steps\":[{\"weight\":50},{\"weight\":100}]}",
            "{\"steps\":null}",
            "{\"handover\":{\"via\":\"Adopt\"}}",
            "{\"handover\":null}");

    private MigrationHands() {}

    static Stream<Row> rows() {
        return Stream.of(
                Row.of("specEditRefused", MigrationHands::editInVain)
                        .at(
                                completes(),
                                ASSESSING,
                                PREPARING,
                                SHIFTING,
                                FLIPPING,
                                CUTTING_OVER,
                                SOAKING,
                                ADOPTING,
                                ADOPTED,
                                SETTLING,
                                WITHDRAWING,
                                FINISHING)
                        .at(aborted(), REVERTING),
                Row.of("imageEditedBeforeTheStart", spec(FROZEN.getFirst().replace("still:3", "still:9")))
                        .at(reverts("ErrImageNeverPull"), ASSESSING),
                Row.of("pausedBySpec", spec("{\"paused\":true}"))
                        .at(
                                waits("Paused", "spec.paused", spec("{\"paused\":false}"), completes()),
                                ASSESSING,
                                PREPARING,
                                SHIFTING,
                                FLIPPING,
                                CUTTING_OVER,
                                SOAKING)
                        .at(completes(), ADOPTING, ADOPTED, SETTLING, WITHDRAWING, FINISHING)
                        .at(aborted(), REVERTING),
                Row.of("deadlineShortened", spec("{\"deadline\":{\"total\":\"1s\"}}"))
                        .at(reverts("DeadlineExceeded"), PREPARING, SHIFTING, FLIPPING, CUTTING_OVER, SOAKING)
                        .at(completes(), ADOPTING, SETTLING, FINISHING)
                        .at(aborted(), REVERTING),
                Row.of("drainShortened", spec("{\"verify\":{\"drain\":{\"wait\":\"1s\"}}}"))
                        .spec(Play.SPEC.replace("drain: {wait: 1s}", "drain: {wait: 10m}"))
                        .at(completes(), CUTTING_OVER),
                Row.of("onFailureEdited", Hand.NONE)
                        .component(Lab.to("9"))
                        .spec(Play.SPEC + "onFailure: Hold\n")
                        .at(
                                waits(
                                        "CheckFailed",
                                        "ErrImageNeverPull",
                                        spec("{\"onFailure\":\"Revert\"}"),
                                        reverts("ErrImageNeverPull")),
                                CREATING),
                Row.of(
                                "metricAdded",
                                spec(
                                        "{\"analysis\":{\"prometheus\":{\"url\":\"http://127.0.0.1:1\"},\"interval\":\"1s\","
                                                + "\"metrics\":[{\"name\":\"a\",\"query\":\"up\",\"threshold\":{\"max\":1}}]}}"))
                        .at(
                                waits("NoData", "metric a has no data", spec("{\"analysis\":null}"), completes()),
                                PREPARING,
                                SHIFTING,
                                SOAKING)
                        .at(completes(), ADOPTING, SETTLING)
                        .at(aborted(), REVERTING),
                Row.of("migrationDeleted", play -> play.lab().delete(Lab.MIGRATION))
                        .at(Outcome.is(p -> p.lab().migrations().awaitDeleted(Lab.MIGRATION)), ASSESSING)
                        .at(reverts("Deleted"), PREPARING, SHIFTING, FLIPPING, CUTTING_OVER, SOAKING)
                        .at(completes(), ADOPTING, ADOPTED, SETTLING, WITHDRAWING, FINISHING)
                        .at(aborted(), REVERTING),
                Row.of("finalizerStripped", MigrationHands::strip)
                        .at(Outcome.is(MigrationHands::failsStatic), CUTTING_OVER, SOAKING),
                Row.of("namespaceDeleted", MigrationHands::deleteNamespace)
                        .at(
                                vanishes(),
                                ASSESSING,
                                PREPARING,
                                SHIFTING,
                                FLIPPING,
                                CUTTING_OVER,
                                SOAKING,
                                ADOPTING,
                                ADOPTED,
                                SETTLING,
                                WITHDRAWING,
                                FINISHING,
                                REVERTING));
    }

    /** By force, and then away with it. */
    private static void strip(Play play) {
        play.announce(Invariant.INTENT, "ReplicaSet", play.target());
        play.announce(Invariant.INTENT, "Service", "app*");
        play.announce(Invariant.IDLE, "Service", "app*");
        play.announce(Invariant.IDLE, "ReplicaSet", play.target());
        play.remember(play.target());
        play.lab().delete(Lab.MIGRATION);
        play.patchMigration("{\"metadata\":{\"finalizers\":null}}");
    }

    /** The garbage collector has done its part, and the target serves on; then a human takes it from there. */
    private static void failsStatic(Play play) {
        String target = play.remembered();
        var replicaSet =
                play.client().apps().replicaSets().inNamespace(play.namespace()).withName(target);
        await().atMost(Migrations.PATIENCE)
                .until(() -> replicaSet.require().getMetadata().getDeletionTimestamp() != null
                        && play.client()
                                .services()
                                .inNamespace(play.namespace())
                                .withLabel("segue.dev/hold-for")
                                .list()
                                .getItems()
                                .isEmpty());
        String hash = target.substring(target.lastIndexOf('-') + 1);
        assertThat(play.lab().service().getSpec().getSelector()).containsEntry("pod-template-hash", hash);
        assertThat(play.readyEndpoints()).as("who serves").hasSize(2).allMatch(pod -> pod.startsWith(target + "-"));
        assertThat(play.lab().pods())
                .filteredOn(p -> p.getMetadata().getName().startsWith(target + "-"))
                .allMatch(p -> p.getMetadata().getDeletionTimestamp() == null);

        // As docs/operations.md says.
        play.kubectl(
                "patch",
                "service",
                "app",
                "--type=json",
                "-p",
                "[{\"op\":\"remove\",\"path\":\"/spec/selector/pod-template-hash\"}]");
        await().atMost(Migrations.PATIENCE).until(() -> play.readyEndpoints().size() == 4);
        play.kubectl("scale", "replicaset", target, "--replicas=0");
        play.kubectl(
                "patch",
                "replicaset",
                target,
                "--type=json",
                "-p",
                "[{\"op\":\"remove\",\"path\":\"/metadata/finalizers\"}]");
        await().atMost(Migrations.PATIENCE).until(play.lab()::atRest);
    }

    private static Hand spec(String fields) {
        return play -> play.patchMigration("{\"spec\":%s}".formatted(fields));
    }

    private static void editInVain(Play play) {
        for (String fields : INVALID) {
            refused(play, fields, "spec");
        }
        if (play.moment() != ASSESSING) {
            for (String fields : FROZEN) {
                refused(play, fields, "cannot change once the migration runs");
            }
        }
        String before = play.lab().migration(Lab.MIGRATION).require().getSpec().toString();
        play.patchMigration("{\"spec\":{\"deadline\":{\"total\":\"47h\"},\"paused\":true}}");
        play.patchMigration("{\"spec\":{\"deadline\":{\"total\":\"48h\"},\"paused\":false}}");
        assertThat(play.lab().migration(Lab.MIGRATION).require().getSpec().toString())
                .as("after it was edited and edited back")
                .isEqualTo(before);
    }

    private static void refused(Play play, String fields, String words) {
        assertThatThrownBy(() -> play.patchMigration("{\"spec\":%s}".formatted(fields)))
                .as(fields)
                .isInstanceOf(KubernetesClientException.class)
                .hasMessageContaining(words);
    }

    private static void deleteNamespace(Play play) {
        play.announceNamespace();
        play.client().namespaces().withName(play.namespace()).delete();
    }
}
