package dev.segue.e2e.migration;

import static dev.segue.e2e.scenario.Manifests.migration;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.segue.api.Condition;
import dev.segue.api.Finding;
import dev.segue.api.MigrationStatus;
import dev.segue.api.Phase;
import dev.segue.e2e.scenario.Manifests;
import dev.segue.e2e.scenario.Scenarios;
import dev.segue.e2e.stage.Migrations;
import dev.segue.e2e.stage.Scene;
import dev.segue.e2e.stage.ShopDeployment;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.Test;

/** What cannot be moved safely is refused before anything is written. */
@Scenarios
class AssessmentIT {
    private static final String PROBE = ", readinessProbe: {httpGet: {path: /ready, port: 8080}, periodSeconds: 1}";

    /** Reason, by the component that is refused for it. */
    private static final Map<String, String> REFUSED = new TreeMap<>(Map.of(
            "{deployment: missing, images: {shop: x}}", "DeploymentNotFound",
            "{deployment: sound, images: {web: x}}", "UnknownContainer",
            "{deployment: sound, services: [other], images: {shop: x}}", "ServiceNotFound",
            "{deployment: headless, images: {shop: x}}", "ServiceUnmovable",
            "{deployment: alone, images: {shop: x}}", "NoService",
            "{deployment: unprobed, images: {shop: x}}", "NoReadinessProbe",
            "{deployment: paused, images: {shop: x}}", "DeploymentPaused",
            "{deployment: empty, images: {shop: x}}", "NoReplicas",
            "{deployment: sound, patch: {spec: {restartPolicy: Never}}}", "ChangeRefused",
            "{deployment: sound, patch: {spec: {terminationGracePeriod: 5}}}", "ChangeRefused"));

    @Test
    void refused(Scene scene) {
        scene.apply(deployment("sound", "replicas: 1", PROBE) + service("sound", ""));
        scene.apply(deployment("headless", "replicas: 1", PROBE) + service("headless", ", clusterIP: None"));
        scene.apply(deployment("alone", "replicas: 1", PROBE));
        scene.apply(deployment("unprobed", "replicas: 1", "") + service("unprobed", ""));
        scene.apply(deployment("paused", "replicas: 1, paused: true", PROBE) + service("paused", ""));
        scene.apply(deployment("empty", "replicas: 0", PROBE) + service("empty", ""));
        Map<String, String> reasons = new TreeMap<>();
        int number = 0;
        for (var refused : REFUSED.entrySet()) {
            String name = "case-" + number++;
            reasons.put(name, refused.getValue());
            scene.apply(migration(name, refused.getKey()));
        }

        var softly = new SoftAssertions();
        reasons.forEach((name, reason) -> {
            var status = scene.migrations().reached(name, Phase.Failed).getStatus();
            var cause = Objects.requireNonNull(status.cause());
            softly.assertThat(cause.reason()).as(cause.message()).isEqualTo(reason);
            softly.assertThat(cause.remedy()).as("remedy of %s", reason).isNotBlank();
            softly.assertThat(status.condition("Stalled").map(Condition::reason))
                    .contains(reason);
            softly.assertThat(
                            status.condition("Stalled").map(Condition::message).orElse(""))
                    .contains(cause.message(), Objects.requireNonNull(cause.remedy()));
        });
        softly.assertAll();
        assertThat(scene.traces()).containsExactly("Deployment paused is paused"); // as its user wants it
    }

    private static final String NEEDS_SETTINGS =
            "{deployment: sound, patch: {spec: {containers: [{name: shop, envFrom: [{configMapRef: {name: settings}}]}]}}}";

    private static final String TO_2 =
            "{deployment: sound, images: {shop: %s}}".formatted(ShopDeployment.image("2.0.0"));

    /** What is around it: each Block before anything is written, warnings beside a migration that goes on. */
    @Test
    void surroundings(Scene scene) {
        scene.apply(deployment("sound", "replicas: 2", PROBE) + service("sound", ""));
        scene.awaitRolledOut("sound");

        MigrationStatus missing = refused(scene, "missing", NEEDS_SETTINGS);
        assertThat(Objects.requireNonNull(missing.cause()).message()).contains("ConfigMap settings");
        assertThat(blocks(missing)).containsExactly("ConfigMapMissing");

        scene.kubectl("create", "quota", "tight", "--hard=pods=3");
        await().atMost(Migrations.PATIENCE)
                .until(() -> scene.kubectl("get", "quota", "tight", "-o", "jsonpath={.status.used.pods}")
                        .strip()
                        .equals("2"));
        MigrationStatus both = refused(scene, "both", NEEDS_SETTINGS);
        assertThat(blocks(both)).containsExactly("ConfigMapMissing", "QuotaExceeded");
        MigrationStatus tight = refused(scene, "tight", TO_2);
        assertThat(Objects.requireNonNull(tight.cause()).message())
                .contains("of pods 2 are used of 3, and 2 more are needed");
        scene.kubectl("delete", "quota", "tight");

        scene.kubectl("label", "namespace", scene.namespace(), "pod-security.kubernetes.io/enforce=restricted");
        MigrationStatus insecure = refused(scene, "insecure", TO_2);
        assertThat(Objects.requireNonNull(insecure.cause()).message()).contains("violates PodSecurity");
        assertThat(blocks(insecure)).containsExactly("PodRefused");
        scene.kubectl("label", "namespace", scene.namespace(), "pod-security.kubernetes.io/enforce-");
        assertThat(scene.traces()).isEmpty();

        scene.kubectl("scale", "deployment", "sound", "--replicas=1");
        scene.awaitRolledOut("sound");
        scene.apply(migration("good", TO_2, Manifests.BRISK));
        MigrationStatus good =
                scene.migrations().reached("good", Phase.Completed).getStatus();
        assertThat(good.findingsOrEmpty())
                .extracting(Finding::reason)
                .containsExactly("SingleReplica", "NoGracefulStop", "HealthOnly");
        assertThat(good.condition("Assessed")).get().satisfies(c -> {
            assertThat(c.status()).isEqualTo("True");
            assertThat(c.message()).isEqualTo("2 warnings: NoGracefulStop, SingleReplica; 1 note: HealthOnly");
        });
        assertThat(scene.told("good", "AssessmentWarned"))
                .filteredOn(e -> "AssessmentWarned".equals(e.getReason()))
                .singleElement()
                .satisfies(e -> assertThat(e.getNote()).contains("SingleReplica: ", "NoGracefulStop: "));
    }

    private static final String AS_ROBOT =
            "{deployment: sound, patch: {spec: {serviceAccountName: robot, containers: [{name: shop, envFrom: [{configMapRef: {name: settings}}]}]}}}";

    /** Another account without the roles of the one before, until what the remedy says is typed. */
    @Test
    void roles(Scene scene) {
        scene.apply(deployment("sound", "replicas: 1", PROBE) + service("sound", ""));
        scene.awaitRolledOut("sound");
        scene.kubectl("create", "serviceaccount", "robot");
        scene.kubectl(
                "create",
                "rolebinding",
                "looking",
                "--clusterrole=view",
                "--serviceaccount=%s:default".formatted(scene.namespace()));

        Finding missing = roles(refused(scene, "without", AS_ROBOT));
        assertThat(missing.reason()).isEqualTo("RoleMissing");
        assertThat(missing.message()).contains("ServiceAccount robot", "ClusterRole view");
        String command = Objects.requireNonNull(missing.remedy())
                .lines()
                .filter(line -> line.startsWith("kubectl "))
                .findFirst()
                .orElseThrow();
        scene.kubectl(command.substring("kubectl ".length()).split(" ", -1));

        Finding found = roles(refused(scene, "with", AS_ROBOT));
        assertThat(found.reason()).isEqualTo("Roles");
        assertThat(found.message()).endsWith("ServiceAccount robot of the new version: ClusterRole view");
    }

    /** The only one of them: who lacks the role has none. */
    private static Finding roles(MigrationStatus status) {
        List<Finding> told = status.findingsOrEmpty().stream()
                .filter(f -> f.reason().startsWith("Role"))
                .toList();
        assertThat(told).hasSize(1);
        return told.getFirst();
    }

    private static MigrationStatus refused(Scene scene, String name, String component) {
        scene.apply(migration(name, component));
        MigrationStatus status = scene.migrations().reached(name, Phase.Failed).getStatus();
        assertThat(status.condition("Assessed").map(Condition::status)).contains("False");
        assertThat(Objects.requireNonNull(status.cause()).reason())
                .isEqualTo(blocks(status).getFirst());
        return status;
    }

    private static List<String> blocks(MigrationStatus status) {
        return status.findingsOrEmpty().stream()
                .filter(f -> f.severity() == Finding.Severity.Block)
                .map(Finding::reason)
                .toList();
    }

    private static String deployment(String name, String spec, String container) {
        return """
                apiVersion: apps/v1
                kind: Deployment
                metadata: {name: %1$s}
                spec: {%2$s, selector: {matchLabels: {app: %1$s}}, template: {metadata: {labels: {app: %1$s}},
                  spec: {terminationGracePeriodSeconds: 0, containers: [{name: shop, image: %4$s%3$s}]}}}
                ---
                """.formatted(name, spec, container, ShopDeployment.image("1.0.0"));
    }

    private static String service(String name, String spec) {
        return """
                apiVersion: v1
                kind: Service
                metadata: {name: %1$s}
                spec: {selector: {app: %1$s}, ports: [{port: 8080}]%2$s}
                """.formatted(name, spec);
    }
}
