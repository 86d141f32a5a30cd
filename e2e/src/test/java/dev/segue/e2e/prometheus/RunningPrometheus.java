package dev.segue.e2e.prometheus;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A real Prometheus as a process of this machine, on loopback. */
final class RunningPrometheus implements AutoCloseable {
    private final List<String> command;
    private final Path log;
    private final int port;
    private Process process;

    /** The programs, newest first: built or fetched when they are not there yet. */
    static List<Path> programs() {
        return Programs.of("prometheus");
    }

    /**
     * @param folder where it may write
     * @param configuration of prometheus.yml
     * @param web of --web.config.file; empty for none
     * @param flags more of them
     */
    RunningPrometheus(Path program, Path folder, String configuration, String web, String... flags) throws IOException {
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        Files.createDirectories(folder);
        Path file = Files.writeString(folder.resolve("prometheus.yml"), configuration);
        command = new ArrayList<>(List.of(
                program.toString(),
                "--config.file=" + file,
                "--storage.tsdb.path=" + folder.resolve("data"),
                "--web.listen-address=127.0.0.1:" + port,
                "--log.level=warn"));
        if (!web.isEmpty()) {
            command.add("--web.config.file=" + Files.writeString(folder.resolve("web.yml"), web));
        }
        command.addAll(List.of(flags));
        log = folder.resolve("log");
        process = start();
    }

    private Process start() throws IOException {
        return new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
                .start();
    }

    int port() {
        return port;
    }

    String address() {
        return "127.0.0.1:" + port;
    }

    /** Again on the same port, with the data that it had. */
    void startAgain() throws IOException {
        process = start();
    }

    /** What it has printed. */
    String log() throws IOException {
        return Files.readString(log);
    }

    /** Waits for its end: while it stops, it answers 503. */
    void stop() {
        process.destroy();
        try {
            if (!process.waitFor(10, TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        stop();
    }
}
