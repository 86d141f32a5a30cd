package dev.segue.e2e.fault;

import static dev.segue.e2e.fault.Path.Deed.ABORT;
import static dev.segue.e2e.fault.Path.Deed.DELETE;
import static dev.segue.e2e.fault.Path.Deed.FAIL_METRIC;
import static dev.segue.e2e.fault.Path.Deed.RUN;
import static dev.segue.e2e.fault.Path.Setting.DATA;
import static dev.segue.e2e.fault.Path.Setting.SURROUNDINGS;
import static dev.segue.e2e.fault.Path.interrupted;
import static dev.segue.e2e.fault.Path.rehearsing;

import dev.segue.api.Phase;
import dev.segue.staging.StageName;
import java.util.List;

/** The paths whose every write is interrupted: what can be done to a migration, in each phase where it can be. */
final class Paths {
    private static final String HOLDING = """
            steps: [{weight: 25, hold: %s}, {weight: 100, hold: %s}]
            verify: {propagation: 1s, drain: {wait: 1s}}
            """;

    private static final String STAGED = Lab.SWIFT + Lab.REHEARSED;

    private static final String PLANNED = Lab.SWIFT + "mode: Plan\n";

    private static final String MOVED = Lab.SWIFT + "staging: {keep: Never, rehearse: true, load: {rate: 10}}\n";

    private static final String COPIED_DATA = Lab.SWIFT + "staging: {keep: Never, snapshots: [{claim: data}]}\n";

    /** What a rehearsal copies of the surroundings, and runs in them. */
    private static final String SURROUNDED = Lab.SWIFT + """
            staging:
              keep: Never
              secrets: {map: {db: db-staging}}
              dependencies: [{name: app-ledger, mode: Stub, image: "%1$s"}]
              seeds: [{name: fill, image: "%2$s", args: [dev.segue.Main, probe]}]
              tests: [{name: nothing, image: "%2$s", args: [dev.segue.Main, probe]}]
            """.formatted(Lab.image("1"), Lab.OPERATOR_IMAGE);

    /** The kubelet knows at once that there is none, mostly before it is waited for. */
    private static final String NO_SUCH_IMAGE = Lab.to("0");

    private static final String AWAIT_TARGET = "Preparing/AwaitTarget";

    private Paths() {}

    /** @param analysis part of a spec with the metric that can be made to fail */
    static List<Path> all(String analysis) {
        return List.of(
                Path.of("adopt", Lab.to("2"), Lab.SWIFT, Phase.Completed),
                Path.of("settle", Lab.to("2"), Lab.SWIFT + "handover: {via: Settle}\n", Phase.Completed),
                interrupted(ABORT, "Soaking/Soak", Phase.Reverted),
                Path.of("rehearse", Lab.to("2"), STAGED, Phase.Completed),
                Path.of("moves there and back", Lab.to("2"), MOVED, Phase.Completed)
                        .crashedBetween("Staging/RunTests", "Staging/JudgeStaging"),
                interrupted(RUN, "Planned/AwaitRun", Lab.to("2"), PLANNED, Phase.Completed)
                        .crashedUpTo("Preparing/HoldEndpoints"),
                rehearsing(ABORT, Lab.MIGRATION, "Staging/DeploySource", Lab.to("2"), MOVED, Phase.Failed),
                rehearsing(ABORT, StageName.MOVES, "CuttingOver/DrainSource", Lab.to("2"), MOVED, Phase.Failed),
                rehearsing(DELETE, Lab.MIGRATION, "Staging/RehearseMoves", Lab.to("2"), MOVED, Phase.Failed),
                rehearsing(DELETE, StageName.MOVES, "Shifting/Hold", Lab.to("2"), MOVED, Phase.Failed),
                rehearsing(DELETE, StageName.MOVES, "Reverting/StopTarget", Lab.to("2"), MOVED, Phase.Failed),
                Path.of("surroundings are copied", Lab.to("2"), SURROUNDED, Phase.Completed)
                        .in(SURROUNDINGS)
                        .crashedBetween("Staging/CreateNamespace", "Preparing/HoldEndpoints"),
                interrupted(DELETE, "Staging/SeedData", Lab.to("2"), SURROUNDED, Phase.Failed)
                        .in(SURROUNDINGS),
                Path.of("volumes are copied", Lab.to("2"), COPIED_DATA, Phase.Completed)
                        .in(DATA)
                        .crashedBetween("Staging/SnapshotVolumes", "Preparing/HoldEndpoints"),
                interrupted(DELETE, "Staging/SnapshotVolumes", Lab.to("2"), COPIED_DATA, Phase.Failed)
                        .in(DATA),
                Path.of("no such image", NO_SUCH_IMAGE, Lab.SWIFT, Phase.Reverted)
                        .withFleeting(AWAIT_TARGET),
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
                interrupted(ABORT, "Planned/AwaitRun", Lab.to("2"), PLANNED, Phase.Failed),
                interrupted(ABORT, "Staging/CopyObjects", Lab.to("2"), STAGED, Phase.Failed),
                interrupted(ABORT, "Preparing/AwaitTarget", Phase.Reverted),
                interrupted(ABORT, "Shifting/Hold", Phase.Reverted),
                interrupted(ABORT, "CuttingOver/DrainSource", Phase.Reverted),
                interrupted(ABORT, "HandingOver/ApplyChangePaused", Phase.Reverted),
                interrupted(ABORT, "HandingOver/ReleaseTarget", Phase.Completed), // too late to go back
                interrupted(ABORT, "Finishing/DeleteHold", Phase.Completed), // and here
                interrupted(ABORT, "Reverting/StopTarget", NO_SUCH_IMAGE, Lab.SWIFT, Phase.Reverted)
                        .withFleeting(AWAIT_TARGET),
                interrupted(DELETE, "Pending/AwaitTurn", Phase.Pending),
                interrupted(DELETE, "Assessing/AwaitSource", Phase.Assessing),
                interrupted(DELETE, "Planned/AwaitRun", Lab.to("2"), PLANNED, Phase.Planned),
                interrupted(DELETE, "Staging/CreateNamespace", Lab.to("2"), STAGED, Phase.Failed),
                interrupted(DELETE, "Staging/CopyObjects", Lab.to("2"), STAGED, Phase.Failed),
                interrupted(DELETE, "Staging/AwaitStagedTarget", Lab.to("2"), STAGED, Phase.Failed),
                interrupted(DELETE, "Staging/RunTests", Lab.to("2"), STAGED, Phase.Failed),
                interrupted(DELETE, "Staging/LeaveStaging", Lab.to("2"), STAGED, Phase.Failed),
                interrupted(DELETE, "Preparing/AwaitTarget", Phase.Reverted),
                interrupted(DELETE, "Shifting/Hold", Phase.Reverted),
                interrupted(DELETE, "CuttingOver/DrainSource", Phase.Reverted),
                interrupted(DELETE, "Soaking/Soak", Phase.Reverted),
                interrupted(DELETE, "HandingOver/ApplyChangePaused", Phase.Reverted),
                interrupted(DELETE, "HandingOver/ReleaseTarget", Phase.Completed), // too late to go back
                interrupted(DELETE, "Finishing/DeleteHold", Phase.Completed),
                interrupted(DELETE, "Reverting/StopTarget", NO_SUCH_IMAGE, Lab.SWIFT, Phase.Reverted)
                        .withFleeting(AWAIT_TARGET));
    }
}
