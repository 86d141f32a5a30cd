package dev.segue.analysis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.segue.api.Analysis;
import dev.segue.api.Metric;
import dev.segue.api.Metric.Threshold;
import dev.segue.api.MigrationStatus.MetricStatus;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ThresholdsTest {
    private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

    private static Analysis analysis(Integer failures, Integer window) {
        return Analysis.of(null, "10s", List.of(Metric.limited("errors", "q", new Threshold(10, failures, window))));
    }

    private static List<MetricStatus> fold(
            Analysis analysis, List<MetricStatus> past, Map<String, Reading> readings, Instant now) {
        return Judgement.of(analysis, new Watched(false, null, null), past, readings, now)
                .metrics();
    }

    /** Readings, oldest first: a number, or "-" for no data. */
    @ParameterizedTest(name = "{0} of {1}, {2}: {3}")
    @CsvSource({
        "1, 1, 11,                Fail",
        "1, 1, 10,                Pass",
        "3, 5, 11 11,             Pass",
        "3, 5, 11 11 11,          Fail",
        "3, 5, 11 0 11 0 11,      Fail",
        "3, 5, 11 0 11 0 0 11,    Pass",
        "3, 5, 11 11 11 0,        Fail",
        "3, 5, 11 11 11 0 0,      Fail",
        "3, 5, 11 11 11 0 0 0,    Pass",
        "3, 5, 11 - 11 - 11,      Fail",
        "3, 5, 11 11 -,           NoData",
        "3, 5, 11 11 11 -,        NoData",
        "3, 5, 11 11 - - - - 11,  Fail",
        "3, 5, -,                 NoData",
        "3, 5, - 0,               Pass",
        "5, 5, 11 11 11 11 0,     Pass",
        "5, 5, 11 11 11 11 11,    Fail",
    })
    void kOfTheLastN(int failures, int window, String readings, String verdict) {
        Analysis analysis = analysis(failures, window);
        List<MetricStatus> past = List.of();
        Instant now = START;
        for (String text : readings.split(" ", -1)) {
            now = now.plusSeconds(10);
            Reading reading =
                    text.equals("-") ? new Reading.NoData("gone") : new Reading.Value(Double.parseDouble(text));
            past = fold(analysis, past, Map.of("errors", reading), now);
        }
        assertThat(past).singleElement().satisfies(m -> {
            assertThat(m.verdict()).isEqualTo(verdict);
            assertThat(m.exceeded()).hasSizeLessThanOrEqualTo(window);
            assertThat(m.message()).isEqualTo(verdict.equals("NoData") ? "gone" : null);
        });
        assertThat(Thresholds.first(past, verdict)).isPresent();
    }

    @Test
    void defaultsAreThreeOfFive() {
        Threshold threshold = new Threshold(1, null, null);
        assertThat(threshold.failuresOrDefault()).isEqualTo(3);
        assertThat(threshold.windowOrDefault()).isEqualTo(5);
        assertThat(Analysis.of(null, null, List.of()).intervalOrDefault()).hasSeconds(60);
    }

    @Test
    void isDueOncePerInterval() {
        Analysis analysis = analysis(3, 5);
        Metric metric = analysis.metricsOrEmpty().getFirst();
        assertThat(Thresholds.due(analysis, metric, List.of(), START)).isTrue();
        List<MetricStatus> past = fold(analysis, List.of(), Map.of("errors", new Reading.Value(0)), START);
        assertThat(Thresholds.due(analysis, metric, past, START.plusMillis(9_999)))
                .isFalse();
        assertThat(Thresholds.due(analysis, metric, past, START.plusSeconds(10)))
                .isTrue();
    }

    @Test
    void withoutANewReadingTheStatusStays() {
        Analysis analysis = analysis(3, 5);
        List<MetricStatus> past = fold(analysis, List.of(), Map.of("errors", new Reading.Value(11)), START);
        assertThat(fold(analysis, past, Map.of(), START.plusSeconds(5))).isEqualTo(past);
        assertThat(fold(Analysis.of(null, null, List.of()), past, Map.of(), START))
                .as("a metric that is no longer asked for")
                .isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "0.032246020162248396, 0.01, 0.03225, 0.01",
        "123456.789,           100,  123500,  100",
        "11,                   10,   11,      10",
        "0.5,                  0,    0.5,     0",
    })
    void saysItInFourDigits(double value, double max, String seen, String limit) {
        assertThat(Thresholds.exceeding(MetricStatus.limited("errors", value, max, "Fail", List.of(true), null, START)))
                .isEqualTo("metric errors is %s, above %s".formatted(seen, limit));
    }
}
