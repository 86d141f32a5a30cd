package dev.segue.e2e.stage;

import dev.segue.staging.TargetName;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** What Segue left on the objects of a namespace, other than the Migrations themselves. */
final class Traces {
    private static final String OURS = "segue.dev/";

    /** What Segue writes to. */
    private static final Set<String> WRITTEN = Set.of("Deployment", "ReplicaSet", "Service");

    /** Who else does: users by their tools, and Kubernetes itself. Any other name would be one of ours. */
    private static final Pattern OTHERS = Pattern.compile("kubectl.*|argocd-controller|kube-controller-manager|k3s");

    private Traces() {}

    /** One sentence for each; empty when nothing is left. */
    static List<String> of(KubernetesClient client, String namespace) {
        List<String> found = new ArrayList<>();
        objects(client, namespace).filter(o -> !isReport(o)).forEach(o -> look(o, found));
        client.apps().deployments().inNamespace(namespace).list().getItems().stream()
                .filter(d -> Boolean.TRUE.equals(d.getSpec().getPaused()))
                .forEach(d -> found.add(name(d) + " is paused"));
        client.apps().replicaSets().inNamespace(namespace).list().getItems().stream()
                .filter(r -> owners(r).noneMatch(o -> o.getKind().equals("Deployment")))
                .forEach(r -> found.add(name(r) + " belongs to no Deployment"));
        client.services().inNamespace(namespace).list().getItems().stream()
                .filter(s -> s.getSpec().getSelector() != null
                        && s.getSpec().getSelector().containsKey("pod-template-hash"))
                .forEach(s -> found.add(name(s) + " is narrowed: " + s.getSpec().getSelector()));
        return found;
    }

    /** The one thing that stays, as long as its Migration. */
    private static boolean isReport(HasMetadata object) {
        return object instanceof ConfigMap
                && owners(object)
                        .anyMatch(o -> o.getKind().equals("Migration")
                                && object.getMetadata().getName().equals(TargetName.report(o.getName())));
    }

    /** All objects that Segue may write to or make in a namespace, and more of which it must not. */
    static Stream<? extends HasMetadata> objects(KubernetesClient client, String namespace) {
        return Stream.of(
                        client.apps()
                                .deployments()
                                .inNamespace(namespace)
                                .list()
                                .getItems(),
                        client.apps()
                                .replicaSets()
                                .inNamespace(namespace)
                                .list()
                                .getItems(),
                        client.pods().inNamespace(namespace).list().getItems(),
                        client.services().inNamespace(namespace).list().getItems(),
                        client.configMaps().inNamespace(namespace).list().getItems(),
                        client.secrets().inNamespace(namespace).list().getItems(),
                        client.leases().inNamespace(namespace).list().getItems())
                .flatMap(List::stream);
    }

    private static void look(HasMetadata object, List<String> found) {
        ObjectMeta meta = object.getMetadata();
        Stream.of(meta.getLabels(), meta.getAnnotations())
                .filter(Objects::nonNull)
                .flatMap(m -> m.entrySet().stream())
                .filter(e -> e.getKey().contains(OURS))
                .forEach((Map.Entry<String, String> e) ->
                        found.add("%s has the label or annotation %s".formatted(name(object), e)));
        meta.getFinalizers().stream()
                .filter(f -> f.contains(OURS))
                .forEach(f -> found.add("%s has the finalizer %s".formatted(name(object), f)));
        owners(object)
                .filter(o -> o.getApiVersion().startsWith(OURS))
                .forEach(o -> found.add("%s is owned by Migration %s".formatted(name(object), o.getName())));
        if (WRITTEN.contains(object.getKind())) {
            meta.getManagedFields().stream()
                    .filter(f -> !OTHERS.matcher(f.getManager()).matches())
                    .forEach(f -> found.add("%s has managed fields of %s: %s"
                            .formatted(name(object), f.getManager(), f.getFieldsV1())));
        }
    }

    private static Stream<OwnerReference> owners(HasMetadata object) {
        return object.getMetadata().getOwnerReferences().stream();
    }

    private static String name(HasMetadata object) {
        return object.getKind() + " " + object.getMetadata().getName();
    }
}
