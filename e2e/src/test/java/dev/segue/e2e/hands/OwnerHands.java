package dev.segue.e2e.hands;

import static dev.segue.e2e.hands.Moment.ADOPTING;
import static dev.segue.e2e.hands.Moment.PENDING;
import static dev.segue.e2e.hands.Moment.PREPARING;
import static dev.segue.e2e.hands.Moment.REVERTING;
import static dev.segue.e2e.hands.Moment.SHIFTING;
import static dev.segue.e2e.hands.Moment.SOAKING;
import static dev.segue.e2e.hands.Moment.STAGING;
import static dev.segue.e2e.hands.Outcome.aborted;
import static dev.segue.e2e.hands.Outcome.completes;
import static dev.segue.e2e.hands.Outcome.fails;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.segue.api.Condition;
import dev.segue.api.Migration;
import dev.segue.api.Phase;
import dev.segue.e2e.fault.Lab;
import dev.segue.e2e.scenario.Manifests;
import dev.segue.e2e.stage.Migrations;
import java.time.Instant;
import java.util.stream.Stream;

/** Who else wants to move the same Deployment or Service: another Migration, another tool. */
final class OwnerHands {
    private static final String SECOND = "app-3";

    /** A Deployment whose pods the Service selects as well, and which has none that is ready. */
    private static final String OTHER = """
            apiVersion: apps/v1
            kind: Deployment
            metadata: {name: other}
            spec:
              replicas: 1
              selector: {matchLabels: {app: app, of: other}}
              template:
                metadata: {labels: {app: app, of: other}}
                spec:
                  containers:
                  - {name: app, image: "segue.dev/e2e/still:9", imagePullPolicy: Never, readinessProbe: {httpGet: {port: 8080}}}
            """;

    private OwnerHands() {}

    static Stream<Row> rows() {
        return Stream.of(
                Row.of("secondMigrationOfTheDeployment", OwnerHands::second)
                        .at(
                                completes().then(OwnerHands::waitedThenCompletes, "Locked", "Completed"),
                                PENDING,
                                STAGING,
                                PREPARING,
                                SHIFTING,
                                SOAKING,
                                ADOPTING)
                        .at(aborted().then(OwnerHands::waitedThenCompletes, "Locked", "Completed"), REVERTING),
                Row.of("secondMigrationOfTheService", play -> {
                            play.lab().apply(OTHER);
                            play.lab()
                                    .apply(Manifests.migration(
                                            SECOND, "{deployment: other, images: {app: \"segue.dev/e2e/still:2\"}}"));
                        })
                        .at(completes().then(OwnerHands::waited, "Locked"), SHIFTING, SOAKING),
                Row.of("argoRollout", foreign("argoproj.io", "rollouts", "v1alpha1", "Rollout", "workloadRef"))
                        .at(fails("ForeignController"), PENDING)
                        .at(completes(), STAGING, SHIFTING),
                Row.of("flaggerCanary", foreign("flagger.app", "canaries", "v1beta1", "Canary", "targetRef"))
                        .at(fails("ForeignController"), PENDING)
                        .at(completes(), STAGING, SHIFTING),
                Row.of("kruiseRollout", foreign("rollouts.kruise.io", "rollouts", "v1beta1", "Rollout", "workloadRef"))
                        .at(fails("ForeignController"), PENDING)
                        .at(completes(), STAGING, SHIFTING));
    }

    /** In a later second than the first: of two that were created in the same one, either may go first. */
    private static void second(Play play) {
        Instant first = Instant.parse(
                play.lab().migration(Lab.MIGRATION).require().getMetadata().getCreationTimestamp());
        await().until(() -> Instant.now().isAfter(first.plusSeconds(1)));
        play.lab()
                .apply(Manifests.migration(
                        SECOND, "{deployment: app, patch: {metadata: {annotations: {third: \"yes\"}}}}", Play.SPEC));
    }

    private static Hand foreign(String group, String plural, String version, String kind, String reference) {
        return play -> {
            play.kubectlApply("""
            apiVersion: apiextensions.k8s.io/v1
            kind: CustomResourceDefinition
            metadata: {name: %2$s.%1$s}
            spec:
              group: %1$s
              scope: Namespaced
              names: {kind: %4$s, plural: %2$s}
              versions:
              - name: %3$s
                served: true
                storage: true
                schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}
            """.formatted(group, plural, version, kind));
            play.kubectl("wait", "--for=condition=Established", "crd/%s.%s".formatted(plural, group));
            play.kubectlApply("""
            apiVersion: %s/%s
            kind: %s
            metadata: {name: theirs}
            spec: {%s: {apiVersion: apps/v1, kind: Deployment, name: app}}
            """.formatted(group, version, kind, reference));
        };
    }

    private static void waited(Play play) {
        Migration second = play.lab().migrations().waiting(SECOND, "Locked");
        assertThat(Migrations.status(second).condition("Waiting"))
                .get()
                .extracting(Condition::message)
                .asString()
                .contains("Migration " + Lab.MIGRATION);
    }

    private static void waitedThenCompletes(Play play) {
        waited(play);
        play.awaitAgain(SECOND, Phase.Completed);
        play.expect(template ->
                template.editMetadata().addToAnnotations("third", "yes").endMetadata());
    }
}
