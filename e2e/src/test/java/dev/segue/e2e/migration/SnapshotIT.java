package dev.segue.e2e.migration;

import static dev.segue.e2e.scenario.Manifests.BRISK;
import static dev.segue.e2e.scenario.Manifests.migration;
import static dev.segue.e2e.scenario.Manifests.staging;
import static dev.segue.e2e.scenario.Verdicts.cause;
import static dev.segue.e2e.scenario.Verdicts.gone;
import static dev.segue.e2e.scenario.Verdicts.why;
import static dev.segue.e2e.stage.Migrations.staging;
import static org.assertj.core.api.Assertions.assertThat;

import dev.segue.api.Migration;
import dev.segue.api.Phase;
import dev.segue.api.StagingStatus;
import dev.segue.api.StagingStatus.SnapshotStatus;
import dev.segue.e2e.scenario.Scenarios;
import dev.segue.e2e.stage.Migrations;
import dev.segue.e2e.stage.Scene;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** A claim of the copy has production's data, by a snapshot of its volume; nothing of that stays. */
@Scenarios
@Execution(ExecutionMode.SAME_THREAD) // the folder of the physical snapshots is one for all
class SnapshotIT {
    private static final String DATA = "what production has written";

    /** An application with data, in a claim that is bound when a pod uses it. */
    private static final String NOTES = """
            apiVersion: v1
            kind: PersistentVolumeClaim
            metadata: {name: data}
            spec: {storageClassName: csi-hostpath-wait, accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Mi}}}
            ---
            apiVersion: apps/v1
            kind: Deployment
            metadata: {name: notes}
            spec:
              replicas: 1
              selector: {matchLabels: {app: notes}}
              template:
                metadata: {labels: {app: notes}}
                spec:
                  containers:
                  - name: notes
                    image: segue.dev/e2e/files:1
                    imagePullPolicy: IfNotPresent
                    readinessProbe: {tcpSocket: {port: 8080}, periodSeconds: 1}
                    volumeMounts: [{name: data, mountPath: /data}]
                  volumes: [{name: data, persistentVolumeClaim: {claimName: data}}]
            ---
            apiVersion: v1
            kind: Service
            metadata: {name: notes}
            spec: {selector: {app: notes}, ports: [{port: 8080}]}
            ---
            apiVersion: v1
            kind: ConfigMap
            metadata: {name: jobs}
            data:
              read: |
                apiVersion: batch/v1
                kind: Job
                spec:
                  template:
                    spec:
                      containers:
                      - name: read
                        image: segue.dev/e2e/files:1
                        args: [read, note]
                        volumeMounts: [{name: data, mountPath: /data}]
                      volumes: [{name: data, persistentVolumeClaim: {claimName: data}}]
            """;

    private static final String NEXT =
            "{deployment: notes, patch: {spec: {containers: [{name: notes, env: [{name: VERSION, value: \"2\"}]}]}}}";

    private static final String READS = "tests: [{name: reads, jobTemplate: {configMap: jobs, key: read}}]";

    /** Cut at once, and ready much later. */
    private static final String SLOW = snapshotClass("slow", "readyAfter: 60s");

    private static final String FAILING = snapshotClass("failing", "fail: the storage is full");

    private static String snapshotClass(String name, String parameters) {
        return """
                apiVersion: snapshot.storage.k8s.io/v1
                kind: VolumeSnapshotClass
                metadata: {name: %s}
                driver: hostpath.csi.segue.dev
                deletionPolicy: Delete
                parameters: {%s}
                """.formatted(name, parameters);
    }

    /** The folder of the physical snapshots. */
    private static Path deploy(Scene scene) {
        Path folder = scene.stage().offerSnapshots().resolve("snapshots");
        scene.apply(NOTES);
        scene.awaitRolledOut("notes");
        scene.stage()
                .kubectl(
                        DATA,
                        List.of(
                                "replace",
                                "--raw",
                                "/api/v1/namespaces/%s/services/notes:8080/proxy/note".formatted(scene.namespace()),
                                "-f",
                                "-"));
        return folder;
    }

    /** The change, rehearsed with these lines in {@code spec.staging}; what the copy has of the data is read there. */
    private static void apply(Scene scene, String... staging) {
        scene.apply(migration("notes-2", NEXT, BRISK, staging(String.join("\n", staging) + "\n" + READS)));
    }

    private static List<String> physical(Path folder) {
        try (Stream<Path> snapshots = Files.list(folder)) {
            return snapshots.map(s -> s.getFileName().toString()).toList();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot list " + folder, e);
        }
    }

    /** By kind and name, of production, of the copy and of the cluster. */
    private static List<String> objects(Scene scene) {
        return scene.stage()
                .kubectl(
                        "get",
                        "volumesnapshots,volumesnapshotcontents",
                        "-A",
                        "-l",
                        "segue.dev/snapshot-of=" + scene.namespace(),
                        "-o",
                        "name")
                .lines()
                .toList();
    }

    private static void nothingLeft(Scene scene, Path folder) {
        assertThat(objects(scene)).isEmpty();
        assertThat(scene.kubectl("get", "volumesnapshots", "-o", "name")).isEmpty();
        assertThat(physical(folder)).isEmpty();
        assertThat(scene.traces()).isEmpty();
        assertThat(scene.kubectl("get", "pvc", "data", "-o", "jsonpath={.metadata.finalizers}"))
                .doesNotContain("snapshot");
    }

    @Test
    void theCopyHasProductionsDataAndNothingOfItStays(Scene scene) {
        Path folder = deploy(scene);
        apply(scene, "snapshots: [{claim: data}]", "keep: Always");

        StagingStatus staging = staging(scene.migrations().reached("notes-2", Phase.Preparing));
        assertThat(staging.test("reads")).hasValueSatisfying(t -> {
            assertThat(t.state()).isEqualTo("Passed");
            assertThat(t.message()).isNull();
        });
        SnapshotStatus snapshot = staging.snapshotsOrEmpty().getFirst();
        assertThat(snapshot.takenAt()).isNotNull();
        assertThat(objects(scene)).hasSize(3).allMatch(o -> o.endsWith("/" + snapshot.name()));
        assertThat(physical(folder)).hasSize(1);
        assertThat(scene.stage()
                        .kubectl(
                                "get",
                                "--raw",
                                "/api/v1/namespaces/%s/services/notes:8080/proxy/note".formatted(staging.namespace()))
                        .strip())
                .as("the new version has it too")
                .isEqualTo(DATA);

        scene.migrations().reached("notes-2", Phase.Completed);
        assertThat(objects(scene)).as("kept").hasSize(3);
        scene.kubectl("delete", "migration", "notes-2", "--timeout=120s");
        gone(scene, staging.namespace());
        nothingLeft(scene, folder);
    }

    @Tag("long")
    @Test
    void aCopyThatIsNotKeptIsLeftBehindWithNothing(Scene scene) {
        Path folder = deploy(scene);
        apply(scene, "snapshots: [{claim: data, class: csi-hostpath}]");
        Migration completed = scene.migrations().reached("notes-2", Phase.Completed);
        assertThat(staging(completed).removedAt()).isNotNull();
        gone(scene, staging(completed).namespace());
        nothingLeft(scene, folder);
    }

    @Test
    void aDeletionWhileTheSnapshotIsThereTakesItAway(Scene scene) {
        Path folder = deploy(scene);
        scene.apply(SLOW);
        apply(scene, "snapshots: [{claim: data, class: slow}]");
        Migration waiting = scene.migrations().waiting("notes-2", "StagingSnapshotUnready");
        assertThat(objects(scene)).hasSize(1);
        assertThat(physical(folder)).hasSize(1);

        scene.kubectl("delete", "migration", "notes-2", "--timeout=120s");
        gone(scene, staging(waiting).namespace());
        nothingLeft(scene, folder);
    }

    @Test
    void aSnapshotThatCannotBeTakenEndsItWithTheDriversWords(Scene scene) {
        Path folder = deploy(scene);
        scene.apply(FAILING);
        apply(scene, "snapshots: [{claim: data, class: failing}]", "keep: Never");
        Migration failed = scene.migrations().reached("notes-2", Phase.Failed);
        assertThat(cause(failed)).isEqualTo("StagingSnapshotFailed");
        assertThat(why(failed)).contains("PersistentVolumeClaim data", "the storage is full");
        gone(scene, staging(failed).namespace());
        nothingLeft(scene, folder);
    }

    @Test
    void aClassThatDoesNotExistIsRefusedBeforeAnythingIsMade(Scene scene) {
        Path folder = deploy(scene);
        apply(scene, "snapshots: [{claim: data, class: none}]");
        Migration failed = scene.migrations().reached("notes-2", Phase.Failed);
        assertThat(cause(failed)).isEqualTo("SnapshotClass");
        assertThat(Migrations.status(failed).staging()).isNull();
        nothingLeft(scene, folder);
    }

    /** In an administrator's namespace, which stays, what is there goes one by one. */
    @Tag("long")
    @Test
    void anAdministratorsNamespaceIsClearedOfIt(Scene scene) {
        Path folder = deploy(scene);
        String lab = scene.namespace() + "-lab";
        var namespace = scene.stage()
                .client()
                .resource(new NamespaceBuilder()
                        .withNewMetadata()
                        .withName(lab)
                        .addToLabels("segue.dev/staging-for", scene.namespace())
                        .endMetadata()
                        .build());
        namespace.create();
        try {
            apply(scene, "namespace: " + lab, "snapshots: [{claim: data}]");
            scene.migrations().reached("notes-2", Phase.Completed);
            assertThat(scene.stage().kubectl("-n", lab, "get", "volumesnapshots,pvc", "-o", "name"))
                    .isEmpty();
            nothingLeft(scene, folder);
        } finally {
            namespace.delete();
        }
    }

    @Test
    void anAbortGoesTheSameWay(Scene scene) {
        Path folder = deploy(scene);
        scene.apply(SLOW);
        apply(scene, "snapshots: [{claim: data, class: slow}]", "keep: Never");
        scene.migrations().waiting("notes-2", "StagingSnapshotUnready");
        scene.abort("notes-2");
        Migration failed = scene.migrations().reached("notes-2", Phase.Failed);
        gone(scene, staging(failed).namespace());
        nothingLeft(scene, folder);
    }
}
