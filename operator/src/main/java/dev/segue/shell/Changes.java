package dev.segue.shell;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.segue.api.Component;
import dev.segue.api.Migration;
import dev.segue.engine.Observed.DeploymentFacts;
import dev.segue.staging.Change;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.util.List;
import java.util.regex.Pattern;

/**
 * The requested change, tried and written. The API server does the merge, so defaults and admission are those of
 * the real write. Thread-safe.
 */
final class Changes {
    private static final PatchContext DRY = new PatchContext.Builder()
            .withPatchType(PatchType.STRATEGIC_MERGE)
            .withFieldManager(Facts.MANAGER)
            .withDryRun(List.of("All"))
            .withFieldValidation("Strict") // a typo would be dropped without a word
            .build();
    private static final PatchContext REAL = new PatchContext.Builder()
            .withPatchType(PatchType.STRATEGIC_MERGE)
            .withFieldManager(Facts.MANAGER)
            .build();

    /** Of a patch that is none for the object it quotes all, with every text that stands in it. */
    private static final Pattern WHOLE_PATCH =
            Pattern.compile("(patch: Invalid value: \")[^\"\\\\]*+(?:\\\\.[^\"\\\\]*+)*+(\"|$)", Pattern.DOTALL);

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
        ObjectNode patch = Change.patch(m.getSpec().component());
        patch.putObject("metadata").put("uid", Facts.uid(deployment)); // another object of this name is refused
        return patch(m, patch, DRY).getSpec().getTemplate();
    }

    /** Writes the change into the Deployment as it was seen: what was changed since then is not merged with it. */
    void write(Migration m, DeploymentFacts seen, boolean pause) {
        patch(m, change(m.getSpec().component(), seen, pause), REAL);
    }

    static ObjectNode change(Component component, DeploymentFacts seen, boolean pause) {
        ObjectNode patch = Change.patch(component);
        patch.putObject("metadata").put("uid", seen.uid()).put("resourceVersion", seen.resourceVersion());
        if (pause) {
            ((ObjectNode) patch.get("spec")).put("paused", true);
        }
        return patch;
    }

    private Deployment patch(Migration m, ObjectNode patch, PatchContext context) {
        return client.apps()
                .deployments()
                .inNamespace(m.getMetadata().getNamespace())
                .withName(m.getSpec().component().deployment())
                .patch(context, patch.toString());
    }

    /** What the API server says, without the request that it says it to, and without the patch in that. */
    static String reason(KubernetesClientException e) {
        String said = e.getStatus() == null || e.getStatus().getMessage() == null
                ? String.valueOf(e.getMessage())
                : e.getStatus().getMessage();
        return WHOLE_PATCH.matcher(said).replaceAll("$1…$2");
    }
}
