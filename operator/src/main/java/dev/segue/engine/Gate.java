package dev.segue.engine;

import dev.segue.analysis.Conclusion;
import dev.segue.analysis.Judgement;
import dev.segue.analysis.Verdict;
import dev.segue.api.Analysis.OnInconclusive;
import dev.segue.api.MigrationStatus.StepStatus;
import dev.segue.api.Step;
import dev.segue.engine.Outcome.Await;
import dev.segue.engine.Outcome.Fail;
import java.util.Objects;
import java.util.Optional;

/** What ends a step beside its time: evidence. Harm is not asked for here, it goes back at once. */
final class Gate {
    private static final String INCONCLUSIVE = "Inconclusive";
    private static final String AWAITING = "AwaitingEvidence";
    private static final String HELD = "; the weight is held";

    private Gate() {}

    /** Why the step does not end yet; empty when it may. */
    static Optional<Outcome> unmet(Observed o, Judgement judgement) {
        if (o.spec().analysisOrDefault().comparing().isEmpty() || step(o).promotedAt() != null) {
            return Optional.empty();
        }
        Conclusion conclusion = judgement.conclusion();
        if (conclusion == null) {
            return Optional.of(
                    new Await(AWAITING, judgement.tooFew().orElse("the metrics have not been evaluated yet") + HELD));
        }
        Step planned = o.spec().plannedSteps().get(step(o).index() - 1);
        return switch (conclusion.verdict()) {
            case Verdict.NonInferior() -> judgement.tooFew().map(few -> new Await(AWAITING, few + HELD));
            case Verdict.ConfigError(String why) ->
                Optional.of(
                        new Await("AnalysisRefused", "correct spec.analysis, the weight is held meanwhile: " + why));
            case Verdict.ProviderError(String why) ->
                Optional.of(new Await(
                        "PrometheusUnavailable", "the weight is held, nothing is held against the target: " + why));
            case Verdict.Inconclusive verdict ->
                isHeldBy(o, judgement, verdict) ? inconclusive(o, verdict.why()) : Optional.empty();
            case Verdict.Harm(), Verdict.Undecided(), Verdict.NoData(var _) ->
                enough(planned, judgement)
                        ? Optional.empty()
                        : Optional.of(new Await(AWAITING, waitsFor(planned, judgement, conclusion)));
        };
    }

    /** Whether there are data, so that NoHarm may go by them; without data nothing goes on. */
    private static boolean undecided(Verdict.Inconclusive.Reason reason) {
        return reason == Verdict.Inconclusive.Reason.Deadline || reason == Verdict.Inconclusive.Reason.Coverage;
    }

    /** Whether an inconclusive verdict stands in the way of the step that this look is in. */
    static boolean isHeldBy(Observed o, Judgement judgement, Verdict.Inconclusive verdict) {
        StepStatus step = o.status().step();
        return step != null
                && step.promotedAt() == null
                && !(undecided(verdict.reason())
                        && enough(o.spec().plannedSteps().get(step.index() - 1), judgement));
    }

    private static boolean enough(Step step, Judgement judgement) {
        return !step.needsNonInferiority() && judgement.tooFew().isEmpty();
    }

    private static String waitsFor(Step step, Judgement judgement, Conclusion conclusion) {
        return step.needsNonInferiority()
                ? "gate NonInferior: " + conclusion.reason()
                : judgement.tooFew().orElse(conclusion.reason()) + HELD;
    }

    private static Optional<Outcome> inconclusive(Observed o, String why) {
        OnInconclusive policy = o.spec().analysisOrDefault().onInconclusiveOrDefault();
        return switch (policy) {
            case Promote -> Optional.empty();
            case Revert ->
                Optional.of(
                        new Fail(
                                new Failure(
                                        INCONCLUSIVE,
                                        why + "; analysis.onInconclusive is Revert",
                                        "send more traffic, raise analysis.deadline or the tolerance, lower analysis.minRequests, or set onInconclusive: Pause")));
            case Pause ->
                Optional.of(
                        new Await(
                                INCONCLUSIVE,
                                why
                                        + "; analysis.onInconclusive is Pause, so the weight is held: kubectl annotate --overwrite this Migration with segue.dev/command=promote to go on, or =abort to go back"));
        };
    }

    private static StepStatus step(Observed o) {
        return Objects.requireNonNull(o.status().step());
    }
}
