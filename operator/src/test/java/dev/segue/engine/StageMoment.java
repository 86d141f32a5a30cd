package dev.segue.engine;

import dev.segue.analysis.Reading;
import dev.segue.api.MigrationSpec;
import dev.segue.api.MigrationStatus;
import dev.segue.api.Phase;
import dev.segue.api.PlanStatus;
import dev.segue.api.StagingSpec;
import dev.segue.api.StagingSpec.Keep;
import dev.segue.api.StagingSpec.Limit;
import dev.segue.api.StagingSpec.OnDrift;
import dev.segue.api.StagingStatus;
import dev.segue.engine.Observed.PodFacts;
import dev.segue.engine.StageFacts.CopyFacts;
import dev.segue.engine.StageFacts.JobFacts;
import dev.segue.engine.StageFacts.MovesFacts;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** One look at a rehearsal: what is set before it, and what is decided. */
abstract class StageMoment {
    static final Instant NOW = Moment.NOW;
    static final String NAMESPACE = "prod-stg-shop-2";

    @Nullable
    Keep keep;

    @Nullable
    OnDrift onDrift;

    boolean rehearse;
    boolean requireIsolation;
    int retries;

    @Nullable
    List<Limit> limits;

    StagingStatus staging = StagingStatus.begin(NAMESPACE, 1);
    Instant taskSince = NOW;
    Instant taskSeen = Instant.MIN;
    Observed.Reported reported = Observed.Reported.NO;
    boolean deleting;
    boolean paused;
    boolean carriesChange;

    @Nullable
    String command;

    /** In the status, and as it would be made now. */
    @Nullable
    PlanStatus offered;

    @Nullable
    PlanStatus planned;

    boolean present = true;
    boolean ours = true;
    boolean occupied = true;
    boolean earlier;
    boolean terminating;
    Instant terminatingSince = NOW.minusSeconds(61);
    boolean probed = true;

    @Nullable
    String otherwise;

    @Nullable
    String blocking;

    @Nullable
    String problem;

    @Nullable
    MovesFacts moves;

    List<CopyFacts> copies = new ArrayList<>();
    final List<PodFacts> pods = new ArrayList<>();
    final List<String> unready = new ArrayList<>();
    final Map<String, JobFacts> jobs = new HashMap<>();
    final Map<String, Reading> readings = new HashMap<>();

    Decision look(Phase phase, @Nullable String task) {
        return Planner.plan(observed(phase, task));
    }

    Observed observed(Phase phase, @Nullable String task) {
        MigrationSpec bare = new Spec().build();
        StagingSpec spec = new StagingSpec(
                null,
                null,
                null,
                null,
                null,
                List.of(new StagingSpec.Test("load", "k6", null, null, null, null, null, retries, limits)),
                rehearse,
                null,
                requireIsolation,
                onDrift,
                "24h",
                keep,
                "2h");
        Moment production = Moment.preparing("-");
        production.shop.carriesChange = carriesChange;
        Observed o = production.observed();
        MigrationStatus was = o.status();
        MigrationStatus status = new MigrationStatus(
                1L,
                phase,
                NOW.minusSeconds(60),
                task,
                taskSince,
                null,
                null,
                null,
                offered,
                staging,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                was.timeline(),
                null);
        return new Observed(
                NOW,
                new Observed.Subject("prod", "shop-2", Moment.US, 1, deleting, command),
                new MigrationSpec(
                        null,
                        paused,
                        bare.components(),
                        bare.steps(),
                        spec,
                        null,
                        bare.verify(),
                        null,
                        null,
                        bare.deadline()),
                status,
                o.deployment(),
                null,
                0,
                o.services(),
                null,
                Set.of(),
                null,
                null,
                Map.of(),
                null,
                taskSeen,
                List.of(),
                planned,
                reported,
                new StageFacts(
                        present,
                        present ? "uid-ns" : null,
                        ours,
                        occupied,
                        earlier,
                        otherwise,
                        terminating ? terminatingSince : null,
                        blocking,
                        copies,
                        problem,
                        pods,
                        unready,
                        jobs,
                        probed,
                        moves,
                        readings));
    }

    StagingStatus after(Decision d) {
        return Objects.requireNonNull(d.status().staging());
    }

    void seen() {
        staging = staging.seen("uid-ns");
    }
}
