package dev.segue.e2e.referee;

import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A Migration between its first act and its end, and what it must not take from its users.
 *
 * @param services whose traffic it moves
 * @param promised how many ready endpoints each of them keeps: the pods that the Deployment had in the beginning, or
 *     fewer when its user has scaled it down since
 */
record Running(String migration, String deployment, Set<String> services, int promised) {

    Running atMost(int replicas) {
        return new Running(migration, deployment, services, Math.min(promised, replicas));
    }

    /** Another Service sends to the pods. */
    Running with(String service) {
        return new Running(
                migration,
                deployment,
                Stream.concat(services.stream(), Stream.of(service)).collect(Collectors.toSet()),
                promised);
    }

    /** The user has taken this Service away. */
    Running without(String service) {
        return new Running(
                migration,
                deployment,
                services.stream().filter(s -> !s.equals(service)).collect(Collectors.toSet()),
                promised);
    }
}
