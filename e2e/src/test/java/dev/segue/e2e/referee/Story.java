package dev.segue.e2e.referee;

import dev.segue.api.Migration;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.FieldsV1;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ManagedFieldsEntry;
import io.fabric8.kubernetes.api.model.ManagedFieldsEntryBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.ReplicaSet;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.fabric8.kubernetes.api.model.events.v1.Event;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A history, told object by object: Deployment shop with the pods a1 and a2 is moved by Migration shop-2 to b1 and b2,
 * whose ReplicaSet is shop-m1. Every object's UID is its name, but for Services, as a Deployment has the same name.
 */
final class Story {
    static final String SEGUE = "segue";
    static final String USER = "kubectl";
    static final String KUBERNETES = "kube-controller-manager";

    private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");
    private static final KubernetesSerialization YAML = new KubernetesSerialization();

    private final Excuses excuses = new Excuses();
    private final List<Observation> history = new ArrayList<>();
    private final Map<String, HasMetadata> objects = new HashMap<>();
    private long revision = 100;
    private @Nullable String author;
    private boolean paused;

    /** Who signs what follows; null: nobody, as when a field is only removed. */
    Story by(@Nullable String author) {
        this.author = author;
        return this;
    }

    /** The Migration is written with spec.paused from here on. */
    Story paused() {
        this.paused = true;
        return this;
    }

    // The objects, as they are from the next revision on.

    Story deployment(int replicas, String version, String more) {
        return put(Deployment.class, """
                metadata: {name: shop, labels: {team: blue}}
                spec: {replicas: %d, selector: {matchLabels: {app: shop}}%s, template: {metadata: {labels: {app: shop}},
                  spec: {containers: [{name: shop, image: "shop:%s"}]}}}
                """.formatted(replicas, more, version));
    }

    /** @param owner as {@code Migration/shop-2}, empty for none */
    Story replicaSet(String hash, int replicas, String version, String owner) {
        String owners = owner.isEmpty()
                ? ""
                : ", ownerReferences: [{kind: %s, name: %s, uid: %s, controller: true}]"
                        .formatted(owner.split("/")[0], owner.split("/")[1], owner.split("/")[1]);
        return put(ReplicaSet.class, """
                metadata: {name: shop-%1$s%4$s}
                spec: {replicas: %2$d, selector: {matchLabels: {app: shop, pod-template-hash: %1$s}},
                  template: {metadata: {labels: {app: shop, pod-template-hash: %1$s}},
                    spec: {containers: [{name: shop, image: "shop:%3$s"}]}}}
                """.formatted(hash, replicas, version, owners));
    }

    Story pod(String name, String hash, boolean ready) {
        return put(Pod.class, """
                metadata: {name: %s, labels: {app: shop, pod-template-hash: %s}}
                status: {conditions: [{type: Ready, status: "%s"}]}
                """.formatted(name, hash, ready ? "True" : "False"));
    }

    /** @param pin the pod-template-hash in its selector, empty for none */
    Story service(String pin) {
        return put(Service.class, """
                metadata: {name: shop}
                spec: {selector: {app: shop%s}, ports: [{port: 80}]}
                """.formatted(pin.isEmpty() ? "" : ", pod-template-hash: " + pin));
    }

    Story holdService() {
        return put(Service.class, """
                metadata: {name: shop-hold, labels: {segue.dev/hold-for: shop},
                  ownerReferences: [{kind: Migration, name: shop-2, uid: shop-2}]}
                spec: {selector: {app: shop}, ports: [{port: 80}]}
                """);
    }

    Story report(String text) {
        return put(ConfigMap.class, """
                metadata: {name: shop-2-report, ownerReferences: [{kind: Migration, name: shop-2, uid: shop-2}]}
                data: {report.md: %s}
                """.formatted(text));
    }

    /** The ready endpoints of Service shop. */
    Story endpoints(String... pods) {
        return put(EndpointSlice.class, """
                metadata: {name: shop-x, labels: {kubernetes.io/service-name: shop}}
                addressType: IPv4
                endpoints: [%s]
                """.formatted(Stream.of(pods)
                .map(
                        "{conditions: {ready: true}, addresses: [10.0.0.1], targetRef: {name: %1$s, uid: %1$s}}"
                                ::formatted)
                .collect(Collectors.joining(", "))));
    }

    Story migration(String phase, String task) {
        return migration(phase, task, "");
    }

    /** @param more of the status, each part beginning with a comma */
    Story migration(String phase, String task, String more) {
        return put(Migration.class, """
                metadata: {name: shop-2}
                spec: {components: [{deployment: shop, images: {shop: "shop:2"}}], paused: %s}
                status: {phase: %s, task: %s, target: {replicaSet: shop-m1, hash: m1}%s}
                """.formatted(paused, phase, task, more));
    }

    Story event(String name, String reason, String at, String more) {
        return put(Event.class, """
                metadata: {name: %s}
                eventTime: "%s"
                reason: %s
                regarding: {kind: Migration, name: shop-2, uid: shop-2}
                %s
                """.formatted(name, at, reason, more));
    }

    /** Told to end; what it takes to end goes on. */
    Story deleting(String object) {
        HasMetadata last = Objects.requireNonNull(objects.get(object), object);
        HasMetadata next = YAML.clone(last);
        next.getMetadata().setDeletionTimestamp(START.toString());
        return observe(next, false);
    }

    Story gone(String object) {
        return observe(YAML.clone(Objects.requireNonNull(objects.remove(object), object)), true);
    }

    // The chapters of a migration without any trouble.

    Story source() {
        by(USER).deployment(2, "1", "").service("");
        by(KUBERNETES).replicaSet("a", 2, "1", "Deployment/shop");
        pod("a1", "a", true).pod("a2", "a", true).endpoints("a1", "a2");
        return by(USER).migration("Pending", "null");
    }

    Story shifting() {
        migration("Assessing", "AwaitSource").migration("Assessing", "WriteReport");
        by(SEGUE).report("plan");
        migration("Preparing", "CreateTarget");
        by(SEGUE).replicaSet("m1", 1, "2", "Migration/shop-2");
        by(KUBERNETES).pod("b1", "m1", false).migration("Preparing", "AwaitTarget");
        by(KUBERNETES).pod("b1", "m1", true).endpoints("a1", "a2", "b1");
        return migration("Shifting", "Propagate").migration("Shifting", "Hold");
    }

    Story cutOver() {
        migration("CuttingOver", "SizeTarget");
        by(SEGUE).replicaSet("m1", 2, "2", "Migration/shop-2");
        by(KUBERNETES).pod("b2", "m1", true).endpoints("a1", "a2", "b1", "b2");
        migration("CuttingOver", "HoldEndpoints");
        by(SEGUE).holdService();
        migration("CuttingOver", "PinTarget");
        by(SEGUE).service("m1");
        by(KUBERNETES).endpoints("b1", "b2");
        return migration("CuttingOver", "DrainSource");
    }

    Story soaking() {
        return migration("Soaking", "SizeTarget").migration("Soaking", "Soak");
    }

    Story handedOver() {
        migration("HandingOver", "ApplyChangePaused");
        by(SEGUE).deployment(2, "2", ", paused: true");
        migration("HandingOver", "ReleaseTarget");
        by(null).replicaSet("m1", 2, "2", "");
        by(KUBERNETES).replicaSet("m1", 2, "2", "Deployment/shop");
        migration("HandingOver", "Resume");
        by(null).deployment(2, "2", "");
        by(KUBERNETES).replicaSet("a", 0, "1", "Deployment/shop");
        deleting("Pod/a1").deleting("Pod/a2").gone("Pod/a1").gone("Pod/a2");
        migration("HandingOver", "Unpin");
        by(SEGUE).service("");
        return migration("HandingOver", "ProveEndpoints");
    }

    Story completed() {
        migration("Finishing", "DeleteHold").gone("Service/shop-hold");
        migration("Finishing", "ForgetFields");
        forgotten("Service/shop").forgotten("Deployment/shop").forgotten("ReplicaSet/shop-m1");
        migration("Finishing", "WriteReport");
        return by(SEGUE).report("all").migration("Completed", "null");
    }

    private Story forgotten(String object) {
        HasMetadata next = YAML.clone(Objects.requireNonNull(objects.get(object), object));
        next.getMetadata().getManagedFields().removeIf(e -> e.getManager().equals(SEGUE));
        return observe(next, false);
    }

    // The verdict.

    /** A hand that is announced from here until it is closed. */
    Excuse excuse(Invariant invariant, String object) {
        var excuse = new Excuse(invariant, object, () -> revision);
        excuses.add(excuse);
        return excuse;
    }

    List<Violation> violations() {
        var judge = new Judge(excuses);
        return history.stream().flatMap(o -> judge.feed(o).stream()).toList();
    }

    List<Invariant> broken() {
        return violations().stream().map(Violation::invariant).distinct().toList();
    }

    List<Observation> history() {
        return history;
    }

    private Story put(Class<? extends HasMetadata> kind, String yaml) {
        HasMetadata next = YAML.unmarshal(yaml, kind);
        String name = next.getMetadata().getName();
        next.getMetadata().setUid(next instanceof Service ? "service-" + name : name);
        HasMetadata before = objects.get(Observation.name(next));
        List<ManagedFieldsEntry> entries = before == null
                ? List.of()
                : before.getMetadata().getManagedFields().stream()
                        .filter(e -> !e.getManager().equals(author))
                        .toList();
        entries = new ArrayList<>(entries);
        if (author != null) {
            entries.add(signature(author));
        }
        next.getMetadata().setManagedFields(entries);
        if (before != null) {
            next.getMetadata().setDeletionTimestamp(before.getMetadata().getDeletionTimestamp());
        }
        return observe(next, false);
    }

    /** As if this writer had written the whole spec. */
    private ManagedFieldsEntry signature(String manager) {
        var fields = new FieldsV1();
        fields.setAdditionalProperty("f:spec", new LinkedHashMap<>());
        return new ManagedFieldsEntryBuilder()
                .withManager(manager)
                .withOperation("Update")
                .withTime(START.plusSeconds(revision).toString())
                .withFieldsV1(fields)
                .build();
    }

    private Story observe(HasMetadata object, boolean gone) {
        object.getMetadata().setResourceVersion(Long.toString(++revision));
        objects.put(Observation.name(object), object);
        if (gone) {
            objects.remove(Observation.name(object));
        }
        history.add(Observation.of(object, START.plusSeconds(revision), gone));
        return this;
    }
}
