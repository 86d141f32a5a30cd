package dev.segue.e2e.witness;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.segue.e2e.shop.ShopProcess;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The witness against real shops: it must see no failure where there is none, and every one that there is. */
class WitnessTest {
    private static final Duration LONG = Duration.ofSeconds(60);

    @TempDir
    private Path folder;

    @Test
    void aHealthyShopLosesNothingAndEveryRequestIsAccountedFor() throws Exception {
        try (ShopProcess shop = ShopProcess.start(Map.of("VERSION", "1.0.0", "HOSTNAME", "shop-a"));
                WitnessRun run = WitnessRun.start(shop.uri("/"), folder, Map.of("DURATION", "4s"))) {
            Summary summary = run.result();

            assertThat(summary.failures()).isZero();
            assertThat(summary.failureRatio()).isZero();
            assertThat(summary.longestFailureRun()).isNull();
            assertThat(summary.outstanding()).isZero();
            // Rate times duration, to the request.
            assertThat(summary.requests()).isEqualTo(4 * (120 + 60 + 5));
            assertThat(summary.requests(Kind.NEW)).isEqualTo(4 * 120);
            assertThat(summary.requests(Kind.KEEPALIVE)).isEqualTo(4 * 60);
            assertThat(summary.requests(Kind.SLOW)).isEqualTo(4 * 5);
            assertThat(summary.ok("1.0.0")).isEqualTo(summary.requests());
            assertThat(summary.connectionsOpened())
                    .containsEntry(Kind.NEW, 4L * 120)
                    .containsEntry(Kind.SLOW, 4L * 5);
            assertThat(summary.connectionsOpened().get(Kind.KEEPALIVE)).isBetween(1L, 4L * 60 - 1);
            assertThat(summary.part(Kind.SLOW, "1.0.0").latencyMs().p50()).isGreaterThanOrEqualTo(2_000);

            List<RequestRecord> records = run.records();
            assertThat(records).hasSize((int) summary.requests());
            assertThat(records).allSatisfy(record -> {
                assertThat(record.isOk()).isTrue();
                assertThat(record.status()).isEqualTo(200);
                assertThat(record.version()).isEqualTo("1.0.0");
                assertThat(record.pod()).isEqualTo("shop-a");
                assertThat(record.connection()).startsWith("127.0.0.1:");
                assertThat(record.durationMs()).isGreaterThanOrEqualTo(record.lateMs());
            });
            assertThat(records)
                    .filteredOn(RequestRecord::reused)
                    .isNotEmpty()
                    .allSatisfy(record -> assertThat(record.kind()).isEqualTo(Kind.KEEPALIVE));
        }
    }

    @Test
    void aShopThatDiesInTheMiddleIsSeenByEveryKind() throws Exception {
        try (ShopProcess shop = ShopProcess.start(Map.of("VERSION", "1.0.0"));
                WitnessRun run = WitnessRun.start(shop.uri("/"), folder, Map.of())) {
            await().atMost(LONG).until(() -> run.now().requests(Kind.SLOW) > 0);
            long before = run.now().requests();

            shop.terminate();
            shop.awaitExit();
            await().atMost(LONG).until(() -> run.now().failures() > 100);
            Summary summary = run.stop();

            assertThat(summary.requests()).isGreaterThan(before);
            assertThat(summary.connectionFailures())
                    .isEqualTo(summary.failures())
                    .isGreaterThan(100);
            assertThat(summary.non2xx()).isZero();
            for (Kind kind : Kind.values()) {
                Summary.Part lost = summary.part(kind, Summary.NO_VERSION);
                assertThat(lost.ok()).isZero();
                assertThat(lost.connectionFailures()).containsKey("connect-refused");
            }
            // Some slow requests were on their way: they had their connections already.
            assertThat(summary.part(Kind.SLOW, Summary.NO_VERSION).connectionFailures())
                    .containsKey("no-response");
            assertThat(summary.ok("1.0.0")).isEqualTo(summary.requests() - summary.failures());
            Summary.FailureRun longest = requireNonNull(summary.longestFailureRun());
            assertThat(longest.requests()).isGreaterThan(50).isLessThanOrEqualTo(summary.failures());
            assertThat(run.records()).filteredOn(record -> !record.isOk()).hasSize((int) summary.failures());
        }
    }

    @Test
    void errorsOfTheShopAreNoConnectionFailures() throws Exception {
        try (ShopProcess shop = ShopProcess.start(Map.of("VERSION", "3.0.0", "ERROR_RATIO", "0.5"));
                WitnessRun run =
                        WitnessRun.start(shop.uri("/"), folder, Map.of("DURATION", "2s", "SLOW_SECONDS", "0.1"))) {
            Summary summary = run.result();

            assertThat(summary.requests()).isEqualTo(2 * (120 + 60 + 5));
            assertThat(summary.connectionFailures()).isZero();
            assertThat(summary.non2xx()).isEqualTo(summary.failures()).isBetween(1L, summary.requests() - 1);
            // Each failed request is one that this version answered with 500 itself.
            assertThat(summary.answers("3.0.0", 500)).isEqualTo(summary.failures());
            assertThat(summary.failureRatio()).isEqualTo((double) summary.failures() / summary.requests());
        }
    }

    @Test
    void aGracefulShopMovesEvenClientsWhoseConnectionsNeverEnd() throws Exception {
        Map<String, String> graceful = Map.of("VERSION", "1.0.0", "SHUTDOWN", "graceful", "DRAIN_SECONDS", "10");
        try (ShopProcess leaving = ShopProcess.start(graceful);
                ShopProcess staying = ShopProcess.start(Map.of("VERSION", "2.0.0"));
                Balancer service = new Balancer(leaving.port(), staying.port());
                WitnessRun run = WitnessRun.start(service.uri(), folder, Map.of("KEEPALIVE_LIFETIME", "unlimited"))) {
            await().atMost(LONG)
                    .until(() -> hasOk(run.now(), Kind.SLOW, "1.0.0") && hasOk(run.now(), Kind.KEEPALIVE, "1.0.0"));

            service.route(staying.port());
            leaving.terminate();

            assertThat(leaving.awaitExit()).isZero();
            awaitSecondsOfLoad(run);
            Summary summary = run.stop();
            assertThat(summary.failures()).isZero();
            assertThat(summary.ok("1.0.0")).isPositive();
            assertThat(summary.ok("2.0.0")).isPositive();
        }
    }

    @Test
    void anAbruptShopCutsClientsWhoseConnectionsNeverEnd() throws Exception {
        try (ShopProcess leaving = ShopProcess.start(Map.of("VERSION", "1.0.0"));
                ShopProcess staying = ShopProcess.start(Map.of("VERSION", "2.0.0"));
                Balancer service = new Balancer(leaving.port(), staying.port());
                WitnessRun run = WitnessRun.start(
                        service.uri(), folder, Map.of("KEEPALIVE_LIFETIME", "unlimited", "SLOW_RATE", "0"))) {
            await().atMost(LONG).until(() -> hasOk(run.now(), Kind.KEEPALIVE, "1.0.0"));
            service.route(staying.port());

            leaving.terminate();
            leaving.awaitExit();

            // No check of idle connections hides it: the first request on each of them fails.
            await().atMost(LONG).until(() -> run.now().failures() > 0);
            awaitSecondsOfLoad(run);
            Summary summary = run.stop();
            assertThat(summary.part(Kind.KEEPALIVE, Summary.NO_VERSION).connectionFailures())
                    .isNotEmpty();
            assertThat(summary.non2xx()).isZero();
        }
    }

    @Test
    void anAbruptShopLosesNothingOnceDrained() throws Exception {
        try (ShopProcess leaving = ShopProcess.start(Map.of("VERSION", "1.0.0"));
                ShopProcess staying = ShopProcess.start(Map.of("VERSION", "2.0.0"));
                Balancer service = new Balancer(leaving.port(), staying.port());
                WitnessRun run = WitnessRun.start(service.uri(), folder, Map.of("KEEPALIVE_LIFETIME", "1s"))) {
            await().atMost(LONG)
                    .until(() -> hasOk(run.now(), Kind.SLOW, "1.0.0") && hasOk(run.now(), Kind.KEEPALIVE, "1.0.0"));

            service.route(staying.port());
            // By the lifetime of the connections and the end of the slow requests: nobody closes anything for us.
            await().atMost(LONG).until(() -> service.open(leaving.port()) == 0);
            leaving.terminate();
            leaving.awaitExit();
            awaitSecondsOfLoad(run);

            Summary summary = run.stop();
            assertThat(summary.failures()).isZero();
            assertThat(summary.ok("1.0.0")).isPositive();
            assertThat(summary.ok("2.0.0")).isPositive();
        }
    }

    /** Enough for every pooled connection to have been used again. */
    private static void awaitSecondsOfLoad(WitnessRun run) {
        long more = run.now().requests(Kind.KEEPALIVE) + 3 * 60;
        await().atMost(LONG).until(() -> run.now().requests(Kind.KEEPALIVE) >= more);
    }

    private static boolean hasOk(Summary summary, Kind kind, String version) {
        return summary.part(kind, version).ok() > 0;
    }
}
