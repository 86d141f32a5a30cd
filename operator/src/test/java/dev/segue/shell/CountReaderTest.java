package dev.segue.shell;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import dev.segue.analysis.Arms;
import dev.segue.analysis.Counting;
import dev.segue.analysis.Counts;
import dev.segue.analysis.Interval;
import dev.segue.analysis.Observation;
import dev.segue.analysis.Reading;
import dev.segue.api.Metric;
import dev.segue.api.PrometheusSource;
import dev.segue.shell.CountReader.Due;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** In which form a histogram is asked for. */
@Timeout(60)
class CountReaderTest {
    private static final Instant START = Instant.ofEpochSecond(1_767_225_600);
    private static final Instant END = START.plusSeconds(60);
    private static final Arms ARMS = new Arms("old", "new");
    private static final String OLD = "old-aaaaa";
    private static final String NEW = "new-aaaaa";
    private static final String BUCKET = "http_server_requests_seconds_bucket{";
    private static final String NATIVE =
            "{__name__=~\"http_server_requests_seconds|http_server_requests_seconds_count\"";
    private static final String GROWTH = "(sum by (pod, le) (";
    private static final String OF_EACH =
            "(label_replace(sum by (pod) ((max without (__replica__, prometheus_replica, receive_replica) (";
    private static final String NATIVE_COUNTS = OF_EACH + "histogram_count(";
    private static final String NATIVE_FRACTIONS = OF_EACH + "round(histogram_fraction(";
    private static final Due SLOW = new Due(
            "slow",
            Counting.of(new Metric("slow", "http-server/latency", null, null, "500ms", null, null, null, null, null)),
            List.of(START, END));

    private final List<String> asked = Collections.synchronizedList(new ArrayList<>());
    private final Map<String, String> answers = Collections.synchronizedMap(new LinkedHashMap<>());
    private HttpServer server;
    private CountReader reader;

    @BeforeEach
    void start() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/", exchange -> {
            try (exchange) {
                String form = URLDecoder.decode(
                        new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8),
                        StandardCharsets.UTF_8);
                String query = form.substring("query=".length(), form.lastIndexOf("&timeout"));
                asked.add(query);
                String series = answers.entrySet().stream()
                        .filter(a -> query.startsWith(a.getKey()))
                        .map(Map.Entry::getValue)
                        .findFirst()
                        .orElse("");
                byte[] body = "{\"status\":\"success\",\"data\":{\"resultType\":\"matrix\",\"result\":[%s]}%s}"
                        .formatted(
                                series.replace('\'', '"'),
                                series.contains("warn") ? ",\"warnings\":[\"store-2 did not answer\"]" : "")
                        .getBytes(StandardCharsets.UTF_8);
                exchange.sendResponseHeaders(200, body.length);
                exchange.getResponseBody().write(body);
            }
        });
        server.start();
        reader = new CountReader(
                new Prometheus(
                        Duration.ofSeconds(50),
                        new Credentials((_, _) -> null, InstantSource.system()),
                        InstantSource.system()),
                new PrometheusSource("http://127.0.0.1:" + server.getAddress().getPort(), "60s", null, null, null),
                "shop");
    }

    @AfterEach
    void stop() {
        server.stop(0);
    }

    private static String classic(String pod, int within, int all) {
        return bucket(pod, "0.5", within) + "," + bucket(pod, "+Inf", all);
    }

    private static String bucket(String pod, String le, int value) {
        return "{'metric':{'pod':'%s','le':'%s'},'values':[[1767225600,'0'],[1767225630,'%d']]}"
                .formatted(pod, le, value);
    }

    private static String grown(String pod, String le, int value) {
        return "{'metric':{'pod':'%s','le':'%s'},'values':[[1767225660,'%d']]}".formatted(pod, le, value);
    }

    private static String natively(String pod, int within, int over) {
        return "{'metric':{'pod':'%s'},'histograms':[[1767225600,{'count':'0'}],[1767225630,{'count':'%d','buckets':[[0,'0.25','0.5','%d'],[0,'0.5','1','%d']]}]]}"
                .formatted(pod, within + over, within, over);
    }

    private static String number(String pod) {
        return "{'metric':{'pod':'%s'},'values':[[1767225600,'0'],[1767225630,'9']]}".formatted(pod);
    }

    private Reading counted() {
        return Objects.requireNonNull(
                reader.counted(ARMS, List.of(SLOW), START.minusSeconds(60)).get("slow"));
    }

    private Interval counts() {
        assertThat(counted()).isInstanceOf(Reading.Counted.class);
        return counted() instanceof Reading.Counted(List<Observation> observations, var _)
                ? observations.getFirst().counts()
                : new Interval(Counts.NONE, Counts.NONE);
    }

    @Test
    void whereEachVersionHasAClassicHistogramNothingElseIsAskedFor() {
        answers.put(BUCKET, classic(OLD, 90, 100) + "," + classic(NEW, 9, 10));
        answers.put(NATIVE, natively(OLD, 1, 1));
        assertThat(counts()).isEqualTo(new Interval(new Counts(10, 100), new Counts(1, 10)));
        assertThat(asked).allMatch(q -> q.startsWith(BUCKET));
    }

    @Test
    void nativeHistogramsAreCountedWhereThereAreNoClassicOnes() {
        answers.put(NATIVE, natively(OLD, 90, 10) + "," + natively(NEW, 8, 2) + "," + number(NEW));
        assertThat(counts()).isEqualTo(new Interval(new Counts(10, 100), new Counts(2, 10)));
        assertThat(((Reading.Counted) counted()).selectors())
                .as("what the status shows")
                .satisfiesExactly(
                        one -> assertThat(one).startsWith(BUCKET),
                        other -> assertThat(other).startsWith(NATIVE));
    }

    @Test
    void onlyOfTheVersionThatHasNoClassicOneTheNativeOneIsAskedFor() {
        answers.put(BUCKET, classic(OLD, 90, 100));
        answers.put(NATIVE, natively(NEW, 8, 2));
        assertThat(counts()).isEqualTo(new Interval(new Counts(10, 100), new Counts(2, 10)));
        assertThat(asked)
                .filteredOn(q -> q.startsWith(NATIVE))
                .isNotEmpty()
                .allMatch(q -> q.contains("pod=~\"new-[a-z0-9]{5}\""));
    }

    @Test
    void requestsThatAreCountedInNoHistogramAreRefused() {
        answers.put(NATIVE, number(OLD));
        assertThat(counted())
                .isInstanceOfSatisfying(
                        Reading.Refused.class,
                        r -> assertThat(r.why())
                                .contains(
                                        "neither http_server_requests_seconds_bucket nor a native histogram http_server_requests_seconds"));
    }

    @Test
    void aPartOfTheNativeHistogramsIsNoCount() {
        answers.put(NATIVE, natively(OLD, 90, 10) + ",{'warn':0}");
        assertThat(counted())
                .isEqualTo(new Reading.Unavailable("Prometheus answers with a warning: store-2 did not answer"));
    }

    @Test
    void theHistoryIsOfNumbersAndNotOfWholeHistograms() {
        Arms source = new Arms("old", null);
        answers.put(NATIVE_COUNTS, grown(OLD, "+Inf", 100));
        answers.put(NATIVE_FRACTIONS, grown(OLD, "0.5", 90));
        answers.put(NATIVE, natively(OLD, 90, 10));
        assertThat(reader.history(source, List.of(SLOW), Duration.ofMinutes(1)).get("slow"))
                .isEqualTo(new Reading.History(List.of(Map.of(OLD, new Counts(10, 100))), Duration.ofMinutes(1)));
        assertThat(asked)
                .satisfiesExactlyInAnyOrder(
                        q -> assertThat(q).startsWith(GROWTH),
                        q -> assertThat(q).startsWith(NATIVE_COUNTS),
                        q -> assertThat(q).startsWith(NATIVE_FRACTIONS),
                        q -> assertThat(q).startsWith(BUCKET),
                        q -> assertThat(q).startsWith(NATIVE));
    }

    /** Prometheus would interpolate without a word. */
    @Test
    void aHistoryAtWhatIsNoEdgeIsRefused() {
        answers.put(NATIVE_COUNTS, grown(OLD, "+Inf", 100));
        answers.put(NATIVE_FRACTIONS, grown(OLD, "0.5", 90));
        answers.put(NATIVE, natively(OLD, 90, 10).replace("'0.5'", "'0.6'"));
        assertThat(reader.history(new Arms("old", null), List.of(SLOW), Duration.ofMinutes(1))
                        .get("slow"))
                .isInstanceOfSatisfying(
                        Reading.Refused.class, r -> assertThat(r.why()).contains("a bucket from 0.25 to 0.6"));
    }
}
