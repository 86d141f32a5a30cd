package dev.segue.assessment;

import dev.segue.api.Finding;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyPeer;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What the new version talks to, as far as its environment and the NetworkPolicies tell. Of a value only the host is
 * taken: the rest may be a secret.
 */
final class Dependencies {
    /** Of a URL, without who logs in there: whatever stands before the last at-sign. */
    private static final Pattern URL =
            Pattern.compile("[a-z][a-z0-9+.-]{0,20}://(?:\\S*@)?([a-z0-9](?:[a-z0-9.-]*[a-z0-9])?)");

    /** A whole value or an element of a list, with or without a port. */
    private static final Pattern HOST = Pattern.compile("([a-z0-9](?:[a-z0-9.-]*[a-z0-9])?)(?::\\d+)?");

    private static final Pattern IN_CLUSTER = Pattern.compile(".+\\.svc(\\..+)?");

    private Dependencies() {}

    static Stream<Finding> found(Topology t) {
        Set<String> hosts = hosts(t);
        Set<String> peers = peers(t);
        if (hosts.isEmpty() && peers.isEmpty()) {
            return Stream.empty();
        }
        String environment = hosts.isEmpty() ? "" : " by its environment " + String.join(", ", hosts) + ";";
        String policies = peers.isEmpty() ? "" : " by NetworkPolicies " + String.join(", ", peers) + ";";
        return Stream.of(Reason.Dependencies.finding(
                "the new version depends on:%s%s what it reads from Secrets or finds by itself is not known"
                        .formatted(environment, policies),
                null));
    }

    private static Set<String> hosts(Topology t) {
        Map<String, Service> neighbours = t.neighbours().stream()
                .collect(Collectors.toMap(s -> s.getMetadata().getName(), Function.identity(), (a, _) -> a));
        Set<String> own =
                t.services().stream().map(s -> s.getMetadata().getName()).collect(Collectors.toSet());
        Set<String> hosts = new TreeSet<>();
        Stream.concat(t.targetPod().getInitContainers().stream(), t.targetPod().getContainers().stream())
                .map(Container::getEnv)
                .flatMap(List::stream)
                .map(EnvVar::getValue)
                .filter(Objects::nonNull)
                .forEach(value -> {
                    URL.matcher(value).results().forEach(m -> hosts.add(m.group(1)));
                    for (String element : value.split("[,;\\s]+", -1)) {
                        var host = HOST.matcher(element);
                        if (host.matches()
                                && (neighbours.containsKey(host.group(1))
                                        || IN_CLUSTER.matcher(host.group(1)).matches())) {
                            hosts.add(host.group(1));
                        }
                    }
                });
        hosts.removeAll(own);
        return hosts.stream()
                .map(host -> named(host, neighbours.get(host.replaceFirst("\\..*", "")), t))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static String named(String host, @Nullable Service service, Topology t) {
        if (service == null || !is(service, host, t)) {
            return IN_CLUSTER.matcher(host).matches() ? "Service " + host : "host " + host;
        }
        return "ExternalName".equals(service.getSpec().getType())
                ? "Service %s (host %s)".formatted(host, service.getSpec().getExternalName())
                : "Service " + host;
    }

    private static boolean is(Service service, String host, Topology t) {
        String name = service.getMetadata().getName();
        return host.equals(name) || (host + ".").startsWith("%s.%s.".formatted(name, t.namespace()));
    }

    private static Set<String> peers(Topology t) {
        return t.policies().stream()
                .filter(p -> Labels.pick(p.getSpec().getPodSelector(), t.targetLabels()))
                .flatMap(p -> p.getSpec().getEgress().stream())
                .flatMap(rule -> rule.getTo().stream())
                .flatMap(Dependencies::peer)
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static Stream<String> peer(NetworkPolicyPeer peer) {
        if (peer.getIpBlock() != null) {
            return Stream.of(peer.getIpBlock().getCidr());
        }
        boolean everything = peer.getPodSelector() == null
                || Objects.requireNonNullElse(peer.getPodSelector().getMatchLabels(), Map.of())
                        .isEmpty();
        return everything
                ? Stream.empty() // a whole namespace says nothing
                : Stream.of("pods " + new TreeMap<>(peer.getPodSelector().getMatchLabels()));
    }
}
