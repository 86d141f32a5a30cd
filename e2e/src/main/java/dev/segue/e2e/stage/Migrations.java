package dev.segue.e2e.stage;

import dev.segue.api.Condition;
import dev.segue.api.Migration;
import dev.segue.api.MigrationStatus;
import dev.segue.api.MigrationStatus.Transition;
import dev.segue.api.Phase;
import dev.segue.api.StagingStatus;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.function.Supplier;

/**
 * Everything that the Migrations of one namespace have been, by a watch. A state that lasted for a moment only is not
 * missed, and what was known of a deleted one is kept. Safe for all threads.
 */
public final class Migrations implements AutoCloseable {
    /** No single thing that is awaited here takes longer, even on a machine with much else to do. */
    public static final Duration PATIENCE = Duration.ofMinutes(5);

    private final Map<String, List<Migration>> states = new LinkedHashMap<>();
    private final Set<String> deleted = new TreeSet<>();
    private final SharedIndexInformer<Migration> informer;

    /** Watches from now on. */
    public Migrations(KubernetesClient client, String namespace) {
        informer = client.resources(Migration.class).inNamespace(namespace).inform(new ResourceEventHandler<>() {
            @Override
            public void onAdd(Migration now) {
                seen(now);
            }

            @Override
            public void onUpdate(Migration before, Migration now) {
                seen(now);
            }

            @Override
            public void onDelete(Migration last, boolean unknown) {
                gone(last);
            }
        });
    }

    private synchronized void seen(Migration now) {
        states.computeIfAbsent(now.getMetadata().getName(), n -> new ArrayList<>())
                .add(now);
        notifyAll();
    }

    private synchronized void gone(Migration last) {
        seen(last);
        deleted.add(last.getMetadata().getName());
    }

    /** Names, in the order in which they appeared. */
    public synchronized List<String> names() {
        return List.copyOf(states.keySet());
    }

    /** All states of one, oldest first; empty when it never existed. */
    public synchronized List<Migration> history(String name) {
        return List.copyOf(states.getOrDefault(name, List.of()));
    }

    /** The phase that it is in, or had last. */
    public Phase phase(String name) {
        return status(history(name).getLast()).phaseOrPending();
    }

    public synchronized boolean isDeleted(String name) {
        return deleted.contains(name);
    }

    /** Waits for the first state in this phase, now or earlier. */
    public Migration reached(String name, Phase phase) {
        return reached(name, "phase " + phase, m -> status(m).phaseOrPending() == phase);
    }

    /** Waits for the first state that waits for this reason, now or earlier. */
    public Migration waiting(String name, String reason) {
        return reached(name, "Waiting=" + reason, m -> reason.equals(waitingFor(m)));
    }

    /** Waits for the first state that works on this task of this phase, now or earlier. */
    public Migration task(String name, Phase phase, String task) {
        return reached(
                name,
                "task %s of %s".formatted(task, phase),
                m -> status(m).phaseOrPending() == phase
                        && task.equals(status(m).task()));
    }

    /**
     * Waits for the first state of this kind, now or earlier.
     *
     * @param what is awaited, for the message
     * @throws IllegalStateException when the Migration ends, is deleted or dawdles without getting there
     */
    public Migration reached(String name, String what, Predicate<Migration> wanted) {
        return await("Migration %s to get to %s".formatted(name, what), () -> {
            List<Migration> known = states.getOrDefault(name, List.of());
            Optional<Migration> found = known.stream().filter(wanted).findFirst();
            if (found.isEmpty() && deleted.contains(name)) {
                throw new IllegalStateException("Migration %s is gone and never had %s".formatted(name, what));
            }
            if (found.isEmpty() && !known.isEmpty() && status(known.getLast()).isTerminal()) {
                throw new IllegalStateException(
                        "Migration %s never had %s; it ended: %s".formatted(name, what, line(known.getLast())));
            }
            return found;
        });
    }

    /** Waits until it no longer exists. */
    public void awaitDeleted(String name) {
        await("Migration %s to be gone".formatted(name), () -> Optional.of(name).filter(deleted::contains));
    }

    private synchronized <T> T await(String what, Supplier<Optional<T>> look) {
        long until = System.nanoTime() + PATIENCE.toNanos();
        while (true) {
            Optional<T> found = look.get();
            if (found.isPresent()) {
                return found.get();
            }
            long left = TimeUnit.NANOSECONDS.toMillis(until - System.nanoTime());
            if (left <= 0) {
                throw new IllegalStateException("waited %d s in vain for %s".formatted(PATIENCE.toSeconds(), what));
            }
            try {
                wait(left);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException("interrupted while waiting for " + what, e);
            }
        }
    }

    /** Its status, also before it has one. */
    public static MigrationStatus status(Migration m) {
        return m.getStatus() == null ? MigrationStatus.EMPTY : m.getStatus();
    }

    /** The status of its rehearsal, which must have begun. */
    public static StagingStatus staging(Migration m) {
        return Objects.requireNonNull(status(m).staging(), "no rehearsal");
    }

    /** The reason of its condition Waiting, or a dash. */
    public static String waitingFor(Migration m) {
        return status(m)
                .condition("Waiting")
                .filter(c -> c.status().equals("True"))
                .map(Condition::reason)
                .orElse("-");
    }

    /** How long it was in each phase, in the order in which they were entered; the last one has ended. */
    public static Map<Phase, Duration> durations(Migration m) {
        Map<Phase, Duration> durations = new LinkedHashMap<>();
        List<Transition> timeline = status(m).timelineOrEmpty();
        for (int i = 0; i + 1 < timeline.size(); i++) {
            durations.merge(
                    timeline.get(i).phase(),
                    Duration.between(timeline.get(i).at(), timeline.get(i + 1).at()),
                    Duration::plus);
        }
        return durations;
    }

    /** Where it was when, one line per change, for humans. */
    public String trail(String name) {
        var trail = new StringBuilder();
        String last = "";
        for (Migration m : history(name)) {
            String line = line(m);
            if (!line.equals(last)) {
                trail.append("  ").append(line).append(System.lineSeparator());
                last = line;
            }
        }
        return trail.toString();
    }

    private static String line(Migration m) {
        MigrationStatus s = status(m);
        String target = s.target() == null ? "" : " target " + s.target().availability();
        String message = s.condition("Ready").map(Condition::message).orElse("");
        return "%s %s/%s%s waiting %s: %s"
                .formatted(
                        s.taskSince() == null ? s.phaseSince() : s.taskSince(),
                        s.phaseOrPending(),
                        s.task(),
                        target,
                        waitingFor(m),
                        message);
    }

    @Override
    public void close() {
        informer.close();
    }
}
