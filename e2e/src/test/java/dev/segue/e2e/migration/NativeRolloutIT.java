package dev.segue.e2e.migration;

import static dev.segue.e2e.scenario.Verdicts.sent;
import static dev.segue.e2e.scenario.Verdicts.served;
import static dev.segue.e2e.stage.Migrations.PATIENCE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.segue.e2e.scenario.Scenarios;
import dev.segue.e2e.stage.Load;
import dev.segue.e2e.stage.Scene;
import dev.segue.e2e.stage.ShopDeployment;
import dev.segue.e2e.witness.Kind;
import dev.segue.e2e.witness.Summary;
import org.junit.jupiter.api.Test;

/** The control experiment: the same application under the same load does lose requests without Segue, and we see it. */
@Scenarios
class NativeRolloutIT {

    @Test
    void nativeRollingUpdateLosesRequests(Scene scene) {
        scene.deploy(ShopDeployment.version("1.0.0"));
        var witness = scene.witness(Load.USUAL);

        scene.kubectl("set", "image", "deployment/shop", "shop=" + ShopDeployment.image("2.0.0"));
        scene.awaitRolledOut("shop");
        await().atMost(PATIENCE)
                .until(() -> witness.summary().part(Kind.SLOW, "2.0.0").ok() > 0);
        Summary seen = witness.stop();

        sent(seen, Load.USUAL);
        served(seen, "1.0.0", Kind.values());
        served(seen, "2.0.0", Kind.values());
        assertThat(seen.connectionFailures())
                .as("requests that the rolling update lost")
                .isPositive();
        assertThat(seen.failures()).isEqualTo(seen.connectionFailures());
    }
}
