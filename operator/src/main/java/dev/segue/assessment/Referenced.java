package dev.segue.assessment;

import dev.segue.api.Finding;
import dev.segue.staging.References;
import io.fabric8.kubernetes.api.model.LocalObjectReference;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What the new version's template names has to be there, or its pods do not start. */
final class Referenced {
    private Referenced() {}

    static Stream<Finding> missing(Topology t) {
        References names = References.of(t.targetPod());
        Keys keys = Keys.of(t.targetPod());
        return Stream.of(
                        objects(
                                t,
                                Kind.CONFIG_MAPS,
                                Reason.ConfigMapMissing,
                                names.configMaps().required(),
                                t.configMaps(),
                                keys.configMaps()),
                        keys(t, "configmap", t.configMaps(), keys.configMaps()),
                        objects(
                                t,
                                Kind.SECRETS,
                                Reason.SecretMissing,
                                names.secrets().required(),
                                t.secrets(),
                                keys.secrets()),
                        keys(t, "secret", t.secrets(), keys.secrets()),
                        claims(t, names.claims()),
                        account(t, names.serviceAccount()))
                .flatMap(found -> found);
    }

    private static Stream<Finding> objects(
            Topology t,
            Kind kind,
            Reason reason,
            Set<String> needed,
            Map<String, Set<String>> there,
            Map<String, Set<String>> keys) {
        boolean secret = kind == Kind.SECRETS;
        return needed.stream()
                .filter(name -> t.knows(kind) && !there.containsKey(name))
                .map(name -> {
                    Set<String> of = keys.getOrDefault(name, Set.of("KEY"));
                    return reason.finding(
                            "%s %s, which the new version's pods need, does not exist in namespace %s: they would not start"
                                    .formatted(secret ? "Secret" : "ConfigMap", name, t.namespace()),
                            "kubectl create %s %s -n %s%s"
                                    .formatted(
                                            secret ? "secret generic" : "configmap",
                                            name,
                                            t.namespace(),
                                            of.stream()
                                                    .map(key -> " --from-literal=%s=VALUE".formatted(key))
                                                    .collect(Collectors.joining())));
                });
    }

    private static Stream<Finding> keys(
            Topology t, String kind, Map<String, Set<String>> there, Map<String, Set<String>> needed) {
        return needed.entrySet().stream()
                .filter(e -> there.containsKey(e.getKey()))
                .flatMap(e -> {
                    Set<String> missing = new TreeSet<>(e.getValue());
                    missing.removeAll(there.get(e.getKey()));
                    return missing.stream()
                            .map(key -> Reason.KeyMissing.finding(
                                    "%s %s has no key %s, which the new version's pods need: they would not start"
                                            .formatted(kind, e.getKey(), key),
                                    "kubectl patch %s %s -n %s --type merge -p '{\"%s\":{\"%s\":\"VALUE\"}}'"
                                            .formatted(
                                                    kind,
                                                    e.getKey(),
                                                    t.namespace(),
                                                    kind.equals("secret") ? "stringData" : "data",
                                                    key)));
                });
    }

    private static Stream<Finding> claims(Topology t, Set<String> needed) {
        return needed.stream()
                .filter(name -> t.knows(Kind.CLAIMS) && !t.claims().containsKey(name))
                .map(name -> Reason.VolumeClaimMissing.finding(
                        "PersistentVolumeClaim %s, which the new version's pods mount, does not exist in namespace %s: they would not be scheduled"
                                .formatted(name, t.namespace()),
                        """
                        kubectl apply -n %s -f - <<EOF
                        apiVersion: v1
                        kind: PersistentVolumeClaim
                        metadata: {name: %s}
                        spec: {accessModes: [ReadWriteMany], resources: {requests: {storage: SIZE}}}
                        EOF""".formatted(t.namespace(), name)));
    }

    /** Where a pod was admitted all the same, nobody there asks for one. */
    private static Stream<Finding> account(Topology t, String name) {
        return !t.knows(Kind.SERVICE_ACCOUNTS)
                        || t.serviceAccount() != null
                        || t.trial().admitted() != null
                ? Stream.empty()
                : Stream.of(Reason.ServiceAccountMissing.finding(
                        "ServiceAccount %s of the new version does not exist in namespace %s: its pods would not be created"
                                .formatted(name, t.namespace()),
                        "kubectl create serviceaccount %s -n %s".formatted(name, t.namespace())));
    }

    static boolean namesSecrets(Topology t) {
        return !References.of(t.targetPod()).secrets().all().isEmpty();
    }

    /** Without one, an image that is public or on the node still starts. */
    static Stream<Finding> pullSecrets(Topology t) {
        return t.targetPod().getImagePullSecrets().stream()
                .map(LocalObjectReference::getName)
                .filter(name -> t.knows(Kind.SECRETS) && !t.secrets().containsKey(name))
                .distinct()
                .map(name -> Reason.PullSecretMissing.finding(
                        "image pull secret %s of the new version does not exist in namespace %s: an image that needs a login cannot be pulled"
                                .formatted(name, t.namespace()),
                        "kubectl create secret docker-registry %s -n %s --docker-server=SERVER --docker-username=USER --docker-password=PASSWORD"
                                .formatted(name, t.namespace())));
    }
}
