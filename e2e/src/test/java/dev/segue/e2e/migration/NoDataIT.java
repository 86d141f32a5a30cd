package dev.segue.e2e.migration;

import static dev.segue.e2e.scenario.Manifests.BRISK;
import static dev.segue.e2e.scenario.Manifests.metric;
import static dev.segue.e2e.scenario.Manifests.migration;
import static dev.segue.e2e.scenario.Manifests.to;
import static dev.segue.e2e.scenario.Verdicts.noneFailed;
import static dev.segue.e2e.scenario.Verdicts.nothingLeft;

import dev.segue.api.Migration;
import dev.segue.api.Phase;
import dev.segue.e2e.scenario.Scenarios;
import dev.segue.e2e.stage.Load;
import dev.segue.e2e.stage.Migrations;
import dev.segue.e2e.stage.Scene;
import dev.segue.e2e.stage.ShopDeployment;
import dev.segue.e2e.witness.Summary;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** Missing data are neither success nor harm: the weight is held until they come. */
@Scenarios
class NoDataIT {

    @Test
    void missingDataHold(Scene scene) {
        scene.deploy(ShopDeployment.version("1.0.0"));
        var witness = scene.witness(Load.BRISK);
        String query = "max(shop_queue_depth{namespace=\"$namespace\",pod=~\"late-.*\"})";
        scene.apply(migration("shop-2", to("2.0.0"), BRISK, metric("late", query, 10_000)));
        scene.migrations().reached("shop-2", "Waiting=NoData after the end of the hold", NoDataIT::heldBeyond);

        scene.deployBeside("late", new ShopDeployment(1, "6.0.0", Map.of()));
        scene.migrations().reached("shop-2", Phase.Completed);
        Summary seen = witness.stop();

        noneFailed(seen, Load.BRISK);
        nothingLeft(scene);
    }

    /** It would have gone on at this time if missing data were good data. */
    private static boolean heldBeyond(Migration m) {
        var status = Migrations.status(m);
        return Migrations.waitingFor(m).equals("NoData")
                && status.phase() == Phase.Shifting
                && status.metricsOrEmpty()
                        .getFirst()
                        .at()
                        .isAfter(Objects.requireNonNull(
                                Objects.requireNonNull(status.step()).holdUntil()));
    }
}
