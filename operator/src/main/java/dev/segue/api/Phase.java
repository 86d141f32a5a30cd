package dev.segue.api;

/** Where a migration is in its life. "Paused in Shifting" stays in Shifting: waiting is a condition, not a phase. */
public enum Phase {
    Pending("accepted; not yet looked at"),
    Assessing("checks whether the workload can be moved safely; nothing has been written"),
    Planned("the plan stands in the status; nothing has been written, as spec.mode is Plan"),
    Staging("rehearses the change in an isolated copy; production is untouched"),
    Preparing("starts the target's first pods beside the source"),
    Shifting("raises the target's share of the traffic step by step"),
    CuttingOver("sizes the target fully, points the Services at it alone and proves it"),
    Soaking("all traffic is on the target; the source is kept warm for a way back"),
    HandingOver("gives the target back to the Deployment; from here it only goes forward"),
    Finishing("removes the helpers"),
    Reverting("moves the traffic back to the source and removes the target"),
    Completed("the Deployment serves the new version; nothing of Segue is left", true),
    Reverted("the Deployment serves the old version; nothing of Segue is left", true),
    Failed("ended before production was touched", true),
    Stuck("needs a human; traffic is being served", true);

    private final String description;
    private final boolean terminal;

    Phase(String description) {
        this(description, false);
    }

    Phase(String description, boolean terminal) {
        this.description = description;
        this.terminal = terminal;
    }

    /** One line for humans, without a full stop. */
    public String description() {
        return description;
    }

    /** Whether something of ours may be in the cluster: then the Migration has our finalizer. */
    public boolean engaged() {
        return switch (this) {
            case Pending, Assessing, Planned, Completed, Reverted, Failed -> false;
            case Staging, Preparing, Shifting, CuttingOver, Soaking, HandingOver, Finishing, Reverting, Stuck -> true;
        };
    }

    /** Whether the operator has nothing more to do. */
    public boolean terminal() {
        return terminal;
    }

    /** Whether it has ended for good: one that is stuck may still have its target serving. */
    public boolean over() {
        return terminal && !engaged();
    }
}
