package dev.segue.e2e.benchmark;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/** On what it was measured, in a line. */
final class Machine {
    private Machine() {}

    static String describe(String kubernetes) throws IOException {
        String model = Files.readAllLines(Path.of("/proc/cpuinfo")).stream()
                .filter(line -> line.startsWith("model name"))
                .findFirst()
                .map(line -> line.substring(line.indexOf(':') + 1).strip())
                .orElse("CPU");
        long kib = Files.readAllLines(Path.of("/proc/meminfo")).stream()
                .filter(line -> line.startsWith("MemTotal:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                .findFirst()
                .orElse(0);
        return String.format(
                Locale.ROOT,
                "%s, %d CPUs, %.0f GiB, Linux %s, Kubernetes %s on the same machine",
                model,
                Runtime.getRuntime().availableProcessors(),
                kib / 1024.0 / 1024,
                System.getProperty("os.version"),
                kubernetes);
    }

    /** Processes that wanted a CPU, on average over the last minute. */
    static String load() throws IOException {
        return Files.readString(Path.of("/proc/loadavg")).split(" ")[0];
    }
}
