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
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
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
    void anAnswerIsNotWaitedForWithoutEnd() throws IOException {
        try (ServerSocket server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            assertThat(to(server).send(1)).isEqualTo("no answer within 1 s");
        }
    }

    /** As when its node stands still, with the server on it, for longer than an answer is waited for. */
    @Test
    void thatItStoodStillItselfIsNoFailureOfTheServer(@TempDir Path directory)
            throws IOException, InterruptedException {
        Path said = directory.resolve("log");
        AtomicBoolean still = new AtomicBoolean();
        AtomicInteger waiting = new AtomicInteger();
        try (ServerSocket server = serving(_ -> {
            waiting.incrementAndGet();
            await().atMost(Duration.ofMinutes(1)).untilFalse(still);
            waiting.decrementAndGet();
            return GOOD;
        })) {
            Process load = start(server, said);
            try {
                awaitRequests(said, 10);
                still.set(true);
                await().until(() -> waiting.get() >= 3);
                kill("-STOP", load);
                Thread.sleep(Duration.ofSeconds(11)); // the standstill itself: nothing happens that could be awaited
                kill("-CONT", load);
                awaitLines(said, 2);
                still.set(false);
                LoadFacts after = awaitRequests(said, awaitRequests(said, 10).requests() + 50);
                assertThat(after.lastFailure()).isNull();
                assertThat(after.failed()).isZero();
            } finally {
                load.destroyForcibly();
            }
        }
    }

    /** Ten requests a second, in a process of its own. */
    private static Process start(ServerSocket server, Path log) throws IOException {
        ProcessBuilder main = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        "dev.segue.Main",
                        "load")
                .redirectErrorStream(true)
                .redirectOutput(log.toFile());
        main.environment()
                .putAll(Map.of(Load.URL, "http://127.0.0.1:%d/".formatted(server.getLocalPort()), Load.RATE, "10"));
        return main.start();
    }

    private static void awaitLines(Path said, int more) throws IOException {
        int before = Files.readAllLines(said).size();
        await().atMost(Duration.ofMinutes(1))
                .until(() -> Files.readAllLines(said).size() >= before + more);
    }

    private static LoadFacts awaitRequests(Path said, long number) {
        return await().atMost(Duration.ofMinutes(1))
                .until(() -> Load.read(Files.readString(said)), facts -> facts != null && facts.requests() >= number);
    }

    /** By the shell's own command, which is there where no program of that name is. */
    private static void kill(String signal, Process process) throws IOException, InterruptedException {
        assertThat(new ProcessBuilder("sh", "-c", "kill %s %d".formatted(signal, process.pid()))
                        .start()
                        .waitFor())
                .isZero();
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
                int number = n;
                try {
                    Socket connection = server.accept();
                    Thread.ofVirtual().start(() -> answer(connection, number, answer));
                } catch (IOException e) {
                    // the test is over
                }
            }
        });
        return server;
    }

    private static void answer(Socket connection, int number, IntFunction<String> answer) {
        try (connection) {
            connection.getInputStream().read(new byte[1024]);
            connection.getOutputStream().write(answer.apply(number).getBytes(StandardCharsets.ISO_8859_1));
        } catch (IOException e) {
            // the client went away
        }
    }
}
