package dev.segue.engine;

import dev.segue.analysis.Conclusion;
import dev.segue.analysis.Thresholds;
import dev.segue.analysis.Verdict;
import dev.segue.api.Durations;
import dev.segue.api.MigrationStatus.ServiceStatus;
import dev.segue.api.MigrationStatus.TargetStatus;
import dev.segue.api.Phase;
import dev.segue.engine.Observed.DeploymentFacts;
import dev.segue.engine.Observed.PodFacts;
import dev.segue.engine.Observed.ReplicaSetFacts;
import dev.segue.engine.Observed.ServiceFacts;
import dev.segue.traffic.Selectors;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What is watched the whole time between the first target pod and the handover. The first guard that fails decides. */
final class Guards {
    /** How long a proved target may be short of pods: one that is rescheduled is no bad version. */
    static final Duration UNAVAILABLE_GRACE = Duration.ofSeconds(30);

    /** A container that was restarted this often is crash looping, whatever the kubelet's back-off makes of it. */
    static final int RESTARTS = 2;

    /** A registry may hiccup; after this long it is the image. */
    private static final Duration IMAGE_GRACE = Duration.ofSeconds(30);

    private static final Set<String> IMAGE_TROUBLE = Set.of("ErrImagePull", "ImagePullBackOff");
    private static final Set<String> NO_CONTAINER =
            Set.of("InvalidImageName", "ErrImageNeverPull", "CreateContainerConfigError");
    private static final Set<String> TROUBLE = Stream.concat(
                    NO_CONTAINER.stream(), Stream.of("CrashLoopBackOff", "CreateContainerError"))
            .collect(Collectors.toSet());

    /** Tasks during which the target's pods come and go because we size it. */
    private static final Set<String> SIZING = Set.of("CreateTarget", "SizeTarget", "AwaitTarget");

    private static final List<BiFunction<Observed, StatusDraft, Optional<Failure>>> CHAIN = List.of(
            (o, d) -> workload(o),
            (o, d) -> totalDeadline(o),
            (o, d) -> targetPods(o),
            Guards::targetAvailable,
            (o, d) -> metrics(d),
            (o, d) -> source(o));

    private static final String FIND_WHO =
            "find out who deletes ReplicaSets here (the API server's audit log names them), then migrate again";

    private Guards() {}

    static boolean apply(Phase phase) {
        return phase == Phase.Preparing
                || phase == Phase.Shifting
                || phase == Phase.CuttingOver
                || phase == Phase.Soaking;
    }

    static Optional<Failure> check(Observed o, StatusDraft draft) {
        return CHAIN.stream().flatMap(guard -> guard.apply(o, draft).stream()).findFirst();
    }

    private static Optional<Failure> workload(Observed o) {
        String name = o.spec().component().deployment();
        DeploymentFacts d = o.deployment();
        if (d == null
                || !d.uid().equals(Objects.requireNonNull(o.status().source()).deploymentUid())) {
            return Optional.of(new Failure(
                    "DeploymentGone",
                    "Deployment %s was deleted or replaced".formatted(name),
                    "Segue never recreates what is yours: create it again, then delete the Migration"));
        }
        Optional<Failure> service = services(o);
        if (service.isPresent()) {
            return service;
        }
        if (o.target() == null && Objects.requireNonNull(o.status().target()).uid() != null) {
            return Optional.of(new Failure("TargetGone", "the target's ReplicaSet was deleted", FIND_WHO));
        }
        if (o.target() != null && o.target().deleting()) {
            return Optional.of(new Failure(
                    "TargetGone",
                    "the target's ReplicaSet is being deleted; its pods serve until they are drained",
                    FIND_WHO));
        }
        return Optional.empty();
    }

    private static Optional<Failure> services(Observed o) {
        Set<String> present = o.services().stream().map(ServiceFacts::uid).collect(Collectors.toSet());
        Optional<String> gone = o.status().servicesOrEmpty().stream()
                .filter(s -> !present.contains(s.uid()))
                .map(ServiceStatus::name)
                .findFirst();
        if (gone.isPresent()) {
            return Optional.of(new Failure(
                    "ServiceGone",
                    "Service %s, which was to be moved, was deleted or replaced".formatted(gone.get()),
                    "create it again"));
        }
        Optional<ServiceFacts> elsewhere =
                o.services().stream().filter(s -> !s.selects()).findFirst();
        if (elsewhere.isPresent()) {
            return Optional.of(new Failure(
                    "ServiceSelector",
                    "Service %s does not select the pods any more: its selector was changed to %s"
                            .formatted(
                                    elsewhere.get().name(),
                                    Selectors.unpinned(elsewhere.get().selector())),
                    "give it its selector back, then migrate again"));
        }
        return o.services().stream()
                .filter(s -> s.unmovable() != null)
                .findFirst()
                .map(s -> Assessing.unmovable(s.name(), Objects.requireNonNull(s.unmovable())));
    }

    private static Optional<Failure> totalDeadline(Observed o) {
        Duration limit = o.spec().deadlineOrDefault().totalOrDefault();
        return Timer.passed(o, o.status().startedAt(), limit)
                ? Optional.of(new Failure(
                        "DeadlineExceeded",
                        "not finished %s after its start (deadline.total)".formatted(Durations.format(limit)),
                        "raise deadline.total, or shorten the holds"))
                : Optional.empty();
    }

    private static Optional<Failure> targetPods(Observed o) {
        ReplicaSetFacts target = o.target();
        if (target == null) {
            return Optional.empty();
        }
        return target.pods().stream().flatMap(p -> trouble(o, p).stream()).findFirst();
    }

    private static Optional<Failure> trouble(Observed o, PodFacts pod) {
        if (pod.deleting()) {
            return Optional.empty();
        }
        String why = pod.trouble();
        if (why != null && (TROUBLE.contains(why) || (IMAGE_TROUBLE.contains(why) && old(o, pod)))) {
            String detail = pod.troubleMessage() == null ? "" : ": " + pod.troubleMessage();
            return Optional.of(new Failure(
                    why,
                    "target pod %s: %s%s".formatted(pod.name(), why, detail),
                    "look at the new version: kubectl describe pod " + pod.name()));
        }
        if (pod.restarts() >= RESTARTS) {
            return Optional.of(new Failure(
                    "TargetRestarting",
                    "target pod %s was restarted %d times".formatted(pod.name(), pod.restarts()),
                    "look at the new version: kubectl logs --previous " + pod.name()));
        }
        return Optional.empty();
    }

    /** Whether a container of it cannot even be tried: no image, or what its environment is made of is missing. */
    static boolean neverStarts(PodFacts pod) {
        return !pod.deleting()
                && pod.trouble() != null
                && (NO_CONTAINER.contains(pod.trouble()) || IMAGE_TROUBLE.contains(pod.trouble()));
    }

    private static boolean old(Observed o, PodFacts pod) {
        Instant created = pod.createdAt();
        return created != null && Timer.passed(o, created, IMAGE_GRACE);
    }

    private static Optional<Failure> targetAvailable(Observed o, StatusDraft draft) {
        TargetStatus target = draft.target();
        if (target == null
                || SIZING.contains(o.status().task())
                || !Timer.passed(o, target.unavailableSince(), UNAVAILABLE_GRACE)) {
            return Optional.empty();
        }
        return Optional.of(new Failure(
                "TargetUnavailable",
                "only %s target pods have been available for %s"
                        .formatted(target.availability(), Durations.format(UNAVAILABLE_GRACE)),
                "look at the pods of ReplicaSet " + target.replicaSet()));
    }

    private static Optional<Failure> metrics(StatusDraft draft) {
        Conclusion conclusion = draft.judgement().conclusion();
        if (conclusion != null && conclusion.verdict() instanceof Verdict.Harm) {
            return Optional.of(new Failure(
                    "MetricHarm",
                    conclusion.reason(),
                    "look at the new version; status.metrics has every figure that the verdict rests on"));
        }
        return Thresholds.first(draft.metrics(), Thresholds.FAIL)
                .map(m -> new Failure(
                        "MetricFailed",
                        "%s in %d of the last %d evaluations"
                                .formatted(
                                        Thresholds.exceeding(m),
                                        m.exceeded().stream().filter(e -> e).count(),
                                        m.exceeded().size()),
                        "look at the new version; if it is good, correct the limit or the query in spec.analysis"));
    }

    /** While the source still has traffic, a change of the Deployment starts a rollout that nobody watches. */
    private static Optional<Failure> source(Observed o) {
        return Pins.none(o) && sourceChanged(o)
                ? Optional.of(new Failure(
                        "SourceChanged",
                        "the template of Deployment %s was changed while it was being migrated"
                                .formatted(o.spec().component().deployment()),
                        "change it before or after a migration"))
                : Optional.empty();
    }

    static boolean sourceChanged(Observed o) {
        DeploymentFacts d = Planner.deployment(o);
        return d.current() == null
                || !d.current()
                        .hash()
                        .equals(Objects.requireNonNull(o.status().source()).hash());
    }
}
