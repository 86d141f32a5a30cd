package dev.segue.plan;

import dev.segue.analysis.Baselines;
import dev.segue.analysis.Baselines.Expected;
import dev.segue.analysis.Schedule;
import dev.segue.api.Analysis;
import dev.segue.api.Durations;
import dev.segue.api.Handover.Via;
import dev.segue.api.Metric;
import dev.segue.api.MigrationSpec;
import dev.segue.api.MigrationStatus.MetricStatus;
import dev.segue.api.PlanStatus.PlannedStep;
import dev.segue.api.Step;
import dev.segue.api.Verify;
import dev.segue.traffic.Ratio;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The steps in their order, and how long they take.
 *
 * @param replicas of the Deployment
 * @param measured what the source was like
 */
record Course(MigrationSpec spec, int replicas, List<MetricStatus> measured) {

    List<PlannedStep> steps() {
        return spec.plannedSteps().stream().map(this::planned).toList();
    }

    private PlannedStep planned(Step step) {
        int pods = Ratio.targetReplicas(step.weight(), replicas);
        return new PlannedStep(
                step.weight(),
                step.weight() == 100 ? 100 : Ratio.effectiveWeight(pods, replicas),
                pods,
                step.holdFor().isZero() ? "0s" : Durations.format(step.holdFor()),
                gate(step),
                expected(step).map(Expected::inWords).orElse(null),
                wayBack(step));
    }

    private Optional<Expected> expected(Step step) {
        return Baselines.expected(spec.analysisOrDefault(), step, measured);
    }

    private String gate(Step step) {
        Analysis analysis = spec.analysisOrDefault();
        int queries = analysis.metricsOrEmpty().size() - analysis.comparing().size();
        String health = queries == 0
                ? "target and source healthy"
                : "target and source healthy, %d quer%s within limits".formatted(queries, queries == 1 ? "y" : "ies");
        if (analysis.comparing().isEmpty()) {
            return health;
        }
        String compared = step.weight() == 100 ? "the source before the cutover" : "the source beside it";
        String shown = step.needsNonInferiority()
                ? "%s, shown to be no worse than %s (NonInferior)".formatted(health, compared)
                : "%s, not shown to be worse than %s (NoHarm)".formatted(health, compared);
        return look().isZero()
                ? shown
                : "%s, after %d requests%s at this weight"
                        .formatted(
                                shown, analysis.minRequestsOrDefault(), step.weight() == 100 ? "" : " of each version");
    }

    private String wayBack(Step step) {
        String takes =
                Durations.format(spec.verifyOrDefault().propagationOrDefault().plus(drain()));
        String go = "by itself on a failing check, or by segue.dev/command=abort";
        return step.weight() == 100
                ? "until the handover: %s; the Services are pointed back at the %d old pods, which are kept, in seconds; new pods are stopped after about %s. After the handover: a Migration to the old version"
                        .formatted(go, replicas, takes)
                : "%s; the %d old pods serve all the time and get all traffic in seconds; new pods are stopped after about %s"
                        .formatted(go, replicas, takes);
    }

    private Duration drain() {
        Verify.Drain drain = spec.verifyOrDefault().drainOrDefault();
        return drain.query() == null ? drain.waitOrDefault() : drain.quietForOrDefault();
    }

    /** When no pod takes long to start, and nothing is waited for but time and evidence. */
    @Nullable
    String duration() {
        Duration propagation = spec.verifyOrDefault().propagationOrDefault();
        Duration sum = propagation.plus(drain()); // of the cutover
        for (Step step : spec.plannedSteps()) {
            Duration hold = longer(step.holdFor(), look());
            if (step.weight() < 100) {
                Optional<Expected> evidence = step.needsNonInferiority() ? expected(step) : Optional.empty();
                if (evidence.isPresent() && evidence.get().time() == null) {
                    return null; // nobody can say
                }
                hold = longer(hold, evidence.map(Expected::time).orElse(Duration.ZERO));
                sum = sum.plus(propagation);
            }
            sum = sum.plus(hold);
        }
        if (spec.handoverOrDefault().viaOrDefault() == Via.Settle) {
            sum = sum.plus(propagation).plus(drain());
        }
        return Durations.format(sum);
    }

    /** Before the first interval of a hold is known, a step with a metric that is required does not end. */
    private Duration look() {
        Analysis analysis = spec.analysisOrDefault();
        return analysis.comparing().stream().noneMatch(Metric::isRequired) ? Duration.ZERO : Schedule.first(analysis);
    }

    private static Duration longer(Duration one, Duration other) {
        return one.compareTo(other) >= 0 ? one : other;
    }
}
