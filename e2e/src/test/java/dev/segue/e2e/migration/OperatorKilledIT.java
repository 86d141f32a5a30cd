package dev.segue.e2e.migration;

import static dev.segue.e2e.scenario.Manifests.migration;
import static dev.segue.e2e.scenario.Manifests.to;
import static dev.segue.e2e.scenario.Verdicts.noneFailed;
import static dev.segue.e2e.scenario.Verdicts.nothingLeft;
import static dev.segue.e2e.scenario.Verdicts.served;
import static dev.segue.e2e.scenario.Verdicts.serving;
import static dev.segue.e2e.scenario.Verdicts.uids;
import static dev.segue.e2e.stage.Migrations.PATIENCE;
import static org.assertj.core.api.Assertions.assertThat;

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
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;

/**
 * The operator may die at any time. It is killed once in each phase, by SIGKILL; where a phase would be over too soon,
 * something from outside holds the Migration in it.
 */
@Scenarios
@Isolated("ends the operator of all")
class OperatorKilledIT {
    private static final String HOLD = "segue.dev/hold-for";
    private static final String OBSTACLE = "test.example/obstacle";

    /** A pod that the Service sends to when it is wide, and that is not the Deployment's: the last proof waits for it. */
    private static final String STRANGER = """
            apiVersion: v1
            kind: Pod
            metadata: {name: stranger, labels: {app: shop}}
            spec:
              containers:
              - name: shop
                image: %s
                ports: [{name: http, containerPort: 8080}]
                resources: {requests: {cpu: 50m, memory: 64Mi}}
                readinessProbe: {httpGet: {path: /ready, port: http}, periodSeconds: 1, timeoutSeconds: 5}
            """.formatted(ShopDeployment.image("2.0.0"));

    @Test
    void operatorKilledInEveryPhase(Scene scene) {
        scene.deploy(ShopDeployment.version("1.0.0"));
        var witness = scene.witness(Load.BRISK);

        // An older Migration of the same Deployment holds the newer one in Pending, and is itself hit in its revert.
        scene.apply(migration("older", to("2.0.0", "VERSION", "1.9.0"), """
                steps: [{weight: 25, hold: 10m}, {weight: 100}]
                verify: {propagation: 3s, drain: {wait: 8s}}
                """));
        scene.migrations().task("older", Phase.Shifting, "Hold");
        scene.apply(migration("shop-2", to("2.0.0"), """
                paused: true
                steps: [{weight: 25, hold: 3s}, {weight: 50, hold: 3s}, {weight: 100, hold: 10s}]
                verify: {propagation: 3s, drain: {wait: 8s}}
                """));
        scene.migrations().waiting("shop-2", "Locked");
        killIn(Phase.Pending, "shop-2", scene);
        scene.abort("older");
        scene.migrations().task("older", Phase.Reverting, "DrainTarget");
        killIn(Phase.Reverting, "older", scene);

        // A paused one goes no further than this.
        scene.migrations().waiting("shop-2", "Paused");
        killIn(Phase.Assessing, "shop-2", scene);
        // No pod of the target finds a node; a quota would already be found in the assessment.
        scene.kubectl("cordon", "-l", "kubernetes.io/os=linux");
        try {
            pause(false, scene);
            scene.migrations().task("shop-2", Phase.Preparing, "AwaitTarget");
            killIn(Phase.Preparing, "shop-2", scene);
        } finally {
            scene.kubectl("uncordon", "-l", "kubernetes.io/os=linux");
        }
        // Paused, it does not go on to the next step or phase.
        scene.migrations().task("shop-2", Phase.Shifting, "AwaitTarget");
        pause(true, scene);
        killIn(Phase.Shifting, "shop-2", scene);
        pause(false, scene);
        scene.migrations().task("shop-2", Phase.CuttingOver, "PinTarget");
        pause(true, scene);
        killIn(Phase.CuttingOver, "shop-2", scene);
        pause(false, scene);

        Migration soaking = scene.migrations().task("shop-2", Phase.Soaking, "Soak");
        pause(true, scene);
        String target = Objects.requireNonNull(soaking.getStatus().target()).replicaSet();
        Set<String> pods = uids(scene.pods(target));
        obstruct(scene, List.of(OBSTACLE));
        scene.apply(STRANGER);
        scene.kubectl("wait", "--for=condition=Ready", "pod/stranger", "--timeout", PATIENCE.toSeconds() + "s");
        killIn(Phase.Soaking, "shop-2", scene);
        pause(false, scene);
        scene.migrations().task("shop-2", Phase.HandingOver, "ProveEndpoints");
        killIn(Phase.HandingOver, "shop-2", scene);
        scene.kubectl("label", "pod", "stranger", "app=stranger", "--overwrite");
        scene.migrations().reached("shop-2", Phase.Finishing);
        killIn(Phase.Finishing, "shop-2", scene);
        obstruct(scene, List.of());

        scene.migrations().reached("shop-2", Phase.Completed);
        Summary seen = witness.stop();
        noneFailed(seen, Load.BRISK);
        served(seen, "1.0.0", Kind.values());
        served(seen, "2.0.0", Kind.values());
        assertThat(pods).hasSize(4);
        serving(scene, pods);
        nothingLeft(scene);
    }

    private static void pause(boolean paused, Scene scene) {
        scene.patchSpec("shop-2", "{\"paused\":%s}".formatted(paused));
    }

    private static void killIn(Phase phase, String migration, Scene scene) {
        Operator operator = scene.stage().operator();
        int before = operator.restarts();
        operator.kill();
        Migration left = scene.stage()
                .client()
                .resources(Migration.class)
                .inNamespace(scene.namespace())
                .withName(migration)
                .require();
        assertThat(Migrations.status(left).phaseOrPending())
                .as("where the operator was killed")
                .isEqualTo(phase);
        operator.awaitRestart(before);
    }

    /** With a finalizer on it, the hold Service cannot go, and Finishing not end. */
    private static void obstruct(Scene scene, List<String> finalizers) {
        var services = scene.stage().client().services().inNamespace(scene.namespace());
        var holds = services.withLabel(HOLD).list().getItems();
        assertThat(holds).hasSize(1);
        services.resource(holds.getFirst())
                .edit(s -> new ServiceBuilder(s)
                        .editMetadata()
                        .withFinalizers(finalizers)
                        .endMetadata()
                        .build());
    }
}
