package dev.segue.e2e.migration;

import static dev.segue.e2e.scenario.Manifests.migration;
import static dev.segue.e2e.scenario.Manifests.to;
import static dev.segue.e2e.scenario.Verdicts.image;
import static dev.segue.e2e.scenario.Verdicts.noneFailed;
import static dev.segue.e2e.scenario.Verdicts.nothingLeft;
import static dev.segue.e2e.scenario.Verdicts.served;
import static dev.segue.e2e.scenario.Verdicts.serving;
import static dev.segue.e2e.scenario.Verdicts.uids;
import static org.assertj.core.api.Assertions.assertThat;

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

/** The main road: the Deployment takes the very pods over that serve already. */
@Scenarios
class AdoptIT {

    @Test
    void adopt(Scene scene) {
        scene.deploy(ShopDeployment.version("1.0.0"));
        Set<String> oldPods = uids(scene.shopPods());
        var witness = scene.witness(Load.USUAL);
        scene.apply(migration("shop-2", to("2.0.0"), """
                steps: [{weight: 25, hold: 3s}, {weight: 50, hold: 3s}, {weight: 100, hold: 20s}]
                verify: {propagation: 3s, drain: {wait: 13s}}
                handover: {via: Adopt}
                """));

        String target = targetOf(scene.migrations().task("shop-2", Phase.Preparing, "AwaitTarget"));
        scene.migrations()
                .reached("shop-2", "the first step", m -> m.getStatus().phase() == Phase.Shifting);
        Set<String> firstPods = uids(scene.pods(target));
        scene.migrations().task("shop-2", Phase.Soaking, "Soak");
        Set<String> targetPods = uids(scene.pods(target));
        columns(scene.kubectl("get", "migrations"));
        scene.migrations().reached("shop-2", Phase.Completed);
        Summary seen = witness.stop();

        noneFailed(seen, Load.USUAL);
        served(seen, "1.0.0", Kind.values());
        served(seen, "2.0.0", Kind.values());
        assertThat(firstPods).isNotEmpty();
        assertThat(targetPods).hasSize(4).containsAll(firstPods).doesNotContainAnyElementsOf(oldPods);
        serving(scene, targetPods);
        nothingLeft(scene);

        scene.kubectl("wait", "--for=condition=Ready", "migration/shop-2", "--timeout=1s");
        scene.awaitRolledOut("shop");
        assertThat(scene.kubectl("rollout", "history", "deployment/shop")).containsPattern("(?m)^2 ");
        assertThat(image(scene)).isEqualTo(ShopDeployment.image("2.0.0"));
        scene.kubectl("rollout", "undo", "deployment/shop");
        scene.awaitRolledOut("shop");
        assertThat(image(scene)).isEqualTo(ShopDeployment.image("1.0.0"));
        assertThat(scene.pods(target)).isEmpty();
    }

    private static void columns(String table) {
        var lines = table.lines().toList();
        assertThat(lines).hasSize(2);
        assertThat(lines.getFirst().split(" +"))
                .containsExactly("NAME", "PHASE", "STEP", "WEIGHT", "TARGET", "VERDICT", "WAITING", "AGE");
        assertThat(lines.getLast()).matches("shop-2 +Soaking +3/3 +100% +4/4 +[0-9hms]+ *");
    }

    private static String targetOf(Migration m) {
        return Objects.requireNonNull(m.getStatus().target()).replicaSet();
    }
}
