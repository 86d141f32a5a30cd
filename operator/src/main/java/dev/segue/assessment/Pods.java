package dev.segue.assessment;

import dev.segue.api.Finding;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerPort;
import io.fabric8.kubernetes.api.model.Lifecycle;
import io.fabric8.kubernetes.api.model.PodSpec;
import java.util.Comparator;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/** How many pods there are, beside what, and how they end. */
final class Pods {
    private Pods() {}

    /** Its owner has said that two versions must not run at once, and Segue runs two. That the strategy changes restarts nothing. */
    static Stream<Finding> strategy(Topology t) {
        var strategy = t.deployment().getSpec().getStrategy();
        return strategy == null || !"Recreate".equals(strategy.getType())
                ? Stream.empty()
                : Stream.of(Reason.StrategyRecreate.finding(
                        "Deployment %s has the strategy Recreate, which says that two versions must not run at once; Segue runs both"
                                .formatted(t.name()),
                        "if they may, say so (it restarts nothing): kubectl patch deployment %s -n %s --type merge -p '{\"spec\":{\"strategy\":{\"type\":\"RollingUpdate\",\"rollingUpdate\":null}}}'"
                                .formatted(t.name(), t.namespace())));
    }

    static Stream<Finding> hostPorts(Topology t) {
        Set<String> wanted = hostPorts(t.targetPod());
        if (wanted.isEmpty()) {
            return Stream.empty();
        }
        Set<String> both = new TreeSet<>(wanted);
        both.retainAll(hostPorts(t.sourcePod()));
        return Stream.of(
                both.isEmpty()
                        ? Reason.HostPortUsed.finding(
                                "the new version's pods take ports of their node (%s): each needs a node of its own, and traffic to them is not moved by Segue"
                                        .formatted(String.join(", ", wanted)),
                                "let clients use the Service, and take hostPort or hostNetwork away")
                        : Reason.HostPortShared.finding(
                                "pods of both versions take the same ports of their node (%s), so no two can be on one node, and clients of a node's port lose their requests when its pod ends"
                                        .formatted(String.join(", ", both)),
                                "let clients use the Service, and take hostPort or hostNetwork away: kubectl edit deployment %s -n %s"
                                        .formatted(t.name(), t.namespace())));
    }

    private static Set<String> hostPorts(PodSpec pod) {
        boolean hostNetwork = Boolean.TRUE.equals(pod.getHostNetwork());
        Set<String> ports = new TreeSet<>();
        for (Container container : pod.getContainers()) {
            for (ContainerPort port : container.getPorts()) {
                Integer taken = hostNetwork ? port.getContainerPort() : port.getHostPort();
                if (taken != null && taken != 0) {
                    ports.add(taken + "/" + Objects.requireNonNullElse(port.getProtocol(), "TCP"));
                }
            }
        }
        return ports;
    }

    static Stream<Finding> single(Topology t) {
        return t.replicas() != 1
                ? Stream.empty()
                : Stream.of(Reason.SingleReplica.finding(
                        "Deployment %s has one replica: while its only pod of either version is rescheduled nobody serves, and a step of less than 50%% is one of 50%%"
                                .formatted(t.name()),
                        "kubectl scale deployment %s -n %s --replicas 2".formatted(t.name(), t.namespace())));
    }

    static Stream<Finding> ending(Topology t) {
        long grace = Objects.requireNonNullElse(t.targetPod().getTerminationGracePeriodSeconds(), 30L);
        Optional<Container> longest = t.targetPod().getContainers().stream()
                .filter(c -> sleep(c) > 0)
                .max(Comparator.comparingLong(Pods::sleep));
        if (longest.isPresent() && sleep(longest.get()) >= grace) {
            return Stream.of(Reason.GracePeriodTooShort.finding(
                    "preStop of container %s sleeps %d s, terminationGracePeriodSeconds is %d: it is killed in its sleep, without SIGTERM being handled, whenever its pod is stopped"
                            .formatted(longest.get().getName(), sleep(longest.get()), grace),
                    "patch: {spec: {terminationGracePeriodSeconds: %d}}".formatted(sleep(longest.get()) + 30)));
        }
        boolean hooked = t.targetPod().getContainers().stream()
                .anyMatch(c -> c.getLifecycle() != null && c.getLifecycle().getPreStop() != null);
        return hooked || grace > 0
                ? Stream.empty()
                : Stream.of(Reason.NoGracefulStop.finding(
                        "terminationGracePeriodSeconds is 0 and there is no preStop: Segue drains pods before it stops them, but a node drain, an eviction or a scaling down cuts requests off",
                        "patch: {spec: {terminationGracePeriodSeconds: 30, containers: [{name: %s, lifecycle: {preStop: {sleep: {seconds: 10}}}}]}}"
                                .formatted(
                                        t.targetPod().getContainers().getFirst().getName())));
    }

    private static long sleep(Container container) {
        Lifecycle lifecycle = container.getLifecycle();
        return lifecycle == null
                        || lifecycle.getPreStop() == null
                        || lifecycle.getPreStop().getSleep() == null
                ? 0
                : Objects.requireNonNullElse(lifecycle.getPreStop().getSleep().getSeconds(), 0L);
    }
}
