package dev.segue.analysis;

import static dev.segue.analysis.ComparisonTest.coverage;
import static dev.segue.analysis.ComparisonTest.criterion;
import static dev.segue.analysis.ComparisonTest.equal;
import static dev.segue.analysis.ComparisonTest.on;
import static dev.segue.analysis.EvidenceTest.interval;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.segue.analysis.Verdict.Inconclusive.Reason;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ConclusionTest {
    private static final Tolerance TOLERANCE = Tolerance.of(.1, .0025);
    private static final Evidence GOOD = equal(10);
    private static final Evidence EARLY = equal(1);
    private static final Evidence BAD = Evidence.of(1.1, List.of(interval(9000, 9, 1000, 100)));

    /** Worse, but by itself not certain enough at half of the risk. */
    private static final Evidence SUSPECT = Evidence.of(1.1, List.of(interval(9000, 9, 1000, 13)));

    @Test
    void allRequiredMetricsHaveToBeNonInferior() {
        assertThat(of(half(GOOD), half(GOOD))).isEqualTo(new Verdict.NonInferior());
        assertThat(of(half(GOOD), half(EARLY))).isEqualTo(new Verdict.Undecided());
        assertThat(of(half(GOOD), with(EARLY, .5, false, null))).isEqualTo(new Verdict.NonInferior());
        assertThat(of(with(GOOD, 1, false, null)))
                .as("nothing is promoted on nothing")
                .isEqualTo(new Verdict.Undecided());
    }

    @Test
    void oneMetricWithHarmIsEnough() {
        assertThat(of(half(GOOD), half(BAD))).isEqualTo(new Verdict.Harm());
        assertThat(of(half(GOOD), with(BAD, .5, false, null))).isEqualTo(new Verdict.Harm());
        assertThat(conclude(List.of(half(GOOD), half(BAD))).reason())
                .contains("10 % of 1 000 target requests are bad, 0.1 % of the source's: 9.89 pp above");
    }

    @Test
    void evidenceOfAllMetricsAddsUp() {
        Comparison suspect = half(SUSPECT);
        assertThat(suspect.verdict()).isEqualTo(new Verdict.Undecided());
        double e = Math.exp(suspect.harm().log());
        assertThat(e).isBetween(100.0, 200.0);
        Conclusion both = conclude(List.of(suspect, suspect));
        assertThat(both.verdict()).isEqualTo(new Verdict.Harm());
        assertThat(Math.exp(both.harm().log())).isCloseTo(e, within(1e-6));
        assertThat(both.reason()).startsWith("no metric by itself, but all together: errors: ");
        Comparison none = half(Evidence.none(1.1));
        assertThat(Math.exp(conclude(List.of(suspect, none)).harm().log())).isCloseTo((e + 1) / 2, within(1e-6));
    }

    @Test
    void harmComesBeforeTroubleAndTroubleBeforeNonInferiority() {
        Verdict away = new Verdict.ProviderError("away");
        Verdict wrong = new Verdict.ConfigError("wrong");
        assertThat(of(half(BAD), with(GOOD, .5, true, away))).isEqualTo(new Verdict.Harm());
        assertThat(of(half(GOOD), with(GOOD, .5, true, away))).isEqualTo(away);
        assertThat(of(half(GOOD), with(GOOD, .5, false, away))).isEqualTo(away);
        assertThat(of(with(GOOD, .5, true, away), with(GOOD, .5, true, wrong))).isEqualTo(wrong);
        assertThat(of(half(GOOD), half(Evidence.none(1.1)))).isInstanceOf(Verdict.NoData.class);
    }

    @Test
    void whatCannotBeDecidedSaysWhy() {
        Verdict away = new Verdict.ProviderError("away");
        assertThat(inconclusive(List.of(half(GOOD), half(EARLY)), true, false)).isEqualTo(Reason.Deadline);
        assertThat(inconclusive(List.of(half(GOOD), half(Evidence.none(1.1))), true, false))
                .isEqualTo(Reason.NoTraffic);
        Comparison gaps = Comparison.of(
                criterion(TOLERANCE, 1, true),
                GOOD,
                Dispersion.fixed(1),
                Risk.DEFAULT,
                coverage(1, 9),
                .8,
                on(GOOD),
                null);
        assertThat(inconclusive(List.of(gaps), true, false)).isEqualTo(Reason.Coverage);
        assertThat(inconclusive(List.of(with(GOOD, 1, true, away)), false, true))
                .isEqualTo(Reason.ProviderOutage);
        assertThat(Conclusion.of(List.of(with(BAD, 1, true, null)), Risk.DEFAULT, true, true)
                        .verdict())
                .isEqualTo(new Verdict.Harm());
        assertThat(Conclusion.of(List.of(with(GOOD, 1, true, null)), Risk.DEFAULT, true, false)
                        .verdict())
                .as("in time, just")
                .isEqualTo(new Verdict.NonInferior());
    }

    @Test
    void whatIsSaidAsWellChangesNoVerdict() {
        Verdict away = new Verdict.ProviderError("away");
        Conclusion good = conclude(List.of(with(GOOD, 1, true, null)));
        assertThat(good.saying("; more"))
                .isEqualTo(new Conclusion(good.verdict(), good.harm(), good.reason() + "; more"));
        Conclusion late = Conclusion.of(List.of(with(EARLY, 1, true, null)), Risk.DEFAULT, true, false);
        assertThat(late.saying("; more").verdict())
                .isEqualTo(new Verdict.Inconclusive(Reason.Deadline, late.reason() + "; more"));
        for (Conclusion silent :
                List.of(conclude(List.of(with(BAD, 1, true, null))), conclude(List.of(with(GOOD, 1, true, away))))) {
            assertThat(silent.saying("; more")).isEqualTo(silent);
        }
    }

    @Test
    void sharesOfTheRiskAddUp() {
        assertThatThrownBy(() -> of(half(GOOD))).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> of(half(GOOD), half(GOOD), half(GOOD))).isInstanceOf(IllegalArgumentException.class);
    }

    private static Comparison half(Evidence evidence) {
        return with(evidence, .5, true, null);
    }

    private static Comparison with(Evidence evidence, double share, boolean required, @Nullable Verdict trouble) {
        return Comparison.of(
                criterion(TOLERANCE, share, required),
                evidence,
                Dispersion.fixed(1),
                Risk.DEFAULT,
                coverage(evidence.intervals(), 0),
                .8,
                on(evidence),
                trouble);
    }

    private static Verdict of(Comparison... comparisons) {
        return conclude(List.of(comparisons)).verdict();
    }

    private static Conclusion conclude(List<Comparison> comparisons) {
        return Conclusion.of(comparisons, Risk.DEFAULT, false, false);
    }

    private static @Nullable Reason inconclusive(
            List<Comparison> comparisons, boolean outOfTime, boolean outageTooLong) {
        return Conclusion.of(comparisons, Risk.DEFAULT, outOfTime, outageTooLong)
                                .verdict()
                        instanceof Verdict.Inconclusive(Reason reason, var _)
                ? reason
                : null;
    }
}
