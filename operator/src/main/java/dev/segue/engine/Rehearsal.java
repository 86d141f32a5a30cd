package dev.segue.engine;

import dev.segue.api.Durations;
import dev.segue.api.Phase;
import dev.segue.api.StagingStatus.TestStatus;
import dev.segue.engine.Decision.Notice;
import dev.segue.engine.Outcome.Act;
import dev.segue.engine.Outcome.Await;
import dev.segue.engine.Outcome.Back;
import dev.segue.engine.Outcome.Fail;
import dev.segue.engine.Outcome.Staged;
import dev.segue.engine.StageFacts.JobFacts;
import dev.segue.engine.StageFacts.LoadFacts;
import dev.segue.engine.StageFacts.MigrationFacts;
import dev.segue.engine.StageFacts.MovesFacts;
import dev.segue.engine.StageFacts.Version;
import dev.segue.staging.StageName;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Rehearses the moves in the copy of production: the old version is started there, and a Migration of its own moves the
 * traffic of a load to the new version. Before it could end it is given the command to go back.
 */
final class Rehearsal {
    static final String SOURCE = "DeploySource";
    static final String AWAIT = "AwaitStagedSource";
    static final String MOVES = "RehearseMoves";

    /** How long the new version has all the traffic. */
    private static final Duration SOAK = Duration.ofSeconds(5);

    /** After the way back the old version is watched until a request that hangs has been counted: the load waits 10 s for it. */
    private static final Duration AFTERMATH = Duration.ofSeconds(15);

    /** How long the load's first requests may fail: a new Service takes some seconds to answer. */
    private static final Duration FIRST_ANSWERS = Duration.ofMinutes(2);

    /** What the moves may take, beside their pods and what the nodes get to program endpoints: holds and waits are cut. */
    private static final Duration LIMIT = Duration.ofMinutes(30);

    /** Of the test in the status, once the Migration is about to be made: one that is not there any more was removed. */
    private static final String BEGUN = "the moves have begun";

    private Rehearsal() {}

    /** The new version has passed its tests; in its place, as a Deployment without a past, comes the old one. */
    static Outcome deploySource(Observed o) {
        if (!Staging.spec(o).rehearsesMoves()) {
            return Outcome.DONE;
        }
        String namespace = Staging.status(o).namespace();
        Version deployed = moves(o).deployed();
        if (deployed == Version.SOURCE) {
            return Outcome.DONE;
        }
        if (deployed == Version.TARGET) {
            return Staging.bounded(
                    o, new Act("stopping the new version in staging", new Action.DeleteStaged(namespace)));
        }
        if (!Staging.stage(o).pods().isEmpty()) {
            Duration limit = o.spec().deadlineOrDefault().prepareOrDefault();
            return Timer.expired(o, limit)
                    ? new Fail(new Failure(
                            "StagingIncomplete",
                            "pods of the new version do not end in staging within %s (deadline.prepare)"
                                    .formatted(Durations.format(limit)),
                            "kubectl -n %s describe pods".formatted(namespace)))
                    : new Await("the pods of the new version end in staging");
        }
        Outcome source = Assessing.stillSound(o);
        if (!(source instanceof Outcome.Done)) {
            return source;
        }
        return Planner.deployment(o).carriesChange()
                ? new Back(Staging.FRESH, "there is no old version any more: somebody else brought the new one")
                : Staging.bounded(
                        o,
                        new Act(
                                "starting the old version in staging",
                                new Action.DeploySource(
                                        namespace, Staging.status(o).attempt())));
    }

    static Outcome awaitSource(Observed o) {
        return Staging.spec(o).rehearsesMoves()
                ? StagePods.available(o, Staging.spec(o).sourceReplicas(), "the old version")
                : Outcome.DONE;
    }

    static Outcome rehearse(Observed o) {
        if (!Staging.spec(o).rehearsesMoves()) {
            return Outcome.DONE;
        }
        TestStatus known = Staging.status(o).test(StageName.LOAD).orElse(null);
        if (known == null) {
            return StageTests.begin(o, StageName.LOAD);
        }
        if (known.passed() || known.failed()) {
            return ended(o, known);
        }
        String trouble = trouble(o, known);
        if (trouble != null) {
            return StageTests.failed(o, known, trouble, 0);
        }
        if (StageTests.job(o, known) == null) {
            return StageTests.start(o, known);
        }
        LoadFacts load = moves(o).load();
        return load == null || load.requests() == 0
                ? new Await("waiting for the load of the rehearsal, 0 request(s) so far")
                : underLoad(o, known, load);
    }

    /**
     * Only now, with the verdict in the status, the load is stopped: its count is all that the verdict rests on. What is
     * kept to be looked at is quiet: no load, and a Migration that goes back.
     */
    private static Outcome ended(Observed o, TestStatus known) {
        String namespace = Staging.status(o).namespace();
        MigrationFacts migration = moves(o).migration();
        List<Action> left = new ArrayList<>();
        if (StageTests.job(o, known) != null) {
            left.add(new Action.StopLoad(namespace, StageTests.name(o, known)));
        }
        if (migration != null && !migration.phase().terminal() && !migration.takenBack()) {
            left.add(new Action.TakeBackMoves(namespace));
        }
        Duration limit = o.spec().deadlineOrDefault().prepareOrDefault();
        if (!left.isEmpty() && !Timer.expired(o, known.endedAt(), limit)) {
            return new Act("stopping the load of the rehearsal", left);
        }
        return known.passed()
                ? Outcome.DONE
                : new Fail(new Failure(
                        "StagingMovesFailed",
                        "the moves failed in the rehearsal: " + known.message(),
                        "kubectl -n %s describe migrations,pods; repair the new version, or make the two go together, then give the command retry"
                                .formatted(namespace)));
    }

    /** Why it is not worth to go on, null while it is. */
    private static @Nullable String trouble(Observed o, TestStatus known) {
        Duration prepare = o.spec().deadlineOrDefault().prepareOrDefault();
        JobFacts job = StageTests.job(o, known);
        LoadFacts load = moves(o).load();
        if (job == null && BEGUN.equals(known.message())) {
            return "the load was lost: its Job is not there any more, and with it the count of what failed";
        }
        if (job == null) {
            return Timer.expired(o, known.startedAt(), prepare)
                    ? "the Job of the load could not be made: " + o.refusal()
                    : null;
        }
        if (job.failure() != null || job.succeeded()) {
            return "the load ended before them: "
                    + Objects.requireNonNullElse(
                            job.message(), Objects.requireNonNullElse(job.failure(), "exit code 0"));
        }
        if (job.trouble() != null && Timer.expired(o, known.startedAt(), Staging.PULL_GRACE)) {
            return "the pod of the load does not start: " + job.trouble();
        }
        if (known.message() == null && load == null && Timer.expired(o, known.startedAt(), prepare)) {
            return "the load said nothing within %s (deadline.prepare)".formatted(Durations.format(prepare));
        }
        if (load != null && load.requests() == 0 && Timer.expired(o, known.startedAt(), FIRST_ANSWERS)) {
            return "nothing was moved yet, and the old version does not answer well, the last time with %s; the load asks for %s (staging.load.path)"
                    .formatted(
                            load.lastFailure(), Staging.spec(o).loadOrDefault().pathOrDefault());
        }
        Duration limit = limit(o);
        return Timer.expired(o, known.startedAt(), limit)
                ? "they took longer than %s%s".formatted(Durations.format(limit), holdUp(o))
                : null;
    }

    private static Duration limit(Observed o) {
        return o.spec()
                .deadlineOrDefault()
                .prepareOrDefault()
                .plus(LIMIT)
                .plus(o.spec()
                        .verifyOrDefault()
                        .propagationOrDefault()
                        .multipliedBy(3L + o.spec().plannedSteps().size()));
    }

    private static String holdUp(Observed o) {
        MigrationFacts migration = moves(o).migration();
        if (migration == null) {
            return ": " + o.refusal();
        }
        return ": %s%s".formatted(migration.phase(), migration.message().isEmpty() ? "" : ", " + migration.message());
    }

    private static Outcome underLoad(Observed o, TestStatus known, LoadFacts load) {
        String namespace = Staging.status(o).namespace();
        MigrationFacts migration = moves(o).migration();
        if (migration == null) {
            return begin(o, known, load);
        }
        Phase phase = migration.phase();
        if (!phase.terminal()) {
            return phase == Phase.Soaking && !migration.takenBack() && Timer.passed(o, migration.since(), SOAK)
                    ? new Act("taking the rehearsed moves back", new Action.TakeBackMoves(namespace))
                    : new Await("the moves are rehearsed in namespace %s: %s".formatted(namespace, phase));
        }
        if (!migration.thereAndBack()) {
            return StageTests.failed(o, known, "they ended %s: %s".formatted(phase, migration.message()), 0);
        }
        if (!Timer.passed(o, migration.since(), AFTERMATH)) {
            return new Await("watching the old version in staging after the way back");
        }
        if (load.failed() > 0) {
            boolean still = load.lastFailedAt() != null && load.lastFailedAt().isAfter(migration.since());
            return StageTests.failed(
                    o,
                    known,
                    said(load) + (still ? ", also after the way back: the old version does not recover" : ""),
                    0);
        }
        String sentence = "%d request(s) while the traffic went to the new version and back, none failed"
                .formatted(load.requests());
        return new Staged(
                Staging.status(o).with(StageTests.ended(o, known, "Passed", sentence)),
                new Notice(false, "StagingMovesPassed", "the moves were rehearsed: " + sentence));
    }

    private static Outcome begin(Observed o, TestStatus known, LoadFacts load) {
        if (load.failed() > 0) {
            return StageTests.failed(
                    o,
                    known,
                    BEGUN.equals(known.message())
                            ? "their Migration was removed, and " + said(load)
                            : "nothing was moved yet, and " + said(load),
                    0);
        }
        if (known.message() == null) {
            return new Staged(
                    Staging.status(o)
                            .with(new TestStatus(
                                    known.name(), known.state(), known.attempt(), known.startedAt(), null, BEGUN)),
                    BEGUN);
        }
        return new Act(
                "beginning the rehearsal of the moves",
                new Action.BeginMoves(
                        Staging.status(o).namespace(), Staging.status(o).attempt()));
    }

    private static String said(LoadFacts load) {
        Instant at = load.lastFailedAt();
        return "%d of %d request(s) failed, the last with %s%s"
                .formatted(
                        load.failed(),
                        load.requests(),
                        load.lastFailure(),
                        at == null ? "" : ", sent at " + at.truncatedTo(ChronoUnit.SECONDS));
    }

    private static MovesFacts moves(Observed o) {
        return Objects.requireNonNull(Staging.stage(o).moves());
    }
}
