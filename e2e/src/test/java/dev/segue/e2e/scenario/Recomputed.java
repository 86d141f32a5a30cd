package dev.segue.e2e.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.segue.analysis.Comparison;
import dev.segue.analysis.Counts;
import dev.segue.analysis.Evidence;
import dev.segue.analysis.Evidence.Bet;
import dev.segue.api.ComparisonStatus;
import dev.segue.api.ComparisonStatus.Checkpoint;
import dev.segue.api.ComparisonStatus.Counted;
import dev.segue.api.Metric;
import dev.segue.api.Migration;
import dev.segue.api.PrometheusSource;
import dev.segue.e2e.recorded.Detection;
import dev.segue.e2e.recorded.Recount;
import dev.segue.e2e.stage.Scene;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.assertj.core.data.Offset;

/** Each evaluation's figures are those of the raw samples, to the last bit, whoever has asked for them. */
final class Recomputed {
    /** Of a logarithm in the status, which has four digits behind the point. */
    private static final Offset<Double> ROUNDED = within(.00006);

    /** Those that rest on figures; the others tell what is in the way. */
    private static final Set<String> VERDICTS = Set.of("Harm", "NonInferior", "Undecided");

    private Recomputed() {}

    /** @return by metric what was detected, where anything was counted */
    static Map<String, List<Detection>> check(Scene scene, String migration) {
        List<Migration> history = scene.migrations().history(migration);
        PrometheusSource source =
                history.getLast().getSpec().analysisOrDefault().prometheus();
        return source == null ? Map.of() : check(scene.stage().prometheus(source.url())::samples, history);
    }

    static Map<String, List<Detection>> check(Recount.Samples raw, List<Migration> history) {
        var analysis = history.getLast().getSpec().analysisOrDefault();
        Map<String, List<Detection>> detected = new LinkedHashMap<>();
        for (Metric metric : analysis.comparing()) {
            List<Recount> recounts = Recount.all(raw, history, metric.name());
            recounts.forEach(Recomputed::check);
            List<Detection> detections = Detection.all(recounts, analysis.intervalOrDefault());
            if (!detections.isEmpty()) {
                detected.put(metric.name(), detections);
            }
        }
        return detected;
    }

    private static void check(Recount recount) {
        Checkpoint kept = recount.kept();
        String what = "%s from %s to %s".formatted(recount.said().name(), kept.from(), kept.until());
        assertThat(Sums.of(kept)).as(what).isEqualTo(Sums.of(recount));
        ComparisonStatus said = Objects.requireNonNull(recount.said().comparison());
        Comparison is = recount.comparison();
        counted(what + ", source", said.source(), recount.source());
        counted(what + ", target", said.target(), is.target());
        points(what + ", excess", said.effect().excess(), is.effect().excess());
        points(what + ", lower bound", said.effect().lower(), is.effect().lower());
        points(what + ", upper bound", said.effect().upper(), is.effect().upper());
        points(
                what + ", tolerance",
                said.effect().tolerance(),
                is.effect().tolerance().excess());
        assertThat(said.evidence().harm()).as(what).isCloseTo(is.harm().log(), ROUNDED);
        assertThat(said.evidence().harmNeeded()).as(what).isCloseTo(is.harm().needed(), ROUNDED);
        assertThat(said.evidence().nonInferior())
                .as(what)
                .isCloseTo(is.nonInferior().log(), ROUNDED);
        assertThat(said.evidence().nonInferiorNeeded())
                .as(what)
                .isCloseTo(is.nonInferior().needed(), ROUNDED);
        if (VERDICTS.contains(recount.said().verdict())) {
            assertThat(recount.said().verdict()).as(what).isEqualTo(is.verdict().name());
        }
    }

    private static void counted(String what, Counted said, Counts is) {
        assertThat(new Counts(said.bad(), said.total())).as(what).isEqualTo(is);
    }

    /** The status has as many digits as a human needs. */
    private static void points(String what, String said, double is) {
        BigDecimal shown = new BigDecimal(said.replace(" pp", ""));
        assertThat(shown)
                .as(what)
                .isEqualByComparingTo(BigDecimal.valueOf(100 * is).setScale(shown.scale(), RoundingMode.HALF_UP));
    }

    /** All that evidence consists of, as the operator keeps it and as it was added up. */
    private record Sums(
            int intervals,
            int missing,
            double factor,
            Counts source,
            Counts target,
            List<Double> strata,
            List<Double> harm,
            List<Double> nonInferior) {
        static Sums of(Checkpoint c) {
            return new Sums(
                    c.intervals(),
                    c.missing(),
                    c.factor(),
                    new Counts(c.sourceBad(), c.sourceTotal()),
                    new Counts(c.targetBad(), c.targetTotal()),
                    List.of(c.strataWeight(), c.strataSource(), c.strataTarget()),
                    c.harm(),
                    c.nonInferior());
        }

        static Sums of(Recount recount) {
            Evidence e = recount.evidence();
            return new Sums(
                    e.intervals(),
                    recount.missing(),
                    e.factor(),
                    e.source(),
                    e.target(),
                    List.of(e.strata().weight(), e.strata().source(), e.strata().target()),
                    Stream.concat(Stream.of(e.harm()), e.later().stream())
                            .flatMap(Sums::of)
                            .toList(),
                    of(e.nonInferior()).toList());
        }

        private static Stream<Double> of(List<Bet> bets) {
            return bets.stream().flatMap(b -> Stream.of(b.gain(), b.stake()));
        }
    }
}
