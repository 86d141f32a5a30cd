package dev.segue.e2e.referee;

import io.fabric8.kubernetes.api.model.HasMetadata;
import org.jspecify.annotations.Nullable;

/**
 * What an observation changed.
 *
 * @param before the object as it was, null when it is new
 * @param after the object as it is, null when it is gone
 */
record Change(
        Observation seen,
        @Nullable HasMetadata before,
        @Nullable HasMetadata after) {

    /** The later of its two states. */
    HasMetadata object() {
        return seen.object();
    }

    /** Whether the object is on its way out from here on: it was deleted, at once or with time to end. */
    boolean deleted() {
        return !deleting(before) && (after == null || deleting(after));
    }

    private static boolean deleting(@Nullable HasMetadata object) {
        return object != null && object.getMetadata().getDeletionTimestamp() != null;
    }
}
