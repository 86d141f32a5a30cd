package dev.segue.e2e.fault;

import dev.segue.staging.StageName;
import dev.segue.staging.StageSnapshot;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.base.ResourceDefinitionContext;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** Of volumes, for the copy of a lab. Safe for all threads. */
record Snapshots(KubernetesClient client, String production) {
    /** Those of production, of the copy, and what joins them. */
    List<GenericKubernetesResource> list() {
        return Stream.of(
                        context("VolumeSnapshot", "volumesnapshots", true),
                        context("VolumeSnapshotContent", "volumesnapshotcontents", false))
                .flatMap(kind -> client.genericKubernetesResources(kind).inAnyNamespace().list().getItems().stream())
                .filter(this::ofThis)
                .toList();
    }

    /** Contents that a snapshot of production has made have no label of ours. */
    private boolean ofThis(GenericKubernetesResource object) {
        String namespace = object.getMetadata().getNamespace();
        return Set.of(production, StageName.namespace(null, production, Lab.MIGRATION))
                .contains(namespace != null ? namespace : object.get("spec", "volumeSnapshotRef", "namespace"));
    }

    private static ResourceDefinitionContext context(String kind, String plural, boolean namespaced) {
        return new ResourceDefinitionContext.Builder()
                .withGroup(StageSnapshot.GROUP)
                .withVersion("v1")
                .withKind(kind)
                .withPlural(plural)
                .withNamespaced(namespaced)
                .build();
    }
}
