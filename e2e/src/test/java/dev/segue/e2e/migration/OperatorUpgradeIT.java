package dev.segue.e2e.migration;

import static dev.segue.e2e.scenario.Manifests.migration;
import static dev.segue.e2e.scenario.Manifests.to;
import static dev.segue.e2e.scenario.Verdicts.noneFailed;
import static dev.segue.e2e.scenario.Verdicts.nothingLeft;
import static dev.segue.e2e.scenario.Verdicts.served;
import static dev.segue.e2e.scenario.Verdicts.uids;
import static dev.segue.e2e.stage.Migrations.PATIENCE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.segue.api.Migration;
import dev.segue.api.Phase;
import dev.segue.e2e.scenario.Scenarios;
import dev.segue.e2e.stage.Load;
import dev.segue.e2e.stage.Migrations;
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
@Isolated("replaces the operator of all")
class OperatorUpgradeIT {

    @Test
    void operatorUpgradedInSoaking(Scene scene) {
        Operator operator = scene.stage().operator();
        scene.deploy(ShopDeployment.version("1.0.0"));
        var witness = scene.witness(Load.BRISK);
        scene.apply(migration("shop-2", to("2.0.0"), """
                steps: [{weight: 100, hold: 10m}]
                verify: {propagation: 3s, drain: {wait: 8s}}
                """));
        String soaking = scene.migrations()
                .reached("shop-2", "a soak of which it has told", OperatorUpgradeIT::holds)
                .getMetadata()
                .getResourceVersion();
        Set<String> pods = uids(scene.shopPods());
        String before = operator.leader();
        assertThat(before).isNotEmpty();

        try {
            operator.upgrade("podAnnotations.upgraded=yes");
            // The next one need not wait for a lease that nobody holds.
            await().atMost(PATIENCE).untilAsserted(() -> {
                String now = operator.leader();
                assertThat(now).isNotEmpty();
                assertThat(operator.leaders()).endsWith(before, "", now);
            });
            // It has looked, and had nothing to write.
            await().atMost(PATIENCE)
                    .untilAsserted(() -> assertThat(operator.metrics())
                            .containsPattern("segue_migration_phase\\{.*migration_namespace=\"%s\".*phase=\"Soaking\""
                                    .formatted(scene.namespace())));
            assertThat(operator.writes()).isEmpty();
            assertThat(scene.kubectl("get", "migration", "shop-2", "-o", "jsonpath={.metadata.resourceVersion}")
                            .strip())
                    .as("resourceVersion of the Migration")
                    .isEqualTo(soaking);

            scene.command("shop-2", "promote");
            scene.migrations().reached("shop-2", Phase.Completed);
            Summary seen = witness.stop();
            noneFailed(seen, Load.BRISK);
            served(seen, "2.0.0", Kind.values());
            assertThat(pods).containsAll(uids(scene.shopPods()));
            nothingLeft(scene);
        } finally {
            operator.rollback();
        }
    }

    private static boolean holds(Migration m) {
        var status = Migrations.status(m);
        return status.phase() == Phase.Soaking
                && status.condition("Reconciling")
                        .filter(c -> c.message().startsWith("holding until"))
                        .isPresent();
    }
}
