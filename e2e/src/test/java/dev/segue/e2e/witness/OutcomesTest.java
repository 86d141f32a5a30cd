package dev.segue.e2e.witness;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the witness makes of each answer and of none; and that it sends whatever became of the requests before. */
class OutcomesTest {
    @TempDir
    private Path folder;

    @Test
    void aStalledServerGetsAsManyRequestsAsAnyOther() throws Exception {
        CountDownLatch go = new CountDownLatch(1);
        try (StubServer server = new StubServer((n, out) -> {
                    if (n > 0) {
                        go.await();
                    }
                    StubServer.say(out, StubServer.OK);
                    return true;
                });
                WitnessRun run = start(server, Map.of("NEW_RATE", "40", "KEEPALIVE_RATE", "40", "DURATION", "2s"))) {
            // All of them are on their way at once, none answered.
            await().atMost(Duration.ofSeconds(60))
                    .until(() -> server.requestLines().size() == 1 + 2 * (40 + 40));
            assertThat(run.now().requests()).isZero();
            assertThat(run.now().outstanding()).isEqualTo(160);

            go.countDown();
            Summary summary = run.result();

            assertThat(summary.requests()).isEqualTo(160);
            assertThat(summary.failures()).isZero();
            // The stall counts from when each was due: the first waited for nearly the two seconds of the load.
            assertThat(run.records())
                    .anySatisfy(record -> assertThat(record.durationMs()).isGreaterThanOrEqualTo(1_900));
            assertThat(summary.part(Kind.NEW, "stub").latencyMs().max()).isGreaterThanOrEqualTo(1_900);
        }
    }

    @Test
    void requestsAreDueByTheClock() throws Exception {
        try (StubServer server = StubServer.saying(StubServer.OK);
                WitnessRun run = start(server, Map.of("NEW_RATE", "40", "DURATION", "1s"))) {
            assertThat(run.result().requests()).isEqualTo(40);

            List<Instant> starts =
                    run.records().stream().map(RequestRecord::start).sorted().toList();
            for (int n = 0; n < starts.size(); n++) {
                assertThat(Duration.between(starts.getFirst(), starts.get(n)).toNanos() / 1000)
                        .as("request %d, in microseconds", n)
                        .isBetween(n * 25_000L - 1, n * 25_000L + 1);
            }
        }
    }

    @Test
    void anotherStatusThan2xxIsAFailureOfItsOwnSort() throws Exception {
        try (StubServer server = afterTheProbe(StubServer.answer("503 Service Unavailable", "", "busy"));
                WitnessRun run = start(server, Map.of("NEW_RATE", "20", "DURATION", "1s"))) {
            Summary summary = run.result();

            assertThat(summary.non2xx()).isEqualTo(summary.failures()).isEqualTo(20);
            assertThat(summary.connectionFailures()).isZero();
            assertThat(summary.answers(Summary.NO_VERSION, 503)).isEqualTo(20);
            assertThat(requireNonNull(summary.longestFailureRun()).requests()).isEqualTo(20);
        }
    }

    @Test
    void aRedirectIsNotFollowed() throws Exception {
        try (StubServer server = afterTheProbe(StubServer.answer("302 Found", "Location: /elsewhere\r\n", ""));
                WitnessRun run = start(server, Map.of("NEW_RATE", "20", "DURATION", "1s"))) {
            Summary summary = run.result();

            assertThat(summary.answers(Summary.NO_VERSION, 302)).isEqualTo(20);
            assertThat(Set.copyOf(server.requestLines())).containsExactly("GET / HTTP/1.1");
        }
    }

    @Test
    void aRequestThatGotNoAnswerIsNotSentAgain() throws Exception {
        try (StubServer server = new StubServer((n, out) -> {
                    if (n == 0) {
                        StubServer.say(out, StubServer.OK);
                    }
                    return false;
                });
                WitnessRun run = start(server, Map.of("NEW_RATE", "20", "DURATION", "1s"))) {
            Summary summary = run.result();

            assertThat(failures(summary, Kind.NEW)).isEqualTo(Map.of("no-response", 20L));
            assertThat(server.requestLines()).hasSize(1 + 20);
            assertThat(server.accepted()).isEqualTo(1 + 20);
        }
    }

    @Test
    void anAnswerCutShortIsAConnectionFailureWhateverItsStatus() throws Exception {
        String cut = StubServer.answer("200 OK", "", "{\"version\":\"stub\"}").replace("\"}", "");
        try (StubServer server = new StubServer((n, out) -> {
                    StubServer.say(out, n == 0 ? StubServer.OK : cut);
                    return false;
                });
                WitnessRun run = start(server, Map.of("NEW_RATE", "20", "DURATION", "1s"))) {
            Summary summary = run.result();

            assertThat(failures(summary, Kind.NEW)).isEqualTo(Map.of("truncated", 20L));
            assertThat(summary.non2xx()).isZero();
        }
    }

    @Test
    void noAnswerInTimeIsAFailure() throws Exception {
        CountDownLatch never = new CountDownLatch(1);
        try (StubServer server = new StubServer((n, out) -> {
                    if (n > 0) {
                        never.await();
                    }
                    StubServer.say(out, StubServer.OK);
                    return true;
                });
                WitnessRun run =
                        start(server, Map.of("NEW_RATE", "10", "DURATION", "1s", "RESPONSE_TIMEOUT", "300ms"))) {
            Summary summary = run.result();

            assertThat(failures(summary, Kind.NEW)).isEqualTo(Map.of("response-timeout", 10L));
            assertThat(run.records())
                    .allSatisfy(record -> assertThat(record.durationMs()).isGreaterThanOrEqualTo(300));
            never.countDown();
        }
    }

    @Test
    void slowRequestsAskForTheirTime() throws Exception {
        try (StubServer server = StubServer.saying(StubServer.OK);
                WitnessRun run = start(server, Map.of("SLOW_RATE", "10", "DURATION", "1s"))) {
            assertThat(run.result().requests(Kind.SLOW)).isEqualTo(10);

            assertThat(new HashSet<>(server.requestLines()))
                    .containsExactlyInAnyOrder("GET / HTTP/1.1", "GET /slow?seconds=2.0 HTTP/1.1");
        }
    }

    @Test
    void nothingCountsBeforeTheFirstSuccess() throws Exception {
        try (StubServer server = new StubServer((n, out) -> {
                    StubServer.say(out, n < 3 ? StubServer.answer("503 Busy", "", "") : StubServer.OK);
                    return true;
                });
                WitnessRun run = start(server, Map.of("NEW_RATE", "10", "DURATION", "1s"))) {
            Summary summary = run.result();

            assertThat(summary.requests()).isEqualTo(10);
            assertThat(summary.failures()).isZero();
            assertThat(server.requestLines()).hasSize(4 + 10);
        }
    }

    @Test
    void aTargetThatNeverAnswersIsNoProof() throws Exception {
        try (StubServer server = StubServer.saying(StubServer.answer("503 Busy", "", ""));
                WitnessRun run = start(server, Map.of("NEW_RATE", "10", "START_TIMEOUT", "500ms"))) {
            assertThat(catchThrowable(run::result))
                    .hasRootCauseInstanceOf(NothingProved.class)
                    .hasRootCauseMessage("no 2xx answer from " + server.uri()
                            + " within 0.5 s (last: status 503): check TARGET_URL and that its pods are ready,"
                            + " or raise START_TIMEOUT");
        }
    }

    private WitnessRun start(StubServer server, Map<String, String> variables) throws NothingProved {
        URI target = server.uri();
        return WitnessRun.start(target, folder, ConnectionsTest.only(variables));
    }

    /** The probe for the first success is answered well, all counted requests with this. */
    private static StubServer afterTheProbe(String answer) throws IOException {
        return new StubServer((n, out) -> {
            StubServer.say(out, n == 0 ? StubServer.OK : answer);
            return true;
        });
    }

    private static Map<String, Long> failures(Summary summary, Kind kind) {
        assertThat(summary.byKind().get(kind)).containsOnlyKeys(Summary.NO_VERSION);
        return summary.part(kind, Summary.NO_VERSION).connectionFailures();
    }
}
