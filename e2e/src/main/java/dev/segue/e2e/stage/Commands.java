package dev.segue.e2e.stage;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/** Runs the users' own tools, {@code kubectl} and {@code helm}, against one cluster. Safe for all threads. */
final class Commands {
    private final Map<String, String> environment;

    /** @param environment variables beside this process's own */
    Commands(Map<String, String> environment) {
        this.environment = Map.copyOf(environment);
    }

    /**
     * What the command prints on standard output.
     *
     * @throws IllegalStateException when its exit code is not 0; the message has what it printed
     */
    String run(String stdin, List<String> line) {
        // The environment's PATH is for the child; env(1) also finds the child by it.
        var builder = new ProcessBuilder("/usr/bin/env");
        builder.command().addAll(line);
        builder.environment().putAll(environment);
        try {
            Process process = builder.start();
            var output = new CompletableFuture<String>();
            var errors = new CompletableFuture<String>();
            Thread.startVirtualThread(() -> output.complete(text(process.inputReader())));
            Thread.startVirtualThread(() -> errors.complete(text(process.errorReader())));
            try (var in = process.getOutputStream()) {
                in.write(stdin.getBytes(StandardCharsets.UTF_8));
            }
            int code = process.waitFor();
            if (code != 0) {
                throw new IllegalStateException("%s ended with exit code %d:%n%s%s"
                        .formatted(String.join(" ", line), code, errors.join(), output.join()));
            }
            return output.join();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot run " + line.getFirst(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted during " + String.join(" ", line), e);
        }
    }

    private static String text(java.io.BufferedReader reader) {
        return reader.lines().map(l -> l + System.lineSeparator()).reduce("", String::concat);
    }
}
