package dev.segue.e2e.prometheus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpServer;
import dev.segue.api.PrometheusSource;
import dev.segue.shell.Credentials;
import dev.segue.shell.Prometheus;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Segue's client on real servers that load few samples for one query: their {@code --query.max-samples}. */
@Timeout(120)
class SampleLimitIT {
    private static final String SAMPLES = "shop_requests_total";
    private static final int COUNT = 60;
    private static final int LIMIT = 40;
    private static final Duration BETWEEN = Duration.ofSeconds(10);

    /** A server that has just started may wait for its turn as long as others use the machine. */
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    static Stream<Path> programs() {
        return RunningPrometheus.programs().stream();
    }

    @ParameterizedTest
    @MethodSource("programs")
    void samplesThatAreTooManyAtOnceAreReadInParts(Path program, @TempDir Path folder) throws Exception {
        Instant end = Instant.now();
        Instant begin = end.minus(BETWEEN.multipliedBy(COUNT));
        HttpServer pods = scraped(begin);
        try (var server = new RunningPrometheus(
                program, folder, """
                global: {scrape_interval: 500ms, scrape_timeout: 500ms}
                scrape_configs:
                - job_name: shop
                  static_configs: [{targets: ['127.0.0.1:%d']}]
                """.formatted(pods.getAddress().getPort()), "", "--query.max-samples=" + LIMIT)) {
            var prometheus = new Prometheus(
                    Prometheus.ANSWER, new Credentials((_, _) -> null, InstantSource.system()), InstantSource.system());
            var source = new PrometheusSource("http://" + server.address(), null, null, null, null);
            await("all samples")
                    .atMost(PATIENCE)
                    .untilAsserted(() -> assertThat(Scrapes.series(prometheus
                                    .samples(source, "shop", List.of(SAMPLES), begin, end)
                                    .getFirst()))
                            .hasSize(COUNT)
                            .allMatch(series -> series.samples().size() == 1));
            HttpResponse<String> whole = ask(
                    server,
                    "%s[%ds]".formatted(SAMPLES, Duration.between(begin, end).toSeconds()));
            assertThat(whole.statusCode())
                    .as("all of them at once: %s", whole.body())
                    .isEqualTo(422);
        } finally {
            pods.stop(0);
        }
    }

    /** As many series as samples, one after the other in time: Prometheus keeps the times that it is told. */
    private static HttpServer scraped(Instant begin) throws IOException {
        String page = IntStream.rangeClosed(1, COUNT)
                .mapToObj(i -> "%s{pod=\"shop-%d\"} 1 %d\n"
                        .formatted(
                                SAMPLES, i, begin.plus(BETWEEN.multipliedBy(i)).toEpochMilli()))
                .collect(Collectors.joining());
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/metrics", exchange -> {
            byte[] body = page.getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().set("Content-Type", "text/plain; version=0.0.4");
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        server.start();
        return server;
    }

    private static HttpResponse<String> ask(RunningPrometheus server, String query)
            throws IOException, InterruptedException {
        try (HttpClient client = HttpClient.newHttpClient()) {
            URI uri = URI.create("http://%s/api/v1/query?query=%s"
                    .formatted(server.address(), URLEncoder.encode(query, StandardCharsets.UTF_8)));
            return client.send(HttpRequest.newBuilder(uri).build(), BodyHandlers.ofString());
        }
    }
}
