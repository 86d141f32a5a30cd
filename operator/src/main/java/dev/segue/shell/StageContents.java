package dev.segue.shell;

import dev.segue.api.Migration;
import dev.segue.staging.StageName;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.DeletionPropagation;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.LimitRange;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.ResourceQuota;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** What is ours in the namespace of a copy of production. Thread-safe. */
final class StageContents {
    /** What runs goes first. */
    private static final List<Class<? extends HasMetadata>> KINDS = List.of(
            Migration.class,
            Job.class,
            Deployment.class,
            Service.class,
            PersistentVolumeClaim.class,
            ConfigMap.class,
            Secret.class,
            ServiceAccount.class,
            ResourceQuota.class,
            LimitRange.class,
            NetworkPolicy.class);

    private final KubernetesClient client;

    StageContents(KubernetesClient client) {
        this.client = client;
    }

    /** All that carries the label of a Migration, whichever it is. */
    Stream<? extends HasMetadata> all(String namespace) {
        return KINDS.stream()
                .flatMap(
                        kind -> client
                                .resources(kind)
                                .inNamespace(namespace)
                                .withLabel(StageName.MIGRATION_UID)
                                .list()
                                .getItems()
                                .stream());
    }

    /** Removes what carries such a UID of a Migration; what is in it is there until its pods have ended. */
    void remove(String namespace, Predicate<String> uid) {
        all(namespace)
                .filter(o -> uid.test(Facts.labels(o).get(StageName.MIGRATION_UID)))
                .forEach(o -> client.resource(o)
                        .withPropagationPolicy(DeletionPropagation.FOREGROUND)
                        .delete());
    }

    /** The values of all Secrets there, also an administrator's: nothing that we write may contain them. */
    List<String> secrets(String namespace) {
        return client.secrets().inNamespace(namespace).list().getItems().stream()
                .flatMap(s -> Stream.ofNullable(s.getData()).flatMap(data -> data.values().stream()))
                .toList();
    }
}
