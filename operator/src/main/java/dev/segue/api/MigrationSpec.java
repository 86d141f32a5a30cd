package dev.segue.api;

import com.fasterxml.jackson.annotation.JsonClassDescription;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What the user asks for. Absent fields get the defaults that the CRD states. */
@JsonInclude(JsonInclude.Include.NON_NULL)
@JsonClassDescription("What to change and how carefully.")
@ValidationRule(
        value = "!has(self.steps) || self.steps[size(self.steps) - 1].weight == 100",
        message = "steps must end with weight 100: only then does the target serve alone; add {weight: 100, hold: 30m}")
@ValidationRule(
        value = "!has(self.steps) || (self.steps.map(s, s.weight).isSorted()"
                + " && self.steps.all(a, self.steps.exists_one(b, b.weight == a.weight)))",
        message = "steps must grow: each weight has to be larger than the one before it")
@ValidationRule(
        value = "!has(self.analysis) || !has(self.analysis.metrics) || size(self.analysis.metrics) == 0"
                + " || has(self.analysis.prometheus)",
        message = "analysis.metrics need analysis.prometheus.url: the server to ask")
@ValidationRule(
        value = "!has(self.steps) || !self.steps.exists(s, has(s.gate) && s.gate == 'NonInferior')"
                + " || (has(self.analysis) && has(self.analysis.metrics)"
                + " && self.analysis.metrics.exists(m, !has(m.query) && (!has(m.required) || m.required)))",
        message =
                "gate NonInferior needs a required metric that compares: give analysis.metrics one with preset or counts")
@ValidationRule(
        value = "!has(self.verify) || !has(self.verify.drain) || !has(self.verify.drain.query)"
                + " || (has(self.analysis) && has(self.analysis.prometheus))",
        message = "verify.drain.query needs analysis.prometheus.url: the server to ask")
@ValidationRule(
        value = "!has(self.staging) || (has(self.analysis) && has(self.analysis.prometheus))"
                + " || ((!has(self.staging.tests) || !self.staging.tests.exists(t, has(t.thresholds)"
                + " && size(t.thresholds) > 0)) && (!has(self.staging.seeds)"
                + " || !self.staging.seeds.exists(t, has(t.thresholds) && size(t.thresholds) > 0)))",
        message = "thresholds of staging.tests and staging.seeds need analysis.prometheus.url: the server to ask")
public record MigrationSpec(
        @JsonPropertyDescription("Plan stops after the assessment, with the plan in the status and in the ConfigMap"
                + " NAME-report. Run then executes that plan, or says what has changed since; without a plan it makes"
                + " one and goes on.")
        @Default("Run")
        @Nullable
        Mode mode,

        @JsonPropertyDescription("Make no forward move while true. Checks go on, and a failing check still reverts.")
        @Default("false")
        @Nullable
        Boolean paused,

        @JsonPropertyDescription("The workloads to move. This version of Segue takes exactly one.")
        @Required
        @Size(min = 1, max = 1)
        List<Component> components,

        @JsonPropertyDescription("Shares of the traffic that the target gets, one after the other. Default: 25 for 5m,"
                + " 50 for 10m, 100 for 30m.")
        @Size(min = 1, max = 20)
        @Nullable
        List<Step> steps,

        @JsonPropertyDescription("Rehearse the change in an isolated copy of production first.") @Nullable
        StagingSpec staging,

        @JsonPropertyDescription("Metrics that decide between going on and going back. Health checks are always on.")
        @Nullable
        Analysis analysis,

        @JsonPropertyDescription("How a change of the traffic is proved before the next act.") @Nullable
        Verify verify,

        @JsonPropertyDescription("How the Deployment takes the new version over at the end.") @Nullable
        Handover handover,

        @JsonPropertyDescription(
                "What a failing check leads to: Revert goes back by itself, Hold stops and waits for" + " a human.")
        @Default("Revert")
        @Nullable
        OnFailure onFailure,

        @JsonPropertyDescription("How long things may take.") @Nullable
        Deadline deadline) {

    /** Whether it stops at its plan. */
    public enum Mode {
        Plan,
        Run
    }

    /** What a failing check leads to. */
    public enum OnFailure {
        Revert,
        Hold
    }

    private static final List<Step> DEFAULT_STEPS =
            List.of(new Step(25, "5m"), new Step(50, "10m"), new Step(100, "30m"));

    public boolean plansOnly() {
        return mode == Mode.Plan;
    }

    public boolean isPaused() {
        return Boolean.TRUE.equals(paused);
    }

    /** The workload to move. */
    public Component component() {
        return components.getFirst();
    }

    /** The steps as given, or the default ones. */
    public List<Step> plannedSteps() {
        return steps == null || steps.isEmpty() ? DEFAULT_STEPS : steps;
    }

    public Analysis analysisOrDefault() {
        return Objects.requireNonNullElse(analysis, Analysis.NONE);
    }

    public Verify verifyOrDefault() {
        return Objects.requireNonNullElse(verify, Verify.DEFAULT);
    }

    public Handover handoverOrDefault() {
        return Objects.requireNonNullElse(handover, Handover.DEFAULT);
    }

    public boolean holdsOnFailure() {
        return onFailure == OnFailure.Hold;
    }

    public Deadline deadlineOrDefault() {
        return Objects.requireNonNullElse(deadline, Deadline.DEFAULT);
    }
}
