package dev.segue.e2e.shop;

import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
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
 * @param outage what fails requests of all shops at the same time, as a database that is away does; or null
 */
public record Faults(
        double errorRatio,
        Duration latency,
        double latencyRatio,
        Readiness readiness,
        @Nullable Duration crashAfter,
        Shutdown shutdown,
        Duration drain,
        double queueDepth,
        @Nullable Outage outage) {

    /**
     * Value of OUTAGE: beginning, end and ratio, such as {@code 2026-01-31T10:00:00Z/2026-01-31T10:00:20Z/0.5}.
     *
     * @param ratio share of the requests answered with 500 in that time, drawn for each request
     */
    public record Outage(Instant from, Instant until, double ratio) {
        static Outage parse(String text) {
            String[] parts = text.split("/", -1);
            try {
                if (parts.length == 3) {
                    var outage =
                            new Outage(Instant.parse(parts[0]), Instant.parse(parts[1]), Double.parseDouble(parts[2]));
                    if (outage.from.isBefore(outage.until) && outage.ratio > 0 && outage.ratio <= 1) {
                        return outage;
                    }
                }
            } catch (DateTimeParseException | NumberFormatException notOne) {
                // told below
            }
            throw Environment.invalid("OUTAGE", text, "BEGINNING/END/RATIO, such as " + EXAMPLE);
        }

        @Override
        public String toString() {
            return from + "/" + until + "/" + ratio;
        }
    }

    private static final String EXAMPLE = "2026-01-31T10:00:00Z/2026-01-31T10:00:20Z/0.5";

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
        String outage = environment.text("OUTAGE");
        double crashAfter = environment.number("CRASH_AFTER", 0, 0.001, 86_400);
        return new Faults(
                environment.number("ERROR_RATIO", 0, 0, 1),
                Duration.ofMillis(environment.wholeNumber("LATENCY_MS", 0, 0, 60_000)),
                environment.number("LATENCY_RATIO", 1, 0, 1),
                environment.choice("READY", Readiness.ALWAYS),
                crashAfter == 0 ? null : seconds(crashAfter),
                environment.choice("SHUTDOWN", Shutdown.ABRUPT),
                seconds(environment.number("DRAIN_SECONDS", 5, 0, 600)),
                environment.number("QUEUE_DEPTH", 0, 0, 1_000_000_000),
                outage == null ? null : Outage.parse(outage));
    }

    /** Share of the requests that fail at this time. */
    double errorRatio(Instant at) {
        return outage == null || at.isBefore(outage.from) || !at.isBefore(outage.until)
                ? errorRatio
                : Math.max(errorRatio, outage.ratio);
    }

    private static Duration seconds(double seconds) {
        return Duration.ofMillis(Math.round(seconds * 1000));
    }
}
