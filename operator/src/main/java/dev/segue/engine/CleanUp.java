package dev.segue.engine;

import dev.segue.api.Phase;
import dev.segue.engine.Action.ForgetFields;
import dev.segue.engine.Observed.ReplicaSetFacts;
import dev.segue.engine.Outcome.Act;
import java.util.ArrayList;
import java.util.List;

/** Removes what is still there of ours. */
final class CleanUp {
    static final List<Task> TASKS =
            List.of(new Task("DeleteHold", CleanUp::deleteHold), new Task("ForgetFields", CleanUp::forgetFields));

    private CleanUp() {}

    /**
     * What arrived after the end: an act that an operator had sent before it died, held up by the network. Only what
     * makes something new, or names a version of the Deployment that still is the latest, is not refused then.
     */
    static List<Action> stragglers(Observed o) {
        if (o.status().phase() == Phase.Stuck) {
            return Pins.dead(o) ? Pins.off(o) : List.of();
        }
        List<Action> late = new ArrayList<>();
        o.holds().forEach(h -> late.add(new Action.DeleteHold(h)));
        ReplicaSetFacts target = o.target();
        if (target != null && o.migration().uid().equals(target.controllerUid())) {
            late.add(new Action.DeleteTarget(target.name(), target.uid()));
        }
        // What has no owner's name on it may be the next Migration's: its pause, its entries of the managed fields.
        if (o.precededBy() == null && forgetFields(o) instanceof Act(var _, List<Action> traces)) {
            late.addAll(traces);
        }
        return late;
    }

    private static Outcome deleteHold(Observed o) {
        List<Action> left =
                o.holds().stream().<Action>map(Action.DeleteHold::new).toList();
        return left.isEmpty() ? Outcome.DONE : new Act("deleting the hold Service(s)", left);
    }

    private static Outcome forgetFields(Observed o) {
        List<Action> left = new ArrayList<>();
        if (o.deployment() != null && (o.deployment().marked() || o.deployment().fence() != null)) {
            if (HandingOver.pausedByUs(o.deployment())) {
                left.add(new Action.Resume(o.deployment().uid()));
            }
            left.add(new ForgetFields(
                    ForgetFields.Kind.Deployment, o.spec().component().deployment()));
        }
        ReplicaSetFacts adopted = o.target();
        if (adopted != null && adopted.marked()) {
            left.add(new ForgetFields(ForgetFields.Kind.ReplicaSet, adopted.name()));
        }
        o.services().stream()
                .filter(Observed.ServiceFacts::marked)
                .forEach(s -> left.add(new ForgetFields(ForgetFields.Kind.Service, s.name())));
        return left.isEmpty() ? Outcome.DONE : new Act("removing our traces from the managed fields", left);
    }
}
