package dev.segue.analysis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.segue.analysis.Series.Sample;
import dev.segue.api.Analysis;
import dev.segue.api.Metric;
import dev.segue.api.MigrationStatus.MetricStatus;
import dev.segue.api.Step;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * A few requests in a hundred get slow, and all the others stay as they are: no median and hardly a mean shows it. From
 * durations to buckets, samples, counts and the verdict.
 */
class TailTest {
    private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");
    private static final Instant HOLD = START.plusSeconds(3600);
    private static final double[] BOUNDS = {.025, .05, .1, .25, .5, 1, 2.5, Double.POSITIVE_INFINITY};
    private static final int AT_HALF_A_SECOND = 4;
    private static final int PER_INTERVAL = 1500;
    private static final int INTERVALS = 12;
    private static final Metric SLOW =
            new Metric("slow", "http-server/latency", null, null, "500ms", null, null, null, null, null);

    /** Requests of one pod by duration, cumulative as in a scrape, at the end of each interval. */
    private record Pod(List<long[]> scrapes, List<Double> durations) {
        /** @param tail how many requests take a second more */
        static Pod serve(Random random, double tail) {
            long[] buckets = new long[BOUNDS.length];
            List<long[]> scrapes = new ArrayList<>(List.of(buckets.clone()));
            List<Double> durations = new ArrayList<>();
            for (int i = 0; i < INTERVALS; i++) {
                for (int r = 0; r < PER_INTERVAL; r++) {
                    double seconds = .04 * Math.exp(.7 * random.nextGaussian()) + (random.nextDouble() < tail ? 1 : 0);
                    durations.add(seconds);
                    for (int b = 0; b < BOUNDS.length; b++) {
                        buckets[b] += seconds <= BOUNDS[b] ? 1 : 0;
                    }
                }
                scrapes.add(buckets.clone());
            }
            return new Pod(scrapes, durations);
        }

        double quantile(double q) {
            return durations.stream()
                    .sorted()
                    .skip((long) (q * durations.size()))
                    .findFirst()
                    .orElseThrow();
        }

        List<Series> series(String pod) {
            List<Series> series = new ArrayList<>();
            for (int b : new int[] {AT_HALF_A_SECOND, BOUNDS.length - 1}) {
                List<Sample> samples = new ArrayList<>();
                for (int i = 0; i < scrapes.size(); i++) {
                    samples.add(new Sample(bounds().get(i).toEpochMilli(), scrapes.get(i)[b]));
                }
                String le = Double.isInfinite(BOUNDS[b]) ? "+Inf" : Double.toString(BOUNDS[b]);
                series.add(new Series(Map.of("pod", pod, "le", le), samples));
            }
            return series;
        }
    }

    private static List<Instant> bounds() {
        List<Instant> bounds = new ArrayList<>();
        for (int i = 0; i <= INTERVALS; i++) {
            bounds.add(HOLD.plusSeconds(60L * (i + 1)));
        }
        return bounds;
    }

    private static Judgement judge(Pod source, Pod target) {
        Analysis analysis = Analysis.of(null, "60s", List.of(SLOW));
        Reading.History calm = new Reading.History(
                Collections.nCopies(120, Map.of("a", new Counts(1, 750), "b", new Counts(1, 750))),
                Duration.ofMinutes(1));
        List<MetricStatus> measured =
                Baselines.measure(analysis, List.of(new Step(50, "10m")), Map.of("slow", calm), START);
        List<Series> series = new ArrayList<>(source.series("shop-1-abcde"));
        series.addAll(target.series("shop-2-abcde"));
        Counting counting = Counting.of(SLOW);
        return Judgement.of(
                analysis,
                new Watched(false, HOLD, .5),
                measured,
                Map.of(
                        "slow",
                        new Reading.Counted(
                                new Arms("shop-1", "shop-2").count(counting, List.of(series), bounds(), Duration.ZERO),
                                List.of())),
                HOLD.plusSeconds(60L * (INTERVALS + 2)));
    }

    private static String verdict(Judgement judgement) {
        return Objects.requireNonNull(judgement.conclusion()).verdict().name();
    }

    @Test
    void aTailThatGetsSlowIsHarmThoughTheMedianStays() {
        Random random = new Random(9);
        Pod source = Pod.serve(random, .001);
        Pod target = Pod.serve(random, .03);
        assertThat(target.quantile(.5)).isCloseTo(source.quantile(.5), within(.003));
        assertThat(target.quantile(.9)).isCloseTo(source.quantile(.9), within(.02));
        assertThat(source.quantile(.99)).isLessThan(.3);
        assertThat(target.quantile(.99)).isGreaterThan(1);

        Judgement judgement = judge(source, target);
        assertThat(verdict(judgement)).isEqualTo("Harm");
        assertThat(Objects.requireNonNull(judgement.metrics().getFirst().comparison())
                        .target()
                        .bad())
                .isEqualTo(
                        (double) target.durations().stream().filter(d -> d > .5).count());
    }

    @Test
    void theSameTailIsNone() {
        Random random = new Random(10);
        assertThat(verdict(judge(Pod.serve(random, .001), Pod.serve(random, .001))))
                .isEqualTo("NonInferior");
    }
}
