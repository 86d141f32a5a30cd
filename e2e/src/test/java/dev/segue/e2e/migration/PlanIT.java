package dev.segue.e2e.migration;

import static dev.segue.e2e.scenario.Manifests.BRISK;
import static dev.segue.e2e.scenario.Manifests.migration;
import static dev.segue.e2e.scenario.Manifests.to;
import static dev.segue.e2e.scenario.Verdicts.image;
import static dev.segue.e2e.scenario.Verdicts.noneFailed;
import static dev.segue.e2e.scenario.Verdicts.nothingLeft;
import static org.assertj.core.api.Assertions.assertThat;

import dev.segue.api.Migration;
import dev.segue.api.Phase;
import dev.segue.api.PlanStatus;
import dev.segue.e2e.referee.Lifespan;
import dev.segue.e2e.scenario.Scenarios;
import dev.segue.e2e.stage.Load;
import dev.segue.e2e.stage.Scene;
import dev.segue.e2e.stage.ShopDeployment;
import io.fabric8.kubernetes.api.model.Pod;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** What is planned is shown before anything is written, and run as it was shown or not at all. */
@Scenarios
class PlanIT {
    private static final String PLAN = "mode: Plan\n";
    private static final String RUN = "{\"mode\":\"Run\"}";

    @Test
    void whatWasPlannedIsRun(Scene scene) {
        scene.deploy(ShopDeployment.version("1.0.0"));
        Map<String, String> before = versions(scene);
        scene.apply(migration("shop-2", to("2.0.0", "TOKEN", "hunter2"), PLAN, BRISK));
        PlanStatus plan = plan(scene.migrations().reached("shop-2", Phase.Planned));
        scene.kubectl("wait", "--for=condition=Planned", "migration/shop-2", "--timeout=10s");

        Map<String, String> after = versions(scene);
        assertThat(after.remove("ConfigMap/shop-2-report"))
                .as("what the plan writes")
                .isNotNull();
        assertThat(after).as("what else it writes").isEqualTo(before);
        assertThat(report(scene, "shop-2"))
                .contains("**Planned.**", plan.hash(), "Deployment/shop", ShopDeployment.image("2.0.0"), "TOKEN")
                .doesNotContain("hunter2");
        assertThat(String.valueOf(plan)).doesNotContain("hunter2");

        scene.kubectl("patch", "configmap", "shop-2-report", "--type=merge", "-p", "{\"data\":{\"mine\":\"kept\"}}");
        var witness = scene.witness(Load.USUAL);
        scene.patchSpec("shop-2", RUN);
        Migration last = scene.migrations().reached("shop-2", Phase.Completed);
        noneFailed(witness.stop(), Load.USUAL);
        nothingLeft(scene);

        assertThat(image(scene)).isEqualTo(ShopDeployment.image("2.0.0"));
        assertThat(plan(last)).isEqualTo(plan);
        assertThat(report(scene, "shop-2"))
                .contains("**Completed.**", plan.hash(), "StepStarted")
                .doesNotContain("hunter2");
        assertThat(scene.kubectl("get", "configmap", "shop-2-report", "-o", "jsonpath={.data.mine}"))
                .isEqualToIgnoringNewLines("kept");
        written(scene, plan, before);
    }

    /** Every object that was made or changed is one of the plan's, but for those that Kubernetes makes of these. */
    private static void written(Scene scene, PlanStatus plan, Map<String, String> before) {
        Map<String, String> changed = versions(scene);
        changed.entrySet().removeAll(before.entrySet());
        scene.referee().lifespans().stream()
                .filter(Lifespan::gone)
                .forEach(l -> changed.put(l.name(), "made and removed"));
        Set<String> planned = plan.objectsOrEmpty().stream()
                .map(PlanStatus.PlannedObject::object)
                .collect(Collectors.toSet());
        assertThat(changed.keySet())
                .as("what was written")
                .containsAll(planned)
                .filteredOn(name -> !planned.contains(name))
                .filteredOn(name -> !name.matches("(Pod|EndpointSlice|Event)/.*"))
                .filteredOn(name -> !before.containsKey(name) || !name.startsWith("ReplicaSet/"))
                .containsExactly("ConfigMap/shop-2-report");
    }

    /** It holds nobody's turn; what the other one changes voids it. */
    @Test
    void aPlanIsVoidWhenAnotherMigrationWasFaster(Scene scene) {
        scene.deploy(ShopDeployment.version("1.0.0"));
        scene.apply(migration("shop-3", to("3.0.0"), PLAN, BRISK));
        scene.migrations().reached("shop-3", Phase.Planned);
        scene.apply(migration("shop-2", to("2.0.0"), BRISK));
        scene.migrations().reached("shop-2", Phase.Completed);
        Map<String, String> before = versions(scene);

        scene.patchSpec("shop-3", RUN);
        var cause = Objects.requireNonNull(
                scene.migrations().reached("shop-3", Phase.Failed).getStatus().cause());

        assertThat(cause.reason()).isEqualTo("PlanVoid");
        assertThat(cause.message()).contains("Deployment shop: template was changed");
        assertThat(versions(scene)).isEqualTo(before);
        nothingLeft(scene);
    }

    @Test
    void aConfigMapOfSomebodyElseIsNotTouched(Scene scene) {
        scene.deploy(ShopDeployment.version("1.0.0"));
        scene.kubectl("create", "configmap", "shop-2-report", "--from-literal=report.md=mine");
        Map<String, String> before = versions(scene);
        scene.apply(migration("shop-2", to("2.0.0"), PLAN, BRISK));
        Migration planned = scene.migrations().reached("shop-2", Phase.Planned);

        assertThat(planned.getStatus().findingsOrEmpty()).anySatisfy(f -> {
            assertThat(f.reason()).isEqualTo("ReportSkipped");
            assertThat(f.message()).contains("is not this Migration's");
        });
        assertThat(versions(scene)).isEqualTo(before);
    }

    private static PlanStatus plan(Migration m) {
        return Objects.requireNonNull(m.getStatus().plan());
    }

    /** As README.md says. */
    private static String report(Scene scene, String migration) {
        return scene.kubectl("get", "configmap", migration + "-report", "-o", "jsonpath={.data.report\\.md}");
    }

    /** Every object here that somebody might have written, with its version; of pods, which kubelets write, which they are. */
    private static Map<String, String> versions(Scene scene) {
        var versions = new TreeMap<String, String>();
        scene.objects()
                .forEach(o -> versions.put(
                        o.getKind() + "/" + o.getMetadata().getName(),
                        o instanceof Pod
                                ? o.getMetadata().getUid()
                                : o.getMetadata().getResourceVersion()));
        return versions;
    }
}
