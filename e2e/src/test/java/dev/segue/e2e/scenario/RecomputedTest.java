package dev.segue.e2e.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.segue.analysis.Arms;
import dev.segue.analysis.Counting;
import dev.segue.analysis.Judgement;
import dev.segue.analysis.Reading;
import dev.segue.analysis.Schedule;
import dev.segue.analysis.Series;
import dev.segue.analysis.Series.Sample;
import dev.segue.analysis.Watched;
import dev.segue.api.Analysis;
import dev.segue.api.ComparisonStatus.Checkpoint;
import dev.segue.api.Metric;
import dev.segue.api.Migration;
import dev.segue.api.MigrationStatus.MetricStatus;
import dev.segue.e2e.recorded.Detection;
import dev.segue.e2e.stage.Migrations;
import dev.segue.e2e.witness.Json;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Looks that each begin from the status of the one before come to what the raw samples give at once. */
class RecomputedTest {
    private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");
    private static final Arms ARMS = new Arms("shop-old", "shop-new");
    private static final Duration HOLD = Duration.ofSeconds(90);
    private static final Duration SCRAPE = Duration.ofSeconds(2);

    private final List<Series> series = series();

    /** With a given φ, and with the one that is assumed where there is no history. */
    @ParameterizedTest
    @ValueSource(strings = {"", "dispersion: {value: 1}"})
    void ofTwoHoldsAndASoak(String setting) {
        List<Migration> history = history(setting);
        Map<String, List<Detection>> detected = Recomputed.check(this::samples, history);
        assertThat(history).hasSizeGreaterThan(40);
        assertThat(detected.get("errors"))
                .extracting(Detection::rule)
                .containsExactly("Segue", "Flagger (99 %, threshold 5)", "Argo Rollouts (99 %, failureLimit 3)");
    }

    /** What nobody has counted is noticed. */
    @Test
    void aRequestThatIsNotThereIsMissed() {
        List<Migration> history = history("");
        Series first = series.removeFirst();
        List<Sample> one = new ArrayList<>(first.samples());
        one.replaceAll(s -> s.at() < START.plusSeconds(60).toEpochMilli() ? s : new Sample(s.at(), s.value() + 1));
        series.addFirst(new Series(first.labels(), one));
        assertThatThrownBy(() -> Recomputed.check(this::samples, history))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("errors from");
    }

    /** Each state after a look, as the API server would give it back. */
    private List<Migration> history(String setting) {
        Migration state = Serialization.unmarshal(
                Manifests.migration("shop", "{deployment: shop}", Manifests.comparing(Manifests.errors("1%"), setting)),
                Migration.class);
        Analysis analysis = state.getSpec().analysisOrDefault();
        Metric metric = analysis.comparing().getFirst();
        List<Migration> history = new ArrayList<>();
        for (int hold = 0; hold < 3; hold++) {
            Instant since = START.plus(HOLD.multipliedBy(hold));
            for (Instant now = since; now.isBefore(since.plus(HOLD)); now = now.plusSeconds(1)) {
                List<MetricStatus> past = Migrations.status(state).metricsOrEmpty();
                Checkpoint kept = past.isEmpty() ? null : past.getFirst().checkpoint();
                List<Instant> bounds = Schedule.due(analysis, metric, since, kept, now);
                if (!bounds.isEmpty()) {
                    Counting counting = Counting.of(metric);
                    List<String> selectors = counting.selectors("shop", ARMS.pods());
                    Instant from = bounds.getFirst()
                            .minus(analysis.intervalOrDefault().multipliedBy(2))
                            .minus(Schedule.ofPod(analysis));
                    List<List<Series>> answers = selectors.stream()
                            .map(s -> samples(s, from, bounds.getLast()))
                            .toList();
                    var reading = new Reading.Counted(
                            ARMS.count(counting, answers, bounds, Schedule.ofPod(analysis)), selectors);
                    state = with(
                            state,
                            Judgement.of(
                                            analysis,
                                            new Watched(hold == 2, since, hold == 2 ? null : .5),
                                            past,
                                            Map.of(metric.name(), reading),
                                            now)
                                    .metrics());
                    history.add(state);
                }
            }
        }
        return history;
    }

    private static Migration with(Migration m, List<MetricStatus> metrics) {
        ObjectNode json = Json.MAPPER.valueToTree(m);
        ObjectNode status = json.putObject("status");
        status.putObject("source").put("replicaSet", ARMS.sourceReplicaSet());
        status.putObject("target").put("replicaSet", ARMS.targetReplicaSet());
        status.set("metrics", Json.MAPPER.valueToTree(metrics));
        return Json.MAPPER.convertValue(json, Migration.class);
    }

    private List<Series> samples(String selector, Instant from, Instant to) {
        return series.stream()
                .filter(s ->
                        !selector.contains("status=") || "500".equals(s.labels().get("status")))
                .map(s -> new Series(
                        s.labels(),
                        s.samples().stream()
                                .filter(v -> v.at() > from.toEpochMilli() && v.at() <= to.toEpochMilli())
                                .toList()))
                .filter(s -> !s.samples().isEmpty())
                .toList();
    }

    /** Of two pods of each version; one of the target starts anew in between. */
    private static List<Series> series() {
        var random = new SplittableRandom(1);
        List<Series> series = new ArrayList<>();
        for (String version : List.of("old", "new")) {
            for (int pod = 0; pod < 2; pod++) {
                for (String status : List.of("200", "500")) {
                    List<Sample> samples = new ArrayList<>();
                    long counted = 0;
                    for (Instant at = START.minusSeconds(30);
                            at.isBefore(START.plus(HOLD.multipliedBy(3)));
                            at = at.plus(SCRAPE)) {
                        boolean restarted = version.equals("new") && pod == 1 && at.equals(START.plusSeconds(50));
                        counted = (restarted ? 0 : counted) + random.nextInt(status.equals("200") ? 60 : 2);
                        samples.add(new Sample(at.toEpochMilli(), counted));
                    }
                    String name = "shop-%s-abcd%d".formatted(version, pod);
                    series.add(new Series(Map.of("pod", name, "instance", name, "status", status), samples));
                }
            }
        }
        return series;
    }
}
