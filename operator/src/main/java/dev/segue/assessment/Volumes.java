package dev.segue.assessment;

import dev.segue.api.Finding;
import dev.segue.staging.References;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaimVolumeSource;
import io.fabric8.kubernetes.api.model.Volume;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;

/** Both versions run at once, so they mount their volumes at once. */
final class Volumes {
    private Volumes() {}

    static Stream<Finding> shared(Topology t) {
        Set<String> ofSource = References.of(t.sourcePod()).claims();
        return References.of(t.targetPod()).claims().stream()
                .map(t.claims()::get)
                .filter(Objects::nonNull)
                .flatMap(claim ->
                        judge(t, claim, ofSource.contains(claim.getMetadata().getName())).stream());
    }

    private static List<Finding> judge(Topology t, PersistentVolumeClaim claim, boolean shared) {
        String name = claim.getMetadata().getName();
        List<String> modes = claim.getSpec().getAccessModes();
        boolean alone = !shared && t.replicas() == 1;
        if (alone) {
            return List.of();
        }
        if (modes.equals(List.of("ReadWriteOncePod"))) {
            return List.of(Reason.VolumeSinglePod.finding(
                    "PersistentVolumeClaim %s is ReadWriteOncePod: one pod may use it, so two versions cannot run at once"
                            .formatted(name),
                    "give the new version a claim of its own: "
                            + "patch: {spec: {volumes: [{name: %s, persistentVolumeClaim: {claimName: OTHER}}]}}"
                                    .formatted(volume(t, name))));
        }
        if (modes.equals(List.of("ReadWriteOnce"))) {
            return List.of(Reason.VolumeSingleNode.finding(
                    "PersistentVolumeClaim %s is ReadWriteOnce: pods of both versions must be on one node, or the new ones never start; and both write to it"
                            .formatted(name),
                    "use a claim with ReadWriteMany, or see that the node has room: kubectl get pods -n %s -o wide"
                            .formatted(t.namespace())));
        }
        return shared && !modes.equals(List.of("ReadOnlyMany")) && !readOnly(t, name)
                ? List.of(Reason.VolumeShared.finding(
                        "both versions write to PersistentVolumeClaim %s at once; going back does not undo what the new one has written"
                                .formatted(name),
                        "see that each version can read what the other writes"))
                : List.of();
    }

    private static String volume(Topology t, String claim) {
        return mounted(t, claim).map(Volume::getName).findFirst().orElse(claim);
    }

    private static boolean readOnly(Topology t, String claim) {
        return mounted(t, claim)
                .map(Volume::getPersistentVolumeClaim)
                .map(PersistentVolumeClaimVolumeSource::getReadOnly)
                .allMatch(Boolean.TRUE::equals);
    }

    private static Stream<Volume> mounted(Topology t, String claim) {
        return t.targetPod().getVolumes().stream()
                .filter(v -> v.getPersistentVolumeClaim() != null
                        && claim.equals(v.getPersistentVolumeClaim().getClaimName()));
    }
}
