package dev.segue.e2e.migration;

import static dev.segue.e2e.scenario.Manifests.PROMETHEUS;
import static dev.segue.e2e.scenario.Manifests.migration;
import static dev.segue.e2e.scenario.Manifests.to;
import static dev.segue.e2e.scenario.Verdicts.image;
import static dev.segue.e2e.scenario.Verdicts.noneFailed;
import static dev.segue.e2e.scenario.Verdicts.nothingLeft;
import static dev.segue.e2e.scenario.Verdicts.served;
import static dev.segue.e2e.scenario.Verdicts.serving;
import static dev.segue.e2e.scenario.Verdicts.uids;
import static org.assertj.core.api.Assertions.assertThat;

import dev.segue.api.Phase;
import dev.segue.e2e.scenario.Scenarios;
import dev.segue.e2e.stage.Load;
import dev.segue.e2e.stage.Scene;
import dev.segue.e2e.stage.ShopDeployment;
import dev.segue.e2e.witness.Kind;
import dev.segue.e2e.witness.Summary;
import java.util.Set;
import org.junit.jupiter.api.Test;

/**
 * By choice: the Deployment builds its own pods, then the target's are withdrawn. Both versions' pods are drained until
 * their own counters say that they are idle.
 */
@Scenarios
class SettleIT {

    @Test
    void settle(Scene scene) {
        scene.deploy(ShopDeployment.version("1.0.0"));
        var witness = scene.witness(Load.USUAL);
        scene.apply(migration("shop-2", to("2.0.0"), """
                steps: [{weight: 25, hold: 3s}, {weight: 50, hold: 3s}, {weight: 100, hold: 4s}]
                analysis: {prometheus: {url: %s}}
                verify:
                  propagation: 3s
                  drain:
                    query: 'sum(increase(http_server_requests_seconds_count{namespace="$namespace",pod=~"$pods"}[6s]))'
                    quietFor: 4s
                handover: {via: Settle}
                """.formatted(PROMETHEUS)));

        scene.migrations().task("shop-2", Phase.Soaking, "Soak");
        Set<String> lent = uids(scene.shopPods());
        scene.migrations().reached("shop-2", Phase.Completed);
        Summary seen = witness.stop();

        noneFailed(seen, Load.USUAL);
        served(seen, "1.0.0", Kind.values());
        served(seen, "2.0.0", Kind.values());
        scene.awaitRolledOut("shop");
        assertThat(image(scene)).isEqualTo(ShopDeployment.image("2.0.0"));
        Set<String> own = uids(scene.shopPods());
        assertThat(own).hasSize(4).doesNotContainAnyElementsOf(lent);
        serving(scene, own);
        nothingLeft(scene);
    }
}
