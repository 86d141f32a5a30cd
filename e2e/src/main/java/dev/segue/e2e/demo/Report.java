package dev.segue.e2e.demo;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.segue.e2e.witness.Kind;
import dev.segue.e2e.witness.Summary;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What {@code target/demo/summary.json} holds.
 *
 * @param versions of what took part, by name
 * @param start of the demo
 * @param seconds that it took, the cluster's start included
 */
record Report(
        Map<String, String> versions, Instant start, double seconds, List<Moved> migrations, List<Promise> promises) {

    /** Something the demo promises to show. */
    record Promise(String promise, boolean kept, String seen) {}

    /**
     * One Migration.
     *
     * @param phase in which it ended
     * @param handover how the Deployment took over: Adopt, Settle, or a dash
     * @param seconds from when it was applied until it ended
     * @param requests while the witness ran: from before the Migration until after it
     * @param traffic by kind of client, then by the version that answered
     * @param phases in their order
     */
    record Moved(
            String name,
            String from,
            String to,
            String phase,
            String handover,
            double seconds,
            long requests,
            long failures,
            Map<Kind, Map<String, Traffic>> traffic,
            List<Stretch> phases,
            Verdict verdict) {

        /** Requests of all kinds that this version answered. */
        long requests(String version) {
            return traffic.values().stream()
                    .mapToLong(
                            parts -> parts.getOrDefault(version, Traffic.NONE).requests())
                    .sum();
        }

        /** Failed requests of all kinds that this version answered with this status. */
        long answers(String version, int status) {
            return traffic.values().stream()
                    .mapToLong(parts ->
                            parts.getOrDefault(version, Traffic.NONE).answers().getOrDefault(status, 0L))
                    .sum();
        }
    }

    /**
     * Requests of one kind of client to one version.
     *
     * @param connectionFailures failed requests without a complete answer, by the class of the error
     * @param answers failed requests that were answered, by status
     */
    record Traffic(long requests, long failures, Map<String, Long> connectionFailures, Map<Integer, Long> answers) {
        static final Traffic NONE = new Traffic(0, 0, Map.of(), Map.of());
    }

    /** How long a phase lasted. */
    record Stretch(String phase, double seconds) {}

    /** Why it ended as it did. */
    record Verdict(String reason, String message) {}

    @JsonProperty
    boolean kept() {
        return !promises.isEmpty() && promises.stream().allMatch(Promise::kept);
    }

    static Map<Kind, Map<String, Traffic>> traffic(Summary summary) {
        Map<Kind, Map<String, Traffic>> traffic = new EnumMap<>(Kind.class);
        summary.byKind().forEach((kind, parts) -> {
            Map<String, Traffic> versions = new TreeMap<>();
            parts.forEach((version, part) -> versions.put(
                    version,
                    new Traffic(
                            part.requests(), part.requests() - part.ok(), part.connectionFailures(), part.non2xx())));
            traffic.put(kind, versions);
        });
        return traffic;
    }

    static double seconds(Duration duration) {
        return Math.round(duration.toMillis() / 100.0) / 10.0;
    }
}
