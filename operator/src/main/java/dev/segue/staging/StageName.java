package dev.segue.staging;

import dev.segue.api.StagingSpec;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What the copy of production is called, and how its parts are told from others. */
public final class StageName {
    /** Of a namespace that we made: the namespace that it is a copy of. */
    public static final String STAGING_OF = "segue.dev/staging-of";

    /** Of a namespace that an administrator made for it: the namespace whose Migrations may use it. */
    public static final String STAGING_FOR = "segue.dev/staging-for";

    /** Of all that we make there: UID of the Migration. */
    public static final String MIGRATION_UID = "segue.dev/migration-uid";

    /** Of all that we make there: which rehearsal it is. */
    public static final String ATTEMPT = "segue.dev/attempt";

    /** Of snapshots of production's volumes, and of what stands for them in the copy: production's namespace. */
    public static final String SNAPSHOT_OF = "segue.dev/snapshot-of";

    /** Annotation of the Deployment there when it is not the new version's: which one's it is. */
    public static final String VERSION = "segue.dev/version";

    public static final String SOURCE = "source";

    /** The Job that tries whether the network keeps the copy apart. */
    public static final String ISOLATION = "segue-isolation";

    /** The Job that makes the load of a rehearsal of the moves. */
    public static final String LOAD = "segue-load";

    /** The Migration that moves the traffic of the copy. */
    public static final String MOVES = "rehearsal";

    private static final int MAX_NAME = 63;

    private StageName() {}

    /** The namespace of the copy: the administrator's, or one that follows from the names alone. */
    public static String namespace(@Nullable StagingSpec spec, String namespace, String migration) {
        if (spec != null && spec.namespace() != null) {
            return spec.namespace();
        }
        String full = "%s-stg-%s".formatted(namespace, migration.replace('.', '-'));
        if (full.length() <= MAX_NAME && migration.indexOf('.') < 0) {
            return full;
        }
        String digest = TargetName.digest("stage/%s/%s".formatted(namespace, migration), 6);
        return TargetName.beginning(full, MAX_NAME - digest.length() - 1) + "-" + digest;
    }

    /** The labels of all that we make there. */
    public static Map<String, String> labels(String migrationUid, int attempt) {
        return Map.of(
                MIGRATION_UID,
                migrationUid,
                ATTEMPT,
                Integer.toString(attempt),
                "app.kubernetes.io/managed-by",
                "segue");
    }

    /**
     * The snapshot of a claim: of production's, of the one in the copy, and of what joins them.
     *
     * @param labels of all that is in the copy: another rehearsal has snapshots of its own
     */
    public static String snapshot(Map<String, String> labels, String claim) {
        String digest = TargetName.digest(
                "snapshot/%s/%s/%s".formatted(labels.get(MIGRATION_UID), labels.get(ATTEMPT), claim), 9);
        return "segue-%s-%s"
                .formatted(TargetName.beginning(claim, MAX_NAME - "segue--".length() - digest.length()), digest);
    }

    /**
     * The Job of one try of a test.
     *
     * @param attempt which rehearsal it is
     * @param tried which try of the test, from 1
     */
    public static String job(String test, int attempt, int tried) {
        return "%s-%d-%d".formatted(test, attempt, tried);
    }
}
