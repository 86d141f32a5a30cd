package dev.segue.engine;

import dev.segue.analysis.Reading;
import dev.segue.analysis.Thresholds;
import dev.segue.api.MigrationSpec;
import dev.segue.api.MigrationStatus;
import dev.segue.api.Phase;
import dev.segue.engine.World.Pace;
import dev.segue.engine.World.Pod;
import dev.segue.engine.World.ReplicaSet;
import dev.segue.engine.World.Service;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * One state of the {@link Exploration}: a small cluster with a coarse clock, a Migration in it, and what its operator is
 * about to do. Left alone, one state follows from another: the operator looks until it has nothing more to do at once,
 * then time passes.
 */
final class Situation {
    /** Each of the times in {@link #PACE} and in the spec is one tick, or few. */
    static final Duration TICK = Duration.ofSeconds(15);

    /**
     * Controllers run at each tick; a node follows an EndpointSlice within the tick after it, and connections last one
     * more. With {@code verify.propagation} and {@code verify.drain.wait} of one tick, nothing is to spare.
     */
    static final Pace PACE = Pace.ofSeconds(15, 0, 30, 15, 15, 15);

    /** No timer of the engine or the spec is longer, but for deadline.total and for what a contest forgets. */
    private static final int LONGEST = 8;

    /** An act on its way to the API server, with what it is conditional on. */
    private record Sent(Action action, int version) {}

    final World world;
    private final WorldAccess access;
    private final MigrationSpec spec;
    private final MigrationSpec specPaused;
    MigrationStatus status = MigrationStatus.EMPTY;
    boolean deleting;
    boolean paused;
    boolean metricBad;

    @Nullable
    String command;

    /** Whether it was the user who paused the Deployment. */
    boolean usersPause;

    /** What was decided and is not written yet; null when the operator is not in the middle of acting. */
    private @Nullable Decision decision;

    private final Deque<Sent> acts = new ArrayDeque<>();

    /** Whether the Migration was written by someone since the look, so that our write will be refused. */
    private boolean conflict;

    /** Whether the world has changed since the look. */
    private boolean outdated;

    /** An act that the network delays; its operator is dead. */
    private @Nullable Sent delayed;

    /** Whether the operator has nothing to do before time passes. */
    private boolean rested;

    /** For how many ticks a Service has been narrowed to pods that are not ready, though others are. */
    private int outage;

    Situation(Spec spec) {
        world = new World(PACE, "v1", "v2", 2, "shop");
        world.floor = 0;
        access = new WorldAccess(world);
        this.spec = spec.build();
        spec.paused = true;
        specPaused = spec.build();
        spec.paused = false;
    }

    Situation(Situation other) {
        world = new World(other.world);
        access = new WorldAccess(world);
        spec = other.spec;
        specPaused = other.specPaused;
        status = other.status;
        deleting = other.deleting;
        paused = other.paused;
        metricBad = other.metricBad;
        command = other.command;
        usersPause = other.usersPause;
        decision = other.decision;
        acts.addAll(other.acts);
        conflict = other.conflict;
        outdated = other.outdated;
        delayed = other.delayed;
        rested = other.rested;
        outage = other.outage;
    }

    // ---- what follows when nothing disturbs it ----

    /** Goes on by one step, and answers which invariant was broken by it. */
    Optional<String> step() {
        if (decision != null) {
            return act(decision);
        }
        return rested ? rest() : look();
    }

    private Optional<String> look() {
        Observed seen = observe(status);
        Decision next = Planner.plan(seen);
        Optional<String> flaw = DecisionForm.flaw(seen, next).or(() -> narrowed(next));
        if (flaw.isPresent()) {
            return flaw;
        }
        if (next.actions().isEmpty()) {
            if (DecisionForm.rests(seen, next)) {
                flaw = DecisionForm.flawOfRepeating(next, Planner.plan(observe(next.status())));
            }
            written(next);
            return flaw;
        }
        decision = next;
        next.actions().forEach(a -> acts.add(new Sent(a, version(a))));
        return Optional.empty();
    }

    private Optional<String> act(Decision made) {
        if (!acts.isEmpty()) {
            return perform(acts.removeFirst(), !outdated);
        }
        boolean refused = conflict;
        stop();
        if (!refused) {
            written(made);
        }
        return Optional.empty();
    }

    /** Conditions and timeline are for humans: no decision rests on them. */
    private void written(Decision made) {
        MigrationStatus s = made.status();
        rested = !made.next().isZero();
        status = new MigrationStatus(
                s.observedGeneration(),
                s.phase(),
                s.phaseSince(),
                s.task(),
                s.taskSince(),
                s.startedAt(),
                s.run(),
                s.step(),
                s.source(),
                s.target(),
                s.services(),
                s.handover(),
                s.cause(),
                s.command(),
                s.narrowing(),
                s.change(),
                s.metrics(),
                s.verdict(),
                s.drain(),
                List.of(),
                List.of());
    }

    private Optional<String> rest() {
        outage = outage() ? Math.min(2, outage + 1) : 0;
        if (outage > 1 && !status.isTerminal()) {
            return Optional.of("a Service is narrowed to pods that are not ready, though others are");
        }
        return tick();
    }

    Optional<String> tick() {
        rested = false;
        outdated = true;
        ReplicaSet target = world.target();
        boolean unwanted = world.deployment == null ? deleting : world.deployment.replicas == 0;
        world.abandoned = unwanted || (world.abandoned && target != null && target.wanted == 0);
        world.tick(TICK);
        return broken();
    }

    private Optional<String> broken() {
        Optional<String> first = world.broken.stream().findFirst();
        world.broken.clear();
        return first.map(text -> text.replaceFirst("^\\S+: ", "").replaceAll("pod-\\d+|shop-4\\d+", "…"));
    }

    private boolean outage() {
        return world.services.stream()
                .anyMatch(s -> s.pin != null
                        && ready().noneMatch(set -> set.hash.equals(s.pin))
                        && ready().findAny().isPresent());
    }

    private Stream<ReplicaSet> ready() {
        return Stream.concat(world.sets.stream(), world.gone.stream()).filter(set -> set.ready(world.now) > 0);
    }

    /** Judged at the look: what happens between it and the act nobody can know. */
    private Optional<String> narrowed(Decision next) {
        int needed = world.deployment == null ? 1 : Math.max(1, world.deployment.replicas);
        return next.actions().stream()
                .filter(a -> a instanceof Action.Pin(var _, var _, String hash)
                        && ready().filter(s -> s.hash.equals(hash))
                                        .mapToInt(s -> s.ready(world.now))
                                        .sum()
                                < needed)
                .findFirst()
                .map(_ -> "a Service is narrowed to pods that are not ready at full capacity");
    }

    Observed observe(MigrationStatus from) {
        MigrationSpec now = paused ? specPaused : spec;
        Map<String, Reading> readings = new HashMap<>();
        if (from.target() != null && Observed.watched(from.phaseOrPending())) {
            now.analysisOrDefault().metricsOrEmpty().stream()
                    .filter(m -> Thresholds.due(now.analysisOrDefault(), m, from.metricsOrEmpty(), world.now))
                    .forEach(m -> readings.put(m.name(), new Reading.Value(metricBad ? 11 : 0)));
        }
        return access.look(now, from, deleting, command, null, readings, null);
    }

    // ---- acts ----

    private Optional<String> perform(Sent sent, boolean asSeen) {
        if (valid(sent)) {
            access.perform(sent.action());
            // The other known limit: pods that were idle at the look, and whose Service was widened since.
            boolean stop = sent.action() instanceof Action.ScaleTarget(var _, var _, int replicas) && replicas == 0;
            world.abandoned |= stop && !asSeen && (routed(world.target()) || !"StopTarget".equals(status.task()));
        }
        if (!asSeen) {
            world.broken.clear(); // a capacity that was there at the look
        }
        return broken();
    }

    private boolean routed(@Nullable ReplicaSet set) {
        return set != null && world.services.stream().anyMatch(s -> s.pin == null || s.pin.equals(set.hash));
    }

    /** What the API server, or the live object before the write, is asked for beside the UID. */
    private int version(Action action) {
        return switch (action) {
            case Action.Pin(String name, var _, var _) ->
                service(name).map(s -> s.version).orElse(0);
            case Action.Unpin(String name, var _) ->
                service(name).map(s -> s.version).orElse(0);
            case Action.ApplyChange _, Action.Fence _ ->
                world.deployment == null ? 0 : Objects.hash(world.deployment.generation, world.deployment.fences);
            case Action.ScaleTarget(var _, String uid, var _) -> version(uid);
            case Action.ReleaseTarget(var _, String uid, var _) -> version(uid);
            default -> 0;
        };
    }

    private int version(String uid) {
        return set(uid).map(s -> Objects.hash(s.wanted, s.controller, s.deleting))
                .orElse(0);
    }

    private boolean valid(Sent sent) {
        boolean there = switch (sent.action()) {
            case Action.Pin(String name, String uid, var _) ->
                service(name).filter(s -> s.uid.equals(uid)).isPresent();
            case Action.Unpin(String name, String uid) ->
                service(name).filter(s -> s.uid.equals(uid)).isPresent();
            case Action.CreateHold(String name) -> service(name).isPresent();
            case Action.DeleteHold(String name) -> service(name).isPresent();
            case Action.CreateTarget _ -> world.deployment != null;
            case Action.ForgetFields(Action.ForgetFields.Kind kind, String name) ->
                switch (kind) {
                    case Deployment -> world.deployment != null;
                    case ReplicaSet -> true;
                    case Service -> service(name).isPresent();
                };
            default -> true;
        };
        return there && version(sent.action()) == sent.version();
    }

    private Optional<Service> service(String name) {
        return world.services.stream().filter(s -> s.name.equals(name)).findFirst();
    }

    private Optional<ReplicaSet> set(String uid) {
        return world.sets.stream().filter(s -> s.uid.equals(uid)).findFirst();
    }

    // ---- what may become of the operator ----

    boolean acting() {
        return decision != null;
    }

    boolean canDelay() {
        return !acts.isEmpty() && delayed == null;
    }

    boolean isApplyingChange() {
        return Stream.concat(acts.stream(), Stream.ofNullable(delayed))
                .anyMatch(a -> a.action() instanceof Action.ApplyChange);
    }

    boolean hasDelayed() {
        return delayed != null;
    }

    boolean rested() {
        return rested;
    }

    /** It dies, or is refused: what is not done yet is never done. */
    void stop() {
        decision = null;
        acts.clear();
        conflict = false;
        outdated = false;
        rested = false;
    }

    void delay() {
        delayed = acts.removeFirst();
        stop();
    }

    Optional<String> land() {
        Sent late = Objects.requireNonNull(delayed);
        delayed = null;
        rested = false;
        outdated = true;
        return perform(late, false);
    }

    /** Something happened that the operator is woken for. */
    void woken() {
        rested = false;
        outdated = true;
    }

    void migrationWritten() {
        conflict = decision != null;
        woken();
    }

    // ---- which states are the same ----

    /** All that the future depends on: no serial numbers, times only as far as a timer can tell them apart. */
    String key() {
        Map<String, String> names = new HashMap<>();
        StringBuilder text = new StringBuilder(512);
        flag(text, world.abandoned, 'a');
        world.sets.forEach(s -> names.put(s.hash, "s" + names.size()));
        world.gone.forEach(s -> names.put(s.hash, "g" + names.size()));
        World.Deployment d = world.deployment;
        if (d == null) {
            text.append("no deployment");
        } else {
            text.append(d.template).append(d.replicas);
            flag(text, d.paused, 'p');
            flag(text, d.marked, 'm');
            flag(text, d.fence != null, 'f');
            flag(text, String.valueOf(status.taskSince()).equals(d.fence), 'F');
            flag(text, d.generation != d.observedGeneration, 'o');
            text.append(d.total).append(',').append(d.updated).append(',').append(d.available);
        }
        Stream.concat(world.sets.stream(), world.gone.stream()).forEach(s -> set(text, s, d));
        for (Service s : world.services) {
            text.append('|').append(s.name).append(':');
            text.append(s.pin == null ? "" : names.getOrDefault(s.pin, "dead"));
            flag(text, s.held, 'h');
            flag(text, s.marked, 'm');
        }
        text.append('|');
        flag(text, world.usersChurn, 'u');
        flag(text, deleting, 'd');
        flag(text, paused, 'p');
        flag(text, metricBad, 'b');
        flag(text, usersPause, 'U');
        flag(text, rested, 'r');
        text.append(command).append(outage);
        status(text, status, names);
        if (decision != null) {
            text.append("|acts");
            acts.forEach(a -> act(text, a, names));
            flag(text, conflict, 'c');
            flag(text, outdated, 'o');
            status(text, decision.status(), names);
            flag(text, decision.next().isZero(), 'z');
        }
        if (delayed != null) {
            text.append("|late");
            act(text, delayed, names);
        }
        return text.toString();
    }

    private void set(StringBuilder text, ReplicaSet s, World.@Nullable Deployment d) {
        boolean ours = world.migration.equals(s.controller);
        text.append('|').append(s.template).append(s.wanted);
        text.append(s.controller == null ? 'n' : ours ? 'w' : d != null && d.uid.equals(s.controller) ? 'd' : 'x');
        flag(text, s == world.target(), 't');
        flag(text, s.marked, 'm');
        flag(text, s.deleting, 'D');
        text.append(s.size).append(':').append(ticks(s.goneAt));
        s.pods.stream().map(this::pod).sorted().forEach(text::append);
    }

    private String pod(Pod p) {
        StringBuilder text = new StringBuilder(" ");
        flag(text, p.ready(world.now), 'r');
        flag(text, p.down, 'd');
        text.append(p.stoppedAt == null ? "" : ticks(p.stoppedAt)).append(p.trouble == null ? "" : "T");
        if (world.used(p)) {
            text.append('u').append(ticks(p.lastRouted));
        }
        world.services.forEach(s -> flag(text, world.endpoints(s).contains(p.uid), 'e'));
        return text.toString();
    }

    private void act(StringBuilder text, Sent sent, Map<String, String> names) {
        text.append(' ').append(sent.action().getClass().getSimpleName());
        flag(text, !valid(sent), '!');
        switch (sent.action()) {
            case Action.Pin(String name, var _, String hash) ->
                text.append(name).append(names.getOrDefault(hash, "dead"));
            case Action.Unpin(String name, var _) -> text.append(name);
            case Action.ScaleTarget(var _, var _, int replicas) -> text.append(replicas);
            case Action.ReleaseTarget(var _, var _, int replicas) -> text.append(replicas);
            case Action.ApplyChange(var _, boolean pause) -> text.append(pause);
            case Action.CreateHold(String name) -> text.append(name);
            case Action.DeleteHold(String name) -> text.append(name);
            case Action.ForgetFields(var kind, String name) -> text.append(kind).append(name);
            case Action.CreateTarget _, Action.Fence _, Action.Resume _, Action.DeleteTarget _ -> {}
        }
    }

    private void status(StringBuilder text, MigrationStatus s, Map<String, String> names) {
        text.append('|').append(s.phaseOrPending()).append(s.task()).append(ticks(s.taskSince()));
        text.append(s.handover()).append(s.command());
        flag(text, s.cause() != null, 'c');
        MigrationStatus.StepStatus step = s.step();
        if (step != null) {
            text.append(step.index()).append(step.holdUntil() == null ? "" : left(step.holdUntil()));
        }
        if (s.source() != null) {
            text.append(names.getOrDefault(s.source().hash(), "dead"));
            flag(text, world.deployment != null && s.source().deploymentUid().equals(world.deployment.uid), '=');
        }
        if (s.target() != null) {
            flag(text, s.target().uid() != null, 'u');
            text.append(ticks(s.target().unavailableSince()));
        }
        if (s.narrowing() != null && !s.isTerminal()) {
            text.append(names.getOrDefault(s.narrowing().hash(), "dead"))
                    .append(Math.min(4, s.narrowing().times()))
                    .append(ticks(s.narrowing().last()));
        }
        if (s.change() != null && !s.isTerminal()) {
            text.append('c')
                    .append(Math.min(4, s.change().times()))
                    .append(ticks(s.change().last()));
        }
        s.servicesOrEmpty().forEach(k -> {
            text.append(k.name());
            flag(text, service(k.name()).filter(l -> l.uid.equals(k.uid())).isPresent(), '=');
        });
        s.metricsOrEmpty()
                .forEach(m -> text.append(m.exceeded()).append(m.verdict()).append(ticks(m.at())));
    }

    private static void flag(StringBuilder text, boolean is, char letter) {
        if (is) {
            text.append(letter);
        }
    }

    private String ticks(@Nullable Instant since) {
        return since == null
                ? "-"
                : Long.toString(
                        Math.min(LONGEST, Duration.between(since, world.now).toSeconds() / TICK.toSeconds()));
    }

    private long left(Instant until) {
        return Math.max(0, Duration.between(world.now, until).toSeconds());
    }

    // ---- the end ----

    /** What is wrong with staying like this for ever, empty when this is an end. */
    Optional<String> flawOfEnd() {
        Observed seen = observe(status);
        Decision last = Planner.plan(seen);
        boolean servedNowhere = outage();
        Phase phase = status.phaseOrPending();
        if (servedNowhere && !world.abandoned) {
            return Optional.of("at the end a Service is narrowed to pods that are not ready, though others are");
        }
        if (!status.isTerminal()) {
            return waiting(last);
        }
        World.Deployment d = world.deployment;
        if (d != null && d.paused && !usersPause) {
            return Optional.of("at the end the Deployment is left paused by us");
        }
        if (phase == Phase.Stuck) {
            return Optional.empty();
        }
        ReplicaSet target = world.target();
        return Stream.of(
                        left(world.services.stream().anyMatch(s -> s.pin != null), "a Service is narrowed"),
                        left(world.services.stream().anyMatch(s -> s.held), "a hold Service"),
                        left(world.services.stream().anyMatch(s -> s.marked), "a trace on a Service"),
                        left(d != null && (d.marked || d.fence != null), "a trace on the Deployment"),
                        left(target != null && target.marked, "a trace on the ReplicaSet"),
                        left(target != null && world.migration.equals(target.controller), "the target"))
                .flatMap(Optional::stream)
                .findFirst()
                .map(what -> "at the end (%s) there is left: %s".formatted(phase, what));
    }

    private static Optional<String> left(boolean is, String what) {
        return is ? Optional.of(what) : Optional.empty();
    }

    /** It may wait for what only the user can change, says so, and it is true. */
    private Optional<String> waiting(Decision last) {
        String reason = last.status().condition("Waiting").map(c -> c.reason()).orElse("");
        World.Deployment d = world.deployment;
        boolean true_ = switch (reason) {
            case "Paused" -> paused;
            case "DeploymentPaused" -> d != null && usersPause;
            case "SourceUnready", "RolloutUnready" ->
                d != null
                        && (d.replicas == 0
                                || d.available != d.replicas
                                || d.updated != d.replicas
                                || d.total != d.replicas
                                || usersPause);
            case "SourceDiverged" -> d != null && !d.template.equals("v2");
            case "ServiceGone" ->
                status.servicesOrEmpty().stream()
                        .anyMatch(k -> service(k.name()).isEmpty());
            case "TargetUnready" ->
                world.target() != null && world.target().ready(world.now) < Math.max(1, d == null ? 1 : d.replicas);
            default -> false;
        };
        return true_
                ? Optional.empty()
                : Optional.of("waits for ever in %s/%s, Waiting=%s".formatted(status.phase(), status.task(), reason));
    }

    /** The user puts right what is broken, and what it is waited for. */
    void repair() {
        Disturbance.recover(this);
        metricBad = false;
        paused = false;
        World.Deployment d = world.deployment;
        if (d != null) {
            if (d.replicas == 0) {
                world.scale(2);
            }
            if (usersPause) {
                Disturbance.pause(this, false);
            }
            boolean forward = status.phase() == Phase.CuttingOver
                    || status.phase() == Phase.Soaking
                    || status.phase() == Phase.HandingOver;
            if (forward && !d.template.equals(world.desired)) {
                world.setTemplate(world.desired);
            }
        }
        Disturbance.churn(this);
        status.servicesOrEmpty().stream()
                .filter(k -> service(k.name()).isEmpty())
                .forEach(k -> world.services.add(world.newService(k.name())));
    }

    String describe() {
        return "%s/%s %s; %s%s"
                .formatted(
                        status.phaseOrPending(),
                        status.task(),
                        status.handover() == null ? "" : status.handover(),
                        world,
                        acting()
                                ? " about to " + acts.stream().map(Sent::action).toList()
                                : "");
    }
}
