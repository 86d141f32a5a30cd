package dev.segue.engine;

import dev.segue.analysis.Reading;
import dev.segue.analysis.Thresholds;
import dev.segue.api.Command;
import dev.segue.api.MigrationSpec;
import dev.segue.api.MigrationStatus;
import dev.segue.engine.Sight.Read;
import dev.segue.engine.World.Pace;
import dev.segue.engine.World.ReplicaSet;
import dev.segue.report.Conditions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.BiFunction;
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
    @Nullable
    Decision decision;

    final Deque<Sent> acts = new ArrayDeque<>();

    /** Whether the Migration was written by someone since the look, so that our write will be refused. */
    boolean conflict;

    /** Whether the world has changed since the look. */
    boolean outdated;

    /** An act that the network delays; its operator is dead. */
    @Nullable
    Sent delayed;

    /** A look that takes its time, while its operator is not the leader any more. */
    @Nullable
    HeldLook held;

    /** Whether the operator has nothing to do before time passes. */
    boolean rested;

    /** For how many ticks a Service has been narrowed to pods that are not ready, though others are. */
    int outage;

    /** The reason that has just been named in a look; null when none has. */
    @Nullable
    String claimed;

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
        held = other.held;
        rested = other.rested;
        outage = other.outage;
    }

    // ---- what follows when nothing disturbs it ----

    /** Goes on by one step, and answers which invariant was broken by it. */
    Optional<String> step() {
        claimed = null;
        if (decision != null) {
            return act(decision);
        }
        return rested ? rest() : look();
    }

    private Optional<String> look() {
        Observed seen = observe(status);
        Decision next = Planner.plan(seen);
        Optional<String> flaw = flaw(seen, next, world).or(() -> Truth.flaw(this, status, next));
        claimed = Truth.claim(status, next.status()).orElse(null);
        if (flaw.isEmpty() && DecisionForm.rests(seen, next)) {
            flaw = DecisionForm.flawOfRepeating(next, Planner.plan(observe(next.status())));
        }
        if (flaw.isEmpty()) {
            decided(next, _ -> world);
        }
        return flaw;
    }

    private Optional<String> flaw(Observed seen, Decision next, World pods) {
        return DecisionForm.flaw(seen, next).or(() -> narrowed(next, pods));
    }

    private void decided(Decision next, Sight sight) {
        if (next.actions().isEmpty()) {
            written(next);
        } else {
            decision = next;
            next.actions().forEach(a -> acts.add(Sent.of(a, sight)));
        }
    }

    private Optional<String> act(Decision made) {
        if (!acts.isEmpty()) {
            Sent next = acts.removeFirst();
            if (next.conflicts(world)) {
                stop();
                return Optional.empty();
            }
            return perform(next, !outdated);
        }
        boolean refused = conflict;
        stop();
        if (!refused) {
            written(made);
        }
        return Optional.empty();
    }

    private void written(Decision made) {
        written(made.status());
        rested = !made.next().isZero();
    }

    /** Conditions and timeline are for humans: no decision rests on them, but on that the fence was refused. */
    private void written(MigrationStatus s) {
        MigrationStatus before = status;
        status = new MigrationStatus(
                s.observedGeneration(),
                s.phase(),
                s.phaseSince(),
                s.task(),
                s.taskSince(),
                s.startedAt(),
                s.run(),
                null,
                null,
                null,
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
                s.conditionsOrEmpty().stream()
                        .filter(c -> c.reason().equals(Planner.FENCE_REFUSED))
                        .toList());
        world.run = status.runOrFirst();
        if (!status.equals(before)) {
            held = null;
        }
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

    /** Whether a Service is narrowed to pods that are not ready, though others are. */
    boolean outage() {
        return world.services.stream()
                .anyMatch(s -> s.pin != null
                        && ready().noneMatch(set -> set.hash.equals(s.pin))
                        && ready().findAny().isPresent());
    }

    private Stream<ReplicaSet> ready() {
        return ready(world);
    }

    private static Stream<ReplicaSet> ready(World world) {
        return Stream.concat(world.sets.stream(), world.gone.stream()).filter(set -> set.ready(world.now) > 0);
    }

    /** Judged at the look: what happens between it and the act nobody can know. */
    private Optional<String> narrowed(Decision next, World pods) {
        int needed = world.deployment == null ? 1 : Math.max(1, world.deployment.replicas);
        return next.actions().stream()
                .filter(a -> a instanceof Action.Pin(var _, var _, String hash)
                        && ready(pods)
                                        .filter(s -> s.hash.equals(hash))
                                        .mapToInt(s -> s.ready(pods.now))
                                        .sum()
                                < needed)
                .findFirst()
                .map(_ -> "a Service is narrowed to pods that are not ready at full capacity");
    }

    Observed observe(MigrationStatus from) {
        return observe(from, access, world.now, metricBad);
    }

    private Observed observe(HeldLook look) {
        return observe(status, new WorldAccess(world, look.sight(world)), look.past().now, look.metricBad());
    }

    private Observed observe(MigrationStatus from, WorldAccess eyes, Instant at, boolean bad) {
        MigrationSpec now = paused ? specPaused : spec;
        Map<String, Reading> readings = new HashMap<>();
        if (from.target() != null && Observed.watched(from.phaseOrPending())) {
            now.analysisOrDefault().metricsOrEmpty().stream()
                    .filter(m -> Thresholds.due(now.analysisOrDefault(), m, from.metricsOrEmpty(), at))
                    .forEach(m -> readings.put(m.name(), new Reading.Value(bad ? 11 : 0)));
        }
        return eyes.look(now, from, deleting, command, null, readings, null);
    }

    // ---- acts ----

    private Optional<String> perform(Sent sent, boolean asSeen) {
        if (sent.valid(world)) {
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

    // ---- what may become of the operator ----

    boolean acting() {
        return decision != null;
    }

    boolean canDelay() {
        return !acts.isEmpty() && delayed == null;
    }

    /** @param tells what would keep a look from it that has not come so far */
    boolean isApplyingChange(Read tells) {
        return Stream.of(
                        acts.stream().map(Sent::action),
                        Stream.ofNullable(delayed).map(Sent::action),
                        Stream.ofNullable(held)
                                .filter(look -> look.has(tells))
                                .flatMap(look -> Planner.plan(observe(look)).actions().stream()))
                .flatMap(actions -> actions)
                .anyMatch(Action.ApplyChange.class::isInstance);
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

    /** One that has a fence refused by a policy has a change refused as well, so none may be on its way. */
    boolean canBeRefused() {
        return !acts.isEmpty()
                && acts.getFirst().valid(world)
                && !(acts.getFirst().action() instanceof Action.Fence && isApplyingChange(Read.MIGRATION));
    }

    /** The API server will not have the next act, so those that follow are not tried; the status says so. */
    void refuse() {
        Action refused = acts.getFirst().action();
        Decision made = Objects.requireNonNull(decision);
        boolean lost = conflict;
        stop();
        if (!lost) {
            String reason = refused instanceof Action.Fence ? Planner.FENCE_REFUSED : "Refused";
            written(Conditions.waitFor(
                    made.status().withContestsOf(status), status.conditionsOrEmpty(), reason, "a policy", world.now));
            rested = true;
            outage = 0; // as long as a policy keeps a Service narrowed, it is
        }
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

    // ---- looks that take their time ----

    boolean looks() {
        return decision == null && !rested;
    }

    boolean hasHeld() {
        return held != null;
    }

    void hold(Read last) {
        held = new HeldLook(new World(world), last, metricBad);
    }

    /** The look goes on that was held up for what has just happened. */
    Optional<String> lookOn() {
        HeldLook look = held;
        if (look == null) {
            return Optional.empty(); // the Migration was written, so it looks again
        }
        return finish(look, (next, sight) -> {
            decided(next, sight);
            woken();
            return Optional.empty();
        });
    }

    /** The look goes on of an operator that does not know that another one is the leader now; it acts at once. */
    Optional<String> resume() {
        woken();
        return finish(
                Objects.requireNonNull(held), this::actLate); // else the Migration was written, which it asks once more
    }

    private Optional<String> finish(HeldLook look, BiFunction<Decision, Sight, Optional<String>> then) {
        held = null;
        Observed seen = observe(look);
        Decision next = Planner.plan(seen);
        if (scaledUp(seen, next)) {
            return DecisionForm.flaw(seen, next);
        }
        Sight sight = look.sight(world);
        return flaw(seen, next, sight.at(Read.PODS)).or(() -> then.apply(next, sight));
    }

    private Optional<String> actLate(Decision next, Sight sight) {
        for (Action action : next.actions()) {
            Sent sent = Sent.of(action, sight);
            if (sent.conflicts(world)) {
                return Optional.empty();
            }
            Optional<String> flaw = perform(sent, false);
            if (flaw.isPresent()) {
                return flaw;
            }
        }
        MigrationStatus before = status;
        written(next);
        conflict |= decision != null && !status.equals(before);
        rested = false;
        return Optional.empty();
    }

    /** Asked once more before traffic is narrowed, as by {@code MigrationReconciler}. */
    private boolean scaledUp(Observed seen, Decision next) {
        return next.actions().stream().anyMatch(Action.Pin.class::isInstance)
                && world.deployment != null
                && seen.deployment() != null
                && world.deployment.replicas > seen.deployment().replicas();
    }

    /** Something happened that the operator is woken for. */
    void woken() {
        rested = false;
        outdated = true;
    }

    /** Whether there is a command that the operator has not taken. */
    boolean isGiven(Command wanted) {
        return unseen(status).filter(wanted.text()::equals).isPresent();
    }

    /** What there is to be taken when this is the status. */
    Optional<String> unseen(MigrationStatus at) {
        return Optional.ofNullable(command).filter(c -> !c.equals(at.command())).map(c -> c.split("@", 2)[0]);
    }

    void give(Command wanted) {
        command = wanted.text().equals(status.command()) ? wanted.text() + "@again" : wanted.text();
        migrationWritten();
    }

    void migrationWritten() {
        conflict = decision != null;
        held = null;
        woken();
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
