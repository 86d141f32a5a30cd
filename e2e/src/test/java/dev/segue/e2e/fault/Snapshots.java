package dev.segue.e2e.fault;

import dev.segue.staging.StageName;
import dev.segue.staging.StageSnapshot;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** Of volumes, for the copy of a lab. Safe for all threads. */
record Snapshots(KubernetesClient client, String production) {
    /** Those of production, of the copy, and what joins them. */
    List<GenericKubernetesResource> list() {
        return Stream.of("VolumeSnapshot", "VolumeSnapshotContent")
                .flatMap(kind -> client
                        .genericKubernetesResources(StageSnapshot.GROUP + "/v1", kind)
                        .inAnyNamespace()
                        .list()
                        .getItems()
                        .stream())
                .filter(this::ofThis)
                .toList();
    }

    /** Contents that a snapshot of production has made have no label of ours. */
    private boolean ofThis(GenericKubernetesResource object) {
        String namespace = object.getMetadata().getNamespace();
        return Set.of(production, StageName.namespace(null, production, Lab.MIGRATION))
                .contains(namespace != null ? namespace : object.get("spec", "volumeSnapshotRef", "namespace"));
    }
}
