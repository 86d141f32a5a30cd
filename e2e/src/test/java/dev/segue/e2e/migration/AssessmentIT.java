package dev.segue.e2e.migration;

import static dev.segue.e2e.scenario.Manifests.migration;
import static org.assertj.core.api.Assertions.assertThat;

import dev.segue.api.Condition;
import dev.segue.api.Phase;
import dev.segue.e2e.scenario.Scenarios;
import dev.segue.e2e.stage.Scene;
import dev.segue.e2e.stage.ShopDeployment;
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
