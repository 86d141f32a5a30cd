package dev.segue.staging;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.EnvVarSource;
import io.fabric8.kubernetes.api.model.LocalObjectReference;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeProjection;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The objects of its namespace that a pod needs, by name.
 *
 * @param configMaps those without which it does not start, and those that are optional
 * @param secrets the same, with the image pull secrets, without which it may start
 * @param claims its volume claims
 * @param serviceAccount its account
 */
public record References(Names configMaps, Names secrets, Set<String> claims, String serviceAccount) {
    /** Names of objects of one kind. */
    public record Names(Set<String> required, Set<String> optional) {
        /** All of them. */
        public Set<String> all() {
            Set<String> all = new TreeSet<>(required);
            all.addAll(optional);
            return all;
        }
    }

    /** Those of this pod. */
    public static References of(PodSpec pod) {
        TreeMap<String, Boolean> configMaps = new TreeMap<>();
        TreeMap<String, Boolean> secrets = new TreeMap<>();
        Set<String> claims = new TreeSet<>();
        for (Volume volume : pod.getVolumes()) {
            if (volume.getConfigMap() != null) {
                note(
                        configMaps,
                        volume.getConfigMap().getName(),
                        volume.getConfigMap().getOptional());
            }
            if (volume.getSecret() != null) {
                note(
                        secrets,
                        volume.getSecret().getSecretName(),
                        volume.getSecret().getOptional());
            }
            if (volume.getPersistentVolumeClaim() != null) {
                claims.add(volume.getPersistentVolumeClaim().getClaimName());
            }
            if (volume.getProjected() != null) {
                volume.getProjected().getSources().forEach(source -> projected(source, configMaps, secrets));
            }
        }
        Stream.concat(pod.getInitContainers().stream(), pod.getContainers().stream())
                .forEach(container -> environment(container, configMaps, secrets));
        for (LocalObjectReference pull : pod.getImagePullSecrets()) {
            note(secrets, pull.getName(), true);
        }
        return new References(
                names(configMaps),
                names(secrets),
                claims,
                Objects.requireNonNullElse(pod.getServiceAccountName(), "default"));
    }

    private static void projected(
            VolumeProjection source, TreeMap<String, Boolean> configMaps, TreeMap<String, Boolean> secrets) {
        if (source.getConfigMap() != null) {
            note(
                    configMaps,
                    source.getConfigMap().getName(),
                    source.getConfigMap().getOptional());
        }
        if (source.getSecret() != null) {
            note(secrets, source.getSecret().getName(), source.getSecret().getOptional());
        }
    }

    private static void environment(
            Container container, TreeMap<String, Boolean> configMaps, TreeMap<String, Boolean> secrets) {
        container.getEnvFrom().forEach(from -> {
            if (from.getConfigMapRef() != null) {
                note(
                        configMaps,
                        from.getConfigMapRef().getName(),
                        from.getConfigMapRef().getOptional());
            }
            if (from.getSecretRef() != null) {
                note(secrets, from.getSecretRef().getName(), from.getSecretRef().getOptional());
            }
        });
        for (EnvVar variable : container.getEnv()) {
            EnvVarSource from = variable.getValueFrom();
            if (from != null && from.getConfigMapKeyRef() != null) {
                note(
                        configMaps,
                        from.getConfigMapKeyRef().getName(),
                        from.getConfigMapKeyRef().getOptional());
            }
            if (from != null && from.getSecretKeyRef() != null) {
                note(
                        secrets,
                        from.getSecretKeyRef().getName(),
                        from.getSecretKeyRef().getOptional());
            }
        }
    }

    /** One that is needed in one place is needed, whatever the others say. */
    private static void note(TreeMap<String, Boolean> known, @Nullable String name, @Nullable Boolean optional) {
        if (name == null || name.isEmpty()) {
            return; // the API server lets a reference to nothing pass
        }
        known.merge(name, Boolean.TRUE.equals(optional), Boolean::logicalAnd);
    }

    private static Names names(TreeMap<String, Boolean> known) {
        Set<String> required = new TreeSet<>();
        Set<String> optional = new TreeSet<>();
        known.forEach((name, may) -> (may ? optional : required).add(name));
        return new Names(required, optional);
    }
}
