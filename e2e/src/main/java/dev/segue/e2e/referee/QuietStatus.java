package dev.segue.e2e.referee;

import dev.segue.api.Migration;
import dev.segue.api.MigrationStatus;
import dev.segue.api.MigrationStatus.MetricStatus;
import dev.segue.api.Phase;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * {@link Invariant#IDLE} for the status. While the operator only watches, it writes there
 *
 * <ul>
 *   <li>that it goes on, or what the user said (a new generation of the spec, a command),
 *   <li>what it measures, when that has changed: metrics (each interval, as their time is part of it), drain, pods and
 *       endpoints by version,
 *   <li>what it waits for, when that has changed, and once in each task what is going on.
 * </ul>
 *
 * <p>After the end it writes nothing, but for the user's word, and that a copy of production that was kept is gone; a
 * Stuck one that is deleted begins to revert.
 */
final class QuietStatus implements Rule {
    /** Migrations (by UID and task) whose one sentence on what is going on was written. */
    private final Set<String> told = new HashSet<>();

    @Override
    public List<Violation> check(Change change, World world) {
        if (!(change.before() instanceof Migration before) || !(change.after() instanceof Migration after)) {
            return List.of();
        }
        MigrationStatus was = World.status(before);
        MigrationStatus is = World.status(after);
        if (was.equals(is) || !Writes.isIdle(before) || userSpoke(was, is)) {
            return List.of();
        }
        if (was.isTerminal()) {
            boolean revived = was.phase() == Phase.Stuck && after.getMetadata().getDeletionTimestamp() != null;
            boolean swept = was.staging() != null
                    && was.staging().present()
                    && is.staging() != null
                    && !is.staging().present();
            return revived || swept
                    ? List.of()
                    : List.of(Violation.of(Invariant.IDLE, change, "status written after the end"));
        }
        if (!sameWork(was, is)) {
            return List.of();
        }
        String problem = problem(after, was, is);
        return problem.isEmpty() ? List.of() : List.of(Violation.of(Invariant.IDLE, change, problem));
    }

    private static boolean userSpoke(MigrationStatus was, MigrationStatus is) {
        return !Objects.equals(was.observedGeneration(), is.observedGeneration())
                || !Objects.equals(was.command(), is.command());
    }

    private static boolean sameWork(MigrationStatus was, MigrationStatus is) {
        return was.phaseOrPending() == is.phaseOrPending()
                && Objects.equals(was.task(), is.task())
                && Objects.equals(was.taskSince(), is.taskSince());
    }

    /** Why this write was not called for, empty when it was. */
    private String problem(Migration m, MigrationStatus was, MigrationStatus is) {
        Duration interval = m.getSpec().analysisOrDefault().intervalOrDefault();
        for (MetricStatus now : is.metricsOrEmpty()) {
            boolean early = was.metricsOrEmpty().stream()
                    .filter(b -> b.name().equals(now.name()) && !b.equals(now))
                    .anyMatch(b -> early(b, now, interval));
            if (early) {
                return "metric %s measured before its interval was over".formatted(now.name());
            }
        }
        boolean measured = !was.metricsOrEmpty().equals(is.metricsOrEmpty())
                || !Objects.equals(was.drain(), is.drain())
                || !was.servicesOrEmpty().equals(is.servicesOrEmpty())
                || !Objects.equals(was.target(), is.target())
                || !Objects.equals(was.step(), is.step());
        boolean waits = !words(was, "Waiting").equals(words(is, "Waiting"));
        if (measured || waits || told.add("%s/%s/%s".formatted(World.uid(m), is.task(), is.taskSince()))) {
            return "";
        }
        return "status written during %s though nothing had changed: %s"
                .formatted(Writes.place(is), is.conditionsOrEmpty());
    }

    /**
     * What is compared is evaluated by intervals that follow each other, looked at a little sooner or later. Without new
     * ones only another verdict is news: that Prometheus is away, say.
     */
    private static boolean early(MetricStatus before, MetricStatus now, Duration interval) {
        if (before.comparison() != null && now.comparison() != null) {
            Instant was = before.comparison().coverage().to();
            Instant is = now.comparison().coverage().to();
            if (!is.equals(was)) {
                return Duration.between(was, is).compareTo(interval) < 0;
            }
            if (!before.verdict().equals(now.verdict())) {
                return false;
            }
        }
        return Duration.between(before.at(), now.at()).compareTo(interval) < 0;
    }

    private static Optional<String> words(MigrationStatus status, String condition) {
        return status.condition(condition).map(c -> c.reason() + c.message());
    }
}
