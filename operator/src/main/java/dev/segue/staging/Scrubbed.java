package dev.segue.staging;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The metadata of a copy: without labels and annotations by which tools would take it for a part of production. */
final class Scrubbed {
    private static final Set<String> FOREIGN = Set.of(
            "argocd.argoproj.io",
            "kustomize.toolkit.fluxcd.io",
            "helm.toolkit.fluxcd.io",
            "meta.helm.sh",
            "helm.sh",
            "kubectl.kubernetes.io",
            "deployment.kubernetes.io",
            "external-dns.alpha.kubernetes.io",
            "external-dns.kubernetes.io",
            "service.beta.kubernetes.io",
            "service.kubernetes.io",
            "cloud.google.com",
            "networking.gke.io",
            "pv.kubernetes.io",
            "volume.kubernetes.io",
            "volume.beta.kubernetes.io",
            "segue.dev",
            "app.kubernetes.io/managed-by",
            "app.kubernetes.io/instance");

    private Scrubbed() {}

    static ObjectMeta of(HasMetadata original) {
        return new ObjectMetaBuilder()
                .withName(original.getMetadata().getName())
                .withLabels(kept(original.getMetadata().getLabels()))
                .withAnnotations(kept(original.getMetadata().getAnnotations()))
                .build();
    }

    private static Map<String, String> kept(@Nullable Map<String, String> all) {
        Map<String, String> kept = new HashMap<>(all == null ? Map.of() : all);
        kept.keySet()
                .removeIf(key -> FOREIGN.contains(key)
                        || (key.indexOf('/') > 0 && FOREIGN.contains(key.substring(0, key.indexOf('/')))));
        return kept;
    }
}
