package dev.segue.analysis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.segue.api.Analysis;
import dev.segue.api.ComparisonStatus;
import dev.segue.api.ComparisonStatus.Against;
import dev.segue.api.ComparisonStatus.Baseline;
import dev.segue.api.Metric;
import dev.segue.api.Metric.Compare;
import dev.segue.api.Metric.Objective;
import dev.segue.api.Metric.Tolerance;
import dev.segue.api.MigrationStatus.MetricStatus;
import dev.segue.api.Step;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class JudgementTest {
    private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");
    private static final Instant HOLD = START.plusSeconds(600);
    private static final List<String> ASKED = List.of("requests{pod=~\"shop-.*\"}", "requests{pod=~\"shop-.*\",bad}");
    private static final KubernetesSerialization JSON = new KubernetesSerialization();

    private static Analysis analysis(Metric... metrics) {
        return Analysis.of(null, "60s", List.of(metrics));
    }

    private static Metric errors(@Nullable Compare compare, @Nullable Objective objective) {
        return new Metric("errors", "http-server/error-ratio", null, null, null, compare, objective, null, null, null);
    }

    private static final Metric ERRORS = errors(new Compare(new Tolerance("0.25%", "10%")), null);

    /** What a look makes of a status; it goes through JSON as in the API server. */
    private static final class Looks {
        final Analysis analysis;
        Watched watched = new Watched(false, HOLD, null);
        List<MetricStatus> metrics = new ArrayList<>();
        Instant now = HOLD.plusSeconds(90);

        Looks(Analysis analysis) {
            this.analysis = analysis;
            metrics.addAll(Baselines.measure(
                    analysis,
                    List.of(new Step(50, "5m"), new Step(100, "5m")),
                    Map.of("errors", history(120, 3000, 3)),
                    START));
        }

        Judgement look(@Nullable Reading reading) {
            Judgement made = Judgement.of(
                    analysis, watched, metrics, reading == null ? Map.of() : Map.of("errors", reading), now);
            metrics = made.metrics().stream()
                    .map(m -> JSON.unmarshal(JSON.asJson(m), MetricStatus.class))
                    .toList();
            assertThat(metrics).as("the API server gives back what it got").isEqualTo(made.metrics());
            return made;
        }

        Judgement interval(double sourceBad, double source, double targetBad, double target) {
            now = now.plusSeconds(60);
            Interval counts = new Interval(new Counts(sourceBad, source), new Counts(targetBad, target));
            return look(new Reading.Counted(List.of(new Observation(now.minusSeconds(30), counts, true)), ASKED));
        }

        Judgement unsampled() {
            now = now.plusSeconds(60);
            Interval none = new Interval(Counts.NONE, Counts.NONE);
            return look(new Reading.Counted(List.of(new Observation(now.minusSeconds(30), none, false)), ASKED));
        }

        Judgement seen(Set<String> pods) {
            now = now.plusSeconds(60);
            Interval counts = new Interval(new Counts(2, 2000), new Counts(2, 2000));
            return look(new Reading.Counted(
                    List.of(new Observation(now.minusSeconds(30), counts, true, pods, counts)), ASKED));
        }

        ComparisonStatus figures() {
            return Objects.requireNonNull(metrics.getFirst().comparison());
        }
    }

    private static Reading.History history(int intervals, double requests, double bad) {
        List<Map<String, Counts>> pods = new ArrayList<>();
        for (int i = 0; i < intervals; i++) {
            pods.add(Map.of("a", new Counts(bad / 2, requests / 2), "b", new Counts(bad / 2, requests / 2)));
        }
        return new Reading.History(pods, Duration.ofMinutes(1));
    }

    private static String verdict(Judgement judgement) {
        return Objects.requireNonNull(judgement.conclusion()).verdict().name();
    }

    @Test
    void theBaselineSaysHowLongAVerdictTakes() {
        Looks looks = new Looks(analysis(ERRORS));
        Baseline baseline = Objects.requireNonNull(looks.metrics.getFirst().baseline());
        assertThat(baseline.bad()).isEqualTo(360);
        assertThat(baseline.total()).isEqualTo(360_000);
        assertThat(baseline.ratio()).isEqualTo("0.1%");
        assertThat(baseline.perSecond()).isEqualTo(50);
        assertThat(baseline.phi()).isBetween(1.0, 1.5);
        assertThat(baseline.forecast()).matches("an equal version .* after about 2m[0-9]+s at 50%");
        assertThat(looks.metrics.getFirst().verdict()).isEqualTo("Baseline");
    }

    @Test
    void aStepThatCannotBeDecidedInTimeIsTold() {
        Analysis slow = analysis(ERRORS);
        List<Step> steps = List.of(new Step(10, "5m", Step.Gate.NonInferior), new Step(100, "5m"));
        List<MetricStatus> rare = Baselines.measure(slow, steps, Map.of("errors", history(120, 60, 0)), START);
        assertThat(Baselines.hopeless(slow, steps, rare).orElseThrow())
                .contains("metric errors: at 1.00 requests per second", "analysis.deadline is 2h", "gate NoHarm");
        List<MetricStatus> often = Baselines.measure(slow, steps, Map.of("errors", history(120, 6000, 6)), START);
        assertThat(Baselines.hopeless(slow, steps, often)).isEmpty();
        assertThat(Baselines.hopeless(slow, List.of(new Step(10, "5m"), new Step(100, "5m")), rare))
                .as("a gate that does not wait for it")
                .isEmpty();
    }

    /** 100 requests of each version, or of the target where it is alone, in two hours. */
    @ParameterizedTest
    @CsvSource({
        "10,  8, errors",
        "10, 10, -",
        "50,  1, errors",
        "50,  2, -",
        "100, 0.8, errors",
        "100, 1, -",
    })
    void aStepThatSeesTooFewRequestsInTimeIsToldWhateverItsGate(int weight, double perMinute, String metric) {
        List<Step> steps = List.of(new Step(weight, "5m"));
        Analysis slow = analysis(ERRORS);
        List<MetricStatus> measured =
                Baselines.measure(slow, steps, Map.of("errors", history(120, perMinute, 0)), START);
        assertThat(Baselines.hopeless(slow, steps, measured)
                        .map(why -> {
                            assertThat(why)
                                    .contains("analysis.minRequests (100) take ", "at %d%%".formatted(weight))
                                    .doesNotContain("NoHarm");
                            return "errors";
                        })
                        .orElse("-"))
                .isEqualTo(metric);
    }

    @Test
    void aMetricThatNobodyWaitsForMayCountLittle() {
        List<Step> steps = List.of(new Step(10, "5m"), new Step(100, "5m"));
        Metric optional =
                new Metric("errors", "http-server/error-ratio", null, null, null, null, null, null, null, false);
        List<MetricStatus> measured =
                Baselines.measure(analysis(optional), steps, Map.of("errors", history(120, 1, 0)), START);
        assertThat(Baselines.hopeless(analysis(optional), steps, measured)).isEmpty();
    }

    @Test
    void equalVersionsAreNonInferior() {
        Looks looks = new Looks(analysis(ERRORS));
        Judgement judgement = looks.interval(2, 2200, 2, 2000);
        assertThat(verdict(judgement)).isEqualTo("Undecided");
        assertThat(Objects.requireNonNull(judgement.conclusion()).reason())
                .startsWith(
                        "errors: 0.1 % of 2 000 target requests are bad, 0.091 % of the source's: 0 pp above 1.1 × the source");
        assertThat(looks.figures().eta()).matches("about [0-9 ]+ more target requests or [0-9]+ min");
        for (int i = 0; i < 4; i++) {
            judgement = looks.interval(2, 2000, 2, 2000);
        }
        assertThat(verdict(judgement)).isEqualTo("NonInferior");
        assertThat(looks.figures().against()).isEqualTo(Against.Source);
        assertThat(looks.figures().target().total()).isEqualTo(10_000);
        assertThat(judgement.tooFew()).isEmpty();
    }

    @Test
    void whatPrometheusWasAskedForStaysKnownWhileItIsAway() {
        Looks looks = new Looks(analysis(ERRORS));
        looks.interval(2, 2000, 2, 2000);
        assertThat(looks.figures().queries()).isEqualTo(ASKED);
        looks.look(new Reading.Unavailable("connection refused"));
        assertThat(looks.figures().queries()).isEqualTo(ASKED);
    }

    @Test
    void withoutAnythingNewTheStatusStaysAsItIs() {
        Looks looks = new Looks(analysis(ERRORS));
        looks.interval(2, 2000, 2, 2000);
        List<MetricStatus> before = looks.metrics;
        looks.now = looks.now.plusSeconds(2);
        looks.look(null);
        assertThat(looks.metrics).isEqualTo(before);
        looks.watched = new Watched(false, looks.now, null);
        looks.look(null);
        assertThat(looks.metrics)
                .as("in the next hold, before its first interval")
                .isEqualTo(before);
        looks.look(new Reading.Unavailable("connection refused"));
        before = looks.metrics;
        looks.now = looks.now.plusSeconds(2);
        looks.look(new Reading.Unavailable("connection refused"));
        assertThat(looks.metrics).isEqualTo(before);
    }

    @Test
    void aWorseVersionIsHarm() {
        Looks looks = new Looks(analysis(ERRORS));
        Judgement judgement = looks.interval(2, 2000, 100, 2000);
        assertThat(verdict(judgement)).isEqualTo("Harm");
        assertThat(Objects.requireNonNull(judgement.conclusion()).reason())
                .startsWith(
                        "errors: 5 % of 2 000 target requests are bad, 0.1 % of the source's: 4.89 pp above 1.1 × the source");
    }

    /** What is in the status gives the same evidence as all raw counts at once. */
    @Test
    void theCheckpointIsAllThereIs() {
        Looks looks = new Looks(analysis(ERRORS));
        List<Interval> all = new ArrayList<>();
        for (int i = 0; i < 7; i++) {
            looks.interval(i % 3, 1800 + i, 1 + i, 1200 - i);
            all.add(new Interval(new Counts(i % 3, 1800 + i), new Counts(1 + i, 1200 - i)));
        }
        Evidence again = Evidence.of(1.1, all);
        double phi = Objects.requireNonNull(looks.metrics.getFirst().baseline()).phi();
        assertThat(looks.figures().evidence().harm()).isCloseTo(again.logHarm(.0025, phi), within(1e-4));
        assertThat(Checkpoints.evidence(
                        Objects.requireNonNull(looks.metrics.getFirst().checkpoint())))
                .isEqualTo(again);
        looks.watched = new Watched(false, looks.now, null);
        looks.interval(3, 900, 4, 900);
        looks.interval(3, 900, 4, 900);
        Interval more = new Interval(new Counts(3, 900), new Counts(4, 900));
        assertThat(Checkpoints.evidence(
                        Objects.requireNonNull(looks.metrics.getFirst().checkpoint())))
                .as("a hold is a beginning")
                .isEqualTo(again.anew().plus(more).plus(more));
    }

    @Test
    void otherCountsBeginAnew() {
        Looks looks = new Looks(analysis(ERRORS));
        looks.interval(0, 2000, 100, 2000);
        Looks edited = new Looks(analysis(errors(new Compare(new Tolerance("0.25%", "50%")), null)));
        edited.metrics = looks.metrics;
        edited.interval(0, 100, 0, 100);
        assertThat(edited.figures().target().total()).isEqualTo(100);
        Looks wider = new Looks(analysis(errors(new Compare(new Tolerance("20%", "10%")), null)));
        wider.metrics = looks.metrics;
        assertThat(verdict(wider.interval(0, 100, 0, 100)))
                .as("another absolute tolerance needs no new evidence")
                .isNotEqualTo("Harm");
        assertThat(wider.figures().target().total()).isEqualTo(2100);
    }

    @Test
    void inTheSoakTheTargetIsComparedWithWhatTheSourceHad() {
        Looks looks = new Looks(analysis(ERRORS));
        for (int i = 0; i < 5; i++) {
            looks.interval(16, 2000, 16, 2000);
        }
        looks.watched = new Watched(true, looks.now, null);
        Judgement judgement = looks.interval(0, 0, 16, 2000);
        assertThat(looks.figures().against()).isEqualTo(Against.Frozen);
        assertThat(looks.figures().target().total()).as("evidence of its own").isEqualTo(2000);
        assertThat(looks.figures().source())
                .as("what the source had")
                .isEqualTo(new ComparisonStatus.Counted(80, 10_000, "0.8%"));
        for (int i = 0; i < 10; i++) {
            judgement = looks.interval(0, 0, 16, 2000);
        }
        assertThat(verdict(judgement)).as("as bad as before").isNotEqualTo("Harm");
        assertThat(Objects.requireNonNull(judgement.conclusion()).reason()).contains("nothing runs beside it any more");
        for (int i = 0; i < 3; i++) {
            judgement = looks.interval(0, 0, 200, 2000);
        }
        assertThat(verdict(judgement)).isEqualTo("Harm");
        assertThat(looks.interval(0, 0, 200, 2000).tooFew()).isEmpty();
    }

    @Test
    void withoutAShiftTheSoakGoesByTheHistory() {
        Looks looks = new Looks(analysis(ERRORS));
        looks.watched = new Watched(true, HOLD, null);
        assertThat(verdict(looks.interval(0, 0, 2, 2000))).isEqualTo("Undecided");
        assertThat(verdict(looks.interval(0, 0, 200, 2000))).isEqualTo("Harm");
        Looks unknown = new Looks(analysis(ERRORS));
        unknown.metrics = List.of();
        unknown.watched = new Watched(true, HOLD, null);
        Judgement judgement = unknown.interval(0, 0, 200, 2000);
        assertThat(verdict(judgement)).isEqualTo("NoData");
        assertThat(Objects.requireNonNull(judgement.conclusion()).reason()).contains("nothing to compare with");
    }

    @Test
    void anObjectiveAsksTheTargetAlone() {
        Looks looks = new Looks(analysis(errors(null, new Objective("1%"))));
        for (int i = 0; i < 3; i++) {
            assertThat(verdict(looks.interval(500, 2000, 2, 2000))).isNotEqualTo("Harm");
        }
        assertThat(looks.figures().against()).isEqualTo(Against.Objective);
        assertThat(verdict(looks.interval(0, 2000, 200, 2000))).isEqualTo("Harm");
    }

    @Test
    void anOutageHoldsAndIsHeldAgainstNobody() {
        Looks looks = new Looks(analysis(ERRORS));
        looks.interval(2, 2000, 2, 2000);
        double before = looks.figures().evidence().harm();
        looks.now = looks.now.plusSeconds(90);
        Judgement judgement = looks.look(new Reading.Unavailable("Prometheus at x cannot be reached"));
        assertThat(verdict(judgement)).isEqualTo("ProviderError");
        List<MetricStatus> told = looks.metrics;
        looks.now = looks.now.plusSeconds(1);
        assertThat(verdict(looks.look(null))).as("until it answers").isEqualTo("ProviderError");
        looks.look(new Reading.Unavailable("Prometheus at x cannot be reached"));
        assertThat(looks.metrics).as("the same is not written again").isEqualTo(told);
        assertThat(looks.figures().evidence().harm()).isEqualTo(before);

        looks.now = looks.now.plus(Duration.ofMinutes(40));
        judgement = looks.look(null);
        assertThat(verdict(judgement)).isEqualTo("Inconclusive");
        assertThat(Objects.requireNonNull(judgement.conclusion()).verdict())
                .isInstanceOfSatisfying(
                        Verdict.Inconclusive.class,
                        v -> assertThat(v.reason()).isEqualTo(Verdict.Inconclusive.Reason.ProviderOutage));
        assertThat(verdict(looks.interval(2, 2000, 2, 2000))).as("it is back").isNotEqualTo("Inconclusive");
    }

    @Test
    void timeWithoutSamplesIsNoMissingData() {
        Looks looks = new Looks(analysis(ERRORS));
        for (int i = 0; i < 5; i++) {
            looks.interval(0, 2000, 0, 2000);
            looks.unsampled();
        }
        assertThat(looks.figures().coverage().missing()).isZero();
        assertThat(looks.metrics.getFirst().verdict()).isEqualTo("NonInferior");
        Looks onesided = new Looks(analysis(ERRORS));
        for (int i = 0; i < 5; i++) {
            onesided.interval(0, 2000, 0, 2000);
            onesided.interval(0, 2000, 0, 0);
        }
        assertThat(onesided.figures().coverage().missing()).isEqualTo(5);
        assertThat(onesided.metrics.getFirst().verdict())
                .as("half of the time had requests of one version only")
                .isEqualTo("Undecided");
    }

    @Test
    void withoutRequestsTimeRunsOut() {
        Looks looks = new Looks(analysis(ERRORS));
        Judgement judgement = looks.interval(0, 0, 0, 0);
        assertThat(verdict(judgement)).isEqualTo("NoData");
        assertThat(judgement.tooFew().orElseThrow())
                .isEqualTo(
                        "metric errors has counted 0 requests of the source and 0 of the target at this weight; analysis.minRequests asks for 100 of each version");
        for (int i = 0; i < 119; i++) {
            judgement = looks.interval(0, 0, 0, 0);
        }
        assertThat(Objects.requireNonNull(judgement.conclusion()).verdict())
                .isInstanceOfSatisfying(
                        Verdict.Inconclusive.class,
                        v -> assertThat(v.reason()).isEqualTo(Verdict.Inconclusive.Reason.NoTraffic));
        looks.watched = new Watched(false, looks.now, null);
        assertThat(verdict(looks.interval(0, 0, 0, 0)))
                .as("the next step has its own time")
                .isEqualTo("NoData");
    }

    @Test
    void eachWeightIsLookedAt() {
        Looks looks = new Looks(analysis(ERRORS));
        for (int i = 0; i < 10; i++) {
            looks.interval(2, 2000, 2, 2000);
        }
        assertThat(looks.look(null).tooFew()).isEmpty();
        looks.watched = new Watched(false, looks.now, null);
        Judgement judgement = looks.look(null);
        assertThat(verdict(judgement)).isEqualTo("NonInferior");
        assertThat(judgement.tooFew().orElseThrow()).contains("0 requests of the source and 0 of the target");
        looks.interval(0, 2000, 0, 60);
        assertThat(looks.look(null).tooFew().orElseThrow()).contains("2000 requests of the source and 60 of");
        assertThat(looks.interval(0, 2000, 0, 60).tooFew()).isEmpty();
        looks.watched = new Watched(true, looks.now, null);
        assertThat(looks.look(null).tooFew().orElseThrow())
                .as("nobody expects requests of the source in the soak")
                .endsWith("0 requests of the target at this weight; analysis.minRequests asks for 100");
        assertThat(looks.interval(0, 0, 0, 100).tooFew()).isEmpty();
    }

    /** Over both holds it is within the tolerance still; as this one goes, it is harm that comes. */
    @Test
    void theForecastGoesByTheHoldOnceThatHasCountedEnough() {
        Looks looks = new Looks(analysis(ERRORS));
        double phi = Objects.requireNonNull(looks.metrics.getFirst().baseline()).phi();
        dev.segue.analysis.Tolerance tolerance = dev.segue.analysis.Tolerance.of(.1, .0025);
        looks.interval(1, 1100, 0, 500);
        looks.interval(1, 1100, 0, 500);
        looks.watched = new Watched(false, looks.now, null);
        Evidence before = Evidence.of(
                        1.1, Collections.nCopies(2, new Interval(new Counts(1, 1100), new Counts(0, 500))))
                .anew();
        looks.interval(0, 500, 1, 90);
        Evidence few = before.plus(new Interval(new Counts(0, 500), new Counts(1, 90)));
        assertThat(looks.figures().eta())
                .as("90 requests say nothing of how it goes on, 1 090 in 3 min do")
                .isEqualTo(inWords(
                        Forecast.nonInferior(
                                few,
                                tolerance,
                                Risk.DEFAULT,
                                phi,
                                new Forecast.Course(few.sourceRatio(), few.targetRatio(), 2700 / 1090.0)),
                        1090 / 3.0));
        looks.interval(1, 1100, 3, 910);
        Evidence enough = few.plus(new Interval(new Counts(1, 1100), new Counts(3, 910)));
        assertThat(enough.excess()).isLessThan(.0025);
        assertThat(looks.figures().eta())
                .isEqualTo(inWords(
                        Forecast.harm(
                                enough,
                                tolerance,
                                Risk.DEFAULT,
                                1,
                                phi,
                                new Forecast.Course(1 / 1600.0, 4 / 1000.0, 1.6)),
                        500));
    }

    private static String inWords(Optional<Double> requests, double perMinute) {
        return Comparison.Eta.of(requests.orElseThrow(), perMinute).inWords();
    }

    @Test
    void whatIsLackingAtThisWeightIsForecastAsWell() {
        Looks looks = new Looks(analysis(ERRORS));
        for (int i = 0; i < 10; i++) {
            looks.interval(2, 2000, 2, 2000);
        }
        assertThat(looks.figures().eta()).isNull();
        looks.watched = new Watched(false, looks.now, null);
        String few = "about 60 more target requests or 2 min";
        assertThat(looks.interval(0, 1000, 0, 40).tooFew().orElseThrow()).endsWith("of each version; " + few);
        assertThat(looks.figures().eta()).isEqualTo(few);
        Looks source = new Looks(analysis(ERRORS));
        source.interval(0, 20, 0, 200);
        assertThat(source.metrics.getFirst().verdict()).isEqualTo("Undecided");
        assertThat(source.look(null).tooFew().orElseThrow())
                .as("the source is what is lacking")
                .endsWith("; about 800 more target requests or 4 min");
        assertThat(source.interval(0, 100, 0, 1000).tooFew()).isEmpty();
    }

    @Test
    void aWeightWithoutTrafficIsInconclusiveWhateverWasShownBefore() {
        Looks looks = new Looks(analysis(ERRORS));
        for (int i = 0; i < 500; i++) {
            looks.interval(2, 2000, 2, 2000);
        }
        looks.watched = new Watched(false, looks.now, null);
        for (int i = 0; i < 119; i++) {
            assertThat(verdict(looks.interval(2, 2000, 0, 0))).isEqualTo("NonInferior");
        }
        assertThat(Objects.requireNonNull(looks.interval(2, 2000, 0, 0).conclusion())
                        .verdict())
                .isInstanceOfSatisfying(Verdict.Inconclusive.class, v -> {
                    assertThat(v.reason()).isEqualTo(Verdict.Inconclusive.Reason.NoTraffic);
                    assertThat(v.why()).contains("0 of the target at this weight");
                });
    }

    /** Rates are compared, whatever their shares are: it is told, and decides nothing. */
    @Test
    void trafficThatIsNotSharedAsTheEndpointsSuggestIsTold() {
        Looks looks = new Looks(analysis(ERRORS));
        looks.watched = new Watched(false, HOLD, .25);
        assertThat(looks.interval(3, 3000, 1, 1000).mismatch()).isEmpty();
        assertThat(looks.figures().share())
                .isEqualTo("the target got 25 % of the requests at this weight, its pods suggest 25 %");
        looks.watched = new Watched(false, looks.now, .5);
        Judgement judgement = looks.interval(4, 4000, 0, 0);
        String told = "the target got 0 % of the requests at this weight, its pods suggest 50 %";
        assertThat(judgement.mismatch()).as("of this hold").contains(told);
        assertThat(judgement.tooFew().orElseThrow()).endsWith("asks for 100 of each version; " + told);
        assertThat(Objects.requireNonNull(judgement.conclusion()).reason()).endsWith("; " + told);
        assertThat(looks.look(null).mismatch()).as("until it is otherwise").contains(told);
        for (int i = 0; i < 10; i++) {
            judgement = looks.interval(1, 1000, 4, 4000);
        }
        assertThat(verdict(judgement)).as("and stands in nobody's way").isEqualTo("NonInferior");
        assertThat(judgement.mismatch().orElseThrow()).contains("got 74.07 % of");
        looks.watched = new Watched(true, looks.now, null);
        assertThat(looks.interval(0, 0, 1, 1000).mismatch())
                .as("nothing is shared in the soak")
                .isEmpty();
        assertThat(looks.figures().share()).isNull();
    }

    /** Pods that are new are left out of what is compared, but they do get their share. */
    @Test
    void newPodsCountWhereTrafficIsShared() {
        Looks looks = new Looks(analysis(ERRORS));
        looks.watched = new Watched(false, HOLD, .5);
        looks.now = looks.now.plusSeconds(60);
        Interval counted = new Interval(new Counts(2, 2000), new Counts(4, 4000));
        Interval all = new Interval(new Counts(4, 4000), new Counts(4, 4000));
        Judgement judgement = looks.look(new Reading.Counted(
                List.of(new Observation(looks.now.minusSeconds(30), counted, true, Set.of(), all)), ASKED));
        assertThat(judgement.mismatch()).isEmpty();
        assertThat(looks.figures().share())
                .isEqualTo("the target got 50 % of the requests at this weight, its pods suggest 50 %");
        assertThat(looks.figures().source().total()).isEqualTo(2000);
    }

    /** The source is scaled in the middle of a hold: what came before was asked for before. */
    @Test
    void theShareThatIsAskedForMayChange() {
        Looks looks = new Looks(analysis(ERRORS));
        looks.watched = new Watched(false, HOLD, .2);
        looks.interval(8, 8000, 2, 2000);
        looks.watched = new Watched(false, HOLD, .5);
        assertThat(looks.look(null).mismatch()).isEmpty();
        assertThat(looks.interval(5, 5000, 5, 5000).mismatch()).isEmpty();
        assertThat(looks.figures().share())
                .isEqualTo("the target got 35 % of the requests at this weight, its pods suggest 35 %");
    }

    /** Of what counts most of the traffic. */
    @Test
    void oneMetricTellsHowTrafficIsShared() {
        Metric slow = new Metric("slow", "http-server/latency", null, null, "1s", null, null, null, null, false);
        Judgement judgement = Judgement.of(
                analysis(slow, ERRORS),
                new Watched(false, HOLD, .5),
                List.of(),
                Map.of(
                        "slow",
                        new Reading.Counted(
                                List.of(new Observation(
                                        HOLD.plusSeconds(120), new Interval(new Counts(0, 900), Counts.NONE), true)),
                                ASKED),
                        "errors",
                        new Reading.Counted(
                                List.of(new Observation(
                                        HOLD.plusSeconds(120),
                                        new Interval(new Counts(0, 2000), new Counts(0, 2000)),
                                        true)),
                                ASKED)),
                HOLD.plusSeconds(150));
        assertThat(judgement.mismatch()).isEmpty();
    }

    @Test
    void whatIsNeverScrapedIsTold() {
        Looks looks = new Looks(analysis(ERRORS));
        Judgement judgement = looks.unsampled();
        for (int i = 0; i < 40; i++) {
            judgement = looks.unsampled();
        }
        assertThat(verdict(judgement)).isEqualTo("Inconclusive");
        assertThat(Objects.requireNonNull(judgement.conclusion()).reason()).contains("Prometheus does not scrape them");
    }

    /** With what is known of it; and in the same words until the next answer. */
    @Test
    void whatIsKnownOfMissingDataIsTold() {
        String absent = "Prometheus has no metric requestz";
        Looks looks = new Looks(analysis(ERRORS));
        looks.now = looks.now.plusSeconds(60);
        Observation none = new Observation(looks.now.minusSeconds(30), new Interval(Counts.NONE, Counts.NONE), false);
        Judgement judgement = looks.look(new Reading.Counted(List.of(none), ASKED, absent));
        assertThat(verdict(judgement)).isEqualTo("NoData");
        assertThat(Objects.requireNonNull(judgement.conclusion()).reason()).endsWith("had requests: " + absent);
        List<MetricStatus> told = looks.metrics;
        looks.now = looks.now.plusSeconds(1);
        looks.look(null);
        assertThat(looks.metrics).as("not written again").isEqualTo(told);

        for (int i = 0; i < 40; i++) {
            looks.now = looks.now.plusSeconds(60);
            none = new Observation(looks.now.minusSeconds(30), new Interval(Counts.NONE, Counts.NONE), false);
            judgement = looks.look(new Reading.Counted(List.of(none), ASKED, absent));
        }
        assertThat(verdict(judgement)).isEqualTo("Inconclusive");
        assertThat(Objects.requireNonNull(judgement.conclusion()).reason())
                .contains("no samples of the pods: " + absent);
        assertThat(verdict(looks.interval(2, 2000, 2, 2000))).as("there it is").isEqualTo("Undecided");
        looks.look(null);
        assertThat(looks.metrics.getFirst().verdict()).isEqualTo("Undecided");
    }

    /** What was said of a hold is not said of the next one. */
    @Test
    void whatWasMissingInOneHoldIsNotMissingInTheNext() {
        Looks looks = new Looks(analysis(ERRORS));
        looks.interval(2, 2000, 2, 2000);
        for (int i = 0; i < 40; i++) {
            looks.unsampled();
        }
        assertThat(looks.metrics.getFirst().verdict()).isEqualTo("NoData");
        looks.watched = new Watched(false, looks.now, null);
        looks.look(null);
        assertThat(looks.metrics.getFirst().verdict()).isEqualTo("Undecided");
    }

    /** One of four pods says nothing of the other three. */
    @Test
    void podsOfWhichNothingIsCountedAreTold() {
        Looks looks = new Looks(analysis(ERRORS));
        Map<String, Instant> source = Map.of("old-1", START, "old-2", START);
        Map<String, Instant> target =
                Map.of("new-1", START, "new-2", START, "new-3", START, "new-4", START, "new-5", HOLD.plusSeconds(90));
        looks.watched = looks.watched.of(source, target);
        Judgement judgement = looks.seen(Set.of("old-1", "old-2", "new-1"));
        String told = "by metric errors 3 of the target's 4 pods have no samples: new-2, new-3, new-4";
        assertThat(judgement.unseen()).contains(told);
        assertThat(Objects.requireNonNull(judgement.conclusion()).reason()).endsWith("; " + told);
        assertThat(looks.look(null).unseen()).as("until the next answer").contains(told);
        assertThat(looks.seen(Set.of("old-1", "new-1", "new-2", "new-3", "new-4"))
                        .unseen())
                .contains("by metric errors 1 of the source's 2 pods have no samples: old-2");
        assertThat(looks.seen(Set.of("old-1", "old-2")).unseen())
                .as("of none of the target's: it has had no requests, which is told otherwise")
                .isEmpty();
        assertThat(looks.seen(Set.of("old-1", "old-2", "new-1", "new-2", "new-3", "new-4", "new-5"))
                        .unseen())
                .isEmpty();
        looks.watched = new Watched(true, looks.now, null).of(source, target);
        assertThat(looks.seen(Set.of("new-1", "new-2", "new-3", "new-4", "new-5"))
                        .unseen())
                .as("the source has no traffic any more")
                .isEmpty();
    }

    @Test
    void theScheduleCoversAHoldOnceFromItsWarmUpOn() {
        Analysis a = analysis(ERRORS);
        assertThat(Schedule.due(a, ERRORS, HOLD, null, HOLD.plusSeconds(149))).isEmpty();
        assertThat(Schedule.due(a, ERRORS, HOLD, null, HOLD.plusSeconds(150)))
                .containsExactly(HOLD.plusSeconds(60), HOLD.plusSeconds(120));
        Looks looks = new Looks(a);
        looks.now = HOLD.plusSeconds(90);
        looks.interval(0, 1, 0, 1);
        var checkpoint = looks.metrics.getFirst().checkpoint();
        assertThat(Schedule.due(a, ERRORS, HOLD, checkpoint, HOLD.plusSeconds(209)))
                .isEmpty();
        assertThat(Schedule.due(a, ERRORS, HOLD, checkpoint, HOLD.plusSeconds(275)))
                .containsExactly(HOLD.plusSeconds(120), HOLD.plusSeconds(180), HOLD.plusSeconds(240));
        assertThat(Schedule.due(a, ERRORS, HOLD, checkpoint, HOLD.plus(Duration.ofDays(1))))
                .as("an operator that was away catches up in pieces")
                .hasSize(11);
        assertThat(Schedule.due(a, ERRORS, HOLD.plusSeconds(1000), checkpoint, HOLD.plusSeconds(1150)))
                .as("the next hold")
                .containsExactly(HOLD.plusSeconds(1060), HOLD.plusSeconds(1120));
    }

    /** An edit in an old hold is no silence: the raw samples of all of the hold are read again. */
    @Test
    void anEditBeginsAnewAtTheBeginningOfTheHold() {
        Looks looks = new Looks(analysis(ERRORS));
        for (int i = 0; i < 45; i++) {
            looks.interval(2, 2000, 2, 2000);
        }
        Metric edited = errors(new Compare(new Tolerance("0.25%", "50%")), null);
        var past = looks.metrics.getFirst().checkpoint();
        assertThat(Schedule.due(analysis(edited), edited, HOLD, past, looks.now).getFirst())
                .isEqualTo(HOLD.plusSeconds(60));
        Looks again = new Looks(analysis(edited));
        again.metrics = looks.metrics;
        again.now = looks.now;
        assertThat(verdict(again.look(null))).isEqualTo("NoData");
    }

    @Test
    void anOperatorThatWasAwaySeesNoSilence() {
        Looks looks = new Looks(analysis(ERRORS));
        looks.interval(0, 100, 0, 100);
        looks.now = looks.now.plus(Duration.ofMinutes(50));
        assertThat(verdict(looks.look(null))).isEqualTo("Undecided");
        Judgement slow = looks.look(new Reading.Unavailable("did not answer in time"));
        assertThat(verdict(slow)).as("one slow answer is no long outage").isEqualTo("ProviderError");
    }

    @Test
    void aBaselineOfOtherCountersIsNone() {
        Looks looks = new Looks(analysis(ERRORS));
        Metric other = new Metric("errors", "istio/error-ratio", null, null, null, null, null, null, null, null);
        Looks edited = new Looks(analysis(other));
        edited.metrics = looks.metrics;
        edited.watched = new Watched(true, HOLD, null);
        assertThat(verdict(edited.interval(0, 0, 400, 2000))).isEqualTo("NoData");
        assertThat(edited.figures().dispersion().origin()).startsWith("assumed");
    }

    /** 45 requests say less of the source than its history. */
    @Test
    void theLimitOfTheSoakRestsOnTheMostRequests() {
        Looks looks = new Looks(analysis(ERRORS));
        looks.interval(0, 45, 0, 15);
        looks.watched = new Watched(true, looks.now, null);
        assertThat(verdict(looks.interval(0, 0, 100, 1000))).isEqualTo("Harm");
        assertThat(looks.figures().against()).isEqualTo(Against.Frozen);
    }

    @Test
    void aMetricThatIsNotRequiredEndsNoTime() {
        Metric slow = new Metric("slow", "http-server/latency", null, null, "1s", null, null, null, null, false);
        Analysis both = analysis(ERRORS, slow);
        List<MetricStatus> metrics = List.of();
        Judgement judgement = null;
        for (int i = 1; i < 60; i++) {
            Instant end = HOLD.plusSeconds(60 + 60L * i);
            judgement = Judgement.of(
                    both,
                    new Watched(false, HOLD, null),
                    metrics,
                    Map.of(
                            "errors",
                            new Reading.Counted(
                                    List.of(new Observation(
                                            end, new Interval(new Counts(0, 30), new Counts(0, 10)), true)),
                                    ASKED),
                            "slow",
                            new Reading.Counted(
                                    List.of(new Observation(end, new Interval(Counts.NONE, Counts.NONE), false)),
                                    ASKED)),
                    end.plusSeconds(30));
            metrics = judgement.metrics();
        }
        assertThat(verdict(Objects.requireNonNull(judgement))).isEqualTo("Undecided");
        assertThat(Judgement.find(metrics, "slow").orElseThrow().message())
                .as("in which forms the histogram was looked for")
                .contains(": neither http_server_requests_seconds_bucket nor a native histogram"
                        + " http_server_requests_seconds");
    }
}
