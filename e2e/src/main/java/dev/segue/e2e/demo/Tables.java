package dev.segue.e2e.demo;

import dev.segue.e2e.demo.Report.Moved;
import dev.segue.e2e.demo.Report.Promise;
import dev.segue.e2e.demo.Report.Traffic;
import dev.segue.e2e.witness.Kind;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** What the demo prints of a {@link Report}. Lines end with the platform's separator but for the last. */
final class Tables {
    private static final String NEW_LINE = System.lineSeparator();

    private Tables() {}

    /** Requests by kind of client and version, with the failed ones of each kind, and a line of totals. */
    static String requests(Moved moved) {
        var versions = new TreeSet<String>();
        moved.traffic().values().forEach(parts -> versions.addAll(parts.keySet()));
        var table = new StringBuilder(
                row("REQUESTS", versions.stream().map(Tables::title).toList(), "FAILED"));
        for (Kind kind : Kind.values()) {
            Map<String, Traffic> parts = moved.traffic().getOrDefault(kind, Map.of());
            table.append(row(
                    name(kind),
                    versions.stream()
                            .map(v -> number(parts.getOrDefault(v, Traffic.NONE).requests()))
                            .toList(),
                    number(parts.values().stream().mapToLong(Traffic::failures).sum())));
        }
        table.append(
                row("all", versions.stream().map(v -> number(moved.requests(v))).toList(), number(moved.failures())));
        return table.toString().stripTrailing();
    }

    private static String title(String version) {
        return version.equals("none") ? "NO ANSWER" : version;
    }

    private static String row(String first, List<String> cells, String last) {
        var row = new StringBuilder("  %-24s".formatted(first));
        cells.forEach(cell -> row.append("%12s".formatted(cell)));
        return row.append("%12s".formatted(last)).append(NEW_LINE).toString();
    }

    private static String name(Kind kind) {
        return switch (kind) {
            case NEW -> "a connection each";
            case KEEPALIVE -> "on kept connections";
            case SLOW -> "of 2 seconds";
        };
    }

    private static String number(long number) {
        return String.format(Locale.ROOT, "%,d", number);
    }

    /** The phases in one line, with their durations. */
    static String phases(Moved moved) {
        return "  "
                + moved.phases().stream()
                        .map(p -> String.format(Locale.ROOT, "%s %.1f s", p.phase(), p.seconds()))
                        .collect(Collectors.joining(" > "))
                + String.format(Locale.ROOT, " > %s after %.1f s", moved.phase(), moved.seconds());
    }

    /** One promise a line. */
    static String promises(List<Promise> promises) {
        return promises.stream()
                .map(p -> "  %-8s %s: %s".formatted(p.kept() ? "kept" : "BROKEN", p.promise(), p.seen()))
                .collect(Collectors.joining(NEW_LINE));
    }
}
