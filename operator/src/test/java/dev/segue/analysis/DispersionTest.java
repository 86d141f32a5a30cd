package dev.segue.analysis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class DispersionTest {
    private static final Tolerance TOLERANCE = Tolerance.of(.1, .0025);

    /** By hand: T = 12, shares ½; numerator 2·3², denominator 12·½; shrunk by 3 seen as if 10 times. */
    @Test
    void betweenPods() {
        Dispersion d = Dispersion.of(List.of(Map.of("a", new Counts(9, 500), "b", new Counts(3, 500))), TOLERANCE);
        assertThat(d.phi()).isCloseTo((30 + 18) / (10 + 6.0), within(1e-12));
        assertThat(d).isEqualTo(new Dispersion(d.phi(), Dispersion.Origin.HISTORY, 2, 1, 12));
    }

    /** By hand: pairs (8, 100) (2, 100) and (2, 100) (6, 50). */
    @Test
    void inTimeWhereThereIsOnePodOnly() {
        List<Map<String, Counts>> history = List.of(
                Map.of("a", new Counts(8, 100)), Map.of("a", new Counts(2, 100)), Map.of("a", new Counts(6, 50)));
        double seen = 36 + 100;
        double expected = 10 + (2 + 4 * 6);
        assertThat(Dispersion.of(history, TOLERANCE).phi()).isCloseTo((30 + seen) / (10 + expected), within(1e-12));
    }

    @Test
    void whatHitsAllPodsAtOnceIsNoScatterUnlessTheTargetIsJudgedAlone() {
        List<Map<String, Counts>> history = new ArrayList<>();
        for (int k = 0; k < 120; k++) {
            int bad = k % 10 == 0 ? 50 : 0;
            history.add(Map.of("a", new Counts(bad, 1000), "b", new Counts(bad, 1000)));
        }
        assertThat(Dispersion.of(history, TOLERANCE).phi()).isLessThan(1.1);
        assertThat(Dispersion.of(history, Tolerance.objective(.01)).phi()).isGreaterThan(50);
    }

    @Test
    void clustersInTimeAreFoundByLongerBlocks() {
        List<Map<String, Counts>> history = new ArrayList<>();
        for (int k = 0; k < 120; k++) {
            boolean a = k / 10 % 2 == 0;
            history.add(Map.of("a", new Counts(a ? 4 : 0, 1000), "b", new Counts(a ? 0 : 4, 1000)));
        }
        double one = 4 * 4 * .5 / (4 * .5);
        assertThat(Dispersion.of(history, TOLERANCE).phi()).isGreaterThan(7 * one);
    }

    @Test
    void aSparseHistoryIsNotTrusted() {
        assertThat(Dispersion.of(List.of(Map.of("a", new Counts(0, 1000))), TOLERANCE)
                        .phi())
                .isEqualTo(3);
        Dispersion much = Dispersion.of(
                Collections.nCopies(100, Map.of("a", new Counts(50, 1000), "b", new Counts(50, 1000))), TOLERANCE);
        assertThat(much.phi())
                .as("scatter less than chance is no better than chance")
                .isEqualTo(1);
    }

    @Test
    void withoutHistoryItIsAssumedAndPromotionWaits() {
        for (List<Map<String, Counts>> none :
                List.<List<Map<String, Counts>>>of(List.of(), List.of(Map.of("a", Counts.NONE)))) {
            Dispersion d = Dispersion.of(none, TOLERANCE);
            assertThat(d.phi()).isEqualTo(5);
            assertThat(d.origin()).isEqualTo(Dispersion.Origin.ASSUMED);
            assertThat(d.mayPromote(9)).isFalse();
            assertThat(d.mayPromote(10)).isTrue();
        }
        assertThat(Dispersion.fixed(2).mayPromote(1)).isTrue();
    }

    @Test
    void itIsAtMost200() {
        assertThat(Dispersion.of(List.of(Map.of("a", new Counts(900, 1000), "b", new Counts(0, 1000))), TOLERANCE)
                        .phi())
                .isEqualTo(200);
        assertThatThrownBy(() -> Dispersion.fixed(.5)).isInstanceOf(IllegalArgumentException.class);
    }
}
