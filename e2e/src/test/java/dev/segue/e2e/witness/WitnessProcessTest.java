package dev.segue.e2e.witness;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.segue.e2e.shop.ShopProcess;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The witness as a container runs it: variables in; exit code, one line, files and the control port out. */
class WitnessProcessTest {
    private static final Duration LONG = Duration.ofSeconds(60);

    @TempDir
    private Path folder;

    private final HttpClient http = HttpClient.newHttpClient();
    private int controlPort;

    @BeforeEach
    void setUp() throws IOException {
        try (ServerSocket free = new ServerSocket(0)) {
            controlPort = free.getLocalPort();
        }
        // In a container this file is there before the process is.
        Files.createFile(folder.resolve("termination"));
    }

    @Test
    void sigtermEndsTheRunWithTheSummaryAndExitCode0() throws Exception {
        try (ShopProcess shop = ShopProcess.start(Map.of("VERSION", "1.0.0"))) {
            Process witness = launch(shop.uri("/"), Map.of()).start();
            awaitRequests();

            // Not through Process, which would close the pipes, too.
            witness.toHandle().destroy();

            Summary printed = Json.MAPPER.readValue(onlyLine(witness), Summary.class);
            assertThat(exitCode(witness)).isZero();
            assertThat(printed.failures()).isZero();
            assertThat(printed.outstanding()).isZero();
            assertThat(printed.ok("1.0.0")).isEqualTo(printed.requests()).isPositive();
            assertThat(Json.MAPPER.readValue(Files.readString(folder.resolve("termination")), Summary.class))
                    .isEqualTo(printed);
            assertThat(WitnessRun.records(folder.resolve("records.jsonl"))).hasSize((int) printed.requests());
        }
    }

    @Test
    void theControlPortShowsTheRunAndEndsIt() throws Exception {
        try (ShopProcess shop = ShopProcess.start(Map.of("VERSION", "1.0.0"))) {
            Process witness = launch(shop.uri("/"), Map.of()).start();
            awaitRequests();

            assertThat(get("/ready").statusCode()).isEqualTo(200);
            Summary live = summary();
            assertThat(live.requests()).isPositive();
            List<String> lines = get("/records").body().lines().toList();
            assertThat(lines.size()).isGreaterThanOrEqualTo((int) live.requests());
            assertThat(Json.MAPPER
                            .readValue(lines.getLast(), RequestRecord.class)
                            .isOk())
                    .isTrue();
            assertThat(get("/stop").statusCode()).isEqualTo(404);

            HttpResponse<String> stopped = http.send(
                    HttpRequest.newBuilder(control("/stop"))
                            .POST(BodyPublishers.noBody())
                            .build(),
                    BodyHandlers.ofString());

            assertThat(stopped.statusCode()).isEqualTo(200);
            assertThat(stopped.body()).isEqualTo(onlyLine(witness));
            Summary last = Json.MAPPER.readValue(stopped.body(), Summary.class);
            assertThat(last.outstanding()).isZero();
            assertThat(last.requests()).isGreaterThanOrEqualTo(live.requests());
            assertThat(exitCode(witness)).isZero();
        }
    }

    @Test
    void oneFailedRequestIsExitCode1() throws Exception {
        try (ShopProcess shop = ShopProcess.start(Map.of("VERSION", "1.0.0"))) {
            Process witness = launch(shop.uri("/"), Map.of()).start();
            awaitRequests();

            shop.terminate();
            await().atMost(LONG).until(() -> summary().failures() > 0);
            witness.toHandle().destroy();

            Summary printed = Json.MAPPER.readValue(onlyLine(witness), Summary.class);
            assertThat(exitCode(witness)).isEqualTo(1);
            assertThat(printed.connectionFailures()).isPositive().isEqualTo(printed.failures());
        }
    }

    @Test
    void aTargetThatIsNotThereIsExitCode2() throws Exception {
        URI nobody = URI.create("http://127.0.0.1:" + controlPort + "/nobody/");
        Process witness = launch(nobody, Map.of("START_TIMEOUT", "500ms", "CONTROL_PORT", "0"))
                .redirectError(ProcessBuilder.Redirect.PIPE)
                .start();

        String errors = errors(witness);
        assertThat(exitCode(witness)).isEqualTo(2);
        assertThat(errors).contains("no 2xx answer from " + nobody).contains("START_TIMEOUT");
        assertThat(Files.readString(folder.resolve("termination"))).contains("no 2xx answer from " + nobody);
    }

    @Test
    void recordsThatCannotBeWrittenAreExitCode2() throws Exception {
        Path nowhere = folder.resolve("missing").resolve("records.jsonl");
        Process witness = launch(URI.create("http://127.0.0.1/"), Map.of("RECORDS", nowhere.toString()))
                .redirectError(ProcessBuilder.Redirect.PIPE)
                .start();

        String errors = errors(witness);
        assertThat(exitCode(witness)).isEqualTo(2);
        assertThat(errors).contains("RECORDS='" + nowhere + "'").contains("mount a writable volume");
    }

    @Test
    void aBadSettingIsExitCode2() throws Exception {
        Process witness = launch(URI.create("http://127.0.0.1/"), Map.of("NEW_RATE", "246"))
                .redirectError(ProcessBuilder.Redirect.PIPE)
                .start();

        String errors = errors(witness);
        assertThat(exitCode(witness)).isEqualTo(2);
        assertThat(errors).contains("NEW_RATE + SLOW_RATE is 251").contains("ephemeral ports");
    }

    private ProcessBuilder launch(URI target, Map<String, String> variables) {
        Map<String, String> all = WitnessRun.variables(target, folder);
        all.put("CONTROL_PORT", Integer.toString(controlPort));
        all.putAll(variables);
        return ShopProcess.launch(Witness.class, all);
    }

    private void awaitRequests() {
        await().atMost(LONG)
                .ignoreExceptionsInstanceOf(IOException.class)
                .until(() -> get("/ready").statusCode() == 200);
    }

    private Summary summary() throws IOException, InterruptedException {
        return Json.MAPPER.readValue(get("/summary").body(), Summary.class);
    }

    private HttpResponse<String> get(String path) throws IOException, InterruptedException {
        return http.send(HttpRequest.newBuilder(control(path)).build(), BodyHandlers.ofString());
    }

    private URI control(String path) {
        return URI.create("http://127.0.0.1:" + controlPort + path);
    }

    private static String onlyLine(Process process) throws IOException {
        List<String> lines = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8)
                .lines()
                .toList();
        assertThat(lines).hasSize(1);
        return lines.getFirst();
    }

    private static String errors(Process process) throws IOException {
        return new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
    }

    private static int exitCode(Process process) throws InterruptedException {
        assertThat(process.waitFor(60, TimeUnit.SECONDS))
                .as("the witness ended")
                .isTrue();
        return process.exitValue();
    }
}
