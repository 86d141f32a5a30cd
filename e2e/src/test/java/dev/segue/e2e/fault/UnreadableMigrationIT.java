package dev.segue.e2e.fault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.segue.api.Migration;
import dev.segue.api.Phase;
import dev.segue.e2e.scenario.Manifests;
import dev.segue.e2e.stage.Migrations;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.dsl.base.ResourceDefinitionContext;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.parallel.Isolated;

/**
 * A Migration that a later version wrote is left alone, and costs the others nothing. Without a referee, who could not read
 * it either; nothing is moved here.
 */
@ExtendWith(LabExtension.class)
@Isolated("the installed operator stands still")
class UnreadableMigrationIT {
    private static final String NAMESPACE = "unreadable";
    private static final PatchContext MERGE = PatchContext.of(PatchType.JSON_MERGE);
    private static final PatchContext JSON = PatchContext.of(PatchType.JSON);

    @Test
    void aPhaseOfALaterVersion(Labs labs) {
        KubernetesClient client = labs.client();
        var namespace = client.resource(new NamespaceBuilder()
                .withNewMetadata()
                .withName(NAMESPACE)
                .endMetadata()
                .build());
        namespace.delete();
        namespace.waitUntilCondition(n -> n == null, Migrations.PATIENCE.toSeconds(), TimeUnit.SECONDS);
        namespace.create();
        var crd = client.apiextensions().v1().customResourceDefinitions().withName("migrations.segue.dev");
        Resource<GenericKubernetesResource> strange = client.genericKubernetesResources(
                        ResourceDefinitionContext.fromResourceType(Migration.class))
                .inNamespace(NAMESPACE)
                .withName("strange");
        var schema = crd.require();
        try {
            try (var _ = OperatorUnderTest.start(labs.server(), NAMESPACE, Disturbance.NONE)) {
                fails(client, "strange");
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

                fails(client, "heard-by-the-watch");
            }
            try (var _ = OperatorUnderTest.start(labs.server(), NAMESPACE, Disturbance.NONE)) {
                fails(client, "heard-after-the-list");
            }
            assertThat(strange.require().<String>get("status", "phase")).isEqualTo("Later");
        } finally {
            strange.delete();
            crd.patch(MERGE, client.getKubernetesSerialization().asJson(Map.of("spec", schema.getSpec())));
            namespace.delete();
        }
    }

    /** Its Deployment does not exist, so to fail is to be looked at. */
    private static void fails(KubernetesClient client, String name) {
        client.resource(Manifests.migration(name, "{deployment: no-%s, images: {app: x}}".formatted(name)))
                .inNamespace(NAMESPACE)
                .create();
        await().atMost(Migrations.PATIENCE)
                .until(() -> Migrations.status(client.resources(Migration.class)
                                        .inNamespace(NAMESPACE)
                                        .withName(name)
                                        .require())
                                .phaseOrPending()
                        == Phase.Failed);
    }
}
