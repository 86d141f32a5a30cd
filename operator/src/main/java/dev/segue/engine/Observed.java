package dev.segue.engine;

import dev.segue.analysis.Baselines;
import dev.segue.analysis.Judgement;
import dev.segue.analysis.Quiet;
import dev.segue.analysis.Reading;
import dev.segue.analysis.Watched;
import dev.segue.api.Condition;
import dev.segue.api.Finding;
import dev.segue.api.MigrationSpec;
import dev.segue.api.MigrationStatus;
import dev.segue.api.MigrationStatus.DrainStatus;
import dev.segue.api.MigrationStatus.ServiceStatus;
import dev.segue.api.MigrationStatus.StepStatus;
import dev.segue.api.Phase;
import dev.segue.api.PlanStatus;
import dev.segue.report.Conditions;
import dev.segue.traffic.Selectors;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One look at the world: everything a decision may rest on. Read live, never from a cache, so that a restarted
 * operator cannot decide on an old picture.
 *
 * @param deployment the Deployment, null when there is none of that name
 * @param target our ReplicaSet, or the one that the Deployment adopted from us; null before it is created
 * @param strays how many pods of the target are still there although its ReplicaSet is gone
 * @param services those to move, in the order of their names
 * @param serviceProblem why the Services to move could not be told, null when they could
 * @param holds the names of the Services that we have made a hold Service for
 * @param change what the API server says to the requested change; only present while assessing
 * @param precededBy the name of another unfinished Migration of the same Deployment, older or past waiting; null when there
 *     is none. Only asked before the beginning and after the end
 * @param readings the evaluations that are due, by metric
 * @param drainReading the number of recent requests to the pods being drained; only present while draining by query
 * @param taskSeen when this operator first saw the current task in the status, by its own clock. What the status says
 *     may have been timed by another's
 * @param findings what the assessment finds in the workload's surroundings; null when this look did not read them
 * @param planned the plan that would be made now; only while assessing, and at the last look after a rehearsal
 * @param reported whether the report says what the status says; only asked while it is written
 * @param stage the copy of production; only while there may be one
 */
public record Observed(
        Instant now,
        Subject migration,
        MigrationSpec spec,
        MigrationStatus status,
        @Nullable DeploymentFacts deployment,
        @Nullable ReplicaSetFacts target,
        int strays,
        List<ServiceFacts> services,
        @Nullable String serviceProblem,
        Set<String> holds,
        @Nullable ChangeFacts change,
        @Nullable String precededBy,
        Map<String, Reading> readings,
        @Nullable Reading drainReading,
        Instant taskSeen,
        @Nullable List<Finding> findings,
        @Nullable PlanStatus planned,
        Reported reported,
        @Nullable StageFacts stage) {

    /** What the metrics say with what this look read; computed anew each time. A decision never rests on the readings of an earlier look alone. */
    Judgement judgement() {
        Phase phase = status.phaseOrPending();
        if (watched(phase)) {
            return Judgement.of(
                    spec.analysisOrDefault(),
                    watching(status).of(ready(deployment == null ? null : deployment.current()), ready(target)),
                    status.metricsOrEmpty(),
                    readings,
                    now);
        }
        return new Judgement(
                phase == Phase.Assessing && Assessing.SOURCE.equals(status.task())
                        ? Baselines.measure(
                                spec.analysisOrDefault(),
                                spec.plannedSteps(),
                                readings,
                                Objects.requireNonNullElse(status.taskSince(), now))
                        : status.metricsOrEmpty(),
                null,
                Optional.empty(),
                Optional.empty(),
                Optional.empty());
    }

    private static Map<String, Instant> ready(@Nullable ReplicaSetFacts replicaSet) {
        Map<String, Instant> ready = new HashMap<>();
        if (replicaSet != null) {
            for (PodFacts pod : replicaSet.pods()) {
                if (pod.ready() && !pod.deleting() && pod.createdAt() != null) {
                    ready.put(pod.name(), pod.createdAt());
                }
            }
        }
        return ready;
    }

    /** What there is of the report. */
    public enum Reported {
        /** Not there, not up to date, or not known. */
        NO,
        /** It says what the status says. */
        YES,
        /** Somebody else has a ConfigMap of that name, which is not touched. */
        FOREIGN
    }

    /** Whether this status is about to be reported. */
    public static boolean reports(MigrationStatus status) {
        return Reporting.TASK.equals(status.task());
    }

    /** What the shell has noted of the try before: why the API server would not have it. */
    String refusal() {
        return status.condition(Conditions.WAITING).map(Condition::message).orElse("the operator's log says more");
    }

    /** The hold that this status is in. */
    public static Watched watching(MigrationStatus status) {
        Phase phase = status.phaseOrPending();
        StepStatus step = phase == Phase.Shifting || phase == Phase.Soaking ? status.step() : null;
        return new Watched(
                phase == Phase.Soaking, step == null ? null : step.holdSince(), share(status.servicesOrEmpty()));
    }

    private static @Nullable Double share(List<ServiceStatus> services) {
        int source = services.stream().mapToInt(ServiceStatus::sourceEndpoints).sum();
        int target = services.stream().mapToInt(ServiceStatus::targetEndpoints).sum();
        return source > 0 && target > 0 ? (double) target / (source + target) : null;
    }

    /**
     * When the hold ends at the earliest, null outside of one. Its time is for watching: when a metric was not evaluated
     * for longer than its interval, as the operator was away, what it missed is added.
     */
    @Nullable
    Instant holdUntil() {
        Instant until = status.step() == null ? null : status.step().holdUntil();
        if (until == null) {
            return null;
        }
        Duration interval = spec.analysisOrDefault().intervalOrDefault();
        Duration missed = status.metricsOrEmpty().stream()
                .filter(m -> m.max() != null && readings.containsKey(m.name())) // what is counted is not missed
                .map(m -> Duration.between(m.at(), now).minus(interval))
                .filter(gap -> gap.compareTo(interval) >= 0)
                .max(Comparator.naturalOrder())
                .orElse(Duration.ZERO);
        return until.plus(missed);
    }

    /** The drain with what this look read. */
    @Nullable
    DrainStatus drain() {
        return drainReading == null ? status.drain() : Quiet.fold(status.drain(), drainReading, now);
    }

    /** The Migration as an object. */
    public record Subject(
            String namespace,
            String name,
            String uid,
            long generation,
            boolean deleting,
            @Nullable String command) {}

    /**
     * The user's Deployment.
     *
     * @param resourceVersion the version that was seen
     * @param pausedByUs whether it is paused, and nobody else has written that since we did
     * @param containers the names of those that serve; init containers are none of them
     * @param current the ReplicaSet that the Deployment itself counts as its new one, null before it made one
     * @param carriesChange whether its template already is what the migration wants
     * @param olderTwinOfTarget whether it already has another ReplicaSet with the target's template, which it would
     *     prefer to ours
     * @param owner who else controls it or its rollout, null when nobody does
     * @param marked whether its managed fields name us, the fence apart
     * @param fence the token of the latest {@link Action.Fence}, null when there is none
     */
    public record DeploymentFacts(
            String uid,
            String resourceVersion,
            boolean observed,
            int replicas,
            int total,
            int updated,
            int available,
            boolean paused,
            boolean pausedByUs,
            List<String> containers,
            boolean probed,
            boolean carriesChange,
            @Nullable ReplicaSetFacts current,
            boolean olderTwinOfTarget,
            @Nullable String owner,
            boolean marked,
            @Nullable String fence) {

        /** Whether its user, or a tool, keeps it from rolling out. */
        boolean pausedBySomeone() {
            return paused && !pausedByUs;
        }

        /** Whether its own rollout is finished and every replica is available. */
        public boolean settled() {
            return rolled() && available == replicas;
        }

        /** Whether it has no rollout under way: its pods are those that it wants, available or not. */
        boolean rolled() {
            return observed && updated == replicas && total == replicas;
        }
    }

    /**
     * A ReplicaSet and its pods.
     *
     * @param controllerUid UID of its controller, null when it has none
     * @param deleting whether someone has deleted it: only our finalizer keeps it, and it no longer replaces pods
     * @param matchesDeployment whether its template equals the Deployment's, the hash label aside
     * @param marked whether its managed fields name us
     */
    public record ReplicaSetFacts(
            String name,
            String uid,
            String hash,
            int wanted,
            @Nullable String controllerUid,
            boolean deleting,
            boolean matchesDeployment,
            boolean marked,
            List<PodFacts> pods) {

        /** Pods that are ready, not being deleted, and have been so for minReadySeconds. */
        public int available() {
            return (int) pods.stream().filter(PodFacts::available).count();
        }

        /** Pods that take requests. */
        public int ready() {
            return (int) pods.stream().filter(PodFacts::ready).count();
        }

        /** Whether they can take all traffic of a Deployment of this size; of one that is scaled to 0, one has to. */
        boolean serves(int replicas) {
            return ready() >= Math.max(1, replicas);
        }
    }

    /**
     * A pod.
     *
     * @param restarts of the container that restarted most
     * @param trouble the reason of a waiting container, such as CrashLoopBackOff, null when there is none
     * @param troubleMessage what the kubelet says to it
     */
    public record PodFacts(
            String name,
            String uid,
            boolean ready,
            boolean available,
            boolean deleting,
            int restarts,
            @Nullable String trouble,
            @Nullable String troubleMessage,
            @Nullable Instant createdAt) {}

    /**
     * A Service and where it sends its traffic.
     *
     * @param uid not the one in the status when the Service was replaced meanwhile
     * @param resourceVersion the version that was seen
     * @param readyPods UIDs of the ready endpoints' pods
     * @param unmovable why its traffic cannot be moved, null when it can
     * @param selects whether its own selector picks pods of the target or of the Deployment; one that does not any more
     *     sends them nothing
     * @param lockedBy who else has made a hold Service for it and so moves it, null when nobody does
     * @param selectorWriter who else's write of the selector stands in its managed fields, null when nobody's does
     * @param marked whether its managed fields name us
     */
    public record ServiceFacts(
            String name,
            String uid,
            String resourceVersion,
            Map<String, String> selector,
            List<String> readyPods,
            @Nullable String unmovable,
            boolean selects,
            @Nullable String lockedBy,
            @Nullable String selectorWriter,
            boolean marked) {

        /** The pod-template-hash that the Service is narrowed to, null when it is not. */
        public @Nullable String pinned() {
            return selector.get(Selectors.HASH);
        }
    }

    /**
     * The API server's answer to a dry run of the change.
     *
     * @param refusal why it was refused, null when it was accepted
     * @param labels of the target's pods
     */
    public record ChangeFacts(@Nullable String refusal, Map<String, String> labels) {}

    /** Whether metrics count in this phase: as the guards, from the first target pod on, which gets traffic at once. */
    public static boolean watched(Phase phase) {
        return Guards.apply(phase);
    }

    /** Whether this look tries the metrics and reads the source's history: the last one before the migration begins. */
    public static boolean readsHistory(MigrationStatus status, DeploymentFacts deployment) {
        return status.phaseOrPending() == Phase.Assessing
                && Assessing.SOURCE.equals(status.task())
                && deployment.settled()
                && deployment.current() != null;
    }

    /**
     * Whether this look reads what is around the workload: at the first check, and whenever nothing else is waited for;
     * not any more while the plan is reported.
     *
     * @param history what Prometheus says of the source's history
     */
    public static boolean readsSurroundings(
            MigrationStatus status, DeploymentFacts deployment, Map<String, Reading> history) {
        boolean waits = Assessing.SOURCE.equals(status.task())
                && (!readsHistory(status, deployment)
                        || history.values().stream().anyMatch(Reading.Unavailable.class::isInstance));
        return status.phaseOrPending() == Phase.Assessing && !waits && !reports(status);
    }

    /** Whether this look works the plan out: it may be the last one before the plan is run. */
    public static boolean plans(MigrationStatus status) {
        return status.phaseOrPending() == Phase.Assessing
                || (status.phaseOrPending() == Phase.Staging && Staging.FRESH.equals(status.task()));
    }

    /** The ReplicaSet whose pods are being drained in this status, null when none are. */
    public static @Nullable String drained(MigrationStatus status) {
        if (Objects.equals(status.task(), CuttingOver.DRAIN) && status.source() != null) {
            return status.source().replicaSet();
        }
        return Objects.equals(status.task(), Withdrawal.DRAIN) && status.target() != null
                ? status.target().replicaSet()
                : null;
    }
}
