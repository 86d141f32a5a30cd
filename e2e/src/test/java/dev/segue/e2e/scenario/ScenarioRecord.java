package dev.segue.e2e.scenario;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonProcessingException;
import dev.segue.api.Migration;
import dev.segue.api.MigrationStatus;
import dev.segue.api.Phase;
import dev.segue.api.PrometheusSource;
import dev.segue.e2e.recorded.Detection;
import dev.segue.e2e.stage.Migrations;
import dev.segue.e2e.stage.Operator.Usage;
import dev.segue.e2e.stage.Prometheus;
import dev.segue.e2e.stage.Prometheus.Answered;
import dev.segue.e2e.stage.Scene;
import dev.segue.e2e.witness.Json;
import dev.segue.e2e.witness.Summary;
import dev.segue.engine.Observed;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What one scenario took: kept as JSON in {@code target/scenarios}, and told in a line; what was detected in one each.
 *
 * @param seconds from the making of the namespace to the end of the test
 * @param migrations by name
 * @param witnesses what each saw
 * @param operator what it used meanwhile, for all scenes that go on together, or null when it was restarted
 * @param prometheus what the cluster's was asked meanwhile, likewise; null where no Migration was to ask it
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
record ScenarioRecord(
        String scenario,
        double seconds,
        Map<String, Course> migrations,
        List<Summary> witnesses,
        @Nullable Usage operator,
        @Nullable Asked prometheus) {
    private static final Path FOLDER = Path.of("target", "scenarios");

    /**
     * One Migration.
     *
     * @param end its last phase
     * @param cause why it went back, or null
     * @param phaseSeconds how long it was in each phase
     * @param rehearsalSeconds how long the tasks of its rehearsal took, those of a tenth of a second and more
     * @param copied how many objects of each kind were copied for it
     * @param detected by metric, what Segue has decided, and others would have on the same traffic
     */
    @JsonInclude(JsonInclude.Include.NON_EMPTY)
    record Course(
            Phase end,
            @Nullable String handover,
            @Nullable String cause,
            Map<Phase, Double> phaseSeconds,
            Map<String, Double> rehearsalSeconds,
            Map<String, Long> copied,
            Map<String, List<Detection>> detected) {
        static Course of(List<Migration> history, Map<String, List<Detection>> detected) {
            Migration m = history.getLast();
            var status = Migrations.status(m);
            var cause = status.cause();
            Map<Phase, Double> seconds = new LinkedHashMap<>();
            Migrations.durations(m).forEach((phase, time) -> seconds.put(phase, ScenarioRecord.seconds(time)));
            return new Course(
                    status.phaseOrPending(),
                    status.handover(),
                    cause == null ? null : cause.reason(),
                    seconds,
                    rehearsal(history),
                    Optional.ofNullable(status.staging()).stream()
                            .flatMap(staging -> staging.objectsOrEmpty().stream())
                            .collect(Collectors.groupingBy(
                                    c -> c.object().split("/")[0], TreeMap::new, Collectors.counting())),
                    detected);
        }

        private static Map<String, Double> rehearsal(List<Migration> history) {
            Map<String, Double> seconds = new LinkedHashMap<>();
            String task = null;
            Instant since = Instant.MIN;
            for (Migration m : history) {
                MigrationStatus status = Migrations.status(m);
                Instant next = status.taskSince() == null ? status.phaseSince() : status.taskSince();
                String now = status.phaseOrPending() == Phase.Staging ? status.task() : null;
                if (next == null || Objects.equals(now, task)) {
                    continue;
                }
                if (task != null) {
                    seconds.merge(task, ScenarioRecord.seconds(Duration.between(since, next)), Double::sum);
                }
                task = now;
                since = next;
            }
            seconds.values().removeIf(taken -> taken == 0);
            return seconds;
        }

        String text() {
            String phases = phaseSeconds.entrySet().stream()
                    .map(e -> e.getKey() + " " + e.getValue())
                    .collect(Collectors.joining(", "));
            return "%s%s%s (%s)"
                    .formatted(
                            end,
                            handover == null ? "" : " by " + handover,
                            cause == null ? "" : " for " + cause,
                            phases);
        }
    }

    /**
     * What Prometheus was asked.
     *
     * @param minutes in which Migrations were evaluated, together
     * @param perMinute of these, the history before the start and all else included
     */
    record Asked(long queries, double minutes, double perMinute) {
        static @Nullable Asked between(Answered before, Answered after, List<Migration> migrations) {
            double minutes = migrations.stream()
                            .filter(Asked::asksTheClusters)
                            .flatMap(m -> Migrations.durations(m).entrySet().stream())
                            .filter(phase -> Observed.watched(phase.getKey()))
                            .mapToLong(phase -> phase.getValue().toMillis())
                            .sum()
                    / 60_000.0;
            long queries = after.queries() - before.queries();
            return minutes == 0 || after.started() != before.started()
                    ? null
                    : new Asked(queries, tenths(minutes), tenths(queries / minutes));
        }

        private static boolean asksTheClusters(Migration m) {
            PrometheusSource source = m.getSpec().analysisOrDefault().prometheus();
            return source != null && source.url().equals(Prometheus.URL);
        }
    }

    /**
     * @param before what the operator had used when the scenario began, or null when it was restarted since, and counts from zero
     * @param answered what Prometheus had answered then
     * @param detected by Migration and metric
     */
    static ScenarioRecord of(
            String name,
            Scene scene,
            Instant since,
            @Nullable Usage before,
            Answered answered,
            Map<String, Map<String, List<Detection>>> detected) {
        Map<String, Course> courses = new LinkedHashMap<>();
        List<Migration> last = new ArrayList<>();
        for (String migration : scene.migrations().names()) {
            List<Migration> history = scene.migrations().history(migration);
            last.add(history.getLast());
            courses.put(migration, Course.of(history, detected.getOrDefault(migration, Map.of())));
        }
        return new ScenarioRecord(
                name,
                seconds(Duration.between(since, Instant.now())),
                courses,
                scene.summaries(),
                before == null
                        ? null
                        : difference(before, scene.stage().operator().usage()),
                Asked.between(answered, scene.stage().prometheus().answered(), last));
    }

    private static Usage difference(Usage before, Usage after) {
        Map<String, Long> requests = new LinkedHashMap<>();
        after.requests()
                .forEach((method, n) ->
                        requests.put(method, n - before.requests().getOrDefault(method, 0L)));
        return new Usage(
                after.container(),
                requests,
                after.leaseWrites() - before.leaseWrites(),
                after.cpuSeconds() - before.cpuSeconds(),
                after.memoryMiB());
    }

    private static double seconds(Duration duration) {
        return tenths(duration.toMillis() / 1000.0);
    }

    private static double tenths(double number) {
        return Math.round(number * 10) / 10.0;
    }

    void keep() {
        try {
            Files.createDirectories(FOLDER);
            Files.writeString(
                    FOLDER.resolve(scenario + ".json"),
                    Json.MAPPER.writerWithDefaultPrettyPrinter().writeValueAsString(this));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("the record of " + scenario + " is no JSON", e);
        } catch (IOException e) {
            throw new UncheckedIOException("the record of " + scenario + " cannot be written", e);
        }
        System.out.println(line());
        migrations.forEach((name, course) -> course.detected()
                .forEach((metric, rules) -> rules.forEach(
                        rule -> System.out.printf("DETECTED %s %s %s by %s%n", scenario, name, metric, rule.text()))));
    }

    private String line() {
        String courses = migrations.entrySet().stream()
                .map(e -> "; " + e.getKey() + " " + e.getValue().text())
                .collect(Collectors.joining());
        String counts = witnesses.stream()
                .map(w -> "; %d requests, %d failed".formatted(w.requests(), w.failures()))
                .collect(Collectors.joining());
        String use = operator == null
                ? ""
                : String.format(
                        Locale.ROOT,
                        "; operator: requests %s, %d for its lease, %.1f s CPU, %.0f MiB",
                        operator.requests(),
                        operator.leaseWrites(),
                        operator.cpuSeconds(),
                        operator.memoryMiB());
        String asked = prometheus == null
                ? ""
                : "; Prometheus: %d queries, %s a minute".formatted(prometheus.queries(), prometheus.perMinute());
        return "SCENARIO %s: %s s%s%s%s%s".formatted(scenario, seconds, counts, courses, use, asked);
    }
}
