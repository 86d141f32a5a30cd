package dev.segue.shell;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.segue.api.Migration;
import dev.segue.staging.Change;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.util.List;

/**
 * The requested change, tried and written. The API server does the merge, so defaults and admission are those of
 * the real write. Thread-safe.
 */
final class Changes {
    private static final PatchContext DRY = new PatchContext.Builder()
            .withPatchType(PatchType.STRATEGIC_MERGE)
            .withFieldManager(Facts.MANAGER)
            .withDryRun(List.of("All"))
            .build();
    private static final PatchContext REAL = new PatchContext.Builder()
            .withPatchType(PatchType.STRATEGIC_MERGE)
            .withFieldManager(Facts.MANAGER)
            .build();

    private final KubernetesClient client;

    Changes(KubernetesClient client) {
        this.client = client;
    }

    /**
     * The Deployment's template with the change.
     *
     * @throws KubernetesClientException when the API server refuses it
     */
    PodTemplateSpec dryRun(Migration m, Deployment deployment) {
        return patch(
                        m,
                        Change.patch(m.getSpec().component()),
                        deployment.getMetadata().getUid(),
                        DRY)
                .getSpec()
                .getTemplate();
    }

    /** Writes the change into the Deployment with this UID. */
    void write(Migration m, String deploymentUid, boolean pause) {
        ObjectNode patch = Change.patch(m.getSpec().component());
        ((ObjectNode) patch.get("spec")).put("paused", pause);
        patch(m, patch, deploymentUid, REAL);
    }

    private Deployment patch(Migration m, ObjectNode patch, String uid, PatchContext context) {
        patch.putObject("metadata").put("uid", uid); // a precondition: another object of this name is refused
        return client.apps()
                .deployments()
                .inNamespace(m.getMetadata().getNamespace())
                .withName(m.getSpec().component().deployment())
                .patch(context, patch.toString());
    }

    /** What the API server says, without the request that it says it to. */
    static String reason(KubernetesClientException e) {
        return e.getStatus() == null || e.getStatus().getMessage() == null
                ? String.valueOf(e.getMessage())
                : e.getStatus().getMessage();
    }
}
