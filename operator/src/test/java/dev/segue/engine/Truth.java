package dev.segue.engine;

import dev.segue.api.Command;
import dev.segue.api.Condition;
import dev.segue.api.MigrationStatus;
import dev.segue.api.MigrationStatus.Cause;
import dev.segue.api.MigrationStatus.SourceStatus;
import dev.segue.api.Phase;
import dev.segue.engine.World.Deployment;
import dev.segue.engine.World.ReplicaSet;
import dev.segue.engine.World.Service;
import java.util.Collections;
import java.util.HashSet;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Whether the reason that a Migration names is so. The {@link World} is asked, which the operator sees only in parts, and
 * not what the operator made of it.
 */
final class Truth {
    /** What it may wait for as long as its user does nothing. */
    private static final Set<String> FOR_EVER = Set.of(
            "CheckFailed",
            "DeploymentPaused",
            "Paused",
            "RolloutUnready",
            "ServiceGone",
            "SourceDiverged",
            "SourceUnready",
            "TargetUnready");

    private final Situation s;
    private final World world;
    private final MigrationStatus status;
    private final @Nullable Deployment d;
    private final @Nullable ReplicaSet target;

    private Truth(Situation s, MigrationStatus status) {
        this.s = s;
        this.status = status;
        world = s.world;
        d = world.deployment;
        target = world.target();
    }

    /** The reason that is new in this status, or waited with; empty when there is none. */
    static Optional<String> claim(MigrationStatus before, MigrationStatus after) {
        Cause cause = after.cause();
        return cause != null && !cause.equals(before.cause()) ? Optional.of(cause.reason()) : waiting(after);
    }

    /** With a failing check, which one. */
    private static Optional<String> waiting(MigrationStatus status) {
        return status.condition("Waiting")
                .map(c -> c.reason().equals("CheckFailed") ? c.reason() + "/" + check(c) : c.reason());
    }

    private static String check(Condition held) {
        return held.message().substring(0, held.message().indexOf(':'));
    }

    /** What is claimed and is not so. */
    static Optional<String> flaw(Situation s, MigrationStatus before, Decision next) {
        if (before.phase() == Phase.HandingOver && !new Truth(s, before).isHandedOver(next)) {
            return Optional.of("it says that the Deployment serves the new version, which it does not");
        }
        return flaw(s, before, next.status());
    }

    private static Optional<String> flaw(Situation s, MigrationStatus before, MigrationStatus after) {
        return claim(before, after)
                .filter(reason -> !new Truth(s, after).is(reason))
                .map(reason -> "says %s in %s, which is not so".formatted(reason, before.phaseOrPending()));
    }

    /** What is wrong with waiting like this for ever. */
    static Optional<String> flawOfWaiting(Situation s, MigrationStatus last) {
        String reason = last.condition("Waiting").map(Condition::reason).orElse("");
        return FOR_EVER.contains(reason) && flaw(s, last, last).isEmpty()
                ? Optional.empty()
                : Optional.of("waits for ever in %s/%s, Waiting=%s".formatted(last.phase(), last.task(), reason));
    }

    private boolean is(String reason) {
        return switch (reason) {
            case "Aborted" -> s.command != null && s.command.startsWith(Command.ABORT.text());
            case "Deleted" -> s.deleting;
            case "Paused" -> s.paused;
            case "DeploymentGone" -> d == null || !d.uid.equals(source().deploymentUid());
            case "DeploymentNotFound" -> d == null;
            case "DeploymentPaused" -> d != null && d.paused && s.usersPause;
            case "NoReplicas" -> d != null && d.replicas == 0;
            case "SourceUnhealthy", "SourceUnready" -> d != null && unready(d);
            case "RolloutUnready" -> d != null && (unready(d) || !sendsToTheDeploymentAlone(d));
            case "SourceChanged" -> d != null && !d.template.equals(templateOfSource());
            case "SourceDiverged" -> d != null && !d.template.equals(world.desired);
            case "AdoptImpossible" -> d != null && has(d, world.desired);
            case "UnknownReplicaSet" -> d != null && world.current(d) == null;
            case "NoService" -> world.services.isEmpty();
            case "ServiceShared" -> d != null && !sendsToTheDeploymentAlone(d);
            case "ServiceGone" ->
                status.servicesOrEmpty().stream()
                        .anyMatch(k -> world.services.stream().noneMatch(v -> v.uid.equals(k.uid())));
            case "FieldContested" ->
                world.services.stream()
                        .anyMatch(v -> !Objects.requireNonNull(status.narrowing())
                                .hash()
                                .equals(v.pin));
            case "TargetNotCreated" -> target == null;
            case "TargetGone" -> target == null || target.deleting;
            case "TargetNeverReady", "TargetUnavailable" -> target != null && target.ready(world.now) < target.wanted;
            case "TargetUnready" ->
                target != null && target.ready(world.now) < Math.max(target.wanted, Math.max(1, replicas()));
            case "EndpointsMissing" -> target != null && world.services.stream().anyMatch(this::lacksTarget);
            case "CrashLoopBackOff" -> target != null && target.pods.stream().anyMatch(p -> reason.equals(p.trouble));
            case "MetricFailed" -> // what is held was so when it was asked for the last time
                s.metricBad
                        || status.metricsOrEmpty().stream()
                                .anyMatch(m -> m.exceeded().contains(true));
            case "NoData" -> status.metricsOrEmpty().isEmpty();
            case "Draining" -> true; // a matter of time
            default -> reason.startsWith("CheckFailed/") && is(reason.substring("CheckFailed/".length()));
        };
    }

    private SourceStatus source() {
        return Objects.requireNonNull(status.source());
    }

    private int replicas() {
        return d == null ? 1 : d.replicas;
    }

    /** Not all its pods are of its template and ready, or its controller has not said so yet. */
    private boolean unready(Deployment shop) {
        ReplicaSet current = world.current(shop);
        return shop.replicas == 0
                || shop.generation != shop.observedGeneration
                || shop.total != shop.replicas
                || shop.updated != shop.replicas
                || shop.available != shop.replicas
                || current == null
                || current.ready(world.now) < shop.replicas;
    }

    private boolean has(Deployment shop, String template) {
        return world.owned(shop).stream().anyMatch(set -> set.template.equals(template));
    }

    private @Nullable String templateOfSource() {
        return world.sets.stream()
                .filter(set -> set.hash.equals(source().hash()))
                .map(set -> set.template)
                .findFirst()
                .orElse(null);
    }

    private boolean sendsToTheDeploymentAlone(Deployment shop) {
        ReplicaSet current = world.current(shop);
        return current != null
                && world.services.stream().allMatch(v -> world.endpoints(v).equals(ready(current)));
    }

    private boolean lacksTarget(Service service) {
        Set<String> missing = new HashSet<>(ready(Objects.requireNonNull(target)));
        missing.removeAll(world.endpoints(service));
        return !missing.isEmpty() || target.ready(world.now) < target.wanted;
    }

    private Set<String> ready(ReplicaSet set) {
        return set.pods.stream().filter(p -> p.ready(world.now)).map(p -> p.uid).collect(Collectors.toSet());
    }

    /**
     * If it says so. Once the target is gone nobody can tell the template, so it is asked for when that is decided. A rollout
     * that is under way then, its user has begun since the Deployment was proved.
     */
    private boolean isHandedOver(Decision next) {
        boolean removes = next.actions().stream().anyMatch(Action.DeleteTarget.class::isInstance);
        boolean completes = next.status().phase() == Phase.Finishing;
        if (d == null) {
            return !completes;
        }
        return d.template.equals(world.desired)
                ? !completes || unready(d) || sendsToNobodyElse(d)
                : !removes && !(completes && target != null);
    }

    private boolean sendsToNobodyElse(Deployment shop) {
        Set<String> others = new HashSet<>();
        world.pods().stream().filter(p -> p.stoppedAt == null).forEach(p -> others.add(p.uid));
        world.owned(shop).stream()
                .filter(set -> set.template.equals(shop.template))
                .forEach(set -> set.pods.forEach(p -> others.remove(p.uid)));
        return world.services.stream().allMatch(v -> Collections.disjoint(others, world.endpoints(v)));
    }
}
