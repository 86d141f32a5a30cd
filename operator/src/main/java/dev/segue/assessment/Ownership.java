package dev.segue.assessment;

import dev.segue.api.Finding;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ManagedFieldsEntry;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Who else writes the fields that Segue will write: the Services' selector, the Deployment's template and its pause. */
final class Ownership {
    /** Tools that write again by themselves, and those that write when somebody runs them. */
    private enum Tool {
        ARGO_CD,
        FLUX,
        BY_HAND
    }

    private Ownership() {}

    static Stream<Finding> contested(Topology t) {
        Map<Tool, TreeSet<String>> owned = new LinkedHashMap<>();
        Stream.concat(Stream.of(t.deployment()), t.services().stream())
                .forEach(object -> object.getMetadata().getManagedFields().stream()
                        .filter(entry -> entry.getSubresource() == null && writes(object, entry))
                        .forEach(entry -> {
                            Tool tool = tool(entry);
                            if (tool != null) {
                                owned.computeIfAbsent(tool, _ -> new TreeSet<>())
                                        .add("%s %s (%s)"
                                                .formatted(
                                                        object.getKind(),
                                                        object.getMetadata().getName(),
                                                        entry.getManager()));
                            }
                        }));
        return owned.entrySet().stream()
                .sorted(Map.Entry.comparingByKey())
                .map(e -> finding(t, e.getKey(), String.join(", ", e.getValue())));
    }

    private static boolean writes(HasMetadata object, ManagedFieldsEntry entry) {
        String field = object.getKind().equals("Service") ? "f:selector" : "f:template";
        return entry.getFieldsV1() != null
                && entry.getFieldsV1().getAdditionalProperties().get("f:spec") instanceof Map<?, ?> spec
                && spec.containsKey(field);
    }

    private static @Nullable Tool tool(ManagedFieldsEntry entry) {
        String manager = Objects.requireNonNullElse(entry.getManager(), "");
        return switch (manager) {
            case "argocd-controller", "argocd-application-controller" -> Tool.ARGO_CD;
            case "kustomize-controller", "helm-controller" -> Tool.FLUX;
            case "helm" -> Tool.BY_HAND;
            default -> "Apply".equals(entry.getOperation()) && manager.startsWith("kubectl") ? Tool.BY_HAND : null;
        };
    }

    private static Finding finding(Topology t, Tool tool, String owned) {
        return switch (tool) {
            case ARGO_CD ->
                Reason.GitOpsReverts.finding(
                        "Argo CD writes %s: with self-heal it takes back what Segue writes there, and the migration waits (FieldContested)"
                                .formatted(owned),
                        """
                        in the Application, until the new version is in Git:
                        spec:
                          ignoreDifferences:
                          - {kind: Service, jsonPointers: [/spec/selector]}
                          - {group: apps, kind: Deployment, jsonPointers: [/spec/template, /spec/paused]}
                          syncPolicy: {syncOptions: [RespectIgnoreDifferences=true]}""");
            case FLUX ->
                Reason.GitOpsReverts.finding(
                        "Flux writes %s: it takes back what Segue writes there, and the migration waits (FieldContested)"
                                .formatted(owned),
                        """
                        flux suspend kustomization NAME (or helmrelease NAME) while it runs; or have Flux leave both alone for that time, in Git:
                        metadata:
                          annotations: {kustomize.toolkit.fluxcd.io/reconcile: disabled}""");
            case BY_HAND ->
                Reason.AppliedFromElsewhere.finding(
                        "%s: whoever runs that again with the old version during or after the migration takes it back"
                                .formatted(
                                        owned.contains("helm")
                                                ? "a Helm release or kubectl apply writes " + owned
                                                : "kubectl apply --server-side writes " + owned),
                        "change the image where %s comes from once the migration is Completed; run nothing before"
                                .formatted(t.name()));
        };
    }
}
