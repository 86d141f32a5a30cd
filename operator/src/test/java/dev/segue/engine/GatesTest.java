package dev.segue.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.segue.analysis.Conclusion;
import dev.segue.analysis.Judgement;
import dev.segue.analysis.Strength;
import dev.segue.analysis.Verdict;
import dev.segue.analysis.Verdict.Inconclusive;
import dev.segue.analysis.Verdict.Inconclusive.Reason;
import dev.segue.api.Analysis.OnInconclusive;
import dev.segue.api.Step;
import dev.segue.engine.Outcome.Await;
import dev.segue.engine.Outcome.Fail;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** One look at evidence: which verdict ends a step at which gate, which holds it, and with which words. */
class GatesTest {
    private static final String FEW = "90 of 100 requests";
    private static final String HELD = "; the weight is held";

    private Step.Gate gate = Step.Gate.NoHarm;
    private OnInconclusive policy = OnInconclusive.Pause;
    private boolean few;

    private Observed observed() {
        Moment moment = Moment.shifting("Hold");
        moment.spec.compares(gate, policy);
        return moment.observed();
    }

    private Judgement judgement(@Nullable Verdict verdict) {
        Conclusion conclusion =
                verdict == null ? null : new Conclusion(verdict, new Strength(0, 3), "as the evidence says");
        return new Judgement(
                List.of(), conclusion, few ? Optional.of(FEW) : Optional.empty(), Optional.empty(), Optional.empty());
    }

    private @Nullable Outcome unmet(@Nullable Verdict verdict) {
        return Gate.unmet(observed(), judgement(verdict)).orElse(null);
    }

    private static Await awaiting(String message) {
        return new Await("AwaitingEvidence", message);
    }

    @Test
    void whereNothingIsComparedNothingIsWaitedFor() {
        assertThat(Gate.unmet(Moment.shifting("Hold").observed(), judgement(null)))
                .isEmpty();
    }

    @Test
    void nothingGoesOnBeforeItWasEvaluated() {
        assertThat(unmet(null)).isEqualTo(awaiting("the metrics have not been evaluated yet" + HELD));
        few = true;
        assertThat(unmet(null)).isEqualTo(awaiting(FEW + HELD));
    }

    @ParameterizedTest
    @EnumSource
    void nonInferiorEndsAStepThatHasSeenEnough(Step.Gate asked) {
        gate = asked;
        assertThat(unmet(new Verdict.NonInferior())).isNull();
        few = true;
        assertThat(unmet(new Verdict.NonInferior())).isEqualTo(awaiting(FEW + HELD));
    }

    @Test
    void whatIsNotDecidedEndsAStepWhoseGateIsNoHarm() {
        for (Verdict verdict : List.of(new Verdict.Undecided(), new Verdict.NoData("no series"), new Verdict.Harm())) {
            gate = Step.Gate.NoHarm;
            few = false;
            assertThat(unmet(verdict)).isNull();
            few = true;
            assertThat(unmet(verdict)).isEqualTo(awaiting(FEW + HELD));
            gate = Step.Gate.NonInferior;
            assertThat(unmet(verdict)).isEqualTo(awaiting("gate NonInferior: as the evidence says"));
            few = false;
            assertThat(unmet(verdict)).isEqualTo(awaiting("gate NonInferior: as the evidence says"));
        }
    }

    @Test
    void aWrongQuestionAndAnAbsentPrometheusHold() {
        assertThat(unmet(new Verdict.ConfigError("parse error")))
                .isEqualTo(new Await(
                        "AnalysisRefused", "correct spec.analysis, the weight is held meanwhile: parse error"));
        assertThat(unmet(new Verdict.ProviderError("timeout")))
                .isEqualTo(new Await(
                        "PrometheusUnavailable", "the weight is held, nothing is held against the target: timeout"));
    }

    /** With data a NoHarm may go by them; without data nothing goes on. */
    @ParameterizedTest
    @EnumSource
    void whatCannotBeDecidedIsHeldByThePolicy(Reason reason) {
        boolean data = reason == Reason.Deadline || reason == Reason.Coverage;
        Verdict verdict = new Inconclusive(reason, "10m are over");
        Await paused = new Await(
                "Inconclusive",
                "10m are over; analysis.onInconclusive is Pause, so the weight is held: kubectl annotate --overwrite this Migration with segue.dev/command=promote to go on, or =abort to go back");
        assertThat(unmet(verdict)).isEqualTo(data ? null : paused);
        few = true;
        assertThat(unmet(verdict)).isEqualTo(paused);
        few = false;
        gate = Step.Gate.NonInferior;
        assertThat(unmet(verdict)).isEqualTo(paused);
        policy = OnInconclusive.Promote;
        assertThat(unmet(verdict)).isNull();
        policy = OnInconclusive.Revert;
        assertThat(unmet(verdict))
                .isEqualTo(
                        new Fail(
                                new Failure(
                                        "Inconclusive",
                                        "10m are over; analysis.onInconclusive is Revert",
                                        "send more traffic, raise analysis.deadline or the tolerance, lower analysis.minRequests, or set onInconclusive: Pause")));
    }

    /** Only in a hold, and as long as the user has not said that evidence is not to be waited for. */
    @Test
    void aStepThatIsPromotedIsHeldByNothing() {
        Inconclusive verdict = new Inconclusive(Reason.NoTraffic, "10m are over");
        Observed held = observed();
        assertThat(Gate.isHeldBy(held, judgement(verdict), verdict)).isTrue();

        Moment moment = Moment.shifting("Hold");
        moment.spec.compares(gate, policy);
        moment.promotedAt = Moment.NOW;
        Observed promoted = moment.observed();
        assertThat(Gate.isHeldBy(promoted, judgement(verdict), verdict)).isFalse();
        assertThat(Gate.unmet(promoted, judgement(verdict))).isEmpty();
        assertThat(Gate.unmet(promoted, judgement(null))).isEmpty();
    }
}
