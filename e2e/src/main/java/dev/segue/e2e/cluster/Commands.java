package dev.segue.e2e.cluster;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/** Runs programs to their end, {@code kubectl} and {@code helm} for example. Safe for all threads. */
public final class Commands {
    private final Map<String, String> environment;
    private final Consumer<String> errors;

    /** @param environment variables beside this process's own; a PATH is also where the programs are looked for */
    public Commands(Map<String, String> environment) {
        this(environment, line -> {});
    }

    /** @param errors told each line that a program prints on standard error, as soon as it does */
    public Commands(Map<String, String> environment, Consumer<String> errors) {
        this.environment = Map.copyOf(environment);
        this.errors = errors;
    }

    /** What a program printed, and its exit code. */
    public record Result(int code, String output, String errors) {}

    /**
     * What the command prints on standard output.
     *
     * @throws IllegalStateException when its exit code is not 0; the message has what it printed
     */
    public String run(String stdin, List<String> line) {
        Result result = result(stdin, line);
        if (result.code() != 0) {
            throw new IllegalStateException("%s ended with exit code %d:%n%s%s"
                    .formatted(String.join(" ", line), result.code(), result.errors(), result.output()));
        }
        return result.output();
    }

    /** Runs the command, whatever its exit code. When the thread is interrupted, the program is ended. */
    public Result result(String stdin, List<String> line) {
        // This process looks for a program by its own PATH, env(1) by the one that it is given.
        var builder = new ProcessBuilder("/usr/bin/env");
        builder.command().addAll(line);
        builder.environment().putAll(environment);
        try {
            Process process = builder.start();
            var output = new CompletableFuture<String>();
            var complaints = new CompletableFuture<String>();
            Thread.startVirtualThread(() -> output.complete(text(process.inputReader(), l -> {})));
            Thread.startVirtualThread(() -> complaints.complete(text(process.errorReader(), errors)));
            try (var in = process.getOutputStream()) {
                in.write(stdin.getBytes(StandardCharsets.UTF_8));
            }
            try {
                return new Result(process.waitFor(), output.join(), complaints.join());
            } catch (InterruptedException e) {
                process.destroy();
                Thread.currentThread().interrupt();
                throw new IllegalStateException("interrupted during " + String.join(" ", line), e);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot run " + line.getFirst(), e);
        }
    }

    private static String text(BufferedReader reader, Consumer<String> told) {
        return reader.lines().peek(told).map(l -> l + System.lineSeparator()).collect(Collectors.joining());
    }
}
