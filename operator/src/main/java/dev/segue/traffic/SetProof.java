package dev.segue.traffic;

import java.util.Collection;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/**
 * The proof from EndpointSlices that a Service sends its traffic where it should. Each method answers with what is
 * still missing, empty when it is proved.
 */
public final class SetProof {
    private SetProof() {}

    /** The ready endpoints are pods of this set only, and at least {@code needed} of them. */
    public static Optional<String> only(String service, Collection<String> ready, Set<String> set, int needed) {
        Set<String> foreign = new HashSet<>(ready);
        foreign.removeAll(set);
        if (!foreign.isEmpty()) {
            return Optional.of(
                    "Service %s still has %d ready endpoint(s) of other pods".formatted(service, foreign.size()));
        }
        return atLeast(service, ready.size(), needed);
    }

    /** The ready endpoints hold at least {@code needed} pods of this set, beside others. */
    public static Optional<String> among(String service, Collection<String> ready, Set<String> set, int needed) {
        return atLeast(service, (int) ready.stream().filter(set::contains).count(), needed);
    }

    private static Optional<String> atLeast(String service, int have, int needed) {
        return have >= needed
                ? Optional.empty()
                : Optional.of("Service %s has %d of %d needed ready endpoint(s)".formatted(service, have, needed));
    }
}
