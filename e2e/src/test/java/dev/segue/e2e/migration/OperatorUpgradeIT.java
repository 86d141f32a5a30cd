package dev.segue.e2e.migration;

import static dev.segue.e2e.scenario.Manifests.migration;
import static dev.segue.e2e.scenario.Manifests.to;
import static dev.segue.e2e.scenario.Verdicts.noneFailed;
import static dev.segue.e2e.scenario.Verdicts.nothingLeft;
import static dev.segue.e2e.scenario.Verdicts.served;
import static dev.segue.e2e.scenario.Verdicts.uids;
import static org.assertj.core.api.Assertions.assertThat;

import dev.segue.api.Phase;
import dev.segue.e2e.scenario.Scenarios;
import dev.segue.e2e.stage.Load;
import dev.segue.e2e.stage.Operator;
import dev.segue.e2e.stage.Scene;
import dev.segue.e2e.stage.ShopDeployment;
import dev.segue.e2e.witness.Kind;
import dev.segue.e2e.witness.Summary;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;

/** The operator is upgraded while it works. */
@Scenarios
@Isolated("ends the operator of all")
class OperatorUpgradeIT {

    @Test
    void operatorStoppedAndStartedInSoaking(Scene scene) {
        Operator operator = scene.stage().operator();
        scene.deploy(ShopDeployment.version("1.0.0"));
        var witness = scene.witness(Load.BRISK);
        scene.apply(migration("shop-2", to("2.0.0"), """
                steps: [{weight: 100, hold: 5s}]
                verify: {propagation: 3s, drain: {wait: 8s}}
                """));
        scene.migrations().task("shop-2", Phase.Soaking, "Soak");
        Set<String> pods = uids(scene.shopPods());

        operator.stop();
        // The next one need not wait for a lease that nobody holds.
        assertThat(operator.leader()).isEmpty();
        operator.start();

        scene.migrations().reached("shop-2", Phase.Completed);
        Summary seen = witness.stop();
        noneFailed(seen, Load.BRISK);
        served(seen, "2.0.0", Kind.values());
        assertThat(pods).containsAll(uids(scene.shopPods()));
        nothingLeft(scene);
    }
}
