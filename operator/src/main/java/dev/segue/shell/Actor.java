package dev.segue.shell;

import dev.segue.api.Migration;
import dev.segue.engine.Action;
import dev.segue.engine.Action.ForgetFields;
import dev.segue.engine.Observed;
import dev.segue.engine.Observed.ReplicaSetFacts;
import dev.segue.engine.Observed.ServiceFacts;
import dev.segue.staging.HoldService;
import dev.segue.staging.TargetName;
import dev.segue.staging.TargetReplicaSet;
import dev.segue.traffic.Selectors;
import io.fabric8.kubernetes.api.model.HasMetadata;
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
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * Carries out one action. Each write names the version of the object that it is for: where the world has moved on, the
 * API server refuses it and the next look decides anew. Thread-safe.
 */
final class Actor {
    private static final PatchContext FENCE = new PatchContext.Builder()
            .withPatchType(PatchType.JSON_MERGE)
            .withFieldManager(Facts.FENCE_MANAGER)
            .build();
    private static final PatchContext JSON_PATCH = new PatchContext.Builder()
            .withPatchType(PatchType.JSON)
            .withFieldManager(Facts.MANAGER)
            .build();

    private final KubernetesClient client;
    private final Changes changes;
    private final StageActor stage;
    private final Reports reports;

    Actor(KubernetesClient client, Changes changes, StageActor stage) {
        this.client = client;
        this.changes = changes;
        this.stage = stage;
        this.reports = new Reports(client);
    }

    /** @throws KubernetesClientException when the API server refuses or does not answer */
    void perform(Migration m, Observed seen, Action action) {
        String namespace = m.getMetadata().getNamespace();
        switch (action) {
            case Action.CreateTarget(String name, String hash) -> createTarget(m, name, hash);
            case Action.ScaleTarget(String name, var _, int replicas) ->
                scale(replicaSet(namespace, name), Objects.requireNonNull(seen.target()), replicas);
            case Action.CreateHold(String service) -> createHold(m, service);
            case Action.Pin(String service, var _, String hash) ->
                select(namespace, facts(seen, service), selector -> Selectors.pinned(selector, hash));
            case Action.Unpin(String service, var _) -> select(namespace, facts(seen, service), Selectors::unpinned);
            case Action.ApplyChange(var _, boolean pause) ->
                changes.write(m, Objects.requireNonNull(seen.deployment()), pause);
            case Action.Fence(String uid, String token) ->
                deployment(m)
                        .patch(
                                FENCE,
                                Patches.fence(
                                        uid,
                                        Objects.requireNonNull(seen.deployment())
                                                .resourceVersion(),
                                        token));
            case Action.Resume(String uid) -> resume(deployment(m), uid);
            case Action.ReleaseTarget(String name, String uid, int replicas) ->
                release(replicaSet(namespace, name), uid, Facts.uid(m), replicas);
            case Action.DeleteTarget(String name, String uid) -> deleteTarget(replicaSet(namespace, name), uid);
            case Action.DeleteHold(String service) -> deleteHold(m, service);
            case Action.OnStage act -> stage.perform(m, act);
            case Action.WriteReport _ -> reports.write(m);
            case ForgetFields(ForgetFields.Kind kind, String name) -> forget(resource(namespace, kind, name));
        }
    }

    /** Puts our finalizer on a Migration, before there is anything of ours that its deletion would leave behind. */
    void addFinalizer(Migration live) {
        client.resource(live).patch(JSON_PATCH, Patches.addFinalizer(live, Migration.FINALIZER));
    }

    /** Takes it off; the last write to a Migration that is being deleted. */
    void removeFinalizer(Migration live) {
        Patches.removeFinalizer(live, Migration.FINALIZER)
                .ifPresent(patch -> client.resource(live).patch(JSON_PATCH, patch));
    }

    private void createTarget(Migration m, String name, String hash) {
        Deployment deployment = deployment(m).get();
        if (deployment != null) {
            create(
                    client,
                    TargetReplicaSet.build(deployment, changes.dryRun(m, deployment), name, hash, owner(m, true)));
        }
    }

    private void createHold(Migration m, String service) {
        Service original = client.services()
                .inNamespace(m.getMetadata().getNamespace())
                .withName(service)
                .get();
        if (original != null) {
            create(client, HoldService.build(original, TargetName.hold(service), owner(m, false)));
        }
    }

    /**
     * Creates; that there is one of its name already mostly is the success of an earlier try whose answer was lost.
     *
     * @return whether there was none
     */
    static boolean create(KubernetesClient client, HasMetadata object) {
        try {
            client.resource(object).create();
            return true;
        } catch (KubernetesClientException e) {
            if (e.getCode() != HttpURLConnection.HTTP_CONFLICT) {
                throw e;
            }
            return false;
        }
    }

    static OwnerReference owner(Migration m, boolean controller) {
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

    private void select(String namespace, ServiceFacts seen, UnaryOperator<Map<String, String>> change) {
        client.services()
                .inNamespace(namespace)
                .withName(seen.name())
                .patch(JSON_PATCH, Patches.select(seen, change.apply(seen.selector())));
    }

    /** Only as it was seen: with the same size, and not in other hands. */
    private static void scale(Resource<ReplicaSet> target, ReplicaSetFacts seen, int replicas) {
        ReplicaSet live = target.get();
        if (live != null
                && Facts.uid(live).equals(seen.uid())
                && Facts.replicas(live) == seen.wanted()
                && Objects.equals(
                        Facts.controller(live).map(OwnerReference::getUid).orElse(null), seen.controllerUid())) {
            target.patch(JSON_PATCH, Patches.scale(live, replicas));
        }
    }

    private static void resume(Resource<Deployment> deployment, String uid) {
        Deployment live = deployment.get();
        if (live != null && Facts.uid(live).equals(uid)) {
            Patches.resume(live).ifPresent(patch -> deployment.patch(JSON_PATCH, patch));
        }
    }

    private static void release(Resource<ReplicaSet> target, String uid, String migrationUid, int replicas) {
        ReplicaSet live = target.get();
        // Only at the size that the Deployment shall find. One that is being deleted would take its pods with it, as
        // soon
        // as our finalizer is off.
        if (live != null
                && Facts.uid(live).equals(uid)
                && Facts.replicas(live) == replicas
                && live.getMetadata().getDeletionTimestamp() == null) {
            Patches.release(live, migrationUid, replicas).ifPresent(patch -> target.patch(JSON_PATCH, patch));
        }
    }

    private void deleteTarget(Resource<ReplicaSet> target, String uid) {
        ReplicaSet live = target.get();
        if (live == null || !Facts.uid(live).equals(uid)) {
            return;
        }
        if (Facts.replicas(live) > 0 && live.getMetadata().getDeletionTimestamp() == null) {
            return; // somebody has scaled it up meanwhile: it has pods that may serve
        }
        Optional<String> patch = Patches.removeFinalizer(live, TargetReplicaSet.FINALIZER);
        ReplicaSet free = patch.isPresent() ? target.patch(JSON_PATCH, patch.get()) : live;
        if (free == null || free.getMetadata().getDeletionTimestamp() != null) {
            return; // it was only waiting for our finalizer
        }
        client.resource(free)
                .lockResourceVersion(free.getMetadata().getResourceVersion())
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
        if (live != null) {
            Patches.forget(live).ifPresent(patch -> resource.patch(JSON_PATCH, patch));
        }
    }

    private Resource<? extends HasMetadata> resource(String namespace, ForgetFields.Kind kind, String name) {
        return switch (kind) {
            case Deployment ->
                client.apps().deployments().inNamespace(namespace).withName(name);
            case ReplicaSet -> replicaSet(namespace, name);
            case Service -> client.services().inNamespace(namespace).withName(name);
        };
    }

    private Resource<Deployment> deployment(Migration m) {
        return client.apps()
                .deployments()
                .inNamespace(m.getMetadata().getNamespace())
                .withName(m.getSpec().component().deployment());
    }

    private Resource<ReplicaSet> replicaSet(String namespace, String name) {
        return client.apps().replicaSets().inNamespace(namespace).withName(name);
    }
}
