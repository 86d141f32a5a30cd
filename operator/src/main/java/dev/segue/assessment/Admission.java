package dev.segue.assessment;

import dev.segue.api.Finding;
import java.util.stream.Stream;

/** What the API server would say to the new version's pods, and what nobody may ask. */
final class Admission {
    private Admission() {}

    /** Found in the middle of a migration, it would stop there. */
    static Stream<Finding> lacking(Topology t) {
        return t.lacking().stream()
                .map(right -> Reason.RightMissing.finding(
                        "the operator may not %s %s in namespace %s: the migration could not be finished, nor taken back"
                                .formatted(right.verb(), right.resource(), t.namespace()),
                        rule(right.group(), right.resource(), right.verb())));
    }

    private static String rule(String group, String resource, String verb) {
        return "give the operator's role this rule: - {apiGroups: [\"%s\"], resources: [%s], verbs: [%s]}"
                .formatted(group, resource, verb);
    }

    /** Admission stops at its first refusal; what is found by itself has the figures and is told instead. */
    static Stream<Finding> refused(Topology t) {
        String refusal = t.trial().refusal();
        return refusal == null || explained(t, refusal)
                ? Stream.empty()
                : Stream.of(Reason.PodRefused.finding(
                        "the API server refuses a pod of the new version in a dry run: " + refusal,
                        "correct images or patch in spec.components[0], or the policy that refuses it; to try by hand: kubectl create -n %s --dry-run=server -f POD.yaml"
                                .formatted(t.namespace())));
    }

    private static boolean explained(Topology t, String refusal) {
        return (refusal.contains("exceeded quota") && t.knows(Kind.QUOTAS))
                || (refusal.contains("serviceaccount") && t.knows(Kind.SERVICE_ACCOUNTS) && t.serviceAccount() == null)
                || LimitRanges.violated(t).findAny().isPresent();
    }

    static Stream<Finding> unread(Topology t) {
        Stream<Finding> unread = t.unread().stream()
                .sorted()
                .filter(kind -> kind != Kind.SECRETS || Referenced.namesSecrets(t))
                .map(kind -> Reason.NotChecked.finding(
                        "not known: %s. The operator may not %s %s in namespace %s"
                                .formatted(kind.unknown(), kind.verb(), kind.resource(), t.namespace()),
                        rule(kind.group(), kind.resource(), kind.verb())));
        String untried = t.trial().untried();
        return untried == null
                ? unread
                : Stream.concat(
                        unread,
                        Stream.of(Reason.NotChecked.finding(
                                "not known: %s. %s".formatted(Kind.PODS.unknown(), untried),
                                "give the webhook sideEffects: None (or NoneOnDryRun) if it has none")));
    }
}
