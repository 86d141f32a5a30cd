package dev.segue.engine;

import dev.segue.api.Durations;
import dev.segue.engine.Observed.PodFacts;
import dev.segue.engine.Outcome.Await;
import dev.segue.engine.Outcome.Fail;
import dev.segue.engine.StageFacts.Unready;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** What runs in the copy of production has to get available there. */
final class StagePods {
    private StagePods() {}

    /**
     * A version that starts faster than what it calls would be condemned for that. Only after the seeds, which may be what
     * a dependency needs. One that crashes may wait for another one; one without an image waits in vain.
     */
    static Outcome dependencies(Observed o) {
        List<Unready> unready = Staging.stage(o).unready();
        if (unready.isEmpty()) {
            return Outcome.DONE;
        }
        if (Timer.expired(o, Staging.PULL_GRACE)) {
            for (Unready one : unready) {
                Optional<PodFacts> pod =
                        one.pods().stream().filter(Guards::neverStarts).findFirst();
                if (pod.isPresent()) {
                    return new Fail(new Failure(
                            "StagingIncomplete",
                            "dependency %s does not start in staging: %s"
                                    .formatted(one.deployment(), trouble(pod.get())),
                            remedy(o)));
                }
            }
        }
        String names = unready.stream().map(Unready::deployment).collect(Collectors.joining(", "));
        Duration limit = o.spec().deadlineOrDefault().prepareOrDefault();
        return Timer.expired(o, limit)
                ? new Fail(new Failure(
                        "StagingIncomplete",
                        "dependencies do not get available in staging within %s (deadline.prepare): %s"
                                .formatted(Durations.format(limit), names),
                        remedy(o)))
                : new Await("waiting for dependencies to get available in staging: " + names);
    }

    private static String remedy(Observed o) {
        return "kubectl -n %s describe pods; correct spec.staging.dependencies, then give the command retry"
                .formatted(Staging.status(o).namespace());
    }

    /** So many pods of a version have to get available there. */
    static Outcome available(Observed o, int wanted, String version) {
        List<PodFacts> pods = Staging.stage(o).pods();
        long available = pods.stream().filter(PodFacts::available).count();
        if (available >= wanted) {
            return Outcome.DONE;
        }
        Optional<String> trouble = pods.stream()
                .filter(p -> p.trouble() != null || p.restarts() >= Guards.RESTARTS)
                .map(StagePods::trouble)
                .findFirst();
        if (trouble.isPresent() && Timer.expired(o, Staging.PULL_GRACE)) {
            return new Fail(new Failure(
                    "StagingTargetFailed",
                    "%s does not get ready in staging: %s".formatted(version, trouble.get()),
                    "kubectl -n %s describe pods; repair it, then give the command retry"
                            .formatted(Staging.status(o).namespace())));
        }
        Duration limit = o.spec().deadlineOrDefault().prepareOrDefault();
        String seen = "%d of %d pod(s) of %s are available in staging".formatted(available, wanted, version);
        return Timer.expired(o, limit)
                ? new Fail(new Failure(
                        "StagingTargetFailed",
                        "%s after %s (deadline.prepare)".formatted(seen, Durations.format(limit)),
                        "kubectl -n %s describe pods"
                                .formatted(Staging.status(o).namespace())))
                : new Await(seen);
    }

    private static String trouble(PodFacts pod) {
        return pod.trouble() == null
                ? "pod %s was restarted %d times".formatted(pod.name(), pod.restarts())
                : "pod %s: %s%s"
                        .formatted(
                                pod.name(),
                                pod.trouble(),
                                pod.troubleMessage() == null ? "" : ": " + pod.troubleMessage());
    }
}
