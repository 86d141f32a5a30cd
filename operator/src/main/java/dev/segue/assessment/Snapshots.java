package dev.segue.assessment;

import dev.segue.api.Finding;
import dev.segue.api.MigrationSpec;
import dev.segue.api.StagingSpec;
import dev.segue.api.StagingSpec.Snapshot;
import dev.segue.assessment.Topology.SnapshotGrounds;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.PersistentVolume;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.storage.StorageClass;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Whether the claims that the copy shall have with production's data can be given to it, and that it gets that data. */
final class Snapshots {
    private static final String DEFAULT = "snapshot.storage.kubernetes.io/is-default-class";

    /** In a StorageClass of volumes, in a VolumeSnapshotClass of snapshots. */
    private static final String RETAIN = "Retain";

    private static final String OTHERWISE =
            ", or take it out of spec.staging.snapshots and fill the claim by a Job in spec.staging.seeds";

    private Snapshots() {}

    static Stream<Finding> found(Topology t, MigrationSpec spec) {
        StagingSpec staging = spec.staging();
        SnapshotGrounds grounds = t.snapshots();
        if (staging == null || grounds == null) {
            return Stream.empty();
        }
        if (!grounds.lacking().isEmpty()) {
            return Stream.of(Reason.RightMissing.finding(
                    "spec.staging.snapshots needs rights that the operator does not have: to "
                            + grounds.lacking().stream()
                                    .map(right -> right.verb() + " " + right.resource())
                                    .collect(Collectors.joining(", ")),
                    "install the chart with staging.snapshots=true (and staging.enabled=true)"));
        }
        if (grounds.classes() == null) {
            return Stream.of(Reason.SnapshotsMissing.finding(
                    "the cluster has no VolumeSnapshots (snapshot.storage.k8s.io/v1), by which spec.staging.snapshots copies data",
                    "install the CRDs and the controller of https://github.com/kubernetes-csi/external-snapshotter"
                            + OTHERWISE));
        }
        List<Snapshot> wanted = staging.snapshotsOrEmpty();
        return Stream.of(
                        wanted.stream().flatMap(w -> Stream.ofNullable(judge(t, grounds, w))),
                        Stream.of(data(staging)),
                        wanted.stream().flatMap(w -> stays(grounds, w)))
                .flatMap(Function.identity());
    }

    /** What Segue does not remove, as the one who made the class wanted that it is kept. */
    private static Stream<Finding> stays(SnapshotGrounds grounds, Snapshot wanted) {
        StorageClass storage = grounds.storage().get(wanted.claim());
        Finding volume = storage == null || !RETAIN.equals(storage.getReclaimPolicy())
                ? null
                : Reason.SnapshotStays.finding(
                        "StorageClass %s of PersistentVolumeClaim %s keeps volumes (reclaimPolicy Retain): the copy's stays, with production's data, when the copy is gone"
                                .formatted(storage.getMetadata().getName(), wanted.claim()),
                        "afterwards, of what kubectl get pv shows as Released: kubectl patch pv NAME -p '{\"spec\":{\"persistentVolumeReclaimPolicy\":\"Delete\"}}'");
        PersistentVolume source = grounds.volumes().get(wanted.claim());
        Stream<Finding> snapshot = source == null || source.getSpec().getCsi() == null
                ? Stream.empty()
                : classes(wanted, source.getSpec().getCsi().getDriver(), Objects.requireNonNull(grounds.classes()))
                        .stream()
                        .filter(c -> RETAIN.equals(c.get("deletionPolicy")))
                        .limit(1)
                        .map(c -> Reason.SnapshotStays.finding(
                                "VolumeSnapshotClass %s keeps snapshots (deletionPolicy Retain): that of PersistentVolumeClaim %s stays in the storage, as a VolumeSnapshotContent, when the migration is over"
                                        .formatted(c.getMetadata().getName(), wanted.claim()),
                                "take a class with deletionPolicy Delete"));
        return Stream.concat(Stream.ofNullable(volume), snapshot);
    }

    /** The class that is named, or else the driver's default ones; the snapshot is of the only one that there is. */
    private static List<GenericKubernetesResource> classes(
            Snapshot wanted, String driver, List<GenericKubernetesResource> all) {
        String named = wanted.snapshotClass();
        return all.stream()
                .filter(c -> named == null
                        ? driver.equals(driver(c)) && isDefault(c)
                        : named.equals(c.getMetadata().getName()))
                .toList();
    }

    private static Finding data(StagingSpec staging) {
        return Reason.SnapshotHasData.finding(
                "the copy will have production's data in PersistentVolumeClaim(s) %s: the new version and all tests there can read it, and it is as sensitive as in production"
                        .formatted(staging.snapshotsOrEmpty().stream()
                                .map(Snapshot::claim)
                                .collect(Collectors.joining(", "))),
                "see that who may read the copy's namespace may read production's data, or fill the claims by spec.staging.seeds instead");
    }

    private static @Nullable Finding judge(Topology t, SnapshotGrounds grounds, Snapshot wanted) {
        String name = wanted.claim();
        PersistentVolumeClaim claim = grounds.claims().get(name);
        if (claim == null) {
            return Reason.SnapshotSource.finding(
                    "spec.staging.snapshots names PersistentVolumeClaim %s, which does not exist in namespace %s"
                            .formatted(name, t.namespace()),
                    "correct the name: kubectl get pvc -n " + t.namespace());
        }
        PersistentVolume volume = grounds.volumes().get(name);
        if (volume == null) {
            return Reason.SnapshotSource.finding(
                    "PersistentVolumeClaim %s, of which spec.staging.snapshots wants a snapshot, is not bound to a volume (it is %s)"
                            .formatted(
                                    name,
                                    claim.getStatus() == null
                                            ? "new"
                                            : claim.getStatus().getPhase()),
                    "kubectl describe pvc %s -n %s says what it waits for".formatted(name, t.namespace()));
        }
        if (volume.getSpec().getCsi() == null) {
            return Reason.SnapshotSource.finding(
                    "PersistentVolumeClaim %s has no CSI volume (PersistentVolume %s), and only of those there are snapshots"
                            .formatted(name, volume.getMetadata().getName()),
                    "move the data to a claim of a StorageClass with a CSI driver" + OTHERWISE);
        }
        return misfit(wanted, volume.getSpec().getCsi().getDriver(), Objects.requireNonNull(grounds.classes()));
    }

    private static @Nullable Finding misfit(Snapshot wanted, String driver, List<GenericKubernetesResource> classes) {
        String named = wanted.snapshotClass();
        List<GenericKubernetesResource> found = classes(wanted, driver, classes);
        if (named == null) {
            List<String> defaults =
                    found.stream().map(c -> c.getMetadata().getName()).sorted().toList();
            return defaults.size() == 1
                    ? null
                    : Reason.SnapshotClass.finding(
                            "of driver %s of PersistentVolumeClaim %s there %s, so spec.staging.snapshots has to name one"
                                    .formatted(
                                            driver,
                                            wanted.claim(),
                                            defaults.isEmpty()
                                                    ? "is no default VolumeSnapshotClass"
                                                    : "are the default VolumeSnapshotClasses " + defaults),
                            remedy(wanted.claim(), driver, classes));
        }
        if (found.isEmpty()) {
            return Reason.SnapshotClass.finding(
                    "there is no VolumeSnapshotClass %s, which spec.staging.snapshots names for PersistentVolumeClaim %s"
                            .formatted(named, wanted.claim()),
                    remedy(wanted.claim(), driver, classes));
        }
        return driver.equals(driver(found.getFirst()))
                ? null
                : Reason.SnapshotClass.finding(
                        "VolumeSnapshotClass %s is of driver %s, and the volume of PersistentVolumeClaim %s of driver %s"
                                .formatted(named, driver(found.getFirst()), wanted.claim(), driver),
                        remedy(wanted.claim(), driver, classes));
    }

    private static String remedy(String claim, String driver, List<GenericKubernetesResource> classes) {
        return classes.stream()
                .filter(c -> driver.equals(driver(c)))
                .map(c -> c.getMetadata().getName())
                .sorted()
                .findFirst()
                .map(fits -> "snapshots: [{claim: %s, class: %s}]".formatted(claim, fits))
                .orElse("make a VolumeSnapshotClass of driver " + driver + OTHERWISE);
    }

    private static @Nullable String driver(GenericKubernetesResource snapshotClass) {
        return snapshotClass.get("driver");
    }

    private static boolean isDefault(GenericKubernetesResource snapshotClass) {
        Map<String, String> annotations = snapshotClass.getMetadata().getAnnotations();
        return annotations != null && "true".equals(annotations.get(DEFAULT));
    }
}
