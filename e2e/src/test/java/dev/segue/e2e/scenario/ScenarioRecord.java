package dev.segue.e2e.scenario;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonProcessingException;
import dev.segue.api.Migration;
import dev.segue.api.Phase;
import dev.segue.e2e.stage.Migrations;
import dev.segue.e2e.stage.Operator.Usage;
import dev.segue.e2e.stage.Scene;
import dev.segue.e2e.witness.Json;
import dev.segue.e2e.witness.Summary;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What one scenario took: kept as JSON in {@code target/scenarios}, and told in one line.
 *
 * @param seconds from the making of the namespace to the end of the test
 * @param migrations by name
 * @param witnesses what each saw
 * @param operator what it used meanwhile, for all scenes that go on together, or null when it was restarted
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
record ScenarioRecord(
        String scenario,
        double seconds,
        Map<String, Course> migrations,
        List<Summary> witnesses,
        @Nullable Usage operator) {
    private static final Path FOLDER = Path.of("target", "scenarios");

    /**
     * One Migration.
     *
     * @param end its last phase
     * @param cause why it went back, or null
     * @param phaseSeconds how long it was in each phase
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Course(
            Phase end, @Nullable String handover, @Nullable String cause, Map<Phase, Double> phaseSeconds) {
        static Course of(Migration m) {
            var status = Migrations.status(m);
            var cause = status.cause();
            Map<Phase, Double> seconds = new LinkedHashMap<>();
            Migrations.durations(m).forEach((phase, time) -> seconds.put(phase, ScenarioRecord.seconds(time)));
            return new Course(
                    status.phaseOrPending(), status.handover(), cause == null ? null : cause.reason(), seconds);
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

    /** @param before what the operator had used when the scenario began, or null when it was restarted since, and counts from zero */
    static ScenarioRecord of(String name, Scene scene, Instant since, @Nullable Usage before) {
        Map<String, Course> courses = new LinkedHashMap<>();
        for (String migration : scene.migrations().names()) {
            courses.put(
                    migration, Course.of(scene.migrations().history(migration).getLast()));
        }
        return new ScenarioRecord(
                name,
                seconds(Duration.between(since, Instant.now())),
                courses,
                scene.summaries(),
                before == null
                        ? null
                        : difference(before, scene.stage().operator().usage()));
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
        return Math.round(duration.toMillis() / 100.0) / 10.0;
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
        return "SCENARIO %s: %s s%s%s%s".formatted(scenario, seconds, counts, courses, use);
    }
}
