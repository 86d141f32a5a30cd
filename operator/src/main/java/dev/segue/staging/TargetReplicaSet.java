package dev.segue.staging;

import dev.segue.traffic.Selectors;
import io.fabric8.kubernetes.api.model.LabelSelector;
import io.fabric8.kubernetes.api.model.LabelSelectorBuilder;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.PodTemplateSpecBuilder;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.ReplicaSet;
import io.fabric8.kubernetes.api.model.apps.ReplicaSetBuilder;
import java.util.HashMap;
import java.util.Map;

/**
 * Exactly the ReplicaSet that the Deployment would build for the changed template, and nothing else: the same labels
 * put the pods under the user's Services, policies and budgets, and the same template lets the Deployment adopt it.
 * Until then the Migration is its controller, so the Deployment ignores it.
 */
public final class TargetReplicaSet {
    /**
     * Keeps the object when the Migration disappears by force: its pods go on serving until someone decides. Taken off
     * by us before it is given away or deleted.
     */
    public static final String FINALIZER = "segue.dev/serving";

    private TargetReplicaSet() {}

    /**
     * Without pods and finalizer: it gets both when it is sized. A create that arrives when all is over leaves no more
     * than an empty object, which goes with the Migration.
     *
     * @param deployment as it is now
     * @param template its template with the change, as the API server made it
     */
    public static ReplicaSet build(
            Deployment deployment, PodTemplateSpec template, String name, String hash, OwnerReference migration) {
        PodTemplateSpec hashed = new PodTemplateSpecBuilder(template)
                .editOrNewMetadata()
                .addToLabels(Selectors.HASH, hash)
                .endMetadata()
                .build();
        LabelSelector selector = new LabelSelectorBuilder(deployment.getSpec().getSelector())
                .addToMatchLabels(Selectors.HASH, hash)
                .build();
        Map<String, String> labels = new HashMap<>(hashed.getMetadata().getLabels());
        return new ReplicaSetBuilder()
                .withNewMetadata()
                .withName(name)
                .withNamespace(deployment.getMetadata().getNamespace())
                .withLabels(labels)
                .withOwnerReferences(migration)
                .endMetadata()
                .withNewSpec()
                .withReplicas(0)
                .withMinReadySeconds(deployment.getSpec().getMinReadySeconds())
                .withSelector(selector)
                .withTemplate(hashed)
                .endSpec()
                .build();
    }
}
