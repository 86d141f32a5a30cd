package dev.segue.analysis;

import static dev.segue.analysis.EvidenceTest.interval;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ComparisonTest {
    private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");
    private static final Tolerance TOLERANCE = Tolerance.of(.1, .0025);
    private static final Dispersion CLEAN = Dispersion.fixed(1.1);

    /** The design's worked example; the reference computed it independently. */
    @Test
    void harmIsTold() {
        int[] source = {2, 1, 3, 1, 2};
        int[] target = {12, 13, 11, 12, 13};
        Evidence evidence = Evidence.of(
                1.1,
                IntStream.range(0, 5)
                        .mapToObj(k -> interval(1800, source[k], 1200, target[k]))
                        .toList());
        Comparison c = compare(evidence, TOLERANCE, CLEAN, null);
        assertThat(c.verdict()).isEqualTo(new Verdict.Harm());
        assertThat(c.harm().log()).isCloseTo(12.8243363, within(5e-8));
        assertThat(c.nonInferior().log()).isCloseTo(-3.3059166, within(5e-8));
        assertThat(Math.exp(c.harm().needed())).isCloseTo(125, within(1e-9));
        assertThat(Math.exp(c.nonInferior().needed())).isCloseTo(20, within(1e-9));
        assertThat(Math.exp(-c.harm().log())).isCloseTo(2.7e-6, within(5e-8));
        assertThat(c.harm().progress()).isEqualTo(1);
        assertThat(c.nonInferior().progress()).isZero();
        assertThat(c.effect().excess()).isCloseTo(.0091, within(5e-5));
        assertThat(c.effect().lower())
                .as("at 0.8 %, the reference has 0.47 at 1 %")
                .isCloseTo(.0046, within(5e-5));
        assertThat(c.effect().upper()).isCloseTo(.0140, within(5e-5));
        assertThat(c.effect().ratio()).isCloseTo(10.2, within(.05));
        assertThat(c.source()).isEqualTo(new Counts(9, 9000));
        assertThat(c.target()).isEqualTo(new Counts(61, 6000));
        assertThat(c.eta()).isNull();
        assertThat(c.reason())
                .isEqualTo(
                        "errors: 1.02 % of 6 000 target requests are bad, 0.1 % of the source's: 0.91 pp above 1.1 × the source"
                                + " (99 % lower bound 0.46 pp > tolerance 0.25 pp)");
    }

    @Test
    void harmOfALaterHoldIsToldAsSuch() {
        Evidence evidence = Evidence.of(1.1, Collections.nCopies(100, interval(1800, 2, 1200, 1)))
                .anew();
        for (int i = 0; i < 3; i++) {
            evidence = evidence.plus(interval(1800, 2, 1200, 60));
        }
        Comparison c = compare(evidence, TOLERANCE, CLEAN, null);
        assertThat(c.verdict()).isEqualTo(new Verdict.Harm());
        assertThat(c.effect().lower()).isGreaterThan(c.effect().excess());
        assertThat(c.reason()).contains("1.1 × the source over all holds, and worse since a later one began (99 %");
    }

    @Test
    void nonInferiorityIsTold() {
        Comparison c = compare(equal(10), TOLERANCE, CLEAN, null);
        assertThat(c.verdict()).isEqualTo(new Verdict.NonInferior());
        assertThat(c.reason())
                .isEqualTo(
                        "errors: 0.1 % of 10 000 target requests are bad, 0.1 % of the source's: 0.01 pp below 1.1 × the source"
                                + " (95 % upper bound 0.13 pp < tolerance 0.25 pp)");
        assertThat(c.eta()).isNull();
    }

    @Test
    void undecidedTellsHowFarItIs() {
        Comparison c = compare(equal(1), TOLERANCE, CLEAN, null);
        assertThat(c.verdict()).isEqualTo(new Verdict.Undecided());
        assertThat(c.nonInferior().progress()).isBetween(.05, .5);
        Comparison.Eta eta = Objects.requireNonNull(c.eta());
        assertThat(eta.requests()).isBetween(1000.0, 4000.0);
        assertThat(eta.time()).isEqualTo(Duration.ofSeconds(Math.round(eta.requests() * 60 / 1000)));
        assertThat(c.reason())
                .startsWith(
                        "errors: 0.1 % of 1 000 target requests are bad, 0.1 % of the source's: 0.01 pp below 1.1 × the source, between ")
                .endsWith(" pp; tolerated are 0.25 pp; about 2 572 more target requests or 3 min");
    }

    /** At the tolerance's edge no number of requests decides. */
    @Test
    void whatWillNotBeDecidedIsTold() {
        Comparison c = compare(
                Evidence.of(1, List.of(interval(10_000, 50, 10_000, 75))), new Tolerance(1, .0025), CLEAN, null);
        assertThat(c.verdict()).isEqualTo(new Verdict.Undecided());
        assertThat(c.eta()).isNull();
        assertThat(c.reason()).endsWith("; at these ratios it will stay undecided");
    }

    @Test
    void troubleStandsInTheWayOfPromotionButNotOfRevert() {
        Verdict trouble = new Verdict.ProviderError("Prometheus does not answer");
        assertThat(compare(equal(10), TOLERANCE, CLEAN, trouble).verdict()).isEqualTo(trouble);
        assertThat(compare(equal(10), TOLERANCE, CLEAN, trouble).reason())
                .isEqualTo("errors: Prometheus does not answer");
        Evidence bad = Evidence.of(1.1, List.of(interval(9000, 9, 1000, 100)));
        assertThat(compare(bad, TOLERANCE, CLEAN, trouble).verdict()).isEqualTo(new Verdict.Harm());
    }

    @Test
    void withoutRequestsThereIsNoData() {
        assertThat(compare(Evidence.none(1.1), TOLERANCE, CLEAN, null).verdict())
                .isEqualTo(new Verdict.NoData("there is no interval in which both source and target had requests"));
        assertThat(compare(Evidence.none(0), Tolerance.objective(.01), CLEAN, null)
                        .verdict())
                .isEqualTo(new Verdict.NoData("the target has had no requests"));
    }

    @Test
    void withoutHistoryPromotionWaitsForTenIntervals() {
        Dispersion assumed = Dispersion.of(List.of(), TOLERANCE);
        Comparison early = compare(
                Evidence.of(1.1, Collections.nCopies(9, interval(90_000, 9, 90_000, 9))), TOLERANCE, assumed, null);
        assertThat(early.nonInferior().decides()).isTrue();
        assertThat(early.verdict()).isEqualTo(new Verdict.Undecided());
        assertThat(early.reason()).endsWith("; enough, but without history at least 10 intervals are awaited");
        assertThat(compare(
                                Evidence.of(1.1, Collections.nCopies(10, interval(90_000, 9, 90_000, 9))),
                                TOLERANCE,
                                assumed,
                                null)
                        .verdict())
                .isEqualTo(new Verdict.NonInferior());
    }

    @Test
    void missingIntervalsStandInTheWayOfPromotion() {
        Comparison c = Comparison.of(
                criterion(TOLERANCE, 1, true),
                equal(10),
                CLEAN,
                Risk.DEFAULT,
                coverage(10, 5),
                .8,
                on(equal(10)),
                null);
        assertThat(c.verdict()).isEqualTo(new Verdict.Undecided());
        assertThat(c.reason())
                .endsWith("; enough, but only 66.67 % of the intervals have data, and 80 % are asked for");
    }

    @Test
    void aShareOfTheRiskNeedsMoreEvidence() {
        Comparison c = Comparison.of(
                criterion(TOLERANCE, .25, true), equal(1), CLEAN, Risk.DEFAULT, coverage(1, 0), .8, on(equal(1)), null);
        assertThat(Math.exp(c.harm().needed())).isCloseTo(500, within(1e-9));
        assertThat(Math.exp(c.nonInferior().needed())).isCloseTo(20, within(1e-9));
    }

    @Test
    void anObjectiveIsToldAsOne() {
        Comparison c =
                compare(Evidence.of(0, List.of(interval(0, 0, 10_000, 300))), Tolerance.objective(.01), CLEAN, null);
        assertThat(c.verdict()).isEqualTo(new Verdict.Harm());
        assertThat(c.effect().ratio()).isNull();
        assertThat(c.reason())
                .startsWith("errors: 3 % of 10 000 target requests are bad (99 % lower bound 2.")
                .endsWith(" pp > tolerance 1 pp)");
    }

    static Evidence equal(int intervals) {
        return Evidence.of(1.1, Collections.nCopies(intervals, interval(9000, 9, 1000, 1)));
    }

    static Comparison compare(Evidence e, Tolerance tolerance, Dispersion dispersion, @Nullable Verdict trouble) {
        return Comparison.of(
                criterion(tolerance, 1, true),
                e,
                dispersion,
                Risk.DEFAULT,
                coverage(e.intervals(), 0),
                .8,
                on(e),
                trouble);
    }

    /** 1000 requests of the target per minute, as before. */
    static Comparison.Outlook on(Evidence e) {
        return Comparison.Outlook.of(e, 1000);
    }

    static Criterion criterion(Tolerance tolerance, double share, boolean required) {
        return new Criterion("errors", tolerance, share, required);
    }

    static Coverage coverage(int intervals, int missing) {
        return new Coverage(intervals, missing, START, START.plusSeconds(60L * (intervals + missing)));
    }
}
