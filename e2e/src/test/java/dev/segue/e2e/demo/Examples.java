package dev.segue.e2e.demo;

import dev.segue.e2e.demo.Report.Moved;
import dev.segue.e2e.demo.Report.Stretch;
import dev.segue.e2e.demo.Report.Traffic;
import dev.segue.e2e.demo.Report.Verdict;
import dev.segue.e2e.witness.Kind;
import java.util.List;
import java.util.Map;

/** Migrations as the demo may see them. */
final class Examples {
    private Examples() {}

    static final Moved GOOD = new Moved(
            "shop-2-0-0",
            "1.0.0",
            "2.0.0",
            "Completed",
            "Adopt",
            61.5,
            5_600,
            0,
            Map.of(
                    Kind.NEW, Map.of("1.0.0", good(1_800), "2.0.0", good(1_860)),
                    Kind.KEEPALIVE, Map.of("1.0.0", good(840), "2.0.0", good(900)),
                    Kind.SLOW, Map.of("2.0.0", good(200))),
            List.of(new Stretch("Shifting", 28.1), new Stretch("Soaking", 12)),
            new Verdict("Completed", "the Deployment serves the new version"));

    static final Moved BAD = new Moved(
            "shop-3-0-0",
            "2.0.0",
            "3.0.0",
            "Reverted",
            "-",
            30,
            2_900,
            12,
            Map.of(
                    Kind.NEW, Map.of("2.0.0", good(2_000), "3.0.0", errors(500, 7)),
                    Kind.KEEPALIVE, Map.of("2.0.0", good(300), "3.0.0", errors(100, 5))),
            List.of(new Stretch("Shifting", 9), new Stretch("Reverting", 18)),
            new Verdict(
                    "MetricHarm",
                    "errors: 5 % of 400 target requests are bad, 0 % of the source's: 5 pp above 1.1 × the source"));

    static Traffic good(long requests) {
        return new Traffic(requests, 0, Map.of(), Map.of());
    }

    static Traffic errors(long requests, long with500) {
        return new Traffic(requests, with500, Map.of(), Map.of(500, with500));
    }

    static Moved with(Moved moved, long failures, Map<Kind, Map<String, Traffic>> traffic) {
        return new Moved(
                moved.name(),
                moved.from(),
                moved.to(),
                moved.phase(),
                moved.handover(),
                moved.seconds(),
                moved.requests(),
                failures,
                traffic,
                moved.phases(),
                moved.verdict());
    }

    static Moved with(Moved moved, String phase, Verdict verdict) {
        return new Moved(
                moved.name(),
                moved.from(),
                moved.to(),
                phase,
                moved.handover(),
                moved.seconds(),
                moved.requests(),
                moved.failures(),
                moved.traffic(),
                moved.phases(),
                verdict);
    }
}
