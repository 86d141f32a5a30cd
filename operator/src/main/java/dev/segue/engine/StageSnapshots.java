package dev.segue.engine;

import dev.segue.api.Durations;
import dev.segue.api.StagingSpec.Snapshot;
import dev.segue.api.StagingStatus;
import dev.segue.api.StagingStatus.SnapshotStatus;
import dev.segue.engine.Outcome.Act;
import dev.segue.engine.Outcome.Await;
import dev.segue.engine.Outcome.Fail;
import dev.segue.engine.Outcome.Staged;
import dev.segue.engine.StageFacts.Place;
import dev.segue.engine.StageFacts.SnapshotFacts;
import dev.segue.staging.StageName;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Gives claims of the copy production's data: a snapshot of production's volume, taken before the claims are made, and
 * given to the copy. That they are wanted is in the status before the first is there. A claim may be bound only when a pod
 * uses it, so that is not waited for.
 */
final class StageSnapshots {
    /** Reason of Waiting while a snapshot is not ready. */
    static final String UNREADY = "StagingSnapshotUnready";

    /** An error that stands for so long: what collides with another writer of an object is told as one, too, and passes. */
    private static final Duration ERROR_GRACE = Duration.ofSeconds(60);

    /** Mostly it takes seconds, which are nobody's news. */
    private static final Duration UNREADY_GRACE = Duration.ofSeconds(15);

    private StageSnapshots() {}

    static Outcome take(Observed o) {
        List<Snapshot> wanted = Staging.spec(o).snapshotsOrEmpty();
        if (wanted.isEmpty()) {
            return Outcome.DONE;
        }
        if (Staging.overtaken(o)) {
            return Staging.back(o);
        }
        StagingStatus status = Staging.status(o);
        List<SnapshotStatus> noted = noted(o, wanted);
        if (!noted.equals(status.snapshotsOrEmpty())) {
            return new Staged(status.snapshotting(noted), "snapshots of " + claims(noted));
        }
        Optional<SnapshotStatus> lost = noted.stream()
                .filter(s -> find(o, Place.CONTENT, s) != null && find(o, Place.PRODUCTION, s) == null)
                .findFirst();
        if (lost.isPresent()) {
            return failed(o, lost.get(), "it was deleted during the rehearsal");
        }
        return brought(
                        o,
                        noted,
                        Place.PRODUCTION,
                        s -> find(o, Place.PRODUCTION, s) != null,
                        claims -> new Action.TakeSnapshots(claims, status.attempt()))
                .or(() -> brought(
                        o,
                        noted,
                        Place.COPY,
                        s -> find(o, Place.COPY, s) != null && find(o, Place.CONTENT, s) != null,
                        claims -> new Action.OfferSnapshots(status.namespace(), claims, status.attempt())))
                .orElse(Outcome.DONE);
    }

    private static List<SnapshotStatus> noted(Observed o, List<Snapshot> wanted) {
        List<SnapshotStatus> noted = new ArrayList<>();
        for (Snapshot snapshot : wanted) {
            String name = StageName.snapshot(
                    StageName.labels(o.migration().uid(), Staging.status(o).attempt()), snapshot.claim());
            SnapshotStatus bare = new SnapshotStatus(snapshot.claim(), name, null);
            SnapshotFacts taken = find(o, Place.PRODUCTION, bare);
            noted.add(taken == null ? bare : new SnapshotStatus(snapshot.claim(), name, taken.takenAt()));
        }
        return noted;
    }

    /** Those that are missing at this place are made, and all waited for; empty when they are ready. */
    private static Optional<Outcome> brought(
            Observed o,
            List<SnapshotStatus> all,
            Place place,
            Predicate<SnapshotStatus> there,
            Function<List<String>, Action> make) {
        List<SnapshotStatus> missing = all.stream().filter(there.negate()).toList();
        if (!missing.isEmpty()) {
            return Optional.of(Staging.bounded(
                    o,
                    new Act(
                            "%s of %s"
                                    .formatted(
                                            place == Place.PRODUCTION
                                                    ? "taking snapshots"
                                                    : "giving the copy the snapshots",
                                            claims(missing)),
                            make.apply(
                                    missing.stream().map(SnapshotStatus::claim).toList()))));
        }
        return all.stream()
                .filter(s -> !Objects.requireNonNull(find(o, place, s)).ready())
                .findFirst()
                .map(s -> unready(o, s, Objects.requireNonNull(find(o, place, s))));
    }

    private static Outcome unready(Observed o, SnapshotStatus snapshot, SnapshotFacts seen) {
        String error = seen.terminatingSince() == null ? seen.error() : "it is being deleted";
        Instant since = seen.terminatingSince() == null ? seen.errorAt() : seen.terminatingSince();
        if (error != null
                && Timer.expired(o, Objects.requireNonNullElse(since, o.status().taskSince()), ERROR_GRACE)) {
            return failed(o, snapshot, error);
        }
        Duration limit = o.spec().deadlineOrDefault().prepareOrDefault();
        if (Timer.expired(o, limit)) {
            return failed(
                    o,
                    snapshot,
                    "not ready to use after %s (deadline.prepare)%s".formatted(Durations.format(limit), told(error)));
        }
        String waiting =
                "waiting for the snapshot of PersistentVolumeClaim %s, VolumeSnapshot %s%s, to be ready to use%s"
                        .formatted(
                                snapshot.claim(),
                                snapshot.name(),
                                seen.place() == Place.COPY ? " in the copy" : "",
                                told(error));
        return Timer.expired(o, UNREADY_GRACE) ? new Await(UNREADY, waiting) : new Await(waiting);
    }

    private static String told(@Nullable String error) {
        return error == null ? "" : ": " + error;
    }

    private static Outcome failed(Observed o, SnapshotStatus snapshot, String why) {
        return new Fail(new Failure(
                "StagingSnapshotFailed",
                "the copy does not get the data of PersistentVolumeClaim %s by VolumeSnapshot %s: %s"
                        .formatted(snapshot.claim(), snapshot.name(), why),
                "kubectl -n %s describe volumesnapshot %s; correct its class or the driver, then give the command retry"
                        .formatted(o.migration().namespace(), snapshot.name())));
    }

    private static @Nullable SnapshotFacts find(Observed o, Place place, SnapshotStatus snapshot) {
        return Staging.stage(o).snapshots().stream()
                .filter(s -> s.place() == place && s.name().equals(snapshot.name()) && !s.earlier())
                .findFirst()
                .orElse(null);
    }

    private static String claims(List<SnapshotStatus> snapshots) {
        return "PersistentVolumeClaim(s) "
                + snapshots.stream().map(SnapshotStatus::claim).collect(Collectors.joining(", "));
    }

    /**
     * Removes what is there of the snapshots of a copy whose namespace is gone, or has nothing else of it any more.
     * Production's go last: until no claim is filled from them the driver may need them.
     */
    static Outcome removal(Observed o) {
        Optional<Action> act = removing(o);
        return act.isPresent()
                ? new Act("removing the snapshots of the copy", act.get())
                : CleanUp.going(
                        Timer.expired(
                                o,
                                Objects.requireNonNull(next(o).getFirst().terminatingSince()),
                                CleanUp.REMOVAL_GRACE),
                        going(o));
    }

    /** The next act of it, empty when what goes next is being deleted. */
    static Optional<Action> removing(Observed o) {
        List<SnapshotFacts> next = next(o);
        List<String> left = next.stream()
                .filter(s -> s.terminatingSince() == null)
                .map(SnapshotFacts::name)
                .toList();
        return left.isEmpty()
                ? Optional.empty()
                : Optional.of(new Action.RemoveSnapshots(
                        Staging.status(o).namespace(), next.getFirst().place(), left));
    }

    /** Of those that are being deleted and do not go, since when; null while they are not. */
    static @Nullable Instant goingSince(Observed o) {
        return next(o).getFirst().terminatingSince();
    }

    static String going(Observed o) {
        SnapshotFacts first = next(o).getFirst();
        String kind = first.place() == Place.CONTENT ? "VolumeSnapshotContent " : "VolumeSnapshot ";
        return kind + first.name() + " is being deleted" + told(first.error());
    }

    private static List<SnapshotFacts> next(Observed o) {
        List<SnapshotFacts> all = Staging.stage(o).snapshots();
        Place place =
                all.stream().map(SnapshotFacts::place).min(Place::compareTo).orElseThrow();
        return all.stream().filter(s -> s.place() == place).toList();
    }
}
