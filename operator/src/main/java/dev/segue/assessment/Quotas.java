package dev.segue.assessment;

import dev.segue.api.Finding;
import dev.segue.api.Handover.Via;
import dev.segue.api.MigrationSpec;
import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceQuota;
import io.fabric8.kubernetes.api.model.ScopedResourceSelectorRequirement;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Stream;

/** Whether the namespace's quotas have room for both versions at full size, and for the helpers. */
final class Quotas {
    private Quotas() {}

    /** Before the Deployment has settled, a rollout's additional pods would be taken for a lack of room. */
    static Stream<Finding> exceeded(Topology t, MigrationSpec spec) {
        if (!t.settled()) {
            return Stream.empty();
        }
        int pods = t.replicas() + (spec.handoverOrDefault().viaOrDefault() == Via.Settle ? surge(t) : 0);
        return t.quotas().stream()
                .filter(q -> q.getStatus() != null && q.getStatus().getHard() != null)
                .flatMap(q -> new TreeMap<>(q.getStatus().getHard())
                        .entrySet().stream().flatMap(hard -> judge(t, q, hard.getKey(), hard.getValue(), pods)));
    }

    private static Stream<Finding> judge(Topology t, ResourceQuota quota, String resource, Quantity hard, int pods) {
        BigDecimal each = counts(quota, t.countedPod()) ? perPod(t.countedPod(), resource) : BigDecimal.ZERO;
        BigDecimal needed = each.multiply(BigDecimal.valueOf(pods)).add(helpers(t, resource));
        Map<String, Quantity> all = quota.getStatus().getUsed();
        Quantity used = all == null ? null : all.get(resource);
        if (used == null || needed.signum() == 0) {
            return Stream.empty();
        }
        BigDecimal ending = t.ending().stream()
                .map(Pod::getSpec)
                .filter(pod -> counts(quota, pod))
                .map(pod -> perPod(pod, resource))
                .reduce(BigDecimal.ZERO, BigDecimal::add);
        BigDecimal after = used.getNumericalAmount().subtract(ending).add(needed);
        if (after.compareTo(hard.getNumericalAmount()) <= 0) {
            return Stream.empty();
        }
        String name = quota.getMetadata().getName();
        return Stream.of(Reason.QuotaExceeded.finding(
                "ResourceQuota %s has no room for both versions at full size: of %s %s are used of %s, and %s more are needed%s"
                        .formatted(
                                name,
                                resource,
                                used,
                                hard,
                                text(resource, needed),
                                each.signum() == 0 ? "" : " (%d pods of %s)".formatted(pods, text(resource, each))),
                "kubectl patch resourcequota %s -n %s --type merge -p '{\"spec\":{\"hard\":{\"%s\":\"%s\"}}}'"
                        .formatted(name, t.namespace(), resource, text(resource, after))));
    }

    /** What we create beside the pods: a ReplicaSet, and a hold Service for each Service. */
    private static BigDecimal helpers(Topology t, String resource) {
        return switch (resource) {
            case "services", "count/services" -> BigDecimal.valueOf(t.services().size());
            case "count/replicasets.apps" -> BigDecimal.ONE;
            default -> BigDecimal.ZERO;
        };
    }

    private static BigDecimal perPod(PodSpec pod, String resource) {
        if (resource.equals("pods") || resource.equals("count/pods")) {
            return BigDecimal.ONE;
        }
        if (Claims.counts(resource)) {
            return Claims.of(pod, resource);
        }
        if (resource.startsWith("limits.")) {
            return Usage.LIMITS.of(pod, resource.substring("limits.".length()));
        }
        if (resource.startsWith("requests.")) {
            return Usage.REQUESTS.of(pod, resource.substring("requests.".length()));
        }
        return switch (resource) {
            case "cpu", "memory", "ephemeral-storage" -> Usage.REQUESTS.of(pod, resource);
            default -> BigDecimal.ZERO;
        };
    }

    /** Whether the quota's scopes take the pod in. */
    private static boolean counts(ResourceQuota quota, PodSpec pod) {
        var selector = quota.getSpec().getScopeSelector();
        return quota.getSpec().getScopes().stream().allMatch(scope -> inScope(scope, pod))
                && (selector == null || selector.getMatchExpressions().stream().allMatch(one -> selects(one, pod)));
    }

    private static boolean selects(ScopedResourceSelectorRequirement one, PodSpec pod) {
        if (!one.getScopeName().equals("PriorityClass")) {
            return inScope(one.getScopeName(), pod);
        }
        String priority = Objects.requireNonNullElse(pod.getPriorityClassName(), "");
        return switch (one.getOperator()) {
            case "In" -> one.getValues().contains(priority);
            case "NotIn" -> !one.getValues().contains(priority);
            case "Exists" -> !priority.isEmpty();
            default -> priority.isEmpty();
        };
    }

    private static boolean inScope(String scope, PodSpec pod) {
        boolean bestEffort = Stream.of("cpu", "memory")
                .allMatch(r -> Usage.REQUESTS.of(pod, r).signum() == 0
                        && Usage.LIMITS.of(pod, r).signum() == 0);
        boolean terminating = pod.getActiveDeadlineSeconds() != null;
        return switch (scope) {
            case "BestEffort" -> bestEffort;
            case "NotBestEffort" -> !bestEffort;
            case "Terminating" -> terminating;
            case "NotTerminating" -> !terminating;
            case "PriorityClass" -> pod.getPriorityClassName() != null;
            default -> false;
        };
    }

    /** With Settle the Deployment rolls its own pods out while the target serves. */
    private static int surge(Topology t) {
        var strategy = t.deployment().getSpec().getStrategy();
        IntOrString surge = strategy == null || strategy.getRollingUpdate() == null
                ? null
                : strategy.getRollingUpdate().getMaxSurge();
        if (surge == null) {
            return 0;
        }
        if (surge.getIntVal() != null) {
            return surge.getIntVal();
        }
        int percent = Integer.parseInt(surge.getStrVal().replace("%", ""));
        return Math.ceilDiv(percent * t.replicas(), 100);
    }

    /** As people write it: 1500m, 512Mi, 4. */
    private static String text(String resource, BigDecimal amount) {
        BigDecimal mebi = BigDecimal.valueOf(1L << 20);
        if ((resource.endsWith("memory") || resource.endsWith("storage")) && amount.compareTo(mebi) >= 0) {
            return amount.divide(mebi, 0, RoundingMode.CEILING).toPlainString() + "Mi";
        }
        return amount.stripTrailingZeros().scale() <= 0
                ? amount.stripTrailingZeros().toPlainString()
                : amount.movePointRight(3).setScale(0, RoundingMode.CEILING).toPlainString() + "m";
    }
}
