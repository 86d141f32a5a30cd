package dev.segue.shell;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.segue.api.Migration;
import dev.segue.engine.Action;
import dev.segue.engine.StageFacts.Place;
import dev.segue.engine.StageFacts.SnapshotFacts;
import dev.segue.staging.StageName;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class VolumeSnapshotsTest {
    private static final String API = "/apis/snapshot.storage.k8s.io/v1/";
    private static final String PRODUCTION = API + "namespaces/prod/volumesnapshots";
    private static final String COPY = API + "namespaces/stage/volumesnapshots";
    private static final String CONTENTS = API + "volumesnapshotcontents";
    private static final String NAME = StageName.snapshot(StageName.labels("u", 1), "data");
    private static final String OURS =
            "\"labels\":{\"segue.dev/migration-uid\":\"u\",\"segue.dev/attempt\":\"1\",\"app.kubernetes.io/managed-by\":\"segue\",\"segue.dev/snapshot-of\":\"prod\"}";
    private static final Migration MIGRATION = Serialization.unmarshal("""
            apiVersion: segue.dev/v1alpha1
            kind: Migration
            metadata: {name: shop-2, namespace: prod, uid: u}
            spec: {components: [{deployment: shop}], staging: {snapshots: [{claim: data, class: fast}, {claim: index}]}}
            """, Migration.class);

    private Stored stored;
    private VolumeSnapshots snapshots;

    @BeforeEach
    void open() throws IOException {
        stored = new Stored();
        snapshots = new VolumeSnapshots(stored.client);
    }

    @AfterEach
    void close() {
        stored.close();
    }

    private static String object(String kind, String name, String metadata, String more) {
        return "{\"apiVersion\":\"snapshot.storage.k8s.io/v1\",\"kind\":\"%s\",\"metadata\":{\"name\":\"%s\",%s},%s}"
                .formatted(kind, name, metadata, more);
    }

    private static String taken(String metadata) {
        return object(
                "VolumeSnapshot",
                NAME,
                "\"namespace\":\"prod\",\"uid\":\"s\",\"resourceVersion\":\"7\"," + metadata,
                "\"status\":{\"boundVolumeSnapshotContentName\":\"snapcontent-1\",\"readyToUse\":true}");
    }

    private static String bound(String uid, String status) {
        return object(
                "VolumeSnapshotContent",
                "snapcontent-1",
                "\"uid\":\"c\"",
                "\"spec\":{\"driver\":\"csi.example\",\"deletionPolicy\":\"Delete\",\"volumeSnapshotClassName\":\"fast\",\"sourceVolumeMode\":\"Block\",\"volumeSnapshotRef\":{\"uid\":\"%s\"}},\"status\":{%s}"
                        .formatted(uid, status));
    }

    // ---- production's ----

    @Test
    void isTakenOfTheClaimByItsClassAndCarriesWhoseItIs() {
        snapshots.take(MIGRATION, new Action.TakeSnapshots(List.of("data"), 1));
        assertThat(stored.creations()).singleElement().asString().satisfies(made -> {
            assertThat(made).startsWith(PRODUCTION + " ");
            assertThat(made)
                    .contains(
                            "\"name\":\"%s\"".formatted(NAME),
                            "\"persistentVolumeClaimName\":\"data\"",
                            "\"volumeSnapshotClassName\":\"fast\"",
                            "\"segue.dev/migration-uid\":\"u\"",
                            "\"segue.dev/attempt\":\"1\"",
                            "\"segue.dev/snapshot-of\":\"prod\"")
                    .doesNotContain("ownerReferences");
        });
    }

    @Test
    void withoutAClassTheDriversDefaultIsTaken() {
        snapshots.take(MIGRATION, new Action.TakeSnapshots(List.of("index"), 1));
        assertThat(stored.creations()).singleElement().asString().doesNotContain("volumeSnapshotClassName");
    }

    @Test
    void thatItIsThereAlreadyIsASuccess() {
        stored.is(PRODUCTION + "/" + NAME, taken(OURS));
        snapshots.take(MIGRATION, new Action.TakeSnapshots(List.of("data"), 1));
        assertThat(stored.creations()).isEmpty();
    }

    @Test
    void anotherOfItsNameIsNotTaken() {
        stored.is(PRODUCTION + "/" + NAME, taken("\"labels\":{\"segue.dev/migration-uid\":\"other\"}"));
        assertThatThrownBy(() -> snapshots.take(MIGRATION, new Action.TakeSnapshots(List.of("data"), 1)))
                .isInstanceOf(KubernetesClientException.class)
                .hasMessageContaining("VolumeSnapshot %s is there already and is not this rehearsal's".formatted(NAME));
    }

    // ---- the copy's ----

    @Test
    void theCopyGetsTheHandleAndDoesNotOwnIt() {
        stored.is(PRODUCTION + "/" + NAME, taken(OURS));
        stored.is(CONTENTS + "/snapcontent-1", bound("s", "\"snapshotHandle\":\"h-1\""));
        snapshots.offer(MIGRATION, new Action.OfferSnapshots("stage", List.of("data"), 1));
        assertThat(stored.creations()).hasSize(2);
        assertThat(stored.creations().getFirst())
                .startsWith(CONTENTS + " ")
                .contains(
                        "\"deletionPolicy\":\"Retain\"",
                        "\"driver\":\"csi.example\"",
                        "\"snapshotHandle\":\"h-1\"",
                        "\"sourceVolumeMode\":\"Block\"",
                        "\"volumeSnapshotClassName\":\"fast\"",
                        "\"namespace\":\"stage\"",
                        "\"segue.dev/migration-uid\":\"u\"");
        assertThat(stored.creations().getLast())
                .startsWith(COPY + " ")
                .contains("\"volumeSnapshotContentName\":\"%s\"".formatted(NAME), "\"segue.dev/migration-uid\":\"u\"");
    }

    /** Whose status names the content of another snapshot would get at that one's data. */
    @Test
    void whatWasNotMadeForItIsNotGiven() {
        stored.is(PRODUCTION + "/" + NAME, taken(OURS));
        stored.is(CONTENTS + "/snapcontent-1", bound("another", "\"snapshotHandle\":\"h-1\""));
        snapshots.offer(MIGRATION, new Action.OfferSnapshots("stage", List.of("data"), 1));
        stored.is(CONTENTS + "/snapcontent-1", bound("s", "\"readyToUse\":false"));
        snapshots.offer(MIGRATION, new Action.OfferSnapshots("stage", List.of("data"), 1));
        assertThat(stored.creations()).isEmpty();
    }

    @Test
    void aClaimIsAsLargeAsItsSnapshot() {
        assertThat(fitted("2Gi")).isEqualTo("2Gi");
        assertThat(fitted("512Mi")).as("or as production's").isEqualTo("1Gi");
    }

    private String fitted(String restoreSize) {
        stored.is(
                COPY + "/" + NAME,
                object(
                        "VolumeSnapshot",
                        NAME,
                        "\"namespace\":\"stage\"",
                        "\"status\":{\"restoreSize\":\"%s\"}".formatted(restoreSize)));
        PersistentVolumeClaim claim = Serialization.unmarshal("""
                metadata: {name: data, namespace: stage}
                spec: {resources: {requests: {storage: 1Gi}}, dataSource: {kind: VolumeSnapshot, name: %s}}
                """.formatted(NAME), PersistentVolumeClaim.class);
        snapshots.fit(claim);
        return String.valueOf(claim.getSpec().getResources().getRequests().get("storage"));
    }

    // ---- what is seen of them ----

    @Test
    void allOfTheMigrationAreSeen() {
        String selector = "?labelSelector=segue.dev/migration-uid=u";
        stored.has(
                PRODUCTION + selector,
                object(
                        "VolumeSnapshot",
                        "one",
                        "\"namespace\":\"prod\"," + OURS,
                        "\"status\":{\"readyToUse\":false,\"creationTime\":\"2026-01-01T00:00:00Z\",\"error\":{\"message\":\"no room\",\"time\":\"2026-01-01T00:00:01Z\"}}"));
        stored.has(
                CONTENTS + selector,
                object(
                        "VolumeSnapshotContent",
                        "two",
                        "\"deletionTimestamp\":\"2026-01-01T00:00:02Z\"," + OURS,
                        "\"status\":{\"readyToUse\":true,\"creationTime\":1767225600000000000}"));
        stored.has(
                COPY + selector, object("VolumeSnapshot", "three", "\"namespace\":\"stage\"," + OURS, "\"spec\":{}"));
        Instant at = Instant.parse("2026-01-01T00:00:00Z");
        assertThat(snapshots.look(MIGRATION, "stage", 1))
                .containsExactlyInAnyOrder(
                        new SnapshotFacts(
                                Place.PRODUCTION, "one", false, false, at, "no room", at.plusSeconds(1), null),
                        new SnapshotFacts(Place.CONTENT, "two", false, true, null, null, null, at.plusSeconds(2)),
                        new SnapshotFacts(Place.COPY, "three", false, false, null, null, null, null));
        assertThat(snapshots.look(MIGRATION, "stage", 2)).allMatch(SnapshotFacts::earlier);
    }

    @Test
    void whereThereIsNoSuchApiThereAreNone() {
        assertThat(snapshots.classes()).isEmpty();
        stored.lacks(API);
        assertThat(snapshots.look(MIGRATION, "stage", 1)).isEmpty();
        assertThat(snapshots.all()).isEqualTo(Map.of());
        assertThat(snapshots.classes()).isNull();
    }

    // ---- they go ----

    @Test
    void onlyOursAreRemoved() {
        stored.is(PRODUCTION + "/" + NAME, taken(OURS));
        stored.is(
                PRODUCTION + "/other",
                object(
                        "VolumeSnapshot",
                        "other",
                        "\"namespace\":\"prod\",\"labels\":{\"segue.dev/migration-uid\":\"x\"}",
                        "\"spec\":{}"));
        snapshots.remove(MIGRATION, new Action.RemoveSnapshots("stage", Place.PRODUCTION, List.of(NAME, "other")));
        assertThat(stored.deletions())
                .singleElement()
                .asString()
                .startsWith(PRODUCTION + "/" + NAME + " ")
                .contains("\"resourceVersion\":\"7\"");
    }
}
