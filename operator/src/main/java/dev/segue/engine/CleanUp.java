package dev.segue.engine;

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

    private static Outcome deleteHold(Observed o) {
        List<Action> left =
                o.holds().stream().<Action>map(Action.DeleteHold::new).toList();
        return left.isEmpty() ? Outcome.DONE : new Act("deleting the hold Service(s)", left);
    }

    private static Outcome forgetFields(Observed o) {
        List<Action> left = new ArrayList<>();
        if (o.deployment() != null && o.deployment().marked()) {
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
