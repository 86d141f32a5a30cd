package dev.segue.e2e.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.segue.api.Analysis;
import dev.segue.api.Analysis.OnInconclusive;
import dev.segue.api.ComparisonStatus.Checkpoint;
import dev.segue.api.Condition;
import dev.segue.api.Metric;
import dev.segue.api.Migration;
import dev.segue.api.MigrationStatus;
import dev.segue.api.MigrationStatus.MetricStatus;
import dev.segue.api.MigrationStatus.StepStatus;
import dev.segue.api.MigrationStatus.Transition;
import dev.segue.api.Phase;
import dev.segue.e2e.stage.Migrations;
import dev.segue.e2e.stage.Scene;
import io.fabric8.kubernetes.api.model.events.v1.Event;
import java.util.List;
import java.util.Objects;

/** What holds for every Migration in every state that it has been in. */
final class Rules {
    private Rules() {}

    /** @param restarted whether the operator was, so that an event may be lacking: the status is written first */
    static void check(Scene scene, boolean restarted) {
        for (String name : scene.migrations().names()) {
            List<Migration> history = scene.migrations().history(name);
            Migration before = history.getFirst();
            for (Migration now : history) {
                if (Migrations.status(now).phase() != null) {
                    conditions(now);
                    finalizer(now);
                    continues(Migrations.status(before), Migrations.status(now));
                    lookedAt(before, now);
                    before = now;
                }
            }
            events(scene, before, restarted);
            released(scene, name);
        }
    }

    /** Whatever would have to be taken back is there only while a deletion would do so. */
    private static void finalizer(Migration m) {
        if (Migrations.status(m).phaseOrPending().engaged()) {
            assertThat(m.getMetadata().getFinalizers())
                    .as("finalizers in %s", Migrations.status(m).phase())
                    .contains(Migration.FINALIZER);
        }
    }

    /** One that has ended keeps neither itself nor its namespace from being deleted. */
    private static void released(Scene scene, String name) {
        Migration last = scene.migrations().history(name).getLast();
        if (!scene.migrations().isDeleted(name)
                && !Migrations.status(last).phaseOrPending().engaged()) {
            // The finalizer goes right after the last status.
            await().atMost(Migrations.PATIENCE)
                    .untilAsserted(() -> assertThat(scene.migrations()
                                    .history(name)
                                    .getLast()
                                    .getMetadata()
                                    .getFinalizers())
                            .as("finalizers of %s, which has ended", name)
                            .doesNotContain(Migration.FINALIZER));
        }
    }

    /** As kstatus, and so {@code kubectl wait}, Argo CD and Flux, read them. */
    private static void conditions(Migration m) {
        MigrationStatus status = m.getStatus();
        Phase phase = status.phaseOrPending();
        assertThat(status.observedGeneration())
                .as("observedGeneration in %s", phase)
                .isNotNull()
                .isLessThanOrEqualTo(m.getMetadata().getGeneration());
        assertThat(is(status, "Ready", "True")).as("Ready in %s", phase).isEqualTo(phase == Phase.Completed);
        assertThat(is(status, "Reconciling", "True"))
                .as("Reconciling in %s", phase)
                .isEqualTo(!phase.terminal());
        assertThat(is(status, "Stalled", "True"))
                .as("Stalled in %s", phase)
                .isEqualTo(phase.terminal() && phase != Phase.Completed);
        assertThat(status.conditionsOrEmpty()).extracting(Condition::type).doesNotHaveDuplicates();
        assertThat(status.conditionsOrEmpty()).as("conditions in %s", phase).allSatisfy(c -> {
            assertThat(c.status()).isIn("True", "False", "Unknown");
            assertThat(c.reason()).matches("[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?");
            assertThat(c.message()).isNotBlank();
            assertThat(c.observedGeneration()).isEqualTo(status.observedGeneration());
        });
    }

    private static boolean is(MigrationStatus status, String type, String value) {
        return status.condition(type).filter(c -> c.status().equals(value)).isPresent();
    }

    /** What was told is not taken back, and a condition's time is the time of its last change. */
    private static void continues(MigrationStatus before, MigrationStatus now) {
        List<Transition> told = before.timelineOrEmpty();
        assertThat(now.timelineOrEmpty().stream().limit(told.size()).toList())
                .as("timeline")
                .isEqualTo(told);
        for (Condition c : now.conditionsOrEmpty()) {
            before.condition(c.type())
                    .filter(b -> b.status().equals(c.status()))
                    .ifPresent(b -> assertThat(c.lastTransitionTime())
                            .as("lastTransitionTime of %s=%s", c.type(), c.status())
                            .isEqualTo(b.lastTransitionTime()));
        }
    }

    /** No weight is left before each version had requests enough there, but by a human's word. */
    private static void lookedAt(Migration before, Migration now) {
        StepStatus left = Migrations.status(before).step();
        Analysis analysis = before.getSpec().analysisOrDefault();
        if (left == null
                || left.holdSince() == null
                || !(next(before, now) || over(before, now))
                || analysis.onInconclusiveOrDefault() == OnInconclusive.Promote
                || Migrations.status(now).timelineOrEmpty().stream()
                        .anyMatch(t -> t.reason().equals("Promoted"))) {
            return;
        }
        for (Metric metric : analysis.comparing()) {
            if (metric.isRequired()) {
                Checkpoint seen = Migrations.status(now).metricsOrEmpty().stream()
                        .filter(m -> m.name().equals(metric.name()))
                        .map(MetricStatus::checkpoint)
                        .findFirst()
                        .orElse(null);
                assertThat(seen)
                        .as("%s of %s at the weight of step %d", metric.name(), before.getSpec(), left.index())
                        .isNotNull()
                        .satisfies(c -> {
                            assertThat(c.holdSince()).isEqualTo(left.holdSince());
                            assertThat(c.holdTarget()).isGreaterThanOrEqualTo(analysis.minRequestsOrDefault());
                            if (!over(before, now) && metric.objective() == null) {
                                assertThat(c.holdSource()).isGreaterThanOrEqualTo(analysis.minRequestsOrDefault());
                            }
                        });
            }
        }
    }

    /** Into the next step, whose hold has not begun: after a watch that ended, states may be missing. */
    private static boolean next(Migration before, Migration now) {
        StepStatus step = Migrations.status(now).step();
        return step != null
                && step.holdSince() == null
                && step.index()
                        == Objects.requireNonNull(Migrations.status(before).step())
                                        .index()
                                + 1;
    }

    private static boolean over(Migration before, Migration now) {
        return Migrations.status(before).phase() == Phase.Soaking
                && Migrations.status(now).phase() == Phase.HandingOver;
    }

    /** One event for each line of the timeline, and the other way round. */
    private static void events(Scene scene, Migration last, boolean restarted) {
        String name = last.getMetadata().getName();
        List<String> told = Migrations.status(last).timelineOrEmpty().stream()
                .map(t -> t.reason() + ": " + t.message())
                .toList();
        // The last event follows the last status.
        await().atMost(Migrations.PATIENCE).untilAsserted(() -> {
            List<Event> events = scene.events(name);
            List<String> seen =
                    events.stream().map(e -> e.getReason() + ": " + e.getNote()).toList();
            if (restarted) {
                assertThat(told).as("timeline of %s by its events", name).containsAll(seen);
            } else {
                assertThat(seen).as("events of %s", name).containsExactlyInAnyOrderElementsOf(told);
            }
            assertThat(events).allSatisfy(e -> {
                assertThat(e.getType()).isIn("Normal", "Warning");
                assertThat(Objects.requireNonNull(e.getReportingController())).isEqualTo("segue.dev/operator");
            });
        });
    }
}
