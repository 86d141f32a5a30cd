package dev.segue.e2e.api;

import dev.segue.api.Migration;
import dev.segue.e2e.cluster.Cluster;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.dsl.FieldValidateable.Validation;
import io.fabric8.kubernetes.client.dsl.MixedOperation;
import io.fabric8.kubernetes.client.dsl.NonNamespaceOperation;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.dsl.base.ResourceDefinitionContext;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

/**
 * The checked-in CRD in a real API server, under a group of its own: what other tests and the chart do with the real
 * one, and operators that watch it, stay out of the way.
 */
final class SchemaUnderTest implements AutoCloseable {
    private static final String GROUP = "schema-test." + Migration.GROUP;
    private static final String NAMESPACE = "schema-test";

    final KubernetesClient client;

    SchemaUnderTest(Cluster cluster) throws IOException {
        client = new KubernetesClientBuilder().withConfig(cluster.config()).build();
        try {
            install();
        } catch (IOException | RuntimeException e) {
            // While a second kind of this name is there, kubectl means that one by "migration".
            close();
            throw e;
        }
    }

    private void install() throws IOException {
        remove();
        client.resource(crd()).create();
        client.resource(crd())
                .waitUntilCondition(
                        crd -> crd != null
                                && crd.getStatus() != null
                                && crd.getStatus().getConditions() != null // while nobody has looked at it yet
                                && crd.getStatus().getConditions().stream()
                                        .anyMatch(c -> c.getType().equals("Established")
                                                && c.getStatus().equals("True")),
                        30,
                        TimeUnit.SECONDS);
        client.resource(new NamespaceBuilder()
                        .withNewMetadata()
                        .withName(NAMESPACE)
                        .endMetadata()
                        .build())
                .serverSideApply();
    }

    private static CustomResourceDefinition crd() throws IOException {
        String yaml = Files.readString(Path.of("../crds/migrations.segue.dev.yaml"))
                .replace("name: migrations." + Migration.GROUP, "name: migrations." + GROUP)
                .replace("group: " + Migration.GROUP, "group: " + GROUP);
        return Serialization.unmarshal(yaml, CustomResourceDefinition.class);
    }

    /** Path of the Migrations in the API, for a request of one's own. */
    static String path() {
        return "/apis/%s/v1alpha1/namespaces/%s/migrations".formatted(GROUP, NAMESPACE);
    }

    private MixedOperation<GenericKubernetesResource, ?, Resource<GenericKubernetesResource>> all() {
        return client.genericKubernetesResources(new ResourceDefinitionContext.Builder()
                .withGroup(GROUP)
                .withVersion("v1alpha1")
                .withKind("Migration")
                .withPlural("migrations")
                .withNamespaced(true)
                .build());
    }

    private NonNamespaceOperation<GenericKubernetesResource, ?, Resource<GenericKubernetesResource>> migrations() {
        return all().inNamespace(NAMESPACE);
    }

    /** Creates what the YAML says; fields that the schema does not know are an error, as with kubectl. */
    GenericKubernetesResource create(String yaml) {
        GenericKubernetesResource migration = Serialization.unmarshal(yaml, GenericKubernetesResource.class);
        migration.setApiVersion(GROUP + "/v1alpha1");
        migration.getMetadata().setNamespace(NAMESPACE);
        return migrations()
                .resource(migration)
                .fieldValidation(Validation.STRICT)
                .create();
    }

    /** Creates one whose {@code spec} is given, indented by nothing. */
    GenericKubernetesResource create(String name, String spec) {
        return create("kind: Migration\nmetadata: {name: %s}\nspec:\n%s".formatted(name, spec.indent(2)));
    }

    /** Merges fields into the spec, as {@code kubectl patch --type merge} does. */
    GenericKubernetesResource mergeSpec(String name, String fields) {
        Map<?, ?> patch = Serialization.unmarshal("spec:\n" + fields.indent(2), Map.class);
        return migrations().withName(name).patch(PatchContext.of(PatchType.JSON_MERGE), Serialization.asJson(patch));
    }

    /** Replaces the status. */
    GenericKubernetesResource status(String name, Object status) {
        GenericKubernetesResource migration = get(name);
        migration.setAdditionalProperty("status", status);
        return migrations().resource(migration).updateStatus();
    }

    GenericKubernetesResource get(String name) {
        return Objects.requireNonNull(migrations().withName(name).get(), name);
    }

    /** A part of an object as the operator reads it. */
    <T> T read(Object part, Class<T> type) {
        return client.getKubernetesSerialization().convertValue(part, type);
    }

    void delete(String name) {
        migrations().withName(name).delete();
    }

    private void remove() throws IOException {
        client.resource(crd()).delete();
        client.resource(crd()).waitUntilCondition(Objects::isNull, 60, TimeUnit.SECONDS);
    }

    @Override
    public void close() throws IOException {
        remove();
        client.namespaces().withName(NAMESPACE).delete();
        client.close();
    }
}
