package dev.segue.engine;

import dev.segue.api.Durations;
import dev.segue.api.MigrationStatus.DrainStatus;
import dev.segue.api.Verify;
import dev.segue.engine.Outcome.Await;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** The proof that pods without new traffic have none at all, so that stopping them fails no request. */
final class Drain {
    static final String WAITING = "Draining";

    private Drain() {}

    /**
     * @param replicaSet whose pods are drained, for the message
     * @param reversible whether going on means no more than soaking: then a Proceed stops nothing yet
     */
    static Outcome of(Observed o, String replicaSet, boolean reversible) {
        Verify.Drain drain = o.spec().verifyOrDefault().drainOrDefault();
        if (drain.query() == null) {
            return ofTime(o, replicaSet);
        }
        DrainStatus seen = o.drain();
        if (quiet(o, seen, drain.quietForOrDefault())) {
            return Outcome.DONE;
        }
        if (Timer.expired(o, drain.timeoutOrDefault())) {
            return drain.proceedsOnTimeout()
                    ? Outcome.DONE
                    : new Await(
                            WAITING,
                            "the pods of %s %s after %s (verify.drain.timeout); they are kept. %s"
                                    .formatted(
                                            replicaSet,
                                            state(seen),
                                            Durations.format(drain.timeoutOrDefault()),
                                            remedy(reversible)));
        }
        return new Await(WAITING, "the pods of %s %s".formatted(replicaSet, state(seen)));
    }

    /** Drained when the fixed time is over. */
    static Outcome ofTime(Observed o, String replicaSet) {
        Duration wait = o.spec().verifyOrDefault().drainOrDefault().waitOrDefault();
        return Timer.expired(o, wait)
                ? Outcome.DONE
                : new Await(
                        WAITING,
                        "the pods of %s get %s to finish what they have (verify.drain.wait)"
                                .formatted(replicaSet, Durations.format(wait)));
    }

    private static boolean quiet(Observed o, @Nullable DrainStatus seen, Duration quietFor) {
        Instant since = seen == null ? null : seen.quietSince();
        return Timer.passed(o, since, quietFor) && Timer.expired(o, quietFor);
    }

    private static String state(@Nullable DrainStatus seen) {
        if (seen == null) {
            return "have not been asked for their requests yet";
        }
        if (seen.requests() == null) {
            return "may have requests, the query has no data: " + seen.message();
        }
        return seen.requests() > 0
                ? "still get requests (%.1f by verify.drain.query)".formatted(seen.requests())
                : "have had no request since " + seen.quietSince();
    }

    private static String remedy(boolean reversible) {
        return "Clients hold connections that a Service cannot move: let the application close them (graceful shutdown,"
                + " a limited connection lifetime), restart the clients, or set verify.drain.onTimeout: Proceed"
                + (reversible ? "" : " to stop the pods all the same");
    }
}
