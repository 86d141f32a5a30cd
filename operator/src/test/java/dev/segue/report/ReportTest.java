package dev.segue.report;

import static org.assertj.core.api.Assertions.assertThat;

import dev.segue.api.Migration;
import dev.segue.api.MigrationSpec.Mode;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class ReportTest {
    private static final KubernetesSerialization YAML = new KubernetesSerialization();

    private static final String PLAN = """
              plan:
                hash: 00c0ffee
                at: "2026-01-01T00:00:00Z"
                basis: [{part: "Service shop", digest: uid-s}]
                objects: [{action: Patch, object: Deployment/shop, phase: HandingOver, change: '{"spec": "a|b"}'}]
                steps: [{weight: 25, effectiveWeight: 33, replicas: 2, hold: 5m, gate: healthy, verdictExpected: 7m, wayBack: abort it}]
                capacity: {pods: 4, cpu: 1200m, memory: 512Mi}
                expectedDuration: 36m
            """;

    private static String report(Mode mode, String status) {
        Migration m = YAML.unmarshal("""
                metadata: {name: shop-2}
                spec:
                  mode: %s
                  components:
                  - {deployment: shop, images: {shop: "shop:2"}, patch: {spec: {containers: [{name: shop, env: [{name: A, value: hunter2}]}]}}}
                  steps: [{weight: 25, hold: 5m}, {weight: 100, hold: 30m}]
                status:
                %s
                """.formatted(mode, status.indent(2)), Migration.class);
        return Report.of("shop-2", m.getSpec(), Objects.requireNonNull(m.getStatus()));
    }

    @Test
    void aPlanIsShownWithAllThatIsWritten() {
        String report = report(Mode.Plan, "phase: Assessing\n" + PLAN.indent(-2));
        assertThat(report)
                .startsWith("# Migration shop-2\n\n**Planned.** Nothing has been written but this report.")
                .contains(
                        "kubectl patch migration shop-2 --type merge -p '{\"spec\":{\"mode\":\"Run\"}}'",
                        "hash `00c0ffee`",
                        "| HandingOver | Patch | Deployment/shop | {\"spec\": \"a\\|b\"} |",
                        "| 25% | 33% | 2 | 5m | healthy | 7m | abort it |",
                        "4 pods, 1200m CPU and 512Mi memory",
                        "about **36m**",
                        "| Service shop | uid-s |");
        assertThat(report).as("the spec's patch may hold secrets").doesNotContain("hunter2");
    }

    @Test
    void theEndIsToldWithItsCauseAndItsSteps() {
        String report = report(Mode.Run, """
                phase: Reverting
                run: 2
                cause: {reason: MetricHarm, message: worse, remedy: look at it, during: Shifting, at: "2026-01-01T00:05:00Z"}
                findings: [{severity: Warn, reason: FewReplicas, message: only one, remedy: kubectl scale}]
                staging: {namespace: prod-stg-shop-2, verdict: Passed, attempt: 1, snapshots: [{claim: data, name: segue-data-x, takenAt: "2026-01-01T00:00:01Z"}], tests: [{name: smoke, state: Passed, attempt: 1, startedAt: "2026-01-01T00:00:00Z"}]}
                metrics: [{name: errors, verdict: Harm, exceeded: [], message: 5 % more, at: "2026-01-01T00:05:00Z"}]
                timeline:
                - {at: "2026-01-01T00:01:00Z", phase: Shifting, reason: StepStarted, message: step 1 of 2}
                - {at: "2026-01-01T00:05:00Z", phase: Reverting, reason: Reverting, message: "MetricHarm: worse"}
                """);
        assertThat(report)
                .startsWith("# Migration shop-2, run 2\n\n**Reverted.** The old version serves again.")
                .contains(
                        "| what | MetricHarm |",
                        "| remedy | look at it |",
                        "| Warn | FewReplicas | only one | kubectl scale |",
                        "Namespace `prod-stg-shop-2`: **Passed**.",
                        "| data | segue-data-x | 2026-01-01T00:00:01Z |",
                        "| smoke | Passed | 1 | 2026-01-01T00:00:00Z | - | - |",
                        "| 2026-01-01T00:01:00Z | step 1 of 2 | Reverting: MetricHarm: worse |",
                        "| errors | Harm | 2026-01-01T00:05:00Z | 5 % more |");
    }

    /** What changes while it is written is not in it: else it would be written again and again. */
    @Test
    void itSaysNothingOfWhatOnlyPassesBy() {
        String before = "phase: Finishing\ntask: WriteReport\n";
        String after = before + """
                taskSince: "2026-01-01T00:00:00Z"
                conditions: [{type: Waiting, status: "True", reason: Refused, message: quota, lastTransitionTime: "2026-01-01T00:00:00Z"}]
                services: [{name: shop, uid: s, sourceEndpoints: 1, targetEndpoints: 3}]
                target: {replicaSet: r, hash: h, available: 3, wanted: 4, availability: 3/4}
                """;
        assertThat(report(Mode.Run, after)).isEqualTo(report(Mode.Run, before)).contains("**Completed.**");
    }

    @Test
    void itFitsIntoAConfigMap() {
        StringBuilder lines = new StringBuilder("phase: Finishing\ntimeline:\n");
        for (int i = 0; i < 2000; i++) {
            lines.append("- {at: \"2026-01-01T00:01:00Z\", phase: Shifting, reason: StepStarted, message: \"%s\"}\n"
                    .formatted("ä".repeat(500)));
        }
        assertThat(report(Mode.Run, lines.toString()).getBytes(StandardCharsets.UTF_8))
                .hasSizeLessThanOrEqualTo(Report.LIMIT);
    }
}
