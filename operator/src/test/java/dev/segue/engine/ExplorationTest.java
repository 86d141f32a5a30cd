package dev.segue.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.segue.api.Handover.Via;
import dev.segue.api.Step;
import dev.segue.api.Deadline;
import dev.segue.api.Verify;
import dev.segue.api.Analysis;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ExplorationTest {
    static Spec spec(Via via) {
        Spec spec = new Spec().via(via);
        spec.steps = List.of(new Step(25, "15s"), new Step(100, "15s"));
        spec.verify = new Verify("15s", new Verify.Drain(null, null, "15s", null, null));
        spec.deadline = new Deadline("60s", "8760h");
        spec.analysis = new Analysis(new Analysis.Prometheus("http://prometheus:9090"), "15s",
                List.of(new Analysis.Metric("errors", "errors", new Analysis.Threshold(10, 1, 1))));
        return spec;
    }

    public static void main(String[] args) {
        for (String via : args[0].split(",")) {
            long t = System.nanoTime();
            Exploration e = new Exploration(() -> new Situation(spec(Via.valueOf(via))));
            try { e.run(Integer.parseInt(args[1])); } catch (IllegalStateException x) { x.printStackTrace(); }
            System.out.printf("%s: %d states, %d ms, ends %s%n", via, e.states(), (System.nanoTime() - t) / 1000000, e.ends);
            e.met.forEach((k, v) -> System.out.println("  " + v + "x " + k));
            int most = args.length > 2 ? Integer.parseInt(args[2]) : 2;
            e.violations.entrySet().stream().limit(most).forEach(v -> System.out.println(v.getKey() + "\n" + v.getValue()));
        }
    }

    @ParameterizedTest
    @CsvSource({"Adopt, 1", "Settle, 1"})
    void explored(Via via, int depth) {
        Exploration e = new Exploration(() -> new Situation(spec(via))).run(depth);
        assertThat(e.violations).isEmpty();
    }
}
