package dev.segue.shell;

import dev.segue.api.Migration;
import dev.segue.api.MigrationStatus;
import dev.segue.api.Phase;
import dev.segue.engine.Action;
import dev.segue.engine.Decision;
import dev.segue.engine.Observed;
import dev.segue.engine.Planner;
import dev.segue.report.Conditions;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.ControllerConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.ErrorStatusUpdateControl;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.api.reconciler.Reconciler;
import io.javaoperatorsdk.operator.api.reconciler.UpdateControl;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Observe, plan, write the status, act, tell. Each line may be the last one before a crash: the status carries the
 * intent before the act, every act can be repeated, and the next look decides anew.
 */
@ControllerConfiguration(
        name = MigrationReconciler.NAME,
        fieldManager = Facts.MANAGER,
        generationAwareEventProcessing = false,
        triggerReconcilerOnAllEvents =
                true) // deletions too, without the framework's finalizer: ours is not always there
public final class MigrationReconciler implements Reconciler<PartialMigration> {
    static final String NAME = "migration";

    private static final Logger LOG = LoggerFactory.getLogger(MigrationReconciler.class);

    /** After a refused write: the world has moved on, so look again, but do not spin. */
    private static final Duration AGAIN = Duration.ofMillis(200);

    /** After a failed look that is the first in a row. */
    private static final Duration FAILED_AGAIN = Duration.ofSeconds(1);

    /** Reason of the condition Waiting when the API server will not have a write: a policy, a quota, missing rights. */
    private static final String REFUSED = "Refused";

    private static final Duration REFUSED_AGAIN = Duration.ofSeconds(10);

    /** The world moves on now and then; when it did at each of so many looks in a row, something is wrong. */
    private static final int SETBACKS = 5;

    /** Looks per second at Migrations that are under way, and at those that wait for their turn or a healthy source. */
    private static final int ENGAGED_LOOKS = 25;

    private static final int WAITING_LOOKS = 5;

    /** The cache's index of the Migrations that have not ended, by the Deployment that they move. */
    private static final String BY_DEPLOYMENT = "deployment";

    private final KubernetesClient client;
    private final Observer observer;
    private final Actor actor;
    private final Answers answers;
    private final Events events;
    private final Metrics metrics;
    private final Gauges gauges;

    /** How many looks in a row have failed, by the Migration's UID; only for the pace, so a restart may forget. */
    private final Map<String, Setback> setbacks = new ConcurrentHashMap<>();

    /** @param since when the task began at which it happened: one that went on all the same begins to count anew */
    private record Setback(@Nullable Instant since, int count) {}

    /** Those that rest, by UID, and have been put off once. */
    private final Set<String> resting = ConcurrentHashMap.newKeySet();

    private final Pace engaged = new Pace(ENGAGED_LOOKS);
    private final Pace waiting = new Pace(WAITING_LOOKS);

    MigrationReconciler(
            KubernetesClient client,
            Observer observer,
            Actor actor,
            Answers answers,
            Events events,
            Metrics metrics,
            Gauges gauges) {
        this.client = client;
        this.observer = observer;
        this.actor = actor;
        this.answers = answers;
        this.events = events;
        this.metrics = metrics;
        this.gauges = gauges;
    }

    @Override
    public List<EventSource<?, PartialMigration>> prepareEventSources(EventSourceContext<PartialMigration> context) {
        context.getPrimaryCache().addIndexer(BY_DEPLOYMENT, m -> m.over() ? List.of() : List.of(deploymentOf(m)));
        metrics.phases(() -> context.getPrimaryCache().list().flatMap(m -> m.phase().stream()));
        return List.of();
    }

    /** When the operator starts it hears of all at once, and those with something to do must not wait behind thousands that rest. */
    private boolean firstSeenResting(PartialMigration cached) {
        if (cached.resting()) {
            return resting.add(Facts.uid(cached));
        }
        resting.remove(Facts.uid(cached));
        return false;
    }

    private static String deploymentOf(PartialMigration m) {
        return m.getMetadata().getNamespace() + "/" + m.deployment();
    }

    @Override
    public UpdateControl<PartialMigration> reconcile(PartialMigration cached, Context<PartialMigration> context) {
        if (cached.settled(observer.now())) {
            return UpdateControl.noUpdate();
        }
        if (firstSeenResting(cached)) {
            long later = ThreadLocalRandom.current().nextLong(Planner.LATER.toMillis());
            return UpdateControl.<PartialMigration>noUpdate().rescheduleAfter(Duration.ofMillis(later));
        }
        Duration rest = answers.rest();
        if (!rest.isZero()) {
            return UpdateControl.<PartialMigration>noUpdate().rescheduleAfter(rest);
        }
        List<String> rivals = context.getPrimaryCache().byIndex(BY_DEPLOYMENT, deploymentOf(cached)).stream()
                .filter(other -> other.mayPrecede(cached))
                .sorted(PartialMigration.BY_AGE)
                .map(other -> other.getMetadata().getName())
                .toList();
        Duration next = pass(cached, rivals);
        return next == null
                ? UpdateControl.noUpdate()
                : UpdateControl.<PartialMigration>noUpdate().rescheduleAfter(next);
    }

    /** A pass that fails again and again is told in the status; one failure is nobody's concern. */
    @Override
    public ErrorStatusUpdateControl<PartialMigration> updateErrorStatus(
            PartialMigration cached, Context<PartialMigration> context, Exception failure) {
        boolean again =
                context.getRetryInfo().filter(r -> r.getAttemptCount() > 0).isPresent();
        if (again) {
            try {
                tellError(cached, failure);
            } catch (KubernetesClientException e) {
                LOG.warn("the status could not be written either: {}", Changes.reason(e));
            }
        }
        return ErrorStatusUpdateControl.noStatusUpdate();
    }

    private void tellError(PartialMigration cached, Exception failure) {
        Migration live = live(cached);
        if (live != null && live.getStatus() != null && !live.getStatus().isTerminal()) {
            MigrationStatus status = Conditions.waitFor(
                    live.getStatus(),
                    live.getStatus().conditionsOrEmpty(),
                    "Error",
                    "the operator cannot look or act, and tries again: %s; its log has the details"
                            .formatted(Rejection.inWords(failure)),
                    observer.now());
            if (!status.equals(live.getStatus())) {
                write(live, status);
            }
        }
    }

    private @Nullable Migration live(HasMetadata cached) {
        Migration live = client.resources(Migration.class)
                .inNamespace(cached.getMetadata().getNamespace())
                .withName(cached.getMetadata().getName())
                .get();
        return live != null && Facts.uid(live).equals(Facts.uid(cached)) ? live : null;
    }

    /** One look and what follows from it; answers when to look again, null when there is nothing to look at any more. */
    private @Nullable Duration pass(PartialMigration cached, List<String> rivals) {
        String uid = Facts.uid(cached);
        Migration live = null;
        try {
            live = live(cached);
            if (live == null) {
                observer.forget(uid);
                setbacks.remove(uid);
                resting.remove(uid);
                gauges.forget(uid);
                return null;
            }
            Duration next = decide(live, rivals);
            setbacks.remove(uid);
            return next;
        } catch (KubernetesClientException e) {
            int count = setback(uid, live);
            if (Rejection.of(e) == Rejection.MOVED_ON && count <= SETBACKS) {
                LOG.info("the world has moved on ({}), looking again: {}", e.getCode(), Changes.reason(e));
                return AGAIN;
            }
            if (count == 1) { // the write may have landed, and only its answer be lost
                LOG.warn("no answer from the API server ({}), looking again: {}", e.getCode(), Changes.reason(e));
                return FAILED_AGAIN;
            }
            throw e; // the framework tries again, ever more slowly
        }
    }

    /** @param live null when it could not even be read; that is one more of whatever came before */
    private int setback(String uid, @Nullable Migration live) {
        Instant since = live == null || live.getStatus() == null
                ? null
                : live.getStatus().taskSince();
        return setbacks.merge(
                        uid,
                        new Setback(since, 1),
                        (before, first) -> live == null || Objects.equals(before.since(), since)
                                ? new Setback(before.since(), before.count() + 1)
                                : first)
                .count();
    }

    /** A decision that acts names no new task: its intent is in the status since an earlier look. */
    private Duration decide(Migration live, List<String> rivals) {
        Observed seen = observer.look(live, rivals);
        Decision decision = Planner.plan(seen);
        Phase phase = decision.status().phaseOrPending();
        boolean finalized = live.getMetadata().getFinalizers().contains(Migration.FINALIZER);
        boolean bound = bound(decision.status());
        if (bound && !finalized && live.getMetadata().getDeletionTimestamp() == null) {
            actor.addFinalizer(live); // before the status says that there may be something to remove
            return Duration.ZERO;
        }
        if (!decision.actions().isEmpty() && overtaken(live)) {
            LOG.info("another operator has gone on meanwhile; looking again");
            return AGAIN;
        }
        if (decision.actions().stream().anyMatch(Action.Pin.class::isInstance) && scaledUp(live, seen)) {
            LOG.info("the Deployment was scaled up meanwhile; looking again");
            return AGAIN;
        }
        Optional<Refusal> refusal = act(live, seen, decision);
        MigrationStatus status = refusal.map(r -> Conditions.waitFor(
                        decision.status().withContestsOf(seen.status()), // nobody takes back what was never there
                        seen.status().conditionsOrEmpty(),
                        r.reason(),
                        r.message(),
                        seen.now()))
                .orElse(decision.status());
        Migration latest = live;
        if (!status.equals(live.getStatus())) {
            latest = write(live, status);
            told(live, decision, seen.now());
        }
        gauges.show(live, status);
        if (!bound && finalized) {
            actor.removeFinalizer(latest);
        }
        boolean acted = !decision.actions().isEmpty(); // what follows from that is no wait for others
        Pace pace = phase.engaged() || acted ? engaged : waiting;
        return pace.spread(refusal.isPresent() ? REFUSED_AGAIN : decision.next(), seen.now());
    }

    /** Whether there may be something of ours in the cluster that a deletion would leave behind. */
    private static boolean bound(MigrationStatus status) {
        return status.phaseOrPending().engaged()
                || (status.staging() != null && status.staging().present());
    }

    /**
     * Whether the Migration was written since this look began. An act is refused when its object was written since, but
     * another operator may have gone on before the look came to that object.
     */
    private boolean overtaken(Migration looked) {
        Migration now = live(looked);
        return now == null
                || !now.getMetadata()
                        .getResourceVersion()
                        .equals(looked.getMetadata().getResourceVersion());
    }

    /** Whether more pods are wanted than this look took for all: traffic must not be narrowed to too few. */
    private boolean scaledUp(Migration live, Observed seen) {
        Deployment now = observer.deployment(live);
        return now != null
                && seen.deployment() != null
                && now.getSpec().getReplicas() > seen.deployment().replicas();
    }

    /** Of an action, as the condition {@code Waiting} says it. */
    private record Refusal(String reason, String message) {}

    /** Answers why the API server will not have one of the actions, empty when all are done. */
    private Optional<Refusal> act(Migration live, Observed seen, Decision decision) {
        for (Action action : decision.actions()) {
            LOG.info("{}", action);
            try {
                actor.perform(live, seen, action);
            } catch (KubernetesClientException e) {
                if (Rejection.of(e) != Rejection.REFUSED) {
                    throw e;
                }
                LOG.warn("the API server refuses {}: {}", action, Changes.reason(e));
                return Optional.of(new Refusal(
                        action instanceof Action.Fence ? Planner.FENCE_REFUSED : REFUSED,
                        "the API server refuses %s: %s"
                                .formatted(decision.status().task(), Changes.reason(e))));
            }
        }
        return Optional.empty();
    }

    /** One write under the lock of the version that was observed; a conflict means to look again, never to merge. */
    private Migration write(Migration live, MigrationStatus status) {
        Migration next = new Migration();
        next.setMetadata(live.getMetadata());
        next.setSpec(live.getSpec());
        next.setStatus(status);
        return client.resource(next)
                .lockResourceVersion(live.getMetadata().getResourceVersion())
                .updateStatus();
    }

    private void told(Migration live, Decision decision, Instant at) {
        MigrationStatus before = live.getStatus();
        if (before == null || !Objects.equals(before.task(), decision.status().task())) {
            LOG.info(
                    "{}: {}",
                    decision.status().phase(),
                    Objects.requireNonNullElse(decision.status().task(), "ended"));
        }
        for (Decision.Notice notice : decision.notices()) {
            LOG.info("{}: {}", notice.reason(), notice.message());
            metrics.transition(decision.status().phaseOrPending(), notice.reason());
            events.tell(live, decision.status(), notice, at);
        }
        if (before != null && before.phase() != decision.status().phase() && before.phaseSince() != null) {
            metrics.phaseEnded(
                    before.phaseOrPending(),
                    Duration.between(
                            before.phaseSince(),
                            Objects.requireNonNull(decision.status().phaseSince())));
        }
    }
}
