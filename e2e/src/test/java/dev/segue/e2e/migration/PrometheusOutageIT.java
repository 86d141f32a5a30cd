package dev.segue.e2e.migration;

import static dev.segue.e2e.scenario.Manifests.HALF;
import static dev.segue.e2e.scenario.Manifests.comparing;
import static dev.segue.e2e.scenario.Manifests.errors;
import static dev.segue.e2e.scenario.Manifests.migration;
import static dev.segue.e2e.scenario.Manifests.to;
import static dev.segue.e2e.scenario.Verdicts.noneFailed;
import static dev.segue.e2e.scenario.Verdicts.nothingLeft;
import static dev.segue.e2e.stage.Migrations.PATIENCE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.segue.api.Migration;
import dev.segue.api.MigrationStatus;
import dev.segue.api.Phase;
import dev.segue.e2e.scenario.Evidence;
import dev.segue.e2e.scenario.Scenarios;
import dev.segue.e2e.stage.Load;
import dev.segue.e2e.stage.Migrations;
import dev.segue.e2e.stage.Scene;
import dev.segue.e2e.stage.ShopDeployment;
import dev.segue.e2e.witness.Summary;
import java.time.Duration;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;

/** An outage of Prometheus is no verdict: the weight is held while it lasts, and what follows decides. */
@Scenarios
@Isolated("ends the Prometheus of all")
class PrometheusOutageIT {
    /** Of Prometheus, in seconds. Two minutes are as much as is promised; 40 s show the same. */
    private static final int OUTAGE = Integer.getInteger("segue.prometheus.outage", 40);

    /** For 40 s, or as many as {@code -Dsegue.prometheus.outage} says. */
    @Test
    void whilePrometheusIsAwayTheWeightIsHeld(Scene scene) {
        scene.deploy(ShopDeployment.version("1.0.0"));
        var witness = scene.witness(Load.DENSE);
        await().atMost(PATIENCE).until(() -> witness.summary().requests() >= 3000);
        scene.apply(migration("shop-2", to("2.0.0"), HALF, comparing(errors("1%"))));
        scene.migrations().task("shop-2", Phase.Shifting, "Hold");

        scene.stage().withoutPrometheus(() -> {
            scene.migrations().waiting("shop-2", "PrometheusUnavailable");
            await().during(Duration.ofSeconds(OUTAGE))
                    .atMost(Duration.ofSeconds(OUTAGE + 30))
                    .until(() -> held(scene.migrations().history("shop-2").getLast()));
        });
        Migration on = scene.migrations().reached("shop-2", Phase.CuttingOver);
        scene.abort("shop-2");
        scene.migrations().reached("shop-2", Phase.Reverted);
        Summary seen = witness.stop();

        assertThat(Objects.requireNonNull(Migrations.status(on).verdict()).verdict())
                .isEqualTo("NonInferior");
        assertThat(Evidence.verdicts(scene, "shop-2"))
                .contains("ProviderError", "NonInferior")
                .doesNotContain("Harm", "Inconclusive", "ConfigError");
        noneFailed(seen, Load.DENSE);
        nothingLeft(scene);
    }

    private static boolean held(Migration m) {
        MigrationStatus s = Migrations.status(m);
        return s.phase() == Phase.Shifting
                && Objects.requireNonNull(s.step()).weight() == 50
                && Migrations.waitingFor(m).equals("PrometheusUnavailable");
    }
}
