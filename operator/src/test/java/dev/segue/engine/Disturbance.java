package dev.segue.engine;

import dev.segue.api.Command;
import dev.segue.engine.Sight.Read;
import dev.segue.engine.World.Deployment;
import dev.segue.engine.World.Pod;
import dev.segue.engine.World.ReplicaSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** What can happen at any point of an {@link Exploration}. */
@SuppressWarnings("ImmutableEnumChecker") // functions without a state
enum Disturbance {
    // ---- the operator, its network and the controllers ----

    /** It dies in the middle of its acts, or before it has written the status. */
    CRASH(Situation::acting, Situation::stop),
    /** It dies, and the act that it had sent is still on its way. */
    ACT_DELAYED(Situation::canDelay, Situation::delay),
    /** A policy or a quota refuses its next act, and none later. */
    ACT_REFUSED(Situation::canBeRefused, Situation::refuse),
    /** Time passes between its look and its acts: what it has read is stale. */
    SLOW(Situation::acting, s -> {}),
    /** It is down for a tick. */
    AWAY(s -> !s.acting() && !s.rested(), s -> {}),
    /** It is down for longer than any timer. */
    AWAY_FOR_LONG(s -> !s.acting(), s -> {}),
    /** The Deployment controller has other work for a tick. */
    CONTROLLER_LAGS(Situation::rested, s -> s.world.controllerLags = true),
    /** The Deployment controller runs before anything else. */
    CONTROLLER_RUNS(s -> s.world.deployment != null, s -> s.world.runController()),
    /** Its watch of Deployments is behind, that of ReplicaSets is not: for two ticks it has the Deployment of now. */
    CONTROLLER_HAS_OLD_COPY(s -> s.looks() && deployed(s) && s.world.controllersCopy == null, s -> {
        s.world.controllersCopy = new Deployment(s.world.shop());
        s.world.controllersCopySteps = 2;
    }),
    /** The EndpointSlice controller has other work for two ticks: the endpoints stay what they are. */
    ENDPOINTS_LAG(Situation::rested, s -> s.world.endpointsLagSteps = 2),

    // ---- looks that are held up, each after another kind of object, while another operator goes on ----

    MIGRATION_READ(Disturbance::mayBeHeld, s -> s.hold(Read.MIGRATION)),
    DEPLOYMENT_READ(Disturbance::mayBeHeld, s -> s.hold(Read.DEPLOYMENT)),
    REPLICA_SETS_READ(Disturbance::mayBeHeld, s -> s.hold(Read.REPLICA_SETS)),
    PODS_READ(Disturbance::mayBeHeld, s -> s.hold(Read.PODS)),
    SERVICES_READ(Disturbance::mayBeHeld, s -> s.hold(Read.SERVICES)),
    ENDPOINTS_READ(Disturbance::mayBeHeld, s -> s.hold(Read.ENDPOINTS)),

    // ---- the user, an autoscaler, Git ----

    SCALE_TO_0(scalable(0), s -> {
        s.world.scale(0);
        s.world.abandoned = true; // its own pods and the target's
    }),
    SCALE_TO_1(scalable(1), s -> s.world.scale(1)),
    SCALE_TO_2(scalable(2), s -> s.world.scale(2)),
    SCALE_TO_3(scalable(3), s -> s.world.scale(3)),
    TEMPLATE_OLD(changeable("v1"), s -> s.world.setTemplate("v1")),
    TEMPLATE_WANTED(changeable("v2"), s -> s.world.setTemplate("v2")),
    TEMPLATE_OTHER(changeable("v3"), s -> s.world.setTemplate("v3")),
    PAUSE(s -> deployed(s) && !s.world.shop().paused, s -> pause(s, true)),
    RESUME(s -> deployed(s) && s.world.shop().paused, s -> pause(s, false)),
    DELETE_DEPLOYMENT(Disturbance::deployed, s -> s.world.deleteDeployment()),
    /** Our finalizer keeps it while it is ours. */
    DELETE_TARGET(s -> s.world.target() != null && !target(s).deleting, s -> {
        if (s.world.migration.equals(target(s).controller)) {
            target(s).deleting = true;
        } else {
            s.world.usersChurn = true;
            s.world.remove(target(s));
        }
    }),
    WIDEN(s -> s.world.services.stream().anyMatch(v -> v.pin != null), s -> {
        churn(s, Read.SERVICES);
        s.world.services.stream().filter(v -> v.pin != null).limit(1).forEach(v -> {
            v.pin = null;
            v.version++;
        });
    }),
    ADD_SERVICE(s -> s.world.services.size() == 1 && deployed(s), s -> {
        churn(s, Read.SERVICES);
        s.world.services.add(
                s.world.newService(s.world.services.getFirst().name.equals("shop") ? "shop-late" : "shop"));
    }),
    REMOVE_SERVICE(s -> !s.world.services.isEmpty(), s -> s.world.services.removeFirst()),
    REPLACE_SERVICE(s -> !s.world.services.isEmpty(), s -> {
        churn(s, Read.SERVICES);
        boolean held = s.world.services.getFirst().held; // the hold is an object of its own
        String name = s.world.services.removeFirst().name;
        s.world.services.addFirst(s.world.newService(name));
        s.world.services.getFirst().held = held;
    }),

    // ---- the Migration ----

    ABORT(s -> !s.isGiven(Command.ABORT), s -> s.give(Command.ABORT)),
    PROMOTE(s -> !s.isGiven(Command.PROMOTE), s -> s.give(Command.PROMOTE)),
    RETRY(s -> !s.isGiven(Command.RETRY), s -> s.give(Command.RETRY)),
    DELETE_MIGRATION(s -> !s.deleting, s -> {
        s.deleting = true;
        s.migrationWritten();
    }),
    SPEC_PAUSED(s -> !s.paused, s -> {
        s.paused = true;
        s.migrationWritten();
    }),
    SPEC_RESUMED(s -> s.paused, s -> {
        s.paused = false;
        s.migrationWritten();
    }),
    METRIC_FAILS(s -> !s.metricBad, s -> s.metricBad = true),
    METRIC_PASSES(s -> s.metricBad, s -> s.metricBad = false),

    // ---- pods ----

    TARGET_POD_UNREADY(s -> up(targets(s)), s -> {
        down(targets(s), 1);
        churnIfNoneIsUp(s);
    }),
    TARGET_PODS_UNREADY(
            s -> targets(s).stream().filter(p -> p.ready(s.world.now)).count() > 1, s -> {
                churn(s, Read.PODS);
                down(targets(s), 9);
            }),
    TARGET_POD_EVICTED(s -> up(targets(s)), s -> {
        targets(s).stream().filter(p -> p.ready(s.world.now)).findFirst().ifPresent(p -> p.stoppedAt = s.world.now);
        churnIfNoneIsUp(s);
    }),
    TARGET_POD_CRASHES(s -> up(targets(s)), s -> {
        targets(s).stream().filter(p -> p.ready(s.world.now)).findFirst().ifPresent(p -> {
            p.down = true;
            p.trouble = "CrashLoopBackOff";
        });
        churnIfNoneIsUp(s);
    }),
    SOURCE_POD_UNREADY(s -> up(sources(s)), s -> down(sources(s), 1)),
    PODS_READY(s -> s.world.pods().stream().anyMatch(p -> p.down), Disturbance::recover),

    // ---- what has been counted when it began ----

    /** The delayed act arrives. */
    ACT_LANDS(Situation::hasDelayed, s -> {}),
    /** The held look goes on, to its end. */
    LOOK_GOES_ON(Situation::hasHeld, s -> {});

    private final Predicate<Situation> possible;
    private final Consumer<Situation> happens;

    Disturbance(Predicate<Situation> possible, Consumer<Situation> happens) {
        this.possible = possible;
        this.happens = happens;
    }

    boolean possible(Situation s) {
        return possible.test(s);
    }

    /** Answers which invariant was broken by it. */
    Optional<String> happen(Situation s) {
        happens.accept(s);
        return switch (this) {
            case SLOW, AWAY, CONTROLLER_LAGS, ENDPOINTS_LAG -> s.tick();
            case AWAY_FOR_LONG ->
                Stream.generate(s::tick).limit(5).toList().stream()
                        .flatMap(Optional::stream)
                        .findFirst();
            case ACT_LANDS -> s.land();
            case LOOK_GOES_ON -> s.resume();
            case CRASH,
                    ACT_DELAYED,
                    ACT_REFUSED,
                    CONTROLLER_HAS_OLD_COPY,
                    MIGRATION_READ,
                    DEPLOYMENT_READ,
                    REPLICA_SETS_READ,
                    PODS_READ,
                    SERVICES_READ,
                    ENDPOINTS_READ -> Optional.empty();
            default -> {
                s.woken();
                yield Optional.empty();
            }
        };
    }

    /** Whether it happens by itself some time, so that it is tried wherever it is possible. */
    boolean counted() {
        return this != ACT_LANDS && this != LOOK_GOES_ON;
    }

    private static boolean mayBeHeld(Situation s) {
        return s.looks() && !s.hasHeld();
    }

    static void recover(Situation s) {
        s.world.pods().stream().filter(p -> p.down).forEach(p -> {
            p.down = false;
            p.trouble = null;
        });
    }

    static void pause(Situation s, boolean paused) {
        Deployment d = s.world.shop();
        d.paused = paused;
        d.pausedByUs = false;
        d.generation++;
        s.usersPause = paused;
    }

    /**
     * Once the Deployment has the change, it stops its old pods, whatever sends to them.
     *
     * @param tells what is read after it tells of it
     */
    static void churn(Situation s, Read tells) {
        Deployment d = s.world.deployment;
        s.world.usersChurn |= d != null && (d.template.equals(s.world.desired) || s.isApplyingChange(tells));
    }

    private static void churnIfNoneIsUp(Situation s) {
        if (targets(s).stream().noneMatch(p -> p.ready(s.world.now))) {
            churn(s, Read.PODS);
        }
    }

    private static boolean deployed(Situation s) {
        return s.world.deployment != null;
    }

    private static Predicate<Situation> scalable(int replicas) {
        return s -> deployed(s) && s.world.shop().replicas != replicas;
    }

    private static Predicate<Situation> changeable(String template) {
        return s -> deployed(s) && !s.world.shop().template.equals(template);
    }

    private static ReplicaSet target(Situation s) {
        return Objects.requireNonNull(s.world.target());
    }

    private static List<Pod> targets(Situation s) {
        ReplicaSet target = s.world.target();
        return target == null ? List.of() : target.pods;
    }

    private static List<Pod> sources(Situation s) {
        return s.world.sets.stream()
                .filter(set -> set != s.world.target())
                .flatMap(set -> set.pods.stream())
                .toList();
    }

    private static boolean up(List<Pod> pods) {
        return pods.stream().anyMatch(p -> !p.down && p.stoppedAt == null);
    }

    private static void down(List<Pod> pods, int count) {
        pods.stream().filter(p -> !p.down && p.stoppedAt == null).limit(count).forEach(p -> p.down = true);
    }
}
