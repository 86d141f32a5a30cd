package dev.segue.e2e.referee;

import dev.segue.api.Migration;
import dev.segue.api.MigrationStatus;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** One namespace at one revision: every object as it was then, and which Migrations were at work. For one thread. */
final class World {
    /** The label by which ReplicaSets tell their pods apart. */
    static final String HASH = "pod-template-hash";

    /** Marks the Services that Segue makes beside the users' ones. */
    static final String HOLD_FOR = "segue.dev/hold-for";

    private static final String SERVICE_NAME = "kubernetes.io/service-name";

    private final Map<Class<?>, Map<String, HasMetadata>> objects = new HashMap<>();
    private final Map<String, Running> running = new TreeMap<>();

    /** Goes on to the next revision. */
    Change apply(Observation seen) {
        HasMetadata object = seen.object();
        Map<String, HasMetadata> kind = objects.computeIfAbsent(object.getClass(), k -> new TreeMap<>());
        String name = object.getMetadata().getName();
        HasMetadata before = seen.gone() ? kind.remove(name) : kind.put(name, object);
        if (before != null && !uid(before).equals(uid(object))) {
            before = null;
        }
        Change change = new Change(seen, before, seen.gone() ? null : object);
        switch (object) {
            case Migration m -> follow(m, seen.gone());
            case Deployment d
            when !seen.gone() ->
                running.replaceAll((n, r) ->
                        r.deployment().equals(name) ? r.atMost(d.getSpec().getReplicas()) : r);
            case Service _ when seen.gone() -> running.replaceAll((n, r) -> r.without(name));
            case Service s -> running.replaceAll((n, r) -> isMoved(s, r) ? r.with(name) : r);
            default -> {}
        }
        return change;
    }

    private void follow(Migration m, boolean gone) {
        String name = m.getMetadata().getName();
        if (gone || !atWork(m)) {
            running.remove(name);
        } else {
            running.computeIfAbsent(name, n -> begin(m));
        }
    }

    /** One that is made in the middle of a migration is moved like the others. */
    private boolean isMoved(Service s, Running running) {
        boolean excluded = find(Migration.class, running.migration())
                .filter(m -> m.getSpec()
                        .component()
                        .excludedServicesOrEmpty()
                        .contains(s.getMetadata().getName()))
                .isPresent();
        return !excluded
                && !orEmpty(s.getMetadata().getLabels()).containsKey(HOLD_FOR)
                && find(Deployment.class, running.deployment())
                        .filter(d -> picks(
                                withoutHash(selector(s)),
                                orEmpty(d.getSpec().getTemplate().getMetadata().getLabels())))
                        .isPresent();
    }

    /** Between its first act and its end. */
    private static boolean atWork(Migration m) {
        return switch (status(m).phaseOrPending()) {
            case Preparing, Shifting, CuttingOver, Soaking, HandingOver, Finishing, Reverting -> true;
            case Pending, Assessing, Planned, Staging, Completed, Reverted, Failed, Stuck -> false;
        };
    }

    private Running begin(Migration m) {
        String name = m.getSpec().component().deployment();
        Optional<Deployment> deployment = find(Deployment.class, name);
        Set<String> services = new TreeSet<>(m.getSpec().component().servicesOrEmpty());
        if (services.isEmpty() && deployment.isPresent()) {
            Map<String, String> labels = orEmpty(
                    deployment.get().getSpec().getTemplate().getMetadata().getLabels());
            all(Service.class)
                    .filter(s -> !orEmpty(s.getMetadata().getLabels()).containsKey(HOLD_FOR))
                    .filter(s -> picks(withoutHash(selector(s)), labels))
                    .forEach(s -> services.add(s.getMetadata().getName()));
        }
        int replicas = deployment.map(d -> d.getSpec().getReplicas()).orElse(0);
        return new Running(m.getMetadata().getName(), name, Set.copyOf(services), replicas);
    }

    /** The Migrations that are at work. */
    Collection<Running> running() {
        return running.values();
    }

    /** The Migration that moves the traffic of this Service now. */
    Optional<Running> moving(String service) {
        return running.values().stream()
                .filter(r -> r.services().contains(service))
                .findFirst();
    }

    @SuppressWarnings("unchecked") // the map is filled by the objects' own classes
    <T extends HasMetadata> Stream<T> all(Class<T> kind) {
        return (Stream<T>) objects.getOrDefault(kind, Map.of()).values().stream();
    }

    <T extends HasMetadata> Optional<T> find(Class<T> kind, String name) {
        return Optional.ofNullable(objects.getOrDefault(kind, Map.of()).get(name))
                .map(kind::cast);
    }

    /** UIDs of the pods behind the ready endpoints of a Service; in dual-stack a pod stands in two slices. */
    Set<String> readyEndpoints(String service) {
        return all(EndpointSlice.class)
                .filter(s -> service.equals(service(s)))
                .flatMap(s -> Stream.ofNullable(s.getEndpoints()).flatMap(List::stream))
                .filter(e -> e.getConditions() == null
                        || !Boolean.FALSE.equals(e.getConditions().getReady()))
                .filter(e -> e.getTargetRef() != null)
                .map(e -> e.getTargetRef().getUid())
                .collect(Collectors.toSet());
    }

    /** Which Service a slice is of. */
    static @Nullable String service(EndpointSlice slice) {
        return orEmpty(slice.getMetadata().getLabels()).get(SERVICE_NAME);
    }

    /** The pods that a Service with this selector would send to: ready ones, none on its way out. */
    List<Pod> serving(Map<String, String> selector) {
        return all(Pod.class)
                .filter(p -> picks(selector, orEmpty(p.getMetadata().getLabels())))
                .filter(p -> isReady(p) && p.getMetadata().getDeletionTimestamp() == null)
                .toList();
    }

    static boolean isReady(Pod pod) {
        return pod.getStatus() != null
                && pod.getStatus().getConditions().stream()
                        .anyMatch(c ->
                                c.getType().equals("Ready") && c.getStatus().equals("True"));
    }

    static Map<String, String> selector(Service service) {
        return orEmpty(service.getSpec().getSelector());
    }

    static Map<String, String> withoutHash(Map<String, String> labels) {
        var rest = new TreeMap<>(labels);
        rest.remove(HASH);
        return rest;
    }

    private static boolean picks(Map<String, String> selector, Map<String, String> labels) {
        return !selector.isEmpty() && labels.entrySet().containsAll(selector.entrySet());
    }

    static MigrationStatus status(Migration m) {
        return m.getStatus() == null ? MigrationStatus.EMPTY : m.getStatus();
    }

    static Map<String, String> orEmpty(@Nullable Map<String, String> map) {
        return Objects.requireNonNullElse(map, Map.of());
    }

    static String uid(HasMetadata object) {
        return object.getMetadata().getUid();
    }
}
