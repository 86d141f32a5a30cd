package dev.segue.e2e.shop;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What is wrong with this shop, and how it behaves when it is told to end.
 *
 * @param errorRatio share of the requests answered with 500, drawn for each request: 0 none, 1 all
 * @param latency added to requests of users; probes and metrics are not slowed
 * @param latencyRatio share of the requests to which it is added, drawn for each request: below 1, only the tail is slow
 * @param readiness whether {@code /ready} ever says yes
 * @param crashAfter time from start after which the process dies with exit code 1, or null
 * @param shutdown what SIGTERM does
 * @param drain how long a graceful shop goes on taking requests after SIGTERM
 * @param queueDepth value of the gauge {@code shop_queue_depth}
 */
public record Faults(
        double errorRatio,
        Duration latency,
        double latencyRatio,
        Readiness readiness,
        @Nullable Duration crashAfter,
        Shutdown shutdown,
        Duration drain,
        double queueDepth) {

    /** Value of READY. */
    public enum Readiness {
        ALWAYS,
        NEVER
    }

    /** Value of SHUTDOWN: the process is gone at once and cuts what is in flight, or it drains first. */
    public enum Shutdown {
        ABRUPT,
        GRACEFUL
    }

    /** @throws Environment.Invalid when a variable has a value that cannot be used */
    public static Faults from(Environment environment) {
        double crashAfter = environment.number("CRASH_AFTER", 0, 0.001, 86_400);
        return new Faults(
                environment.number("ERROR_RATIO", 0, 0, 1),
                Duration.ofMillis(environment.wholeNumber("LATENCY_MS", 0, 0, 60_000)),
                environment.number("LATENCY_RATIO", 1, 0, 1),
                environment.choice("READY", Readiness.ALWAYS),
                crashAfter == 0 ? null : seconds(crashAfter),
                environment.choice("SHUTDOWN", Shutdown.ABRUPT),
                seconds(environment.number("DRAIN_SECONDS", 5, 0, 600)),
                environment.number("QUEUE_DEPTH", 0, 0, 1_000_000_000));
    }

    private static Duration seconds(double seconds) {
        return Duration.ofMillis(Math.round(seconds * 1000));
    }
}
