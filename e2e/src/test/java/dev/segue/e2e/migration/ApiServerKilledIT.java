package dev.segue.e2e.migration;

import static dev.segue.e2e.scenario.Manifests.migration;
import static dev.segue.e2e.scenario.Manifests.to;
import static dev.segue.e2e.scenario.Verdicts.noneFailed;
import static dev.segue.e2e.scenario.Verdicts.nothingLeft;
import static dev.segue.e2e.scenario.Verdicts.served;
import static dev.segue.e2e.scenario.Verdicts.serving;
import static dev.segue.e2e.scenario.Verdicts.uids;

import dev.segue.api.Migration;
import dev.segue.api.Phase;
import dev.segue.e2e.scenario.Scenarios;
import dev.segue.e2e.stage.Load;
import dev.segue.e2e.stage.Scene;
import dev.segue.e2e.stage.ShopDeployment;
import dev.segue.e2e.witness.Kind;
import dev.segue.e2e.witness.Summary;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;

/** The API server may die at any time. It is killed by SIGKILL, and is away for some seconds each time. */
@Scenarios
@Isolated("ends the API server")
class ApiServerKilledIT {
    @Test
    void apiServerKilledWhileTrafficMoves(Scene scene) {
        scene.deploy(ShopDeployment.version("1.0.0"));
        var witness = scene.witness(Load.BRISK);
        scene.apply(migration("shop-2", to("2.0.0"), """
                steps: [{weight: 25, hold: 3s}, {weight: 100, hold: 5s}]
                verify: {propagation: 3s, drain: {wait: 8s}}
                """));
        scene.migrations().task("shop-2", Phase.Shifting, "Hold");
        scene.restartApiServer();
        scene.migrations().task("shop-2", Phase.CuttingOver, "DrainSource");
        scene.restartApiServer();
        Migration handingOver = scene.migrations().task("shop-2", Phase.HandingOver, "ApplyChangePaused");
        Set<String> pods = uids(scene.pods(
                Objects.requireNonNull(handingOver.getStatus().target()).replicaSet()));
        scene.restartApiServer();

        scene.migrations().reached("shop-2", Phase.Completed);
        Summary seen = witness.stop();
        noneFailed(seen, Load.BRISK);
        served(seen, "1.0.0", Kind.values());
        served(seen, "2.0.0", Kind.values());
        serving(scene, pods);
        nothingLeft(scene);
    }
}
