package dev.segue.staging;

import com.fasterxml.jackson.databind.json.JsonMapper;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.Volume;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.StreamSupport;

/**
 * By what a pod reaches past its namespace, where neither a policy of the network nor an empty claim keeps it from what is
 * production's. A volume that is not known to stay inside is taken for one that does not.
 */
final class Reach {
    private static final JsonMapper JSON = new JsonMapper();

    private static final Set<String> INSIDE = Set.of(
            "configMap",
            "secret",
            "projected",
            "downwardAPI",
            "emptyDir",
            "persistentVolumeClaim",
            "ephemeral",
            "image");

    private Reach() {}

    /** Fields and volumes, as a sentence names them; empty when it stays inside. */
    static List<String> of(PodSpec pod) {
        List<String> reach = new ArrayList<>();
        if (Boolean.TRUE.equals(pod.getHostNetwork())) {
            reach.add("hostNetwork");
        }
        if (Boolean.TRUE.equals(pod.getHostPID())) {
            reach.add("hostPID");
        }
        if (Boolean.TRUE.equals(pod.getHostIPC())) {
            reach.add("hostIPC");
        }
        for (Volume volume : pod.getVolumes()) {
            Iterable<String> fields = () -> JSON.valueToTree(volume).fieldNames();
            StreamSupport.stream(fields.spliterator(), false)
                    .filter(field -> !field.equals("name") && !INSIDE.contains(field))
                    .map(type -> "volume %s (%s)".formatted(volume.getName(), type))
                    .forEach(reach::add);
        }
        return reach;
    }
}
