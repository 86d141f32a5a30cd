package dev.segue.report;

import static org.assertj.core.api.Assertions.assertThat;

import dev.segue.api.Condition;
import dev.segue.api.MigrationStatus;
import dev.segue.api.MigrationStatus.Cause;
import dev.segue.api.MigrationStatus.ServiceStatus;
import dev.segue.api.MigrationStatus.TargetStatus;
import dev.segue.api.Phase;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ConditionsTest {
    private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

    private static MigrationStatus status(
            Phase phase, @Nullable String task, int available, @Nullable Cause cause, @Nullable String pinned) {
        return new MigrationStatus(
                7L,
                phase,
                START,
                task,
                START,
                START,
                null,
                null,
                null,
                null,
                null,
                null,
                new TargetStatus("shop-m1", "m1", "uid", available, 4, available + "/4", null),
                List.of(new ServiceStatus("shop", "uid", 4, 4, pinned)),
                null,
                cause,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null);
    }

    /** What kubectl, Argo CD and Flux make of it (kstatus): Current, InProgress or Failed. */
    private static String kstatus(MigrationStatus status) {
        if (is(status, "Stalled", "True")) {
            return "Failed";
        }
        return is(status, "Reconciling", "True") || is(status, "Ready", "False") ? "InProgress" : "Current";
    }

    private static boolean is(MigrationStatus status, String type, String value) {
        return status.condition(type).filter(c -> c.status().equals(value)).isPresent();
    }

    @ParameterizedTest
    @EnumSource
    void followKstatus(Phase phase) {
        MigrationStatus merged = Conditions.merge(
                status(phase, phase.terminal() ? null : "Task", 4, null, null), false, null, "text", START);

        assertThat(kstatus(merged))
                .isEqualTo(
                        switch (phase) {
                            case Completed -> "Current";
                            case Reverted, Failed, Stuck -> "Failed";
                            default -> "InProgress";
                        });
        assertThat(merged.condition("Reconciling").isPresent()).isEqualTo(!phase.terminal());
        assertThat(merged.condition("Stalled").isPresent()).isEqualTo(phase.terminal() && phase != Phase.Completed);
        assertThat(merged.condition("Ready").orElseThrow().reason()).isEqualTo(phase.name());
        assertThat(merged.condition("Waiting")).isEmpty();
        assertThat(merged.conditionsOrEmpty()).allSatisfy(c -> {
            assertThat(c.observedGeneration()).isEqualTo(7);
            assertThat(c.reason()).matches("[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?");
            assertThat(c.message()).isNotBlank();
        });
    }

    @ParameterizedTest
    @EnumSource
    void sayWhetherThereIsAWayBack(Phase phase) {
        for (boolean handedOver : List.of(false, true)) {
            MigrationStatus merged =
                    Conditions.merge(status(phase, "Task", 4, null, null), handedOver, null, "text", START);
            assertThat(merged.condition("Reversible").map(Condition::status).orElse("absent"))
                    .isEqualTo(
                            switch (phase) {
                                case Preparing, Shifting, CuttingOver, Soaking -> "True";
                                case HandingOver -> handedOver ? "False" : "True";
                                case Finishing, Completed -> "False";
                                default -> "absent";
                            });
        }
    }

    /** One that had ended before there were findings is not written again for it. */
    @ParameterizedTest
    @EnumSource
    void sayThatItWasAssessed(Phase phase) {
        MigrationStatus merged = Conditions.merge(status(phase, "Task", 4, null, null), false, null, "text", START);
        boolean expected = !phase.terminal() && phase != Phase.Pending && phase != Phase.Assessing;
        assertThat(merged.condition("Assessed").isPresent()).isEqualTo(expected);

        MigrationStatus assessed =
                Conditions.merge(status(Phase.Soaking, "Soak", 4, null, null), false, null, "text", START);
        MigrationStatus ended = Conditions.merge(
                status(phase, "Task", 4, null, null).withConditions(assessed.conditionsOrEmpty()),
                false,
                null,
                "text",
                START);
        assertThat(ended.condition("Assessed").map(Condition::message))
                .isEqualTo(expected || phase.terminal() ? Optional.of("nothing was found") : Optional.empty());
    }

    @Test
    void tellTheWayBackByHand() {
        assertThat(Conditions.merge(status(Phase.Shifting, "Hold", 4, null, null), false, null, "text", START)
                        .condition("Reversible")
                        .orElseThrow()
                        .message())
                .contains("segue.dev/command=abort", "scale ReplicaSet shop-m1 to 0")
                .doesNotContain("pod-template-hash");
        assertThat(Conditions.merge(status(Phase.Soaking, "Soak", 4, null, "m1"), false, null, "text", START)
                        .condition("Reversible")
                        .orElseThrow()
                        .message())
                .contains(
                        "Only where no operator runs",
                        "remove pod-template-hash from spec.selector of Service shop, and when the old pods are ready endpoints again scale");
    }

    @Test
    void waitingIsThereOnlyWhileWaiting() {
        MigrationStatus waiting =
                Conditions.merge(status(Phase.Soaking, "Soak", 4, null, "m1"), false, "NoData", "no data", START);
        assertThat(waiting.condition("Waiting")).hasValueSatisfying(c -> {
            assertThat(c.reason()).isEqualTo("NoData");
            assertThat(c.message()).isEqualTo("no data");
        });
        assertThat(Conditions.merge(waiting, false, null, "going on", START).condition("Waiting"))
                .isEmpty();
    }

    @Test
    void timesChangeWithTheStatusOnly() {
        MigrationStatus first = Conditions.merge(
                status(Phase.Shifting, "AwaitTarget", 2, null, null), false, "SourceUnready", "a", START);
        Instant later = START.plusSeconds(60);
        MigrationStatus second = Conditions.merge(
                status(Phase.Shifting, "Hold", 4, null, null).withConditions(first.conditionsOrEmpty()),
                false,
                "NoData",
                "b",
                later);

        assertThat(time(second, "Ready")).isEqualTo(START);
        assertThat(time(second, "Reconciling"))
                .as("another reason is no transition")
                .isEqualTo(START);
        assertThat(time(second, "Waiting")).isEqualTo(START);
        assertThat(time(second, "TargetAvailable")).as("False became True").isEqualTo(later);
        assertThat(second.condition("Waiting").orElseThrow().reason()).isEqualTo("NoData");
    }

    /** The decision knows nothing of the refusal, and drops the condition each time. */
    @Test
    void aRefusalThatGoesOnKeepsItsTime() {
        MigrationStatus decided =
                Conditions.merge(status(Phase.HandingOver, "Resume", 4, null, "m1"), true, null, "a", START);
        MigrationStatus refused = Conditions.waitFor(decided, decided.conditionsOrEmpty(), "Refused", "a quota", START);
        MigrationStatus again =
                Conditions.waitFor(decided, refused.conditionsOrEmpty(), "Refused", "a quota", START.plusSeconds(10));

        assertThat(time(again, "Waiting")).isEqualTo(START);
        assertThat(again).as("so nothing is written").isEqualTo(refused);
        assertThat(again.condition("Reversible").orElseThrow().status())
                .as("what the decision knew")
                .isEqualTo("False");
    }

    private static Instant time(MigrationStatus status, String type) {
        return status.condition(type).orElseThrow().lastTransitionTime();
    }

    @Test
    void anEndIsToldWithItsCauseAndRemedy() {
        Cause cause = new Cause("MetricFailed", "errors is 11, above 10", "look at it", Phase.Soaking, START);
        MigrationStatus merged =
                Conditions.merge(status(Phase.Reverted, null, 0, cause, null), false, null, "progress", START);
        assertThat(merged.condition("Stalled").orElseThrow().reason()).isEqualTo("MetricFailed");
        assertThat(merged.condition("Ready").orElseThrow().message())
                .isEqualTo("MetricFailed during Soaking: errors is 11, above 10. Remedy: look at it");
        assertThat(merged.condition("TargetAvailable")).isEmpty();
    }
}
