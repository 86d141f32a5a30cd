package dev.segue.assessment;

import static dev.segue.assessment.Around.yaml;
import static org.assertj.core.api.Assertions.assertThat;

import dev.segue.api.Finding;
import dev.segue.assessment.AssessmentTest.Case;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.fabric8.kubernetes.api.model.rbac.RoleBinding;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The roles of both versions' ServiceAccounts, by the subjects that a RoleBinding can name them with. */
class RolesTest {
    private static final String READER = "kind: Role, name: reader";
    private static final String VIEW = "kind: ClusterRole, name: view";
    private static final String ROBOT = "{kind: ServiceAccount, name: robot, namespace: prod}";
    private static final String OTHER = "{kind: ServiceAccount, name: other, namespace: prod}";

    static Stream<Case> cases() {
        return Stream.of(
                new Case(
                        Reason.RoleMissing,
                        "run as ServiceAccount other, no longer as robot, and no RoleBinding of namespace prod gives it what that one has: ClusterRole view, Role reader.",
                        """
                        kubectl create rolebinding other-clusterrole-view -n prod --clusterrole=view --serviceaccount=prod:other
                        kubectl create rolebinding other-role-reader -n prod --role=reader --serviceaccount=prod:other""",
                        a -> {
                            becomesOther(a);
                            bind(a, READER, ROBOT);
                            bind(a, VIEW, ROBOT);
                        }),
                new Case(Reason.Roles, "ServiceAccount robot of the new version: Role reader", "", a -> {
                    asRobot(a);
                    bind(a, READER, ROBOT);
                }),
                new Case(
                        Reason.RolesNotCopied,
                        "namespace prod give ServiceAccount robot of the new version: Role reader. The copy gets none of them",
                        "a namespace for the copy (spec.staging.namespace) with such Roles and RoleBindings",
                        a -> {
                            asRobot(a);
                            bind(a, READER, ROBOT);
                            a.staging("{}");
                        }),
                new Case(
                        Reason.RolesNotCopied,
                        "Role reader",
                        "in namespace rehearsals such Roles and RoleBindings, and a NetworkPolicy",
                        a -> {
                            asRobot(a);
                            bind(a, READER, ROBOT);
                            a.staging("{namespace: rehearsals}");
                        }));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                ROBOT,
                "{kind: ServiceAccount, name: robot}",
                "{kind: User, name: 'system:serviceaccount:prod:robot'}",
                "{kind: Group, name: 'system:serviceaccounts:prod'}",
                "{kind: Group, name: 'system:serviceaccounts'}"
            })
    void whatTheNewVersionHasIsTold(String subject) {
        Around around = new Around();
        asRobot(around);
        bind(around, READER, subject);
        bind(around, READER, subject); // once more
        bind(around, VIEW, OTHER + ", " + subject);

        assertThat(around.findings())
                .contains(new Finding(
                        Finding.Severity.Info,
                        "Roles",
                        "RoleBindings of namespace prod give ServiceAccount robot of the new version: ClusterRole view, Role reader",
                        null));
        assertThat(found(around)).containsExactly("Roles");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                OTHER,
                "{kind: ServiceAccount, name: robot, namespace: test}",
                "{kind: User, name: robot}",
                "{kind: User, name: 'system:serviceaccount:test:robot'}",
                "{kind: Group, name: robot}",
                "{kind: Group, name: 'system:serviceaccounts:test'}",
                "{kind: Group, name: 'system:authenticated'}"
            })
    void whatOthersHaveIsNot(String subject) {
        Around around = new Around();
        asRobot(around);
        bind(around, READER, subject);
        around.staging("{}");

        assertThat(found(around)).isEmpty();
    }

    /** A pod that names no account has that of the namespace. */
    @Test
    void theAccountThatIsNotNamedIsTheDefaultOne() {
        Around around = new Around();
        around.targetPod = pod("serviceAccountName: robot");
        bind(around, READER, "{kind: ServiceAccount, name: default}");

        assertThat(message(around, Reason.RoleMissing))
                .contains("no longer as default")
                .contains(": Role reader.");
    }

    @Test
    void onlyWhatTheNewOneDoesNotHaveIsMissing() {
        Around around = new Around();
        becomesOther(around);
        bind(around, READER, ROBOT);
        bind(around, READER, OTHER); // by a binding of its own
        bind(around, VIEW, "{kind: Group, name: 'system:serviceaccounts:prod'}"); // which both are in
        assertThat(found(around)).containsExactly("Roles");

        bind(around, "kind: ClusterRole, name: reader", ROBOT); // another one of that name
        assertThat(message(around, Reason.RoleMissing)).contains(": ClusterRole reader.");
    }

    @Test
    void theSameAccountLosesNothing() {
        Around around = new Around();
        asRobot(around);
        bind(around, READER, ROBOT);

        assertThat(found(around)).containsExactly("Roles");
    }

    /** Who gets no token asks nothing. */
    @Test
    void withoutATokenNothingIsMissed() {
        Around around = new Around();
        becomesOther(around);
        bind(around, READER, ROBOT);
        bind(around, VIEW, OTHER);
        around.staging("{}");
        List<String> missed = List.of("RoleMissing", "RolesNotCopied");
        assertThat(found(around)).isEqualTo(missed);

        around.targetPod = pod("serviceAccountName: other, automountServiceAccountToken: false");
        assertThat(found(around)).containsExactly("Roles");

        around.targetPod = pod("serviceAccountName: other");
        around.account = yaml(ServiceAccount.class, "{automountServiceAccountToken: false}");
        assertThat(found(around)).containsExactly("Roles");

        around.targetPod = pod("serviceAccountName: other, automountServiceAccountToken: true");
        assertThat(found(around)).as("the pod's word goes first").isEqualTo(missed);

        around.targetPod = pod(
                "serviceAccountName: other, volumes: [{name: t, projected: {sources: [{serviceAccountToken: {path: token}}]}}]");
        assertThat(found(around)).as("a token in a volume").isEqualTo(missed);

        around.targetPod = pod("serviceAccountName: other");
        around.account = null; // it is a Block that it does not exist, or it could not be read
        assertThat(found(around)).isEqualTo(missed);
    }

    @Test
    void whatIsPastedIsOneWordForAShell() {
        Around around = new Around();
        becomesOther(around);
        bind(around, "kind: Role, name: 'it''s; reboot'", ROBOT);

        assertThat(remedy(around, Reason.RoleMissing))
                .contains(
                        "create rolebinding 'other-role-it'\\''s; reboot' -n prod --role='it'\\''s; reboot' --service");
    }

    private static void asRobot(Around around) {
        around.sourcePod = around.targetPod = pod("serviceAccountName: robot");
    }

    private static void becomesOther(Around around) {
        around.sourcePod = pod("serviceAccountName: robot");
        around.targetPod = pod("serviceAccountName: other");
    }

    private static String pod(String fields) {
        return "{%s, containers: [{name: app}]}".formatted(fields);
    }

    private static void bind(Around around, String role, String subjects) {
        around.roleBindings.add(yaml(
                RoleBinding.class,
                "{metadata: {name: b, namespace: prod}, roleRef: {apiGroup: rbac.authorization.k8s.io, %s}, subjects: [%s]}"
                        .formatted(role, subjects)));
    }

    /** Reasons of roles. */
    private static List<String> found(Around around) {
        return around.findings().stream()
                .map(Finding::reason)
                .filter(reason -> reason.startsWith("Role"))
                .toList();
    }

    private static String message(Around around, Reason reason) {
        return only(around, reason).message();
    }

    private static String remedy(Around around, Reason reason) {
        return String.valueOf(only(around, reason).remedy());
    }

    private static Finding only(Around around, Reason reason) {
        return around.findings().stream()
                .filter(f -> f.reason().equals(reason.name()))
                .findFirst()
                .orElseThrow();
    }
}
