package dev.segue.shell;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StageSweeperTest {
    private Stored stored;

    @BeforeEach
    void open() throws IOException {
        stored = new Stored();
        stored.has(
                "/apis/segue.dev/v1alpha1/namespaces/prod/migrations",
                "{\"metadata\":{\"name\":\"m\",\"uid\":\"here\"}}");
    }

    @AfterEach
    void close() {
        stored.close();
    }

    private void awaitDeletionOf(String path, String not) {
        try (var _ =
                new StageSweeper(stored.client, new StageContents(stored.client), () -> true, Duration.ofMillis(10))) {
            await().untilAsserted(() -> assertThat(stored.deletions()).isNotEmpty());
        }
        assertThat(stored.deletions()).allMatch(d -> d.startsWith(path + " ")).noneMatch(d -> d.contains(not));
    }

    private static String namespace(String name, String label, String uid) {
        return "{\"apiVersion\":\"v1\",\"kind\":\"Namespace\",\"metadata\":{\"name\":\"%s\",\"resourceVersion\":\"1\",\"labels\":{\"%s\":\"prod\",\"segue.dev/migration-uid\":\"%s\"}}}"
                .formatted(name, label, uid);
    }

    @Test
    void aCopyWhoseMigrationIsGoneGoes() {
        stored.has(
                "/api/v1/namespaces?labelSelector=segue.dev/staging-of",
                namespace("kept", "segue.dev/staging-of", "here"),
                namespace("left", "segue.dev/staging-of", "gone"));
        awaitDeletionOf("/api/v1/namespaces/left", "kept");
    }

    private static String snapshot(String kind, String namespace, String name, String uid) {
        return "{\"apiVersion\":\"snapshot.storage.k8s.io/v1\",\"kind\":\"%s\",\"metadata\":{%s\"name\":\"%s\",\"resourceVersion\":\"1\",\"labels\":{\"segue.dev/snapshot-of\":\"prod\",\"segue.dev/migration-uid\":\"%s\"}}}"
                .formatted(kind, namespace.isEmpty() ? "" : "\"namespace\":\"%s\",".formatted(namespace), name, uid);
    }

    /** What the one gets its data by is there as long as that one is. */
    @ParameterizedTest
    @CsvSource({
        "true, true, namespaces/prod-stg-m/volumesnapshots/left",
        "false, true, volumesnapshotcontents/left",
        "false, false, namespaces/prod/volumesnapshots/left"
    })
    void snapshotsWhoseMigrationIsGoneGoInTheirOrder(boolean inCopy, boolean content, String next) {
        String api = "/apis/snapshot.storage.k8s.io/v1/";
        String selector = "?labelSelector=segue.dev/snapshot-of";
        List<String> snapshots = new ArrayList<>(List.of(
                snapshot("VolumeSnapshot", "prod", "kept", "here"),
                snapshot("VolumeSnapshot", "prod", "left", "gone")));
        List<String> contents = new ArrayList<>(List.of(snapshot("VolumeSnapshotContent", "", "kept", "here")));
        if (inCopy) {
            snapshots.add(snapshot("VolumeSnapshot", "prod-stg-m", "left", "gone"));
        }
        if (content) {
            contents.add(snapshot("VolumeSnapshotContent", "", "left", "gone"));
        }
        stored.has(api + "volumesnapshots" + selector, snapshots.toArray(String[]::new));
        stored.has(api + "volumesnapshotcontents" + selector, contents.toArray(String[]::new));
        awaitDeletionOf(api + next, "kept");
    }

    /** The namespace itself is the administrator's. */
    @Test
    void inAnAdministratorsOnlyWhatIsLeftGoes() {
        stored.has(
                "/api/v1/namespaces?labelSelector=segue.dev/staging-for",
                namespace("stage", "segue.dev/staging-for", "irrelevant"));
        stored.has(
                "/apis/apps/v1/namespaces/stage/deployments?labelSelector=segue.dev/migration-uid",
                StageContentsTest.deployment("kept", "here"),
                StageContentsTest.deployment("left", "gone"));
        awaitDeletionOf("/apis/apps/v1/namespaces/stage/deployments/left", "kept");
    }
}
