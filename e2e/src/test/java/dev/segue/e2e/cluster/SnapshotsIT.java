package dev.segue.e2e.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.segue.e2e.api.RunningCluster;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaimBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * The cluster's volumes and snapshots are what the operator will meet elsewhere: what the upstream controllers do with
 * snapshots of production's claims that are restored in another namespace, and that nothing of it is left.
 */
@Tag("cluster")
@ExtendWith(RunningCluster.class)
class SnapshotsIT {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final String PRODUCTION = "snapshots-shop";
    private static final String STAGING = "snapshots-shop-stg";
    private static final String CONTENT = "snapshots-shop-stg-data";

    /** Of the storage that does not do what is hoped for. */
    private static final String CLASS = "snapshots-shop";

    private final Path storage;
    private final KubernetesClient client;

    SnapshotsIT(Cluster cluster) {
        storage = cluster.offerSnapshots();
        client = new KubernetesClientBuilder().withConfig(cluster.config()).build();
    }

    /** A claim in production, which is bound without a pod. */
    @BeforeEach
    void makeProduction() {
        for (var namespace : List.of(PRODUCTION, STAGING)) {
            client.resource(new NamespaceBuilder()
                            .withNewMetadata()
                            .withName(namespace)
                            .endMetadata()
                            .build())
                    .create();
        }
        create(PRODUCTION, PersistentVolumeClaim.class);
        await("production's volume")
                .atMost(PATIENCE)
                .until(() -> claim(PRODUCTION).getStatus().getPhase().equals("Bound"));
    }

    @AfterEach
    void removeAll() {
        client.namespaces().withName(STAGING).delete();
        client.namespaces().withName(PRODUCTION).delete();
        client.resource(content()).delete();
        client.genericKubernetesResources("snapshot.storage.k8s.io/v1", "VolumeSnapshotClass")
                .withName(CLASS)
                .delete();
        await("the end of all").atMost(PATIENCE).untilAsserted(() -> {
            assertThat(client.namespaces().withName(STAGING).get()).isNull();
            assertThat(client.namespaces().withName(PRODUCTION).get()).isNull();
            assertThat(contents()).isEmpty();
        });
        client.close();
    }

    @Test
    void restoresInAnotherNamespaceAndLeavesNothing() {
        runFiles(PRODUCTION);
        write(PRODUCTION, "42 boxes");
        var handle = takeReadySnapshot();
        write(PRODUCTION, "no box");
        var volume = volume(PRODUCTION);
        assertThat(kept("snapshots")).contains(handle);
        restoreSnapshot(handle);
        restoreClaim("csi-hostpath-wait");
        runFiles(STAGING);

        assertThat(read(STAGING)).as("the data of then").isEqualTo("42 boxes");
        assertThat(read(PRODUCTION)).isEqualTo("no box");
        write(STAGING, "43 boxes");
        assertThat(read(PRODUCTION)).isEqualTo("no box");
        var restored = volume(STAGING);
        assertThat(kept("volumes")).contains(volume, restored);

        client.namespaces().withName(STAGING).delete();
        await("the end of the namespace")
                .atMost(PATIENCE)
                .until(() -> client.namespaces().withName(STAGING).get() == null);
        assertThat(client.resource(content()).get())
                .as("the content outlives its namespace")
                .isNotNull();
        client.resource(content()).delete();
        await("the end of the content")
                .atMost(PATIENCE)
                .until(() -> client.resource(content()).get() == null);
        await("the end of the restored volume")
                .atMost(PATIENCE)
                .untilAsserted(
                        () -> assertThat(kept("volumes")).contains(volume).doesNotContain(restored));
        assertThat(kept("snapshots")).as("Retain").contains(handle);
        assertThat(ready(PRODUCTION, "data")).isTrue();

        delete(PRODUCTION, "data");
        assertThat(kept("snapshots")).as("Delete").doesNotContain(handle);
        client.pods().inNamespace(PRODUCTION).withName("files").delete();
        client.persistentVolumeClaims().inNamespace(PRODUCTION).withName("data").delete();
        await("the end of production's volume")
                .atMost(PATIENCE)
                .untilAsserted(() -> assertThat(kept("volumes")).doesNotContain(volume));
    }

    /** So a snapshot of production has to stay until each claim made from it is bound. */
    @Test
    void aSnapshotThatIsDeletedTooEarlyLeavesTheClaimPending() {
        var handle = takeReadySnapshot();
        restoreSnapshot(handle);
        delete(PRODUCTION, "data");
        assertThat(kept("snapshots")).doesNotContain(handle);
        assertThat(ready(STAGING, "data")).as("it is not looked for again").isTrue();

        restoreClaim("csi-hostpath");
        await("the provisioner's complaint")
                .atMost(PATIENCE)
                .untilAsserted(() -> assertThat(
                                client.v1().events().inNamespace(STAGING).list().getItems())
                        .anySatisfy(event -> {
                            assertThat(event.getReason()).isEqualTo("ProvisioningFailed");
                            assertThat(event.getMessage()).contains("there is no snapshot " + handle);
                        }));
        assertThat(claim(STAGING).getStatus().getPhase()).isEqualTo("Pending");
    }

    /** So the snapshot has to be deleted before its content. */
    @Test
    void aBoundContentEndsOnlyAfterItsSnapshot() {
        var handle = takeReadySnapshot();
        restoreSnapshot(handle);
        client.resource(content()).delete();
        assertThat(client.resource(content()).get().getMetadata()).satisfies(content -> {
            assertThat(content.getDeletionTimestamp()).isNotNull();
            assertThat(content.getFinalizers())
                    .containsExactly("snapshot.storage.kubernetes.io/volumesnapshotcontent-bound-protection");
        });
        delete(STAGING, "data");
        await("the end of the content")
                .atMost(PATIENCE)
                .until(() -> client.resource(content()).get() == null);
        assertThat(kept("snapshots")).as("Retain").contains(handle);
    }

    @Test
    void tellsWhyThereIsNoSnapshot() {
        makeClass("{fail: the array is full}");
        takeSnapshot("failed", CLASS);
        await("the error")
                .atMost(PATIENCE)
                .untilAsserted(() -> assertThat(text(snapshot(PRODUCTION, "failed"), "status", "error", "message"))
                        .contains("the array is full"));
        assertThat(ready(PRODUCTION, "failed")).isFalse();
        delete(PRODUCTION, "failed");
    }

    /** As with storages that upload a snapshot first. */
    @Test
    void makesSnapshotsThatAreReadyLater() {
        makeClass("{readyAfter: 1h}");
        takeSnapshot("later", CLASS);
        await("the snapshot's time")
                .atMost(PATIENCE)
                .until(() -> text(snapshot(PRODUCTION, "later"), "status", "creationTime") != null);
        assertThat(ready(PRODUCTION, "later")).isFalse();
        var handle = handle("later");
        assertThat(kept("snapshots")).contains(handle);
        delete(PRODUCTION, "later");
        assertThat(kept("snapshots")).doesNotContain(handle);
    }

    private void restoreSnapshot(String handle) {
        client.resource(content(handle)).create();
        apply("""
                apiVersion: snapshot.storage.k8s.io/v1
                kind: VolumeSnapshot
                metadata: {name: data, namespace: %s}
                spec: {source: {volumeSnapshotContentName: %s}}
                """.formatted(STAGING, CONTENT));
        await("the snapshot in staging").atMost(PATIENCE).until(() -> ready(STAGING, "data"));
    }

    private void restoreClaim(String storageClass) {
        var size = Objects.requireNonNull(text(snapshot(STAGING, "data"), "status", "restoreSize"));
        client.resource(new PersistentVolumeClaimBuilder()
                        .withNewMetadata()
                        .withName("data")
                        .withNamespace(STAGING)
                        .endMetadata()
                        .withNewSpec()
                        .withStorageClassName(storageClass)
                        .withAccessModes("ReadWriteOnce")
                        .withNewDataSource("snapshot.storage.k8s.io", "VolumeSnapshot", "data")
                        .withNewResources()
                        .addToRequests("storage", new Quantity(size))
                        .endResources()
                        .endSpec()
                        .build())
                .create();
    }

    /** What the manifest has of this kind. */
    private void create(String namespace, Class<? extends HasMetadata> kind) {
        try (var manifest = Objects.requireNonNull(SnapshotsIT.class.getResourceAsStream("files.yaml"))) {
            client.load(manifest).items().stream()
                    .filter(kind::isInstance)
                    .forEach(object ->
                            client.resource(object).inNamespace(namespace).create());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void runFiles(String namespace) {
        create(namespace, Pod.class);
        client.pods().inNamespace(namespace).withName("files").waitUntilReady(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    }

    private void write(String namespace, String text) {
        client.raw(file(namespace), "PUT", text);
    }

    private String read(String namespace) {
        return Objects.requireNonNull(client.raw(file(namespace)));
    }

    private static String file(String namespace) {
        return "/api/v1/namespaces/" + namespace + "/pods/files:8080/proxy/order";
    }

    private void makeClass(String parameters) {
        apply("""
                apiVersion: snapshot.storage.k8s.io/v1
                kind: VolumeSnapshotClass
                metadata: {name: %s}
                driver: hostpath.csi.segue.dev
                deletionPolicy: Delete
                parameters: %s
                """.formatted(CLASS, parameters));
    }

    /** Of production's claim. */
    private void takeSnapshot(String name, String className) {
        apply("""
                apiVersion: snapshot.storage.k8s.io/v1
                kind: VolumeSnapshot
                metadata: {name: %s, namespace: %s}
                spec: {volumeSnapshotClassName: %s, source: {persistentVolumeClaimName: data}}
                """.formatted(name, PRODUCTION, className));
    }

    private String takeReadySnapshot() {
        takeSnapshot("data", "csi-hostpath");
        await("the snapshot").atMost(PATIENCE).until(() -> ready(PRODUCTION, "data"));
        return handle("data");
    }

    private GenericKubernetesResource content(String handle) {
        return Serialization.unmarshal("""
                apiVersion: snapshot.storage.k8s.io/v1
                kind: VolumeSnapshotContent
                metadata: {name: %s}
                spec:
                  driver: hostpath.csi.segue.dev
                  deletionPolicy: Retain
                  source: {snapshotHandle: %s}
                  volumeSnapshotRef: {namespace: %s, name: data}
                """.formatted(CONTENT, handle, STAGING), GenericKubernetesResource.class);
    }

    /** Enough to name it. */
    private GenericKubernetesResource content() {
        return content("any");
    }

    /** Those of the namespaces of this test. */
    private List<GenericKubernetesResource> contents() {
        return client
                .genericKubernetesResources("snapshot.storage.k8s.io/v1", "VolumeSnapshotContent")
                .list()
                .getItems()
                .stream()
                .filter(content ->
                        List.of(PRODUCTION, STAGING).contains(text(content, "spec", "volumeSnapshotRef", "namespace")))
                .toList();
    }

    private GenericKubernetesResource snapshot(String namespace, String name) {
        return client.genericKubernetesResources("snapshot.storage.k8s.io/v1", "VolumeSnapshot")
                .inNamespace(namespace)
                .withName(name)
                .get();
    }

    private boolean ready(String namespace, String name) {
        return "true".equals(text(snapshot(namespace, name), "status", "readyToUse"));
    }

    /** What the storage calls it. */
    private String handle(String name) {
        var content = text(snapshot(PRODUCTION, name), "status", "boundVolumeSnapshotContentName");
        return Objects.requireNonNull(text(
                client.genericKubernetesResources("snapshot.storage.k8s.io/v1", "VolumeSnapshotContent")
                        .withName(content)
                        .get(),
                "status",
                "snapshotHandle"));
    }

    private String volume(String namespace) {
        var name = claim(namespace).getSpec().getVolumeName();
        return client.persistentVolumes()
                .withName(name)
                .get()
                .getSpec()
                .getCsi()
                .getVolumeHandle();
    }

    private PersistentVolumeClaim claim(String namespace) {
        return client.persistentVolumeClaims()
                .inNamespace(namespace)
                .withName("data")
                .get();
    }

    /** Deletes the snapshot and waits until it is gone. */
    private void delete(String namespace, String snapshot) {
        client.resource(snapshot(namespace, snapshot)).delete();
        await("the end of snapshot " + snapshot).atMost(PATIENCE).until(() -> snapshot(namespace, snapshot) == null);
    }

    private void apply(String manifest) {
        client.resource(Serialization.<GenericKubernetesResource>unmarshal(manifest, GenericKubernetesResource.class))
                .serverSideApply();
    }

    private static @Nullable String text(@Nullable GenericKubernetesResource object, Object... path) {
        var value = object == null ? null : object.get(path);
        return value == null ? null : value.toString();
    }

    /** The names of the folders that the storage has. */
    private List<String> kept(String kind) {
        try (Stream<Path> folders = Files.list(storage.resolve(kind))) {
            return folders.map(folder -> folder.getFileName().toString()).toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
