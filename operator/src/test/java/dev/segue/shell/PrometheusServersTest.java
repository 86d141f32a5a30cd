package dev.segue.shell;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.segue.analysis.NativeHistogram;
import dev.segue.analysis.NativeHistogram.Bucket;
import dev.segue.analysis.Reading;
import dev.segue.analysis.Series;
import dev.segue.analysis.Series.Sample;
import dev.segue.api.PrometheusSource;
import dev.segue.api.PrometheusSource.Auth;
import dev.segue.api.PrometheusSource.Bearer;
import dev.segue.shell.PrometheusResult.ConfigError;
import dev.segue.shell.PrometheusResult.Data;
import dev.segue.shell.PrometheusResult.ProviderError;
import dev.segue.shell.PrometheusServer.Question;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URLDecoder;
import java.net.http.HttpClient;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** How servers are treated, and what is told of them: with one that does what a real one cannot be made to do. */
@Timeout(60)
class PrometheusServersTest {
    private static final String TOKEN = "s3cr3t/token+42=";
    private static final Duration PATIENT = Duration.ofSeconds(50);
    private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

    /** What the server does. */
    private interface Behaviour {
        void answer(HttpExchange exchange, String form) throws IOException;
    }

    private volatile Instant now = START;
    private volatile String token = TOKEN;
    private volatile Behaviour behaviour = (exchange, _) -> answer(exchange, 200, one("1"));
    private final List<String> forms = Collections.synchronizedList(new ArrayList<>());
    private final AtomicInteger underWay = new AtomicInteger();
    private final AtomicInteger most = new AtomicInteger();
    private final Semaphore gate = new Semaphore(0);
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private HttpServer server;
    private String url;
    private Prometheus prometheus;

    @BeforeEach
    void start() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(threads);
        server.createContext("/", exchange -> {
            String form = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
            forms.add(form);
            most.accumulateAndGet(underWay.incrementAndGet(), Math::max);
            try {
                behaviour.answer(exchange, form);
            } finally {
                underWay.decrementAndGet();
                exchange.close();
            }
        });
        server.start();
        url = "http://127.0.0.1:" + server.getAddress().getPort();
        prometheus = prometheus(PATIENT);
    }

    @AfterEach
    void stop() {
        gate.release(1_000);
        server.stop(0);
        threads.shutdownNow();
    }

    private Prometheus prometheus(Duration answer) {
        return new Prometheus(answer, new Credentials((_, name) -> secret(name), () -> now), () -> now);
    }

    private @Nullable Secret secret(String name) {
        return name.equals("login")
                ? new SecretBuilder()
                        .withNewMetadata()
                        .addToLabels(PrometheusSource.SECRET_LABEL, "true")
                        .endMetadata()
                        .addToData("token", Base64.getEncoder().encodeToString(token.getBytes(StandardCharsets.UTF_8)))
                        .build()
                : null;
    }

    private PrometheusSource source(@Nullable Auth auth) {
        return new PrometheusSource(url, "60s", null, auth, null);
    }

    private static Auth bearer() {
        return new Auth(new Bearer("login", null), null);
    }

    private static void answer(HttpExchange exchange, int status, String body) throws IOException {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(status, bytes.length);
        exchange.getResponseBody().write(bytes);
    }

    private static String one(String number) {
        return "{\"status\":\"success\",\"data\":{\"resultType\":\"scalar\",\"result\":[1,\"%s\"]}}".formatted(number);
    }

    private static String matrix(String series) {
        return "{\"status\":\"success\",\"data\":{\"result\":[%s],\"resultType\":\"matrix\"}}"
                .formatted(series.replace('\'', '"'));
    }

    private static String error(String type, String why) {
        return "{\"status\":\"error\",\"errorType\":\"%s\",\"error\":\"%s\"}".formatted(type, why);
    }

    private void passGate() {
        gate.acquireUninterruptibly();
    }

    private PrometheusResult<Reading> ask() {
        return ask(null, "up");
    }

    private PrometheusResult<Reading> ask(@Nullable Auth auth, String query) {
        return prometheus.numbers(source(auth), "shop", List.of(query)).getFirst();
    }

    private PrometheusResult<List<Series>> samples(Instant from, Instant to) {
        return prometheus.samples(source(null), "shop", List.of("x"), from, to).getFirst();
    }

    private static String why(PrometheusResult<?> result) {
        return switch (result) {
            case Data<?> data -> throw new AssertionError("data: " + data);
            case ProviderError<?> e -> e.why();
            case ConfigError<?> e -> e.why();
        };
    }

    private PrometheusServer direct() {
        return new PrometheusServer(
                new PrometheusAccess(URI.create(url), Map.of(), null, Set.of()),
                HttpClient.newHttpClient(),
                new Semaphore(4),
                () -> now);
    }

    @Test
    void whoAsksTheSameAtTheSameTimeSharesTheAnswer() {
        behaviour = (exchange, _) -> {
            passGate();
            answer(exchange, 200, one("7"));
        };
        PrometheusServer direct = direct();
        Question question = new Question("query=up", 1 << 20, false);
        List<CompletableFuture<PrometheusResult<PrometheusBody>>> answers = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            answers.add(direct.ask(question, PATIENT));
        }
        await().until(() -> forms.size() == 1);
        gate.release(200);
        assertThat(answers)
                .allSatisfy(
                        a -> assertThat(a.join()).isEqualTo(answers.getFirst().join()));
        assertThat(answers.getFirst().join()).isInstanceOf(Data.class);
        assertThat(forms).hasSize(1);
    }

    @Test
    void whoIsSomebodyElseSharesNothing() {
        behaviour = (exchange, _) ->
                answer(exchange, 200, one(exchange.getRequestHeaders().containsKey("Authorization") ? "1" : "0"));
        assertThat(ask(bearer(), "up")).isEqualTo(new Data<>(new Reading.Value(1), List.of()));
        assertThat(ask()).isEqualTo(new Data<>(new Reading.Value(0), List.of()));
    }

    @Test
    void anAnswerIsNotUsedLaterOn() {
        ask();
        ask();
        assertThat(forms).hasSize(2);
    }

    @Test
    void noMoreThanFourAreUnderWayToOneServer() {
        behaviour = (exchange, _) -> {
            passGate();
            answer(exchange, 200, one("1"));
        };
        List<Future<PrometheusResult<Reading>>> all = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            String query = "q" + i;
            Auth auth = i % 2 == 0 ? bearer() : null; // whoever they are
            all.add(threads.submit(() -> ask(auth, query)));
        }
        await().until(() -> underWay.get() == Prometheus.AT_A_TIME);
        for (int i = 0; i < 20; i++) {
            gate.release();
        }
        await().until(() -> all.stream().allMatch(Future::isDone));
        assertThat(forms).hasSize(20);
        assertThat(most).hasValue(Prometheus.AT_A_TIME);
    }

    /** The server has not even seen it: that is no reason to leave it alone. */
    @Test
    void whatWaitsForItsTurnInVainIsNotTheServersFault() {
        Semaphore limit = new Semaphore(0);
        PrometheusServer full = new PrometheusServer(
                new PrometheusAccess(URI.create(url), Map.of(), null, Set.of()),
                HttpClient.newHttpClient(),
                limit,
                () -> now);
        PrometheusResult<PrometheusBody> waited = full.ask(
                        new Question("query=up", 1 << 20, false), Duration.ofMillis(50))
                .join();
        assertThat(waited).isInstanceOf(ProviderError.class);
        assertThat(why(waited)).contains("did not get its turn");
        assertThat(forms).isEmpty();
        limit.release();
        assertThat(full.ask(new Question("query=up", 1 << 20, false), PATIENT).join())
                .isInstanceOf(Data.class);
    }

    @Test
    void hundredsThatAskAtOnceAllGetTheirAnswerFourAtATime() {
        List<String> queries = IntStream.range(0, 400).mapToObj(i -> "q" + i).toList();
        assertThat(prometheus.numbers(source(null), "shop", queries)).allMatch(r -> r instanceof Data);
        assertThat(forms).hasSize(400);
        assertThat(most.get()).isLessThanOrEqualTo(Prometheus.AT_A_TIME);
    }

    @Test
    void aServerInTroubleIsLeftAloneAndItsErrorTold() {
        behaviour = (exchange, _) -> answer(exchange, 503, error("unavailable", "starting up"));
        assertThat(ask()).isInstanceOf(ProviderError.class);
        now = now.plusMillis(4_999);
        assertThat(why(ask())).contains("starting up");
        assertThat(forms).hasSize(1);
        behaviour = (exchange, _) -> answer(exchange, 200, one("1"));
        now = now.plusSeconds(2);
        assertThat(ask()).isInstanceOf(Data.class);
        assertThat(forms).hasSize(2);
    }

    @Test
    void retryAfterIsHonoured() {
        behaviour = (exchange, _) -> {
            exchange.getResponseHeaders().set("Retry-After", "120");
            answer(exchange, 429, "");
        };
        assertThat(ask()).isInstanceOf(ProviderError.class);
        behaviour = (exchange, _) -> answer(exchange, 200, one("1"));
        now = now.plusSeconds(119);
        assertThat(ask()).isInstanceOf(ProviderError.class);
        now = now.plusSeconds(32);
        assertThat(ask()).isInstanceOf(Data.class);
    }

    /** Another's bad credentials or queries are no outage. */
    @Test
    void aRefusalStopsNobodyElse() {
        behaviour = (exchange, form) -> answer(
                exchange,
                form.startsWith("query=bad") ? 400 : 200,
                form.startsWith("query=bad") ? error("bad_data", "1:4: parse error") : one("1"));
        assertThat(ask(null, "bad"))
                .isEqualTo(new ConfigError<>("Prometheus refused the query (400): 1:4: parse error"));
        assertThat(ask()).isInstanceOf(Data.class);
    }

    @Test
    void aServerThatNeverAnswersHoldsNobodyLongerThanALook() {
        behaviour = (_, _) -> passGate();
        prometheus = prometheus(Duration.ofMillis(300));
        assertThat(why(ask())).contains("did not answer in time");
        await().untilAsserted(() -> {
            int asked = forms.size();
            assertThat(why(ask())).contains("did not answer in time");
            assertThat(forms).as("it is left alone").hasSize(asked);
        });
    }

    /** Its connections are given up, so that others get their turn; and as somebody had an answer, it is no outage. */
    @Test
    void queriesThatAreNeverAnsweredGetNoMoreThanTheirTime() throws Exception {
        prometheus = prometheus(Duration.ofMillis(300));
        behaviour = (exchange, form) -> {
            if (form.startsWith("query=slow")) {
                passGate();
            }
            answer(exchange, 200, one("1"));
        };
        await().untilAsserted(() -> assertThat(ask()).isInstanceOf(Data.class));
        List<String> slow = List.of("slow1", "slow2", "slow3", "slow4");
        Future<?> others = threads.submit(() -> prometheus.numbers(source(null), "shop", slow));
        await().until(() -> underWay.get() == Prometheus.AT_A_TIME);
        await().untilAsserted(() -> assertThat(ask()).isInstanceOf(Data.class));
        others.get();
    }

    /** It is of another time: a drain that waits for 0 must not see one from before. */
    @Test
    void aNumberThatComesLateIsNotUsed() {
        PrometheusServer direct = direct();
        Question question = new Question("query=up", 1 << 20, false);
        PrometheusResult<PrometheusBody> late = direct.ask(question, PATIENT).join();
        behaviour = (exchange, _) -> answer(exchange, 200, one("2"));
        assertThat(direct.ask(question, PATIENT).join()).isNotEqualTo(late);
        assertThat(forms).hasSize(2);
    }

    @Test
    void samplesThatComeLateAreThereTheNextTime() {
        behaviour = (exchange, _) -> {
            passGate();
            answer(exchange, 200, matrix("{'metric':{'a':'b'},'values':[[1767225601.5,'3']]}"));
        };
        prometheus = prometheus(Duration.ofMillis(300));
        Instant to = START.plusSeconds(60);
        assertThat(samples(START, to)).isInstanceOf(ProviderError.class);
        gate.release();
        await().until(() -> underWay.get() == 0);
        assertThat(samples(START, to))
                .isEqualTo(new Data<>(
                        List.of(new Series(Map.of("a", "b"), List.of(new Sample(1_767_225_601_500L, 3)))), List.of()));
        assertThat(forms).hasSize(1);
    }

    @Test
    void samplesAreAskedForInPiecesAndNoneIsCountedTwice() {
        behaviour = (exchange, form) -> answer(
                exchange,
                200,
                form.contains("time=1767226200.000")
                        ? matrix("{'metric':{},'values':[[1767225600,'0'],[1767225601,'1'],[1767226200,'2']]}")
                        : matrix("{'metric':{},'values':[[1767226200,'2'],[1767226201,'NaN'],[1767226201.5,'+Inf']]}"));
        PrometheusResult<List<Series>> result = samples(START, START.plusMillis(601_500));

        assertThat(forms.stream().map(f -> URLDecoder.decode(f, StandardCharsets.UTF_8)))
                .containsExactlyInAnyOrder(
                        "query=x[10m]&timeout=60000ms&time=1767226200.000",
                        "query=x[1500ms]&timeout=60000ms&time=1767226201.500");
        assertThat(result)
                .isEqualTo(new Data<>(
                        List.of(new Series(
                                Map.of(),
                                List.of(
                                        new Sample(1_767_225_601_000L, 1),
                                        new Sample(1_767_226_200_000L, 2),
                                        new Sample(1_767_226_201_000L, Double.NaN),
                                        new Sample(1_767_226_201_500L, Double.POSITIVE_INFINITY)))),
                        List.of()));
    }

    @Test
    void nativeHistogramsAreReadInShorterPieces() {
        behaviour = (exchange, form) -> answer(
                exchange,
                200,
                form.contains("time=1767225720.000")
                        ? matrix(
                                "{'metric':{'a':'b'},'histograms':[[1767225600,{'count':'1'}],[1767225601.5,{'count':'6',"
                                        + "'sum':'2','buckets':[[3,'-0.001','0.001','1'],[0,'1.189207115002721','+Inf','5']]}]]}")
                        : matrix("{'metric':{'a':'b'},'histograms':[[1767225721,{'count':'7','sum':'2'}]],"
                                + "'values':[[1767225722,'3']]}"));
        assertThat(prometheus
                        .histograms(source(null), "shop", List.of("x"), START, START.plusSeconds(180))
                        .getFirst())
                .isEqualTo(new Data<>(
                        List.of(new Series(
                                Map.of("a", "b"),
                                List.of(new Sample(1_767_225_722_000L, 3)),
                                List.of(
                                        new NativeHistogram(
                                                1_767_225_601_500L,
                                                6,
                                                List.of(
                                                        new Bucket(-.001, .001, 1),
                                                        new Bucket(1.189207115002721, Double.POSITIVE_INFINITY, 5))),
                                        new NativeHistogram(1_767_225_721_000L, 7, List.of())))),
                        List.of()));
        assertThat(forms.stream().map(f -> URLDecoder.decode(f, StandardCharsets.UTF_8)))
                .containsExactlyInAnyOrder(
                        "query=x[2m]&timeout=60000ms&time=1767225720.000",
                        "query=x[1m]&timeout=60000ms&time=1767225780.000");
    }

    @Test
    void aNativeHistogramIsNoNumber() {
        behaviour = (exchange, _) -> answer(
                exchange,
                200,
                matrix("{'metric':{},'histogram':[1,{'count':'1','sum':'2','buckets':[[0,'1','2','1']]}]}")
                        .replace("matrix", "vector"));
        assertThat(why(ask())).isEqualTo("the query gives a native histogram; it must give one number");
    }

    @Test
    void warningsAreKept() {
        behaviour = (exchange, _) -> answer(
                exchange,
                200,
                matrix("").replaceFirst("}$", ",\"warnings\":[\"store-2 did not answer\"],\"infos\":[\"hm\"]}"));
        PrometheusResult<List<Series>> partial = samples(START, START.plusSeconds(6));
        assertThat(partial).isEqualTo(new Data<>(List.of(), List.of("store-2 did not answer")));
        assertThat(partial.whole())
                .isEqualTo(new ProviderError<>("Prometheus answers with a warning: store-2 did not answer"));
    }

    /** A number over a part of the pods may be below a limit that all together are above. */
    @Test
    void aPartialNumberIsNone() {
        behaviour = (exchange, _) ->
                answer(exchange, 200, one("1").replaceFirst("}$", ",\"warnings\":[\"store-2 did not answer\"]}"));
        assertThat(ask()).isEqualTo(new Data<>(new Reading.Value(1), List.of("store-2 did not answer")));
        assertThat(Readings.number(ask()))
                .isEqualTo(new Reading.Unavailable("Prometheus answers with a warning: store-2 did not answer"));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 4})
    void whatIsTooLargeIsNotRead(int mebibytes) {
        AtomicReference<@Nullable IOException> cut = new AtomicReference<>();
        CountDownLatch done = new CountDownLatch(1);
        behaviour = (exchange, _) -> {
            byte[] samples = "[1767225601,\"3\"],".repeat(4096).getBytes(StandardCharsets.UTF_8);
            try {
                exchange.sendResponseHeaders(200, 0);
                exchange.getResponseBody()
                        .write("{\"data\":{\"resultType\":\"matrix\",\"result\":[{\"values\":["
                                .getBytes(StandardCharsets.UTF_8));
                for (long sent = 0; sent < 200L << 20; sent += samples.length) {
                    exchange.getResponseBody().write(samples);
                }
            } catch (IOException e) {
                cut.set(e);
            } finally {
                done.countDown();
            }
        };
        PrometheusResult<?> result = mebibytes == 1 ? ask() : samples(START, START.plusSeconds(5));
        assertThat(result).isInstanceOf(ConfigError.class);
        assertThat(why(result))
                .contains("larger than %d MiB: narrow the".formatted(mebibytes))
                .endsWith(mebibytes == 1 ? "query" : "so that they match fewer series");
        await().until(() -> done.getCount() == 0);
        assertThat(cut.get()).as("the server could not send all of it").isNotNull();
    }

    /** Catching up is more than one answer may have: the next look must not begin again with what is too large. */
    @Test
    void whatIsTooLargeIsAskedForInHalvesAndOnlyOnce() {
        String many = "[1767225601,\"3\"],".repeat(300_000) + "[1767225601,\"3\"]";
        prometheus = prometheus(Duration.ofSeconds(2));
        behaviour = (exchange, form) -> {
            if (form.contains("5m")) {
                passGate();
            }
            answer(
                    exchange,
                    200,
                    matrix("{'metric':{},'values':[%s]}".formatted(form.contains("10m") ? many : "[1767225660,'1']")));
        };
        assertThat(why(samples(START, START.plusSeconds(600)))).contains("did not answer in time");
        gate.release(2);
        await().until(() -> underWay.get() == 0);
        assertThat(samples(START, START.plusSeconds(600)))
                .isEqualTo(new Data<>(
                        List.of(new Series(Map.of(), List.of(new Sample(1_767_225_660_000L, 1)))), List.of()));
        assertThat(forms.stream().map(f -> URLDecoder.decode(f, StandardCharsets.UTF_8)))
                .containsExactlyInAnyOrder(
                        "query=x[10m]&timeout=60000ms&time=1767226200.000",
                        "query=x[5m]&timeout=60000ms&time=1767225900.000",
                        "query=x[5m]&timeout=60000ms&time=1767226200.000");
        samples(START, START.plusSeconds(600));
        assertThat(forms).as("what was taken is asked anew").hasSize(6);
    }

    @Test
    void whatIsTooMuchForPrometheusIsAskedForInHalves() {
        behaviour = (exchange, form) -> {
            if (form.contains("10m")) {
                answer(exchange, 422, error("execution", "query processing would load too many samples into memory"));
            } else {
                answer(exchange, 200, matrix("{'metric':{},'values':[[1767225660,'1']]}"));
            }
        };
        assertThat(samples(START, START.plusSeconds(600)))
                .isEqualTo(new Data<>(
                        List.of(new Series(Map.of(), List.of(new Sample(1_767_225_660_000L, 1)))), List.of()));
        assertThat(forms).as("all of it, and its halves").hasSize(3);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    400 | Config   | refused the query (400): why
                    422 | Config   | refused the query (422): why
                    401 | Config   | check analysis.prometheus.auth
                    403 | Config   | may read
                    404 | Config   | check the path of analysis.prometheus.url
                    302 | Config   | go to http://elsewhere/
                    405 | Config   | check analysis.prometheus.url
                    429 | Provider | too much to do (429): why
                    500 | Provider | cannot answer (500): why
                    502 | Provider | cannot answer (502): why
                    503 | Provider | cannot answer (503): why
                    """)
    void whoIsAtFaultIsToldByTheStatus(int status, String kind, String told) {
        behaviour = (exchange, _) -> {
            exchange.getResponseHeaders().set("Location", "http://elsewhere/");
            answer(exchange, status, error("some", "why"));
        };
        PrometheusResult<Reading> result = ask();
        assertThat(result).isInstanceOf(kind.equals("Config") ? ConfigError.class : ProviderError.class);
        assertThat(why(result)).contains(told);
    }

    @Test
    void aRefusalThatIsNotPrometheusOwnPointsAtTheUrl() {
        behaviour = (exchange, _) -> answer(exchange, 400, "Client sent an HTTP request to an HTTPS server.");
        assertThat(ask()).isInstanceOf(ConfigError.class);
        assertThat(why(ask())).contains("answers 400, not as its API does: check analysis.prometheus.url");
    }

    @Test
    void whatIsNotJsonIsAnOutage() {
        behaviour = (exchange, _) -> answer(exchange, 200, "<html>please log in</html>");
        assertThat(ask()).isEqualTo(new ProviderError<>("Prometheus answered 200 with something else than JSON"));
    }

    @Test
    void aQueryThatTakesTooLongStopsNobodyElse() {
        behaviour = (exchange, form) -> {
            if (form.startsWith("query=heavy")) {
                passGate();
                answer(exchange, 503, error("timeout", "query timed out in expression evaluation"));
            } else {
                answer(exchange, 200, one("1"));
            }
        };
        Future<PrometheusResult<Reading>> heavy = threads.submit(() -> ask(null, "heavy"));
        await().until(() -> underWay.get() == 1);
        now = now.plusSeconds(1);
        ask();
        gate.release();
        await().until(heavy::isDone);
        assertThat(why(Objects.requireNonNull(heavy.resultNow()))).contains("gave the query up (503)");
        assertThat(ask()).isInstanceOf(Data.class);
    }

    /** Everything that a server can put its words in: the token as it is, encoded, in each kind of text. */
    @ParameterizedTest
    @ValueSource(ints = {200, 302, 400, 403, 422, 429, 500, 503})
    void whatTheServerEchoesIsRedacted(int status) {
        String echo = "got %s and %s".formatted(TOKEN, "s3cr3t%2Ftoken%2B42%3D");
        behaviour = (exchange, _) -> {
            assertThat(exchange.getRequestHeaders().getFirst("Authorization")).isEqualTo("Bearer " + TOKEN);
            exchange.getResponseHeaders().set("Location", "http://p/?t=s3cr3t%2Ftoken%2B42%3D");
            answer(
                    exchange,
                    status,
                    "{\"status\":\"%s\",\"error\":\"%s\",\"warnings\":[\"%s\"],\"data\":{\"resultType\":\"vector\",\"result\":[{\"metric\":{\"x\":\"%s\"},\"value\":[1,\"%s\"]}]}}"
                            .formatted(status == 200 ? "success" : "error", echo, echo, echo, echo));
        };
        List<PrometheusResult<?>> told = new ArrayList<>();
        told.add(ask(bearer(), "up"));
        now = now.plusSeconds(1);
        told.add(ask(bearer(), "up")); // in the back-off, where there is one
        now = now.plusSeconds(20);
        told.add(prometheus
                .samples(source(bearer()), "shop", List.of("x"), START, START.plusSeconds(5))
                .getFirst());
        now = now.plusSeconds(60);
        told.add(prometheus
                .steps(source(bearer()), "shop", List.of("x"), Duration.ofSeconds(1), START, START.plusSeconds(5))
                .getFirst());

        assertThat(told.toString()).doesNotContain("s3cr3t").doesNotContain("token");
        assertThat(told.toString())
                .contains(status == 302 ? "answers 302" : status == 200 ? "(redacted)" : "Prometheus");
    }

    /** Most looks ask nothing: no metric is due. */
    @Test
    void whoAsksNothingReadsNoSecret() {
        prometheus = new Prometheus(
                PATIENT,
                new Credentials(
                        (_, _) -> {
                            throw new IllegalStateException("read");
                        },
                        () -> now),
                () -> now);
        assertThat(prometheus.ask(source(bearer()), "shop", List.of())).isEmpty();
        assertThat(prometheus.samples(source(bearer()), "shop", List.of(), START, START.plusSeconds(5)))
                .isEmpty();
    }

    @Test
    void aRotatedSecretIsSent() {
        List<String> seen = new ArrayList<>();
        behaviour = (exchange, _) -> {
            seen.add(exchange.getRequestHeaders().getFirst("Authorization"));
            answer(exchange, 200, one("1"));
        };
        ask(bearer(), "up");
        token = "fresh";
        now = now.plus(Credentials.REREAD);
        ask(bearer(), "up");
        assertThat(seen).containsExactly("Bearer " + TOKEN, "Bearer fresh");
    }

    /** What Prometheus evaluates at steps is a subquery; it needs brackets around what is no selector. */
    @Test
    void stepsAreASubquery() {
        List<String> asked = new ArrayList<>();
        behaviour = (exchange, form) -> {
            asked.add(URLDecoder.decode(form, StandardCharsets.UTF_8).replaceAll("&.*", ""));
            answer(exchange, 200, matrix(""));
        };
        assertThat(prometheus.steps(
                        source(null), "shop", List.of("sum(x)"), Duration.ofSeconds(30), START, START.plusSeconds(90)))
                .containsExactly(new Data<>(List.of(), List.of()));
        assertThat(asked).containsExactly("query=(sum(x))[1m30s:30s]");
    }
}
