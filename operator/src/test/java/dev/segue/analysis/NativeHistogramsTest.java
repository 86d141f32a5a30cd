package dev.segue.analysis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.segue.analysis.NativeHistogram.Bucket;
import dev.segue.analysis.Series.Sample;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class NativeHistogramsTest {
    private static final Counting LATENCY = Counting.of(ArmsTest.metric("http-server/latency", null, "500ms"));
    private static final Arms ARMS = new Arms("shop-1", "shop-m1");
    private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");
    private static final Instant END = START.plusSeconds(60);
    private static final Map<String, String> SOURCE = Map.of("pod", "shop-1-abcde");
    private static final Map<String, String> TARGET = Map.of("pod", "shop-m1-fghij");

    /** Seconds from the start on, and the buckets as lower, upper, count. */
    private static NativeHistogram at(long second, double... buckets) {
        List<Bucket> list = new ArrayList<>();
        double count = 0;
        for (int i = 0; i < buckets.length; i += 3) {
            list.add(new Bucket(buckets[i], buckets[i + 1], buckets[i + 2]));
            count += buckets[i + 2];
        }
        return new NativeHistogram(START.plusSeconds(second).toEpochMilli(), count, list);
    }

    private static Series natively(Map<String, String> labels, NativeHistogram... histograms) {
        return new Series(labels, List.of(), List.of(histograms));
    }

    private static Series numbers(Map<String, String> labels, double first, double last) {
        return new Series(
                labels,
                List.of(
                        new Sample(START.toEpochMilli(), first),
                        new Sample(START.plusSeconds(30).toEpochMilli(), last)));
    }

    private static Series bucket(Map<String, String> pod, String le, double first, double last) {
        Map<String, String> labels = new HashMap<>(pod);
        labels.put("le", le);
        return numbers(labels, first, last);
    }

    private static Observation count(Series... series) {
        return ARMS.count(LATENCY, List.of(List.of(), List.of(series)), List.of(START, END), Duration.ZERO)
                .getFirst();
    }

    @Test
    void whatIsInBucketsAboveTheBoundIsBad() {
        Observation seen = count(
                natively(SOURCE, at(0, .25, .5, 100), at(30, .25, .5, 190, .5, 1, 7, 1, 2, 3)),
                natively(TARGET, at(0), at(30, .5, 1, 4)));
        assertThat(seen.counts()).isEqualTo(new Interval(new Counts(10, 100), new Counts(4, 4)));
        assertThat(seen.sampled()).isTrue();
        assertThat(count(natively(SOURCE, at(0, .25, .5, 100))).sampled())
                .as("nothing was scraped any more")
                .isFalse();
    }

    /** The buckets below and above it. */
    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3, 4, 5, 6, 7, 8})
    void aPowerOfTwoIsAnEdgeAtAnyResolution(int schema) {
        double factor = Math.pow(2, Math.pow(2, -schema));
        assertThat(at(0, .5 / factor, .5, 5, .5, .5 * factor, 3).atMost(.5)).isEqualTo(5);
    }

    /** The same requests, in buckets twice as wide from the second sample on. */
    @Test
    void aResolutionThatIsHalvedIsNoReset() {
        assertThat(count(natively(
                                SOURCE,
                                at(0, .25, .3535, 50, .3535, .5, 50, .5, .7071, 5, .7071, 1, 5),
                                at(15, .25, .5, 103, .5, 1, 11),
                                at(30, .0625, .5, 105, .5, 4, 12)))
                        .counts()
                        .source())
                .isEqualTo(new Counts(2, 7));
    }

    @Test
    void theZeroBucketAndNegativeOnesAreWithinTheBound() {
        NativeHistogram histogram = at(0, -2, -1, 3, -.001, .001, 20, .25, .5, 7, .5, 1, 1);
        assertThat(histogram.atMost(.5)).isEqualTo(30);
        assertThat(at(0, -.5, .5, 20).atMost(.5))
                .as("it may be as wide as the bound")
                .isEqualTo(20);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> at(0, -1, 1, 20).atMost(.5))
                .withMessageContaining("a bucket from -1.0 to 1.0")
                .withMessageEndingWith("such as its own");
    }

    @Test
    void customBucketsAreCountedLikeClassicOnes() {
        double infinite = Double.POSITIVE_INFINITY;
        NativeHistogram histogram = at(0, -infinite, .1, 30, .1, .3, 15, .3, infinite, 5);
        assertThat(histogram.atMost(.1)).isEqualTo(30);
        assertThat(histogram.atMost(.3)).isEqualTo(45);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> histogram.atMost(.5))
                .withMessageContaining("a bucket from 0.3 to Infinity");
    }

    /** Schema -1, of which 0.5 is none. */
    @Test
    void wideBucketsHaveFewerEdges() {
        NativeHistogram histogram = at(0, .0625, .25, 3, .25, 1, 4, 1, 4, 5);
        assertThat(histogram.atMost(1)).isEqualTo(7);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> histogram.atMost(.5))
                .withMessageEndingWith("a bucket from 0.25 to 1.0, so nobody knows how many in it were over 0.5;"
                        + " set slowerThan to an edge, such as its own");
    }

    @ParameterizedTest
    @CsvSource({".3, 0.25 and 0.5", ".7, 0.5 and 1.0", "300, 256.0 and 512.0"})
    void aBoundInsideABucketIsNotGuessed(double bound, String edges) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> at(0, bound * .99, bound * 1.01, 1).atMost(bound))
                .withMessageContaining("slowerThan")
                .withMessageContaining(edges);
    }

    @Test
    void whatIsNoNumberIsOverTheBound() {
        NativeHistogram one = new NativeHistogram(0, 10, List.of(new Bucket(.25, .5, 8)));
        assertThat(one.count() - one.atMost(.5)).isEqualTo(2);
    }

    /** All by itself it would make 95 requests of which 90 were slow, as those within the bound are more than before. */
    @Test
    void aRestartIsOneOfBothCounters() {
        assertThat(count(natively(SOURCE, at(0, .25, .5, 90, .5, 1, 10), at(30, .25, .5, 95)))
                        .counts()
                        .source())
                .isEqualTo(new Counts(0, 95));
    }

    /** As real ones of Prometheus' Java library 1.7.0 did: the 127 that were within the bound are over it, but 23 of them. */
    @Test
    void requestsThatALibraryMovesToAnotherBucketAreNotSlowOnes() {
        assertThat(count(natively(
                                SOURCE,
                                at(0, .25, .5, 100, .5, 1, 5),
                                at(15, .25, .5, 23, .5, 1, 127),
                                at(30, .25, .5, 30, .5, 1, 130)))
                        .counts()
                        .source())
                .as("what comes after")
                .isEqualTo(new Counts(3, 10));
    }

    /** Two servers scrape the same; neither sees what the other has seen of a reset. */
    @Test
    void replicasAreCountedOnce() {
        Series a = natively(
                Map.of("pod", "shop-1-abcde", "prometheus_replica", "a"),
                at(0, .25, .5, 100),
                at(14, .25, .5, 110),
                at(30, .25, .5, 5));
        Series b = natively(
                Map.of("pod", "shop-1-abcde", "prometheus_replica", "b"),
                at(1, .25, .5, 100),
                at(15, .25, .5, 110),
                at(31, .25, .5, 5));
        assertThat(count(a, b).counts().source()).isEqualTo(new Counts(0, 15));
    }

    @Test
    void ofAPodWithBothFormsTheClassicOneCounts() {
        assertThat(count(
                                bucket(SOURCE, "0.5", 0, 90),
                                bucket(SOURCE, "+Inf", 0, 100),
                                natively(
                                        Map.of("pod", "shop-1-abcde", "__name__", "http_server_requests_seconds"),
                                        at(0),
                                        at(30, .25, .5, 90, .5, 1, 10)),
                                natively(TARGET, at(0), at(30, .25, .5, 18, .5, 1, 2)))
                        .counts())
                .as("and versions with different ones are compared at the same bound")
                .isEqualTo(new Interval(new Counts(10, 100), new Counts(2, 20)));
    }

    @Test
    void requestsWithoutAnyHistogramAreRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> count(natively(SOURCE, at(0), at(30, .25, .5, 9)), numbers(TARGET, 0, 9)))
                .withMessage("the pods count their requests, but not by duration: of shop-m1-fghij there is neither"
                        + " http_server_requests_seconds_bucket nor a native histogram http_server_requests_seconds");
        assertThat(count(natively(SOURCE, at(0), at(30, .25, .5, 9)), numbers(SOURCE, 0, 9))
                        .counts()
                        .source())
                .as("its _count beside it is not counted")
                .isEqualTo(new Counts(0, 9));
    }

    @Test
    void countersAreNoHistograms() {
        Counting own = new Counting("t", "b", null, null);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ARMS.count(
                        own, List.of(List.of(natively(SOURCE, at(0))), List.of()), List.of(START, END), Duration.ZERO))
                .withMessageContaining("1 series are native histograms: counts takes counters");
    }

    @Test
    void whatPrometheusIsAskedFor() {
        assertThat(LATENCY.nativeSelectors("prod", "P"))
                .containsExactly(
                        "{__name__=~\"http_server_requests_seconds|http_server_requests_seconds_count\",uri!~\"/actuator.*\",namespace=\"prod\",pod=~\"P\"}");
        String now = "http_server_requests_seconds{uri!~\"/actuator.*\",namespace=\"prod\",pod=~\"P\"}";
        String before = now + " offset 60000ms";
        String counted = once("histogram_count(%s)".formatted(before));
        String growth =
                "label_replace(sum by (pod) ((%1$s - %2$s >= 0) or ((%1$s unless %1$s > %2$s / 2) and %3$s)), \"le\", \"%4$s\", \"\", \"\")";
        assertThat(LATENCY.nativeGrowth("prod", "P", Duration.ofMinutes(1), Replicas.OWN))
                .containsExactly(
                        growth.formatted(within(now), within(before), counted, "0.5"),
                        growth.formatted(once("histogram_count(%s)".formatted(now)), counted, counted, "+Inf"));
        Counting errors = Counting.of(ArmsTest.metric("http-server/error-ratio", null, null));
        assertThat(errors.nativeSelectors("prod", "P")).isEmpty();
        assertThat(errors.nativeGrowth("prod", "P", Duration.ofMinutes(1), Replicas.OWN))
                .isEmpty();
    }

    private static String once(String expression) {
        return "max without (__replica__, prometheus_replica, receive_replica) (%s)".formatted(expression);
    }

    private static String within(String of) {
        return once("round(histogram_fraction(-Inf, 0.5, %1$s) * histogram_count(%1$s)) >= 0".formatted(of));
    }

    @Test
    void theArmsThatLackAForm() {
        Series source = bucket(SOURCE, "0.5", 0, 90);
        Series target = bucket(TARGET, "0.5", 0, 90);
        assertThat(ARMS.without(List.of(source, target))).isEmpty();
        assertThat(ARMS.without(List.of(source))).contains(new Arms(null, "shop-m1"));
        assertThat(ARMS.without(List.of())).contains(ARMS);
        assertThat(new Arms("shop-1", null).without(List.of(source))).isEmpty();
    }
}
