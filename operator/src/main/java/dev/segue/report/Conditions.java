package dev.segue.report;

import dev.segue.api.Condition;
import dev.segue.api.Finding;
import dev.segue.api.Finding.Severity;
import dev.segue.api.MigrationStatus;
import dev.segue.api.MigrationStatus.Cause;
import dev.segue.api.MigrationStatus.ServiceStatus;
import dev.segue.api.Phase;
import dev.segue.api.StagingStatus;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The conditions that follow from a status, by kstatus' rules: {@code Reconciling} and {@code Stalled} are there only
 * while true, {@code Ready} says whether the migration has reached what was asked for.
 */
public final class Conditions {
    public static final String READY = "Ready";
    public static final String RECONCILING = "Reconciling";
    public static final String STALLED = "Stalled";
    public static final String WAITING = "Waiting";
    public static final String REVERSIBLE = "Reversible";
    public static final String PLANNED = "Planned";
    public static final String TARGET_AVAILABLE = "TargetAvailable";
    public static final String ASSESSED = "Assessed";
    public static final String STAGING_FRESH = "StagingFresh";

    private Conditions() {}

    /**
     * The status with its conditions brought up to date; one whose status did not change keeps its time.
     *
     * @param handedOver whether the Deployment has taken something over; matters in {@code HandingOver} only
     * @param waiting reason of {@code Waiting}, null when nothing outside is waited for
     * @param progress what is going on, in a sentence
     */
    public static MigrationStatus merge(
            MigrationStatus status, boolean handedOver, @Nullable String waiting, String progress, Instant now) {
        List<Condition> conditions = new ArrayList<>();
        Phase phase = status.phaseOrPending();
        String outcome = outcome(status, progress);
        add(conditions, status, now, READY, phase == Phase.Completed, phase.name(), outcome);
        if (!phase.terminal()) {
            add(
                    conditions,
                    status,
                    now,
                    RECONCILING,
                    true,
                    Objects.requireNonNullElse(status.task(), phase.name()),
                    progress);
        } else if (phase != Phase.Completed) {
            Cause cause = status.cause();
            add(conditions, status, now, STALLED, true, cause == null ? phase.name() : cause.reason(), outcome);
        }
        if (waiting != null) {
            add(conditions, status, now, WAITING, true, waiting, progress);
        }
        if (assessed(status)) {
            boolean blocked = has(status, Severity.Block);
            String reason = blocked ? "Blocked" : has(status, Severity.Warn) ? "Warned" : "Passed";
            add(conditions, status, now, ASSESSED, !blocked, reason, count(status.findingsOrEmpty()));
        }
        if (phase == Phase.Planned && status.plan() != null) {
            add(
                    conditions,
                    status,
                    now,
                    PLANNED,
                    true,
                    "PlanStands",
                    "plan %s: %d writes, %d steps; set spec.mode to Run to execute it"
                            .formatted(
                                    status.plan().hash(),
                                    status.plan().objectsOrEmpty().size(),
                                    status.plan().stepsOrEmpty().size()));
        }
        reversible(status, handedOver)
                .ifPresent(way -> add(
                        conditions,
                        status,
                        now,
                        REVERSIBLE,
                        way.open(),
                        way.open() ? "SourceKept" : phase.name(),
                        way.text()));
        MigrationStatus.TargetStatus target = status.target();
        if (target != null && !phase.terminal()) {
            boolean available = target.available() >= target.wanted() && target.wanted() > 0;
            add(
                    conditions,
                    status,
                    now,
                    TARGET_AVAILABLE,
                    available,
                    available ? "PodsAvailable" : "PodsMissing",
                    "%s pods of ReplicaSet %s are available".formatted(target.availability(), target.replicaSet()));
        }
        StagingStatus staging = status.staging();
        if (staging != null && staging.verdict() != null) {
            boolean fresh = staging.passed() && staging.stale() == null;
            add(
                    conditions,
                    status,
                    now,
                    STAGING_FRESH,
                    fresh,
                    fresh ? "Rehearsed" : staging.passed() ? "ProductionChanged" : "StagingFailed",
                    Objects.requireNonNullElse(
                            staging.stale(), Objects.requireNonNullElse(staging.message(), staging.verdict())));
        }
        return status.withConditions(conditions);
    }

    /**
     * A status that was just merged, waiting for something that turned up after it.
     *
     * @param before the conditions in the API server, whose times are kept
     */
    public static MigrationStatus waitFor(
            MigrationStatus status, List<Condition> before, String reason, String message, Instant now) {
        boolean handedOver = status.condition(REVERSIBLE)
                .filter(c -> c.status().equals("False"))
                .isPresent();
        return merge(status.withConditions(before), handedOver, reason, message, now);
    }

    /**
     * One that is over, beside whose outcome something may still be waited for.
     *
     * @param reason of {@code Waiting}
     * @param message what is waited for, null when nothing is any more
     */
    public static MigrationStatus held(MigrationStatus status, String reason, @Nullable String message, Instant now) {
        List<Condition> conditions = new ArrayList<>(status.conditionsOrEmpty());
        conditions.removeIf(c -> c.type().equals(WAITING));
        if (message != null) {
            add(conditions, status, now, WAITING, true, reason, message);
        }
        return status.withConditions(conditions);
    }

    /** Once it is over. A record of before there were findings is left as it is. */
    private static boolean assessed(MigrationStatus status) {
        Phase phase = status.phaseOrPending();
        if (phase == Phase.Pending || phase == Phase.Assessing) {
            return false;
        }
        return !phase.terminal()
                || has(status, Severity.Block)
                || status.condition(ASSESSED).isPresent();
    }

    private static boolean has(MigrationStatus status, Severity severity) {
        return status.findingsOrEmpty().stream().anyMatch(f -> f.severity() == severity);
    }

    /** As "1 block: QuotaExceeded; 2 warnings: SingleReplica, SessionAffinity; 1 note: HealthOnly". */
    private static String count(List<Finding> findings) {
        String counted = Stream.of(
                        count(findings, Severity.Block, "block"),
                        count(findings, Severity.Warn, "warning"),
                        count(findings, Severity.Info, "note"))
                .flatMap(Optional::stream)
                .collect(Collectors.joining("; "));
        return counted.isEmpty() ? "nothing was found" : counted;
    }

    private static Optional<String> count(List<Finding> findings, Severity severity, String word) {
        List<String> reasons = findings.stream()
                .filter(f -> f.severity() == severity)
                .map(Finding::reason)
                .toList();
        return reasons.isEmpty()
                ? Optional.empty()
                : Optional.of("%d %s%s: %s"
                        .formatted(
                                reasons.size(),
                                word,
                                reasons.size() == 1 ? "" : "s",
                                String.join(", ", new TreeSet<>(reasons))));
    }

    private static String outcome(MigrationStatus status, String progress) {
        Cause cause = status.cause();
        if (cause == null) {
            return progress;
        }
        String remedy = cause.remedy() == null ? "" : ". Remedy: " + cause.remedy();
        return "%s during %s: %s%s".formatted(cause.reason(), cause.during(), cause.message(), remedy);
    }

    private record WayBack(boolean open, String text) {}

    private static Optional<WayBack> reversible(MigrationStatus status, boolean handedOver) {
        WayBack open = new WayBack(true, procedure(status));
        WayBack closed =
                new WayBack(false, "the Deployment has the new template; to go back, migrate to the old version");
        return switch (status.phaseOrPending()) {
            case Preparing, Shifting, CuttingOver, Soaking -> Optional.of(open);
            case Planned, Staging -> Optional.empty();
            case HandingOver -> Optional.of(handedOver ? closed : open);
            case Finishing, Completed -> Optional.of(closed);
            case Pending, Assessing, Reverting, Reverted, Failed, Stuck -> Optional.empty();
        };
    }

    /** A running operator would narrow the Services again, to a target that has been stopped. */
    private static String procedure(MigrationStatus status) {
        List<String> pinned = status.servicesOrEmpty().stream()
                .filter(s -> s.pinned() != null)
                .map(ServiceStatus::name)
                .toList();
        String target = status.target() == null ? "" : status.target().replicaSet();
        String widen = pinned.isEmpty()
                ? ""
                : "remove pod-template-hash from spec.selector of Service %s, and when the old pods are ready endpoints again "
                        .formatted(String.join(", ", pinned));
        return "kubectl annotate --overwrite this Migration with segue.dev/command=abort. Only where no operator runs, by hand: %sscale ReplicaSet %s to 0"
                .formatted(widen, target);
    }

    private static void add(
            List<Condition> conditions,
            MigrationStatus status,
            Instant now,
            String type,
            boolean value,
            String reason,
            String message) {
        String text = value ? "True" : "False";
        Instant since = status.condition(type)
                .filter(c -> c.status().equals(text))
                .map(Condition::lastTransitionTime)
                .orElse(now);
        conditions.add(new Condition(type, text, reason, message, since, status.observedGeneration()));
    }
}
