package dev.segue.staging;

import io.fabric8.kubernetes.api.model.HasMetadata;
import org.jspecify.annotations.Nullable;

/**
 * One object of the copy.
 *
 * @param digest of what of production it is made from, null when it is made from nothing of it. Of a Secret it says which
 *     version it is, as what is in it could be guessed from a digest
 */
public record StageCopy(HasMetadata object, @Nullable String digest) {
    /** Kind and name, as ConfigMap/settings. */
    public String key() {
        return object.getKind() + "/" + object.getMetadata().getName();
    }
}
