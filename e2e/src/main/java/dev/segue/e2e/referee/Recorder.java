package dev.segue.e2e.referee;

import dev.segue.api.Migration;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.KubernetesResourceList;
import io.fabric8.kubernetes.api.model.events.v1.Event;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.NonNamespaceOperation;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Keeps every state of every object that matters in one namespace, by one watch for each kind. Safe for all threads.
 *
 * <p>Watches of different kinds run apart, so what arrives first need not have happened first. The order is that of the
 * revisions: a resourceVersion is the revision of the write in the one etcd behind the API server, where each write, of
 * whatever kind, has a revision of its own, and later ones have greater numbers. Kubernetes promises such an order for
 * objects of one kind only, because a server may keep kinds in different etcds; the clusters of this suite (k3s too) do
 * not. So a history is sorted by revision, and cut at a revision up to which every watch is known to have told all.
 */
final class Recorder implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final List<Observation> seen = new ArrayList<>();
    private final List<Kind<?, ?>> kinds = new ArrayList<>();

    /** Records from now on what is in the namespace and what comes to be. */
    Recorder(KubernetesClient client, String namespace) {
        watch(client.resources(Migration.class).inNamespace(namespace), m -> true);
        watch(client.apps().deployments().inNamespace(namespace), d -> true);
        watch(client.apps().replicaSets().inNamespace(namespace), r -> true);
        watch(client.pods().inNamespace(namespace), p -> true);
        watch(client.services().inNamespace(namespace), s -> true);
        watch(client.discovery().v1().endpointSlices().inNamespace(namespace), s -> true);
        watch(client.configMaps().inNamespace(namespace), c -> Acts.owner(c).isPresent());
        watch(client.events().v1().events().inNamespace(namespace), Recorder::ofMigration);
    }

    private static boolean ofMigration(Event event) {
        return event.getRegarding() != null
                && "Migration".equals(event.getRegarding().getKind());
    }

    private <T extends HasMetadata, L extends KubernetesResourceList<T>> void watch(
            NonNamespaceOperation<T, L, ?> source, Predicate<T> wanted) {
        kinds.add(new Kind<>(source, wanted));
    }

    /**
     * What has happened until now, in the order in which it happened.
     *
     * @throws IllegalStateException when a watch does not tell what a list shows
     */
    List<Observation> history() {
        long complete = kinds.stream().mapToLong(Kind::catchUp).min().orElseThrow();
        synchronized (seen) {
            return seen.stream()
                    .filter(o -> o.revision() <= complete)
                    .sorted(Comparator.comparingLong(Observation::revision))
                    .toList();
        }
    }

    /** The newest revision of the API server. */
    long revision() {
        return kinds.getFirst().revision();
    }

    @Override
    public void close() {
        kinds.forEach(Kind::close);
    }

    /** One kind of objects. */
    private final class Kind<T extends HasMetadata, L extends KubernetesResourceList<T>>
            implements ResourceEventHandler<T> {
        private final NonNamespaceOperation<T, L, ?> source;
        private final Predicate<T> wanted;

        /** Revisions by the UIDs of the objects that there are, and the UIDs of those that there were. */
        private final Map<String, Long> latest = new HashMap<>();

        private final Set<String> gone = new HashSet<>();
        private final SharedIndexInformer<T> informer;

        /** The first list begins the watch. */
        private boolean listed;

        /** Another list means that the watch was lost. */
        private boolean relisting;

        /** What such a list told, and the watch had not: there may have been other states before. */
        private @Nullable String jump;

        Kind(NonNamespaceOperation<T, L, ?> source, Predicate<T> wanted) {
            this.source = source;
            this.wanted = wanted;
            this.informer = source.inform(this);
        }

        @Override
        public void onAdd(T now) {
            tell(now, false);
        }

        @Override
        public void onUpdate(T before, T now) {
            tell(now, false);
        }

        @Override
        public void onDelete(T last, boolean unknown) {
            tell(last, true);
        }

        @Override
        public void onBeforeList(String lastRevision) {
            synchronized (seen) {
                relisting = listed;
            }
        }

        @Override
        public void onList(String revision, boolean remainedEmpty) {
            synchronized (seen) {
                listed = true;
                relisting = false;
            }
        }

        private void tell(T object, boolean isGone) {
            if (!wanted.test(object)) {
                return;
            }
            Observation next = Observation.of(object, Instant.now(), isGone);
            synchronized (seen) {
                String uid = World.uid(object);
                Long before = latest.put(uid, next.revision());
                if (isGone) {
                    latest.remove(uid);
                    gone.add(uid);
                }
                if (isGone || before == null || before != next.revision()) {
                    seen.add(next);
                    jump = relisting && jump == null ? next.name() : jump;
                }
                seen.notifyAll();
            }
        }

        /** Waits until the watch has told all that a list shows now; answers the list's revision. */
        long catchUp() {
            L list = source.list();
            long revision = Long.parseLong(list.getMetadata().getResourceVersion());
            Map<String, Long> shown = new HashMap<>();
            list.getItems().stream()
                    .filter(wanted)
                    .forEach(o -> shown.put(
                            World.uid(o), Long.parseLong(o.getMetadata().getResourceVersion())));
            long until = System.nanoTime() + PATIENCE.toNanos();
            synchronized (seen) {
                while (!told(shown, revision)) {
                    long left = TimeUnit.NANOSECONDS.toMillis(until - System.nanoTime());
                    if (left <= 0) {
                        throw new IllegalStateException(
                                "the watch of %s has not told by revision %d what a list shows: %s instead of %s"
                                        .formatted(
                                                informer.getApiTypeClass().getSimpleName(), revision, latest, shown));
                    }
                    await(left);
                }
                if (!listed || jump != null) {
                    throw new IllegalStateException(
                            "the watch of %s was lost, and what happened meanwhile not seen; afterwards there was %s"
                                    .formatted(informer.getApiTypeClass().getSimpleName(), jump));
                }
            }
            return revision;
        }

        /** An object may have moved on since the list; one that the list lacks must be known to be gone, or be newer. */
        private boolean told(Map<String, Long> shown, long revision) {
            return shown.entrySet().stream()
                            .allMatch(e ->
                                    gone.contains(e.getKey()) || latest.getOrDefault(e.getKey(), -1L) >= e.getValue())
                    && latest.entrySet().stream()
                            .allMatch(e -> shown.containsKey(e.getKey()) || e.getValue() > revision);
        }

        long revision() {
            return Long.parseLong(source.list().getMetadata().getResourceVersion());
        }

        void close() {
            informer.close();
        }
    }

    @SuppressWarnings("WaitNotInLoop") // its caller loops
    private void await(long millis) {
        try {
            seen.wait(millis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while waiting for the watches", e);
        }
    }
}
