package dev.segue.staging;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.TypedLocalObjectReference;
import io.fabric8.kubernetes.api.model.TypedLocalObjectReferenceBuilder;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What gives a claim of the copy production's data. A claim may only name a snapshot of its own namespace, so beside the
 * VolumeSnapshot in production there is another one in the copy, and a content that gives it the handle of the first. That
 * content keeps what it stands for (Retain): the physical snapshot is of production's, and goes with that.
 */
public final class StageSnapshot {
    public static final String GROUP = "snapshot.storage.k8s.io";

    private static final String KIND = "VolumeSnapshot";
    private static final String CLASS = "volumeSnapshotClassName";
    private static final String MODE = "sourceVolumeMode";

    private StageSnapshot() {}

    /**
     * Of production's volume. It has no owner: one that is deleted in the foreground takes what it owns away at once, and
     * this has to stay until the copy is gone.
     */
    public static GenericKubernetesResource ofClaim(
            String namespace, String name, String claim, @Nullable String snapshotClass, Map<String, String> labels) {
        Map<String, Object> spec = new HashMap<>(Map.of("source", Map.of("persistentVolumeClaimName", claim)));
        if (snapshotClass != null) {
            spec.put(CLASS, snapshotClass);
        }
        return object(KIND, namespace, name, labels, spec);
    }

    /**
     * Gives the snapshot of this name in the copy what production's has.
     *
     * @param bound the content of production's
     * @return null when it has no handle yet
     */
    public static @Nullable GenericKubernetesResource content(
            GenericKubernetesResource bound, String stage, String name, Map<String, String> labels) {
        @Nullable String handle = bound.get("status", "snapshotHandle");
        if (handle == null) {
            return null;
        }
        Map<String, Object> spec = new HashMap<>(Map.of(
                "deletionPolicy",
                "Retain",
                "driver",
                bound.<String>get("spec", "driver"),
                "source",
                Map.of("snapshotHandle", handle),
                "volumeSnapshotRef",
                Map.of("apiVersion", GROUP + "/v1", "kind", KIND, "namespace", stage, "name", name)));
        for (String field : new String[] {CLASS, MODE}) {
            @Nullable String value = bound.get("spec", field);
            if (value != null) {
                spec.put(field, value);
            }
        }
        return object(KIND + "Content", null, name, labels, spec);
    }

    /** The one in the copy; what it is of stands in the content of its name. */
    public static GenericKubernetesResource inCopy(String stage, String name, Map<String, String> labels) {
        return object(KIND, stage, name, labels, Map.of("source", Map.of("volumeSnapshotContentName", name)));
    }

    /** What a claim of the copy is filled from. */
    static TypedLocalObjectReference source(String name) {
        return new TypedLocalObjectReferenceBuilder()
                .withApiGroup(GROUP)
                .withKind(KIND)
                .withName(name)
                .build();
    }

    private static GenericKubernetesResource object(
            String kind,
            @Nullable String namespace,
            String name,
            Map<String, String> labels,
            Map<String, Object> spec) {
        GenericKubernetesResource object = new GenericKubernetesResource();
        object.setApiVersion(GROUP + "/v1");
        object.setKind(kind);
        object.setMetadata(new ObjectMetaBuilder()
                .withNamespace(namespace)
                .withName(name)
                .withLabels(labels)
                .build());
        object.setAdditionalProperty("spec", spec);
        return object;
    }
}
