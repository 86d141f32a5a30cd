package dev.segue.e2e.migration;

import static dev.segue.e2e.scenario.Manifests.BRISK;
import static dev.segue.e2e.scenario.Manifests.migration;
import static dev.segue.e2e.scenario.Manifests.staging;
import static dev.segue.e2e.scenario.Manifests.to;
import static dev.segue.e2e.scenario.Verdicts.cause;
import static dev.segue.e2e.scenario.Verdicts.gone;
import static dev.segue.e2e.scenario.Verdicts.noneFailed;
import static dev.segue.e2e.scenario.Verdicts.nothingLeft;
import static dev.segue.e2e.scenario.Verdicts.why;
import static dev.segue.e2e.stage.Migrations.PATIENCE;
import static dev.segue.e2e.stage.Migrations.staging;
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
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;

/** The moves are rehearsed in the copy: there and back, under a load. That a good version passes is in {@link StagingIT}. */
@Scenarios
@Isolated("ends the operator of all")
class RehearsalIT {
    private static final String MOVES = "rehearsal";

    /** What the old version needs, and the new one does not. */
    private static final String ONLY_OLD =
            "spec: {template: {spec: {containers: [{name: shop, env: [{name: OLD, valueFrom: {configMapKeyRef: {name: old, key: key}}}]}]}}}";

    private static final String ONLY_OLD_REMOVED =
            "spec: {containers: [{name: shop, env: [{name: OLD, $patch: delete}]}]}";

    /**
     * The new version raises the version of the data that both have in common, and the old one cannot work with them from then
     * on. The operator dies in the middle, and goes on.
     */
    @Test
    void anOldVersionThatDoesNotRecoverIsFound(Scene scene) {
        scene.deployCalled("ledger", new ShopDeployment(1, "1.0.0", Map.of()));
        scene.awaitRolledOut("ledger");
        scene.deploy(ShopDeployment.version("1.0.0").with("LEDGER", "http://ledger:8080"));
        var witness = scene.witness(Load.BRISK);

        scene.apply(migration(
                "shop-2",
                to("2.0.0", "SCHEMA", "2"),
                BRISK,
                staging("rehearse: true", "keep: Never", "dependencies: [{name: ledger, mode: Copy}]")));
        scene.migrations().task("shop-2", Phase.Staging, "DeploySource");
        kill(scene);
        try (var moves = moves(scene)) {
            moves.reached(MOVES, Phase.CuttingOver);
            kill(scene);
        }

        Migration failed = scene.migrations().reached("shop-2", Phase.Failed);
        assertThat(cause(failed)).isEqualTo("StagingMovesFailed");
        assertThat(why(failed)).contains("the last with HTTP 500", "the old version does not recover");
        assertThat(scene.kubectl("get", "replicasets", "-o", "name").lines())
                .as("production's own, and the ledger's")
                .hasSize(2);
        noneFailed(witness.stop(), Load.BRISK);
        gone(scene, staging(failed).namespace());
        scene.kubectl("delete", "deployment,service", "ledger");
        nothingLeft(scene);
    }

    private static void kill(Scene scene) {
        Operator operator = scene.stage().operator();
        int before = operator.restarts();
        operator.kill();
        operator.awaitRestart(before);
    }

    private static Migrations moves(Scene scene) {
        return new Migrations(
                scene.stage().client(),
                staging(scene.migrations().reached("shop-2", Phase.Staging)).namespace());
    }

    /** The namespace is an administrator's, who made it for this, and stays. */
    @Test
    void aDeletionInTheMiddleLeavesNothing(Scene scene) {
        String namespace = scene.namespace() + "-copies";
        scene.kubectl("create", "namespace", namespace);
        scene.kubectl("label", "namespace", namespace, "segue.dev/staging-for=" + scene.namespace());
        try {
            scene.deploy(ShopDeployment.version("1.0.0"));
            scene.kubectl("create", "configmap", "old", "--from-literal=key=value");
            scene.kubectl("patch", "deployment", "shop", "-p", ONLY_OLD);
            scene.awaitRolledOut("shop");
            scene.apply(migration(
                    "shop-2",
                    "{deployment: shop, images: {shop: %s}, patch: {%s}}"
                            .formatted(ShopDeployment.image("2.0.0"), ONLY_OLD_REMOVED),
                    BRISK,
                    staging("rehearse: true", "namespace: " + namespace)));
            try (var moves = moves(scene)) {
                moves.reached(MOVES, Phase.Shifting);
                scene.kubectl("delete", "migration", "shop-2", "--timeout=" + PATIENCE.toSeconds() + "s");
                assertThat(moves.isDeleted(MOVES))
                        .as("it ends before the Migration does")
                        .isTrue();
            }
            assertThat(scene.stage().kubectl("get", "namespace", namespace, "-o", "name"))
                    .contains(namespace);
            await().atMost(PATIENCE) // what the garbage collector takes with them
                    .untilAsserted(() -> assertThat(scene.stage()
                                    .kubectl(
                                            "-n",
                                            namespace,
                                            "get",
                                            "migrations,deployments,replicasets,pods,services,jobs,networkpolicies,resourcequotas",
                                            "-o",
                                            "name")
                                    .lines())
                            .isEmpty());
            scene.kubectl("delete", "configmap", "old");
            nothingLeft(scene);
        } finally {
            scene.kubectl("delete", "namespace", namespace);
        }
    }
}
