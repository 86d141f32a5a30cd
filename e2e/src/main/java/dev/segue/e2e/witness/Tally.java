package dev.segue.e2e.witness;

import dev.segue.e2e.witness.Summary.FailureRun;
import dev.segue.e2e.witness.Summary.Latency;
import dev.segue.e2e.witness.Summary.Part;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumMap;
import java.util.Map;
import java.util.TreeMap;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/** Counts the requests as they end. Its size depends on the number of versions seen only. Safe for all threads. */
final class Tally {
    /** Three digits up to a minute: finer than any clock here, 0.2 MB for each kind and version. */
    private static final long MAX_MICROS = 60_000_000;

    private final Map<Kind, Map<String, Cell>> cells = new EnumMap<>(Kind.class);
    private long sent;
    private long requests;
    private long ok;
    private long non2xx;
    private double maxLateMs;
    private @Nullable Instant from;
    private @Nullable Instant to;
    private @Nullable FailureRun run;
    private @Nullable FailureRun longestRun;

    private static final class Cell {
        private long requests;
        private long ok;
        private final Map<String, Long> connectionFailures = new TreeMap<>();
        private final Map<Integer, Long> non2xx = new TreeMap<>();
        private final Histogram micros = new Histogram(1, MAX_MICROS, 3);

        private Part part() {
            return new Part(
                    requests,
                    ok,
                    new TreeMap<>(connectionFailures),
                    new TreeMap<>(non2xx),
                    new Latency(
                            micros.getValueAtPercentile(50) / 1000.0,
                            micros.getValueAtPercentile(99) / 1000.0,
                            micros.getMaxValue() / 1000.0));
        }
    }

    synchronized void sent() {
        sent++;
    }

    /** Returns how many requests have failed so far. */
    synchronized long ended(RequestRecord request) {
        requests++;
        maxLateMs = Math.max(maxLateMs, request.lateMs());
        long micros = Math.round(request.durationMs() * 1000);
        Instant end = request.start().plus(Duration.ofNanos(micros * 1000));
        from = from == null || request.start().isBefore(from) ? request.start() : from;
        to = to == null || end.isAfter(to) ? end : to;

        Cell cell = cells.computeIfAbsent(request.kind(), _ -> new TreeMap<>())
                .computeIfAbsent(request.version() == null ? Summary.NO_VERSION : request.version(), _ -> new Cell());
        cell.requests++;
        cell.micros.recordValue(Math.clamp(micros, 0, MAX_MICROS));
        Integer status = request.status();
        if (request.isOk()) {
            ok++;
            cell.ok++;
            run = null;
            return requests - ok;
        }
        if (status != null) {
            non2xx++;
            cell.non2xx.merge(status, 1L, Long::sum);
        } else {
            cell.connectionFailures.merge(request.error() == null ? "unknown" : request.error(), 1L, Long::sum);
        }
        run = run == null
                ? new FailureRun(1, request.start(), end)
                : new FailureRun(run.requests() + 1, run.from(), end.isAfter(run.to()) ? end : run.to());
        longestRun = longestRun == null || run.requests() > longestRun.requests() ? run : longestRun;
        return requests - ok;
    }

    synchronized Summary summary(String target, Map<Kind, Long> connectionsOpened) {
        Map<Kind, Map<String, Part>> byKind = new EnumMap<>(Kind.class);
        cells.forEach((kind, versions) -> {
            Map<String, Part> parts = new TreeMap<>();
            versions.forEach((version, cell) -> parts.put(version, cell.part()));
            byKind.put(kind, parts);
        });
        long failures = requests - ok;
        return new Summary(
                target,
                from,
                to,
                requests,
                failures,
                requests == 0 ? 0 : (double) failures / requests,
                failures - non2xx,
                non2xx,
                sent - requests,
                maxLateMs,
                connectionsOpened,
                longestRun,
                byKind);
    }
}
