package dev.segue.report;

import dev.segue.api.Condition;
import dev.segue.api.MigrationStatus;
import dev.segue.api.MigrationStatus.Cause;
import dev.segue.api.MigrationStatus.ServiceStatus;
import dev.segue.api.Phase;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
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
    public static final String TARGET_AVAILABLE = "TargetAvailable";

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
            case HandingOver -> Optional.of(handedOver ? closed : open);
            case Finishing, Completed -> Optional.of(closed);
            case Pending, Assessing, Reverting, Reverted, Failed, Stuck -> Optional.empty();
        };
    }

    /** What a human would do without the operator. */
    private static String procedure(MigrationStatus status) {
        List<String> pinned = status.servicesOrEmpty().stream()
                .filter(s -> s.pinned() != null)
                .map(ServiceStatus::name)
                .toList();
        String target = status.target() == null ? "" : status.target().replicaSet();
        String widen = pinned.isEmpty()
                ? ""
                : "remove pod-template-hash from spec.selector of Service " + String.join(", ", pinned) + ", then ";
        return "annotate the Migration with segue.dev/command=abort; by hand: %sscale ReplicaSet %s to 0"
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
