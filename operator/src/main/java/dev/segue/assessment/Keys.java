package dev.segue.assessment;

import io.fabric8.kubernetes.api.model.ConfigMapProjection;
import io.fabric8.kubernetes.api.model.ConfigMapVolumeSource;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.EnvVarSource;
import io.fabric8.kubernetes.api.model.KeyToPath;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.SecretProjection;
import io.fabric8.kubernetes.api.model.SecretVolumeSource;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeProjection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The keys of ConfigMaps and Secrets without which a pod does not start, by the object's name.
 */
record Keys(Map<String, Set<String>> configMaps, Map<String, Set<String>> secrets) {
    static Keys of(PodSpec pod) {
        Keys keys = new Keys(new TreeMap<>(), new TreeMap<>());
        pod.getVolumes().forEach(keys::volume);
        Stream.concat(pod.getInitContainers().stream(), pod.getContainers().stream())
                .map(Container::getEnv)
                .flatMap(List::stream)
                .map(EnvVar::getValueFrom)
                .forEach(keys::variable);
        return keys;
    }

    private void volume(Volume volume) {
        ConfigMapVolumeSource map = volume.getConfigMap();
        if (map != null) {
            items(configMaps, map.getName(), map.getOptional(), map.getItems());
        }
        SecretVolumeSource secret = volume.getSecret();
        if (secret != null) {
            items(secrets, secret.getSecretName(), secret.getOptional(), secret.getItems());
        }
        if (volume.getProjected() != null) {
            volume.getProjected().getSources().forEach(this::projected);
        }
    }

    private void projected(VolumeProjection source) {
        ConfigMapProjection map = source.getConfigMap();
        if (map != null) {
            items(configMaps, map.getName(), map.getOptional(), map.getItems());
        }
        SecretProjection secret = source.getSecret();
        if (secret != null) {
            items(secrets, secret.getName(), secret.getOptional(), secret.getItems());
        }
    }

    private void variable(@Nullable EnvVarSource from) {
        if (from != null && from.getConfigMapKeyRef() != null) {
            var key = from.getConfigMapKeyRef();
            note(configMaps, key.getName(), key.getOptional(), key.getKey());
        }
        if (from != null && from.getSecretKeyRef() != null) {
            var key = from.getSecretKeyRef();
            note(secrets, key.getName(), key.getOptional(), key.getKey());
        }
    }

    private static void items(
            Map<String, Set<String>> keys, String name, @Nullable Boolean optional, List<KeyToPath> items) {
        items.forEach(item -> note(keys, name, optional, item.getKey()));
    }

    private static void note(Map<String, Set<String>> keys, String name, @Nullable Boolean optional, String key) {
        if (!Boolean.TRUE.equals(optional)) {
            keys.computeIfAbsent(name, _ -> new TreeSet<>()).add(key);
        }
    }
}
