package dev.segue.analysis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;
import org.junit.jupiter.params.provider.ValueSource;

class EvidenceTest {
    private static final List<Interval> V2 =
            List.of(interval(9500, 10, 500, 2), interval(7500, 8, 2500, 9), interval(5000, 6, 5000, 21));

    /** Computed by an independent implementation (Python, numpy), to all digits printed there. */
    record Vector(
            String name,
            List<Interval> intervals,
            double r,
            double delta,
            double phi,
            double harm,
            double nonInferior) {
        @Override
        public String toString() {
            return name;
        }
    }

    static final List<Vector> VECTORS = List.of(
            new Vector("V1", List.of(interval(9000, 9, 1000, 5)), 1, .0025, 1, -0.435083050, -1.264365454),
            new Vector("V2", V2, 1.1, .001, 1, 1.437880456, -2.315982472),
            new Vector("V3", List.of(interval(5000, 0, 5000, 0)), 1, .001, 1, -1.272513917, 3.663179223),
            new Vector("V4", V2, 1.1, .001, 3, 0.150954974, -1.571780517),
            new Vector("V5", five(60, 66, 58, 61, 70), 1, .0025, 1, 76.262527679, -7.919360599),
            new Vector("V6", five(6, 7, 5, 6, 6), 1, .0025, 1, -4.240099141, 30.081592645),
            new Vector("V7", List.of(interval(100, 0, 100, 100)), 1, .0025, 2, 31.361517340, -3.570249532));

    /** Lower at 1 %, upper at 5 %. */
    record Bounds(Vector of, double lower, double upper) {}

    static final List<Bounds> BOUNDS = List.of(
            new Bounds(VECTORS.get(1), 0.0001933063, 0.0054265505),
            new Bounds(VECTORS.get(4), 0.0073903399, 0.0115631773),
            new Bounds(VECTORS.get(5), -0.0009570312, 0.0008111807));

    @ParameterizedTest
    @FieldSource("VECTORS")
    void evidenceIsThatOfTheReference(Vector v) {
        Evidence evidence = Evidence.of(v.r, v.intervals);
        assertThat(evidence.logHarm(v.delta, v.phi)).isCloseTo(v.harm, within(5e-10));
        assertThat(evidence.logNonInferior(v.delta, v.phi)).isCloseTo(v.nonInferior, within(5e-10));
    }

    @ParameterizedTest
    @FieldSource("BOUNDS")
    void confidenceSequenceIsThatOfTheReference(Bounds b) {
        Evidence evidence = Evidence.of(b.of.r, b.of.intervals);
        assertThat(evidence.lower(.01, b.of.phi)).isCloseTo(b.lower, within(5e-11));
        assertThat(evidence.upper(.05, b.of.phi)).isCloseTo(b.upper, within(5e-11));
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void evidenceForHarmFallsWithTheToleranceAndForNonInferiorityRises(long seed) {
        Evidence evidence = Evidence.of(1.1, random(seed, 20));
        for (double delta = -0.05; delta < 0.05; delta += 0.001) {
            assertThat(evidence.logHarm(delta + 0.001, 1.5)).isLessThanOrEqualTo(evidence.logHarm(delta, 1.5));
            assertThat(evidence.logNonInferior(delta + 0.001, 1.5))
                    .isGreaterThanOrEqualTo(evidence.logNonInferior(delta, 1.5));
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void theOrderOfIntervalsDoesNotMatter(long seed) {
        List<Interval> intervals = random(seed, 50);
        List<Interval> shuffled = new ArrayList<>(intervals);
        Collections.shuffle(shuffled, new Random(seed));
        Evidence one = Evidence.of(1.1, intervals);
        Evidence other = Evidence.of(1.1, shuffled);
        assertThat(other.logHarm(.0025, 2)).isCloseTo(one.logHarm(.0025, 2), within(1e-9));
        assertThat(other.logNonInferior(.0025, 2)).isCloseTo(one.logNonInferior(.0025, 2), within(1e-9));
        assertThat(other.excess()).isCloseTo(one.excess(), within(1e-12));
    }

    /** k times as many requests in clusters of k say what one of each says. */
    @ParameterizedTest
    @ValueSource(ints = {2, 3, 10})
    void clustersOfEqualSizeSayWhatSingleRequestsSay(int k) {
        List<Interval> clustered = V2.stream().map(i -> times(i, k, k)).toList();
        assertThat(Evidence.of(1.1, clustered).logHarm(.001, k))
                .isCloseTo(Evidence.of(1.1, V2).logHarm(.001, 1), within(1e-9));
        assertThat(Evidence.of(1.1, clustered).logNonInferior(.001, k))
                .isCloseTo(Evidence.of(1.1, V2).logNonInferior(.001, 1), within(1e-9));
    }

    @Test
    void withoutErrorsOnlyRequestsTimesToleranceCounts() {
        Evidence evidence = Evidence.of(1, List.of(interval(2000, 0, 2000, 0)));
        assertThat(evidence.logHarm(.0025, 1)).isCloseTo(-1.272513917, within(5e-10));
        assertThat(evidence.logNonInferior(.0025, 1)).isCloseTo(3.663179223, within(5e-10));
    }

    /** What is decided is what the confidence sequence shows: an SRE must never see the one without the other. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void itDecidesExactlyWhenTheConfidenceSequenceIsBeyondTheTolerance(long seed) {
        Evidence evidence = Evidence.of(1.1, random(seed, 10));
        double lower = evidence.lower(.01, 1.3);
        double upper = evidence.upper(.05, 1.3);
        assertThat(lower).isLessThan(evidence.excess());
        assertThat(upper).isGreaterThan(evidence.excess());
        Random random = new Random(seed);
        for (int i = 0; i < 200; i++) {
            double delta = -0.02 + 0.05 * random.nextDouble();
            assertThat(Strength.of(evidence.logHarm(delta, 1.3), .01).decides()).isEqualTo(lower > delta);
            assertThat(Strength.of(evidence.logNonInferior(delta, 1.3), .05).decides())
                    .isEqualTo(upper < delta);
        }
    }

    @Test
    void nothingIsKnownWithoutRequests() {
        Evidence evidence = Evidence.none(1.1);
        assertThat(evidence.logHarm(.0025, 1)).isZero();
        assertThat(evidence.logNonInferior(.0025, 1)).isZero();
        assertThat(evidence.lower(.01, 1)).isEqualTo(-1.1);
        assertThat(evidence.upper(.05, 1)).isEqualTo(1);
        assertThat(evidence.excess()).isZero();
    }

    @Test
    void anIntervalInWhichAnArmHadNoRequestsChangesNothing() {
        Evidence evidence = Evidence.of(1.1, V2);
        assertThat(evidence.plus(interval(1000, 900, 0, 0))).isEqualTo(evidence);
        assertThat(evidence.plus(interval(0, 0, 1000, 900))).isEqualTo(evidence);
    }

    @Test
    void anObjectiveIsOfTheTargetAlone() {
        Evidence alone = Evidence.of(0, List.of(interval(0, 0, 5000, 100)));
        Evidence beside = Evidence.of(0, List.of(interval(9000, 7000, 5000, 100)));
        for (Evidence evidence : List.of(alone, beside)) {
            assertThat(evidence.excess()).isEqualTo(.02);
            assertThat(evidence.lower(.01, 1)).isBetween(.013, .02);
            assertThat(evidence.upper(.05, 1)).isBetween(.02, .027);
            assertThat(evidence.logHarm(.01, 1)).isGreaterThan(Math.log(100));
            assertThat(evidence.logNonInferior(.03, 1)).isGreaterThan(Math.log(20));
        }
        // ρ = 0 and one interval: ln(1/25 …) by hand. No bad request of n at δ: the bet at 0 has won δ·n.
        Evidence clean = Evidence.of(0, List.of(interval(0, 0, 1000, 0)));
        double byHand = Math.log(Stream.concat(
                                IntStream.range(0, 12)
                                        .mapToObj(j ->
                                                new double[] {.05, .1, .2, .35, .5, .75, 1, 1.4, 1.8, 2.3, 3, 4}[j])
                                        .map(g -> Math.exp(-10 * (Math.exp(-g) - 1))),
                                Stream.of(Math.exp(10)))
                        .mapToDouble(d -> d)
                        .sum()
                / 13);
        assertThat(clean.logNonInferior(.01, 1)).isCloseTo(byHand, within(1e-12));
    }

    /** A restart in the middle, at any point, and the same from the raw counts: to the last bit. */
    @Test
    void aCheckpointGoesOnAsIfNothingHadHappened() {
        List<Interval> intervals = random(7, 30);
        Evidence whole = Evidence.of(1.1, intervals);
        for (int at = 0; at <= intervals.size(); at++) {
            Evidence before = Evidence.of(1.1, intervals.subList(0, at));
            Evidence stored = new Evidence(
                    before.factor(),
                    before.intervals(),
                    before.source(),
                    before.target(),
                    before.strata(),
                    List.copyOf(before.harm()),
                    List.copyOf(before.later()),
                    List.copyOf(before.nonInferior()));
            for (Interval interval : intervals.subList(at, intervals.size())) {
                stored = stored.plus(interval);
            }
            assertThat(stored).isEqualTo(whole);
        }
        assertThat(Stream.concat(whole.harm().stream(), whole.nonInferior().stream()))
                .hasSize(25)
                .allMatch(bet -> Double.isFinite(bet.gain()) && Double.isFinite(bet.stake()));
    }

    /** An hour of equality has to be paid back by the bets since the beginning, and by them alone. */
    @Test
    void whatBreaksInALaterHoldIsNoticedAsSoonAsInTheFirst() {
        Evidence hour = Evidence.of(1.1, Collections.nCopies(60, interval(3000, 3, 3000, 3)));
        Interval broken = interval(3000, 3, 3000, 20);
        double needed = -Math.log(Risk.DEFAULT.harm());
        int first = looks(Evidence.none(1.1), broken, needed);
        assertThat(looks(hour.anew(), broken, needed)).isBetween(first, 2 * first + 1);
        assertThat(looks(hour, broken, needed)).isGreaterThan(6 * first);
    }

    private static int looks(Evidence evidence, Interval interval, double needed) {
        int looks = 0;
        Evidence then = evidence;
        while (then.logHarm(.0025, 1) < needed) {
            then = then.plus(interval);
            looks++;
        }
        return looks;
    }

    @Test
    void eachBeginningHasItsWeight() {
        Interval one = V2.getFirst();
        Interval two = V2.getLast();
        Evidence begun = Evidence.none(1.1).plus(one).anew().plus(two).anew().plus(one);
        double sum = Math.exp(Evidence.of(1.1, List.of(one, two, one)).logHarm(.001, 1))
                + .25 / 2 * Math.exp(Evidence.of(1.1, List.of(two, one)).logHarm(.001, 1))
                + .25 / 6 * Math.exp(Evidence.of(1.1, List.of(one)).logHarm(.001, 1));
        assertThat(begun.logHarm(.001, 1)).isCloseTo(Math.log(sum), within(1e-12));
        assertThat(begun.logNonInferior(.001, 1))
                .as("non-inferiority is of all intervals")
                .isEqualTo(Evidence.of(1.1, List.of(one, two, one)).logNonInferior(.001, 1));
        Evidence many = Evidence.none(1.1);
        for (int i = 0; i < 50; i++) {
            assertThat(many.anew().anew())
                    .as("of nothing there is no other beginning")
                    .isEqualTo(many.anew());
            many = many.anew().plus(one);
        }
        assertThat(many.later()).hasSize(Evidence.MOST_LATER);
    }

    /** A target ten times as bad for a day: no underflow on the losing side, which would promote it. */
    @Test
    void overwhelmingEvidenceDoesNotTurnIntoItsOpposite() {
        Evidence evidence = Evidence.of(1, Collections.nCopies(1440, interval(60_000, 60, 60_000, 6000)));
        assertThat(evidence.logHarm(.0025, 1)).isGreaterThan(10_000).isFinite();
        assertThat(evidence.logNonInferior(.0025, 1)).isLessThan(-100).isFinite();
        assertThat(evidence.lower(.01, 1)).isBetween(.097, .099);
        assertThat(evidence.upper(.05, 1)).isBetween(.099, .101);
    }

    /** Both arms get worse while the weight moves to the target: the totals would say that it is 2.4 times as bad. */
    @Test
    void estimatesAreComparedWithinIntervals() {
        Evidence evidence = Evidence.of(1, List.of(interval(9000, 9, 1000, 1), interval(1000, 20, 9000, 180)));
        assertThat(evidence.excess()).isCloseTo(0, within(1e-12));
        assertThat(evidence.target().ratio() / evidence.source().ratio()).isGreaterThan(2);
    }

    static Interval interval(double ns, double xs, double nt, double xt) {
        return new Interval(new Counts(xs, ns), new Counts(xt, nt));
    }

    private static List<Interval> five(int... bad) {
        int[] source = {6, 5, 7, 6, 6};
        return IntStream.range(0, 5)
                .mapToObj(k -> interval(6000, source[k], 6000, bad[k]))
                .toList();
    }

    private static Interval times(Interval i, double requests, double bad) {
        return interval(
                i.source().total() * requests,
                i.source().bad() * bad,
                i.target().total() * requests,
                i.target().bad() * bad);
    }

    private static List<Interval> random(long seed, int size) {
        Random random = new Random(seed);
        return Stream.generate(() -> interval(
                        100 + random.nextInt(5000), random.nextInt(10), 100 + random.nextInt(2000), random.nextInt(10)))
                .limit(size)
                .toList();
    }
}
