package dev.segue.engine;

import dev.segue.api.Durations;
import dev.segue.api.Phase;
import dev.segue.api.StagingSpec;
import dev.segue.api.StagingSpec.Keep;
import dev.segue.api.StagingSpec.OnDrift;
import dev.segue.api.StagingStatus;
import dev.segue.api.StagingStatus.Copied;
import dev.segue.api.StagingStatus.TestStatus;
import dev.segue.engine.Decision.Notice;
import dev.segue.engine.Outcome.Act;
import dev.segue.engine.Outcome.Await;
import dev.segue.engine.Outcome.Back;
import dev.segue.engine.Outcome.Fail;
import dev.segue.engine.Outcome.Staged;
import dev.segue.engine.StageFacts.CopyFacts;
import dev.segue.engine.StageFacts.SnapshotFacts;
import dev.segue.staging.StageName;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Rehearses the change in an isolated copy of production, before anything of production is touched. */
final class Staging {
    static final String CREATE = "CreateNamespace";
    static final String SNAPSHOT = "SnapshotVolumes";
    static final String COPY = "CopyObjects";
    static final String PROBE = "ProbeIsolation";
    static final String CALLED = "DeployDependencies";
    static final String SEED = "SeedData";
    static final String DEPENDENCIES = "AwaitDependencies";
    static final String DEPLOY = "DeployTarget";
    static final String AWAIT = "AwaitStagedTarget";
    static final String TEST = "RunTests";
    static final String FRESH = "ProveFresh";

    static final List<Task> TASKS = List.of(
            task(CREATE, Staging::createNamespace),
            task(SNAPSHOT, StageSnapshots::take),
            task(COPY, Staging::copyObjects),
            task(PROBE, StageTests::isolation),
            running(CALLED, o -> copy(o, c -> !c.object().equals(target(o)))),
            running(SEED, o -> StageTests.run(o, spec(o).seedsOrEmpty())),
            running(DEPENDENCIES, StagePods::dependencies),
            running(DEPLOY, o -> copy(o, c -> true)),
            running(AWAIT, o -> StagePods.available(o, spec(o).replicasOrDefault(), "the new version")),
            running(TEST, o -> StageTests.run(o, spec(o).testsOrEmpty())),
            running(Rehearsal.SOURCE, Rehearsal::deploySource),
            running(Rehearsal.AWAIT, Rehearsal::awaitSource),
            running(Rehearsal.MOVES, Rehearsal::rehearse),
            task("JudgeStaging", Staging::judge),
            new Task("LeaveStaging", Staging::removeCopy),
            new Task(FRESH, Staging::fresh));

    /** A registry may hiccup; here nobody is served meanwhile, so that it need not be waited for long. */
    static final Duration PULL_GRACE = Duration.ofSeconds(10);

    /** Production that changes this often is not rehearsed but chased. */
    private static final int MOST_ATTEMPTS = 5;

    private Staging() {}

    static void enter(Observed o, StatusDraft draft) {
        StagingStatus before = o.status().staging();
        String namespace = StageName.namespace(
                o.spec().staging(), o.migration().namespace(), o.migration().name());
        draft.staging(StagingStatus.next(namespace, before));
        draft.enter(
                Phase.Staging,
                TASKS.getFirst().name(),
                false,
                "Staging",
                "rehearsing the change in namespace %s; production is untouched".formatted(namespace));
    }

    private static Task task(String name, Function<Observed, Outcome> check) {
        return new Task(name, o -> lost(o).map(f -> (Outcome) new Fail(f)).orElseGet(() -> check.apply(o)));
    }

    /**
     * Something of the copy runs in it: not as long as nobody knows what that could reach, even where an operator of before
     * has come so far.
     */
    private static Task running(String name, Function<Observed, Outcome> check) {
        return task(
                name,
                o -> status(o).isolation() == null
                        ? new Back(PROBE, "whether the network keeps staging apart is not known yet")
                        : check.apply(o));
    }

    static StagingSpec spec(Observed o) {
        return Objects.requireNonNull(o.spec().staging());
    }

    static StagingStatus status(Observed o) {
        return Objects.requireNonNull(o.status().staging());
    }

    static StageFacts stage(Observed o) {
        return Objects.requireNonNull(o.stage());
    }

    /** What makes a rehearsal pointless. */
    private static Optional<Failure> lost(Observed o) {
        if (o.deployment() == null) {
            return Optional.of(new Failure(
                    "DeploymentGone",
                    "Deployment %s was deleted during the rehearsal"
                            .formatted(o.spec().component().deployment()),
                    "create it again, then give the command retry"));
        }
        if (o.spec().staging() == null) {
            return Optional.of(new Failure(
                    "StagingIncomplete",
                    "spec.staging was taken away during the rehearsal",
                    "give the command retry: it then runs without one"));
        }
        StageFacts stage = stage(o);
        StagingStatus status = status(o);
        if (stage.present() && !stage.ours()) {
            return Optional.of(foreign(o));
        }
        if (stage.otherwise() != null && !CREATE.equals(o.status().task()) && !overtaken(o)) {
            return Optional.of(new Failure(
                    "StagingNamespaceForeign",
                    "namespace %s has the copy of %s in it, too".formatted(status.namespace(), stage.otherwise()),
                    "let that one end, then give the command retry"));
        }
        if (status.uid() != null && !status.uid().equals(stage.uid())) {
            return Optional.of(new Failure(
                    "StagingNamespaceGone",
                    "namespace %s was deleted during the rehearsal".formatted(status.namespace()),
                    "find out who deletes namespaces here, then give the command retry"));
        }
        return StageTests.reaching(o);
    }

    /** In an administrator's namespace another one has begun to copy, before anything of this one was there: it waits again. */
    static boolean overtaken(Observed o) {
        return (COPY.equals(o.status().task()) || SNAPSHOT.equals(o.status().task()))
                && stage(o).otherwise() != null
                && !stage(o).occupied();
    }

    private static Failure foreign(Observed o) {
        String namespace = status(o).namespace();
        String own = o.migration().namespace();
        return spec(o).namespace() == null
                ? new Failure(
                        "StagingNamespaceForeign",
                        "namespace %s exists and is not this Migration's, so it is not touched".formatted(namespace),
                        "give the Migration another name, or remove that namespace, then give the command retry")
                : new Failure(
                        "StagingNamespaceForeign",
                        "namespace %s is not labelled for Migrations of namespace %s".formatted(namespace, own),
                        "kubectl label namespace %s %s=%s, then give the command retry"
                                .formatted(namespace, StageName.STAGING_FOR, own));
    }

    private static Outcome createNamespace(Observed o) {
        StageFacts stage = stage(o);
        StagingStatus status = status(o);
        if (stage.terminating() || (stage.earlier() && stage.occupied())) {
            return CleanUp.removal(o, "the copy of an earlier rehearsal");
        }
        if (stage.snapshots().stream().anyMatch(SnapshotFacts::earlier)) {
            return StageSnapshots.removal(o);
        }
        if (!stage.present()) {
            return spec(o).namespace() == null
                    ? bounded(
                            o,
                            new Act(
                                    "creating namespace " + status.namespace(),
                                    new Action.CreateStage(status.namespace(), status.attempt())))
                    : new Fail(new Failure(
                            "StagingNamespaceMissing",
                            "spec.staging.namespace is %s, and there is no such namespace"
                                    .formatted(status.namespace()),
                            "let an administrator make it: kubectl create namespace %1$s && kubectl label namespace %1$s %2$s=%3$s; or leave the field out"
                                    .formatted(
                                            status.namespace(),
                                            StageName.STAGING_FOR,
                                            o.migration().namespace())));
        }
        if (stage.otherwise() != null) {
            return new Await(
                    "StagingOccupied",
                    "namespace %s has the copy of %s in it".formatted(status.namespace(), stage.otherwise()));
        }
        return Objects.requireNonNull(stage.uid()).equals(status.uid())
                ? Outcome.DONE
                : new Staged(status.seen(stage.uid()), "namespace %s is there".formatted(status.namespace()));
    }

    private static Outcome copyObjects(Observed o) {
        return overtaken(o) ? back(o) : copy(o, c -> !startsPods(c));
    }

    static Outcome back(Observed o) {
        return new Back(CREATE, "%s has begun to copy before".formatted(stage(o).otherwise()));
    }

    private static boolean startsPods(CopyFacts copy) {
        return copy.object().startsWith("Deployment/");
    }

    private static String target(Observed o) {
        return "Deployment/" + o.spec().component().deployment();
    }

    /** Makes those that are missing, and notes what of production all of them were made from. */
    private static Outcome copy(Observed o, Predicate<CopyFacts> wanted) {
        StageFacts stage = stage(o);
        StagingStatus status = status(o);
        if (stage.problem() != null) {
            return new Fail(incomplete(stage.problem()));
        }
        List<String> missing = stage.copies().stream()
                .filter(wanted.and(c -> !c.there()))
                .map(CopyFacts::object)
                .toList();
        if (!missing.isEmpty()) {
            return bounded(
                    o,
                    new Act(
                            "copying %d object(s) to namespace %s".formatted(missing.size(), status.namespace()),
                            new Action.CopyIntoStage(status.namespace(), missing, status.attempt())));
        }
        List<Copied> copied = copied(o, c -> wanted.test(c) ? c.made() : null);
        return copied.equals(status.objectsOrEmpty())
                ? Outcome.DONE
                : new Staged(status.copied(copied), "%d object(s) of production are copied".formatted(copied.size()));
    }

    static Failure incomplete(String problem) {
        return new Failure("StagingIncomplete", problem, "correct that, then give the command retry");
    }

    private static List<Copied> copied(Observed o, Function<CopyFacts, @Nullable String> digest) {
        List<Copied> copied = new ArrayList<>();
        for (CopyFacts copy : stage(o).copies()) {
            String of = digest.apply(copy);
            if (of != null) {
                copied.add(new Copied(copy.object(), of));
            }
        }
        return copied;
    }

    /** What the API server refuses again and again is not tried for ever. */
    static Outcome bounded(Observed o, Act act) {
        Duration limit = o.spec().deadlineOrDefault().prepareOrDefault();
        return Timer.expired(o, limit)
                ? new Fail(incomplete("%s was not possible within %s (deadline.prepare): %s"
                        .formatted(act.progress(), Durations.format(limit), o.refusal())))
                : act;
    }

    private static Outcome judge(Observed o) {
        StagingStatus status = status(o);
        if (status.verdict() != null) {
            return Outcome.DONE;
        }
        Instant kept = spec(o).keepOrDefault() == Keep.Always ? o.now().plus(spec(o).ttlOrDefault()) : null;
        String sentence =
                "the new version got ready in staging with %d object(s) of production, and %d test(s) passed%s; isolation: %s"
                        .formatted(
                                status.objectsOrEmpty().size(),
                                status.testsOrEmpty().stream()
                                        .filter(t -> t.passed() && !t.name().startsWith(StageTests.OWN))
                                        .count(),
                                status.test(StageName.LOAD)
                                        .filter(TestStatus::passed)
                                        .map(t -> "; the moves: " + t.message())
                                        .orElse(""),
                                status.isolation());
        return new Staged(
                status.judged("Passed", sentence, o.now(), kept), new Notice(false, "StagingPassed", sentence));
    }

    /** The namespace goes while the migration goes on; its end is waited for when all is over. */
    private static Outcome removeCopy(Observed o) {
        StageFacts stage = stage(o);
        return status(o).keptUntil() != null || !stage.occupied() || stage.terminating()
                ? Outcome.DONE
                : new Act(
                        "removing namespace " + status(o).namespace(),
                        new Action.RemoveStage(status(o).namespace(), stage.uid()));
    }

    /** The last look before production is touched: whether the verdict still speaks of it. */
    private static Outcome fresh(Observed o) {
        if (o.deployment() == null || o.spec().staging() == null) {
            return new Fail(lost(o).orElseThrow());
        }
        Outcome source = Assessing.stillSound(o);
        if (!(source instanceof Outcome.Done) || Planner.deployment(o).carriesChange()) {
            return source;
        }
        Outcome plan = Planning.holds(o); // another rehearsal would not make it hold
        if (!(plan instanceof Outcome.Done)) {
            return plan;
        }
        StagingStatus status = status(o);
        Optional<String> why = staleness(o);
        if (why.isEmpty()) {
            return status.stale() == null
                    ? Outcome.DONE
                    : new Staged(status.stale(null), "production is again as it was rehearsed");
        }
        if (spec(o).onDriftOrDefault() == OnDrift.Wait) {
            String waiting = "the rehearsal does not speak of production as it is: %s".formatted(why.get());
            return why.get().equals(status.stale())
                    ? new Await(
                            "StagingStale",
                            waiting + "; give the command promote to take its verdict all the same, or abort and retry")
                    : new Staged(status.stale(why.get()), new Notice(true, "StagingStale", waiting));
        }
        if (status.attempt() >= MOST_ATTEMPTS + o.status().runOrFirst() - 1) {
            return new Fail(new Failure(
                    "StagingStale",
                    "production was changed during each of %d rehearsals; the last time: %s"
                            .formatted(status.attempt(), why.get()),
                    "let production rest (find out what keeps changing it), then give the command retry"));
        }
        return new Staged(
                StagingStatus.next(status.namespace(), status).stale(why.get()),
                CREATE,
                List.of(),
                new Notice(true, "StagingStale", "rehearsing again, as production was changed: " + why.get()),
                "rehearsing again");
    }

    /** Production is to be touched now, unless somebody else has brought the new version there: then what is ours goes. */
    static void leave(Observed o, StatusDraft draft) {
        if (!Planner.deployment(o).carriesChange()) {
            Preparing.enter(o, draft);
            return;
        }
        draft.enter(
                Phase.Finishing,
                CleanUp.tasks(o).getFirst().name(),
                false,
                "Superseded",
                "the Deployment got this version during the rehearsal, by somebody else; nothing is left to do");
    }

    /** Why the verdict does not hold any more, empty when it does. */
    private static Optional<String> staleness(Observed o) {
        StagingStatus status = status(o);
        Duration maxAge = spec(o).maxAgeOrDefault();
        if (Timer.passed(o, status.at(), maxAge)) {
            return Optional.of("the verdict is older than %s (staging.maxAge)".formatted(Durations.format(maxAge)));
        }
        StageFacts stage = stage(o);
        if (stage.problem() != null) {
            return Optional.of(stage.problem());
        }
        Map<String, String> rehearsed = digests(status.objectsOrEmpty());
        Map<String, String> now = digests(copied(o, CopyFacts::digest));
        String changed = now.entrySet().stream()
                .filter(e -> !e.getValue().equals(rehearsed.get(e.getKey())))
                .map(Map.Entry::getKey)
                .collect(Collectors.joining(", "));
        if (!changed.isEmpty()) {
            return Optional.of(changed + " changed since");
        }
        rehearsed.keySet().removeAll(now.keySet());
        return rehearsed.isEmpty()
                ? Optional.empty()
                : Optional.of(String.join(", ", rehearsed.keySet()) + " is not needed any more");
    }

    private static Map<String, String> digests(List<Copied> objects) {
        Map<String, String> digests = new TreeMap<>();
        objects.forEach(c -> digests.put(c.object(), c.digest()));
        return digests;
    }

    /** Whether the verdict is waited with, as production was changed since. */
    static boolean waitsStale(Observed o) {
        return o.status().phaseOrPending() == Phase.Staging
                && FRESH.equals(o.status().task())
                && status(o).stale() != null;
    }

    /** The verdict, taken for production as it is. */
    static StagingStatus accepted(Observed o) {
        StagingStatus status = status(o);
        return status.copied(copied(o, CopyFacts::digest))
                .judged(
                        Objects.requireNonNull(status.verdict()),
                        Objects.requireNonNull(status.message()),
                        o.now(),
                        status.keptUntil());
    }

    /** The rehearsal has failed: its verdict, and how long it can be looked at. */
    static StagingStatus failed(Observed o, Failure failure) {
        StagingSpec spec = o.spec().staging();
        Instant kept = spec == null || spec.keepOrDefault() == Keep.Never
                ? null
                : o.now().plus(spec.ttlOrDefault());
        return status(o).judged("Failed", failure.message(), o.now(), kept);
    }
}
