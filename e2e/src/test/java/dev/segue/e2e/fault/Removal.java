package dev.segue.e2e.fault;

import dev.segue.api.Migration;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.KubernetesResourceList;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.NonNamespaceOperation;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;

/** Begins to remove a lab with its copies, where no operator is left who would take our finalizers off. */
final class Removal {
    static final PatchContext MERGE = PatchContext.of(PatchType.JSON_MERGE);

    private Removal() {}

    static void of(KubernetesClient client, String lab) {
        Copy.of(client, lab).forEach(copy -> remove(client, copy));
        remove(client, lab);
    }

    private static void remove(KubernetesClient client, String namespace) {
        client.namespaces().withName(namespace).delete();
        letGo(client.resources(Migration.class).inNamespace(namespace));
        letGo(client.apps().replicaSets().inNamespace(namespace));
    }

    private static <T extends HasMetadata> void letGo(
            NonNamespaceOperation<T, ? extends KubernetesResourceList<T>, ? extends Resource<T>> source) {
        source.resources()
                .filter(r -> !r.item().getMetadata().getFinalizers().isEmpty())
                .forEach(r -> r.patch(MERGE, "{\"metadata\":{\"finalizers\":null}}"));
    }
}
