package dev.segue.shell;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.segue.engine.Observed.ServiceFacts;
import dev.segue.staging.TargetReplicaSet;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ManagedFieldsEntry;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.ReplicaSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;

/**
 * The JSON patches (RFC 6902) that we write. Each is for one version of the object, so one that arrives late, when the
 * world has moved on, does nothing; and each takes away only what is there and is ours. No I/O.
 */
final class Patches {
    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

    /** Annotation of a Deployment; see {@link dev.segue.engine.Action.Fence}. */
    static final String FENCE = "segue.dev/fence";

    private static final String DESIRED_REPLICAS = "deployment.kubernetes.io/desired-replicas";

    private Patches() {}

    /** Another selector, for the Service that was observed and no later version of it. */
    static String select(ServiceFacts seen, Map<String, String> selector) {
        ObjectNode value = JSON.objectNode();
        selector.forEach(value::put);
        return text(
                test("/metadata/uid", seen.uid()),
                test("/metadata/resourceVersion", seen.resourceVersion()),
                op("replace", "/spec/selector").set("value", value));
    }

    /** Another size for the target. One with pods is kept by our finalizer. */
    static String scale(ReplicaSet live, int replicas) {
        ArrayNode patch = JSON.arrayNode()
                .add(version(live))
                .add(op("replace", "/spec/replicas").set("value", JSON.numberNode(replicas)));
        if (replicas > 0 && live.getMetadata().getDeletionTimestamp() == null) {
            addFinalizer(patch, live, TargetReplicaSet.FINALIZER);
        }
        return patch.toString();
    }

    /** A merge patch (RFC 7386) that gives a Deployment another resourceVersion; to the one that was seen alone. */
    static String fence(String deploymentUid, String resourceVersion, String token) {
        ObjectNode patch = JSON.objectNode();
        ObjectNode metadata =
                patch.putObject("metadata").put("uid", deploymentUid).put("resourceVersion", resourceVersion);
        metadata.putObject("annotations").put(FENCE, token);
        return patch.toString();
    }

    /** Lets a Deployment go on that we have paused; empty for one that somebody else has, or nobody. */
    static Optional<String> resume(Deployment live) {
        return Facts.pausedByUs(live)
                ? Optional.of(text(version(live), op("remove", "/spec/paused")))
                : Optional.empty();
    }

    /**
     * Takes our ownership and our finalizer off the target; empty when neither is there. It gets the annotation that the
     * Deployment controller writes on a ReplicaSet that it has scaled itself: a paused Deployment that adopts one without
     * it does not see that it is complete, scales old and new in proportion to each other, and so starts pods that it
     * stops again when it is resumed ({@code scale} and {@code IsSaturated} in kubernetes/pkg/controller/deployment).
     *
     * @param replicas size of the Deployment
     */
    static Optional<String> release(ReplicaSet live, String migrationUid, int replicas) {
        ArrayNode patch = JSON.arrayNode().add(version(live));
        List<OwnerReference> owners = live.getMetadata().getOwnerReferences();
        remove(
                patch,
                "/metadata/ownerReferences/",
                owners.size(),
                i -> owners.get(i).getUid().equals(migrationUid));
        removeFinalizer(patch, live, TargetReplicaSet.FINALIZER);
        if (patch.size() > 1) {
            ObjectNode annotations = JSON.objectNode();
            Facts.annotations(live).forEach(annotations::put);
            annotations.put(DESIRED_REPLICAS, Integer.toString(replicas));
            patch.add(op("add", "/metadata/annotations").set("value", annotations));
        }
        return changing(patch);
    }

    static String addFinalizer(HasMetadata live, String finalizer) {
        ArrayNode patch = JSON.arrayNode().add(version(live));
        addFinalizer(patch, live, finalizer);
        return patch.toString();
    }

    private static void addFinalizer(ArrayNode patch, HasMetadata live, String finalizer) {
        List<String> finalizers = live.getMetadata().getFinalizers();
        if (finalizers.isEmpty()) {
            patch.add(op("add", "/metadata/finalizers")
                    .set("value", JSON.arrayNode().add(finalizer)));
        } else if (!finalizers.contains(finalizer)) {
            patch.add(op("add", "/metadata/finalizers/-").set("value", JSON.textNode(finalizer)));
        }
    }

    /** Empty when it is not there. */
    static Optional<String> removeFinalizer(HasMetadata live, String finalizer) {
        ArrayNode patch = JSON.arrayNode().add(version(live));
        removeFinalizer(patch, live, finalizer);
        return changing(patch);
    }

    /** Removes our entries from the managed fields, the fields stay, but for the fence; empty when there are none. */
    static Optional<String> forget(HasMetadata live) {
        ArrayNode patch = JSON.arrayNode().add(version(live));
        if (Facts.annotations(live).containsKey(FENCE)) {
            patch.add(op("remove", "/metadata/annotations/" + FENCE.replace("/", "~1")));
        }
        List<ManagedFieldsEntry> entries = live.getMetadata().getManagedFields();
        if (entries.stream().allMatch(Patches::ours)) {
            // An emptied list would mean a client that does not know the field: the API server restores it.
            ObjectNode reset = op("replace", "/metadata/managedFields");
            reset.putArray("value").addObject();
            return entries.isEmpty()
                    ? Optional.empty()
                    : Optional.of(patch.add(reset).toString());
        }
        remove(patch, "/metadata/managedFields/", entries.size(), i -> ours(entries.get(i)));
        return changing(patch);
    }

    private static boolean ours(ManagedFieldsEntry entry) {
        return Facts.MANAGER.equals(entry.getManager()) || Facts.FENCE_MANAGER.equals(entry.getManager());
    }

    private static void removeFinalizer(ArrayNode patch, HasMetadata live, String finalizer) {
        List<String> finalizers = live.getMetadata().getFinalizers();
        remove(
                patch,
                "/metadata/finalizers/",
                finalizers.size(),
                i -> finalizers.get(i).equals(finalizer));
    }

    /** From the last to the first, because each removal moves those behind it. */
    private static void remove(ArrayNode patch, String list, int size, IntPredicate which) {
        IntStream.range(0, size).map(i -> size - 1 - i).filter(which).forEach(i -> patch.add(op("remove", list + i)));
    }

    private static Optional<String> changing(ArrayNode patch) {
        return patch.size() > 1 ? Optional.of(patch.toString()) : Optional.empty();
    }

    private static ObjectNode version(HasMetadata live) {
        return test("/metadata/resourceVersion", live.getMetadata().getResourceVersion());
    }

    private static ObjectNode test(String path, String value) {
        return op("test", path).put("value", value);
    }

    private static ObjectNode op(String op, String path) {
        return JSON.objectNode().put("op", op).put("path", path);
    }

    private static String text(JsonNode... ops) {
        return JSON.arrayNode().addAll(List.of(ops)).toString();
    }
}
