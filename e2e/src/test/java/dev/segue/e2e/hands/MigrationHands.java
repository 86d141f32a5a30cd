package dev.segue.e2e.hands;

import static dev.segue.e2e.hands.Moment.ADOPTED;
import static dev.segue.e2e.hands.Moment.ADOPTING;
import static dev.segue.e2e.hands.Moment.ASSESSING;
import static dev.segue.e2e.hands.Moment.CREATING;
import static dev.segue.e2e.hands.Moment.CUTTING_OVER;
import static dev.segue.e2e.hands.Moment.FINISHING;
import static dev.segue.e2e.hands.Moment.FLIPPING;
import static dev.segue.e2e.hands.Moment.PLANNED;
import static dev.segue.e2e.hands.Moment.PREPARING;
import static dev.segue.e2e.hands.Moment.PROPAGATING;
import static dev.segue.e2e.hands.Moment.REVERTING;
import static dev.segue.e2e.hands.Moment.SETTLING;
import static dev.segue.e2e.hands.Moment.SHIFTING;
import static dev.segue.e2e.hands.Moment.SOAKING;
import static dev.segue.e2e.hands.Moment.STAGING;
import static dev.segue.e2e.hands.Moment.WITHDRAWING;
import static dev.segue.e2e.hands.Outcome.aborted;
import static dev.segue.e2e.hands.Outcome.completes;
import static dev.segue.e2e.hands.Outcome.fails;
import static dev.segue.e2e.hands.Outcome.reverts;
import static dev.segue.e2e.hands.Outcome.vanishes;
import static dev.segue.e2e.hands.Outcome.waits;
import static dev.segue.e2e.hands.Outcome.whenRun;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.segue.api.MigrationSpec;
import dev.segue.e2e.fault.Lab;
import dev.segue.e2e.referee.Invariant;
import dev.segue.e2e.stage.Migrations;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What is done to the Migration itself: its spec is edited, it is deleted, its namespace goes. */
final class MigrationHands {
    /** Of a Prometheus that does not answer: it is never quiet. */
    private static final String ASKED = "{\"analysis\":{\"prometheus\":{\"url\":\"http://127.0.0.1:1\"}},"
            + "\"verify\":{\"drain\":{\"query\":\"up\",\"timeout\":\"10m\"}}}";

    /** Whatever the phase. */
    private static final List<String> INVALID = List.of(
            "{\"paused\":\"later\"}",
            "{\"onFailure\":\"Ignore\"}",
            "{\"deadline\":{\"total\":\"744h\"}}",
            "{\"verify\":{\"propagation\":\"soon\"}}",
            "{\"verify\":{\"drain\":{\"query\":\"up\"}}}",
            "{\"analysis\":{\"metrics\":[{\"name\":\"a\",\"query\":\"up\",\"threshold\":{\"max\":1}}]}}",
            "{\"components\":null}");

    /** Once it has started; and what the API server says then. */
    private static final Map<String, String> FROZEN = Map.ofEntries(
            frozen("components", "[{\"deployment\":\"app\",\"images\":{\"app\":\"segue.dev/e2e/still:3\"}}]"),
            frozen(
                    "components",
                    "[{\"deployment\":\"app\",\"images\":{\"app\":\"segue.dev/e2e/still:2\"},\"services\":[\"app\"]}]"),
            frozen("steps", "[{\"weight\":50},{\"weight\":100}]"),
            frozen("steps", "null"),
            frozen("handover", "{\"via\":\"Adopt\"}"),
            frozen("handover", "null"),
            Map.entry("{\"mode\":\"Plan\"}", "mode cannot become Plan while the migration runs"),
            Map.entry("{\"staging\":{\"rehearse\":true}}", "staging cannot be added"));

    /** At any time; none of them changes what becomes of it when it is taken back. */
    private static final List<String> EDITABLE = List.of(
            "{\"paused\":true}",
            "{\"onFailure\":\"Hold\"}",
            "{\"deadline\":{\"total\":\"47h\"}}",
            "{\"deadline\":{\"prepare\":\"21s\"}}",
            "{\"verify\":{\"propagation\":\"2s\"}}",
            "{\"verify\":{\"drain\":{\"wait\":\"2s\"}}}",
            "{\"verify\":{\"drain\":{\"quietFor\":\"2s\",\"timeout\":\"1m\",\"onTimeout\":\"Proceed\"}}}",
            "{\"analysis\":{\"prometheus\":{\"url\":\"http://127.0.0.1:1\"},\"interval\":\"20s\",\"minRequests\":7}}");

    private MigrationHands() {}

    static Stream<Row> rows() {
        Outcome waitsForTheUser = waits("Paused", "spec.paused", CommandHands::resume, completes());
        return Stream.of(
                Row.of("specEditRefused", MigrationHands::editInVain)
                        .at(whenRun(completes()), PLANNED)
                        .at(completes(), Moment.onTheWay())
                        .at(aborted(), REVERTING),
                Row.of(
                                "imageEditedBeforeTheStart",
                                spec(
                                        "{\"components\":[{\"deployment\":\"app\",\"images\":{\"app\":\"segue.dev/e2e/still:9\"}}]}"))
                        .at(reverts("ErrImageNeverPull"), ASSESSING),
                Row.of("pausedBySpec", spec("{\"paused\":true}"))
                        .at(waitsForTheUser, ASSESSING, STAGING, PREPARING, SHIFTING, FLIPPING, CUTTING_OVER, SOAKING)
                        .at(whenRun(waitsForTheUser), PLANNED)
                        .at(completes(), ADOPTING, ADOPTED, SETTLING, WITHDRAWING, FINISHING)
                        .at(aborted(), REVERTING),
                Row.of("deadlineShortened", spec("{\"deadline\":{\"total\":\"1s\"}}"))
                        .at(reverts("DeadlineExceeded"), PREPARING, SHIFTING, FLIPPING, CUTTING_OVER, SOAKING)
                        .at(completes(), ADOPTING, SETTLING, FINISHING)
                        .at(aborted(), REVERTING),
                Row.of("drainShortened", spec("{\"verify\":{\"drain\":{\"wait\":\"1s\"}}}"))
                        .spec(Play.SPEC.replace("drain: {wait: 1s}", "drain: {wait: 10m}"))
                        .at(completes(), CUTTING_OVER),
                Row.of("drainQueryEdited", spec(ASKED))
                        .at(
                                waits(
                                        "Draining",
                                        "the pods of app-",
                                        spec("{\"verify\":{\"drain\":{\"timeout\":\"1s\",\"onTimeout\":\"Proceed\"}}}"),
                                        completes()),
                                CUTTING_OVER),
                Row.of("propagationShortened", spec("{\"verify\":{\"propagation\":\"1s\"}}"))
                        .spec(Play.SPEC.replace("propagation: 1s", "propagation: 10m"))
                        .at(completes(), PROPAGATING),
                Row.of("prepareShortened", spec("{\"deadline\":{\"prepare\":\"1s\"}}"))
                        .component(Lab.NOWHERE)
                        .spec(Play.SPEC.replace("prepare: 20s", "prepare: 10m"))
                        .at(reverts("TargetNeverReady"), PREPARING),
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
                        .at(Outcome.is(p -> p.lab().migrations().awaitDeleted(Lab.MIGRATION)), ASSESSING, PLANNED)
                        .at(fails("Deleted"), STAGING)
                        .at(reverts("Deleted"), PREPARING, SHIFTING, FLIPPING, CUTTING_OVER, SOAKING)
                        .at(completes(), ADOPTING, ADOPTED, SETTLING, WITHDRAWING, FINISHING)
                        .at(aborted(), REVERTING),
                Row.of("finalizerStripped", MigrationHands::strip)
                        .at(Outcome.is(MigrationHands::failsStatic), CUTTING_OVER, SOAKING),
                Row.of("namespaceDeleted", MigrationHands::deleteNamespace)
                        .at(vanishes(), Moment.onTheWay())
                        .at(vanishes(), PLANNED, REVERTING));
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

    private static Map.Entry<String, String> frozen(String field, String value) {
        return Map.entry(
                "{\"%s\":%s}".formatted(field, value),
                "components, steps and handover cannot change once the migration runs");
    }

    /** The top-level fields of the spec that are edited here. */
    static Set<String> edited() {
        return Stream.of(INVALID, FROZEN.keySet(), EDITABLE)
                .flatMap(Collection::stream)
                .map(json -> json.split("\"")[1])
                .collect(Collectors.toSet());
    }

    private static void editInVain(Play play) {
        for (String fields : INVALID) {
            refused(play, fields, "spec");
        }
        if (play.moment().phase().engaged()) {
            FROZEN.forEach((fields, words) -> refused(play, fields, words));
        }
        MigrationSpec before = play.lab().migration(Lab.MIGRATION).require().getSpec();
        for (String fields : EDITABLE) {
            play.patchMigration("{\"spec\":%s}".formatted(fields));
            assertThat(play.lab().migration(Lab.MIGRATION).require().getSpec())
                    .as("what %s makes of it", fields)
                    .isNotEqualTo(before);
            play.lab().migration(Lab.MIGRATION).edit(m -> {
                m.setSpec(before);
                return m;
            });
        }
        assertThat(play.lab().migration(Lab.MIGRATION).require().getSpec())
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
