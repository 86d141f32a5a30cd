package dev.segue.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.segue.api.Analysis;
import dev.segue.api.Deadline;
import dev.segue.api.Handover.Via;
import dev.segue.api.Metric;
import dev.segue.api.MigrationSpec.OnFailure;
import dev.segue.api.Phase;
import dev.segue.api.PrometheusSource;
import dev.segue.api.Step;
import dev.segue.api.Verify;
import java.util.List;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * A migration of two pods behind one Service, disturbed in every way at every point, and then in every way at every
 * point of what follows. {@code -Dsegue.explore.depth=3} adds a third disturbance, which takes hours and a heap of 12 GiB.
 */
@Execution(ExecutionMode.CONCURRENT)
class ExplorationTest {
    private static final int DEPTH = Integer.getInteger("segue.explore.depth", 2);

    @ParameterizedTest
    @CsvSource({"Adopt, Revert, 1_150_000", "Settle, Revert, 1_250_000", "Adopt, Hold, 1_130_000"})
    void whateverHappensItEndsWell(Via via, OnFailure onFailure, String states) {
        Exploration exploration = new Exploration(() -> new Situation(spec(via, onFailure))).run(DEPTH);
        System.out.printf(
                "%s, %s, %d disturbances: %,d states, ends %s%n  %s%n  %s%n",
                via,
                onFailure,
                DEPTH,
                exploration.states(),
                exploration.ends,
                exploration.happened,
                exploration.claims);
        assertThat(exploration.violations).as(() -> exploration.met.toString()).isEmpty();
        if (DEPTH > 1) {
            assertThat(exploration.states())
                    .as("it has not shrunk")
                    .isGreaterThan(Integer.parseInt(states.replace("_", "")));
            assertThat(exploration.happened).as("each way was taken").containsOnlyKeys(Disturbance.values());
        }
        assertThat(exploration.ends.keySet())
                .contains(Phase.Completed, Phase.Reverted, Phase.Failed, Phase.Stuck, Phase.HandingOver);
    }

    /** Each time is one tick of {@link Situation#TICK}, the deadline four. */
    private static Spec spec(Via via, OnFailure onFailure) {
        Spec spec = new Spec().via(via).onFailure(onFailure);
        spec.steps = List.of(new Step(25, "15s"), new Step(100, "15s"));
        spec.verify = new Verify("15s", new Verify.Drain(null, null, "15s", null, null));
        spec.deadline = new Deadline("60s", "8760h");
        spec.analysis = Analysis.of(
                new PrometheusSource("http://prometheus:9090", null, null, null, null),
                "15s",
                List.of(Metric.limited("errors", "errors", new Metric.Threshold(10, 1, 1))));
        return spec;
    }
}
