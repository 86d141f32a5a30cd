package dev.segue.engine;

import dev.segue.api.MigrationStatus;
import dev.segue.api.Phase;
import dev.segue.engine.Sight.Read;
import dev.segue.engine.World.Deployment;
import dev.segue.engine.World.Pod;
import dev.segue.engine.World.ReplicaSet;
import dev.segue.engine.World.Service;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Which states of the {@link Exploration} are the same: all that the future depends on, no serial numbers, times only as
 * far as a timer can tell them apart.
 */
final class SituationKey {
    /** No timer of the engine or the spec is longer, but for deadline.total and for what a contest forgets. */
    private static final int LONGEST = 8;

    private final Situation s;
    private final World world;
    private final StringBuilder text = new StringBuilder(512);

    /** Of the hashes. */
    private final Map<String, String> names = new HashMap<>();

    private SituationKey(Situation s) {
        this.s = s;
        world = s.world;
        world.sets.forEach(set -> names.put(set.hash, "s" + names.size()));
        world.gone.forEach(set -> names.put(set.hash, "g" + names.size()));
    }

    static String of(Situation s) {
        var key = new SituationKey(s);
        key.world();
        key.situation();
        if (s.held != null) {
            key.held(s.held);
        }
        return key.text.toString();
    }

    private void world() {
        flag(world.abandoned, 'a');
        Deployment d = world.deployment;
        deployment(d);
        Deployment copy = world.controllersCopy;
        if (copy != null) {
            text.append("|copy").append(world.controllersCopySteps);
            text.append(copy.template).append(copy.replicas).append(copy.paused);
            text.append(d == null ? 'x' : copy.generation == d.generation ? '=' : '-');
        }
        sets(world).forEach(set -> set(set, d));
        for (Service service : world.services) {
            text.append('|').append(service.name).append(':');
            text.append(service.pin == null ? "" : names.getOrDefault(service.pin, "dead"));
            flag(service.held, 'h');
            flag(service.marked, 'm');
            text.append(endpointsOfNoPod(service));
        }
        text.append('|').append(world.endpointsLagSteps);
        flag(world.usersChurn, 'u');
    }

    private void situation() {
        flag(s.deleting, 'd');
        flag(s.paused, 'p');
        flag(s.metricBad, 'b');
        flag(s.usersPause, 'U');
        flag(s.rested, 'r');
        flag(world.report == s.status.phase(), 'R');
        text.append(s.outage);
        status(s.status);
        if (s.decision != null) {
            text.append("|acts");
            s.acts.forEach(this::act);
            flag(s.conflict, 'c');
            flag(s.outdated, 'o');
            status(s.decision.status());
            flag(s.decision.next().isZero(), 'z');
        }
        if (s.delayed != null) {
            text.append("|late");
            act(s.delayed);
        }
    }

    /** As it is, or as a look has seen it. */
    private void deployment(@Nullable Deployment d) {
        if (d == null) {
            text.append("no deployment");
            return;
        }
        text.append(d.template).append(d.replicas);
        flag(d.paused, 'p');
        flag(d.pausedByUs, 'P');
        flag(d.marked, 'm');
        flag(d.fence != null, 'f');
        flag(String.valueOf(s.status.taskSince()).equals(d.fence), 'F');
        flag(d.generation != d.observedGeneration, 'o');
        text.append(d.total).append(',').append(d.updated).append(',').append(d.available);
    }

    private static List<ReplicaSet> sets(World world) {
        return Stream.concat(world.sets.stream(), world.gone.stream()).toList();
    }

    private void set(ReplicaSet set, @Nullable Deployment d) {
        boolean ours = world.migration.equals(set.controller);
        text.append('|').append(set.template).append(set.wanted);
        text.append(set.controller == null ? 'n' : ours ? 'w' : d != null && d.uid.equals(set.controller) ? 'd' : 'x');
        flag(set == world.target(), 't');
        flag(set.marked, 'm');
        flag(set.deleting, 'D');
        text.append(set.size).append(':').append(ticks(set.goneAt));
        set.pods.stream().map(this::pod).sorted().forEach(text::append);
    }

    private long endpointsOfNoPod(Service service) {
        return world.endpoints(service).stream()
                .filter(uid -> world.pods().stream().noneMatch(p -> p.uid.equals(uid)))
                .count();
    }

    private String pod(Pod p) {
        StringBuilder pod = new StringBuilder(" ");
        flag(pod, p.ready(world.now), 'r');
        flag(pod, p.down, 'd');
        pod.append(p.stoppedAt == null ? "" : ticks(p.stoppedAt)).append(p.trouble == null ? "" : "T");
        if (world.used(p)) {
            pod.append('u').append(ticks(p.lastRouted));
        }
        world.services.forEach(service -> flag(pod, world.endpoints(service).contains(p.uid), 'e'));
        return pod.toString();
    }

    private void act(Sent sent) {
        text.append(' ').append(sent.action().getClass().getSimpleName());
        flag(!sent.valid(world), '!');
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
            case Action.WriteReport(Phase during) -> text.append(during);
            case Action.CreateTarget _, Action.Fence _, Action.Resume _, Action.DeleteTarget _, Action.OnStage _ -> {}
        }
    }

    private void status(MigrationStatus status) {
        text.append('|').append(status.phaseOrPending()).append(status.task()).append(ticks(status.taskSince()));
        text.append(status.handover()).append(s.unseen(status).orElse(""));
        flag(!status.conditionsOrEmpty().isEmpty(), 'W');
        flag(status.cause() != null, 'c');
        MigrationStatus.StepStatus step = status.step();
        if (step != null) {
            text.append(step.index()).append(step.holdUntil() == null ? "" : left(step.holdUntil()));
        }
        if (status.source() != null) {
            text.append(names.getOrDefault(status.source().hash(), "dead"));
            flag(world.deployment != null && status.source().deploymentUid().equals(world.deployment.uid), '=');
        }
        if (status.target() != null) {
            flag(status.target().uid() != null, 'u');
            text.append(ticks(status.target().unavailableSince()));
        }
        if (status.narrowing() != null && !status.isTerminal()) {
            text.append(names.getOrDefault(status.narrowing().hash(), "dead"))
                    .append(Math.min(4, status.narrowing().times()))
                    .append(ticks(status.narrowing().last()));
        }
        if (status.change() != null && !status.isTerminal()) {
            text.append('c')
                    .append(Math.min(4, status.change().times()))
                    .append(ticks(status.change().last()));
        }
        status.servicesOrEmpty().forEach(k -> {
            text.append(k.name());
            flag(world.find(k.name()).filter(l -> l.uid.equals(k.uid())).isPresent(), '=');
        });
        status.metricsOrEmpty()
                .forEach(m -> text.append(m.exceeded()).append(m.verdict()).append(ticks(m.at())));
    }

    /** A look that is held up: what it has read, and with which of the objects of now that was. */
    private void held(HeldLook look) {
        World past = look.past();
        text.append("|held").append(look.last()).append(ticks(past.now)).append(look.metricBad());
        Map<String, String> then = new HashMap<>();
        sets(past).forEach(set -> then.put(set.hash, names.getOrDefault(set.hash, "p" + then.size())));
        if (look.has(Read.DEPLOYMENT)) {
            deployment(past.deployment);
            text.append(same(
                    Optional.ofNullable(past.deployment).map(Deployment::version),
                    Optional.ofNullable(world.deployment)
                            .filter(now -> past.deployment != null && now.uid.equals(past.deployment.uid))
                            .map(Deployment::version)));
        }
        if (look.has(Read.REPLICA_SETS)) {
            past.sets.forEach(set -> heldSet(past, set, then));
        }
        if (look.has(Read.PODS)) {
            sets(past).forEach(set -> {
                text.append('/').append(then.get(set.hash));
                set.pods.stream().map(p -> heldPod(look, p)).sorted().forEach(text::append);
            });
        }
        if (look.has(Read.SERVICES)) {
            past.services.forEach(service -> heldService(service, then));
        }
    }

    private void heldSet(World past, ReplicaSet set, Map<String, String> then) {
        text.append('/').append(then.get(set.hash)).append(set.template).append(set.wanted);
        text.append(set.controller == null ? 'n' : past.migration.equals(set.controller) ? 'w' : 'd');
        text.append(set == past.target()).append(set.marked).append(set.deleting);
        text.append(same(Optional.of(set.version()), world.findSet(set.uid).map(ReplicaSet::version)));
    }

    /** With which pod of now it is: the endpoints may be read later, and tell. */
    private String heldPod(HeldLook look, Pod p) {
        World past = look.past();
        StringBuilder pod = new StringBuilder(" ");
        pod.append(p.ready(past.now)).append(p.stoppedAt != null).append(p.trouble);
        if (look.has(Read.ENDPOINTS)) {
            past.services.forEach(service -> pod.append(past.endpoints(service).contains(p.uid)));
        }
        return pod.append(world.pods().stream()
                        .filter(now -> now.uid.equals(p.uid))
                        .findFirst()
                        .map(this::pod)
                        .orElse("gone"))
                .toString();
    }

    private void heldService(Service service, Map<String, String> then) {
        text.append('/').append(service.name).append(service.held).append(service.marked);
        text.append(service.pin == null ? "" : then.getOrDefault(service.pin, "dead"));
        text.append(same(
                Optional.of(service.version),
                world.find(service.name)
                        .filter(now -> now.uid.equals(service.uid))
                        .map(now -> now.version)));
        s.status.servicesOrEmpty().forEach(k -> text.append(k.uid().equals(service.uid)));
    }

    /** Whether what was seen is there, and has not been written since. */
    private static char same(Optional<Integer> seen, Optional<Integer> now) {
        return now.isEmpty() ? 'x' : now.equals(seen) ? '=' : '-';
    }

    private void flag(boolean is, char letter) {
        flag(text, is, letter);
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
                        Math.min(LONGEST, Duration.between(since, world.now).toSeconds() / Situation.TICK.toSeconds()));
    }

    private long left(Instant until) {
        return Math.max(0, Duration.between(world.now, until).toSeconds());
    }
}
