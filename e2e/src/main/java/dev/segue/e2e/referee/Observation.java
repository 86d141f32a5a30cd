package dev.segue.e2e.referee;

import io.fabric8.kubernetes.api.model.HasMetadata;
import java.time.Instant;

/**
 * One state of one object, as a watch told it.
 *
 * @param revision at which the object got into this state: its resourceVersion, or that of its deletion
 * @param at when the referee heard of it; for humans only
 * @param gone whether the object no longer exists; it is shown as it was last
 */
record Observation(long revision, Instant at, HasMetadata object, boolean gone) {

    static Observation of(HasMetadata object, Instant at, boolean gone) {
        return new Observation(Long.parseLong(object.getMetadata().getResourceVersion()), at, object, gone);
    }

    /** As {@code Pod/shop-1}. */
    String name() {
        return name(object);
    }

    static String name(HasMetadata object) {
        return object.getKind() + "/" + object.getMetadata().getName();
    }
}
