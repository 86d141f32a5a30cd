package dev.segue.analysis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.segue.analysis.Rule.Call;
import dev.segue.analysis.Traffic.Arm;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** The rules of others, and the traffic, are what they are said to be: else the comparison is worth nothing. */
class RuleTest {
    private static final Interval AT_LIMIT = EvidenceTest.interval(1000, 0, 1000, 10);
    private static final Interval ABOVE = EvidenceTest.interval(1000, 0, 1000, 11);

    /** kayenta-mannwhitney, MannWhitneySuite.scala: 95 % from 6 to 39, estimate 22.5. */
    @Test
    void mannWhitneyIsThatOfKayenta() {
        double[] x = {10, 20, 30, 40};
        double[] y = {1, 2, 3, 4};
        assertThat(MannWhitney.root(x, y, 1.959964, .5)).isCloseTo(6, within(1e-4));
        assertThat(MannWhitney.root(x, y, -1.959964, -.5)).isCloseTo(39, within(1e-4));
        assertThat(MannWhitney.estimate(x, y)).isCloseTo(22.5, within(1e-4));
    }

    @Test
    void flaggerRollsBackAtTheThresholdAndArgoAbortsAboveTheLimit() {
        assertThat(calls(Rule.flagger(.99, 5, 60), ABOVE, 5)).containsExactly(false, false, false, false, true);
        assertThat(calls(Rule.argo(.99, 3, 60), ABOVE, 5)).containsExactly(false, false, false, true, true);
        assertThat(calls(Rule.flagger(.99, 1, 60), AT_LIMIT, 60)).doesNotContain(true);
        assertThat(new Call(false, true)).isEqualTo(last(Rule.flagger(.99, 5, 60), AT_LIMIT));
    }

    @Test
    void simulatedRequestsHaveTheMeanAndVarianceThatTheyShould() {
        int n = 20_000;
        for (double mean : new double[] {1, 3, 10, 30}) {
            Traffic traffic = Traffic.clustered(Arm.steady(6000, .01), Arm.steady(6000, .01), mean, 1)
                    .begin(new SplittableRandom(1));
            double[] bad = IntStream.range(0, n)
                    .mapToDouble(k -> traffic.interval(k).target().bad())
                    .toArray();
            double average =
                    IntStream.range(0, n).mapToDouble(i -> bad[i]).average().orElseThrow();
            double variance = IntStream.range(0, n)
                            .mapToDouble(i -> Math.pow(bad[i] - average, 2))
                            .sum()
                    / n;
            double phi = 2 * mean - 1;
            assertThat(average).isCloseTo(60, within(4 * Math.sqrt(60 * phi / n)));
            assertThat(variance / average).isCloseTo(phi, within(.08 * phi));
        }
    }

    private static List<Boolean> calls(Rule.Kind kind, Interval interval, int times) {
        Rule rule = begin(kind);
        return IntStream.range(0, times)
                .mapToObj(_ -> rule.look(Evidence.none(1), interval).revert())
                .toList();
    }

    private static Call last(Rule.Kind kind, Interval interval) {
        Rule rule = begin(kind);
        return Collections.nCopies(60, interval).stream()
                .map(i -> rule.look(Evidence.none(1), i))
                .reduce((_, next) -> next)
                .orElseThrow();
    }

    private static Rule begin(Rule.Kind kind) {
        return kind.begin(
                Traffic.clustered(Arm.steady(1, 0), Arm.steady(1, 0), 1, 1).begin(new SplittableRandom(1)));
    }
}
