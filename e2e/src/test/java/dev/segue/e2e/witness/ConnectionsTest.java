package dev.segue.e2e.witness;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How the witness uses connections, seen from the server's side. */
class ConnectionsTest {
    @TempDir
    private Path folder;

    @Test
    void aNewRequestIsANewConnectionAndIsClosed() throws Exception {
        try (StubServer server = StubServer.saying(StubServer.OK);
                WitnessRun run = start(server, Map.of("NEW_RATE", "50", "DURATION", "1s"))) {
            Summary summary = run.result();

            assertThat(summary.requests()).isEqualTo(50).isEqualTo(summary.requests(Kind.NEW));
            assertThat(summary.failures()).isZero();
            // One more is the probe for the first success, which is not counted.
            assertThat(server.requestLines()).hasSizeGreaterThanOrEqualTo(51);
            assertThat(server.accepted()).isEqualTo(server.requestLines().size());
            await().untilAsserted(() -> assertThat(server.closedByClient()).isEqualTo(server.accepted()));
            assertThat(run.records()).noneMatch(RequestRecord::reused);
        }
    }

    @Test
    void anUnlimitedLifetimeKeepsTheConnection() throws Exception {
        try (StubServer server = StubServer.saying(StubServer.OK);
                WitnessRun run = start(
                        server, Map.of("KEEPALIVE_RATE", "40", "KEEPALIVE_LIFETIME", "unlimited", "DURATION", "3s"))) {
            Summary summary = run.result();

            assertThat(summary.requests()).isEqualTo(120).isEqualTo(summary.requests(Kind.KEEPALIVE));
            assertThat(summary.failures()).isZero();
            // A second connection is opened only while all others are busy: one, unless this machine stalls.
            assertThat(connections(run.records()).size()).isLessThanOrEqualTo(mostAtOnce(run.records()));
            // The one that is gone is the probe's.
            await().untilAsserted(() -> assertThat(server.closedByClient()).isEqualTo(1));
            assertThat(server.accepted() - 1)
                    .isEqualTo(connections(run.records()).size());
        }
    }

    @Test
    void aLimitedLifetimeReusesTheConnectionUntilThenAndClosesIt() throws Exception {
        try (StubServer server = StubServer.saying(StubServer.OK);
                WitnessRun run = start(
                        server, Map.of("KEEPALIVE_RATE", "40", "KEEPALIVE_LIFETIME", "500ms", "DURATION", "4s"))) {
            Summary summary = run.result();

            assertThat(summary.requests()).isEqualTo(160);
            assertThat(summary.failures()).isZero();
            Map<String, List<RequestRecord>> connections = connections(run.records());
            assertThat(connections.size()).isGreaterThanOrEqualTo(5);
            assertThat(connections.values())
                    .anySatisfy(requests -> assertThat(requests)
                            .hasSizeGreaterThan(1)
                            .filteredOn(RequestRecord::reused)
                            .hasSize(requests.size() - 1));
            assertThat(connections.values()).allSatisfy(requests -> {
                // The connection was opened before its first request ended.
                Instant opened = requests.getFirst()
                        .start()
                        .plus(millis(requests.getFirst().durationMs()));
                RequestRecord last = requests.getLast();
                assertThat(last.start().plus(millis(last.lateMs())))
                        .isBeforeOrEqualTo(opened.plus(Duration.ofMillis(501)));
            });
            // All but those that were still young when the load ended.
            assertThat(server.closedByClient()).isGreaterThanOrEqualTo(4);
        }
    }

    @Test
    void aConnectionIsGivenUpWhenTheAnswerSaysSo() throws Exception {
        String closing = StubServer.answer("200 OK", "Connection: close\r\n", "{}");
        try (StubServer server = StubServer.saying(closing);
                WitnessRun run = start(server, Map.of("KEEPALIVE_RATE", "40", "DURATION", "1s"))) {
            Summary summary = run.result();

            assertThat(summary.requests()).isEqualTo(40);
            assertThat(summary.failures()).isZero();
            assertThat(summary.connectionsOpened()).containsEntry(Kind.KEEPALIVE, 40L);
        }
    }

    @Test
    void aConnectionThatTheServerClosesSilentlyFailsTheNextRequest() throws Exception {
        try (StubServer server = new StubServer((_, out) -> {
                    StubServer.say(out, StubServer.OK);
                    return false;
                });
                WitnessRun run = start(server, Map.of("KEEPALIVE_RATE", "20", "DURATION", "2s"))) {
            Summary summary = run.result();

            assertThat(summary.requests()).isEqualTo(40);
            assertThat(summary.connectionFailures())
                    .isEqualTo(summary.failures())
                    .isPositive();
            assertThat(run.records()).filteredOn(record -> !record.isOk()).allSatisfy(record -> {
                assertThat(record.error()).isIn("no-response", "reset");
                assertThat(record.reused()).isTrue();
                assertThat(record.detail()).isNotBlank();
            });
        }
    }

    private WitnessRun start(StubServer server, Map<String, String> variables) throws NothingProved {
        return WitnessRun.start(server.uri(), folder, only(variables));
    }

    /** No load but what the test asks for. */
    static Map<String, String> only(Map<String, String> variables) {
        Map<String, String> all = new HashMap<>(Map.of("NEW_RATE", "0", "KEEPALIVE_RATE", "0", "SLOW_RATE", "0"));
        all.putAll(variables);
        return all;
    }

    /** The requests of each connection in the order in which they were sent. */
    private static Map<String, List<RequestRecord>> connections(List<RequestRecord> records) {
        return records.stream()
                .sorted(Comparator.comparing(record -> record.start().plus(millis(record.lateMs()))))
                .collect(Collectors.groupingBy(record -> requireNonNull(record.connection())));
    }

    /** The largest number of requests that were on their way at one time. */
    private static int mostAtOnce(List<RequestRecord> records) {
        record Edge(Instant at, int change) {}
        List<Edge> edges = new ArrayList<>();
        for (RequestRecord record : records) {
            edges.add(new Edge(record.start().plus(millis(record.lateMs())), 1));
            edges.add(new Edge(record.start().plus(millis(record.durationMs())), -1));
        }
        // Beginnings before ends, so that two that touch count as two.
        edges.sort(Comparator.comparing(Edge::at).thenComparing(Edge::change, Comparator.reverseOrder()));
        int now = 0;
        int most = 0;
        for (Edge edge : edges) {
            now += edge.change();
            most = Math.max(most, now);
        }
        return most;
    }

    private static Duration millis(double millis) {
        return Duration.ofNanos(Math.round(millis * 1_000_000));
    }
}
