package dev.segue.staging;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class StageJobTest {
    private static final StageJob.Frame FRAME = new StageJob.Frame(
            "prod-stg-m",
            "load-1-2",
            Map.of("mine", "yes"),
            Map.of("TARGET_URL", "http://shop/"),
            Duration.ofSeconds(90));

    @Test
    void runsOneProgramOnceForAsLongAsItMay() {
        Job job = StageJob.of(FRAME, "k6:1", null, List.of("run"));
        PodSpec pod = job.getSpec().getTemplate().getSpec();
        assertThat(job.getSpec().getBackoffLimit()).isZero();
        assertThat(job.getSpec().getActiveDeadlineSeconds()).isGreaterThan(90);
        assertThat(pod.getActiveDeadlineSeconds()).isEqualTo(90);
        assertThat(pod.getRestartPolicy()).isEqualTo("Never");
        assertThat(pod.getContainers().getFirst().getArgs()).containsExactly("run");
        assertThat(pod.getContainers().getFirst().getSecurityContext().getAllowPrivilegeEscalation())
                .isFalse();
        assertThat(pod.getAutomountServiceAccountToken()).isFalse();
    }

    /** A sidecar would keep it from ending, and answer in place of what the probe tries to reach. */
    @Test
    void ourOwnIsInNoMesh() {
        Job job = StageJob.own(FRAME, "segue:1", "probe");
        assertThat(job.getSpec().getTemplate().getMetadata().getLabels())
                .containsEntry("sidecar.istio.io/inject", "false")
                .containsEntry("istio.io/dataplane-mode", "none")
                .containsEntry("mine", "yes");
        assertThat(job.getSpec().getTemplate().getMetadata().getAnnotations())
                .containsEntry("linkerd.io/inject", "disabled");
        assertThat(job.getMetadata().getLabels()).containsOnlyKeys("mine");
        var container = job.getSpec().getTemplate().getSpec().getContainers().getFirst();
        assertThat(container.getImage()).isEqualTo("segue:1");
        assertThat(container.getArgs()).containsExactly("dev.segue.Main", "probe");
        assertThat(container.getSecurityContext().getRunAsNonRoot()).isTrue();
        assertThat(container.getSecurityContext().getAllowPrivilegeEscalation()).isFalse();
    }

    @Test
    void isTheUsersManifestWithWhatWeNeedToJudgeIt() {
        Job job = StageJob.of(FRAME, """
                apiVersion: batch/v1
                kind: Job
                metadata: {name: ignored}
                spec:
                  backoffLimit: 6
                  ttlSecondsAfterFinished: 1
                  template:
                    metadata: {labels: {theirs: "yes"}}
                    spec:
                      restartPolicy: OnFailure
                      containers:
                      - {name: k6, image: k6, env: [{name: TARGET_URL, value: wrong}, {name: RATE, value: "5"}]}
                """);
        PodSpec pod = job.getSpec().getTemplate().getSpec();
        assertThat(job.getMetadata().getName()).isEqualTo("load-1-2");
        assertThat(job.getSpec().getBackoffLimit()).isZero();
        assertThat(job.getSpec().getTtlSecondsAfterFinished()).isNull();
        assertThat(job.getSpec().getTemplate().getMetadata().getLabels())
                .containsEntry("theirs", "yes")
                .containsEntry("mine", "yes");
        assertThat(pod.getRestartPolicy()).isEqualTo("Never");
        assertThat(pod.getContainers().getFirst().getEnv())
                .extracting(EnvVar::getName, EnvVar::getValue)
                .containsExactly(tuple("RATE", "5"), tuple("TARGET_URL", "http://shop/"));
    }

    /** Kubernetes asks for restartPolicy Never beside it. */
    @Test
    void aPodThatIsEvictedIsNoAnswer() {
        Job job = StageJob.replaceable(StageJob.of(FRAME, "k6:1", null, List.of("run")));
        assertThat(job.getSpec().getTemplate().getSpec().getRestartPolicy()).isEqualTo("Never");
        assertThat(job.getSpec().getBackoffLimit()).as("whatever else ends it").isZero();
        assertThat(job.getSpec().getPodFailurePolicy().getRules())
                .singleElement()
                .satisfies(rule -> {
                    assertThat(rule.getAction()).isEqualTo("Ignore");
                    assertThat(rule.getOnPodConditions())
                            .extracting(c -> c.getType(), c -> c.getStatus())
                            .containsExactly(tuple("DisruptionTarget", "True"));
                });
        Job theirs = StageJob.replaceable(StageJob.of(FRAME, """
                kind: Job
                spec:
                  podFailurePolicy: {rules: [{action: FailJob, onPodConditions: [{type: DisruptionTarget}]}]}
                  template: {spec: {containers: [{name: k6, image: k6}]}}
                """));
        assertThat(theirs.getSpec().getPodFailurePolicy().getRules())
                .singleElement()
                .satisfies(rule -> assertThat(rule.getAction()).isEqualTo("FailJob"));
    }

    @Test
    void whatIsNoJobIsRefusedWithTheReason() {
        assertThatThrownBy(() -> StageJob.of(FRAME, "kind: Job")).hasMessageContaining("spec.template.spec.containers");
        assertThatThrownBy(() -> StageJob.of(FRAME, "a: [")).hasMessageContaining("no YAML of a Job");
    }
}
