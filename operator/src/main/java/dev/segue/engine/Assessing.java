package dev.segue.engine;

import dev.segue.analysis.Reading;
import dev.segue.api.Finding;
import dev.segue.api.Finding.Severity;
import dev.segue.api.Handover.Via;
import dev.segue.api.MigrationStatus;
import dev.segue.api.Phase;
import dev.segue.api.StagingSpec;
import dev.segue.engine.Observed.DeploymentFacts;
import dev.segue.engine.Observed.PodFacts;
import dev.segue.engine.Observed.ReplicaSetFacts;
import dev.segue.engine.Outcome.Await;
import dev.segue.engine.Outcome.Back;
import dev.segue.engine.Outcome.Fail;
import dev.segue.traffic.Selectors;
import dev.segue.traffic.SetProof;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Looks at the workload before anything is written: what cannot be moved safely is refused with a remedy. */
final class Assessing {
    static final String SOURCE = "AwaitSource";

    static final List<Task> TURN = List.of(new Task("AwaitTurn", Assessing::turn));

    static final List<Task> TASKS = List.of(
            new Task("CheckWorkload", Assessing::check),
            new Task(SOURCE, Assessing::ready),
            new Task(Reporting.TASK, Assessing::report));

    /** In this order: what is found first is the cause. All are told. */
    private static final List<Function<Observed, Stream<Failure>>> CHECKS = List.of(
            o -> Stream.ofNullable(owner(o)),
            o -> Stream.ofNullable(paused(o)),
            o -> Stream.ofNullable(replicas(o)),
            o -> Stream.ofNullable(containers(o)),
            o -> Stream.ofNullable(readiness(o)),
            o -> Stream.ofNullable(services(o)),
            Assessing::unmovable,
            o -> Stream.ofNullable(change(o)),
            Assessing::labels,
            o -> Stream.ofNullable(adoption(o)),
            Assessing::surroundings,
            o -> Stream.ofNullable(staging(o))); // what it cannot copy has its own finding by then

    /** The schema's limit. */
    private static final int MAX_FINDINGS = 50;

    /** The endpoints follow the pods of a rollout that has just ended. */
    private static final Duration ENDPOINTS_GRACE = Duration.ofSeconds(15);

    private Assessing() {}

    private static Outcome then(Outcome first, Supplier<Outcome> next) {
        return first instanceof Outcome.Done ? next.get() : first;
    }

    private static Outcome ready(Observed o) {
        return then(source(o), () -> Planning.holds(o));
    }

    /** The source is looked at until the last moment; one that has to be waited for is waited for where that is timed. */
    private static Outcome report(Observed o) {
        Outcome ready = ready(o);
        return ready instanceof Await waiting
                ? new Back(SOURCE, waiting.message())
                : then(ready, () -> Planning.report(o));
    }

    private static Outcome turn(Observed o) {
        return o.precededBy() == null
                ? Outcome.DONE
                : new Await(
                        "Locked",
                        "Migration %s moves Deployment %s; this one starts when it has ended"
                                .formatted(o.precededBy(), name(o)));
    }

    private static Outcome check(Observed o) {
        Optional<Await> locked = Pins.locked(o); // narrowed by another Migration, it would be told to be unmovable
        if (locked.isPresent()) {
            return locked.get();
        }
        List<Failure> blocks = blocks(o);
        return blocks.isEmpty() ? Outcome.DONE : new Fail(blocks.getFirst());
    }

    /** After a rehearsal, which may have taken long: what was assessed is looked at once more. */
    static Outcome stillSound(Observed o) {
        Outcome checked = check(o);
        if (!(checked instanceof Outcome.Done)) {
            return checked;
        }
        DeploymentFacts d = Planner.deployment(o);
        return d.settled() && d.current() != null
                ? Outcome.DONE
                : new Await(
                        "SourceUnready",
                        "Deployment %s is not healthy: %d of %d replicas available, %d up to date"
                                .formatted(name(o), d.available(), d.replicas(), d.updated()));
    }

    private static List<Failure> blocks(Observed o) {
        Failure absent = deployment(o);
        return absent == null ? CHECKS.stream().flatMap(check -> check.apply(o)).toList() : List.of(absent);
    }

    private static Stream<Failure> surroundings(Observed o) {
        return o.findings() == null
                ? Stream.empty()
                : o.findings().stream()
                        .filter(f -> f.severity() == Severity.Block)
                        .map(f -> new Failure(f.reason(), f.message(), f.remedy()));
    }

    /** What is known after this look, the worst first. After the assessment it stays as it was. */
    static List<Finding> findings(Observed o) {
        List<Finding> before = o.status().findingsOrEmpty();
        if (o.status().phaseOrPending() != Phase.Assessing
                || o.status().task() == null
                || o.status().task().equals(Reporting.TASK) // nothing is looked for any more
                || Pins.locked(o).isPresent()) {
            return before;
        }
        Stream<Finding> blocks = blocks(o).stream().map(Assessing::block);
        Stream<Finding> others =
                Objects.requireNonNullElse(o.findings(), before).stream().filter(f -> f.severity() != Severity.Block);
        return ordered(Stream.concat(blocks, others));
    }

    /** Those with one more block, the cause, in front. */
    static List<Finding> blocked(List<Finding> findings, Failure cause) {
        Finding block = block(cause);
        return findings.contains(block) ? findings : ordered(Stream.concat(Stream.of(block), findings.stream()));
    }

    private static Finding block(Failure failure) {
        return new Finding(Severity.Block, failure.reason(), failure.message(), failure.remedy());
    }

    private static List<Finding> ordered(Stream<Finding> findings) {
        return findings.sorted(Comparator.comparing(Finding::severity))
                .limit(MAX_FINDINGS)
                .toList();
    }

    /** A rollout that is under way may finish; a source that never gets healthy is no source. */
    private static Outcome source(Observed o) {
        Outcome checked = check(o); // this may have waited for long
        if (!(checked instanceof Outcome.Done)) {
            return checked;
        }
        DeploymentFacts d = Planner.deployment(o);
        if (d.settled()) {
            if (d.current() == null) {
                return new Fail(unknownReplicaSet(o));
            }
            Optional<String> shared = shared(o, d.current());
            if (shared.isEmpty()) {
                return analysis(o);
            }
            return Timer.expired(o, ENDPOINTS_GRACE)
                    ? new Fail(new Failure(
                            "ServiceShared",
                            "%s than of Deployment %s".formatted(shared.get(), name(o)),
                            "give the Deployment a Service whose selector picks its pods alone"))
                    : new Await(shared.get());
        }
        String seen = "Deployment %s is not healthy: %d of %d replicas available, %d up to date"
                .formatted(name(o), d.available(), d.replicas(), d.updated());
        Duration limit = o.spec().deadlineOrDefault().prepareOrDefault();
        return Timer.expired(o, limit)
                ? new Fail(new Failure(
                        "SourceUnhealthy",
                        seen,
                        "repair it first (kubectl rollout status deployment/%s), then create the Migration again"
                                .formatted(name(o))))
                : new Await("SourceUnready", seen);
    }

    /** Every query is tried before anything starts, and the source's history read. */
    private static Outcome analysis(Observed o) {
        for (Map.Entry<String, Reading> asked : new TreeMap<>(o.readings()).entrySet()) {
            if (asked.getValue() instanceof Reading.Refused(String why)) {
                return new Fail(new Failure(
                        "AnalysisRefused",
                        "metric %s: %s".formatted(asked.getKey(), why),
                        "correct spec.analysis, then give the command retry (kubectl annotate migration %s segue.dev/command=retry --overwrite) or create the Migration again"
                                .formatted(o.migration().name())));
            }
        }
        Optional<String> unavailable = o.readings().values().stream()
                .flatMap(r -> r instanceof Reading.Unavailable(String why) ? Stream.of(why) : Stream.empty())
                .findFirst();
        if (unavailable.isEmpty()) {
            return Outcome.DONE;
        }
        return Timer.expired(o, o.spec().deadlineOrDefault().prepareOrDefault())
                ? new Fail(new Failure(
                        "PrometheusUnavailable",
                        unavailable.get(),
                        "let Prometheus answer, or take spec.analysis away; then give the command retry"))
                : new Await(
                        "PrometheusUnavailable", "nothing starts before the metrics can be read: " + unavailable.get());
    }

    private static Failure unknownReplicaSet(Observed o) {
        return new Failure(
                "UnknownReplicaSet",
                "no ReplicaSet of Deployment %s has its template and a pod-template-hash in its selector, so its pods cannot be told from the target's"
                        .formatted(name(o)),
                "kubectl rollout restart deployment/%s makes an ordinary one".formatted(name(o)));
    }

    private static @Nullable Failure deployment(Observed o) {
        return o.deployment() != null
                ? null
                : new Failure(
                        "DeploymentNotFound",
                        "there is no Deployment %s in namespace %s"
                                .formatted(name(o), o.migration().namespace()),
                        "name an existing one in spec.components[0].deployment");
    }

    private static @Nullable Failure owner(Observed o) {
        String owner = Planner.deployment(o).owner();
        return owner == null
                ? null
                : new Failure(
                        "ForeignController",
                        "Deployment %s is controlled by %s, which would undo what Segue does".formatted(name(o), owner),
                        "migrate with that controller, or take the Deployment out of its hands first");
    }

    private static @Nullable Failure paused(Observed o) {
        return !Planner.deployment(o).paused()
                ? null
                : new Failure(
                        "DeploymentPaused",
                        "Deployment %s is paused, so it could not take the new version over".formatted(name(o)),
                        "kubectl rollout resume deployment/" + name(o));
    }

    private static @Nullable Failure replicas(Observed o) {
        return Planner.deployment(o).replicas() > 0
                ? null
                : new Failure(
                        "NoReplicas",
                        "Deployment %s is scaled to 0: there is no traffic to move".formatted(name(o)),
                        "change its template directly, or scale it up first");
    }

    private static @Nullable Failure containers(Observed o) {
        Set<String> unknown = new TreeSet<>(o.spec().component().imagesOrEmpty().keySet());
        unknown.removeAll(Planner.deployment(o).containers());
        return unknown.isEmpty()
                ? null
                : new Failure(
                        "UnknownContainer",
                        "spec.components[0].images names %s, which the template of Deployment %s does not have"
                                .formatted(unknown, name(o)),
                        "its containers are %s; an init container's image is changed by spec.components[0].patch"
                                .formatted(Planner.deployment(o).containers()));
    }

    private static @Nullable Failure readiness(Observed o) {
        return Planner.deployment(o).probed()
                ? null
                : new Failure(
                        "NoReadinessProbe",
                        "no container of Deployment %s has a readinessProbe: its pods would get traffic before they can answer"
                                .formatted(name(o)),
                        "add a readinessProbe to the container that serves");
    }

    private static @Nullable Failure services(Observed o) {
        if (o.serviceProblem() != null) {
            return new Failure(
                    "ServiceNotFound", o.serviceProblem(), "correct spec.components[0].services, or leave it out");
        }
        if (o.services().isEmpty()) {
            return new Failure(
                    "NoService",
                    "no Service of namespace %s selects the pods of Deployment %s"
                            .formatted(o.migration().namespace(), name(o)),
                    "a workload without a Service has no traffic that could be moved; change its template directly");
        }
        if (o.services().size() > MigrationStatus.MAX_SERVICES) {
            return new Failure(
                    "TooManyServices",
                    "%d Services select the pods of Deployment %s; one migration moves at most %d"
                            .formatted(o.services().size(), name(o), MigrationStatus.MAX_SERVICES),
                    "let fewer Services select the pods");
        }
        return null;
    }

    private static Stream<Failure> unmovable(Observed o) {
        return o.services().stream()
                .filter(s -> s.unmovable() != null)
                .map(s -> unmovable(s.name(), Objects.requireNonNull(s.unmovable())));
    }

    static Failure unmovable(String service, String why) {
        return new Failure(
                "ServiceUnmovable",
                "the traffic of Service %s cannot be moved: %s".formatted(service, why),
                "change that, or name it in spec.components[0].excludedServices: requests through it are then not protected");
    }

    /** A Service that does not pick the target's pods would never send to them. */
    private static Stream<Failure> labels(Observed o) {
        if (o.change() == null || o.change().refusal() != null) {
            return Stream.empty();
        }
        Map<String, String> labels = o.change().labels();
        return o.services().stream()
                .filter(s -> s.unmovable() == null && !Selectors.picks(Selectors.unpinned(s.selector()), labels))
                .map(s -> new Failure(
                        "ServiceSelector",
                        "Service %s selects %s, which the new version's pods do not have (their labels: %s)"
                                .formatted(s.name(), Selectors.unpinned(s.selector()), new TreeMap<>(labels)),
                        "leave these labels as they are in spec.components[0].patch"));
    }

    /** Narrowed to the target, a Service would no longer send to the pods that it shares with something else. */
    private static Optional<String> shared(Observed o, ReplicaSetFacts current) {
        Set<String> own = current.pods().stream().map(PodFacts::uid).collect(Collectors.toSet());
        return o.services().stream()
                .flatMap(s -> SetProof.only(s.name(), s.readyPods(), own, 0).stream())
                .findFirst();
    }

    private static @Nullable Failure change(Observed o) {
        return o.change() == null || o.change().refusal() == null
                ? null
                : new Failure(
                        "ChangeRefused",
                        "the API server refuses the change in a dry run: "
                                + o.change().refusal(),
                        "correct images or patch in spec.components[0]");
    }

    private static @Nullable Failure adoption(Observed o) {
        return o.spec().handoverOrDefault().viaOrDefault() == Via.Adopt
                        && Planner.deployment(o).olderTwinOfTarget()
                ? new Failure(
                        "AdoptImpossible",
                        "Deployment %s still has an older ReplicaSet of this very version and would take that one instead of ours"
                                .formatted(name(o)),
                        "use handover.via: Auto, or delete that ReplicaSet (it has no pods) first")
                : null;
    }

    private static @Nullable Failure staging(Observed o) {
        StagingSpec spec = o.spec().staging();
        if (spec == null) {
            return null;
        }
        if (o.migration().namespace().equals(spec.namespace())) {
            return new Failure(
                    "StagingNamespaceForeign",
                    "spec.staging.namespace is the Migration's own namespace: the isolation would cut production off",
                    "name another one, or leave it out");
        }
        Set<String> names = new TreeSet<>();
        for (StagingSpec.Test job : spec.jobs()) {
            if (!names.add(job.name())) {
                return new Failure(
                        "StagingTestsAlike",
                        "spec.staging has two seeds or tests of the name %s, by which they are told apart"
                                .formatted(job.name()),
                        "give them different names, then give the command retry");
            }
        }
        // After a rehearsal it makes the verdict stale, and a ConfigMap that is replaced is gone for a moment.
        boolean concerned = o.status().phaseOrPending() == Phase.Assessing;
        return !concerned || o.stage() == null || o.stage().problem() == null
                ? null
                : new Failure(
                        "StagingIncomplete",
                        "the copy for the rehearsal cannot be made: "
                                + o.stage().problem(),
                        "correct that, or leave spec.staging out; then give the command retry");
    }

    private static String name(Observed o) {
        return o.spec().component().deployment();
    }
}
