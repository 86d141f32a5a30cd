package dev.segue.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.segue.analysis.Counts;
import dev.segue.analysis.Interval;
import dev.segue.analysis.Judgement;
import dev.segue.analysis.Observation;
import dev.segue.analysis.Reading;
import dev.segue.analysis.Schedule;
import dev.segue.analysis.Thresholds;
import dev.segue.analysis.Watched;
import dev.segue.api.Analysis;
import dev.segue.api.ComparisonStatus.Checkpoint;
import dev.segue.api.Condition;
import dev.segue.api.Metric;
import dev.segue.api.MigrationSpec;
import dev.segue.api.MigrationStatus;
import dev.segue.api.MigrationStatus.Cause;
import dev.segue.api.MigrationStatus.MetricStatus;
import dev.segue.api.Phase;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A migration from its first look to its end in a {@link World}. After every look it is checked that the promise was
 * kept and that the decision has the form that makes it safe to repeat.
 */
final class Journey {
    private static final KubernetesSerialization JSON = new KubernetesSerialization();

    /** The end of a {@link World}'s description when nothing of ours is left on the Services. */
    static final String CLEAN = "; services [shop, shop-internal]";

    static final String COMPLETED =
            "Completed (null); deployment v2 x4; sets [v1 x0 of theirs, 0 ready, v2 x4 of theirs, 4 ready]" + CLEAN;

    static String reverted(String cause) {
        return "Reverted (%s); deployment v1 x4; sets [v1 x4 of theirs, 4 ready]%s".formatted(cause, CLEAN);
    }

    /** What happens to one decision, when the operator dies at the worst moment. */
    enum Crash {
        /** Dies after its acts, before the status is written: the acts are repeated. */
        STATUS_LOST,
        /** Dies after the status is written, before its acts. */
        ACTIONS_LOST,
        /** Dies in the middle of its acts. */
        FIRST_ACTION_ONLY,
        /** Dies after all of it, and is gone for four minutes: longer than any hold. */
        AWAY
    }

    final World world;
    final Spec spec;
    final List<Decision> decisions = new ArrayList<>();

    /** Where each look began: "Phase/Task". */
    final List<String> visited = new ArrayList<>();

    final List<Action> performed = new ArrayList<>();
    Reading metric = new Reading.Value(0);

    /** What the metrics that compare count in an interval; whether the target is alone, and the interval's number. */
    BiFunction<Boolean, Integer, Interval> traffic = (alone, number) -> new Interval(Counts.NONE, Counts.NONE);

    /** Pods of which there are samples; with none nobody knows. */
    Set<String> scraped = Set.of();

    /** What Prometheus answers instead, null when it counts. */
    @Nullable
    Reading trouble;

    boolean neverQuiet;
    boolean deleting;

    @Nullable
    String command;

    @Nullable
    String precededBy;

    MigrationStatus status = MigrationStatus.EMPTY;

    /** How the operator that works now sees what there is, for example with a clock of its own. */
    UnaryOperator<Observed> eyes = UnaryOperator.identity();

    /** The look before which the first event happened, 0 when there is none. */
    int eventAt;

    private final WorldAccess access;
    private final Map<String, Runnable> events = new HashMap<>();
    private int crashAt = -1;
    private Crash crash = Crash.AWAY;

    Journey(World world, Spec spec) {
        this.world = world;
        this.access = new WorldAccess(world);
        access.plans = true;
        this.spec = spec;
    }

    /** Something happens when the migration first comes to this task of this phase, before the look. */
    Journey when(Phase phase, String task, Runnable event) {
        events.put(phase + "/" + task, event);
        return this;
    }

    /** Something happens before this look, counted from 0. */
    Journey beforeLook(int look, Runnable event) {
        events.put("#" + look, event);
        return this;
    }

    Journey crash(int look, Crash how) {
        crashAt = look;
        crash = how;
        return this;
    }

    /** Runs until the end, and checks that the end is one. */
    Journey toEnd() {
        runUntil(s -> s.isTerminal() && !(s.phase() == Phase.Stuck && deleting));
        Decision answer = look();
        Decision last = answer.next().isZero() ? look() : answer; // a command that comes after the end is answered
        assertThat(last.actions()).as("a migration that has ended acts no more").isEmpty();
        assertThat(last.status())
                .as("nor writes")
                .isEqualTo(decisions.get(decisions.size() - 2).status());
        world.tick(Duration.ofMinutes(2));
        assertThat(world.broken).isEmpty();
        return this;
    }

    Journey runUntil(Predicate<MigrationStatus> reached) {
        Instant limit = world.now.plus(Duration.ofHours(3));
        while (!reached.test(status)) {
            look();
            assertThat(world.now)
                    .as(() -> "ends at all; stands at " + describe())
                    .isBefore(limit);
            assertThat(decisions.size())
                    .as(() -> "goes round in circles: " + visited.subList(visited.size() - 20, visited.size()))
                    .isLessThan(15_000);
        }
        return this;
    }

    Journey runFor(Duration duration) {
        Instant until = world.now.plus(duration);
        return runUntil(_ -> !world.now.isBefore(until));
    }

    Decision look() {
        int number = decisions.size();
        happen("#" + number);
        happen(place());
        visited.add(place());
        Observed observed = observe(status);
        Decision decision = Planner.plan(observed);
        decisions.add(decision);
        check(observed, decision);
        act(number, decision);
        assertThat(world.broken)
                .as(() -> "at look %d, %s".formatted(number, describe()))
                .isEmpty();
        if (!decision.next().isZero()) {
            world.awaitChange(decision.actions().isEmpty() ? Duration.ofSeconds(5) : Duration.ofSeconds(1));
            assertThat(world.broken)
                    .as(() -> "after look %d, %s".formatted(number, describe()))
                    .isEmpty();
        }
        return decision;
    }

    private void happen(String when) {
        Runnable event = events.remove(when);
        if (event != null) {
            eventAt = eventAt == 0 ? decisions.size() : eventAt;
            event.run();
        }
    }

    private void act(int number, Decision decision) {
        boolean crashes = number == crashAt;
        if ((!crashes || crash != Crash.STATUS_LOST) && !decision.status().equals(status)) {
            status = stored(decision.status());
        }
        List<Action> acts = !crashes
                ? decision.actions()
                : switch (crash) {
                    case ACTIONS_LOST -> List.of();
                    case FIRST_ACTION_ONLY ->
                        decision.actions().stream().limit(1).toList();
                    case STATUS_LOST, AWAY -> decision.actions();
                };
        acts.forEach(access::perform);
        performed.addAll(acts);
        if (crashes) {
            world.tick(crash == Crash.AWAY ? Duration.ofMinutes(4) : Duration.ofSeconds(5));
        }
    }

    private Observed observe(MigrationStatus from) {
        MigrationSpec now = spec.build();
        Map<String, Reading> readings = new HashMap<>();
        if (from.target() != null && Observed.watched(from.phaseOrPending())) {
            for (Metric m : now.analysisOrDefault().metricsOrEmpty()) {
                if (m.compares()) {
                    count(m, now.analysisOrDefault(), from).ifPresent(r -> readings.put(m.name(), r));
                } else if (Thresholds.due(now.analysisOrDefault(), m, from.metricsOrEmpty(), world.now)) {
                    readings.put(m.name(), metric);
                }
            }
        }
        if ("AwaitSource".equals(from.task())) {
            for (Metric m : now.analysisOrDefault().comparing()) {
                readings.put(
                        m.name(), trouble == null ? new Reading.History(List.of(), Duration.ofMinutes(1)) : trouble);
            }
        }
        String drained = now.verifyOrDefault().drainOrDefault().query() == null ? null : Observed.drained(from);
        Reading drain = drained == null ? null : neverQuiet ? new Reading.Value(3) : world.requests(drained);
        return eyes.apply(access.look(now, from, deleting, command, precededBy, readings, drain));
    }

    private Optional<Reading> count(Metric m, Analysis analysis, MigrationStatus from) {
        Watched watched = Observed.watching(from);
        if (watched.holdSince() == null) {
            return Optional.empty();
        }
        Checkpoint past = Judgement.find(from.metricsOrEmpty(), m.name())
                .map(MetricStatus::checkpoint)
                .orElse(null);
        List<Instant> bounds = Schedule.due(analysis, m, watched.holdSince(), past, world.now);
        if (bounds.isEmpty()) {
            return Optional.empty();
        }
        if (trouble != null) {
            return Optional.of(trouble);
        }
        List<Observation> seen = new ArrayList<>();
        for (int i = 1; i < bounds.size(); i++) {
            int number =
                    (int) Duration.between(watched.holdSince(), bounds.get(i)).dividedBy(analysis.intervalOrDefault());
            Interval counts = traffic.apply(watched.alone(), number);
            seen.add(new Observation(bounds.get(i), counts, true, scraped, counts));
        }
        return Optional.of(new Reading.Counted(seen, List.of()));
    }

    /** The status as it comes back from the API server. */
    private static MigrationStatus stored(MigrationStatus status) {
        return JSON.unmarshal(JSON.asJson(status), MigrationStatus.class);
    }

    // ---- the form of a decision ----

    private void check(Observed seen, Decision decision) {
        MigrationStatus after = decision.status();
        if (decision.actions().isEmpty() && decision.notices().isEmpty() && after.equals(seen.status())) {
            return; // nothing to do and nothing to write, which is what looking again would say as well
        }
        assertThat(DecisionForm.flaw(seen, decision)).as(this::describe).isEmpty();
        assertThat(stored(after)).as("the status survives being stored").isEqualTo(after);
        if (DecisionForm.rests(seen, decision)) {
            Decision again = Planner.plan(observe(stored(after)));
            assertThat(DecisionForm.flawOfRepeating(decision, again))
                    .as(this::describe)
                    .isEmpty();
        }
    }

    // ---- what became of it ----

    private String place() {
        return status.phaseOrPending() + "/" + status.task();
    }

    /** The looks at which something had just changed: where a crash or an event can do harm. */
    List<Integer> turningPoints() {
        List<Integer> points = new ArrayList<>();
        for (int i = 0; i < decisions.size(); i++) {
            boolean arrived = i == 0 || !visited.get(i).equals(visited.get(i - 1));
            boolean acted = i > 0 && !decisions.get(i - 1).actions().isEmpty();
            if (arrived || acted || !decisions.get(i).actions().isEmpty()) {
                points.add(i);
            }
        }
        return points;
    }

    /** The phases in their order, each once per stay. */
    List<Phase> phases() {
        List<Phase> phases = new ArrayList<>();
        for (Decision d : decisions) {
            if (phases.isEmpty() || phases.getLast() != d.status().phaseOrPending()) {
                phases.add(d.status().phaseOrPending());
            }
        }
        return phases;
    }

    @Nullable
    String cause() {
        Cause cause = status.cause();
        return cause == null ? null : cause.reason();
    }

    @Nullable
    String waiting() {
        return status.condition("Waiting").map(Condition::reason).orElse(null);
    }

    /** The end: the same, whatever happened to the operator on the way. */
    String end() {
        return "%s (%s); %s".formatted(status.phaseOrPending(), cause(), world);
    }

    String describe() {
        return "%s %s [%s]; %s"
                .formatted(
                        place(),
                        status.conditionsOrEmpty().stream()
                                .map(c -> c.type() + "=" + c.status() + " " + c.reason() + ": " + c.message())
                                .collect(Collectors.joining("; ")),
                        world.now,
                        world);
    }
}
