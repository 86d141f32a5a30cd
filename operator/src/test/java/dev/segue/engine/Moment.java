package dev.segue.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.segue.analysis.Reading;
import dev.segue.api.Condition;
import dev.segue.api.Finding;
import dev.segue.api.MigrationStatus;
import dev.segue.api.MigrationStatus.Cause;
import dev.segue.api.MigrationStatus.ContestStatus;
import dev.segue.api.MigrationStatus.DrainStatus;
import dev.segue.api.MigrationStatus.MetricStatus;
import dev.segue.api.MigrationStatus.ServiceStatus;
import dev.segue.api.MigrationStatus.SourceStatus;
import dev.segue.api.MigrationStatus.StepStatus;
import dev.segue.api.MigrationStatus.TargetStatus;
import dev.segue.api.MigrationStatus.Transition;
import dev.segue.api.MigrationStatus.VerdictStatus;
import dev.segue.api.Phase;
import dev.segue.api.PlanStatus;
import dev.segue.api.Step;
import dev.segue.engine.Observed.DeploymentFacts;
import dev.segue.engine.Observed.PodFacts;
import dev.segue.engine.Observed.ReplicaSetFacts;
import dev.segue.engine.Observed.ServiceFacts;
import dev.segue.engine.Observed.Subject;
import dev.segue.traffic.Ratio;
import dev.segue.traffic.Selectors;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * One look in the middle of a migration in which all is well, until a test spoils something; and what follows from it.
 * Where {@link Journey} tells that a migration ends well, this tells exactly when it does what, and what it says.
 */
final class Moment {
    static final Instant NOW = Instant.parse("2026-01-01T12:00:00Z");
    static final String SOURCE = "1";
    static final String TARGET = "m1";
    static final String US = "uid-of-migration";
    static final String THEM = "uid-of-deployment";

    /** The Deployment, settled. */
    static final class Shop {
        String uid = THEM;
        boolean observed = true;
        int replicas = 4;
        int total = 4;
        int updated = 4;
        int available = 4;
        boolean paused;
        boolean pausedByUs;
        boolean carriesChange;
        boolean olderTwin;
        boolean marked;

        @Nullable
        String fence;

        @Nullable
        Pods current = new Pods("shop-1", SOURCE, THEM, 4);

        /** With all its pods. */
        void scaled(int size) {
            replicas = total = updated = available = size;
        }
    }

    /** A ReplicaSet and its pods, all available. */
    static final class Pods {
        final String name;
        final String hash;
        int wanted;

        @Nullable
        String controller;

        boolean deleting;
        boolean matches = true;
        boolean marked;
        List<PodFacts> pods;

        Pods(String name, String hash, @Nullable String controller, int wanted) {
            this.name = name;
            this.hash = hash;
            this.controller = controller;
            this.wanted = wanted;
            this.pods = ready(hash, wanted);
        }

        static List<PodFacts> ready(String hash, int number) {
            return IntStream.range(0, number).mapToObj(i -> pod(hash + "-" + i)).toList();
        }

        static PodFacts pod(String name) {
            return new PodFacts(name, name, true, true, false, 0, null, null, NOW.minusSeconds(600));
        }

        /** Wants as many, and has this many available ones. */
        void has(int number) {
            pods = ready(hash, number);
        }

        /** One of them is spoilt. */
        void first(PodFacts pod) {
            pods = Stream.concat(Stream.of(pod), pods.stream().skip(1)).toList();
        }

        String uid() {
            return "uid-of-" + name;
        }

        ReplicaSetFacts facts() {
            return new ReplicaSetFacts(name, uid(), hash, wanted, controller, deleting, matches, marked, pods);
        }
    }

    /** A Service, whose endpoints are the ready pods that it selects. */
    static final class Svc {
        final String name;
        String uid;

        @Nullable
        String pin;

        @Nullable
        List<String> endpoints;

        @Nullable
        String unmovable;

        @Nullable
        String lockedBy;

        @Nullable
        String writer;

        /** Whether its user has not pointed it elsewhere. */
        boolean selects = true;

        boolean marked;

        Svc(String name, @Nullable String pin) {
            this.name = name;
            this.uid = "uid-of-" + name;
            this.pin = pin;
        }
    }

    final Spec spec = new Spec();
    final Shop shop = new Shop();
    final Phase phase;

    /** Null of one that has ended. */
    final @Nullable String task;

    boolean deploymentGone;

    @Nullable
    Pods target;

    /** As before it was created. */
    boolean unseenTarget;

    List<Svc> services = new ArrayList<>();
    Set<String> holds = new HashSet<>(Set.of("shop"));
    Instant taskSince = NOW.minusSeconds(1);
    Instant startedAt = NOW.minusSeconds(600);
    int step;

    Instant holdSince = NOW.minusSeconds(30);

    @Nullable
    Instant holdUntil;

    @Nullable
    Instant promotedAt;

    @Nullable
    Instant unavailableSince;

    @Nullable
    String handover;

    @Nullable
    Cause cause;

    List<ServiceStatus> knownServices = List.of(new ServiceStatus("shop", "uid-of-shop", 0, 0, null));
    List<MetricStatus> metrics = List.of();
    Map<String, Reading> readings = new HashMap<>();

    @Nullable
    DrainStatus drain;

    @Nullable
    Reading drainReading;

    List<Transition> timeline = List.of();
    Observed.Reported reported = Observed.Reported.NO;
    List<Finding> findings = List.of();

    @Nullable
    PlanStatus plan;

    int strays;
    boolean deleting;

    /** Since when this operator has seen the task. */
    Instant taskSeen = Instant.MIN;

    @Nullable
    String precededBy;

    @Nullable
    String command;

    @Nullable
    String latched;

    @Nullable
    ContestStatus narrowing;

    @Nullable
    ContestStatus change;

    @Nullable
    VerdictStatus verdict;

    /** What the look before waited for. */
    @Nullable
    String waiting;

    private Moment(Phase phase, @Nullable String task, int step, int target, @Nullable String pin) {
        this.phase = phase;
        this.task = task;
        this.step = step;
        this.target = new Pods("shop-m1", TARGET, US, target);
        services.add(new Svc("shop", pin));
    }

    static Moment preparing(String task) {
        return new Moment(Phase.Preparing, task, 1, 2, null);
    }

    /** In the first step: 2 target pods beside 4. */
    static Moment shifting(String task) {
        Moment m = new Moment(Phase.Shifting, task, 1, 2, null);
        m.holdUntil = NOW.plusSeconds(30);
        return m;
    }

    /** Before or after the cutover, as the task says. */
    static Moment cuttingOver(String task) {
        boolean after = Stream.of("ProveCutover", "Propagate", "DrainSource").anyMatch(task::equals);
        return new Moment(Phase.CuttingOver, task, 3, 4, after ? TARGET : null);
    }

    static Moment soaking(String task) {
        Moment m = new Moment(Phase.Soaking, task, 3, 4, TARGET);
        m.holdUntil = NOW.plusSeconds(30);
        return m;
    }

    static Moment handingOver(HandingOver.Route route, String task) {
        Moment m = new Moment(Phase.HandingOver, task, 3, 4, TARGET);
        m.handover = route.name();
        return m;
    }

    /** In an Adopt, the Deployment carries the change and is paused by us. */
    static Moment adopting(String task) {
        Moment m = handingOver(HandingOver.Route.Adopt, task);
        m.shop.carriesChange = true;
        m.shop.marked = true;
        m.shop.paused = m.shop.pausedByUs = true;
        m.shop.updated = 0;
        m.shop.current = null;
        return m;
    }

    /** In a Settle, the Deployment has its own pods of the new version beside ours. */
    static Moment settling(String task) {
        Moment m = handingOver(HandingOver.Route.Settle, task);
        m.shop.carriesChange = true;
        m.shop.marked = true;
        m.shop.current = new Pods("shop-2", "2", THEM, 4);
        return m;
    }

    /** The traffic is not given back yet, or it is, as the task says. */
    static Moment reverting(String task) {
        boolean after = Stream.of("ProveDeployment", "PropagateDeployment", "DrainTarget", "StopTarget", "Unpin")
                .anyMatch(task::equals);
        Moment m = new Moment(Phase.Reverting, task, 3, 4, after ? SOURCE : TARGET);
        m.cause = new Cause("Aborted", "A user asked for it", null, Phase.Soaking, NOW.minusSeconds(60));
        return m;
    }

    static Moment finishing(String task) {
        Moment m = new Moment(Phase.Finishing, task, 3, 4, null);
        m.handover = "Adopt";
        m.target().controller = THEM;
        m.shop.carriesChange = true;
        m.shop.current = m.target;
        return m;
    }

    /** The traffic is the Deployment's own again, but everything of ours is still there. */
    static Moment ended(Phase phase) {
        return new Moment(phase, null, 3, 4, null);
    }

    Pods target() {
        return Objects.requireNonNull(target);
    }

    Pods current() {
        return Objects.requireNonNull(shop.current);
    }

    Svc service() {
        return services.getFirst();
    }

    /** With a command that nobody has seen yet. */
    Moment commanded(String value) {
        command = value;
        return this;
    }

    /** The task began this long ago. */
    Moment after(Duration time) {
        taskSince = NOW.minus(time);
        return this;
    }

    // ---- the look ----

    MigrationStatus status() {
        Step planned = spec.build().plannedSteps().get(step - 1);
        int replicas = Ratio.targetReplicas(planned.weight(), 4);
        return new MigrationStatus(
                1L,
                phase,
                NOW.minusSeconds(300),
                task,
                taskSince,
                startedAt,
                null,
                findings,
                plan,
                null,
                new StepStatus(
                        step,
                        step + "/3",
                        planned.weight(),
                        planned.weight() == 100 ? 100 : Ratio.effectiveWeight(replicas, 4),
                        "0%",
                        replicas,
                        holdUntil == null ? null : holdSince,
                        holdUntil,
                        promotedAt),
                new SourceStatus(THEM, "shop-1", SOURCE),
                new TargetStatus(
                        "shop-m1", TARGET, unseenTarget ? null : "uid-of-shop-m1", 4, 4, "4/4", unavailableSince),
                knownServices,
                handover,
                cause,
                latched,
                narrowing,
                change,
                metrics,
                verdict,
                drain,
                timeline,
                waiting == null ? null : List.of(new Condition("Waiting", "True", waiting, "", NOW, 1L)));
    }

    Observed observed() {
        return new Observed(
                NOW,
                new Subject("prod", "shop-2", US, 1, deleting, command),
                spec.build(),
                status(),
                deploymentGone ? null : deployment(),
                target == null ? null : target.facts(),
                strays,
                services.stream().map(this::facts).toList(),
                null,
                holds,
                null,
                precededBy,
                readings,
                drainReading,
                taskSeen,
                java.util.List.of(),
                null,
                reported,
                null);
    }

    private DeploymentFacts deployment() {
        return new DeploymentFacts(
                shop.uid,
                "7",
                shop.observed,
                shop.replicas,
                shop.total,
                shop.updated,
                shop.available,
                shop.paused,
                shop.paused && shop.pausedByUs,
                List.of("app"),
                true,
                shop.carriesChange,
                shop.current == null ? null : shop.current.facts(),
                shop.olderTwin,
                null,
                shop.marked,
                shop.fence);
    }

    private ServiceFacts facts(Svc s) {
        List<String> ready = s.endpoints != null
                ? s.endpoints
                : Stream.of(deploymentGone ? null : shop.current, target)
                        .filter(Objects::nonNull)
                        .distinct()
                        .filter(set -> s.pin == null || s.pin.equals(set.hash))
                        .flatMap(set -> set.pods.stream())
                        .filter(PodFacts::ready)
                        .map(PodFacts::uid)
                        .toList();
        return new ServiceFacts(
                s.name,
                s.uid,
                "3",
                s.pin == null ? Map.of("app", "shop") : Map.of("app", "shop", Selectors.HASH, s.pin),
                ready,
                s.unmovable,
                s.selects,
                s.lockedBy,
                s.writer,
                s.marked);
    }

    Decision look() {
        return Planner.plan(observed());
    }

    // ---- what follows from it ----

    /** It stays where it is, does nothing, and says what it waits for. */
    Decision awaits(@Nullable String waiting, String message) {
        Decision d = stays(waiting, message);
        assertThat(d.actions()).isEmpty();
        assertThat(d.notices()).isEmpty();
        return d;
    }

    /** It does these things for the task that the status names. */
    Decision acts(String message, Action... actions) {
        Decision d = stays(null, message);
        assertThat(d.actions()).containsExactly(actions);
        return d;
    }

    Decision stays(@Nullable String waiting, String message) {
        Decision d = look();
        assertThat(said(d)).isEqualTo(message);
        assertThat(d.status().condition("Waiting").map(Condition::reason).orElse(null))
                .isEqualTo(waiting);
        assertThat(d.status().phase()).isEqualTo(phase);
        assertThat(d.status().task()).isEqualTo(task);
        assertThat(d.next()).as("when to look again").isPositive();
        return d;
    }

    /** It goes to another task of the same phase. */
    Decision goesTo(String next, String message) {
        Decision d = look();
        assertThat(said(d)).isEqualTo(message);
        assertThat(d.status().phase()).isEqualTo(phase);
        assertThat(d.status().task()).isEqualTo(next);
        assertThat(d.status().taskSince()).isEqualTo(NOW);
        assertThat(d.actions()).isEmpty();
        assertThat(d.next()).as("at once").isZero();
        return d;
    }

    /** The task is done: on to the next. */
    Decision goesOnTo(String next) {
        return goesTo(next, next);
    }

    /** The phase is over. */
    Decision enters(Phase next, String firstTask, String reason, String message) {
        Decision d = look();
        assertThat(d.status().phase()).isEqualTo(next);
        assertThat(d.status().task()).isEqualTo(firstTask);
        assertThat(d.status().phaseSince()).isEqualTo(NOW);
        assertThat(d.status().cause()).isEqualTo(cause);
        told(d, false, reason, message);
        return d;
    }

    Decision reverts(String reason, String message, @Nullable String remedy) {
        Decision d = fails(Phase.Reverting, reason, message, remedy);
        assertThat(d.status().task()).isEqualTo("HoldEndpoints");
        told(d, true, "Reverting", reason + ": " + message);
        return d;
    }

    Decision getsStuck(String reason, String message, @Nullable String remedy) {
        Decision d = fails(Phase.Stuck, reason, message, remedy);
        assertThat(d.status().task()).isNull();
        told(d, true, "Stuck", reason + ": " + message);
        return d;
    }

    private Decision fails(Phase next, String reason, String message, @Nullable String remedy) {
        Decision d = look();
        assertThat(d.status().cause()).isEqualTo(new Cause(reason, message, remedy, phase, NOW));
        assertThat(d.status().phase()).isEqualTo(next);
        return d;
    }

    static void told(Decision d, boolean warning, String reason, String message) {
        announced(d, warning, reason, message);
        Transition last = d.status().timelineOrEmpty().getLast();
        assertThat(last)
                .isEqualTo(new Transition(NOW, Objects.requireNonNull(d.status().phase()), reason, message));
    }

    /** An event and nothing else, and the next look at once; what the timeline has of it is not looked at. */
    static void announced(Decision d, boolean warning, String reason, String message) {
        assertThat(d.notices()).containsExactly(new Decision.Notice(warning, reason, message));
        assertThat(d.actions()).as("the intent is written first").isEmpty();
        assertThat(d.next()).as("at once").isZero();
    }

    static String said(Decision d) {
        return d.status().condition("Reconciling").orElseThrow().message();
    }
}
