package dev.segue.analysis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.segue.analysis.Series.Sample;
import dev.segue.api.Metric;
import dev.segue.api.Metric.RequestCounts;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ArmsTest {
    private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");
    private static final Arms ARMS = new Arms("shop-1", "shop-m1");
    private static final Counting OWN = new Counting("t{pod=~\"$pods\"}", "b{pod=~\"$pods\"}", null, null);
    private static final List<Instant> MINUTES = IntStream.rangeClosed(0, 3)
            .mapToObj(i -> START.plusSeconds(60L * i))
            .toList();

    static Metric metric(@Nullable String preset, @Nullable RequestCounts counts, @Nullable String slowerThan) {
        return new Metric("m", preset, counts, null, slowerThan, null, null, null, null, null);
    }

    /** A series with a sample every 15 s from 30 s before the start on. */
    private static Series series(String pod, Map<String, String> more, double... values) {
        Map<String, String> labels = new HashMap<>(more);
        labels.put("pod", pod);
        List<Sample> samples = new ArrayList<>();
        for (int i = 0; i < values.length; i++) {
            samples.add(new Sample(START.plusSeconds(15L * i - 30).toEpochMilli(), values[i]));
        }
        return new Series(labels, samples);
    }

    @Test
    void theArmsAreToldApartByPod() {
        Series source = series("shop-1-abcde", Map.of("status", "200"), 100, 100, 110, 120, 130, 140, 150);
        Series target = series("shop-m1-fghij", Map.of("status", "200"), 0, 0, 0, 0, 5, 5, 5);
        Series failed = series("shop-m1-fghij", Map.of("status", "500"), 0, 0, 0, 0, 0, 2, 2);
        Series other = series("shop-2-klmno", Map.of("status", "500"), 0, 1000, 2000, 3000, 4000, 5000, 6000);

        List<Observation> seen = ARMS.count(
                OWN, List.of(List.of(source, target, failed, other), List.of(failed, other)), MINUTES, Duration.ZERO);

        assertThat(seen).hasSize(3);
        assertThat(seen.getFirst().counts()).isEqualTo(new Interval(new Counts(0, 40), new Counts(2, 7)));
        assertThat(seen.getFirst().end()).isEqualTo(START.plusSeconds(60));
        assertThat(seen.getFirst().sampled()).isTrue();
        assertThat(seen.getLast().sampled()).as("nothing was scraped any more").isFalse();
        assertThat(seen.getLast().counts()).isEqualTo(new Interval(Counts.NONE, Counts.NONE));
    }

    @Test
    void anErrorOfAPodThatWasScrapedBeforeCounts() {
        Series good = series("shop-m1-fghij", Map.of("status", "200"), 10, 10, 10, 20, 20, 20, 20);
        Series first = new Series(
                Map.of("pod", "shop-m1-fghij", "status", "500"),
                List.of(new Sample(START.plusSeconds(30).toEpochMilli(), 1)));
        assertThat(ARMS.count(OWN, List.of(List.of(good, first), List.of(first)), MINUTES, Duration.ZERO)
                        .getFirst()
                        .counts()
                        .target())
                .isEqualTo(new Counts(1, 11));
    }

    @Test
    void twoServersThatScrapeTheSameCountOnce() {
        Series one = series("shop-m1-fghij", Map.of("prometheus_replica", "a"), 0, 0, 0, 10, 20, 20, 20);
        Series two = series("shop-m1-fghij", Map.of("prometheus_replica", "b"), 0, 0, 0, 10, 20, 20, 20);
        assertThat(ARMS.count(OWN, List.of(List.of(one, two), List.of()), MINUTES, Duration.ZERO)
                        .getFirst()
                        .counts()
                        .target())
                .isEqualTo(new Counts(0, 20));
    }

    @Test
    void ofAHistogramWhatIsAboveTheBoundIsBad() {
        Counting latency = Counting.of(metric("http-server/latency", null, "500ms"));
        Series within = series("shop-m1-fghij", Map.of("le", "0.5"), 0, 0, 0, 90, 90, 90, 90);
        Series all = series("shop-m1-fghij", Map.of("le", "+Inf"), 0, 0, 0, 100, 100, 100, 100);
        assertThat(ARMS.count(latency, List.of(List.of(within, all)), MINUTES, Duration.ZERO)
                        .getFirst()
                        .counts()
                        .target())
                .isEqualTo(new Counts(10, 100));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ARMS.count(latency, List.of(List.of(all)), MINUTES, Duration.ZERO))
                .withMessageContaining("no bucket le=\"0.5\"");
    }

    @Test
    void whatIsNoPartOfTheTotalIsRefusedByTheHistory() {
        Series total = series("shop-m1-fghij", Map.of(), 0, 0, 0, 1, 1, 1, 1);
        Series bad = series("shop-m1-fghij", Map.of("of", "another"), 0, 0, 0, 2, 2, 2, 2);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Arms.history(
                        OWN,
                        List.of(
                                List.of(grown("shop-1-abcde", Map.of(), 1, 1, 1)),
                                List.of(grown("shop-1-abcde", Map.of("result", "bad"), 0, 4, 0))),
                        MINUTES))
                .withMessageContaining("a part of total");
        assertThat(ARMS.count(OWN, List.of(List.of(total), List.of(bad)), MINUTES, Duration.ZERO)
                        .getFirst()
                        .counts()
                        .target())
                .as("in one interval a request may be bad before it is counted")
                .isEqualTo(new Counts(1, 1));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ARMS.count(
                        OWN,
                        List.of(List.of(new Series(Map.of(), total.samples())), List.of()),
                        MINUTES,
                        Duration.ZERO))
                .withMessageContaining("no label pod");
    }

    /** A series of growths, one at the end of each minute. */
    private static Series grown(String pod, Map<String, String> more, double... growth) {
        Map<String, String> labels = new HashMap<>(more);
        labels.put("pod", pod);
        List<Sample> samples = new ArrayList<>();
        for (int i = 0; i < growth.length; i++) {
            samples.add(new Sample(START.plusSeconds(60L * (i + 1)).toEpochMilli(), growth[i]));
        }
        return new Series(labels, samples);
    }

    @Test
    void theHistoryIsWhatPrometheusSaysOfItsIntervals() {
        Series early = new Series(
                Map.of("pod", "shop-1-abcde"),
                List.of(new Sample(START.toEpochMilli(), 1000))); // of the interval before
        List<Map<String, Counts>> history = Arms.history(
                OWN,
                List.of(
                        List.of(grown("shop-1-abcde", Map.of(), 10, 0, 30), grown("shop-1-fghij", Map.of(), 5), early),
                        List.of(grown("shop-1-abcde", Map.of("result", "bad"), 1, 0, 2))),
                MINUTES);
        assertThat(history)
                .containsExactly(
                        Map.of("shop-1-abcde", new Counts(1, 10), "shop-1-fghij", new Counts(0, 5)),
                        Map.of("shop-1-abcde", Counts.NONE, "shop-1-fghij", Counts.NONE),
                        Map.of("shop-1-abcde", new Counts(2, 30), "shop-1-fghij", Counts.NONE));
        assertThat(Arms.history(
                        Counting.of(metric("http-server/latency", null, "500ms")),
                        List.of(List.of(
                                grown("shop-1-abcde", Map.of("le", "0.5"), 9, 9),
                                grown("shop-1-abcde", Map.of("le", "+Inf"), 10, 9, 1))),
                        MINUTES))
                .extracting(m -> m.get("shop-1-abcde"))
                .containsExactly(new Counts(1, 10), new Counts(0, 9), new Counts(1, 1));
    }

    /** What Prometheus makes of this is looked at with real ones, by PrometheusIT. */
    @Test
    void growthIsOfEachSeriesByItself() {
        String by = "sum by (pod) ((T - B >= 0) or ((T unless T > B / 2) and on (instance, job, namespace, pod) %s))";
        assertThat(OWN.growth("prod", "P", Duration.ofMinutes(1), Replicas.OWN))
                .containsExactly(
                        by.formatted("B")
                                .replace("T", once("t{pod=~\"P\"}"))
                                .replace("B", once("t{pod=~\"P\"} offset 60000ms")),
                        "label_replace(%s, \"result\", \"bad\", \"\", \"\")"
                                .formatted(by.formatted(once("t{pod=~\"P\"} offset 60000ms"))
                                        .replace("T", once("b{pod=~\"P\"}"))
                                        .replace("B", once("b{pod=~\"P\"} offset 60000ms"))));
        assertThat(Counting.of(metric("istio/latency", null, "500ms"))
                        .growth("prod", "P", Duration.ofSeconds(30), Replicas.OWN))
                .singleElement()
                .asString()
                .startsWith("sum by (pod, le) ((max without")
                .endsWith(" and "
                        + once(
                                "istio_request_duration_milliseconds_bucket{reporter=\"destination\",namespace=\"prod\",pod=~\"P\",le=~\"500|500[.]0|[+]Inf\"} offset 30000ms")
                        + "))");
    }

    private static String once(String selector) {
        return "max without (__replica__, prometheus_replica, receive_replica) (%s)".formatted(selector);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            quoteCharacter = '`',
            value = {
                "http-server/latency; 500ms; http_server_requests_seconds_bucket{uri!~\"/actuator.*\",namespace=\"prod\",pod=~\"P\",le=~\"0[.]5|[+]Inf\"}",
                "http-server/latency; 1s; http_server_requests_seconds_bucket{uri!~\"/actuator.*\",namespace=\"prod\",pod=~\"P\",le=~\"1|1[.]0|[+]Inf\"}",
                "istio/latency; 500ms; istio_request_duration_milliseconds_bucket{reporter=\"destination\",namespace=\"prod\",pod=~\"P\",le=~\"500|500[.]0|[+]Inf\"}",
                "go-promhttp/error-ratio; ; http_requests_total{namespace=\"prod\",pod=~\"P\"} | http_requests_total{code=~\"5..\",namespace=\"prod\",pod=~\"P\"}",
                "grpc-go/error-ratio; ; grpc_server_handled_total{grpc_service!=\"grpc.health.v1.Health\",namespace=\"prod\",pod=~\"P\"} | grpc_server_handled_total{grpc_service!=\"grpc.health.v1.Health\",grpc_code=~\"Unknown|Internal|Unavailable|DataLoss|DeadlineExceeded|Unimplemented\",namespace=\"prod\",pod=~\"P\"}",
                "linkerd/error-ratio; ; response_total{direction=\"inbound\",namespace=\"prod\",pod=~\"P\"} | response_total{direction=\"inbound\",classification=\"failure\",namespace=\"prod\",pod=~\"P\"}",
            })
    void presets(String preset, @Nullable String slowerThan, String selectors) {
        assertThat(String.join(
                        " | ", Counting.of(metric(preset, null, slowerThan)).selectors("prod", "P")))
                .isEqualTo(selectors);
    }

    /** A series of one pod with a sample each 15 s that grows by so much, and this replica. */
    private static Series scraped(String pod, String code, @Nullable String replica, long offset, double growth) {
        Map<String, String> labels = new HashMap<>(Map.of("pod", pod, "code", code));
        if (replica != null) {
            labels.put("replica", replica);
        }
        List<Sample> samples = new ArrayList<>();
        for (int i = 0; i < 15; i++) {
            samples.add(new Sample(START.plusSeconds(15L * i - 30).toEpochMilli() + offset, growth * i));
        }
        return new Series(labels, samples);
    }

    private static Counts source(List<Series> total) {
        return ARMS.count(OWN, List.of(total, List.of()), MINUTES, Duration.ZERO)
                .getLast()
                .counts()
                .source();
    }

    /** Thanos calls its replicas so, and nobody knows what an application calls its own. */
    @Test
    void aLabelReplicaIsTheServersWhenTheyScrapeAtOtherTimes() {
        List<Series> twoServers = List.of(
                scraped("shop-1-abcde", "200", "a", 7, 5),
                scraped("shop-1-abcde", "200", "b", 911, 5),
                scraped("shop-1-abcde", "500", "a", 7, 1),
                scraped("shop-1-abcde", "500", "b", 911, 1));
        assertThat(source(twoServers)).isEqualTo(new Counts(0, 4 * (5 + 1)));
        assertThat(Arms.replicas(List.of(twoServers))).contains("replica", "prometheus_replica");

        List<Series> application =
                List.of(scraped("shop-1-abcde", "200", "a", 7, 5), scraped("shop-1-abcde", "200", "b", 7, 3));
        assertThat(source(application)).as("these are two things").isEqualTo(new Counts(0, 4 * (5 + 3)));
        assertThat(Arms.replicas(List.of(application))).doesNotContain("replica");
        assertThat(Arms.replicas(List.of(List.of(scraped("shop-1-abcde", "200", "a", 7, 5)))))
                .as("nothing is to be merged")
                .doesNotContain("replica");
    }

    /** Scrapes that are late now and then come at the other server's time. */
    @Test
    void scrapesOfTwoServersThatMeetByChanceMakeNoDifference() {
        List<Series> all = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            Series one = scraped("shop-1-abcd" + i, "200", "a", 7, 5);
            Series two = scraped("shop-1-abcd" + i, "200", "b", 911, 5);
            List<Sample> late = new ArrayList<>(two.samples());
            late.set(4, new Sample(one.samples().get(4).at(), late.get(4).value()));
            all.add(one);
            all.add(new Series(two.labels(), late));
        }
        assertThat(source(all)).isEqualTo(new Counts(0, 3 * 4 * 5));
    }

    /** One of them began just now: what it has it has together with the other. */
    @Test
    void anApplicationsReplicaThatIsNewIsItsOwnAsWell() {
        Series old = scraped("shop-1-abcde", "200", "a", 7, 5);
        Series young = scraped("shop-1-abcde", "200", "b", 7, 5);
        Series last = new Series(young.labels(), young.samples().subList(13, 15));
        assertThat(Arms.replicas(List.of(List.of(old, last)))).doesNotContain("replica");
    }

    /** The application's label and two servers that have one of their own. */
    @Test
    void anApplicationsReplicaIsToldFromTheServers() {
        List<Series> all = new ArrayList<>();
        for (String server : List.of("x", "y")) {
            for (String replica : List.of("a", "b")) {
                Series one = scraped("shop-1-abcde", "200", replica, server.equals("x") ? 7 : 911, 5);
                Map<String, String> labels = new HashMap<>(one.labels());
                labels.put("prometheus_replica", server);
                all.add(new Series(labels, one.samples()));
            }
        }
        assertThat(source(all)).isEqualTo(new Counts(0, 2 * 4 * 5));
    }

    /** A pod that comes in the middle is slow at first, whenever that is. */
    @Test
    void theFirstTimeOfAPodThatComesLaterIsLeftOut() {
        Series old = scraped("shop-1-abcde", "200", null, 0, 5);
        List<Sample> late =
                scraped("shop-1-fghij", "200", null, 0, 100).samples().subList(5, 15);
        Series young = new Series(Map.of("pod", "shop-1-fghij", "code", "200"), late);
        List<Observation> seen =
                ARMS.count(OWN, List.of(List.of(old, young), List.of()), MINUTES, Duration.ofSeconds(60));
        assertThat(late.getFirst().at()).isEqualTo(START.plusSeconds(45).toEpochMilli());
        assertThat(seen)
                .extracting(o -> o.counts().source().total())
                .as("it is left out until 60 s after it was there")
                .containsExactly(20.0, 20.0, 20.0 + 400);
        assertThat(seen.get(1).pods()).containsExactlyInAnyOrder("shop-1-abcde", "shop-1-fghij");
        assertThat(ARMS.count(OWN, List.of(List.of(old, young), List.of()), MINUTES, Duration.ZERO)
                        .get(1)
                        .counts()
                        .source()
                        .total())
                .as("it had requests")
                .isEqualTo(420);
        assertThat(seen.get(1).all().source().total())
                .as("as far as it goes for how they are shared")
                .isEqualTo(420);
    }
}
