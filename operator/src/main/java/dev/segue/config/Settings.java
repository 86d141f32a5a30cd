package dev.segue.config;

import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The operator's settings.
 *
 * @param watchNamespaces the namespaces to work in; empty means all
 * @param leaderElection whether replicas elect one that works
 * @param namespace the operator's own, for the lease
 * @param lease the name of the lease by which they do; one for each installation
 * @param instance the name of this replica
 * @param port of health, readiness and metrics
 * @param maxConcurrent how many migrations are looked at at the same time
 * @param image of the operator itself, by which the isolation of a rehearsal is probed; empty when it is not known
 * @param clusterDomain of the DNS names of Services
 */
public record Settings(
        Set<String> watchNamespaces,
        boolean leaderElection,
        String namespace,
        String lease,
        String instance,
        int port,
        int maxConcurrent,
        String image,
        String clusterDomain) {

    /** @throws IllegalArgumentException when a variable cannot be read; the message names it */
    public static Settings from(Map<String, String> environment) {
        return new Settings(
                Arrays.stream(environment
                                .getOrDefault("SEGUE_WATCH_NAMESPACES", "")
                                .split(","))
                        .map(String::strip)
                        .filter(n -> !n.isEmpty())
                        .collect(Collectors.toUnmodifiableSet()),
                flag(environment, "SEGUE_LEADER_ELECTION", true),
                environment.getOrDefault("POD_NAMESPACE", "default"),
                environment.getOrDefault("SEGUE_LEASE", "segue-operator"),
                environment.getOrDefault("POD_NAME", "segue"),
                number(environment, "SEGUE_PORT", 8080, 65_535),
                number(environment, "SEGUE_MAX_CONCURRENT", 10, 200),
                environment.getOrDefault("SEGUE_IMAGE", ""),
                environment.getOrDefault("SEGUE_CLUSTER_DOMAIN", "cluster.local"));
    }

    private static boolean flag(Map<String, String> environment, String name, boolean otherwise) {
        return switch (environment.getOrDefault(name, Boolean.toString(otherwise))) {
            case "true" -> true;
            case "false" -> false;
            default ->
                throw new IllegalArgumentException(
                        "%s is '%s'; it must be true or false".formatted(name, environment.get(name)));
        };
    }

    private static int number(Map<String, String> environment, String name, int otherwise, int max) {
        String text = environment.get(name);
        if (text == null || text.isBlank()) {
            return otherwise;
        }
        try {
            int number = Integer.parseInt(text.strip());
            if (number > 0 && number <= max) {
                return number;
            }
        } catch (NumberFormatException e) {
            // told below, in the same words as a number out of range
        }
        throw new IllegalArgumentException("%s is '%s'; it must be a number from 1 to %d".formatted(name, text, max));
    }
}
