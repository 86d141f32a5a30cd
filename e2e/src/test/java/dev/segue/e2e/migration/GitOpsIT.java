package dev.segue.e2e.migration;

import static dev.segue.e2e.scenario.Manifests.BRISK;
import static dev.segue.e2e.scenario.Manifests.migration;
import static dev.segue.e2e.scenario.Manifests.to;
import static dev.segue.e2e.scenario.Verdicts.cause;
import static dev.segue.e2e.scenario.Verdicts.noneFailed;
import static dev.segue.e2e.scenario.Verdicts.nothingLeft;
import static dev.segue.e2e.scenario.Verdicts.served;
import static dev.segue.e2e.scenario.Verdicts.serving;
import static dev.segue.e2e.scenario.Verdicts.uids;
import static org.assertj.core.api.Assertions.assertThat;

import dev.segue.api.Condition;
import dev.segue.api.Migration;
import dev.segue.api.Phase;
import dev.segue.e2e.scenario.Scenarios;
import dev.segue.e2e.stage.Load;
import dev.segue.e2e.stage.Migrations;
import dev.segue.e2e.stage.Scene;
import dev.segue.e2e.stage.ShopDeployment;
import dev.segue.e2e.witness.Kind;
import dev.segue.e2e.witness.Summary;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A tool writes what stands in Git each second, in both ways in which tools do, and no request fails. */
@Scenarios
class GitOpsIT {
    /** Applies the manifests each second until it is closed. */
    private static final class Git implements AutoCloseable {
        private final ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor();
        private final Future<?> runs;

        Git(Scene scene, String... apply) {
            var line = new ArrayList<>(List.of("apply", "-n", scene.namespace(), "-f", "-"));
            line.addAll(List.of(apply));
            String manifest = ShopDeployment.version("1.0.0").manifest();
            runs = clock.scheduleWithFixedDelay(() -> scene.stage().kubectl(manifest, line), 0, 1, TimeUnit.SECONDS);
        }

        /** A tool that failed has stopped, and then it proves nothing. */
        @Override
        public void close() {
            assertThat(runs.state()).as("the tool").isEqualTo(Future.State.RUNNING);
            clock.close();
        }
    }

    @Test
    void serverSideApplyEachSecond(Scene scene) {
        scene.deploy(ShopDeployment.version("1.0.0"));
        var witness = scene.witness(Load.BRISK);
        try (var _ = new Git(scene, "--server-side", "--force-conflicts", "--field-manager=argocd-controller")) {
            scene.apply(migration("shop-2", to("2.0.0"), BRISK));
            scene.migrations().reached("shop-2", "narrowed 3 times in vain", m -> said(m).contains("narrowed 3 times"));
            assertThat(said(scene.migrations().waiting("shop-2", "FieldContested")))
                    .contains("argocd-controller takes spec.selector of Service shop back", "RespectIgnoreDifferences");
        }
        scene.migrations().reached("shop-2", Phase.Completed);
        Summary seen = witness.stop();

        noneFailed(seen, Load.BRISK);
        served(seen, "1.0.0", Kind.values());
        served(seen, "2.0.0", Kind.values());
        nothingLeft(scene);
    }

    private static String said(Migration m) {
        return Migrations.status(m).condition("Waiting").map(Condition::message).orElse("");
    }

    @Tag("long")
    @Test
    void clientSideApplyEachSecond(Scene scene) {
        scene.deploy(ShopDeployment.version("1.0.0"));
        Set<String> pods = uids(scene.shopPods());
        var witness = scene.witness(Load.BRISK);
        try (var _ = new Git(scene)) {
            scene.apply(migration("shop-2", to("2.0.0"), """
                    steps: [{weight: 50, hold: 3s}, {weight: 100, hold: 10m}]
                    verify: {propagation: 3s, drain: {wait: 8s}}
                    """));
            scene.migrations().task("shop-2", Phase.Soaking, "Soak");
            scene.abort("shop-2");
            assertThat(cause(scene.migrations().reached("shop-2", Phase.Reverted)))
                    .isEqualTo("Aborted");
        }
        Summary seen = witness.stop();

        assertThat(scene.migrations().history("shop-2"))
                .allSatisfy(m -> assertThat(Migrations.waitingFor(m)).isNotEqualTo("FieldContested"));
        noneFailed(seen, Load.BRISK);
        served(seen, "2.0.0", Kind.values());
        serving(scene, pods);
        nothingLeft(scene);
    }
}
