package dev.segue.e2e.migration;

import static dev.segue.e2e.scenario.Manifests.BRISK;
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
import dev.segue.e2e.stage.Scene;
import dev.segue.e2e.stage.ShopDeployment;
import dev.segue.e2e.witness.Kind;
import dev.segue.e2e.witness.Summary;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A Deployment's life goes on after a migration: the next one, the way back to an old version, a restart. */
@Scenarios
class JourneyIT {

    @Tag("long")
    @Test
    void oneMigrationAfterTheOther(Scene scene) {
        scene.deploy(ShopDeployment.version("1.0.0"));
        var witness = scene.witness(Load.BRISK);

        scene.apply(migration("shop-2", to("2.0.0"), BRISK));
        assertThat(handover(scene, "shop-2")).isEqualTo("Adopt");
        nothingLeft(scene);

        // The Deployment still has the ReplicaSet of 1.0.0, would prefer it to ours, and stop ours.
        scene.apply(migration("shop-1", to("1.0.0"), BRISK));
        assertThat(handover(scene, "shop-1")).isEqualTo("Settle");
        nothingLeft(scene);

        scene.apply(migration("shop-2-1", to("2.0.0", "VERSION", "2.1.0"), BRISK));
        assertThat(handover(scene, "shop-2-1")).isEqualTo("Adopt");
        Summary seen = witness.stop();

        noneFailed(seen, Load.BRISK);
        served(seen, "1.0.0", Kind.values());
        served(seen, "2.0.0", Kind.values());
        served(seen, "2.1.0", Kind.values());
        nothingLeft(scene);

        Set<String> before = uids(scene.shopPods());
        scene.kubectl("rollout", "restart", "deployment/shop");
        scene.awaitRolledOut("shop");
        assertThat(uids(scene.shopPods())).hasSize(4).doesNotContainAnyElementsOf(before);
    }

    private static String handover(Scene scene, String migration) {
        return String.valueOf(scene.migrations()
                .reached(migration, Phase.Completed)
                .getStatus()
                .handover());
    }
}
