package dev.segue.assessment;

import dev.segue.staging.StageSnapshot;
import java.util.List;

/** What the operator must be allowed to do in the namespace, or a migration would stop in the middle. */
public record Right(String group, String resource, String verb) {
    /** Those that the moves need. What only the assessment reads is a {@link Kind}. */
    public static final List<Right> NEEDED = List.of(
            new Right("segue.dev", "migrations", "patch"),
            new Right("apps", "deployments", "patch"),
            new Right("apps", "replicasets", "create"),
            new Right("apps", "replicasets", "patch"),
            new Right("apps", "replicasets", "delete"),
            new Right("", "services", "create"),
            new Right("", "services", "patch"),
            new Right("", "services", "delete"));

    /** Those that snapshots for a copy need beside those for a copy. */
    public static final List<Right> SNAPSHOTS = List.of(
            new Right("", "persistentvolumes", "get"),
            new Right("storage.k8s.io", "storageclasses", "get"),
            snapshot("volumesnapshotclasses", "list"),
            snapshot("volumesnapshots", "get"),
            snapshot("volumesnapshots", "list"),
            snapshot("volumesnapshots", "create"),
            snapshot("volumesnapshots", "delete"),
            snapshot("volumesnapshotcontents", "get"),
            snapshot("volumesnapshotcontents", "list"),
            snapshot("volumesnapshotcontents", "create"),
            snapshot("volumesnapshotcontents", "delete"));

    private static Right snapshot(String resource, String verb) {
        return new Right(StageSnapshot.GROUP, resource, verb);
    }
}
