package dev.segue.e2e.shop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ShopTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final JsonNode IDENTITY =
            JSON.createObjectNode().put("version", "1.2.3").put("pod", "shop-abc");

    private final HttpClient http = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(10))
            .build();

    @Test
    void everyAnswerNamesVersionAndPod() throws Exception {
        try (Shop shop = shop(Map.of())) {
            assertThat((Object) JSON.readTree(get(shop, "/").body())).isEqualTo(IDENTITY);
            assertThat((Object) JSON.readTree(get(shop, "/slow?seconds=0.01").body()))
                    .isEqualTo(IDENTITY);
        }
    }

    @Test
    void slowTakesTheTimeAskedFor() throws Exception {
        try (Shop shop = shop(Map.of())) {
            long begin = System.nanoTime();
            assertThat(get(shop, "/slow?seconds=0.2").statusCode()).isEqualTo(200);
            assertThat(System.nanoTime() - begin).isGreaterThanOrEqualTo(TimeUnit.MILLISECONDS.toNanos(200));
        }
    }

    @ParameterizedTest
    @CsvSource({"/slow?seconds=many, 400", "/slow?seconds=-1, 400", "/slow?second=1, 400", "/nothing, 404"})
    void whatItCannotAnswerIsRefusedByName(String path, int status) throws Exception {
        try (Shop shop = shop(Map.of())) {
            HttpResponse<String> response = get(shop, path);
            assertThat(response.statusCode()).isEqualTo(status);
            assertThat(JSON.readTree(response.body()).path("version").asText()).isEqualTo("1.2.3");
            assertThat(JSON.readTree(response.body()).path("error").asText()).isNotEmpty();
        }
    }

    @Test
    void requestsOfUsersAreMeasuredInBucketsAndProbesAreNot() throws Exception {
        try (Shop shop = shop(Map.of("QUEUE_DEPTH", "1200"))) {
            for (int i = 0; i < 3; i++) {
                get(shop, "/");
                get(shop, "/ready");
                get(shop, "/live");
                get(shop, "/metrics");
            }
            get(shop, "/slow?seconds=0.11");

            String tags = "{method=\"GET\",outcome=\"SUCCESS\",status=\"200\",uri=";
            // The last request is counted after its answer has been sent.
            await().untilAsserted(() -> assertThat(get(shop, "/metrics").body())
                    .contains("http_server_requests_seconds_count" + tags + "\"/\"} 3\n")
                    .contains("http_server_requests_seconds_count" + tags + "\"/slow\"} 1\n"));
            assertThat(get(shop, "/metrics").body())
                    .contains("http_server_requests_seconds_sum" + tags + "\"/\"}")
                    .contains("http_server_requests_seconds_bucket" + tags + "\"/\",le=\"0.1\"}")
                    .contains("http_server_requests_seconds_bucket" + tags + "\"/\",le=\"0.25\"}")
                    .contains("http_server_requests_seconds_bucket" + tags + "\"/\",le=\"0.5\"}")
                    .contains("http_server_requests_seconds_bucket" + tags + "\"/slow\",le=\"0.1\"} 0\n")
                    .contains("http_server_requests_seconds_bucket" + tags + "\"/slow\",le=\"1.0\"} 1\n")
                    .contains("shop_queue_depth 1200.0\n")
                    .doesNotContain("/ready")
                    .doesNotContain("/live")
                    .doesNotContain("uri=\"/**\"")
                    .doesNotContain("uri=\"/metrics\"");
        }
    }

    /** Prometheus asks for protobuf first where it takes native histograms, and for text where not. */
    @Test
    void aNativeHistogramIsThereForWhoAsksForOne() throws Exception {
        String asked =
                "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited;q=0.6,"
                        + "text/plain;version=0.0.4;q=0.3";
        try (Shop shop = shop(Map.of("HISTOGRAM", "native"));
                Shop classic = shop(Map.of())) {
            get(shop, "/");
            await().untilAsserted(
                            () -> assertThat(get(shop, "/metrics").body())
                                    .contains(
                                            "http_server_requests_seconds_count{method=\"GET\",outcome=\"SUCCESS\",status=\"200\",uri=\"/\"} 1\n"));
            assertThat(scraped(shop, asked))
                    .hasValueSatisfying(type -> assertThat(type).startsWith("application/vnd.google.protobuf;"));
            assertThat(scraped(classic, asked))
                    .hasValueSatisfying(type -> assertThat(type).startsWith("text/plain;"));
        }
    }

    private Optional<String> scraped(Shop shop, String accept) throws IOException, InterruptedException {
        return http.send(
                        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + shop.port() + "/metrics"))
                                .header("Accept", accept)
                                .build(),
                        BodyHandlers.discarding())
                .headers()
                .firstValue("Content-Type");
    }

    @Test
    void anOldShopFailsOnceANewerOneHasServed() throws Exception {
        try (Shop ledger = shop(Map.of());
                Shop one = shop(Map.of("LEDGER", "http://127.0.0.1:" + ledger.port()));
                Shop two = shop(Map.of("LEDGER", "http://127.0.0.1:" + ledger.port(), "SCHEMA", "2"))) {
            assertThat(get(one, "/").statusCode()).isEqualTo(200);
            assertThat(get(two, "/").statusCode()).isEqualTo(200);
            assertThat(get(one, "/").statusCode()).isEqualTo(500);
            assertThat(get(one, "/ready").statusCode()).isEqualTo(200);
            assertThat(get(ledger, "/schema").statusCode()).isEqualTo(400);
        }
    }

    @Test
    void errorRatioFailsRequestsButNoProbes() throws Exception {
        try (Shop shop = shop(Map.of("ERROR_RATIO", "1"))) {
            HttpResponse<String> response = get(shop, "/");
            assertThat(response.statusCode()).isEqualTo(500);
            assertThat(JSON.readTree(response.body()).path("version").asText()).isEqualTo("1.2.3");
            assertThat(get(shop, "/ready").statusCode()).isEqualTo(200);
            await().untilAsserted(() -> assertThat(get(shop, "/metrics").body())
                    .contains("{method=\"GET\",outcome=\"SERVER_ERROR\",status=\"500\",uri=\"/\"} 1\n"));
        }
    }

    @Test
    void errorRatioIsAShare() throws Exception {
        try (Shop shop = shop(Map.of("ERROR_RATIO", "0.5"))) {
            Set<Integer> seen = new HashSet<>();
            for (int i = 0; i < 100; i++) {
                seen.add(get(shop, "/").statusCode());
            }
            assertThat(seen).containsExactlyInAnyOrder(200, 500);
        }
    }

    @Test
    void anOutageFailsRequestsOfItsTimeOnly() throws Exception {
        Instant now = Instant.now();
        try (Shop shop = shop(Map.of())) {
            assertThat(post(shop, now.minusSeconds(9), now.plusSeconds(60)).statusCode())
                    .isEqualTo(200);
            assertThat(get(shop, "/").statusCode()).isEqualTo(500);
            assertThat(get(shop, "/ready").statusCode()).isEqualTo(200);
            post(shop, now.minusSeconds(9), now.minusSeconds(1));
            assertThat(get(shop, "/").statusCode()).isEqualTo(200);
            post(shop, now.plusSeconds(60), now.plusSeconds(90));
            assertThat(get(shop, "/").statusCode()).isEqualTo(200);
            assertThat(get(shop, "/outage").statusCode()).isEqualTo(405);
        }
    }

    private HttpResponse<String> post(Shop shop, Instant from, Instant until) throws Exception {
        return post(shop, from + "/" + until + "/1");
    }

    private HttpResponse<String> post(Shop shop, String outage) throws Exception {
        return http.send(
                HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + shop.port() + "/outage?" + outage))
                        .POST(BodyPublishers.noBody())
                        .build(),
                BodyHandlers.ofString());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "now",
                "2026-01-31T10:00:00Z/2026-01-31T10:00:20Z",
                "2026-01-31T10:00:00Z/2026-01-31T10:00:00Z/0.5",
                "2026-01-31T10:00:00Z/2026-01-31T10:00:20Z/1.5"
            })
    void anOutageThatIsNoneIsRefused(String value) throws Exception {
        try (Shop shop = shop(Map.of())) {
            HttpResponse<String> answer = post(shop, value);
            assertThat(answer.statusCode()).isEqualTo(400);
            assertThat(answer.body()).contains("'" + value + "'", "BEGINNING/END/RATIO");
        }
    }

    @Test
    void latencyIsAddedToRequests() throws Exception {
        try (Shop shop = shop(Map.of("LATENCY_MS", "120"))) {
            long begin = System.nanoTime();
            get(shop, "/");
            assertThat(System.nanoTime() - begin).isGreaterThanOrEqualTo(TimeUnit.MILLISECONDS.toNanos(120));
        }
    }

    @Test
    void aTailIsSlowAndTheOthersAreNot() throws Exception {
        try (Shop shop = shop(Map.of("LATENCY_MS", "300", "LATENCY_RATIO", "0.5"))) {
            for (int i = 0; i < 40; i++) {
                get(shop, "/");
            }
            String fast = get(shop, "/metrics")
                    .body()
                    .lines()
                    .filter(line -> line.startsWith("http_server_requests_seconds_bucket{"))
                    .filter(line -> line.contains("uri=\"/\"") && line.contains("le=\"0.25\""))
                    .findFirst()
                    .orElseThrow();
            // 40 times a coin: outside of this once in five million runs.
            assertThat(Double.parseDouble(fast.substring(fast.lastIndexOf(' '))))
                    .isBetween(5.0, 35.0);
        }
    }

    @Test
    void neverReadyIsAliveAndAnswers() throws Exception {
        try (Shop shop = shop(Map.of("READY", "never"))) {
            assertThat(get(shop, "/ready").statusCode()).isEqualTo(503);
            assertThat(get(shop, "/live").statusCode()).isEqualTo(200);
            assertThat(get(shop, "/").statusCode()).isEqualTo(200);
        }
    }

    @Test
    void aBadSettingEndsTheProcessWithItsNameAndExitCode2() throws Exception {
        Process process = ShopProcess.launch(Shop.class, Map.of("ERROR_RATIO", "2"))
                .redirectError(ProcessBuilder.Redirect.PIPE)
                .start();
        String errors = new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).isEqualTo(2);
        assertThat(errors).contains("ERROR_RATIO='2'").contains("from 0 to 1");
    }

    @Test
    void crashAfterEndsTheProcessWithExitCode1() throws Exception {
        try (ShopProcess shop = ShopProcess.start(Map.of("CRASH_AFTER", "0.2"))) {
            assertThat(shop.awaitExit()).isEqualTo(1);
        }
    }

    @Test
    void anAbruptShopCutsWhatIsInFlight() throws Exception {
        try (ShopProcess shop = ShopProcess.start(Map.of())) {
            try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), shop.port())) {
                write(socket, "/slow?seconds=5");
                assertThat(send(shop.uri("/live")).statusCode()).isEqualTo(200);

                shop.terminate();

                assertThat(socket.getInputStream().read()).as("end of stream").isEqualTo(-1);
            }
            assertThat(shop.awaitExit()).isEqualTo(143);
        }
    }

    @Test
    void aGracefulShopGoesOnForTheDrainAndFinishesWhatIsInFlight() throws Exception {
        try (ShopProcess shop = ShopProcess.start(Map.of("SHUTDOWN", "graceful", "DRAIN_SECONDS", "10"))) {
            CompletableFuture<HttpResponse<String>> slow = getAsync(shop.uri("/slow?seconds=12"));
            assertThat(send(shop.uri("/")).headers().firstValue("Connection")).isEmpty();

            shop.terminate();

            await().until(() -> send(shop.uri("/ready")).statusCode() == 503);
            HttpResponse<String> whileDraining = send(shop.uri("/"));
            assertThat(whileDraining.statusCode()).isEqualTo(200);
            assertThat(whileDraining.headers().firstValue("Connection")).hasValue("close");
            assertThat(slow.get(30, TimeUnit.SECONDS).statusCode()).isEqualTo(200);
            assertThat(shop.awaitExit()).isZero();
        }
    }

    @Test
    void idleConnectionsAreNotClosedBehindTheClientsBack() throws Exception {
        try (ShopProcess shop = ShopProcess.start(Map.of())) {
            List<Socket> idle = new ArrayList<>();
            try {
                // More than the 200 idle connections that the JDK's server keeps unless told otherwise.
                for (int i = 0; i < 300; i++) {
                    Socket socket = new Socket(InetAddress.getLoopbackAddress(), shop.port());
                    idle.add(socket);
                    assertThat(statusLine(socket)).isEqualTo("HTTP/1.1 200 OK");
                }
                for (Socket socket : idle) {
                    assertThat(statusLine(socket)).isEqualTo("HTTP/1.1 200 OK");
                }
            } finally {
                for (Socket socket : idle) {
                    socket.close();
                }
            }
        }
    }

    /** Sends a request, reads the whole answer and returns its first line; empty when the connection is closed. */
    private static String statusLine(Socket socket) throws IOException {
        write(socket, "/live");
        InputStream in = socket.getInputStream();
        StringBuilder answer = new StringBuilder();
        while (answer.indexOf("ok\n") < 0) {
            int read = in.read();
            if (read < 0) {
                return "";
            }
            answer.append((char) read);
        }
        return answer.substring(0, answer.indexOf("\r\n"));
    }

    private static void write(Socket socket, String path) throws IOException {
        String request = "GET " + path + " HTTP/1.1\r\nHost: shop\r\n\r\n";
        socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
    }

    private static Shop shop(Map<String, String> variables) throws IOException {
        Environment environment = new Environment(variables);
        Faults faults = Faults.from(environment);
        return Shop.start("1.2.3", "shop-abc", faults, Schema.from(environment), Metrics.from(environment, faults), 0);
    }

    private HttpResponse<String> get(Shop shop, String path) throws IOException, InterruptedException {
        return send(URI.create("http://127.0.0.1:" + shop.port() + path));
    }

    private HttpResponse<String> send(URI uri) throws IOException, InterruptedException {
        return http.send(HttpRequest.newBuilder(uri).build(), BodyHandlers.ofString());
    }

    private CompletableFuture<HttpResponse<String>> getAsync(URI uri) {
        return http.sendAsync(HttpRequest.newBuilder(uri).build(), BodyHandlers.ofString());
    }
}
