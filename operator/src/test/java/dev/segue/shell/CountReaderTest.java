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
import org.jspecify.annotations.Nullable;
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

    private static final String MATRIX =
            "{\"status\":\"success\",\"data\":{\"resultType\":\"matrix\",\"result\":[%s]}%s}";
    private static final Due ERRORS = new Due(
            "errors",
            Counting.of(new Metric(
                    "errors",
                    null,
                    new Metric.RequestCounts(
                            "requests_total{pod=~\"$pods\",path=~\"/a{2}.*\"}",
                            "failed_total{kind!='x',pod=~\"$pods\"}"),
                    null,
                    null,
                    null,
                    null,
                    null,
                    null,
                    null)),
            List.of(START, END));

    /** What the queries for a number of series give; 0 where there is nothing. */
    private final Map<String, String> numbers = Collections.synchronizedMap(new LinkedHashMap<>());

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
                String counted = numbers.getOrDefault(query, "0");
                byte[] body = (query.startsWith("count(")
                                ? "{\"status\":\"success\",\"data\":{\"resultType\":\"scalar\",\"result\":[1,\"%s\"]}}"
                                        .formatted(counted)
                                : MATRIX)
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
        return Objects.requireNonNull(reader.counted(ARMS, List.of(SLOW), Duration.ofSeconds(60), Duration.ZERO)
                .get("slow"));
    }

    private Interval counts() {
        assertThat(counted()).isInstanceOf(Reading.Counted.class);
        return counted() instanceof Reading.Counted(List<Observation> observations, var _, var _)
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

    private @Nullable String absentBefore(Due due) {
        return reader.history(new Arms("old", null), List.of(due), Duration.ofMinutes(1))
                                .get(due.metric())
                        instanceof Reading.History(var _, var _, String absent)
                ? absent
                : null;
    }

    @Test
    void whatDoesNotExistIsToldBeforeTheStart() {
        assertThat(absentBefore(ERRORS)).isEqualTo("Prometheus has no metric requests_total");
        numbers.put("count({__name__=~\"requests_total\"}) or vector(0)", "12");
        numbers.put("count({__name__=~\"requests_total\",path=~\"/a{2}.*\"}) or vector(0)", "3");
        assertThat(absentBefore(ERRORS))
                .isEqualTo("Prometheus has 12 series of requests_total, but none with pod=~\"old-[a-z0-9]{5}\"");
        numbers.put("count({__name__=~\"requests_total\",path=~\"/a{2}.*\"}) or vector(0)", "0");
        assertThat(absentBefore(ERRORS))
                .isEqualTo(
                        "Prometheus has 12 series of requests_total, but none with pod=~\"old-[a-z0-9]{5}\", and none with path=~\"/a{2}.*\"");
        numbers.put("count({__name__=~\"requests_total\",path=~\"/a{2}.*\"}) or vector(0)", "3");
        numbers.put("count({__name__=~\"requests_total\",pod=~\"old-[a-z0-9]{5}\"}) or vector(0)", "2");
        assertThat(absentBefore(ERRORS))
                .isEqualTo(
                        "Prometheus has 12 series of requests_total, but none with all of these together: pod=~\"old-[a-z0-9]{5}\", path=~\"/a{2}.*\"");
        assertThat(absentBefore(SLOW))
                .isEqualTo(
                        "Prometheus has no metric http_server_requests_seconds_bucket or http_server_requests_seconds or http_server_requests_seconds_count");
    }

    /** That nothing has failed yet is good; that nothing could fail is not. */
    @Test
    void aCounterOfBadRequestsThatDoesNotExistIsTold() {
        answers.put("requests_total{", number(OLD));
        assertThat(absentBefore(ERRORS)).isEqualTo("nothing would ever be bad: Prometheus has no metric failed_total");
        numbers.put("count({__name__=~\"failed_total\"}) or vector(0)", "2");
        assertThat(absentBefore(ERRORS))
                .isEqualTo(
                        "nothing would ever be bad: Prometheus has 2 series of failed_total, but none with a label kind");
        numbers.put("count({__name__=~\"failed_total\",kind!=\"\"}) or vector(0)", "2");
        assertThat(absentBefore(ERRORS)).isNull();
        answers.put("failed_total{", number(OLD));
        numbers.clear();
        assertThat(absentBefore(ERRORS)).isNull();
        assertThat(asked.subList(asked.size() - 4, asked.size())).noneMatch(q -> q.startsWith("count("));
    }

    @Test
    void ofAVersionWithoutSeriesItIsToldWhatDoesNotExist() {
        answers.put("requests_total{", number(OLD));
        numbers.put("count({__name__=~\"requests_total\"}) or vector(0)", "1");
        numbers.put("count({__name__=~\"requests_total\",path=~\"/a{2}.*\"}) or vector(0)", "1");
        Reading reading =
                Objects.requireNonNull(reader.counted(ARMS, List.of(ERRORS), Duration.ofSeconds(60), Duration.ZERO)
                        .get("errors"));
        assertThat(reading)
                .isInstanceOfSatisfying(
                        Reading.Counted.class,
                        c -> assertThat(c.absent())
                                .isEqualTo(
                                        "Prometheus has 1 series of requests_total, but none with pod=~\"new-[a-z0-9]{5}\""));
        answers.put("requests_total{", number(OLD) + "," + number(NEW));
        int before = asked.size();
        assertThat(reader.counted(ARMS, List.of(ERRORS), Duration.ofSeconds(60), Duration.ZERO)
                        .get("errors"))
                .isInstanceOfSatisfying(
                        Reading.Counted.class, c -> assertThat(c.absent()).isNull());
        assertThat(asked.subList(before, asked.size())).noneMatch(q -> q.startsWith("count("));
    }

    /** Whether a pod is new is seen in samples from before. */
    @Test
    void samplesAreAskedForFromBeforeTheWarmUpOfTheFirstInterval() {
        answers.put("requests_total{", number(OLD) + "," + number(NEW));
        reader.counted(ARMS, List.of(ERRORS), Duration.ofSeconds(120), Duration.ofSeconds(60));
        assertThat(asked)
                .filteredOn(q -> q.startsWith("requests_total"))
                .singleElement()
                .asString()
                .endsWith("[4m]");
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
