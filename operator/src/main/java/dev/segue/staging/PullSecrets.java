package dev.segue.staging;

import io.fabric8.kubernetes.api.model.LocalObjectReference;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** By which Secrets the images of a pod are pulled: its own, or those that admission gives it, of its account. */
public final class PullSecrets {
    private PullSecrets() {}

    /** @param account the pod's, null when there is none */
    public static List<LocalObjectReference> of(PodSpec pod, @Nullable ServiceAccount account) {
        return !pod.getImagePullSecrets().isEmpty() || account == null
                ? pod.getImagePullSecrets()
                : account.getImagePullSecrets();
    }
}
