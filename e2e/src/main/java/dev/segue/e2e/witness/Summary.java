package dev.segue.e2e.witness;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the witness saw, so far or in the end. {@code requests = ok + connectionFailures + non2xx} holds in every part.
 *
 * @param target where the requests went
 * @param from when the first counted request was due
 * @param to when the last one ended
 * @param requests that ended, well or not
 * @param failures {@code connectionFailures + non2xx}
 * @param failureRatio {@code failures / requests}, 0 when there was none
 * @param connectionFailures requests without a complete answer
 * @param non2xx complete answers with another status than 2xx
 * @param outstanding requests on their way; 0 in the end
 * @param maxLateMs the longest delay of a request by the witness itself
 * @param connectionsOpened by each kind of client, failed attempts included
 * @param longestFailureRun the run of failed requests, none between them successful, with the most requests; or null
 * @param byKind what each kind of client saw, by the version that answered ({@link #NO_VERSION} where none did)
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Summary(
        String target,
        @Nullable Instant from,
        @Nullable Instant to,
        long requests,
        long failures,
        double failureRatio,
        long connectionFailures,
        long non2xx,
        long outstanding,
        double maxLateMs,
        Map<Kind, Long> connectionsOpened,
        @Nullable FailureRun longestFailureRun,
        Map<Kind, Map<String, Part>> byKind) {

    /** The version of requests that nobody answered, or whose answer names none. */
    public static final String NO_VERSION = "none";

    /**
     * Requests of one kind to one version.
     *
     * @param connectionFailures number by class of error
     * @param non2xx number by status
     */
    public record Part(
            long requests,
            long ok,
            Map<String, Long> connectionFailures,
            Map<Integer, Long> non2xx,
            Latency latencyMs) {
        static final Part NONE = new Part(0, 0, Map.of(), Map.of(), new Latency(0, 0, 0));
    }

    /** Milliseconds from when a request was due until it ended, failed ones included. */
    public record Latency(double p50, double p99, double max) {}

    /**
     * Consecutive failures in the order in which the requests ended.
     *
     * @param from when the first of them was due
     * @param to when the last of them ended
     */
    public record FailureRun(long requests, Instant from, Instant to) {}

    /** Requests of one kind, to all versions. */
    public long requests(Kind kind) {
        return byKind.getOrDefault(kind, Map.of()).values().stream()
                .mapToLong(Part::requests)
                .sum();
    }

    /** What one kind of client saw of one version; all zero when it saw nothing of it. */
    public Part part(Kind kind, String version) {
        return byKind.getOrDefault(kind, Map.of()).getOrDefault(version, Part.NONE);
    }

    /** Successful requests of all kinds that this version answered. */
    public long ok(String version) {
        return byKind.keySet().stream()
                .mapToLong(kind -> part(kind, version).ok())
                .sum();
    }

    /** Answers of all kinds with this status that this version gave. */
    public long answers(String version, int status) {
        return byKind.keySet().stream()
                .mapToLong(kind -> part(kind, version).non2xx().getOrDefault(status, 0L))
                .sum();
    }

    /** The totals alone, for where space is short. */
    Summary withoutParts() {
        return new Summary(
                target,
                from,
                to,
                requests,
                failures,
                failureRatio,
                connectionFailures,
                non2xx,
                outstanding,
                maxLateMs,
                connectionsOpened,
                longestFailureRun,
                Map.of());
    }
}
