package dev.segue.e2e.recorded;

import dev.segue.analysis.Counts;
import dev.segue.analysis.Interval;
import dev.segue.analysis.Observation;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;

/**
 * What a rule decides on recorded traffic, and what that takes. The record ends when Segue goes back or on: what another rule
 * would have done later is not known. All of them look at an interval when it has ended; how long they wait for its samples
 * is left out.
 *
 * @param rule whose
 * @param decision what it does then, or that it has not decided
 * @param checks intervals that it needed, or all that were recorded
 * @param requests of the target in these
 * @param bad of them
 * @param seconds from the beginning of the first interval to the end of the last of these
 */
public record Detection(String rule, String decision, int checks, double requests, double bad, double seconds) {
    /** Whatever else was said: harm reverts. */
    private static final List<String> DECISIONS = List.of("Harm", "NonInferior");

    /** Segue's, and what the peers would have done, while both versions have traffic; empty when nothing was counted. */
    public static List<Detection> all(List<Recount> recounts, Duration interval) {
        List<Observation> checks = new ArrayList<>();
        Map<String, Integer> decided = new HashMap<>();
        for (Recount recount : recounts) {
            if (!recount.frozen()) {
                recount.observations().stream().filter(Observation::sampled).forEach(checks::add);
                decided.putIfAbsent(recount.said().verdict(), checks.size());
            }
        }
        if (checks.isEmpty()) {
            return List.of();
        }
        String decision =
                DECISIONS.stream().filter(decided::containsKey).findFirst().orElse("Undecided");
        int needed = DECISIONS.contains(decision) ? decided.getOrDefault(decision, 0) : checks.size();
        return Stream.concat(
                        Stream.of(of("Segue", decision, checks.subList(0, needed), interval)),
                        Peer.ALL.stream().map(peer -> peer.on(checks, interval)))
                .toList();
    }

    static Detection of(String rule, String decision, List<Observation> checks, Duration interval) {
        Instant from = checks.getFirst().end().minus(interval);
        Counts target =
                checks.stream().map(Observation::counts).map(Interval::target).reduce(Counts.NONE, Counts::plus);
        return new Detection(
                rule,
                decision,
                checks.size(),
                target.total(),
                target.bad(),
                Math.round(Duration.between(from, checks.getLast().end()).toMillis() / 100.0) / 10.0);
    }

    /** For humans. */
    public String text() {
        return String.format(
                Locale.ROOT,
                "%s: %s after %d %s, %.0f requests of the target (%.0f bad), %.0f s",
                rule,
                decision,
                checks,
                checks == 1 ? "check" : "checks",
                requests,
                bad,
                seconds);
    }
}
