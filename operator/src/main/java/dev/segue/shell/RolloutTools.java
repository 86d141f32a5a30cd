package dev.segue.shell;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.ResourceDefinitionContext;
import java.net.HttpURLConnection;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Other tools that take a Deployment into their hands without a mark on it: each has an object that names it. */
final class RolloutTools {
    private static final Logger LOG = LoggerFactory.getLogger(RolloutTools.class);

    /** @param reference the field of the object's spec that names the workload */
    private record Tool(String name, ResourceDefinitionContext objects, String reference) {}

    private static final List<Tool> TOOLS = List.of(
            new Tool("Argo Rollouts", kind("argoproj.io", "v1alpha1", "Rollout", "rollouts"), "workloadRef"),
            new Tool("Flagger", kind("flagger.app", "v1beta1", "Canary", "canaries"), "targetRef"),
            new Tool("OpenKruise", kind("rollouts.kruise.io", "v1beta1", "Rollout", "rollouts"), "workloadRef"));

    private RolloutTools() {}

    private static ResourceDefinitionContext kind(String group, String version, String kind, String plural) {
        return new ResourceDefinitionContext.Builder()
                .withGroup(group)
                .withVersion(version)
                .withKind(kind)
                .withPlural(plural)
                .withNamespaced(true)
                .build();
    }

    /** Which object of which tool names this Deployment, null when none does. */
    static @Nullable String ownerOf(KubernetesClient client, Deployment deployment) {
        for (Tool tool : TOOLS) {
            for (GenericKubernetesResource object : objects(client, tool, deployment)) {
                if (names(object, tool.reference(), deployment)) {
                    return "%s (%s %s)"
                            .formatted(
                                    tool.name(),
                                    object.getKind(),
                                    object.getMetadata().getName());
                }
            }
        }
        return null;
    }

    private static List<GenericKubernetesResource> objects(KubernetesClient client, Tool tool, Deployment deployment) {
        try {
            return client.genericKubernetesResources(tool.objects())
                    .inNamespace(deployment.getMetadata().getNamespace())
                    .list()
                    .getItems();
        } catch (KubernetesClientException e) {
            return switch (e.getCode()) {
                case HttpURLConnection.HTTP_NOT_FOUND -> List.of(); // not installed
                case HttpURLConnection.HTTP_FORBIDDEN -> {
                    LOG.warn("whether {} has the Deployment in hand is not known: {}", tool.name(), Changes.reason(e));
                    yield List.of();
                }
                default -> throw e;
            };
        }
    }

    private static boolean names(GenericKubernetesResource object, String reference, Deployment deployment) {
        return Objects.equals(object.get("spec", reference, "kind"), "Deployment")
                && Objects.equals(
                        object.get("spec", reference, "name"),
                        deployment.getMetadata().getName());
    }
}
