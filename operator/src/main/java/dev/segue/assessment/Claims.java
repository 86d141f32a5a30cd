package dev.segue.assessment;

import io.fabric8.kubernetes.api.model.PersistentVolumeClaimSpec;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.Volume;
import java.math.BigDecimal;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;

/** What quotas count of the claims that a pod brings with it: those of its generic ephemeral volumes. */
final class Claims {
    private static final String STORAGE = "requests.storage";
    private static final String COUNT = "persistentvolumeclaims";

    /** Between the name of a class and what of it is counted. A claim that names none is of the default one, which is not known. */
    private static final String OF_CLASS = ".storageclass.storage.k8s.io/";

    private Claims() {}

    static boolean counts(String resource) {
        return resource.equals("count/" + COUNT)
                || what(resource).equals(STORAGE)
                || what(resource).equals(COUNT);
    }

    static BigDecimal of(PodSpec pod, String resource) {
        boolean storage = what(resource).equals(STORAGE);
        return claims(pod)
                .filter(claim -> !resource.contains(OF_CLASS)
                        || resource.startsWith(Objects.requireNonNullElse(claim.getStorageClassName(), "") + OF_CLASS))
                .map(claim -> storage ? requested(claim) : BigDecimal.ONE)
                .reduce(BigDecimal.ZERO, BigDecimal::add);
    }

    private static String what(String resource) {
        int at = resource.indexOf(OF_CLASS);
        return at < 0 ? resource : resource.substring(at + OF_CLASS.length());
    }

    private static Stream<PersistentVolumeClaimSpec> claims(PodSpec pod) {
        return pod.getVolumes().stream()
                .map(Volume::getEphemeral)
                .filter(e -> e != null && e.getVolumeClaimTemplate() != null)
                .map(e -> e.getVolumeClaimTemplate().getSpec());
    }

    private static BigDecimal requested(PersistentVolumeClaimSpec claim) {
        Map<String, Quantity> requests =
                claim.getResources() == null ? null : claim.getResources().getRequests();
        Quantity storage = requests == null ? null : requests.get("storage");
        return storage == null ? BigDecimal.ZERO : storage.getNumericalAmount();
    }
}
