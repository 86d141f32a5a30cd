package dev.segue.engine;

import dev.segue.analysis.Reading;
import dev.segue.api.Handover.Via;
import dev.segue.api.MigrationStatus;
import dev.segue.engine.Observed.DeploymentFacts;
import dev.segue.engine.Observed.PodFacts;
import dev.segue.engine.Observed.ReplicaSetFacts;
import dev.segue.engine.Observed.ServiceFacts;
import dev.segue.engine.Outcome.Await;
import dev.segue.engine.Outcome.Fail;
import dev.segue.traffic.Selectors;
import dev.segue.traffic.SetProof;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Looks at the workload before anything is written: what cannot be moved safely is refused with a remedy. */
final class Assessing {
    static final String SOURCE = "AwaitSource";

    static final List<Task> TURN = List.of(new Task("AwaitTurn", Assessing::turn));

    static final List<Task> TASKS =
            List.of(new Task("CheckWorkload", Assessing::check), new Task(SOURCE, Assessing::source));

    /** In this order: the first that finds something is reported. */
    private static final List<Function<Observed, @Nullable Failure>> CHECKS = List.of(
            Assessing::deployment,
            Assessing::owner,
            Assessing::paused,
            Assessing::replicas,
            Assessing::containers,
            Assessing::readiness,
            Assessing::services,
            Assessing::change,
            Assessing::labels,
            Assessing::adoption);

    /** The endpoints follow the pods of a rollout that has just ended. */
    private static final Duration ENDPOINTS_GRACE = Duration.ofSeconds(15);

    private Assessing() {}

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
        for (Function<Observed, @Nullable Failure> check : CHECKS) {
            Failure found = check.apply(o);
            if (found != null) {
                return new Fail(found);
            }
        }
        return Outcome.DONE;
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
                        "correct spec.analysis, then give the command retry (kubectl annotate migration %s segue.dev/command=retry) or create the Migration again"
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
        for (ServiceFacts service : o.services()) {
            if (service.unmovable() != null) {
                return unmovable(service.name(), service.unmovable());
            }
        }
        return null;
    }

    static Failure unmovable(String service, String why) {
        return new Failure(
                "ServiceUnmovable",
                "the traffic of Service %s cannot be moved: %s".formatted(service, why),
                "change that, or name it in spec.components[0].excludedServices: requests through it are then not protected");
    }

    /** A Service that does not pick the target's pods would never send to them. */
    private static @Nullable Failure labels(Observed o) {
        if (o.change() == null) {
            return null;
        }
        Map<String, String> labels = o.change().labels();
        return o.services().stream()
                .filter(s -> !Selectors.picks(Selectors.unpinned(s.selector()), labels))
                .findFirst()
                .map(s -> new Failure(
                        "ServiceSelector",
                        "Service %s selects %s, which the new version's pods do not have (their labels: %s)"
                                .formatted(s.name(), Selectors.unpinned(s.selector()), new TreeMap<>(labels)),
                        "leave these labels as they are in spec.components[0].patch"))
                .orElse(null);
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

    private static String name(Observed o) {
        return o.spec().component().deployment();
    }
}
