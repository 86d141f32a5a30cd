package dev.segue.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.segue.analysis.Counts;
import dev.segue.analysis.Interval;
import dev.segue.analysis.Observation;
import dev.segue.analysis.Reading;
import dev.segue.api.Analysis;
import dev.segue.api.Analysis.OnInconclusive;
import dev.segue.api.Metric;
import dev.segue.api.MigrationStatus.MetricStatus;
import dev.segue.api.MigrationStatus.ServiceStatus;
import dev.segue.api.MigrationStatus.Transition;
import dev.segue.api.MigrationStatus.VerdictStatus;
import dev.segue.api.Phase;
import dev.segue.api.Step.Gate;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** How a verdict gets into the status, look by look: each at once, those that were waited for with an event of their own. */
class ToldVerdictTest {
    private static Moment held(Gate gate, Duration since) {
        Moment moment = Moment.shifting("Hold");
        moment.spec.compares(gate, OnInconclusive.Pause);
        moment.holdSince = Moment.NOW.minus(since);
        moment.holdUntil = Moment.NOW.plusSeconds(30);
        return moment;
    }

    /** In each interval of 10 s of the hold. */
    private static Moment counted(Moment moment, double requests, double badOfTarget) {
        long intervals = Duration.between(moment.holdSince, Moment.NOW).toSeconds() / 10 - 1;
        moment.readings.put(
                "errors",
                new Reading.Counted(
                        IntStream.rangeClosed(1, (int) intervals)
                                .mapToObj(i -> new Observation(
                                        moment.holdSince.plusSeconds(10L * i),
                                        new Interval(new Counts(0, requests), new Counts(badOfTarget, requests)),
                                        true))
                                .toList(),
                        List.of()));
        return moment;
    }

    private static VerdictStatus verdict(Decision d) {
        return Objects.requireNonNull(d.status().verdict());
    }

    @Test
    void thatItIsNoWorseIsToldOnce() {
        Moment moment = counted(held(Gate.NonInferior, Duration.ofMinutes(5)), 10_000, 0);
        Decision told = moment.look();
        assertThat(verdict(told).verdict()).isEqualTo("NonInferior");
        assertThat(verdict(told).since()).isEqualTo(Moment.NOW);
        Moment.told(told, false, "NonInferior", verdict(told).message());
        assertThat(told.status().task()).isEqualTo("Hold");

        VerdictStatus known = new VerdictStatus("NonInferior", "as before", Moment.NOW.minusSeconds(60));
        moment.verdict = known;
        Decision again = moment.look();
        assertThat(again.notices()).isEmpty();
        assertThat(verdict(again).since()).as("since it was first so").isEqualTo(known.since());
        assertThat(verdict(again).message()).isEqualTo(verdict(told).message());
    }

    /** A Prometheus that comes and goes must not fill the timeline. */
    @Test
    void itIsToldOnceInAHold() {
        Moment moment = counted(held(Gate.NonInferior, Duration.ofMinutes(5)), 10_000, 0);
        moment.verdict = new VerdictStatus("ProviderError", "away", Moment.NOW.minusSeconds(60));
        moment.timeline = List.of(new Transition(moment.holdSince, Phase.Shifting, "NonInferior", "told"));
        Decision again = moment.look();
        assertThat(again.notices()).isEmpty();
        assertThat(verdict(again).verdict()).isEqualTo("NonInferior");
        assertThat(verdict(again).since()).isEqualTo(Moment.NOW);

        moment.timeline =
                List.of(new Transition(moment.holdSince.minusSeconds(1), Phase.Shifting, "NonInferior", "before"));
        assertThat(moment.look().notices()).as("that was another hold").hasSize(1);
        moment.timeline = List.of(new Transition(moment.holdSince, Phase.Shifting, "StepStarted", "other"));
        assertThat(moment.look().notices()).hasSize(1);
    }

    /** As many requests as the source, by a quarter of the endpoints. */
    @Test
    void thatTheTrafficIsSharedOtherwiseIsToldOnceInAHold() {
        Moment moment = counted(held(Gate.NoHarm, Duration.ofMinutes(5)), 10_000, 0);
        moment.verdict = new VerdictStatus("NonInferior", "as before", Moment.NOW.minusSeconds(60));
        assertThat(moment.look().notices())
                .as("it is not known how it should be")
                .isEmpty();
        moment.knownServices = List.of(new ServiceStatus("shop", "uid-of-shop", 3, 1, null));
        Decision told = moment.look();
        assertThat(told.notices()).singleElement().satisfies(n -> {
            assertThat(n.warning()).isTrue();
            assertThat(n.reason()).isEqualTo("TrafficShareMismatch");
            assertThat(n.message())
                    .startsWith("the target got 50 % of the requests at this weight, its pods suggest 25 %")
                    .contains("nothing moves for that");
        });
        assertThat(told.status().task()).isEqualTo("Hold");
        assertThat(told.next()).as("at once").isZero();

        moment.timeline = List.of(new Transition(moment.holdSince, Phase.Shifting, "TrafficShareMismatch", "told"));
        assertThat(moment.look().notices()).isEmpty();
        moment.timeline = List.of(
                new Transition(moment.holdSince.minusSeconds(1), Phase.Shifting, "TrafficShareMismatch", "before"));
        assertThat(moment.look().notices()).as("that was another hold").hasSize(1);
    }

    @Test
    void thatItIsNotDecidedIsNoNews() {
        Decision d =
                counted(held(Gate.NonInferior, Duration.ofSeconds(60)), 1, 0).look();
        assertThat(d.notices()).isEmpty();
        assertThat(verdict(d).verdict()).isEqualTo("Undecided");
        assertThat(verdict(d).since()).isEqualTo(Moment.NOW);
    }

    @Test
    void harmGoesBackAndIsToldByThat() {
        Moment moment = counted(held(Gate.NoHarm, Duration.ofMinutes(5)), 10_000, 5_000);
        Decision d = moment.look();
        assertThat(verdict(d).verdict()).isEqualTo("Harm");
        moment.reverts(
                "MetricHarm",
                verdict(d).message(),
                "look at the new version; status.metrics has every figure that the verdict rests on");
    }

    @Test
    void whatCannotBeDecidedInTimeIsToldWithWhatFollows() {
        Moment moment = counted(held(Gate.NonInferior, Duration.ofMinutes(15)), 1, 0);
        Decision told = moment.look();
        assertThat(verdict(told).verdict()).isEqualTo("Inconclusive");
        assertThat(told.notices()).singleElement().satisfies(n -> {
            assertThat(n.warning()).isTrue();
            assertThat(n.reason()).isEqualTo("Inconclusive");
            assertThat(n.message()).endsWith(": " + verdict(told).message() + "; analysis.onInconclusive is Pause");
        });
        moment.verdict = verdict(told);
        assertThat(moment.look().notices()).isEmpty();
    }

    /** Outside of a hold nothing is compared. */
    @Test
    void beforeTheHoldThereIsNoVerdict() {
        Moment moment = Moment.shifting("Propagate");
        moment.spec.compares(Gate.NonInferior, OnInconclusive.Pause);
        moment.holdUntil = null;
        counted(moment, 10_000, 0);
        assertThat(moment.look().status().verdict()).isNull();
    }

    /** With data, a gate NoHarm goes by them: nothing waits, so there is nothing to tell. */
    @Test
    void whatHoldsNothingIsNoNews() {
        Moment moment = counted(held(Gate.NoHarm, Duration.ofMinutes(15)), 10, 0);
        moment.holdUntil = Moment.NOW;
        Decision goes = moment.look();
        assertThat(verdict(goes).verdict()).isEqualTo("Inconclusive");
        assertThat(goes.notices()).extracting(Decision.Notice::reason).doesNotContain("Inconclusive");
        assertThat(goes.status().phase()).isEqualTo(Phase.CuttingOver);
    }

    @Test
    void aHoldThatIsOverWaitsForItsGate() {
        Moment moment = held(Gate.NonInferior, Duration.ofSeconds(60));
        moment.holdUntil = Moment.NOW;
        moment.awaits("AwaitingEvidence", "metric errors has not been evaluated yet; the weight is held");
        counted(moment, 1, 0);
        assertThat(moment.look().status().condition("Waiting")).hasValueSatisfying(c -> {
            assertThat(c.reason()).isEqualTo("AwaitingEvidence");
            assertThat(c.message()).startsWith("gate NonInferior: ");
        });
    }

    /** A hold that is over and waits for evidence can be promoted; it was over when it was. */
    @Test
    void aPromotionIsNoLaterEndOfTheHold() {
        Moment moment = counted(held(Gate.NonInferior, Duration.ofSeconds(60)), 1, 0);
        moment.holdUntil = Moment.NOW.minusSeconds(5);
        Decision d = moment.commanded("promote").look();
        assertThat(d.notices()).extracting(Decision.Notice::reason).containsExactly("Promoted");
        assertThat(d.status().step()).satisfies(s -> {
            assertThat(s.holdUntil()).isEqualTo(Moment.NOW.minusSeconds(5));
            assertThat(s.promotedAt()).isEqualTo(Moment.NOW);
        });
    }

    /** Beside a comparison, a query that has no value yet is missed as ever. */
    @Test
    void aQueryBesideAComparisonHasToBeEvaluated() {
        Moment moment = counted(held(Gate.NoHarm, Duration.ofMinutes(5)), 10_000, 0);
        Analysis compares = Objects.requireNonNull(moment.spec.analysis);
        moment.spec.analysis = Analysis.of(
                compares.prometheus(),
                "10s",
                List.of(
                        compares.comparing().getFirst(),
                        Metric.limited("queue", "q", new Metric.Threshold(10, null, null))));
        moment.verdict = new VerdictStatus("NonInferior", "told", Moment.NOW.minusSeconds(60));
        moment.awaits("NoData", "not every metric has been evaluated yet");
    }

    /** What is counted is counted for the time when nobody looked as well, so that the hold is not prolonged by it. */
    @Test
    void whatIsCountedIsNotMissed() {
        Moment moment = counted(held(Gate.NoHarm, Duration.ofMinutes(5)), 10_000, 0);
        moment.metrics = moment.look().status().metricsOrEmpty().stream()
                .map(m -> new MetricStatus(
                        m.name(),
                        m.value(),
                        m.max(),
                        m.verdict(),
                        m.exceeded(),
                        m.message(),
                        Moment.NOW.minusSeconds(60),
                        m.comparison(),
                        m.baseline(),
                        m.checkpoint()))
                .toList();
        assertThat(Objects.requireNonNull(moment.look().status().step()).holdUntil())
                .isEqualTo(moment.holdUntil);
    }
}
