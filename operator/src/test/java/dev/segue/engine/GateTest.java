package dev.segue.engine;

import static dev.segue.engine.Journey.COMPLETED;
import static org.assertj.core.api.Assertions.assertThat;

import dev.segue.analysis.Counts;
import dev.segue.analysis.Interval;
import dev.segue.analysis.Reading;
import dev.segue.api.Analysis.OnInconclusive;
import dev.segue.api.ComparisonStatus.Checkpoint;
import dev.segue.api.Condition;
import dev.segue.api.MigrationSpec.OnFailure;
import dev.segue.api.MigrationStatus.VerdictStatus;
import dev.segue.api.Phase;
import dev.segue.api.Step;
import dev.segue.api.Step.Gate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.BiFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Evidence decides between going on and going back; what is not known does neither. */
class GateTest {
    private static BiFunction<Boolean, Integer, Interval> traffic(
            double perInterval, double sourceRatio, double targetRatio) {
        return (alone, _) -> new Interval(
                alone ? Counts.NONE : new Counts(perInterval * sourceRatio, perInterval),
                new Counts(perInterval * targetRatio, perInterval));
    }

    private static Journey journey(Gate gate, OnInconclusive policy) {
        return new Journey(World.ofShop(), new Spec().compares(gate, policy));
    }

    private static String verdict(Journey journey) {
        VerdictStatus verdict = journey.status.verdict();
        return verdict == null ? "-" : verdict.verdict();
    }

    private static String waitsBecause(Journey journey) {
        return journey.status.condition("Waiting").map(Condition::message).orElse("-");
    }

    private static List<String> told(Journey journey, String reason) {
        return journey.status.timelineOrEmpty().stream()
                .filter(t -> t.reason().equals(reason))
                .map(t -> t.message())
                .toList();
    }

    @ParameterizedTest
    @EnumSource(Gate.class)
    void equalVersionsArePromoted(Gate gate) {
        Journey journey = journey(gate, OnInconclusive.Pause);
        journey.traffic = traffic(2000, .001, .001);
        assertThat(journey.toEnd().end()).isEqualTo(COMPLETED);
        assertThat(told(journey, "NonInferior")).isNotEmpty();
    }

    @ParameterizedTest
    @EnumSource(Gate.class)
    void aWorseVersionGoesBack(Gate gate) {
        Journey journey = journey(gate, OnInconclusive.Promote);
        journey.traffic = traffic(2000, .001, .05);
        journey.runUntil(s -> s.phase() == Phase.Reverting);
        assertThat(Objects.requireNonNull(journey.status.cause()).reason()).isEqualTo("MetricHarm");
        assertThat(journey.status.cause().during()).as("at the first evidence").isEqualTo(Phase.Shifting);
        assertThat(verdict(journey)).isEqualTo("Harm");
        assertThat(journey.toEnd().end()).isEqualTo(Journey.reverted("MetricHarm"));
    }

    @Test
    void harmInTheSoakGoesBack() {
        Journey journey = journey(Gate.NoHarm, OnInconclusive.Pause);
        journey.traffic = (alone, _) ->
                new Interval(alone ? Counts.NONE : new Counts(2, 2000), new Counts(alone ? 200 : 2, 2000));
        journey.runUntil(s -> s.phase() == Phase.Reverting);
        assertThat(Objects.requireNonNull(journey.status.cause()).during()).isEqualTo(Phase.Soaking);
        assertThat(journey.toEnd().end()).isEqualTo(Journey.reverted("MetricHarm"));
    }

    @Test
    void onFailureHoldWaitsForAHuman() {
        Journey journey = journey(Gate.NoHarm, OnInconclusive.Pause);
        journey.spec.onFailure(OnFailure.Hold);
        journey.traffic = traffic(2000, .001, .05);
        journey.runFor(Duration.ofMinutes(20));
        assertThat(journey.status.phase()).isEqualTo(Phase.Shifting);
        assertThat(journey.waiting()).isEqualTo("CheckFailed");
    }

    @Test
    void noHarmGoesOnUndecidedOnceThereAreEnoughRequests() {
        Journey journey = journey(Gate.NoHarm, OnInconclusive.Pause);
        journey.traffic = traffic(5, 0, 0); // an interval of 10 s
        journey.runUntil(s -> "AwaitingEvidence".equals(journey.waiting()));
        assertThat(journey.world.now)
                .isAfterOrEqualTo(Objects.requireNonNull(
                        Objects.requireNonNull(journey.status.step()).holdUntil()));
        assertThat(waitsBecause(journey))
                .matches(
                        "metric errors has counted [0-9]+ requests of the source and .*100 of each version(; about [0-9 ]+ more target requests or [0-9]+ min)?; the weight is held");
        journey.runUntil(s -> s.phase() == Phase.CuttingOver);
        assertThat(verdict(journey)).isEqualTo("Undecided");
        assertThat(Objects.requireNonNull(
                                journey.status.metricsOrEmpty().getFirst().comparison())
                        .target()
                        .total())
                .isBetween(100.0, 110.0);
    }

    @Test
    void nonInferiorWaitsUntilItIsShown() {
        Journey journey = journey(Gate.NonInferior, OnInconclusive.Pause);
        journey.traffic = traffic(200, 0, 0);
        journey.runUntil(s -> "AwaitingEvidence".equals(journey.waiting()));
        assertThat(waitsBecause(journey))
                .startsWith("gate NonInferior: errors: ")
                .contains("more target requests");
        journey.runUntil(s -> s.phase() == Phase.CuttingOver);
        assertThat(verdict(journey)).isEqualTo("NonInferior");
    }

    @ParameterizedTest
    @EnumSource(OnInconclusive.class)
    void withoutTrafficThePolicyDecides(OnInconclusive policy) {
        Journey journey = journey(Gate.NoHarm, policy);
        journey.runUntil(s -> "Inconclusive".equals(verdict(journey)));
        assertThat(told(journey, "Inconclusive"))
                .singleElement()
                .satisfies(
                        m -> assertThat(m).startsWith("NoTraffic: ").endsWith("analysis.onInconclusive is " + policy));
        switch (policy) {
            case Pause -> {
                journey.runFor(Duration.ofHours(1));
                assertThat(journey.status.phase()).isEqualTo(Phase.Shifting);
                assertThat(journey.waiting()).isEqualTo("Inconclusive");
                assertThat(waitsBecause(journey)).contains("segue.dev/command=promote");
                journey.command = "promote";
                journey.runUntil(s -> s.phase() == Phase.CuttingOver);
                assertThat(told(journey, "CommandIgnored")).isEmpty();
            }
            case Revert -> assertThat(journey.toEnd().end()).isEqualTo(Journey.reverted("Inconclusive"));
            case Promote -> {
                journey.runUntil(s -> s.phase() == Phase.Soaking);
                assertThat(journey.cause()).isNull();
            }
        }
    }

    @Test
    void anOutageHoldsTheWeightAndIsHeldAgainstNobody() {
        Journey journey = journey(Gate.NoHarm, OnInconclusive.Promote);
        journey.traffic = traffic(2000, .001, .001);
        journey.when(Phase.Shifting, "Hold", () -> journey.trouble = new Reading.Unavailable("cannot be reached"));
        journey.runUntil(s -> "PrometheusUnavailable".equals(journey.waiting()));
        journey.runFor(Duration.ofMinutes(2));
        assertThat(journey.status.phase()).isEqualTo(Phase.Shifting);
        assertThat(waitsBecause(journey)).contains("the weight is held", "cannot be reached");
        journey.trouble = null;
        assertThat(journey.toEnd().end()).isEqualTo(COMPLETED);
    }

    @Test
    void nothingStartsWhatPrometheusRefuses() {
        Journey journey = journey(Gate.NoHarm, OnInconclusive.Pause);
        journey.trouble = new Reading.Refused("1:5: parse error: unexpected end of input");
        journey.toEnd();
        assertThat(journey.status.phase()).isEqualTo(Phase.Failed);
        assertThat(Objects.requireNonNull(journey.status.cause()).reason()).isEqualTo("AnalysisRefused");
        assertThat(journey.status.cause().message()).contains("metric errors: 1:5: parse error");
        assertThat(journey.performed).isEmpty();
    }

    @Test
    void nothingStartsWhilePrometheusIsAway() {
        Journey journey = journey(Gate.NoHarm, OnInconclusive.Pause);
        journey.trouble = new Reading.Unavailable("cannot be reached");
        journey.runUntil(s -> "PrometheusUnavailable".equals(journey.waiting()));
        assertThat(journey.status.phase()).isEqualTo(Phase.Assessing);
        journey.trouble = null;
        journey.traffic = traffic(2000, .001, .001);
        assertThat(journey.toEnd().end()).isEqualTo(COMPLETED);

        Journey never = journey(Gate.NoHarm, OnInconclusive.Pause);
        never.trouble = new Reading.Unavailable("cannot be reached");
        never.toEnd();
        assertThat(never.cause()).isEqualTo("PrometheusUnavailable");
        assertThat(never.performed).isEmpty();
    }

    /** Also when the operator is gone in the middle of it: what is counted is not missed. */
    @ParameterizedTest
    @EnumSource(Journey.Crash.class)
    void aRestartLosesNothing(Journey.Crash crash) {
        Journey journey = journey(Gate.NonInferior, OnInconclusive.Pause);
        journey.traffic = traffic(500, 0, 0);
        journey.runUntil(s -> "AwaitingEvidence".equals(journey.waiting()));
        journey.crash(journey.decisions.size(), crash);
        journey.runUntil(s -> s.phase() == Phase.CuttingOver);
        var seen = Objects.requireNonNull(
                journey.status.metricsOrEmpty().getFirst().comparison());
        assertThat(seen.target().total()).isEqualTo(500.0 * seen.coverage().intervals());
        assertThat(seen.coverage().intervals()).as("each interval once").isEqualTo((int)
                Duration.between(seen.coverage().from(), seen.coverage().to()).dividedBy(Duration.ofSeconds(10)));
        assertThat(journey.toEnd().end()).isEqualTo(COMPLETED);
    }

    /** A version that breaks under half of the load has to be seen under half of it. */
    @ParameterizedTest
    @EnumSource(Gate.class)
    void eachWeightIsLookedAt(Gate gate) {
        Journey journey = journey(gate, OnInconclusive.Pause);
        journey.spec.steps = List.of(new Step(25, "5m", gate), new Step(50, "1s", gate), new Step(100, "1s", gate));
        journey.traffic = traffic(2000, .001, .001);
        journey.runUntil(s -> s.step() != null && s.step().index() == 2 && "Hold".equals(s.task()));
        Instant hold = Objects.requireNonNull(
                Objects.requireNonNull(journey.status.step()).holdSince());
        assertThat(verdict(journey)).isEqualTo("NonInferior");
        journey.runUntil(s -> "AwaitingEvidence".equals(journey.waiting()));
        assertThat(waitsBecause(journey)).contains("0 requests of the source and 0 of the target at this weight");
        journey.runUntil(s -> s.phase() == Phase.CuttingOver);
        assertThat(seen(journey).holdSince()).isEqualTo(hold);
        assertThat(seen(journey).holdTarget()).isGreaterThanOrEqualTo(2000);
        journey.runUntil(s -> s.phase() == Phase.HandingOver);
        assertThat(seen(journey).holdSince()).isAfter(hold);
        assertThat(seen(journey).holdTarget()).isGreaterThanOrEqualTo(2000);
        assertThat(journey.toEnd().end()).isEqualTo(COMPLETED);
    }

    private static Checkpoint seen(Journey journey) {
        return Objects.requireNonNull(journey.status.metricsOrEmpty().getFirst().checkpoint());
    }

    @Test
    void noTrafficAtAWeightIsThePolicysWhateverWasShownBefore() {
        Journey journey = journey(Gate.NonInferior, OnInconclusive.Revert);
        journey.spec.steps = List.of(new Step(25, "5m"), new Step(50, "1s"), new Step(100, "1s"));
        journey.traffic = traffic(2000, .001, .001);
        journey.runUntil(s -> s.step() != null && s.step().index() == 2 && "Hold".equals(s.task()));
        journey.traffic = traffic(0, 0, 0);
        assertThat(journey.toEnd().end()).isEqualTo(Journey.reverted("Inconclusive"));
        assertThat(told(journey, "Inconclusive"))
                .singleElement()
                .satisfies(m -> assertThat(m)
                        .startsWith("NoTraffic: not decided in time; metric errors has counted 0 requests")
                        .contains("at this weight"));
    }

    /** The evidence of the step before would do for its gate, and says nothing of this one. */
    @ParameterizedTest
    @EnumSource(OnInconclusive.class)
    void aLongOutageInALaterStepIsThePolicys(OnInconclusive policy) {
        Journey journey = journey(Gate.NoHarm, policy);
        journey.spec.steps = List.of(new Step(25, "1m"), new Step(50, "1m"), new Step(100, "2m"));
        journey.traffic = traffic(50, 0, 0);
        journey.runUntil(s -> s.step() != null && s.step().index() == 2 && "Hold".equals(s.task()));
        journey.trouble = new Reading.Unavailable("cannot be reached");
        journey.runUntil(s -> "Inconclusive".equals(verdict(journey)));
        assertThat(told(journey, "Inconclusive"))
                .singleElement()
                .satisfies(m -> assertThat(m).startsWith("ProviderOutage: "));
        switch (policy) {
            case Pause -> {
                journey.runFor(Duration.ofMinutes(30));
                assertThat(journey.waiting()).isEqualTo("Inconclusive");
                assertThat(journey.status.phase()).isEqualTo(Phase.Shifting);
            }
            case Revert -> assertThat(journey.toEnd().end()).isEqualTo(Journey.reverted("Inconclusive"));
            case Promote -> journey.runUntil(s -> s.phase() == Phase.CuttingOver);
        }
    }

    /** A pod that says nothing is told once, and is in nobody's way: it may have had no requests. */
    @Test
    void podsOfWhichNothingIsCountedAreToldOncePerHold() {
        Journey journey = journey(Gate.NoHarm, OnInconclusive.Pause);
        journey.spec.steps = List.of(new Step(50, "10m"), new Step(100, "1m"));
        journey.traffic = traffic(2000, .001, .001);
        journey.runUntil(s -> "Hold".equals(s.task()));
        journey.scraped = Set.of(journey.world.sets.getFirst().pods.getFirst().uid);
        journey.runUntil(s -> s.phase() == Phase.CuttingOver);
        assertThat(told(journey, "PodsUnseen"))
                .singleElement()
                .satisfies(m -> assertThat(m)
                        .startsWith("by metric errors ")
                        .contains(
                                " of the source's ", " pods have no samples: pod-", "the verdict rests on the others"));
        assertThat(journey.toEnd().end()).isEqualTo(COMPLETED);
    }

    /** A target with as many requests as the source, at a quarter of its pods. */
    @ParameterizedTest
    @EnumSource(Gate.class)
    void trafficThatIsSharedOtherwiseIsToldOncePerHoldAndDecidesNothing(Gate gate) {
        Journey journey = journey(gate, OnInconclusive.Revert);
        journey.spec.steps = List.of(new Step(25, "10m", gate), new Step(50, "1m", gate), new Step(100, "1m"));
        journey.traffic = traffic(2000, .001, .001);
        journey.runUntil(
                s -> s.timelineOrEmpty().stream().anyMatch(t -> t.reason().equals("TrafficShareMismatch")));
        journey.runFor(Duration.ofMinutes(2));
        assertThat(journey.status
                        .condition("Reconciling")
                        .map(Condition::message)
                        .orElse("-"))
                .matches(
                        "holding until .*; the target got 50 % of the requests at this weight, its pods suggest 33.33 %");
        assertThat(journey.toEnd().end()).isEqualTo(COMPLETED);
        assertThat(told(journey, "TrafficShareMismatch"))
                .as("the step that gives half of it is as it should be")
                .singleElement()
                .satisfies(m -> assertThat(m).contains("its pods suggest", "nothing moves for that"));
    }

    /** NoHarm does not wait for a decision, so that there is none is nobody's concern. */
    @Test
    void anUndecidedLongSoakWarnsOfNothing() {
        Journey journey = journey(Gate.NoHarm, OnInconclusive.Pause);
        journey.spec.steps = List.of(new Step(25, "1m"), new Step(100, "1h"));
        journey.traffic = traffic(5, 0, 0);
        assertThat(journey.toEnd().end()).isEqualTo(COMPLETED);
        assertThat(told(journey, "Inconclusive")).isEmpty();
    }

    @Test
    void aPrometheusThatComesAndGoesDoesNotFillTheTimeline() {
        Journey journey = journey(Gate.NonInferior, OnInconclusive.Pause);
        journey.spec.steps = List.of(new Step(25, "30m", Gate.NonInferior), new Step(100, "2m"));
        journey.traffic = traffic(2000, .001, .001);
        journey.runUntil(s -> "NonInferior".equals(verdict(journey)));
        for (int i = 0; i < 10; i++) {
            journey.trouble = new Reading.Unavailable("cannot be reached");
            journey.runUntil(s -> "ProviderError".equals(verdict(journey)));
            journey.trouble = null;
            journey.runUntil(s -> "NonInferior".equals(verdict(journey)));
        }
        assertThat(told(journey, "NonInferior")).hasSize(1);
    }
}
