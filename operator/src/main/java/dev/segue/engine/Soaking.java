package dev.segue.engine;

import dev.segue.engine.Outcome.Await;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/** All traffic is on the target; the source stays warm and the metrics stay on. */
final class Soaking {
    static final String SOAK = "Soak";

    static final List<Task> TASKS = Stream.concat(
                    CuttingOver.AGAIN.stream(),
                    Stream.of(
                            new Task("SizeTarget", Target::size),
                            new Task("AwaitTarget", o -> CuttingOver.alive(o, Target.awaitAvailable(o))),
                            new Task(SOAK, o -> CuttingOver.stillPinned(o, soak(o)))))
            .toList();

    private Soaking() {}

    private static Outcome soak(Observed o) {
        if (Guards.sourceChanged(o) && !Planner.deployment(o).carriesChange()) {
            return new Await(
                    "SourceDiverged",
                    "Deployment %1$s was changed to something else than the migration's target (its ReplicaSet was %2$s); nothing moves. Take that back (kubectl rollout undo deployment/%1$s), or abort the Migration"
                            .formatted(
                                    o.spec().component().deployment(),
                                    Objects.requireNonNull(o.status().source()).replicaSet()));
        }
        return Shifting.hold(o, "SizeTarget");
    }
}
