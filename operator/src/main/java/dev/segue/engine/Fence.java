package dev.segue.engine;

import dev.segue.api.Phase;
import dev.segue.engine.Observed.DeploymentFacts;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * Before a migration goes back out of a handover: a change of the template that was sent and that the network still
 * holds up must not arrive any more, or the Deployment would roll out by itself what was to be taken back. Should it arrive
 * before the fence stands, the next look sees that it is too late to go back.
 */
final class Fence {
    private Fence() {}

    /** Empty when it stands, or is not needed. */
    static Optional<Action> missing(Observed o) {
        DeploymentFacts d = o.deployment();
        Instant since = o.status().taskSince();
        if (o.status().phase() != Phase.HandingOver || !Planner.reversible(o) || d == null || since == null) {
            return Optional.empty();
        }
        String token = since.toString(); // one of an earlier task let later writes pass
        return token.equals(d.fence()) ? Optional.empty() : Optional.of(new Action.Fence(d.uid(), token));
    }

    /** The look at which it is put up; nothing else moves. */
    static Decision putUp(Observed o, Action fence) {
        StatusDraft draft = new StatusDraft(o);
        draft.leaveCommand(o);
        Decision still = Planner.unmoved(o, draft, Planner.NOW);
        return new Decision(still.status(), List.of(fence), still.notices(), still.next());
    }
}
