package dev.segue.e2e.fault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.segue.api.Migration;
import dev.segue.api.Phase;
import dev.segue.e2e.stage.Migrations;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.dsl.base.ResourceDefinitionContext;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.parallel.Isolated;

/** A Migration that a later version wrote is left alone, and costs the others nothing. */
@ExtendWith(LabExtension.class)
@Isolated("the installed operator stands still")
class UnreadableMigrationIT {
    private static final PatchContext MERGE = PatchContext.of(PatchType.JSON_MERGE);
    private static final PatchContext JSON = PatchContext.of(PatchType.JSON);

    @Test
    void aPhaseOfALaterVersion(Labs labs) {
        labs.run("unreadable", UnreadableMigrationIT::leavesItAlone);
    }

    private static void leavesItAlone(Lab lab) {
        KubernetesClient client = lab.client();
        var crd = client.apiextensions().v1().customResourceDefinitions().withName("migrations.segue.dev");
        Resource<GenericKubernetesResource> strange = client.genericKubernetesResources(
                        ResourceDefinitionContext.fromResourceType(Migration.class))
                .inNamespace(lab.namespace())
                .withName("strange");
        var schema = crd.require();
        try {
            try (var _ = lab.start()) {
                fails(lab, "strange");
                lab.referee().retire(); // another schema ends the watches
                crd.patch(JSON, """
                    [{"op": "add", "value": "Later",
                      "path": "/spec/versions/0/schema/openAPIV3Schema/properties/status/properties/phase/enum/-"}]
                    """);
                await().atMost(Migrations.PATIENCE)
                        .ignoreExceptions() // until the API server knows the schema
                        .until(() -> "Later"
                                .equals(strange.subresource("status")
                                        .patch(MERGE, "{\"status\":{\"phase\":\"Later\"}}")
                                        .<String>get("status", "phase")));
                lab.referee().resume();

                fails(lab, "heard-by-the-watch");
            }
            try (var _ = lab.start()) {
                fails(lab, "heard-after-the-list");
            }
            assertThat(strange.require().<String>get("status", "phase")).isEqualTo("Later");
            lab.judgeForTheLastTime();
        } finally {
            strange.delete();
            crd.patch(MERGE, client.getKubernetesSerialization().asJson(Map.of("spec", schema.getSpec())));
        }
    }

    /** Its Deployment does not exist, so to fail is to be looked at. */
    private static void fails(Lab lab, String name) {
        lab.migrate(name, "{deployment: no-%s, images: {app: x}}".formatted(name));
        lab.expectEnd(name, Phase.Failed);
    }
}
