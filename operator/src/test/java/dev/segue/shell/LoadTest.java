package dev.segue.shell;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.segue.engine.StageFacts.LoadFacts;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LoadTest {
    private static final String GOOD = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

    private static Load warm() {
        Load load = new Load();
        for (int i = 0; i < 10; i++) {
            load.count(null, Instant.EPOCH);
        }
        return load;
    }

    @Test
    void whatItSaysIsWhatIsRead() {
        Load load = warm();
        load.count(null, Instant.EPOCH);
        load.count("HTTP 503", Instant.EPOCH.plusSeconds(3));
        assertThat(Load.read("started\n{\"requests\":1}\n" + load.line() + "\n"))
                .isEqualTo(new LoadFacts(2, 1, Instant.EPOCH.plusSeconds(3), "HTTP 503"));
    }

    @Test
    void itCountsFromItsFirstGoodAnswers() {
        Load load = new Load();
        for (int i = 0; i < 9; i++) {
            load.count(null, Instant.EPOCH);
        }
        load.count("HTTP 503", Instant.EPOCH);
        for (int i = 0; i < 10; i++) {
            load.count(null, Instant.EPOCH);
        }
        assertThat(Load.read(load.line())).isEqualTo(new LoadFacts(0, 0, Instant.EPOCH, "HTTP 503"));
        load.count(null, Instant.EPOCH);
        assertThat(Load.read(load.line())).isEqualTo(new LoadFacts(1, 0, Instant.EPOCH, "HTTP 503"));
    }

    @Test
    void wordsOfOthersAreNotTheLoads() {
        assertThat(Load.read("")).isNull();
        assertThat(Load.read("Picked up JAVA_TOOL_OPTIONS: -Xmx64m")).isNull();
        assertThat(Load.read("{not json")).isNull();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            nullValues = "-",
            value = {
                "HTTP/1.1 200 OK~Content-Length: 2~~ok | -",
                "HTTP/1.1 404 Not Found~~ | -",
                "HTTP/1.0 200 OK~~whatever | -",
                "HTTP/1.1 200 OK~Transfer-Encoding: chunked~~2~ok~0~~ | -",
                "HTTP/1.1 200 OK~Transfer-Encoding: chunked~~2~ok~ | an answer that ended too soon",
                "HTTP/1.1 200 OK~content-length: 9~~ok | an answer that ended too soon",
                "HTTP/1.1 503 Service Unavailable~~ | HTTP 503",
                "HTTP/1.1 200 OK~Content | an answer that is not HTTP",
                "SSH-2.0 | an answer that is not HTTP",
            })
    void anAnswerBelow500IsAGoodOneWhenItIsWhole(String answer, String failure) throws IOException {
        try (ServerSocket server = serving(_ -> answer.replace("~", "\r\n"))) {
            assertThat(to(server).send()).isEqualTo(failure);
        }
    }

    /** Which the JDK's own clients would do. */
    @Test
    void aConnectionThatIsClosedWithoutAnAnswerIsNotTriedAgain() throws IOException {
        AtomicInteger connections = new AtomicInteger();
        try (ServerSocket server = serving(n -> {
            connections.set(n);
            return n == 1 ? "" : GOOD;
        })) {
            assertThat(to(server).send()).isIn("the connection closed without an answer", "the connection reset");
            assertThat(connections).hasValue(1);
            assertThat(to(server).send()).isNull();
        }
    }

    @Test
    void thatNobodyAnswersIsAFailure() {
        assertThat(LoadRequest.of("http://127.0.0.1:1/").send()).isEqualTo("the connection refused");
        assertThat(LoadRequest.of("http://no.such.name.invalid/").send()).isEqualTo("its name not resolved");
    }

    @Test
    void itGoesOnAtItsRateAndSaysWhatItHasCounted() throws IOException, InterruptedException {
        ByteArrayOutputStream said = new ByteArrayOutputStream();
        try (ServerSocket server = serving(n -> n <= 10 || n % 2 == 0 ? GOOD : "HTTP/1.1 500 No\r\n\r\n")) {
            String url = "http://127.0.0.1:%d/api?x=1".formatted(server.getLocalPort());
            Thread load = Thread.ofPlatform()
                    .start(() -> Load.run(
                            Map.of(Load.URL, url, Load.RATE, "50"),
                            new PrintStream(said, true, StandardCharsets.UTF_8)));
            await().atMost(Duration.ofMinutes(1)).until(() -> {
                LoadFacts facts = Load.read(said.toString(StandardCharsets.UTF_8));
                return facts != null && facts.failed() >= 10 && facts.requests() > facts.failed();
            });
            load.interrupt();
            load.join();
        }
    }

    @Test
    void whatCannotBeAskedForIsSaid() {
        ByteArrayOutputStream said = new ByteArrayOutputStream();
        PrintStream out = new PrintStream(said, true, StandardCharsets.UTF_8);
        assertThat(Load.run(Map.of(Load.URL, "ftp://x/"), out)).isEqualTo(2);
        assertThat(said.toString(StandardCharsets.UTF_8)).contains("'ftp://x/' is no URL");
    }

    private static LoadRequest to(ServerSocket server) {
        return LoadRequest.of("http://127.0.0.1:%d/".formatted(server.getLocalPort()));
    }

    /** @param answer to the connection of this number, from 1 */
    private static ServerSocket serving(IntFunction<String> answer) throws IOException {
        ServerSocket server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        Thread.ofVirtual().start(() -> {
            for (int n = 1; !server.isClosed(); n++) {
                try (Socket connection = server.accept()) {
                    connection.getInputStream().read(new byte[1024]);
                    connection.getOutputStream().write(answer.apply(n).getBytes(StandardCharsets.ISO_8859_1));
                } catch (IOException e) {
                    // the test is over, or its client went away
                }
            }
        });
        return server;
    }
}
