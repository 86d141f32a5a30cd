package dev.segue.engine;

import dev.segue.analysis.Reading;
import dev.segue.api.MigrationStatus;
import dev.segue.api.Phase;
import dev.segue.engine.Observed.PodFacts;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The copy of production, as it was seen.
 *
 * @param present whether its namespace is there
 * @param uid of the namespace, null when it is not there
 * @param ours whether the namespace is this Migration's, or an administrator's for it
 * @param occupied whether anything of this Migration is there: the namespace itself, or objects in an administrator's
 * @param earlier whether what is there is of an earlier rehearsal
 * @param otherwise who else's copy is in an administrator's namespace, null when nobody's is
 * @param terminatingSince when its deletion began, null when it is not being deleted
 * @param blocking what keeps it from going, in the API server's words; null when nothing does
 * @param copies what belongs into it, in the order in which it is made; empty when that was not asked for
 * @param problem why what belongs into it cannot be made, null when it can
 * @param pods those of the new version there
 * @param unready the dependencies there, copied or stubs, that are not available
 * @param jobs the Jobs of this rehearsal, by name
 * @param probed whether the isolation can be probed at all: the operator knows its own image
 * @param moves the rehearsal of the moves, null when that was not asked for
 * @param snapshots the objects by which claims of it have production's data, those of earlier rehearsals as well; empty when
 *     they are not asked for
 * @param limits what Prometheus says to the limits of a test that has succeeded, by the limit's name
 */
public record StageFacts(
        boolean present,
        @Nullable String uid,
        boolean ours,
        boolean occupied,
        boolean earlier,
        @Nullable String otherwise,
        @Nullable Instant terminatingSince,
        @Nullable String blocking,
        List<CopyFacts> copies,
        @Nullable String problem,
        List<PodFacts> pods,
        List<Unready> unready,
        Map<String, JobFacts> jobs,
        boolean probed,
        @Nullable MovesFacts moves,
        List<SnapshotFacts> snapshots,
        Map<String, Reading> limits) {

    public boolean terminating() {
        return terminatingSince != null;
    }

    /** Whether anything of this Migration's copy is left in the cluster, in its namespace or outside. */
    boolean left() {
        return occupied || !snapshots.isEmpty();
    }

    /** What is read of it at one look. */
    public enum Part {
        /** What belongs into it, by production as it is now. */
        CLOSURE,
        /** What of that is there. */
        COPIES,
        PODS,
        DEPENDENCIES,
        JOBS,
        /** What gives its claims production's data, where a claim is to have it. */
        SNAPSHOTS,
        /** The rehearsal of the moves. */
        MOVES
    }

    /** Whether this status is about the copy: while traffic is moved nothing of it is read, as nothing rests on it. */
    public static boolean concerns(MigrationStatus status) {
        Phase phase = status.phaseOrPending();
        return phase == Phase.Staging || phase.over() || CleanUp.REMOVE_STAGING.equals(status.task());
    }

    /** What the decision on this status rests on, beside the namespace itself. */
    public static Set<Part> needs(MigrationStatus status) {
        if (status.phaseOrPending() == Phase.Assessing) {
            return Set.of(Part.CLOSURE);
        }
        if (status.phaseOrPending() != Phase.Staging) {
            return concerns(status) ? Set.of(Part.SNAPSHOTS) : Set.of();
        }
        if (status.task() == null) {
            return Set.of();
        }
        return switch (status.task()) {
            case Staging.CREATE, Staging.SNAPSHOT -> Set.of(Part.SNAPSHOTS);
            case Staging.COPY, Staging.CALLED, Staging.DEPLOY -> Set.of(Part.CLOSURE, Part.COPIES);
            case Staging.FRESH -> Set.of(Part.CLOSURE);
            case Staging.DEPENDENCIES -> Set.of(Part.DEPENDENCIES);
            case Staging.AWAIT, Rehearsal.AWAIT -> Set.of(Part.PODS);
            case Rehearsal.SOURCE -> Set.of(Part.PODS, Part.MOVES);
            case Rehearsal.MOVES -> Set.of(Part.JOBS, Part.MOVES);
            case Staging.SEED, Staging.PROBE, Staging.TEST -> Set.of(Part.JOBS);
            default -> Set.of();
        };
    }

    /**
     * One object that belongs into it.
     *
     * @param object kind and name, as ConfigMap/settings
     * @param digest of what of production it would be made from now, null when it is made from nothing of it
     * @param made the same of what it was made from, null when it is not there
     */
    public record CopyFacts(
            String object,
            @Nullable String digest,
            @Nullable String made,
            boolean there) {}

    /** Where an object of a snapshot stands, in the order in which they are removed. */
    public enum Place {
        /** The VolumeSnapshot that a claim of the copy is filled from. */
        COPY,
        /** What gives that one its handle: of the cluster. */
        CONTENT,
        /** The VolumeSnapshot of production's claim. */
        PRODUCTION
    }

    /**
     * One object by which a claim of the copy has production's data.
     *
     * @param earlier whether it is of an earlier rehearsal
     * @param takenAt when the storage took it, null when that is not known
     * @param error what the snapshot controller or the driver says, null when nothing is wrong
     * @param errorAt since when
     * @param terminatingSince when its deletion began, null when it is not being deleted
     */
    public record SnapshotFacts(
            Place place,
            String name,
            boolean earlier,
            boolean ready,
            @Nullable Instant takenAt,
            @Nullable String error,
            @Nullable Instant errorAt,
            @Nullable Instant terminatingSince) {}

    /** A Deployment there that is not available, by its name, with its pods. */
    public record Unready(String deployment, List<PodFacts> pods) {}

    /** Which version a Deployment of the copy has. */
    public enum Version {
        SOURCE,
        TARGET
    }

    /**
     * The rehearsal of the moves.
     *
     * @param deployed what the Deployment there has, null when there is none
     * @param load null when it has not said anything
     * @param migration null when there is none
     */
    public record MovesFacts(
            @Nullable Version deployed,
            @Nullable LoadFacts load,
            @Nullable MigrationFacts migration) {}

    /**
     * What the load has counted, from its first good answers on.
     *
     * @param lastFailedAt when the last request that failed was sent, by the load's own clock; null when none has
     * @param lastFailure what became of that request, null when none has failed
     */
    public record LoadFacts(
            long requests,
            long failed,
            @Nullable Instant lastFailedAt,
            @Nullable String lastFailure) {}

    /**
     * The Migration that moves the traffic of the copy.
     *
     * @param since when its phase began
     * @param takenBack whether it was given the command to go back
     * @param thereAndBack whether all the traffic was on the new version, and is back by that command
     * @param message why it went back, failed or is stuck, or what it waits for; empty when nothing
     */
    public record MigrationFacts(Phase phase, Instant since, boolean takenBack, boolean thereAndBack, String message) {}

    /**
     * A Job.
     *
     * @param succeeded whether it has succeeded
     * @param failure why it has failed, null when it has not
     * @param trouble why its pod does not start, null when nothing keeps it
     * @param message what its container wrote at its end, without what is in a Secret
     */
    public record JobFacts(
            boolean succeeded,
            @Nullable String failure,
            @Nullable String trouble,
            @Nullable String message) {}
}
