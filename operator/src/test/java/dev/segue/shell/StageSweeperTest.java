package dev.segue.shell;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

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
