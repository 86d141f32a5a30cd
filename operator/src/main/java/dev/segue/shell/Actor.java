package dev.segue.shell;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.segue.api.Migration;
import dev.segue.engine.Action;
import dev.segue.engine.Action.ForgetFields;
import dev.segue.engine.Observed;
import dev.segue.engine.Observed.ServiceFacts;
import dev.segue.staging.HoldService;
import dev.segue.staging.TargetName;
import dev.segue.staging.TargetReplicaSet;
import dev.segue.traffic.Selectors;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ManagedFieldsEntry;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.OwnerReferenceBuilder;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.ReplicaSet;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.net.HttpURLConnection;
import java.util.List;
import java.util.Map;

/**
 * Carries out one action. Each write names the object that was observed (its UID, its selector): where the world has
 * moved on, the API server refuses it and the next look decides anew. Thread-safe.
 */
final class Actor {
    private static final PatchContext JSON_PATCH = new PatchContext.Builder()
            .withPatchType(PatchType.JSON)
            .withFieldManager(Facts.MANAGER)
            .build();
    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

    private final KubernetesClient client;
    private final Changes changes;

    Actor(KubernetesClient client, Changes changes) {
        this.client = client;
        this.changes = changes;
    }

    /** @throws KubernetesClientException when the API server refuses or does not answer */
    void perform(Migration m, Observed seen, Action action) {
        String namespace = m.getMetadata().getNamespace();
        switch (action) {
            case Action.CreateTarget(String name, String hash, int replicas) -> createTarget(m, name, hash, replicas);
            case Action.ScaleTarget(String name, String uid, int replicas) ->
                replicaSet(namespace, name)
                        .patch(
                                JSON_PATCH,
                                ops(
                                        test("/metadata/uid", uid),
                                        op("replace", "/spec/replicas", JSON.numberNode(replicas))));
            case Action.CreateHold(String service) -> createHold(m, service);
            case Action.Pin(String service, String uid, String hash) ->
                select(
                        namespace,
                        facts(seen, service),
                        uid,
                        Selectors.pinned(facts(seen, service).selector(), hash));
            case Action.Unpin(String service, String uid) ->
                select(
                        namespace,
                        facts(seen, service),
                        uid,
                        Selectors.unpinned(facts(seen, service).selector()));
            case Action.ApplyChange(String uid, boolean pause) -> changes.write(m, uid, pause);
            case Action.Resume(String uid) ->
                client.apps()
                        .deployments()
                        .inNamespace(namespace)
                        .withName(m.getSpec().component().deployment())
                        .patch(JSON_PATCH, ops(test("/metadata/uid", uid), op("remove", "/spec/paused")));
            case Action.ReleaseTarget(String name, String uid) -> release(m, name, uid);
            case Action.DeleteTarget(String name, String uid) -> deleteTarget(namespace, name, uid);
            case Action.DeleteHold(String service) -> deleteHold(m, service);
            case ForgetFields(ForgetFields.Kind kind, String name) -> forget(resource(namespace, kind, name));
        }
    }

    /** Takes our finalizer, which stands at this place, off a Migration; the last write to it. */
    void removeFinalizer(Migration m, int at) {
        client.resource(m)
                .patch(
                        JSON_PATCH,
                        ops(
                                test("/metadata/finalizers/" + at, Migration.FINALIZER),
                                op("remove", "/metadata/finalizers/" + at)));
    }

    private void createTarget(Migration m, String name, String hash, int replicas) {
        Deployment deployment = client.apps()
                .deployments()
                .inNamespace(m.getMetadata().getNamespace())
                .withName(m.getSpec().component().deployment())
                .get();
        if (deployment != null) {
            create(TargetReplicaSet.build(
                    deployment, changes.dryRun(m, deployment), name, hash, replicas, owner(m, true)));
        }
    }

    private void createHold(Migration m, String service) {
        Service original = client.services()
                .inNamespace(m.getMetadata().getNamespace())
                .withName(service)
                .get();
        if (original != null) {
            create(HoldService.build(original, TargetName.hold(service), owner(m, false)));
        }
    }

    /** Creates; that it is there already is the success of an earlier try whose answer was lost. */
    private <T extends HasMetadata> void create(T object) {
        try {
            client.resource(object).create();
        } catch (KubernetesClientException e) {
            if (e.getCode() != HttpURLConnection.HTTP_CONFLICT) {
                throw e;
            }
        }
    }

    private static OwnerReference owner(Migration m, boolean controller) {
        return new OwnerReferenceBuilder()
                .withApiVersion(m.getApiVersion())
                .withKind(m.getKind())
                .withName(m.getMetadata().getName())
                .withUid(Facts.uid(m))
                .withController(controller)
                .withBlockOwnerDeletion(false)
                .build();
    }

    private static ServiceFacts facts(Observed seen, String service) {
        return seen.services().stream()
                .filter(s -> s.name().equals(service))
                .findFirst()
                .orElseThrow(
                        () -> new IllegalStateException("an action on a Service that was not observed: " + service));
    }

    /** The selector is replaced as a whole, tested against the one that the decision rests on. */
    private void select(String namespace, ServiceFacts was, String uid, Map<String, String> selector) {
        client.services()
                .inNamespace(namespace)
                .withName(was.name())
                .patch(
                        JSON_PATCH,
                        ops(
                                test("/metadata/uid", uid),
                                op("test", "/spec/selector", map(was.selector())),
                                op("replace", "/spec/selector", map(selector))));
    }

    private void release(Migration m, String name, String uid) {
        ReplicaSet target = replicaSet(m.getMetadata().getNamespace(), name).get();
        if (target == null) {
            return;
        }
        replicaSet(m.getMetadata().getNamespace(), name)
                .patch(
                        JSON_PATCH,
                        ops(
                                test("/metadata/uid", uid),
                                test(
                                        "/metadata/resourceVersion",
                                        target.getMetadata().getResourceVersion()),
                                test("/metadata/ownerReferences/0/uid", Facts.uid(m)),
                                op("remove", "/metadata/ownerReferences"),
                                op("remove", "/metadata/finalizers")));
    }

    private void deleteTarget(String namespace, String name, String uid) {
        ReplicaSet target = replicaSet(namespace, name).get();
        if (target == null || !Facts.uid(target).equals(uid)) {
            return;
        }
        if (target.getMetadata().getFinalizers().contains(TargetReplicaSet.FINALIZER)) {
            target = replicaSet(namespace, name)
                    .patch(JSON_PATCH, ops(test("/metadata/uid", uid), op("remove", "/metadata/finalizers")));
        }
        if (target == null || target.getMetadata().getDeletionTimestamp() != null) {
            return; // it was only waiting for our finalizer
        }
        client.resource(target)
                .lockResourceVersion(target.getMetadata().getResourceVersion())
                .delete();
    }

    private void deleteHold(Migration m, String service) {
        Service hold = client.services()
                .inNamespace(m.getMetadata().getNamespace())
                .withName(TargetName.hold(service))
                .get();
        if (hold != null && Observer.ownedBy(hold, m)) {
            client.resource(hold)
                    .lockResourceVersion(hold.getMetadata().getResourceVersion())
                    .delete();
        }
    }

    /** Removes our entries from the managed fields; the fields stay as they are. */
    private static <T extends HasMetadata> void forget(Resource<T> resource) {
        T live = resource.get();
        if (live == null) {
            return;
        }
        ArrayNode patch = JSON.arrayNode();
        patch.add(test("/metadata/resourceVersion", live.getMetadata().getResourceVersion()));
        List<ManagedFieldsEntry> entries = live.getMetadata().getManagedFields();
        for (int i = entries.size() - 1; i >= 0; i--) {
            if (Facts.MANAGER.equals(entries.get(i).getManager())) {
                patch.add(op("remove", "/metadata/managedFields/" + i));
            }
        }
        resource.patch(JSON_PATCH, patch.toString());
    }

    private Resource<? extends HasMetadata> resource(String namespace, ForgetFields.Kind kind, String name) {
        return switch (kind) {
            case Deployment ->
                client.apps().deployments().inNamespace(namespace).withName(name);
            case ReplicaSet -> replicaSet(namespace, name);
            case Service -> client.services().inNamespace(namespace).withName(name);
        };
    }

    private Resource<ReplicaSet> replicaSet(String namespace, String name) {
        return client.apps().replicaSets().inNamespace(namespace).withName(name);
    }

    private static ObjectNode test(String path, String value) {
        return op("test", path, JSON.textNode(value));
    }

    private static ObjectNode op(String op, String path, JsonNode value) {
        return op(op, path).set("value", value);
    }

    private static ObjectNode op(String op, String path) {
        return JSON.objectNode().put("op", op).put("path", path);
    }

    private static ObjectNode map(Map<String, String> entries) {
        ObjectNode node = JSON.objectNode();
        entries.forEach(node::put);
        return node;
    }

    private static String ops(ObjectNode... ops) {
        return JSON.arrayNode().addAll(List.of(ops)).toString();
    }
}
