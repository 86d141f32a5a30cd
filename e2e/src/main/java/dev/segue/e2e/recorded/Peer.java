package dev.segue.e2e.recorded;

import dev.segue.analysis.Observation;
import java.time.Duration;
import java.util.List;

/**
 * A threshold rule in the style of the peers, on the target's ratio in each interval: those that docs/verdict.md simulates.
 *
 * @param successRate below which a check has failed
 * @param fatal so many failed checks, in a row or not, roll back
 */
public record Peer(String name, double successRate, int fatal) {
    private static final double ROUNDING = 1e-12;

    /** Flagger rolls back at its threshold, Argo Rollouts above its failureLimit. */
    public static final List<Peer> ALL = List.of(
            new Peer("Flagger (99 %, threshold 5)", .99, 5), new Peer("Argo Rollouts (99 %, failureLimit 3)", .99, 4));

    /** What it would have done on these checks, of which there is at least one. */
    public Detection on(List<Observation> checks, Duration interval) {
        int failed = 0;
        for (int k = 0; k < checks.size(); k++) {
            if (checks.get(k).counts().target().ratio() > 1 - successRate + ROUNDING) {
                failed++;
            }
            if (failed == fatal) {
                return Detection.of(name, "rolls back", checks.subList(0, k + 1), interval);
            }
        }
        return Detection.of(name, "goes on (%d failed)".formatted(failed), checks, interval);
    }
}
