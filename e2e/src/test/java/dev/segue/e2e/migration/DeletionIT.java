package dev.segue.e2e.migration;

import static dev.segue.e2e.scenario.Manifests.migration;
import static dev.segue.e2e.scenario.Manifests.to;
import static dev.segue.e2e.scenario.Verdicts.cause;
import static dev.segue.e2e.scenario.Verdicts.noneFailed;
import static dev.segue.e2e.scenario.Verdicts.nothingLeft;
import static dev.segue.e2e.scenario.Verdicts.served;
import static dev.segue.e2e.scenario.Verdicts.serving;
import static dev.segue.e2e.scenario.Verdicts.uids;
import static dev.segue.e2e.stage.Migrations.PATIENCE;
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

/** Whoever deletes a Migration gets the old version back first. */
@Scenarios
class DeletionIT {

    @Tag("long")
    @Test
    void deletedInShifting(Scene scene) {
        Summary seen = deletedAt(scene, "steps: [{weight: 50, hold: 10m}, {weight: 100}]\n", Phase.Shifting, "Hold");
        served(seen, "2.0.0", Kind.NEW);
    }

    @Test
    void deletedInSoaking(Scene scene) {
        Summary seen = deletedAt(scene, "steps: [{weight: 100, hold: 10m}]\n", Phase.Soaking, "Soak");
        served(seen, "2.0.0", Kind.values());
    }

    private static Summary deletedAt(Scene scene, String steps, Phase phase, String task) {
        scene.deploy(ShopDeployment.version("1.0.0"));
        Set<String> pods = uids(scene.shopPods());
        var witness = scene.witness(Load.BRISK);
        scene.apply(migration("shop-2", to("2.0.0"), steps, "verify: {propagation: 3s, drain: {wait: 8s}}\n"));
        scene.migrations().task("shop-2", phase, task);

        // Returns when it is gone.
        scene.kubectl("delete", "migration", "shop-2", "--timeout", PATIENCE.toSeconds() + "s");
        scene.migrations().awaitDeleted("shop-2");
        Summary seen = witness.stop();

        var last = scene.migrations().history("shop-2").getLast();
        assertThat(last.getStatus().phase()).isEqualTo(Phase.Reverted);
        assertThat(cause(last)).isEqualTo("Deleted");
        noneFailed(seen, Load.BRISK);
        served(seen, "1.0.0", Kind.values());
        serving(scene, pods);
        nothingLeft(scene);
        return seen;
    }
}
