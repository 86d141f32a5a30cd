package dev.segue.e2e.hands;

import static dev.segue.e2e.hands.Moment.ADOPTING;
import static dev.segue.e2e.hands.Moment.BEGINNING;
import static dev.segue.e2e.hands.Moment.CHANGING;
import static dev.segue.e2e.hands.Moment.CREATING;
import static dev.segue.e2e.hands.Moment.FLIPPING;
import static dev.segue.e2e.hands.Moment.GROWING;
import static dev.segue.e2e.hands.Moment.PREPARING;
import static dev.segue.e2e.hands.Moment.SHIFTING;
import static dev.segue.e2e.hands.Moment.SOAKING;
import static dev.segue.e2e.hands.Moment.STAGING;
import static dev.segue.e2e.hands.Outcome.aborted;
import static dev.segue.e2e.hands.Outcome.completes;
import static dev.segue.e2e.hands.Outcome.fails;
import static dev.segue.e2e.hands.Outcome.reverts;
import static dev.segue.e2e.hands.Outcome.waits;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.segue.e2e.fault.Lab;
import dev.segue.e2e.stage.Migrations;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.util.stream.Stream;

/** Who does not let the target, or Segue, have its way: quotas, limits, policies, budgets, registries. */
final class AdmissionHands {
    private static final String IMPATIENT = """
            steps: [{weight: 25, hold: 1s}, {weight: 100, hold: 1s}]
            verify: {propagation: 1s, drain: {wait: 1s}}
            deadline: {prepare: 5s}
            """;

    private static final String POD = """
            apiVersion: v1
            kind: Pod
            metadata: {name: probe}
            spec: {containers: [{name: app, image: "segue.dev/e2e/still:1"}]}
            """;

    private static final String REPLICA_SET = """
            apiVersion: apps/v1
            kind: ReplicaSet
            metadata: {name: probe}
            spec:
              replicas: 0
              selector: {matchLabels: {probe: probe}}
              template:
                metadata: {labels: {probe: probe}}
                spec: {containers: [{name: app, image: "segue.dev/e2e/still:1"}]}
            """;

    private AdmissionHands() {}

    static Stream<Row> rows() {
        return Stream.of(
                impatient("podsExceedQuota", AdmissionHands::allowNoMorePods)
                        .at(reverts("TargetNeverReady"), CREATING, GROWING)
                        .at(completes(), ADOPTING)
                        .at(
                                waits(
                                        "RolloutUnready",
                                        "kubectl rollout status deployment/app",
                                        deletes("quota", "no-more"),
                                        completes()),
                                CHANGING),
                impatient("replicaSetsExceedQuota", play -> quota(play, "count/replicasets.apps=1"))
                        .at(waits("Refused", "exceeded quota", Hand.NONE, reverts("TargetNotCreated")), CREATING),
                impatient("servicesExceedQuota", play -> quota(play, "count/services=1"))
                        .at(waits("Refused", "exceeded quota", deletes("quota", "no-more"), completes()), BEGINNING),
                impatient("podsOutsideLimitRange", AdmissionHands::limit)
                        .at(reverts("TargetNeverReady"), CREATING, GROWING)
                        .at(completes(), ADOPTING),
                impatient("policyRefusesPods", AdmissionHands::refusePods)
                        .at(reverts("TargetNeverReady"), CREATING, GROWING)
                        .at(completes(), ADOPTING),
                impatient("policyRefusesReplicaSets", AdmissionHands::refuseReplicaSets)
                        .at(
                                waits(
                                        "Refused",
                                        "the committee has not approved this",
                                        Hand.NONE,
                                        reverts("TargetNotCreated")),
                                CREATING),
                impatient("policyRefusesTheFlip", AdmissionHands::refuseServices)
                        .at(
                                waits(
                                        "Refused",
                                        "the committee has not approved this",
                                        approveAfterRefusing("PATCH services/app"),
                                        completes()),
                                FLIPPING),
                impatient("policyRefusesTheWayBack", AdmissionHands::refuseServicesAndAbort)
                        .at(
                                waits(
                                        "Refused",
                                        "the committee has not approved this",
                                        AdmissionHands::approve,
                                        aborted()),
                                SOAKING),
                impatient("policyRefusesTheHandover", AdmissionHands::refuseDeployments)
                        .at(
                                waits(
                                        "Refused",
                                        "the committee has not approved this",
                                        approveAfterRefusing("PATCH deployments/app"),
                                        completes()),
                                SOAKING),
                impatient("policyRefusesTheHandoverAndTheFence", AdmissionHands::refuseDeployments)
                        .at(
                                waits(
                                        "Refused",
                                        "the committee has not approved this",
                                        play -> play.lab().abort(Lab.MIGRATION),
                                        waits(
                                                "FenceRefused",
                                                "the committee has not approved this",
                                                Hand.NONE,
                                                aborted())),
                                SOAKING),
                impatient("policyRefusesTheChange", AdmissionHands::refuseDeployments)
                        .at(fails("ChangeRefused"), Moment.PENDING),
                Row.of(
                                "disruptionBudget",
                                play -> play.kubectl(
                                        "create", "pdb", "app", "--selector=app=app", "--min-available=100%"))
                        .at(completes(), STAGING, PREPARING, SHIFTING, SOAKING, ADOPTING)
                        .at(aborted(), Moment.REVERTING),
                impatient("imageUnknown", Hand.NONE).component(Lab.to("9")).at(reverts("ErrImageNeverPull"), CREATING),
                impatient("imageNotPullable", Hand.NONE)
                        .component(
                                "{deployment: app, patch: {spec: {containers: [{name: app, image: \"127.0.0.1:1/app:2\", imagePullPolicy: Always}]}}}")
                        .spec(Play.SPEC.replace("prepare: 20s", "prepare: 2m"))
                        .at(reverts("ErrImagePull", "ImagePullBackOff"), PREPARING));
    }

    private static Row impatient(String id, Hand hand) {
        return Row.of(id, hand).spec(IMPATIENT);
    }

    private static Hand deletes(String kind, String name) {
        return play -> play.kubectl("delete", kind, name);
    }

    private static void quota(Play play, String hard) {
        play.kubectl("create", "quota", "no-more", "--hard=" + hard);
        await().atMost(Migrations.PATIENCE).until(() -> {
            var quota = play.client()
                    .resourceQuotas()
                    .inNamespace(play.namespace())
                    .withName("no-more")
                    .require();
            return quota.getStatus() != null
                    && quota.getStatus().getUsed() != null
                    && !quota.getStatus().getUsed().isEmpty();
        });
    }

    private static void allowNoMorePods(Play play) {
        quota(play, "pods=" + play.lab().pods().size());
        awaitRefused(() -> tryPod(play));
    }

    private static void limit(Play play) {
        play.lab().apply("""
                apiVersion: v1
                kind: LimitRange
                metadata: {name: large}
                spec: {limits: [{type: Pod, min: {cpu: "2"}}]}
                """);
        awaitRefused(() -> tryPod(play));
    }

    private static void refusePods(Play play) {
        refuse(play, "", "CREATE", "pods", () -> tryPod(play));
    }

    private static void refuseReplicaSets(Play play) {
        refuse(
                play,
                "apps",
                "CREATE",
                "replicasets",
                () -> play.client()
                        .resource(REPLICA_SET)
                        .inNamespace(play.namespace())
                        .dryRun()
                        .create());
    }

    private static void refuseServices(Play play) {
        refuse(
                play,
                "",
                "UPDATE",
                "services",
                () -> play.client().resource(play.lab().service()).dryRun().update());
    }

    private static void refuseServicesAndAbort(Play play) {
        refuseServices(play);
        play.lab().abort(Lab.MIGRATION);
    }

    private static void refuseDeployments(Play play) {
        refuse(
                play,
                "apps",
                "UPDATE",
                "deployments",
                () -> play.client().resource(play.lab().deployment()).dryRun().update());
    }

    /** @param attempt that the policy has to refuse; it takes a moment until the API server knows it */
    private static void refuse(Play play, String group, String operation, String resources, Runnable attempt) {
        play.atEnd(AdmissionHands::approve);
        play.kubectlApply("""
            apiVersion: admissionregistration.k8s.io/v1
            kind: ValidatingAdmissionPolicy
            metadata: {name: %1$s}
            spec:
              failurePolicy: Fail
              matchConstraints:
                namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: %1$s}}
                resourceRules:
                - {apiGroups: ["%2$s"], apiVersions: [v1], operations: [%3$s], resources: [%4$s]}
              validations:
              - {expression: "false", message: the committee has not approved this}
            ---
            apiVersion: admissionregistration.k8s.io/v1
            kind: ValidatingAdmissionPolicyBinding
            metadata: {name: %1$s}
            spec: {policyName: %1$s, validationActions: [Deny]}
            """.formatted(play.namespace(), group, operation, resources));
        awaitRefused(attempt);
    }

    /** Only when it was tried so often that with what somebody takes back it would wait for minutes by now. */
    private static Hand approveAfterRefusing(String write) {
        return play -> {
            await().atMost(Migrations.PATIENCE)
                    .until(() -> play.operator().proxy().writes().stream()
                                    .filter(w -> w.text().equals(write))
                                    .count()
                            >= 5);
            assertThat(play.lab().migrations().history(Lab.MIGRATION))
                    .extracting(Migrations::waitingFor)
                    .as("what it waited for: nobody took anything back")
                    .doesNotContain("FieldContested", "SourceDiverged");
            approve(play);
        };
    }

    private static void approve(Play play) {
        play.kubectl(
                "delete",
                "validatingadmissionpolicybinding,validatingadmissionpolicy",
                play.namespace(),
                "--ignore-not-found");
    }

    private static void tryPod(Play play) {
        play.client().resource(POD).inNamespace(play.namespace()).dryRun().create();
    }

    private static void awaitRefused(Runnable attempt) {
        await().atMost(Migrations.PATIENCE).until(() -> {
            try {
                attempt.run();
                return false;
            } catch (KubernetesClientException e) {
                return e.getCode() == 403 || e.getCode() == 422;
            }
        });
    }
}
