package dev.segue.e2e.migration;

import static dev.segue.e2e.scenario.Manifests.HALF;
import static dev.segue.e2e.scenario.Manifests.comparing;
import static dev.segue.e2e.scenario.Manifests.errors;
import static dev.segue.e2e.scenario.Manifests.metric;
import static dev.segue.e2e.scenario.Manifests.migration;
import static dev.segue.e2e.scenario.Manifests.to;
import static dev.segue.e2e.scenario.Verdicts.cause;
import static dev.segue.e2e.scenario.Verdicts.nothingLeft;
import static dev.segue.e2e.stage.Migrations.PATIENCE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.segue.api.Migration;
import dev.segue.api.MigrationStatus;
import dev.segue.api.Phase;
import dev.segue.e2e.scenario.Scenarios;
import dev.segue.e2e.stage.Migrations;
import dev.segue.e2e.stage.Scene;
import dev.segue.e2e.stage.ShopDeployment;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Where nothing can be known the weight is held, whatever stands in the way, and it says so. */
@Scenarios
class HeldEvidenceIT {
    @Test
    void withoutTrafficItIsInconclusive(Scene scene) {
        scene.deploy(ShopDeployment.version("1.0.0"));
        scene.apply(
                migration("shop-2", to("2.0.0"), HALF, comparing(errors("1%"), "deadline: 10s", "outageLimit: 10s")));

        Migration held = scene.migrations().waiting("shop-2", "Inconclusive");
        MigrationStatus status = Migrations.status(held);
        assertThat(status.phase()).isEqualTo(Phase.Shifting);
        assertThat(Objects.requireNonNull(status.verdict()).verdict()).isEqualTo("Inconclusive");
        assertThat(scene.told("shop-2", "Inconclusive"))
                .filteredOn(e -> e.getReason().equals("Inconclusive"))
                .singleElement()
                .satisfies(e -> {
                    assertThat(e.getNote())
                            .startsWith("NoTraffic: ")
                            .containsPattern(
                                    "Prometheus has (no metric|[0-9]+ series of) http_server_requests_seconds_count")
                            .contains("analysis.onInconclusive is Pause");
                    assertThat(e.getType()).isEqualTo("Warning");
                });

        scene.command("shop-2", "promote");
        scene.migrations().reached("shop-2", Phase.Soaking);
        scene.abort("shop-2");
        scene.migrations().reached("shop-2", Phase.Reverted);
        nothingLeft(scene);
    }

    @Tag("long")
    @Test
    void withoutTrafficItGoesBackWhereThePolicyIsRevert(Scene scene) {
        Migration end = withoutTraffic(scene, "Revert", Phase.Reverted);
        assertThat(cause(end)).isEqualTo("Inconclusive");
        nothingLeft(scene);
    }

    @Tag("long")
    @Test
    void withoutTrafficItGoesOnWhereThePolicyIsPromote(Scene scene) {
        Migration on = withoutTraffic(scene, "Promote", Phase.Soaking);
        assertThat(Migrations.status(on).cause()).isNull();
        scene.abort("shop-2");
        scene.migrations().reached("shop-2", Phase.Reverted);
        nothingLeft(scene);
    }

    private static Migration withoutTraffic(Scene scene, String policy, Phase phase) {
        scene.deploy(ShopDeployment.version("1.0.0"));
        scene.apply(migration(
                "shop-2",
                to("2.0.0"),
                HALF,
                comparing(errors("1%"), "deadline: 10s", "outageLimit: 10s", "onInconclusive: " + policy)));
        Migration reached = scene.migrations().reached("shop-2", phase);
        assertThat(scene.told("shop-2", "Inconclusive"))
                .filteredOn(e -> e.getReason().equals("Inconclusive"))
                .isNotEmpty()
                .allSatisfy(e -> assertThat(e.getNote()).contains("analysis.onInconclusive is " + policy));
        return reached;
    }

    @Test
    void aWrongQueryIsRefusedBeforeTheStart(Scene scene) {
        scene.deploy(ShopDeployment.version("1.0.0"));
        List<String> pods =
                scene.shopPods().stream().map(p -> p.getMetadata().getName()).toList();
        scene.apply(migration(
                "shop-2",
                to("2.0.0"),
                "steps: [{weight: 50, hold: 1s}, {weight: 100, hold: 1s}]\nverify: {propagation: 1s, drain: {wait: 1s}}\n",
                metric("queue", "max(shop_queue_depth{namespace=~\"$namespace\"}", 1000)));

        Migration refused = scene.migrations().reached("shop-2", Phase.Failed);
        assertThat(cause(refused)).isEqualTo("AnalysisRefused");
        assertThat(Objects.requireNonNull(Migrations.status(refused).cause()).message())
                .contains("metric queue")
                .contains("parse error: unclosed left parenthesis");
        assertThat(scene.shopPods())
                .extracting(p -> p.getMetadata().getName())
                .containsExactlyInAnyOrderElementsOf(pods);
        nothingLeft(scene);

        scene.apply(migration(
                "shop-2",
                to("2.0.0"),
                "steps: [{weight: 50, hold: 1s}, {weight: 100, hold: 1s}]\nverify: {propagation: 1s, drain: {wait: 1s}}\n",
                metric("queue", "max(shop_queue_depth{namespace=~\"$namespace\"})", 1000)));
        scene.command("shop-2", "retry");
        await().atMost(PATIENCE)
                .until(() ->
                        Migrations.status(scene.migrations().history("shop-2").getLast())
                                        .phase()
                                == Phase.Completed);
        assertThat(Objects.requireNonNull(
                        Migrations.status(scene.migrations().history("shop-2").getLast())
                                .run()))
                .isEqualTo(2);
        nothingLeft(scene);
    }
}
