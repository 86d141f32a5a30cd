package dev.segue.e2e.fault;

import static dev.segue.e2e.fault.Path.Deed.ABORT;
import static dev.segue.e2e.fault.Path.Deed.DELETE;
import static dev.segue.e2e.fault.Path.Deed.FAIL_METRIC;
import static dev.segue.e2e.fault.Path.interrupted;

import dev.segue.api.Phase;
import java.util.List;

/** The paths whose every write is interrupted: what can be done to a migration, in each phase where it can be. */
final class Paths {
    private static final String HOLDING = """
            steps: [{weight: 25, hold: %s}, {weight: 100, hold: %s}]
            verify: {propagation: 1s, drain: {wait: 1s}}
            """;

    private static final String NO_SUCH_IMAGE = Lab.to("0");

    private Paths() {}

    /** @param analysis part of a spec with the metric that can be made to fail */
    static List<Path> all(String analysis) {
        return List.of(
                Path.of("adopt", Lab.to("2"), Lab.SWIFT, Phase.Completed),
                Path.of("settle", Lab.to("2"), Lab.SWIFT + "handover: {via: Settle}\n", Phase.Completed),
                interrupted(ABORT, "Soaking/Soak", Phase.Reverted),
                Path.of("no such image", NO_SUCH_IMAGE, Lab.SWIFT, Phase.Reverted),
                interrupted(
                        FAIL_METRIC,
                        "Shifting/Hold",
                        Lab.to("2"),
                        HOLDING.formatted("10m", "0s") + analysis,
                        Phase.Reverted),
                interrupted(
                        FAIL_METRIC,
                        "Soaking/Soak",
                        Lab.to("2"),
                        HOLDING.formatted("0s", "10m") + analysis,
                        Phase.Reverted),
                interrupted(ABORT, "Pending/AwaitTurn", Phase.Failed),
                interrupted(ABORT, "Assessing/AwaitSource", Phase.Failed),
                interrupted(ABORT, "Preparing/AwaitTarget", Phase.Reverted),
                interrupted(ABORT, "Shifting/Hold", Phase.Reverted),
                interrupted(ABORT, "CuttingOver/DrainSource", Phase.Reverted),
                interrupted(ABORT, "HandingOver/ApplyChangePaused", Phase.Reverted),
                interrupted(ABORT, "HandingOver/ReleaseTarget", Phase.Completed), // too late to go back
                interrupted(DELETE, "Pending/AwaitTurn", Phase.Pending),
                interrupted(DELETE, "Assessing/AwaitSource", Phase.Assessing),
                interrupted(DELETE, "Preparing/AwaitTarget", Phase.Reverted),
                interrupted(DELETE, "Shifting/Hold", Phase.Reverted),
                interrupted(DELETE, "CuttingOver/DrainSource", Phase.Reverted),
                interrupted(DELETE, "Soaking/Soak", Phase.Reverted),
                interrupted(DELETE, "HandingOver/ApplyChangePaused", Phase.Reverted),
                interrupted(DELETE, "HandingOver/ReleaseTarget", Phase.Completed), // too late to go back
                interrupted(DELETE, "Finishing/DeleteHold", Phase.Completed),
                interrupted(DELETE, "Reverting/StopTarget", NO_SUCH_IMAGE, Lab.SWIFT, Phase.Reverted));
    }
}
