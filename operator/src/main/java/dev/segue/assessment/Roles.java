package dev.segue.assessment;

import dev.segue.api.Finding;
import dev.segue.api.MigrationSpec;
import dev.segue.api.StagingSpec;
import dev.segue.staging.References;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.rbac.RoleBinding;
import io.fabric8.kubernetes.api.model.rbac.Subject;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The roles that RoleBindings of the namespace give the pods' ServiceAccount. What is in a role is not read.
 * ClusterRoleBindings are not either: that needs a right in the whole cluster.
 */
final class Roles {
    private static final String EVERY_ACCOUNT = "system:serviceaccounts";

    private record Role(String kind, String name) {
        @Override
        public String toString() {
            return kind + " " + name;
        }
    }

    private Roles() {}

    static Stream<Finding> missing(Topology t) {
        String before = account(t.sourcePod());
        String after = account(t.targetPod());
        List<Role> kept = of(t, after);
        List<Role> missing =
                of(t, before).stream().filter(role -> !kept.contains(role)).toList();
        return missing.isEmpty() || !asks(t)
                ? Stream.empty()
                : Stream.of(Reason.RoleMissing.finding(
                        "the new version's pods run as ServiceAccount %s, no longer as %s, and no RoleBinding of namespace %s gives it what that one has: %s. What they ask of the API server by these is refused"
                                .formatted(after, before, t.namespace(), told(missing)),
                        missing.stream()
                                .map(role -> bind(role, after, t.namespace()))
                                .collect(Collectors.joining(
                                        "\n", "what it needs, if no ClusterRoleBinding gives it:\n", ""))));
    }

    /** Of each kind a binding of its own name, as a Role and a ClusterRole may be called the same. */
    private static String bind(Role role, String account, String namespace) {
        String kind = role.kind().toLowerCase(Locale.ROOT);
        return "kubectl create rolebinding %s -n %s --%s=%s --serviceaccount=%s:%s"
                .formatted(
                        quoted("%s-%s-%s".formatted(account, kind, role.name())),
                        namespace,
                        kind,
                        quoted(role.name()),
                        namespace,
                        account);
    }

    /** Names of roles may have what a shell takes for its own. */
    private static String quoted(String name) {
        return name.matches("[\\w:.-]+") ? name : "'" + name.replace("'", "'\\''") + "'";
    }

    static Stream<Finding> bound(Topology t, MigrationSpec spec) {
        String account = account(t.targetPod());
        List<Role> roles = of(t, account);
        if (roles.isEmpty()) {
            return Stream.empty();
        }
        String bound = "RoleBindings of namespace %s give ServiceAccount %s of the new version: %s"
                .formatted(t.namespace(), account, told(roles));
        return Stream.of(
                spec.staging() == null || !asks(t)
                        ? Reason.Roles.finding(bound, null)
                        : Reason.RolesNotCopied.finding(
                                bound
                                        + ". The copy gets none of them: what the new version asks of the API server there is refused",
                                elsewhere(spec.staging())));
    }

    private static String elsewhere(StagingSpec staging) {
        String own = staging.namespace();
        return "nothing, if it starts and can be tested without; or have an administrator make "
                + (own == null ? "a namespace for the copy (spec.staging.namespace) with" : "in namespace " + own)
                + " such Roles and RoleBindings, and a NetworkPolicy that lets its pods reach the API server";
    }

    private static String account(PodSpec pod) {
        return References.of(pod).serviceAccount();
    }

    private static String told(List<Role> roles) {
        return roles.stream().map(Role::toString).collect(Collectors.joining(", "));
    }

    private static List<Role> of(Topology t, String account) {
        return t.roleBindings().stream()
                .filter(binding ->
                        binding.getSubjects().stream().anyMatch(subject -> names(subject, account, t.namespace())))
                .map(RoleBinding::getRoleRef)
                .map(ref -> new Role(ref.getKind(), ref.getName()))
                .distinct()
                .sorted(Comparator.comparing(Role::toString))
                .toList();
    }

    /** By the group of all who are logged in nobody gives roles to one application; it is left out. */
    private static boolean names(Subject subject, String account, String namespace) {
        String name = subject.getName();
        return switch (subject.getKind()) {
            case "ServiceAccount" ->
                name.equals(account)
                        && Objects.requireNonNullElse(subject.getNamespace(), namespace)
                                .equals(namespace);
            case "User" -> name.equals("system:serviceaccount:%s:%s".formatted(namespace, account));
            case "Group" -> name.equals(EVERY_ACCOUNT) || name.equals(EVERY_ACCOUNT + ":" + namespace);
            default -> false;
        };
    }

    /** Whether the new version's pods get a token for the API server. The pod's own word goes before its account's. */
    private static boolean asks(Topology t) {
        PodSpec pod = t.targetPod();
        Boolean mounted = pod.getAutomountServiceAccountToken();
        if (mounted == null && t.serviceAccount() != null) {
            mounted = t.serviceAccount().getAutomountServiceAccountToken();
        }
        return !Boolean.FALSE.equals(mounted)
                || pod.getVolumes().stream()
                        .map(Volume::getProjected)
                        .filter(Objects::nonNull)
                        .flatMap(projected -> projected.getSources().stream())
                        .anyMatch(source -> source.getServiceAccountToken() != null);
    }
}
