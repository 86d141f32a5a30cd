package dev.segue.assessment;

import dev.segue.api.Finding;
import io.fabric8.kubernetes.api.model.LabelSelector;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyPeer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Both versions should be under the same NetworkPolicies. */
final class Policies {
    private Policies() {}

    static Stream<Finding> skipping(Topology t) {
        return t.policies().stream().flatMap(policy -> {
            String name = policy.getMetadata().getName();
            boolean selects = skips(policy.getSpec().getPodSelector(), t);
            boolean allows = peers(policy)
                    .filter(peer -> peer.getNamespaceSelector() == null)
                    .anyMatch(peer -> skips(peer.getPodSelector(), t));
            return selects || allows
                    ? Stream.of(Reason.PolicySkipsTarget.finding(
                            "NetworkPolicy %s %s the old version's pods, but not the new one's, whose labels or pod-template-hash differ"
                                    .formatted(name, selects ? "selects" : "lets through"),
                            "leave these labels as they are in spec.components[0].patch, or use others in the policy: kubectl edit networkpolicy %s -n %s"
                                    .formatted(name, t.namespace())))
                    : Stream.empty();
        });
    }

    static Stream<NetworkPolicyPeer> peers(NetworkPolicy policy) {
        return Stream.concat(
                policy.getSpec().getIngress().stream().flatMap(rule -> rule.getFrom().stream()),
                policy.getSpec().getEgress().stream().flatMap(rule -> rule.getTo().stream()));
    }

    /** A hash can only be that of a version that is there already, so it never picks the new one. */
    private static boolean skips(@Nullable LabelSelector selector, Topology t) {
        if (selector != null && Labels.namesHash(selector)) {
            return Labels.pick(Labels.withoutHash(selector), t.sourceLabels());
        }
        return Labels.pick(selector, t.sourceLabels()) && !Labels.pick(selector, t.targetLabels());
    }
}
