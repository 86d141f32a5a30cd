package dev.segue.shell;

import dev.segue.api.Migration;
import dev.segue.api.StagingSpec;
import dev.segue.engine.Action;
import dev.segue.engine.StageFacts.Place;
import dev.segue.engine.StageFacts.SnapshotFacts;
import dev.segue.staging.StageName;
import dev.segue.staging.StageSnapshot;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.GenericKubernetesResourceList;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.NonNamespaceOperation;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.dsl.base.ResourceDefinitionContext;
import java.net.HttpURLConnection;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The objects of snapshots: production's, those of the copy, and what joins them. Their API is no part of Kubernetes itself;
 * where it is not there, there are none. Thread-safe.
 */
final class VolumeSnapshots {
    private static final ResourceDefinitionContext SNAPSHOTS = context("VolumeSnapshot", "volumesnapshots", true);
    private static final ResourceDefinitionContext CONTENTS =
            context("VolumeSnapshotContent", "volumesnapshotcontents", false);
    private static final ResourceDefinitionContext CLASSES =
            context("VolumeSnapshotClass", "volumesnapshotclasses", false);

    private final KubernetesClient client;

    VolumeSnapshots(KubernetesClient client) {
        this.client = client;
    }

    private static ResourceDefinitionContext context(String kind, String plural, boolean namespaced) {
        return new ResourceDefinitionContext.Builder()
                .withGroup(StageSnapshot.GROUP)
                .withVersion("v1")
                .withKind(kind)
                .withPlural(plural)
                .withNamespaced(namespaced)
                .build();
    }

    /** All classes, null when the cluster has no such kind. */
    @Nullable
    List<GenericKubernetesResource> classes() {
        try {
            return client.genericKubernetesResources(CLASSES).list().getItems();
        } catch (KubernetesClientException e) {
            if (e.getCode() == HttpURLConnection.HTTP_NOT_FOUND) {
                return null;
            }
            throw e;
        }
    }

    /** Those of this Migration, of all its rehearsals. */
    List<SnapshotFacts> look(Migration m, String stage, int attempt) {
        return Stream.of(Place.values())
                .flatMap(place -> listed(() -> in(place, m, stage)
                                .withLabel(StageName.MIGRATION_UID, Facts.uid(m))
                                .list()
                                .getItems())
                        .map(s -> facts(place, s, attempt)))
                .toList();
    }

    private static Stream<GenericKubernetesResource> listed(Supplier<List<GenericKubernetesResource>> list) {
        try {
            return list.get().stream();
        } catch (KubernetesClientException e) {
            if (e.getCode() == HttpURLConnection.HTTP_NOT_FOUND) {
                return Stream.of();
            }
            throw e;
        }
    }

    /** The objects at such a place; contents are of the cluster. */
    private NonNamespaceOperation<
                    GenericKubernetesResource, GenericKubernetesResourceList, Resource<GenericKubernetesResource>>
            in(Place place, String namespace) {
        return place == Place.CONTENT
                ? client.genericKubernetesResources(CONTENTS)
                : client.genericKubernetesResources(SNAPSHOTS).inNamespace(namespace);
    }

    private NonNamespaceOperation<
                    GenericKubernetesResource, GenericKubernetesResourceList, Resource<GenericKubernetesResource>>
            in(Place place, Migration m, String stage) {
        return in(place, place == Place.PRODUCTION ? m.getMetadata().getNamespace() : stage);
    }

    private static SnapshotFacts facts(Place place, GenericKubernetesResource object, int attempt) {
        return new SnapshotFacts(
                place,
                object.getMetadata().getName(),
                !Integer.toString(attempt).equals(Facts.labels(object).get(StageName.ATTEMPT)),
                Boolean.TRUE.equals(object.<@Nullable Boolean>get("status", "readyToUse")),
                place == Place.CONTENT ? null : instant(object.get("status", "creationTime")),
                object.get("status", "error", "message"),
                instant(object.get("status", "error", "time")),
                instant(object.getMetadata().getDeletionTimestamp()));
    }

    private static @Nullable Instant instant(@Nullable String text) {
        return text == null ? null : Instant.parse(text);
    }

    /** Of production's claims. */
    void take(Migration m, Action.TakeSnapshots action) {
        String namespace = m.getMetadata().getNamespace();
        Map<String, String> labels = labels(m, action.attempt());
        Objects.requireNonNull(m.getSpec().staging()).snapshotsOrEmpty().stream()
                .filter(s -> action.claims().contains(s.claim()))
                .forEach((StagingSpec.Snapshot s) -> create(
                        in(Place.PRODUCTION, namespace),
                        StageSnapshot.ofClaim(
                                namespace,
                                name(m, action.attempt(), s.claim()),
                                s.claim(),
                                s.snapshotClass(),
                                labels)));
    }

    /** To the copy. Of one that is not bound yet, or to what was not made for it, nothing is given. */
    void offer(Migration m, Action.OfferSnapshots action) {
        Map<String, String> labels = labels(m, action.attempt());
        for (String claim : action.claims()) {
            String name = name(m, action.attempt(), claim);
            GenericKubernetesResource taken = in(
                            Place.PRODUCTION, m.getMetadata().getNamespace())
                    .withName(name)
                    .get();
            GenericKubernetesResource bound = taken == null ? null : bound(taken);
            GenericKubernetesResource content =
                    bound == null ? null : StageSnapshot.content(bound, action.namespace(), name, labels);
            if (content != null) {
                create(in(Place.CONTENT, action.namespace()), content);
                create(in(Place.COPY, action.namespace()), StageSnapshot.inCopy(action.namespace(), name, labels));
            }
        }
    }

    /** Its status names the content; that one has to be made for it, too. */
    private @Nullable GenericKubernetesResource bound(GenericKubernetesResource taken) {
        @Nullable String name = taken.get("status", "boundVolumeSnapshotContentName");
        GenericKubernetesResource content = name == null
                ? null
                : client.genericKubernetesResources(CONTENTS).withName(name).get();
        return content != null
                        && Facts.uid(taken).equals(content.<@Nullable String>get("spec", "volumeSnapshotRef", "uid"))
                ? content
                : null;
    }

    /** A claim that is filled from a snapshot has to be as large as that, which may be larger than what was asked for. */
    void fit(PersistentVolumeClaim claim) {
        if (claim.getSpec().getDataSource() == null) {
            return;
        }
        GenericKubernetesResource snapshot = in(Place.COPY, claim.getMetadata().getNamespace())
                .withName(claim.getSpec().getDataSource().getName())
                .get();
        @Nullable Object size = snapshot == null ? null : snapshot.get("status", "restoreSize");
        Map<String, Quantity> requests = claim.getSpec().getResources().getRequests();
        Quantity asked = Objects.requireNonNull(requests.get("storage"), "every claim asks for storage");
        if (size != null
                && new Quantity(size.toString()).getNumericalAmount().compareTo(asked.getNumericalAmount()) > 0) {
            Map<String, Quantity> more = new HashMap<>(requests);
            more.put("storage", new Quantity(size.toString()));
            claim.getSpec().getResources().setRequests(more);
        }
    }

    /** That ours is there already is the success of an earlier try whose answer was lost. */
    private static void create(
            NonNamespaceOperation<
                            GenericKubernetesResource,
                            GenericKubernetesResourceList,
                            Resource<GenericKubernetesResource>>
                    place,
            GenericKubernetesResource object) {
        try {
            place.resource(object).create();
        } catch (KubernetesClientException e) {
            GenericKubernetesResource there = e.getCode() == HttpURLConnection.HTTP_CONFLICT
                    ? place.withName(object.getMetadata().getName()).get()
                    : null;
            if (there == null) {
                throw e;
            }
            if (!StageReader.carries(there, Facts.labels(object))) {
                throw StageActor.another(object);
            }
        }
    }

    void remove(Migration m, Action.RemoveSnapshots action) {
        var place = in(action.place(), m, action.namespace());
        for (String name : action.names()) {
            GenericKubernetesResource there = place.withName(name).get();
            if (there != null && Facts.uid(m).equals(Facts.labels(there).get(StageName.MIGRATION_UID))) {
                delete(there);
            }
        }
    }

    /** Of all Migrations, by their UID. */
    Map<String, List<GenericKubernetesResource>> all() {
        return Stream.concat(
                        listed(() -> client.genericKubernetesResources(SNAPSHOTS)
                                .inAnyNamespace()
                                .withLabel(StageName.SNAPSHOT_OF)
                                .list()
                                .getItems()),
                        listed(() -> client.genericKubernetesResources(CONTENTS)
                                .withLabel(StageName.SNAPSHOT_OF)
                                .list()
                                .getItems()))
                .collect(Collectors.groupingBy(o -> Facts.labels(o).getOrDefault(StageName.MIGRATION_UID, "")));
    }

    /** Begins to remove those of one Migration: the ones that are first in the order of removal. */
    void removeNext(List<GenericKubernetesResource> all) {
        Place next =
                all.stream().map(VolumeSnapshots::place).min(Place::compareTo).orElseThrow();
        all.stream()
                .filter(o -> place(o) == next && o.getMetadata().getDeletionTimestamp() == null)
                .forEach(this::delete);
    }

    private static Place place(GenericKubernetesResource object) {
        String namespace = object.getMetadata().getNamespace();
        if (namespace == null) {
            return Place.CONTENT;
        }
        return namespace.equals(Facts.labels(object).get(StageName.SNAPSHOT_OF)) ? Place.PRODUCTION : Place.COPY;
    }

    private void delete(GenericKubernetesResource object) {
        in(place(object), String.valueOf(object.getMetadata().getNamespace()))
                .resource(object)
                .lockResourceVersion(object.getMetadata().getResourceVersion())
                .delete();
    }

    private static String name(Migration m, int attempt, String claim) {
        return StageName.snapshot(StageName.labels(Facts.uid(m), attempt), claim);
    }

    private static Map<String, String> labels(Migration m, int attempt) {
        Map<String, String> labels = new HashMap<>(StageName.labels(Facts.uid(m), attempt));
        labels.put(StageName.SNAPSHOT_OF, m.getMetadata().getNamespace());
        return labels;
    }
}
