package dev.segue.e2e.prometheus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpServer;
import dev.segue.analysis.Arms;
import dev.segue.analysis.Buckets;
import dev.segue.analysis.Counters;
import dev.segue.analysis.Counting;
import dev.segue.analysis.Counts;
import dev.segue.analysis.Reading;
import dev.segue.analysis.Series;
import dev.segue.analysis.Series.Sample;
import dev.segue.api.PrometheusSource;
import dev.segue.api.PrometheusSource.Auth;
import dev.segue.api.PrometheusSource.Basic;
import dev.segue.api.PrometheusSource.Bearer;
import dev.segue.api.PrometheusSource.Tls;
import dev.segue.shell.CountReader;
import dev.segue.shell.Credentials;
import dev.segue.shell.Prometheus;
import dev.segue.shell.PrometheusResult;
import dev.segue.shell.PrometheusResult.ConfigError;
import dev.segue.shell.PrometheusResult.Data;
import dev.segue.shell.PrometheusResult.ProviderError;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Segue's client on real servers: the current Prometheus and 2.42, which both scrape counters that are known exactly. */
@Timeout(120)
class PrometheusIT {
    /** A server that has just started may wait for its turn as long as others use the machine. */
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private static final String NAMESPACE = "shop";
    private static final String REQUESTS = "shop_requests_total{job=\"shop\"}";
    private static final String NOTHING_TO_SCRAPE = "global: {scrape_interval: 1h}\n";

    /** Of "open sesame"; the smallest cost, so that a request takes no time. */
    private static final String HASH = "$2b$05$abcdefghijklmnopqrstuupx2xBUC4954936wVIjyyPHmUBFu0wCW";

    @TempDir
    private static Path folder;

    private static final Map<String, Secret> SECRETS = new ConcurrentHashMap<>();
    private static final List<Fleet> FLEETS = new ArrayList<>();

    /**
     * Goes ahead of the time when a test lets it: so a back-off passes without waiting for it. It never goes back, or a rest
     * that was over would begin again, with what the server said while it started.
     */
    private volatile Duration ahead = Duration.ZERO;

    /** When a test stops the clock; null while it goes. */
    private volatile @Nullable Instant still;

    private final Prometheus prometheus = new Prometheus(
            Prometheus.ANSWER,
            new Credentials((namespace, name) -> SECRETS.get(namespace + "/" + name), this::now),
            this::now);

    private Instant now() {
        Instant stopped = still;
        return (stopped == null ? Instant.now() : stopped).plus(ahead);
    }

    /**
     * Two replicas that scrape the same pods, and one that has the series of both, told apart by a label, as Thanos and
     * Mimir would show them.
     */
    record Fleet(
            String version, Path program, Shop shop, RunningPrometheus a, RunningPrometheus b, RunningPrometheus both) {
        static Fleet start(Path program) throws IOException {
            String version = program.toString().contains("2.42") ? "2.42" : "3";
            Shop shop = new Shop();
            RunningPrometheus a = replica(program, version, shop, "a");
            RunningPrometheus b = replica(program, version, shop, "b");
            String federation = """
                    global: {scrape_interval: 500ms, scrape_timeout: 500ms}
                    scrape_configs:
                    - job_name: federate
                      honor_labels: true
                      metrics_path: /federate
                      params: {'match[]': ['{job="shop"}']}
                      static_configs: [{targets: ['%s', '%s']}]
                    """.formatted(a.address(), b.address());
            return new Fleet(
                    version,
                    program,
                    shop,
                    a,
                    b,
                    new RunningPrometheus(program, folder.resolve(version + "-both"), federation, ""));
        }

        private static RunningPrometheus replica(Path program, String version, Shop shop, String name)
                throws IOException {
            return new RunningPrometheus(
                    program, folder.resolve(version + "-" + name), """
                    global: {scrape_interval: 500ms, scrape_timeout: 500ms, external_labels: {replica: %s}}
                    scrape_configs:
                    - job_name: shop
                      static_configs:
                      - {targets: ['127.0.0.1:%2$d'], labels: {pod: old-1, __metrics_path__: /old-1}}
                      - {targets: ['127.0.0.1:%2$d'], labels: {pod: new-1, __metrics_path__: /new-1}}
                      - {targets: ['127.0.0.1:%2$d'], labels: {pod: slow-1, __metrics_path__: /slow-1}}
                    """.formatted(name, shop.port()), "");
        }

        void stop() {
            both.close();
            b.close();
            a.close();
            shop.close();
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

    private static PrometheusSource source(RunningPrometheus server) {
        return source("http://" + server.address(), null, null);
    }

    private static PrometheusSource source(String url, @Nullable Auth auth, @Nullable Tls tls) {
        return new PrometheusSource(url, null, null, auth, tls);
    }

    private static void secret(String name, Map<String, String> data) {
        Map<String, String> base64 = new HashMap<>();
        data.forEach((key, value) ->
                base64.put(key, Base64.getEncoder().encodeToString(value.getBytes(StandardCharsets.UTF_8))));
        SECRETS.put(
                NAMESPACE + "/" + name,
                new SecretBuilder()
                        .withNewMetadata()
                        .addToLabels(PrometheusSource.SECRET_LABEL, "true")
                        .endMetadata()
                        .withData(base64)
                        .build());
    }

    private PrometheusResult<Reading> ask(PrometheusSource source) {
        return prometheus.numbers(source, NAMESPACE, List.of("vector(42)")).getFirst();
    }

    private void answers(PrometheusSource source) {
        await("an answer of " + source.url()).atMost(PATIENCE).untilAsserted(() -> {
            ahead = ahead.plusMinutes(2);
            assertThat(ask(source)).isEqualTo(new Data<>(new Reading.Value(42), List.of()));
        });
    }

    private List<Series> samples(RunningPrometheus server, String selector, Instant from, Instant to) {
        PrometheusResult<List<Series>> result = prometheus
                .samples(source(server), NAMESPACE, List.of(selector), from, to)
                .getFirst();
        return result instanceof Data<List<Series>> data ? data.value() : List.of();
    }

    /**
     * A time between what the pod shows and what it shows next: before it, each replica has scraped this, and after it once
     * more, so that no scrape is under way that belongs to before and reads what comes.
     */
    private Instant boundary(RunningPrometheus server, String pod, int replicas) {
        scraped(server, pod, replicas, Instant.now());
        Instant boundary = Instant.now();
        scraped(server, pod, replicas, boundary);
        return boundary;
    }

    private void scraped(RunningPrometheus server, String pod, int replicas, Instant since) {
        await("%d replicas have scraped %s".formatted(replicas, pod))
                .atMost(PATIENCE)
                .until(() -> {
                    Instant soon = Instant.now().plusSeconds(5);
                    return samples(server, "shop_requests_total{pod=\"%s\",code=\"200\"}".formatted(pod), since, soon)
                                    .size()
                            == replicas;
                });
    }

    private static Map<String, Long> page(long good, long bad) {
        Map<String, Long> page = new HashMap<>();
        page.put("shop_requests_total{code=\"200\"}", good);
        if (bad > 0) {
            page.put("shop_requests_total{code=\"500\"}", bad);
        }
        return page;
    }

    /** By pod and code, the growth in each interval. */
    private static Map<String, List<Double>> growth(List<Series> series, Set<String> replicas, List<Instant> bounds) {
        Map<String, List<Double>> growth = new HashMap<>();
        Counters.growth(
                        series,
                        replicas,
                        bounds.stream().map(Instant::toEpochMilli).toList())
                .forEach((labels, values) -> growth.merge(
                        labels.get("pod") + " " + labels.get("code"),
                        Arrays.stream(values).boxed().toList(),
                        (one, other) -> {
                            List<Double> sum = new ArrayList<>();
                            for (int i = 0; i < one.size(); i++) {
                                sum.add(one.get(i) + other.get(i));
                            }
                            return sum;
                        }));
        return growth;
    }

    /**
     * Requests, errors that are new, a restart, and a pod that starts, from its first sample on: exactly, and once for all
     * replicas.
     */
    @ParameterizedTest
    @MethodSource("fleets")
    void countsExactly(Fleet fleet) {
        RunningPrometheus server = fleet.both();
        Shop shop = fleet.shop();
        shop.show("old-1", page(1_000, 0));
        Instant start = boundary(server, "old-1", 2);
        shop.show("old-1", page(1_037, 2));
        Instant errors = boundary(server, "old-1", 2);
        shop.show("old-1", page(5, 0));
        shop.show("new-1", page(3, 1));
        scraped(server, "new-1", 2, Instant.now());
        Instant restart = boundary(server, "old-1", 2);
        shop.show("new-1", page(10, 1));
        scraped(server, "new-1", 2, Instant.now());
        Instant end = boundary(server, "old-1", 2);

        List<Instant> bounds = List.of(start, errors, restart, end);
        List<Series> series = samples(server, REQUESTS, start.minusSeconds(300), end);
        Map<String, List<Double>> counted = growth(series, Set.of("replica"), bounds);
        assertThat(counted)
                .containsEntry("old-1 200", List.of(37., 5., 0.))
                .containsEntry("old-1 500", List.of(2., 0., 0.))
                .containsEntry("new-1 200", List.of(0., 0., 7.))
                .containsEntry("new-1 500", List.of(0., 0., 0.));

        assertThat(Arms.replicas(List.of(series)))
                .as("found out by the times of the samples")
                .contains("replica");
        assertThat(growth(series, Set.of(), bounds))
                .as("there are two of each")
                .containsEntry("old-1 200", List.of(74., 10., 0.));
        for (RunningPrometheus replica : List.of(fleet.a(), fleet.b())) {
            assertThat(growth(samples(replica, REQUESTS, start.minusSeconds(300), end), Set.of("replica"), bounds))
                    .as("each replica by itself")
                    .containsEntry("old-1 200", List.of(37., 5., 0.))
                    .containsEntry("old-1 500", List.of(2., 0., 0.));
        }
    }

    /** An application may have a label of the name that others give their servers. */
    @ParameterizedTest
    @MethodSource("fleets")
    void aLabelReplicaOfTheApplicationIsNoServers(Fleet fleet) {
        Map<String, Long> page = new HashMap<>(page(1, 0));
        page.put("shop_queue_total{replica=\"x\"}", 5L);
        page.put("shop_queue_total{replica=\"y\"}", 7L);
        fleet.shop().show("slow-1", page);
        Instant from = Instant.now();
        await().untilAsserted(() -> assertThat(samples(
                        fleet.a(), "shop_queue_total", from, Instant.now().plusSeconds(5)))
                .hasSize(2));
        assertThat(Arms.replicas(List.of(samples(
                        fleet.a(), "shop_queue_total", from, Instant.now().plusSeconds(5)))))
                .doesNotContain("replica");
    }

    /** In Prometheus' own numbers: a name that there is not, a label that there is not, and pods that there are not. */
    @ParameterizedTest
    @MethodSource("fleets")
    void whatDoesNotExistIsTold(Fleet fleet) {
        fleet.shop().show("old-1", page(1, 1));
        boundary(fleet.a(), "old-1", 1);
        assertThat(absent(fleet, "shop_requestz_total{pod=~\"$pods\"}", "x"))
                .isEqualTo("Prometheus has no metric shop_requestz_total");
        assertThat(absent(fleet, "shop_requests_total{pod=~\"$pods\",kode='200'}", "x"))
                .matches(
                        "Prometheus has [0-9]+ series of shop_requests_total, but none with pod=~\"none-.*\", and none with kode='200'");
        assertThat(absent(fleet, "up{job=\"shop\",pod=~\"old-1|$pods\"}", "shop_requests_total{kode=~\"5..\"}"))
                .matches("nothing would ever be bad: .* of shop_requests_total, but none with a label kode");
        assertThat(absent(fleet, "up{job=\"shop\",pod=~\"old-1|$pods\"}", "shop_requests_total{code=~\"6..\"}"))
                .as("it is there, and nothing was bad")
                .isNull();
    }

    private @Nullable String absent(Fleet fleet, String total, String bad) {
        Instant now = Instant.now().truncatedTo(ChronoUnit.SECONDS);
        Reading history = new CountReader(prometheus, source(fleet.a()), NAMESPACE)
                .history(
                        new Arms("none", null),
                        List.of(new CountReader.Due(
                                "errors", new Counting(total, bad, null, null), List.of(now.minusSeconds(2), now))),
                        Duration.ofSeconds(2))
                .get("errors");
        assertThat(history).isInstanceOf(Reading.History.class);
        return ((Reading.History) Objects.requireNonNull(history)).absent();
    }

    /** A sum of counters would fall when the errors' series goes, and be taken for a restart. */
    @ParameterizedTest
    @MethodSource("fleets")
    void theHistoryGrowsByWhatEachSeriesGrewBy(Fleet fleet) {
        RunningPrometheus server = fleet.a();
        Shop shop = fleet.shop();
        shop.show("old-1", page(1_000, 400));
        Instant from = second(server);
        shop.show("old-1", page(1_037, 402));
        second(server);
        shop.show("old-1", page(1_050, 0));
        second(server);
        shop.show("old-1", page(1_060, 1));
        second(server);
        shop.show("old-1", page(5, 0));
        Instant to = second(server);

        Duration step = Duration.ofSeconds(1);
        Counting counting = new Counting(
                "shop_requests_total{pod=~\"$pods\"}", "shop_requests_total{code=\"500\",pod=~\"$pods\"}", null, null);
        List<List<Series>> answers = new ArrayList<>();
        for (PrometheusResult<List<Series>> answer : prometheus.steps(
                source(server),
                NAMESPACE,
                counting.growth(NAMESPACE, "old-1", step, Arms.replicas(List.of())),
                step,
                from,
                to)) {
            assertThat(answer).isInstanceOf(Data.class);
            Data<List<Series>> data = (Data<List<Series>>) answer;
            assertThat(data.warnings()).isEmpty();
            answers.add(data.value());
        }
        List<Instant> bounds =
                Stream.iterate(from, b -> !b.isAfter(to), b -> b.plus(step)).toList();
        assertThat(Arms.history(counting, answers, bounds).stream()
                        .flatMap(pods -> pods.values().stream())
                        .reduce(Counts.NONE, Counts::plus))
                .isEqualTo(new Counts(2 + 1, 37 + 2 + 13 + 10 + 1 + 5));
    }

    /** A whole second, of which what is shown now has been scraped before and after. */
    private Instant second(RunningPrometheus server) {
        Instant second =
                boundary(server, "old-1", 1).truncatedTo(ChronoUnit.SECONDS).plusSeconds(1);
        scraped(server, "old-1", 1, second);
        return second;
    }

    /** Prometheus 2 counts the sample at the beginning of a range to it; both give the same here. */
    @ParameterizedTest
    @MethodSource("fleets")
    void givesEachSampleOnceWhereverTheRangeBegins(Fleet fleet) {
        fleet.shop().show("old-1", page(1, 0));
        boundary(fleet.a(), "old-1", 1);
        String one = "shop_requests_total{pod=\"old-1\",code=\"200\"}";
        Instant end = Instant.now();
        List<Sample> all =
                samples(fleet.a(), one, end.minusSeconds(30), end).getFirst().samples();
        await().until(() -> samples(fleet.a(), one, end.minusSeconds(30), Instant.now())
                        .getFirst()
                        .samples()
                        .size()
                > all.size() + 2);
        List<Sample> now = samples(fleet.a(), one, end.minusSeconds(30), Instant.now())
                .getFirst()
                .samples();
        Instant third = Instant.ofEpochMilli(now.get(2).at());

        assertThat(samples(fleet.a(), one, third, Instant.now()).getFirst().samples())
                .as("without the one at the beginning")
                .startsWith(now.get(3));
        assertThat(samples(fleet.a(), one, end.minusSeconds(30), third)
                        .getFirst()
                        .samples())
                .as("with the one at the end")
                .endsWith(now.get(2));
        // An hour later in between: the pieces meet at this sample.
        assertThat(samples(fleet.a(), one, third.minusSeconds(3600), third.plusMillis(1))
                        .getFirst()
                        .samples())
                .filteredOn(s -> s.at() == third.toEpochMilli())
                .hasSize(1);
    }

    @ParameterizedTest
    @MethodSource("fleets")
    void readsBucketsInEitherFormat(Fleet fleet) {
        Shop shop = fleet.shop();
        Map<String, Long> page = page(1, 0);
        page.putAll(buckets(0, 0, 0));
        shop.show("slow-1", page);
        Instant start = boundary(fleet.a(), "slow-1", 1);
        page.putAll(buckets(60, 95, 100));
        shop.show("slow-1", page);
        Instant end = boundary(fleet.a(), "slow-1", 1);

        String selector = "shop_seconds_bucket{pod=\"slow-1\"}";
        List<Series> series = samples(fleet.a(), selector, start.minusSeconds(300), end);
        assertThat(series)
                .extracting(s -> s.labels().get("le"))
                .as("how this version writes them")
                .containsExactlyInAnyOrder("0.5", fleet.version().equals("2.42") ? "1" : "1.0", "+Inf");
        assertThat(samples(
                        fleet.a(), "shop_seconds_bucket{pod=\"slow-1\",le=~\"1|1[.]0\"}", start.minusSeconds(300), end))
                .hasSize(1);
        Map<String, Double> byLe = new HashMap<>();
        Counters.growth(series, Set.of(), List.of(start.toEpochMilli(), end.toEpochMilli()))
                .forEach((labels, values) -> byLe.put(labels.get("le"), values[0]));
        assertThat(byLe).as("the same of either version").containsOnlyKeys("0.5", "1.0", "Infinity");
        assertThat(Buckets.of(byLe).over(1)).contains(new Counts(5, 100));
        assertThat(Buckets.of(byLe).over(0.5)).contains(new Counts(40, 100));
    }

    private static Map<String, Long> buckets(long half, long one, long all) {
        return Map.of(
                "shop_seconds_bucket{le=\"0.5\"}", half,
                "shop_seconds_bucket{le=\"1\"}", one,
                "shop_seconds_bucket{le=\"+Inf\"}", all,
                "shop_seconds_sum", 1L,
                "shop_seconds_count", all);
    }

    @ParameterizedTest
    @MethodSource("fleets")
    void aWrongQueryIsRefusedInPrometheusOwnWords(Fleet fleet) throws Exception {
        answers(source(fleet.a()));
        String words = error(fleet.a(), "sum(");
        String ofSelector = error(fleet.a(), "sum(x)[5m]");
        assertThat(words).contains("parse error");

        assertThat(prometheus.numbers(source(fleet.a()), NAMESPACE, List.of("vector(1)", "sum(")))
                .satisfiesExactly(
                        good -> assertThat(good).isInstanceOf(Data.class),
                        refused -> assertThat(refused)
                                .isInstanceOfSatisfying(
                                        ConfigError.class,
                                        e -> assertThat(e.why())
                                                .contains("Prometheus refused the query (400): " + words)));
        Instant now = Instant.now();
        assertThat(prometheus
                        .samples(source(fleet.a()), NAMESPACE, List.of("sum(x)", "x{"), now.minusSeconds(300), now)
                        .toString())
                .contains("Prometheus refused the query (400): " + ofSelector, error(fleet.a(), "x{[5m]"));
        assertThat(prometheus
                        .numbers(source(fleet.a()), NAMESPACE, List.of("up", "vector(1) / 0", "0/0", "x[5m]"))
                        .toString())
                .contains("the query found 3 series", "Infinity", "NaN", "a range or a string");
    }

    private static String error(RunningPrometheus server, String query) {
        try (HttpClient http = HttpClient.newHttpClient()) {
            HttpResponse<String> response = http.send(
                    HttpRequest.newBuilder(URI.create("http://" + server.address() + "/api/v1/query?query="
                                    + URLEncoder.encode(query, StandardCharsets.UTF_8)))
                            .build(),
                    BodyHandlers.ofString());
            return new ObjectMapper().readTree(response.body()).path("error").asText();
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @ParameterizedTest
    @MethodSource("fleets")
    void anOutageIsToldAndPasses(Fleet fleet) throws IOException {
        try (RunningPrometheus server = new RunningPrometheus(
                fleet.program(), folder.resolve(fleet.version() + "-outage"), NOTHING_TO_SCRAPE, "")) {
            answers(source(server));
            server.stop();
            still = Instant.now();
            assertThat(ask(source(server)))
                    .isInstanceOfSatisfying(
                            ProviderError.class, e -> assertThat(e.why()).contains("cannot be reached"));
            server.startAgain();
            assertThat(ask(source(server)))
                    .as("left alone for a while")
                    .isInstanceOfSatisfying(
                            ProviderError.class, e -> assertThat(e.why()).contains("cannot be reached"));
            answers(source(server));
        }
    }

    /** With a client key as cert-manager writes it, and a name in the certificate that is not the address. */
    @ParameterizedTest
    @MethodSource("fleets")
    void logsInByPasswordOverTlsWithAClientCertificate(Fleet fleet) throws IOException {
        Path place = folder.resolve(fleet.version() + "-tls");
        Authority authority = new Authority(place.resolve("ca"));
        Authority stranger = new Authority(place.resolve("stranger"));
        Path certificate = authority.issue("server", "rsa:2048", "DNS:prometheus.example.com");
        authority.issue("client", "rsa:2048", "DNS:segue");
        authority.toPkcs1("client");
        authority.issue("modern", "ec -pkeyopt ec_paramgen_curve:prime256v1", "DNS:segue");
        assertThat(authority.read("client.key")).contains("BEGIN RSA PRIVATE KEY");
        String web = """
                tls_server_config:
                  cert_file: %s.crt
                  key_file: %s.key
                  client_auth_type: RequireAndVerifyClientCert
                  client_ca_file: %s/ca/ca.crt
                basic_auth_users: {segue: '%s'}
                """.formatted(certificate, certificate, place, HASH);
        secret("login", Map.of("username", "segue", "password", "open sesame\n"));
        secret("wrong-login", Map.of("username", "segue", "password", "open barley"));
        secret("ca", Map.of("ca.crt", authority.read("ca.crt")));
        secret("other-ca", Map.of("ca.crt", stranger.read("ca.crt")));
        secret("client", Map.of("tls.crt", authority.read("client.crt"), "tls.key", authority.read("client.key")));
        secret("modern", Map.of("tls.crt", authority.read("modern.crt"), "tls.key", authority.read("modern.key")));
        try (RunningPrometheus server = new RunningPrometheus(fleet.program(), place, NOTHING_TO_SCRAPE, web)) {
            String url = "https://" + server.address();
            Auth login = new Auth(null, new Basic("login", null, null));
            String name = "prometheus.example.com";
            answers(source(url, login, tls("ca", "client", name)));
            assertThat(ask(source(url, login, tls("ca", "modern", name)))).isInstanceOf(Data.class);

            refused(
                    source(url, new Auth(null, new Basic("wrong-login", null, null)), tls("ca", "client", name)),
                    "(401): check analysis.prometheus.auth");
            refused(source(url, null, tls("ca", "client", name)), "(401): check analysis.prometheus.auth");
            refused(source(url, login, tls("other-ca", "client", name)), "check analysis.prometheus.tls");
            refused(source(url, login, tls("ca", "client", "other.example.com")), "not for other.example.com");
            refused(source(url, login, tls("ca", "client", null)), "check analysis.prometheus.tls");
            refused(source(url, login, null), "check analysis.prometheus.tls");
            // The server hangs up on what is still being sent; its reason may get lost on the way, so either error is
            // right.
            assertThat(ask(source(url, login, tls("ca", null, name)))).isNotInstanceOf(Data.class);
            assertThat(ask(source("http://" + server.address(), login, null))).isNotInstanceOf(Data.class);
            assertThat(ask(source(url, login, new Tls(null, "client", null, true))))
                    .as("nothing is checked")
                    .isInstanceOf(Data.class);
        }
    }

    private static Tls tls(String ca, @Nullable String client, @Nullable String serverName) {
        return new Tls(new PrometheusSource.Authority(ca, null), client, serverName, null);
    }

    private void refused(PrometheusSource source, String why) {
        assertThat(ask(source))
                .isInstanceOfSatisfying(
                        ConfigError.class,
                        e -> assertThat(e.why())
                                .contains(why)
                                .doesNotContain("sesame")
                                .doesNotContain("barley"));
    }

    /** Prometheus knows no tokens; those in front of it do. */
    @Test
    void logsInByTokenAtAProxyInFrontAndKeepsUpWithItsRotation() throws IOException {
        RunningPrometheus server = FLEETS.getFirst().a();
        answers(source(server));
        AtomicReference<String> wanted = new AtomicReference<>("first-token");
        HttpServer proxy = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        proxy.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        proxy.createContext("/prometheus/", exchange -> {
            try (exchange;
                    HttpClient http = HttpClient.newHttpClient()) {
                byte[] form = exchange.getRequestBody().readAllBytes();
                if (!("Bearer " + wanted.get())
                        .equals(exchange.getRequestHeaders().getFirst("Authorization"))) {
                    exchange.sendResponseHeaders(401, -1);
                    return;
                }
                String path = exchange.getRequestURI().getPath().replaceFirst("^/prometheus", "");
                HttpResponse<byte[]> answer = http.send(
                        HttpRequest.newBuilder(URI.create("http://" + server.address() + path))
                                .header("Content-Type", "application/x-www-form-urlencoded")
                                .POST(BodyPublishers.ofByteArray(form))
                                .build(),
                        BodyHandlers.ofByteArray());
                exchange.sendResponseHeaders(answer.statusCode(), answer.body().length);
                exchange.getResponseBody().write(answer.body());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        proxy.start();
        try {
            secret("token", Map.of("token", "first-token"));
            PrometheusSource source = source(
                    "http://127.0.0.1:%d/prometheus/"
                            .formatted(proxy.getAddress().getPort()),
                    new Auth(new Bearer("token", null), null),
                    null);
            assertThat(ask(source)).isInstanceOf(Data.class);
            wanted.set("second-token");
            secret("token", Map.of("token", "second-token"));
            assertThat(ask(source)).as("the old one is still in use").isInstanceOf(ConfigError.class);
            ahead = ahead.plus(Credentials.REREAD);
            assertThat(ask(source)).isInstanceOf(Data.class);
        } finally {
            proxy.stop(0);
        }
    }
}
