package dev.segue.e2e.hands;

import dev.segue.api.Handover.Via;
import dev.segue.api.Phase;
import dev.segue.e2e.fault.Lab;

/**
 * A moment of a migration: the API server has accepted that the status names this task, and the operator has not heard
 * of it yet. So the next thing that it sees is what the hand has done.
 */
enum Moment {
    /** Not looked at yet. */
    PENDING(Phase.Pending, "AwaitTurn"),
    ASSESSING(Phase.Assessing, "AwaitSource"),
    /** The plan stands, and is not run. */
    PLANNED(Phase.Planned, "AwaitRun"),
    /** The copy is there, and its tests are about to run. */
    STAGING(Phase.Staging, "RunTests"),
    /** Nothing of Segue is there yet. */
    BEGINNING(Phase.Preparing, "HoldEndpoints"),
    /** About to create the target's ReplicaSet. */
    CREATING(Phase.Preparing, "CreateTarget"),
    PREPARING(Phase.Preparing, "AwaitTarget"),
    /** The nodes get their time to know the target's pods. */
    PROPAGATING(Phase.Shifting, "Propagate"),
    SHIFTING(Phase.Shifting, "Hold"),
    /** About to give the target its full size. */
    GROWING(Phase.CuttingOver, "SizeTarget"),
    /** About to narrow the Service to the target. */
    FLIPPING(Phase.CuttingOver, "PinTarget"),
    CUTTING_OVER(Phase.CuttingOver, "DrainSource"),
    SOAKING(Phase.Soaking, "Soak"),
    /** The Deployment has the new template and is paused. */
    ADOPTING(Phase.HandingOver, "ReleaseTarget"),
    /** The Deployment has the target's ReplicaSet. */
    ADOPTED(Phase.HandingOver, "AwaitAdoption"),
    /** About to write the new template into the Deployment, which then builds its own pods. */
    CHANGING(Phase.HandingOver, "ApplyChange"),
    /** The Deployment builds its own pods of the new version. */
    SETTLING(Phase.HandingOver, "AwaitRollout"),
    /** The Deployment's own pods have the traffic, and the target's run idle. */
    WITHDRAWING(Phase.HandingOver, "DrainTarget"),
    FINISHING(Phase.Finishing, "DeleteHold"),
    /** The way back from {@link #SOAKING} begins. */
    GOING_BACK(Phase.Reverting, "HoldEndpoints"),
    /** As {@link #WITHDRAWING}, on the way back from {@link #SOAKING}. */
    REVERTING(Phase.Reverting, "DrainTarget");

    /** One after the other, of a migration that nothing stops; at least one for each phase in which it works. */
    private static final Moment[] ON_THE_WAY = {
        ASSESSING,
        STAGING,
        PREPARING,
        SHIFTING,
        FLIPPING,
        CUTTING_OVER,
        SOAKING,
        ADOPTING,
        ADOPTED,
        SETTLING,
        WITHDRAWING,
        FINISHING
    };

    private final Phase phase;
    private final String task;

    Moment(Phase phase, String task) {
        this.phase = phase;
        this.task = task;
    }

    static Moment[] onTheWay() {
        return ON_THE_WAY.clone();
    }

    Phase phase() {
        return phase;
    }

    /** As {@link dev.segue.e2e.fault.ApiRequest#task} gives it. */
    String task() {
        return phase + "/" + task;
    }

    /** What a Migration's spec has to have to come here, beside its {@code handover}. */
    String spec() {
        return switch (this) {
            case PLANNED -> "mode: Plan\n";
            case STAGING -> Lab.REHEARSED;
            default -> "";
        };
    }

    Via via() {
        return this == CHANGING || this == SETTLING || this == WITHDRAWING ? Via.Settle : Via.Auto;
    }
}
