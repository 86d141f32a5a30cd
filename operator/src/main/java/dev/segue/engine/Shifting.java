package dev.segue.engine;

import dev.segue.analysis.Judgement;
import dev.segue.analysis.Thresholds;
import dev.segue.api.Analysis;
import dev.segue.api.MigrationStatus.MetricStatus;
import dev.segue.engine.Outcome.Await;
import dev.segue.engine.Outcome.Back;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/** One step of the ratio: as many target pods as the weight needs, beside the source at full size. */
final class Shifting {
    static final String HOLD = "Hold";

    static final List<Task> TASKS = List.of(
            new Task("SizeTarget", Target::size),
            new Task("AwaitTarget", Target::awaitAvailable),
            new Task("ProveEndpoints", Target::joined),
            new Task("Propagate", Target::propagate),
            new Task(HOLD, o -> hold(o, "SizeTarget")));

    private Shifting() {}

    /** Stays at the weight until its time is over, every metric has data and passes, and the source is healthy. */
    static Outcome hold(Observed o, String onResize) {
        if (Target.of(o).wanted() < Target.needed(o)) {
            return new Back(
                    onResize,
                    "Deployment %s now has %d replica(s), so the target needs %d pod(s)"
                            .formatted(
                                    o.spec().component().deployment(),
                                    Planner.deployment(o).replicas(),
                                    Target.needed(o)));
        }
        Judgement judgement = o.judgement();
        Instant until = Objects.requireNonNull(o.holdUntil());
        if (o.now().isBefore(until)) {
            return noData(o, judgement)
                    .orElseGet(() -> new Await("holding until "
                            + until
                            + judgement.mismatch().map("; "::concat).orElse("")));
        }
        if (Planner.deployment(o).replicas() == 0 || !Planner.deployment(o).settled()) {
            return new Await(
                    "SourceUnready",
                    "the source is not healthy (%d of %d available): going on would leave no way back"
                            .formatted(
                                    Planner.deployment(o).available(),
                                    Planner.deployment(o).replicas()));
        }
        return noData(o, judgement)
                .or(() -> failing(judgement))
                .or(() -> Gate.unmet(o, judgement))
                .orElse(Outcome.DONE);
    }

    private static Optional<Outcome> noData(Observed o, Judgement judgement) {
        List<MetricStatus> metrics =
                judgement.metrics().stream().filter(m -> m.max() != null).toList();
        Analysis analysis = o.spec().analysisOrDefault();
        if (metrics.size()
                < analysis.metricsOrEmpty().size() - analysis.comparing().size()) {
            return Optional.of(new Await("NoData", "not every metric has been evaluated yet"));
        }
        return Thresholds.first(metrics, Thresholds.NO_DATA)
                .map(m -> new Await(
                        "NoData",
                        "metric %s has no data, which is neither success nor harm, so the weight is held: %s"
                                .formatted(m.name(), m.message())));
    }

    /** A metric that exceeded its limit just now, though not often enough to fail, does not end a hold. */
    private static Optional<Outcome> failing(Judgement judgement) {
        return judgement.metrics().stream()
                .filter(m -> !m.exceeded().isEmpty() && m.exceeded().getLast())
                .findFirst()
                .map(m -> new Await(Thresholds.exceeding(m) + "; watching it before going on"));
    }
}
