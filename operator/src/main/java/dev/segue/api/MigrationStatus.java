package dev.segue.api;

import com.fasterxml.jackson.annotation.JsonClassDescription;
import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import dev.segue.api.ComparisonStatus.Baseline;
import dev.segue.api.ComparisonStatus.Checkpoint;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Everything the engine remembers. Each timer is a timestamp in here, so a restart neither forgets nor shortens one,
 * and {@link #task} is written before its act: after a crash it says what may have been done.
 */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
@JsonClassDescription("What Segue has done and sees. Only Segue writes it.")
public record MigrationStatus(
        @JsonPropertyDescription("The generation of the spec that this status speaks of.") @Nullable
        Long observedGeneration,

        @JsonPropertyDescription("Where the migration is in its life.") @Nullable
        Phase phase,

        @JsonPropertyDescription("When the phase began.") @Nullable
        Instant phaseSince,

        @JsonPropertyDescription("What is being done in this phase; written before the act.") @Nullable
        String task,

        @JsonPropertyDescription("When the task began.") @Nullable
        Instant taskSince,

        @JsonPropertyDescription("When the migration began to act (Preparing).") @Nullable
        Instant startedAt,

        @JsonPropertyDescription("Which run it is, from 2 on: the command retry begins another one.") @Nullable
        Integer run,

        @JsonPropertyDescription("What the assessment has found, the worst first.")
        @Size(max = MigrationStatus.MAX_FINDINGS)
        @Nullable
        List<Finding> findings,

        @JsonPropertyDescription("What will be done; worked out before anything was written.") @Nullable
        PlanStatus plan,

        @JsonPropertyDescription("The rehearsal in an isolated copy of production.") @Nullable
        StagingStatus staging,

        @JsonPropertyDescription("The step of the traffic shift.") @Nullable
        StepStatus step,

        @JsonPropertyDescription("The version that serves when the migration starts.") @Nullable
        SourceStatus source,

        @JsonPropertyDescription("The version that is moved to.") @Nullable
        TargetStatus target,

        @JsonPropertyDescription("The Services whose traffic is moved.")
        @Size(max = MigrationStatus.MAX_SERVICES)
        @Nullable
        List<ServiceStatus> services,

        @JsonPropertyDescription("How the Deployment takes over: Adopt or Settle, decided at the handover.") @Nullable
        String handover,

        @JsonPropertyDescription("Why the migration went back, failed or is stuck.") @Nullable
        Cause cause,

        @JsonPropertyDescription("The annotation segue.dev/command as it was last seen: each value is taken once.")
        @Nullable
        String command,

        @JsonPropertyDescription(
                "How the Services' selectors were narrowed last; more than once when somebody takes it" + " back.")
        @Nullable
        ContestStatus narrowing,

        @JsonPropertyDescription("How the change was written into the Deployment's template last; more than once when"
                + " somebody takes it back.")
        @Nullable
        ContestStatus change,

        @JsonPropertyDescription("The latest evaluations of the metrics.") @Size(max = 20) @Nullable
        List<MetricStatus> metrics,

        @JsonPropertyDescription("What all comparisons of the metrics say together.") @Nullable
        VerdictStatus verdict,

        @JsonPropertyDescription("The drain that is under way.") @Nullable
        DrainStatus drain,

        @JsonPropertyDescription("The latest transitions, oldest first.") @Size(max = 50) @Nullable
        List<Transition> timeline,

        @JsonPropertyDescription("Conditions by the Kubernetes conventions.") @Size(max = 20) @Nullable
        List<Condition> conditions) {

    /** How many findings are told at most. */
    public static final int MAX_FINDINGS = 50;

    /** How many Services one migration moves at most. */
    public static final int MAX_SERVICES = 50;

    /** Absent lists are empty ones, so that a status equals what is read back of it. */
    public MigrationStatus {
        findings = findings == null ? List.of() : List.copyOf(findings);
        services = services == null ? List.of() : List.copyOf(services);
        metrics = metrics == null ? List.of() : List.copyOf(metrics);
        timeline = timeline == null ? List.of() : List.copyOf(timeline);
        conditions = conditions == null ? List.of() : List.copyOf(conditions);
    }

    /** The status before the first look. */
    public static final MigrationStatus EMPTY = new MigrationStatus(
            null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null,
            null, null, null, null, null, null);

    /** The step of the traffic shift. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record StepStatus(
            @JsonPropertyDescription("Which step, from 1.") int index,

            @JsonPropertyDescription("Which step of how many, as 2/3.")
            String position,

            @JsonPropertyDescription("The requested share of the traffic in percent.")
            int weight,

            @JsonPropertyDescription("The share that whole pods give, in percent.")
            int effectiveWeight,

            @JsonPropertyDescription("The share of the traffic now, for humans.")
            String traffic,

            @JsonPropertyDescription("How many target pods the step needs.")
            int replicas,

            @JsonPropertyDescription("When the hold began; absent until the step is proved.") @Nullable
            Instant holdSince,

            @JsonPropertyDescription("When the hold ends at the earliest.") @Nullable
            Instant holdUntil,

            @JsonPropertyDescription("When a user promoted the step: it does not wait for evidence any more.") @Nullable
            Instant promotedAt) {}

    /** The version that serves when the migration starts. */
    public record SourceStatus(
            @JsonPropertyDescription("UID of the Deployment.")
            String deploymentUid,

            @JsonPropertyDescription("The Deployment's ReplicaSet at the start.")
            String replicaSet,

            @JsonPropertyDescription("Its pod-template-hash.")
            String hash) {}

    /** The version that is moved to. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record TargetStatus(
            @JsonPropertyDescription("The target's ReplicaSet.")
            String replicaSet,

            @JsonPropertyDescription("Its pod-template-hash.")
            String hash,

            @JsonPropertyDescription("Its UID, once it was seen.") @Nullable
            String uid,

            @JsonPropertyDescription("Pods that are available.")
            int available,

            @JsonPropertyDescription("Pods that are wanted.")
            int wanted,

            @JsonPropertyDescription("Available of wanted, as 3/4.")
            String availability,

            @JsonPropertyDescription("Since when fewer pods are available than were proved.") @Nullable
            Instant unavailableSince) {}

    /** One Service whose traffic is moved. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record ServiceStatus(
            @JsonPropertyDescription("Name of the Service.") @Required
            String name,

            @JsonPropertyDescription("UID of the Service.") String uid,

            @JsonPropertyDescription("Ready endpoints of the source.")
            int sourceEndpoints,

            @JsonPropertyDescription("Ready endpoints of the target.")
            int targetEndpoints,

            @JsonPropertyDescription("The pod-template-hash that the Service is narrowed to; absent when it is not.")
            @Nullable
            String pinned) {}

    /** Why the migration went back, failed or is stuck. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Cause(
            @JsonPropertyDescription("One word for machines.")
            String reason,

            @JsonPropertyDescription("What was seen, in a sentence.")
            String message,

            @JsonPropertyDescription("What to do about it.") @Nullable
            String remedy,

            @JsonPropertyDescription("The phase in which it happened.")
            Phase during,

            @JsonPropertyDescription("When it happened.") Instant at) {

        public Cause {
            message = Message.cut(message);
            remedy = Message.cutOrNull(remedy);
        }
    }

    /** How often something was written that somebody else may take back. */
    public record ContestStatus(
            @JsonPropertyDescription("The pod-template-hash of the version that it was written for.")
            String hash,

            @JsonPropertyDescription("How often, one soon after the other.")
            int times,

            @JsonPropertyDescription("When it was last done.")
            Instant last) {}

    /** The latest evaluations of one metric. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record MetricStatus(
            @JsonPropertyDescription("Name of the metric.") @Required
            String name,

            @JsonPropertyDescription("The latest value of a query; absent when there was none.") @Nullable
            Double value,

            @JsonPropertyDescription("The limit of a query.") @Nullable
            Double max,

            @JsonPropertyDescription(
                    "Of a query: Pass, Fail or NoData. Of a comparison: Harm, NonInferior, Undecided, NoData,"
                            + " ProviderError or ConfigError; Baseline before it begins.")
            String verdict,

            @JsonPropertyDescription(
                    "The latest evaluations of a query, oldest first: true means that it exceeded max.")
            @Size(max = 20)
            List<Boolean> exceeded,

            @JsonPropertyDescription("The verdict in a sentence, or why there is no data.") @Nullable
            String message,

            @JsonPropertyDescription("When it was last evaluated.")
            Instant at,

            @JsonPropertyDescription("The figures of a comparison.") @Nullable
            ComparisonStatus comparison,

            @JsonPropertyDescription("What the source was like before the migration.") @Nullable
            Baseline baseline,

            @JsonPropertyDescription("The evidence so far, for the operator.") @Nullable
            Checkpoint checkpoint) {

        public MetricStatus {
            exceeded = exceeded == null ? List.of() : List.copyOf(exceeded);
            message = Message.cutOrNull(message);
        }

        /** Of a query. */
        public static MetricStatus limited(
                String name,
                @Nullable Double value,
                double max,
                String verdict,
                List<Boolean> exceeded,
                @Nullable String message,
                Instant at) {
            return new MetricStatus(name, value, max, verdict, exceeded, message, at, null, null, null);
        }
    }

    /** What all comparisons say together. */
    public record VerdictStatus(
            @JsonPropertyDescription(
                    "Harm, NonInferior, Undecided, NoData, ProviderError, ConfigError or Inconclusive.")
            String verdict,

            @JsonPropertyDescription("The verdict in a sentence.")
            String message,

            @JsonPropertyDescription("Since when it has been the verdict.")
            Instant since) {

        public VerdictStatus {
            message = Message.cut(message);
        }
    }

    /** The drain that is under way. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record DrainStatus(
            @JsonPropertyDescription("The latest number of recent requests; absent when unknown.") @Nullable
            Double requests,

            @JsonPropertyDescription("Since when there are none.") @Nullable
            Instant quietSince,

            @JsonPropertyDescription("Why the number is unknown.") @Nullable
            String message) {

        public DrainStatus {
            message = Message.cutOrNull(message);
        }
    }

    /** One change of phase, step or direction. */
    public record Transition(
            @JsonPropertyDescription("When it happened.") Instant at,

            @JsonPropertyDescription("The phase that was entered or gone on with.")
            Phase phase,

            @JsonPropertyDescription("One word; the reason of the event that tells the same.")
            String reason,

            @JsonPropertyDescription("A sentence for humans.")
            String message) {

        public Transition {
            message = Message.cut(message);
        }
    }

    /** The same with these conditions. */
    public MigrationStatus withConditions(List<Condition> others) {
        return with(narrowing, change, others);
    }

    /** The same, as if nothing had been written that somebody may take back. */
    public MigrationStatus withContestsOf(MigrationStatus other) {
        return with(other.narrowing, other.change, conditions);
    }

    private MigrationStatus with(
            @Nullable ContestStatus othersNarrowing,
            @Nullable ContestStatus othersChange,
            @Nullable List<Condition> others) {
        return new MigrationStatus(
                observedGeneration,
                phase,
                phaseSince,
                task,
                taskSince,
                startedAt,
                run,
                findings,
                plan,
                staging,
                step,
                source,
                target,
                services,
                handover,
                cause,
                command,
                othersNarrowing,
                othersChange,
                metrics,
                verdict,
                drain,
                timeline,
                others);
    }

    /** Which run it is, from 1. */
    public int runOrFirst() {
        return Objects.requireNonNullElse(run, 1);
    }

    public Phase phaseOrPending() {
        return Objects.requireNonNullElse(phase, Phase.Pending);
    }

    @JsonIgnore
    public boolean isTerminal() {
        return phaseOrPending().terminal();
    }

    public List<Finding> findingsOrEmpty() {
        return findings == null ? List.of() : findings;
    }

    public List<ServiceStatus> servicesOrEmpty() {
        return services == null ? List.of() : services;
    }

    public List<MetricStatus> metricsOrEmpty() {
        return metrics == null ? List.of() : metrics;
    }

    public List<Transition> timelineOrEmpty() {
        return timeline == null ? List.of() : timeline;
    }

    public List<Condition> conditionsOrEmpty() {
        return conditions == null ? List.of() : conditions;
    }

    /** The condition of this type, empty when it is absent. */
    public Optional<Condition> condition(String type) {
        return conditionsOrEmpty().stream().filter(c -> c.type().equals(type)).findFirst();
    }
}
