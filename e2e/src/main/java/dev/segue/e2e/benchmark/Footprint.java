package dev.segue.e2e.benchmark;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * What one container takes of the machine, from its cgroup: what the kernel ends it for. Only for clusters whose containers
 * run on this machine. Cgroup v1 and v2.
 */
final class Footprint implements AutoCloseable {
    private static final double MIB = 1024.0 * 1024;

    private final Path memory;
    private final Path cpu;
    private final boolean v2;
    private final long pid;
    private final AtomicLong peak = new AtomicLong();
    private final ScheduledExecutorService sampler = Executors.newSingleThreadScheduledExecutor();

    /** Looks ten times a second from now on, for the peak. */
    Footprint(String containerId) {
        v2 = Files.exists(Path.of("/sys/fs/cgroup/cgroup.controllers"));
        memory = find(Path.of("/sys/fs/cgroup", v2 ? "" : "memory"), containerId);
        cpu = v2 ? memory : find(Path.of("/sys/fs/cgroup/cpuacct"), containerId);
        pid = Long.parseLong(
                text(memory.resolve("cgroup.procs")).lines().findFirst().orElseThrow());
        var _ = sampler.scheduleAtFixedRate(this::sample, 0, 100, TimeUnit.MILLISECONDS);
    }

    private static Path find(Path hierarchy, String containerId) {
        try (Stream<Path> folders = Files.find(
                hierarchy,
                8,
                (path, a) -> a.isDirectory() && path.getFileName().toString().contains(containerId))) {
            return folders.findFirst()
                    .orElseThrow(() -> new IllegalStateException(
                            "container %s has no cgroup in %s".formatted(containerId, hierarchy)));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot look through " + hierarchy, e);
        }
    }

    private void sample() {
        try {
            peak.accumulateAndGet(workingSetBytes(), Math::max);
        } catch (UncheckedIOException e) {
            // it has ended
        }
    }

    /** As the kubelet counts it: what cannot be taken away from it when memory is short. */
    private long workingSetBytes() {
        long usage = Long.parseLong(text(memory.resolve(v2 ? "memory.current" : "memory.usage_in_bytes"))
                .strip());
        return usage - number(text(memory.resolve("memory.stat")), v2 ? "inactive_file" : "total_inactive_file");
    }

    double workingSetMiB() {
        return workingSetBytes() / MIB;
    }

    /** The largest working set so far. */
    double peakMiB() {
        return peak.get() / MIB;
    }

    double cpuSeconds() {
        return v2
                ? number(text(cpu.resolve("cpu.stat")), "usage_usec") / 1e6
                : Long.parseLong(text(cpu.resolve("cpuacct.usage")).strip()) / 1e9;
    }

    /** When its process started, in milliseconds since 1970. */
    long startedAt() {
        String stat = text(Path.of("/proc/" + pid + "/stat"));
        long ticks = Long.parseLong(stat.substring(stat.lastIndexOf(')') + 2).split(" ")[19]); // field 22, 100 a second
        double uptime = Double.parseDouble(text(Path.of("/proc/uptime")).split(" ")[0]);
        return System.currentTimeMillis() - Math.round(uptime * 1000) + ticks * 10;
    }

    private static long number(String text, String key) {
        Matcher matcher = Pattern.compile("(?m)^" + key + " ([0-9]+)$").matcher(text);
        if (!matcher.find()) {
            throw new IllegalStateException("no " + key + " in: " + text);
        }
        return Long.parseLong(matcher.group(1));
    }

    private static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + file, e);
        }
    }

    @Override
    public void close() {
        sampler.shutdownNow();
    }
}
