package dev.segue.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.segue.analysis.Reading;
import dev.segue.api.Analysis;
import dev.segue.api.Condition;
import dev.segue.api.MigrationSpec;
import dev.segue.api.MigrationStatus;
import dev.segue.api.MigrationStatus.Cause;
import dev.segue.api.Phase;
import dev.segue.api.PlanStatus;
import dev.segue.api.PrometheusSource;
import dev.segue.api.StagingSpec;
import dev.segue.api.StagingSpec.Keep;
import dev.segue.api.StagingSpec.Limit;
import dev.segue.api.StagingSpec.OnDrift;
import dev.segue.api.StagingStatus;
import dev.segue.engine.Observed.PodFacts;
import dev.segue.engine.StageFacts.CopyFacts;
import dev.segue.engine.StageFacts.JobFacts;
import dev.segue.engine.StageFacts.MovesFacts;
import dev.segue.engine.StageFacts.SnapshotFacts;
import dev.segue.engine.StageFacts.Unready;
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
    private static final Analysis METRICS =
            Analysis.of(new PrometheusSource("http://prometheus:9090", null, null, null, null), "10s", List.of());

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

    /** The namespace that the spec names, made by an administrator. */
    @Nullable
    String administrators;

    /** Whether nothing is known of a rehearsal yet. */
    boolean first;

    boolean paused;

    /** Whether spec.staging was taken away. */
    boolean unspecified;

    List<StagingSpec.Test> seeds = List.of();
    List<StagingSpec.Snapshot> volumes = List.of();
    boolean prometheus;

    /** The workload that is rehearsed. */
    final Moment production = Moment.preparing("-");

    /** What the API server said to the try before. */
    @Nullable
    String refusal;

    /** The isolation has been probed, as before anything runs there. */
    StagingStatus staging = StagingStatus.begin(NAMESPACE, 1).isolated("NotEnforced");

    Instant taskSince = NOW;
    Instant taskSeen = Instant.MIN;
    Observed.Reported reported = Observed.Reported.NO;
    boolean deleting;

    @Nullable
    String command;

    /** In the status, and as it would be made now. */
    @Nullable
    PlanStatus offered;

    @Nullable
    PlanStatus planned;

    boolean present = true;
    String uid = "uid-ns";

    /** Who else's copy is in an administrator's namespace. */
    @Nullable
    String otherwise;

    boolean ours = true;
    boolean occupied = true;
    boolean earlier;
    boolean terminating;
    Instant terminatingSince = NOW.minusSeconds(61);
    boolean probed = true;

    @Nullable
    String blocking;

    @Nullable
    String problem;

    @Nullable
    MovesFacts moves;

    List<CopyFacts> copies = new ArrayList<>();
    final List<SnapshotFacts> snapshots = new ArrayList<>();
    final List<PodFacts> pods = new ArrayList<>();
    final List<Unready> unready = new ArrayList<>();
    final Map<String, JobFacts> jobs = new HashMap<>();
    final Map<String, Reading> readings = new HashMap<>();

    Decision look(Phase phase, @Nullable String task) {
        return Planner.plan(observed(phase, task));
    }

    Observed observed(Phase phase, @Nullable String task) {
        MigrationSpec bare = new Spec().build();
        StagingSpec spec = new StagingSpec(
                administrators,
                null,
                null,
                null,
                volumes,
                seeds,
                List.of(new StagingSpec.Test("load", "k6", null, null, null, null, null, retries, limits)),
                rehearse,
                null,
                requireIsolation,
                onDrift,
                "24h",
                keep,
                "2h");
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
                first ? null : staging,
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
                refusal == null
                        ? null
                        : List.of(new Condition("Waiting", "True", "Refused", refusal, NOW.minusSeconds(60), 1L)));
        return new Observed(
                NOW,
                new Observed.Subject("prod", "shop-2", Moment.US, 1, deleting, command),
                new MigrationSpec(
                        null,
                        paused,
                        bare.components(),
                        bare.steps(),
                        unspecified ? null : spec,
                        prometheus ? METRICS : null,
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
                        present ? uid : null,
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
                        List.copyOf(snapshots),
                        readings));
    }

    // ---- what follows from it ----

    /** It stays where it is and does nothing; answers what it waits for, as the condition Waiting has it, and says. */
    String awaits(String task) {
        Decision d = look(Phase.Staging, task);
        assertThat(d.actions()).isEmpty();
        assertThat(d.notices()).isEmpty();
        assertThat(d.status().task()).isEqualTo(task);
        assertThat(after(d)).isEqualTo(staging);
        assertThat(d.next()).isPositive();
        return d.status().condition("Waiting").map(c -> c.reason() + ": ").orElse("") + Moment.said(d);
    }

    /** The task is done, so it goes on to this one. */
    void goesOn(String task, String next) {
        Decision d = look(Phase.Staging, task);
        assertThat(d.status().task()).isEqualTo(next);
        assertThat(d.actions()).isEmpty();
        assertThat(d.status().cause()).isNull();
    }

    /** The rehearsal ends with this. */
    void fails(String task, String reason, String message, @Nullable String remedy) {
        Decision d = look(Phase.Staging, task);
        assertThat(d.status().phase()).isEqualTo(Phase.Reverting);
        assertThat(d.status().cause()).isEqualTo(new Cause(reason, message, remedy, Phase.Staging, NOW));
        assertThat(after(d).verdict()).isEqualTo("Failed");
        assertThat(after(d).message()).isEqualTo(message);
        assertThat(d.actions()).isEmpty();
    }

    StagingStatus after(Decision d) {
        return Objects.requireNonNull(d.status().staging());
    }

    void since(long seconds) {
        taskSince = NOW.minusSeconds(seconds);
    }

    void seen() {
        staging = staging.seen("uid-ns");
    }

    /** Nothing is known of the isolation yet. */
    void unprobed() {
        staging = StagingStatus.begin(NAMESPACE, 1).seen("uid-ns");
    }
}
