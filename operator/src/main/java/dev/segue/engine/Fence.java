package dev.segue.engine;

import dev.segue.api.Phase;
import dev.segue.engine.Observed.DeploymentFacts;
import dev.segue.report.Conditions;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * Before a migration goes back out of a handover: a change of the template that was sent and that the network still
 * holds up must not arrive any more, or the Deployment would roll out by itself what was to be taken back. Should it arrive
 * before the fence stands, the next look sees that it is too late to go back. Where a policy refuses it, there is none: the
 * same policy keeps the change out, and nobody may be kept from going back.
 */
final class Fence {
    private Fence() {}

    /** The look at which it is put up, when nothing else moves; empty when it stands, or nobody wants to go back. */
    static Optional<Decision> putUp(Observed o, StatusDraft draft) {
        DeploymentFacts d = o.deployment();
        Instant since = o.status().taskSince();
        boolean back = o.migration().deleting() || UserCommands.aborts(o);
        if (!back || o.status().phase() != Phase.HandingOver || !Planner.reversible(o) || d == null || since == null) {
            return Optional.empty();
        }
        String token = since.toString(); // one of an earlier task let later writes pass
        if (token.equals(d.fence()) || refused(o)) {
            return Optional.empty();
        }
        draft.leaveCommand(o);
        Decision still = Planner.unmoved(o, draft, Planner.NOW);
        return Optional.of(
                new Decision(still.status(), List.of(new Action.Fence(d.uid(), token)), still.notices(), still.next()));
    }

    private static boolean refused(Observed o) {
        return o.status()
                .condition(Conditions.WAITING)
                .filter(c -> c.reason().equals(Planner.FENCE_REFUSED))
                .isPresent();
    }
}
