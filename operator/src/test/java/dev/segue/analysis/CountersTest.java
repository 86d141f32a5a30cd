package dev.segue.analysis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.segue.analysis.Series.Sample;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class CountersTest {
    @Test
    void growthIsCountedFromTheLastSampleBeforeTheInterval() {
        Series s = series("pod=a", 0, 100, 15, 103, 30, 103, 45, 110, 60, 111);
        assertThat(growth(List.of(20L, 40L, 60L), s)).containsExactly(0, 8);
    }

    /** PromQL's increase loses the first error of each series: here it would give 0. */
    @Test
    void aSeriesThatAppearsInAKnownTargetHasGrownFromZero() {
        Series total = series("pod=a,code=200", 0, 100, 15, 110, 30, 120);
        Series bad = series("pod=a,code=500", 30, 2);
        assertThat(growth(List.of(0L, 30L), total, bad)).containsExactly(20);
        assertThat(Counters.growth(List.of(total, bad), Set.of(), List.of(0L, 30L))
                        .get(Map.of("pod", "a", "code", "500")))
                .containsExactly(2);
    }

    @Test
    void aPodOfWhichNothingIsKnownIsCountedFromItsFirstSample() {
        Series s = series("pod=a", 30, 1000, 45, 1007);
        assertThat(growth(List.of(0L, 60L), s)).containsExactly(7);
    }

    @Test
    void aResetIsNoLoss() {
        Series s = series("pod=a", 0, 100, 15, 104, 30, 2, 45, 5, 60, 1);
        assertThat(growth(List.of(0L, 30L, 60L), s)).containsExactly(4 + 2, 3 + 1);
    }

    /** A query layer goes from one of two servers to the other, which has not scraped as much yet. */
    @Test
    void aFallThatIsMadeUpIsNoReset() {
        Series s = series("pod=a", 0, 1000, 15, 1010, 30, 1007, 45, 1030, 60, 1029, 75, 1029, 90, 1031);
        assertThat(growth(List.of(0L, 30L, 90L), s)).containsExactly(10, 21);
        Series restarted = series("pod=a", 0, 1000, 15, 1010, 30, 900, 45, 950, 60, 980, 75, 1030);
        assertThat(growth(List.of(0L, 75L), restarted)).containsExactly(10 + 1030);
    }

    /** Whether it was a restart is seen at the next sample; what came since is not lost then. */
    @Test
    void aFallAtTheEndIsNotKnownYet() {
        Series s = series("pod=a", 0, 1000, 15, 1010, 30, 900);
        assertThat(growth(List.of(0L, 30L), s)).containsExactly(10);
        Series deep = series("pod=a", 0, 1000, 15, 1010, 30, 90);
        assertThat(growth(List.of(0L, 30L), deep)).containsExactly(10 + 90);
    }

    @Test
    void podsThatComeAndGoEachCountForThemselves() {
        Series gone = series("pod=a", 0, 100, 15, 105);
        Series come = series("pod=b", 30, 3, 45, 9);
        assertThat(Counters.growth(List.of(gone, come), Set.of(), List.of(0L, 30L, 60L)))
                .containsEntry(Map.of("pod", "a"), new double[] {5, 0})
                .containsEntry(Map.of("pod", "b"), new double[] {0, 6});
    }

    @Test
    void theOrderInWhichSamplesArriveDoesNotMatter() {
        Series s = series("pod=a", 0, 100, 15, 103, 30, 103, 45, 110, 60, 1, 75, 4);
        List<Sample> late = new ArrayList<>(s.samples());
        Collections.shuffle(late, new Random(1));
        assertThat(growth(List.of(0L, 40L, 80L), new Series(s.labels(), late)))
                .containsExactly(growth(List.of(0L, 40L, 80L), s));
    }

    /** One scrape is slow: its value is later than its time. Mixed by time, 108 then 107 would be a reset worth 107. */
    @Test
    void twoReplicasOfPrometheusDoNotCountTwice() {
        Series one = series("pod=a,replica=1", 0, 100, 15, 108, 30, 115, 45, 120);
        Series two = series("pod=a,replica=2", 1, 100, 16, 107, 31, 116, 46, 121);
        assertThat(growth(List.of(0L, 20L, 50L), one, two)).containsExactly(8, 13);
    }

    @Test
    void whenOneReplicaIsAwayTheOtherGoesOnCounting() {
        Series one = series("pod=a,replica=1", 0, 100, 15, 110);
        Series two = series("pod=a,replica=2", 20, 115, 35, 140, 50, 7);
        assertThat(growth(List.of(0L, 60L), one, two)).containsExactly(10 + 25 + 7);
    }

    /** The second one has the latest sample, and joined at what the first had counted. */
    @Test
    void aResetSeenByBothReplicasIsOne() {
        Series one = series("pod=a,replica=1", 0, 1000, 15, 1010, 30, 5, 45, 9);
        Series two = series("pod=a,replica=2", 1, 1001, 16, 1011, 31, 6, 46, 10);
        assertThat(growth(List.of(0L, 60L), one, two)).containsExactly(10 + 10);
    }

    /** An update of Prometheus from 2 to 3 renames the label's value in the middle. */
    @Test
    void aBoundThatIsWrittenAnotherWayIsTheSameCounter() {
        Series before = series("pod=a,le=1", 0, 500, 15, 510);
        Series after = series("pod=a,le=1.0", 30, 520, 45, 533);
        assertThat(Counters.growth(List.of(before, after), Set.of(), List.of(0L, 60L)))
                .containsOnlyKeys(Map.of("pod", "a", "le", "1.0"));
        assertThat(growth(List.of(0L, 60L), before, after)).containsExactly(10 + 13);
    }

    /**
     * Whatever the intervals are, their sum is what happened: no event is lost or counted twice. But for restarts after which a
     * counter stands at more than half at once, which cannot be told from a fall that is made up.
     */
    @Test
    void intervalsAddUp() {
        Random random = new Random(3);
        for (int run = 0; run < 200; run++) {
            List<Sample> samples = new ArrayList<>();
            double value = 1000;
            double events = 0;
            for (long at = 0; at <= 3600; at += 15) {
                samples.add(new Sample(at, value));
                double more = random.nextInt(10);
                boolean reset = value > 2 * more && random.nextInt(40) == 0;
                if (at < 3600) {
                    value = reset ? more : value + more;
                    events += more;
                }
            }
            List<Long> bounds = new ArrayList<>(List.of(0L, 3600L));
            random.longs(20, 1, 3600).forEach(bounds::add);
            Collections.sort(bounds);
            double sum = 0;
            double[] growth = growth(bounds, new Series(Map.of("pod", "a"), samples));
            for (double part : growth) {
                assertThat(part).isNotNegative();
                sum += part;
            }
            assertThat(sum).isEqualTo(events);
        }
    }

    @Test
    void whatIsNoNumberIsNoSample() {
        Series s = series("pod=a", 0, 100, 15, Double.NaN, 30, 105, 45, Double.POSITIVE_INFINITY);
        assertThat(growth(List.of(0L, 60L), s)).containsExactly(5);
        assertThat(Counters.growth(List.of(series("pod=a")), Set.of(), List.of(0L, 60L)))
                .isEmpty();
    }

    private static double[] growth(List<Long> bounds, Series... series) {
        return Counters.growth(List.of(series), Set.of("replica"), bounds)
                .values()
                .iterator()
                .next();
    }

    private static Series series(String labels, double... timesAndValues) {
        Map<String, String> map = new HashMap<>();
        for (String label : labels.split(",")) {
            map.put(label.split("=")[0], label.split("=")[1]);
        }
        List<Sample> samples = new ArrayList<>();
        for (int i = 0; i < timesAndValues.length; i += 2) {
            samples.add(new Sample((long) timesAndValues[i], timesAndValues[i + 1]));
        }
        return new Series(map, samples);
    }
}
