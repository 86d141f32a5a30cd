package dev.segue.e2e.prometheus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.segue.analysis.Arms;
import dev.segue.analysis.Counting;
import dev.segue.analysis.Counts;
import dev.segue.analysis.Interval;
import dev.segue.analysis.Observation;
import dev.segue.analysis.Reading;
import dev.segue.api.Metric;
import dev.segue.api.PrometheusSource;
import dev.segue.shell.CountReader;
import dev.segue.shell.CountReader.Due;
import dev.segue.shell.Credentials;
import dev.segue.shell.Prometheus;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.catalina.LifecycleException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The presets on what the libraries that they are named for really tell, by the names and labels that these have today. All
 * requests are sent once, as many of each kind as is written here, while the current Prometheus and 2.42 scrape; each preset is
 * then to count just these.
 */
@Timeout(120)
class PresetsIT {
    private static final List<String> PODS = List.of("old-aaaaa", "new-aaaaa", "spring-old-aaaaa", "spring-new-aaaaa");
    private static final Arms GO = new Arms("old", "new");
    private static final Arms SPRING = new Arms("spring-old", "spring-new");

    /** No request takes as long by chance. It is a bucket of promhttp and otelhttp as they come. */
    private static final String SLOW = "5s";

    /** How often the old and the new pods get which answer. */
    private record Sent(String query, int old, int young) {}

    private static final List<Sent> HTTP = List.of(
            new Sent("status=200", 40, 20),
            new Sent("status=404", 6, 8),
            new Sent("status=429", 0, 1),
            new Sent("status=500", 3, 0),
            new Sent("status=503", 2, 5),
            new Sent("status=200&seconds=6", 4, 1),
            new Sent("status=500&seconds=6", 1, 0));
    private static final Interval FAILED = new Interval(new Counts(6, 56), new Counts(5, 35));
    private static final Interval TOOK_LONG = new Interval(new Counts(5, 56), new Counts(1, 35));

    private static final List<Sent> GRPC = List.of(
            new Sent("code=OK", 30, 20),
            new Sent("code=Canceled", 3, 2),
            new Sent("code=InvalidArgument", 1, 1),
            new Sent("code=NotFound", 4, 3),
            new Sent("code=AlreadyExists", 1, 0),
            new Sent("code=PermissionDenied", 1, 0),
            new Sent("code=ResourceExhausted", 0, 1),
            new Sent("code=FailedPrecondition", 1, 0),
            new Sent("code=Aborted", 1, 0),
            new Sent("code=OutOfRange", 1, 0),
            new Sent("code=Unauthenticated", 0, 1),
            new Sent("code=Unknown", 1, 2),
            new Sent("code=DeadlineExceeded", 2, 1),
            new Sent("code=Unimplemented", 1, 1),
            new Sent("code=Internal", 2, 1),
            new Sent("code=Unavailable", 1, 1),
            new Sent("code=DataLoss", 1, 0));
    private static final List<Sent> PROBES = List.of(new Sent("code=OK", 7, 9));
    private static final Interval CALLS_FAILED = new Interval(new Counts(8, 51), new Counts(6, 34));

    @TempDir
    private static Path folder;

    private static final HttpClient CLIENT =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private static final List<AutoCloseable> STARTED = new ArrayList<>();

    /** Of each server, the interval in which the requests were sent. */
    private static final Map<Server, List<Instant>> SERVERS = new LinkedHashMap<>();

    private static final Prometheus PROMETHEUS = new Prometheus(
            Prometheus.ANSWER, new Credentials((_, _) -> null, InstantSource.system()), InstantSource.system());

    record Server(String version, PrometheusSource source) {
        Instant boundary() {
            return new Scrapes(PROMETHEUS, source).boundary(PODS.toArray(String[]::new));
        }

        @Override
        public String toString() {
            return "Prometheus " + version;
        }
    }

    private static <T extends AutoCloseable> T started(T one) {
        STARTED.add(one);
        return one;
    }

    @BeforeAll
    static void send() throws IOException, LifecycleException {
        Path program = Programs.of("presets").getFirst();
        String old = started(new GoShop(program, folder.resolve("old"))).address();
        String young = started(new GoShop(program, folder.resolve("new"))).address();
        String springOld = started(new SpringShop(folder.resolve("spring-old"))).address();
        String springYoung =
                started(new SpringShop(folder.resolve("spring-new"))).address();
        String configuration = """
                global: {scrape_interval: 500ms, scrape_timeout: 500ms}
                scrape_configs:
                - job_name: go
                  static_configs:
                  - {targets: ['%s'], labels: {namespace: shop, pod: old-aaaaa}}
                  - {targets: ['%s'], labels: {namespace: shop, pod: new-aaaaa}}
                - job_name: spring
                  metrics_path: /actuator/prometheus
                  static_configs:
                  - {targets: ['%s'], labels: {namespace: shop, pod: spring-old-aaaaa}}
                  - {targets: ['%s'], labels: {namespace: shop, pod: spring-new-aaaaa}}
                """.formatted(old, young, springOld, springYoung);
        List<Server> servers = new ArrayList<>();
        for (Path path : RunningPrometheus.programs()) {
            String version = path.toString().contains("2.42") ? "2.42" : "3";
            RunningPrometheus server =
                    started(new RunningPrometheus(path, folder.resolve("prometheus-" + version), configuration, ""));
            servers.add(
                    new Server(version, new PrometheusSource("http://" + server.address(), null, null, null, null)));
        }
        assertThat(servers).extracting(Server::version).containsExactly("3", "2.42");

        List<Sent> first = List.of(new Sent("status=200", 1, 1));
        List<Sent> firstCall = List.of(new Sent("code=OK", 1, 1));
        List<Load> go = List.of(
                new Load("/promhttp", first, HTTP),
                new Load("/otel", first, HTTP),
                new Load("/grpc", firstCall, GRPC),
                new Load("/probe", firstCall, PROBES));
        List<Load> spring = List.of(new Load("/orders", first, HTTP));
        Stream.concat(sent(go, Load::first, old, young), sent(spring, Load::first, springOld, springYoung))
                .toList()
                .forEach(CompletableFuture::join);
        Map<Server, Instant> from = new LinkedHashMap<>();
        servers.forEach(server -> from.put(server, server.boundary()));
        Stream.concat(sent(go, Load::counted, old, young), sent(spring, Load::counted, springOld, springYoung))
                .toList()
                .forEach(CompletableFuture::join);
        from.forEach((server, start) -> SERVERS.put(server, List.of(start, server.boundary())));
    }

    /**
     * What is sent to one path.
     *
     * @param first before the interval, as counters are there from their first request on
     */
    private record Load(String path, List<Sent> first, List<Sent> counted) {}

    private static Stream<CompletableFuture<Void>> sent(
            List<Load> loads, Function<Load, List<Sent>> which, String old, String young) {
        return loads.stream()
                .flatMap(load -> which.apply(load).stream()
                        .flatMap(sent -> Stream.concat(
                                sent(old, load.path(), sent.query(), sent.old()),
                                sent(young, load.path(), sent.query(), sent.young()))));
    }

    private static Stream<CompletableFuture<Void>> sent(String address, String path, String query, int times) {
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://" + address + path + "?" + query))
                .timeout(Duration.ofSeconds(60))
                .build();
        return IntStream.range(0, times)
                .mapToObj(_ -> CLIENT.sendAsync(request, BodyHandlers.ofString())
                        .thenAccept(answer -> assertThat(answer(query, answer))
                                .as("%s of %s", path, address)
                                .isEqualTo(query.split("&", 2)[0])));
    }

    private static String answer(String query, HttpResponse<String> answer) {
        return query.startsWith("code=") ? "code=" + answer.body() : "status=" + answer.statusCode();
    }

    @AfterAll
    static void stop() throws Exception {
        for (AutoCloseable one : STARTED.reversed()) {
            one.close();
        }
        CLIENT.close();
    }

    static Stream<Arguments> presets() {
        return SERVERS.keySet().stream()
                .flatMap(server -> Stream.of(
                        arguments(server, "go-promhttp/error-ratio", GO, FAILED),
                        arguments(server, "go-promhttp/latency", GO, TOOK_LONG),
                        arguments(server, "otel-http/error-ratio", GO, FAILED),
                        arguments(server, "otel-http/latency", GO, TOOK_LONG),
                        arguments(server, "grpc-go/error-ratio", GO, CALLS_FAILED),
                        arguments(server, "http-server/error-ratio", SPRING, FAILED),
                        arguments(server, "http-server/latency", SPRING, TOOK_LONG)));
    }

    @ParameterizedTest
    @MethodSource("presets")
    void countsWhatWasSent(Server server, String preset, Arms arms, Interval sent) {
        String slowerThan = preset.endsWith("/latency") ? SLOW : null;
        Counting counting =
                Counting.of(new Metric("shop", preset, null, null, slowerThan, null, null, null, null, null));
        Due due = new Due("shop", counting, Objects.requireNonNull(SERVERS.get(server)));
        Reading reading = new CountReader(PROMETHEUS, server.source(), "shop")
                .counted(arms, List.of(due), Duration.ofMinutes(5), Duration.ZERO)
                .get("shop");
        assertThat(reading)
                .isInstanceOfSatisfying(
                        Reading.Counted.class,
                        counted -> assertThat(counted.observations())
                                .extracting(Observation::counts)
                                .containsExactly(sent));
    }
}
