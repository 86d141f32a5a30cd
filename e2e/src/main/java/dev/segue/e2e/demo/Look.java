package dev.segue.e2e.demo;

import dev.segue.api.MigrationStatus;
import dev.segue.api.MigrationStatus.StepStatus;
import dev.segue.e2e.witness.Summary;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * What one line of the live view is about.
 *
 * @param elapsed since the Migration was applied
 * @param step "1/3", or a dash before the first one
 * @param task what is being done; with the reason when something is waited for
 * @param asked the share of the traffic that the step asks for
 * @param has the share that the target has now, by ready endpoints
 * @param versions by version: the shop's pods and the answers that the witness got
 * @param failed requests so far
 */
record Look(
        Duration elapsed,
        String phase,
        String step,
        String task,
        String asked,
        String has,
        Map<String, Version> versions,
        long failed) {

    static final String NOTHING = "-";

    /**
     * One version of the shop.
     *
     * @param ready pods that take requests
     * @param pods all of its pods that are not being stopped
     * @param rate answers per second
     */
    record Version(int ready, int pods, double rate) {
        static final Version NONE = new Version(0, 0, 0);
    }

    static Look at(Duration elapsed, MigrationStatus status, Map<String, Version> versions, long failed) {
        String task = status.task() == null ? NOTHING : status.task();
        String waiting =
                status.condition("Waiting").map(c -> " (" + c.reason() + ")").orElse("");
        StepStatus step = status.step();
        return new Look(
                elapsed,
                status.phaseOrPending().name(),
                step == null ? NOTHING : step.position(),
                task + waiting,
                step == null ? NOTHING : step.weight() + "%",
                step == null ? NOTHING : step.traffic(),
                versions,
                failed);
    }

    /** Answers per second of a version between two summaries of one witness, failed ones included. */
    static double rate(Summary before, Summary now, String version, Duration between) {
        long answers = answers(now, version) - answers(before, version);
        return between.isPositive() ? answers * 1e9 / between.toNanos() : 0;
    }

    private static long answers(Summary summary, String version) {
        return summary.byKind().keySet().stream()
                .mapToLong(kind -> summary.part(kind, version).requests())
                .sum();
    }

    /** Two lines that name the columns of {@link #line}. */
    static String header(String from, String to) {
        return "%-5s  %-12s %-4s  %-27s  %-13s %-19s %-19s %s%n"
                        .formatted(
                                "TIME",
                                "PHASE",
                                "STEP",
                                "TASK",
                                "WEIGHT %",
                                "VERSION " + from,
                                "VERSION " + to,
                                "FAILED")
                + "%55s%-6s %-6s %-6s %-12s %-6s %-12s %s"
                        .formatted("", "asked", "has", "pods", "answers/s", "pods", "answers/s", "requests");
    }

    /** One line below {@link #header}. */
    String line(String from, String to) {
        return "%-5s  %-12s %-4s  %-27s  %-6s %-6s %s %s %d"
                .formatted(clock(elapsed), phase, step, task, asked, has, columns(from), columns(to), failed);
    }

    private String columns(String version) {
        Version v = versions.getOrDefault(version, Version.NONE);
        String pods = v.ready() == v.pods() ? Integer.toString(v.pods()) : v.ready() + "/" + v.pods();
        return "%-6s %-12s".formatted(pods, String.format(Locale.ROOT, "%.0f", v.rate()));
    }

    /** Whether a line would tell more of this than of that, the rates and the time aside. */
    boolean differs(Look that) {
        return !withoutRates().equals(that.withoutRates());
    }

    private Look withoutRates() {
        Map<String, Version> calm = versions.entrySet().stream()
                .collect(Collectors.toMap(
                        Map.Entry::getKey,
                        e -> new Version(e.getValue().ready(), e.getValue().pods(), 0)));
        return new Look(Duration.ZERO, phase, step, task, asked, has, calm, failed);
    }

    static String clock(Duration elapsed) {
        return "%d:%02d".formatted(elapsed.toMinutes(), elapsed.toSecondsPart());
    }
}
