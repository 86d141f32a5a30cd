package dev.segue.e2e.benchmark;

import dev.segue.api.Migration;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** The Migrations of some namespace by a watch: their states now, and how often any was written. Safe for all threads. */
final class Sightings implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofMinutes(5);

    private final Map<String, Migration> states = new ConcurrentHashMap<>();
    private final AtomicLong updates = new AtomicLong();
    private final SharedIndexInformer<Migration> informer;

    Sightings(KubernetesClient client, String namespace) {
        informer = client.resources(Migration.class)
                .inNamespace(namespace)
                .withLimit(500L)
                .inform(new ResourceEventHandler<>() {
                    @Override
                    public void onAdd(Migration now) {
                        seen(now);
                    }

                    @Override
                    public void onUpdate(Migration before, Migration now) {
                        updates.incrementAndGet();
                        seen(now);
                    }

                    @Override
                    public void onDelete(Migration last, boolean unknown) {
                        states.remove(last.getMetadata().getName());
                        wake();
                    }
                });
    }

    private void seen(Migration now) {
        states.put(now.getMetadata().getName(), now);
        wake();
    }

    private synchronized void wake() {
        notifyAll();
    }

    long updates() {
        return updates.get();
    }

    @Nullable
    Migration state(String name) {
        return states.get(name);
    }

    /** Waits until one of this name is so, and answers it. */
    Migration await(String name, Predicate<Migration> wanted) {
        awaitAll(() -> {
            Migration now = states.get(name);
            return now != null && wanted.test(now);
        });
        return java.util.Objects.requireNonNull(states.get(name));
    }

    /** Waits until all are so. */
    void awaitEach(int count, Predicate<Migration> wanted) {
        awaitAll(() -> states.values().stream().filter(wanted).count() >= count);
    }

    void awaitNone() {
        awaitAll(states::isEmpty);
    }

    private synchronized void awaitAll(java.util.function.BooleanSupplier done) {
        long until = System.nanoTime() + PATIENCE.toNanos();
        while (!done.getAsBoolean()) {
            long left = TimeUnit.NANOSECONDS.toMillis(until - System.nanoTime());
            if (left <= 0) {
                throw new IllegalStateException(
                        "waited %d s in vain; the Migrations: %s".formatted(PATIENCE.toSeconds(), phases()));
            }
            try {
                wait(left);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException("interrupted", e);
            }
        }
    }

    private Map<String, Long> phases() {
        return states.values().stream()
                .collect(java.util.stream.Collectors.groupingBy(
                        m -> Workload.status(m).phaseOrPending() + "/"
                                + Workload.status(m).task(),
                        java.util.stream.Collectors.counting()));
    }

    Iterable<Migration> all() {
        return states.values();
    }

    @Override
    public void close() {
        informer.close();
    }
}
