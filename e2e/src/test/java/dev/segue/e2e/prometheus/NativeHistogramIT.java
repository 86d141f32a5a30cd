package dev.segue.e2e.prometheus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.segue.analysis.Arms;
import dev.segue.analysis.Counting;
import dev.segue.analysis.Counts;
import dev.segue.analysis.Interval;
import dev.segue.analysis.NativeHistogram;
import dev.segue.analysis.Observation;
import dev.segue.analysis.Reading;
import dev.segue.api.Metric;
import dev.segue.api.PrometheusSource;
import dev.segue.shell.CountReader;
import dev.segue.shell.CountReader.Due;
import dev.segue.shell.Credentials;
import dev.segue.shell.Prometheus;
import io.prometheus.metrics.core.metrics.Histogram;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.function.DoubleConsumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Native histograms of Prometheus' client library, scraped by the current Prometheus and 2.42, and counted by Segue. */
@Timeout(120)
class NativeHistogramIT {
    private static final String OLD = "old-aaaaa";
    private static final String NEW = "new-aaaaa";
    private static final Duration SECOND = Duration.ofSeconds(1);

    @TempDir
    private static Path folder;

    private static final List<Fleet> FLEETS = new ArrayList<>();

    private final Prometheus prometheus = new Prometheus(
            Prometheus.ANSWER, new Credentials((_, _) -> null, InstantSource.system()), InstantSource.system());

    /** One server, and pods that nobody else scrapes. */
    record Fleet(String version, NativeShop shop, RunningPrometheus server) {
        static Fleet start(Path program) throws IOException {
            NativeShop shop = new NativeShop();
            if (program.toString().contains("2.42")) {
                return new Fleet(
                        "2.42",
                        shop,
                        new RunningPrometheus(
                                program,
                                folder.resolve("2.42"),
                                "global: {scrape_interval: 500ms, scrape_timeout: 500ms}\nscrape_configs:\n"
                                        + job(shop, "native", "", OLD, NEW, "bare-aaaaa", "few-aaaaa"),
                                "",
                                "--enable-feature=native-histograms"));
            }
            String exponential = "scrape_native_histograms: true";
            return new Fleet(
                    "3",
                    shop,
                    new RunningPrometheus(
                            program,
                            folder.resolve("3"),
                            "global: {scrape_interval: 500ms, scrape_timeout: 500ms}\nscrape_configs:\n"
                                    + job(shop, "native", exponential, OLD, NEW, "bare-aaaaa", "few-aaaaa")
                                    + job(shop, "custom", "convert_classic_histograms_to_nhcb: true", "custom-aaaaa")
                                    + job(
                                            shop,
                                            "both",
                                            exponential + "\n  always_scrape_classic_histograms: true",
                                            "both-aaaaa"),
                            ""));
        }

        private static String job(NativeShop shop, String name, String options, String... pods) {
            StringBuilder job = new StringBuilder("- job_name: %s\n  %s\n  static_configs:\n".formatted(name, options));
            for (String pod : pods) {
                job.append(
                        "  - {targets: ['127.0.0.1:%d'], labels: {namespace: shop, pod: %s, __metrics_path__: /%s}}\n"
                                .formatted(shop.port(), pod, pod));
            }
            return job.toString();
        }

        void stop() {
            server.close();
            shop.close();
        }

        PrometheusSource source() {
            return new PrometheusSource("http://" + server.address(), null, null, null, null);
        }

        @Override
        public String toString() {
            return "Prometheus " + version;
        }
    }

    @BeforeAll
    static void start() throws IOException {
        for (Path program : RunningPrometheus.programs()) {
            FLEETS.add(Fleet.start(program));
        }
        assertThat(FLEETS).extracting(Fleet::version).containsExactly("3", "2.42");
    }

    @AfterAll
    static void stop() {
        FLEETS.forEach(Fleet::stop);
    }

    static Stream<Fleet> fleets() {
        return FLEETS.stream();
    }

    /** Custom buckets, and both forms at once, are of version 3. */
    static Stream<Fleet> current() {
        return FLEETS.stream().limit(1);
    }

    private static Histogram.Builder exponential(Histogram.Builder builder) {
        return builder.nativeOnly().nativeInitialSchema(5).nativeMaxNumberOfBuckets(12);
    }

    private static Histogram.Builder classic(Histogram.Builder builder) {
        return builder.classicOnly().classicUpperBounds(.1, .3, 1);
    }

    private static void requests(DoubleConsumer pod, int times, double... seconds) {
        for (int i = 0; i < times; i++) {
            Arrays.stream(seconds).forEach(pod);
        }
    }

    private static Due due(String slowerThan, List<Instant> bounds) {
        return new Due(
                "slow",
                Counting.of(new Metric(
                        "slow", "http-server/latency", null, null, slowerThan, null, null, null, null, null)),
                bounds);
    }

    private CountReader reader(Fleet fleet) {
        return new CountReader(prometheus, fleet.source(), "shop");
    }

    private Reading counted(Fleet fleet, Arms arms, String slowerThan, List<Instant> bounds) {
        return Objects.requireNonNull(reader(fleet)
                .counted(arms, List.of(due(slowerThan, bounds)), Duration.ofMinutes(5), Duration.ZERO)
                .get("slow"));
    }

    private List<Interval> counts(Fleet fleet, Arms arms, String slowerThan, List<Instant> bounds) {
        Reading reading = counted(fleet, arms, slowerThan, bounds);
        assertThat(reading).isInstanceOf(Reading.Counted.class);
        return ((Reading.Counted) reading)
                .observations().stream().map(Observation::counts).toList();
    }

    private Scrapes scrapes(Fleet fleet) {
        return new Scrapes(prometheus, fleet.source());
    }

    /**
     * Requests, a resolution that the library halves, and a restart which one of the two counters does not show. All take seconds,
     * as the library moves shorter ones to wrong buckets then, see NativeHistogramsTest.
     */
    @ParameterizedTest
    @MethodSource("fleets")
    void exponentialOnesAreCountedExactly(Fleet fleet) {
        NativeShop shop = fleet.shop();
        DoubleConsumer old = shop.start(OLD, NativeHistogramIT::exponential);
        DoubleConsumer young = shop.start(NEW, NativeHistogramIT::exponential, 2.4, 5.6);
        Instant start = scrapes(fleet).boundary(OLD, NEW);
        requests(old, 100, 2.4);
        requests(old, 5, 4.8);
        requests(young, 4, 2.4, 4.01, 4.8);
        Instant coarser = scrapes(fleet).boundary(OLD, NEW);
        requests(old, 3, .0008, .08, .8, 1.6, 2, 2.1, 3.2, 3.9, 4, 4.01, 4.4, 6.4, 8, 24, 480);
        Instant restart = scrapes(fleet).boundary(OLD, NEW);
        double[] good = new double[145];
        Arrays.fill(good, 2.4);
        shop.start(OLD, NativeHistogramIT::exponential, good);
        Instant end = scrapes(fleet).boundary(OLD, NEW);

        List<Instant> bounds = List.of(start, coarser, restart, end);
        Arms arms = new Arms("old", "new");
        assertThat(counts(fleet, arms, "4s", bounds))
                .containsExactly(
                        new Interval(new Counts(5, 105), new Counts(8, 12)),
                        new Interval(new Counts(18, 45), Counts.NONE),
                        new Interval(new Counts(0, 145), Counts.NONE));
        assertThat(counts(fleet, arms, "16s", bounds).get(1).source()).isEqualTo(new Counts(6, 45));
        assertThat(((Reading.Counted) counted(fleet, arms, "4s", bounds)).selectors())
                .hasSize(2);

        List<Double> widths = prometheus
                .histograms(
                        fleet.source(),
                        "shop",
                        List.of("http_server_requests_seconds{pod=\"" + OLD + "\"}"),
                        start,
                        restart)
                .stream()
                .flatMap(Scrapes::series)
                .flatMap(s -> s.histograms().stream())
                .map(NativeHistogramIT::width)
                .filter(w -> w > 1)
                .toList();
        assertThat(widths.getFirst()).as("schema 5").isLessThan(1.03);
        assertThat(widths.getLast()).as("schema 1 or 0").isBetween(1.4, 2.0);

        assertThat(counted(fleet, arms, "2400ms", List.of(restart, end)))
                .isInstanceOfSatisfying(
                        Reading.Refused.class,
                        r -> assertThat(r.why()).contains("nobody knows how many in it were over 2.4", "2.0 and 4.0"));
    }

    /** The library goes down to any schema, where it may have few buckets; 1 is an edge of all. */
    @ParameterizedTest
    @MethodSource("fleets")
    void aBoundThatIsNoEdgeAnyMoreIsRefused(Fleet fleet) {
        String pod = "few-aaaaa";
        DoubleConsumer few = fleet.shop().start(pod, b -> exponential(b).nativeMaxNumberOfBuckets(4));
        Instant from = scrapes(fleet).boundary(pod);
        requests(few, 10, .001, .01, .1, .3, .6, 1, 3, 60);
        Instant to = scrapes(fleet).boundary(pod);
        Arms arms = new Arms("few", null);
        assertThat(counts(fleet, arms, "1s", List.of(from, to)))
                .containsExactly(new Interval(new Counts(20, 80), Counts.NONE));
        assertThat(counted(fleet, arms, "500ms", List.of(from, to)))
                .isInstanceOfSatisfying(
                        Reading.Refused.class,
                        r -> assertThat(r.why()).contains("nobody knows how many in it were over 0.5"));
    }

    /** By which factor a bucket's edges differ; 0 when there is none above 0. */
    private static double width(NativeHistogram histogram) {
        return histogram.buckets().stream()
                .filter(b -> b.lower() > 0)
                .mapToDouble(b -> b.upper() / b.lower())
                .max()
                .orElse(0);
    }

    /** From values at steps: those at an edge are the numbers that were observed, without any rest of a division. */
    @ParameterizedTest
    @MethodSource("fleets")
    void theHistoryIsCountedExactly(Fleet fleet) {
        DoubleConsumer old = fleet.shop().start(OLD, NativeHistogramIT::exponential);
        Instant start =
                scrapes(fleet).boundary(OLD).truncatedTo(ChronoUnit.SECONDS).plusSeconds(1);
        scrapes(fleet).since(start, OLD);
        for (int i = 0; i < 3; i++) {
            requests(old, 7, .3, .4, .49, .6, 7);
            scrapes(fleet).since(Instant.now(), OLD);
        }
        await().untilAsserted(() -> {
            Reading reading = history(fleet, start, "500ms");
            assertThat(reading).isInstanceOf(Reading.History.class);
            assertThat(((Reading.History) reading)
                            .intervals().stream()
                                    .flatMap(pods -> pods.values().stream())
                                    .reduce(Counts.NONE, Counts::plus))
                    .isEqualTo(new Counts(42, 105));
        });
        await().untilAsserted(() -> assertThat(history(fleet, start, "300ms"))
                .isInstanceOfSatisfying(
                        Reading.Refused.class, r -> assertThat(r.why()).contains("0.25 and 0.5")));
    }

    private Reading history(Fleet fleet, Instant start, String slowerThan) {
        List<Instant> bounds = new ArrayList<>(List.of(start));
        while (bounds.size() < 2 || bounds.getLast().plus(SECOND).isBefore(Instant.now())) {
            bounds.add(bounds.getLast().plus(SECOND));
        }
        return Objects.requireNonNull(reader(fleet)
                .history(new Arms("old", null), List.of(due(slowerThan, bounds)), SECOND)
                .get("slow"));
    }

    @ParameterizedTest
    @MethodSource("fleets")
    void requestsWithoutAHistogramAreRefusedWithTheNamesThatWereTried(Fleet fleet) {
        fleet.shop().startBare("bare-aaaaa");
        Instant from = scrapes(fleet).boundary("bare-aaaaa");
        Instant to = scrapes(fleet).boundary("bare-aaaaa");
        assertThat(counted(fleet, new Arms("bare", null), "500ms", List.of(from, to)))
                .isEqualTo(
                        new Reading.Refused(
                                "the pods count their requests, but not by duration: of bare-aaaaa there is neither"
                                        + " http_server_requests_seconds_bucket nor a native histogram http_server_requests_seconds"));
    }

    @ParameterizedTest
    @MethodSource("current")
    void customBucketsAreCountedAtTheirOwnBounds(Fleet fleet) {
        String pod = "custom-aaaaa";
        DoubleConsumer custom = fleet.shop().start(pod, NativeHistogramIT::classic, .05);
        Instant from = scrapes(fleet).boundary(pod);
        requests(custom, 10, .05, .3, .31, 20);
        Instant to = scrapes(fleet).boundary(pod);
        Arms arms = new Arms("custom", null);
        assertThat(counts(fleet, arms, "300ms", List.of(from, to)))
                .containsExactly(new Interval(new Counts(20, 40), Counts.NONE));
        assertThat(((Reading.Counted) counted(fleet, arms, "300ms", List.of(from, to))).selectors())
                .as("it was none of classic buckets")
                .hasSize(2);
        assertThat(counted(fleet, arms, "500ms", List.of(from, to)))
                .isInstanceOfSatisfying(
                        Reading.Refused.class, r -> assertThat(r.why()).contains("a bucket from 0.3 to 1.0"));
    }

    @ParameterizedTest
    @MethodSource("current")
    void classicBucketsArePreferred(Fleet fleet) {
        String pod = "both-aaaaa";
        DoubleConsumer both =
                fleet.shop().start(pod, b -> b.classicUpperBounds(.1, .3, 1).nativeInitialSchema(5), .05);
        Instant from = scrapes(fleet).boundary(pod);
        requests(both, 10, .05, .3, .31, 20);
        Instant to = scrapes(fleet).boundary(pod);
        Arms arms = new Arms("both", null);
        assertThat(counts(fleet, arms, "300ms", List.of(from, to)))
                .containsExactly(new Interval(new Counts(20, 40), Counts.NONE));
        assertThat(((Reading.Counted) counted(fleet, arms, "300ms", List.of(from, to))).selectors())
                .hasSize(1);
        assertThat(prometheus
                        .histograms(
                                fleet.source(),
                                "shop",
                                List.of("http_server_requests_seconds{pod=\"" + pod + "\"}"),
                                from,
                                to)
                        .stream()
                        .flatMap(Scrapes::series))
                .as("a native one is there as well")
                .hasSize(1);
    }
}
