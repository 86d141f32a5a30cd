package dev.segue.e2e.referee;

import dev.segue.api.MigrationStatus;
import dev.segue.api.Phase;
import java.util.Objects;
import java.util.Set;

/** What the operator does to the cluster. */
enum Act {
    CREATE_TARGET,
    GROW_TARGET,
    SHRINK_TARGET,
    STOP_TARGET,
    RELEASE_TARGET,
    DELETE_TARGET,
    CREATE_HOLD,
    DELETE_HOLD,
    PIN_TARGET,
    PIN_DEPLOYMENT,
    WIDEN,
    APPLY_CHANGE,
    PAUSE,
    RESUME,
    FENCE,
    FORGET_FIELDS,
    WRITE_REPORT,
    OTHER;

    /** Whether the status says that this may be done now. */
    boolean intended(MigrationStatus status) {
        // Whatever the handover was doing: what was handed over may be lost, and to widen at once is the safe move; and
        // it may
        // be aborted, before which it is fenced.
        return tasks().contains(Objects.requireNonNullElse(status.task(), ""))
                || ((this == WIDEN || this == FENCE) && status.phaseOrPending() == Phase.HandingOver);
    }

    /** The tasks of docs/lifecycle.md that do this. */
    private Set<String> tasks() {
        return switch (this) {
            case CREATE_TARGET -> Set.of("CreateTarget");
            case GROW_TARGET -> Set.of("SizeTarget", "ReleaseTarget", "PinTarget");
            case STOP_TARGET -> Set.of("StopTarget");
            case RELEASE_TARGET -> Set.of("ReleaseTarget");
            case DELETE_TARGET -> Set.of("DeleteTarget", "StopTarget");
            case CREATE_HOLD -> Set.of("HoldEndpoints");
            case DELETE_HOLD -> Set.of("DeleteHold");
            case PIN_TARGET -> Set.of("PinTarget", "AwaitRollout");
            case PIN_DEPLOYMENT -> Set.of("PinDeployment");
            case WIDEN -> Set.of("Unpin", "PinDeployment", "PinTarget");
            case APPLY_CHANGE -> Set.of("ApplyChange", "ApplyChangePaused");
            case PAUSE -> Set.of("ApplyChangePaused");
            case RESUME ->
                Set.of(
                        "Resume",
                        "ApplyChange",
                        "ApplyChangePaused",
                        "ReleaseTarget",
                        "AwaitRollout",
                        "PinDeployment",
                        "ForgetFields");
            case FORGET_FIELDS -> Set.of("ForgetFields");
            case WRITE_REPORT -> Set.of("WriteReport");
            case FENCE -> Set.of(); // by the phase
            case SHRINK_TARGET, OTHER -> Set.of(); // never: pods with traffic, or all of them, are stopped
        };
    }
}
