package dev.segue.e2e.demo;

import dev.segue.e2e.demo.Report.Moved;
import dev.segue.e2e.demo.Report.Promise;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;

/** What each Migration of the demo promises, judged by what was seen. Pure. */
final class Promises {
    private Promises() {}

    /** The good version takes over. */
    static List<Promise> completed(Moved moved, Set<String> soaked, Set<String> serving, List<String> traces) {
        return List.of(
                ended(moved, "Completed"),
                new Promise(
                        "no request fails while %s moves from %s to %s".formatted("shop", moved.from(), moved.to()),
                        moved.requests() > 0 && moved.failures() == 0,
                        failed(moved)),
                served(moved),
                samePods(soaked, serving),
                clean(moved, traces));
    }

    /** The bad version is taken back. */
    static List<Promise> reverted(Moved moved, List<String> traces) {
        return List.of(
                ended(moved, "Reverted"),
                new Promise(
                        "the errors of %s are the cause".formatted(moved.to()),
                        moved.verdict().reason().equals("MetricHarm"),
                        moved.verdict().reason() + ": " + moved.verdict().message()),
                onlyItsOwnErrors(moved),
                clean(moved, traces));
    }

    private static Promise ended(Moved moved, String phase) {
        return new Promise(
                "Migration %s ends as %s".formatted(moved.name(), phase),
                moved.phase().equals(phase),
                String.format(Locale.ROOT, "%s after %.1f s", moved.phase(), moved.seconds()));
    }

    private static String failed(Moved moved) {
        return String.format(Locale.ROOT, "%,d of %,d failed", moved.failures(), moved.requests());
    }

    /** Without traffic to both versions the other promises would be empty. */
    private static Promise served(Moved moved) {
        long from = moved.requests(moved.from());
        long to = moved.requests(moved.to());
        return new Promise(
                "both versions had traffic",
                from > 0 && to > 0,
                String.format(Locale.ROOT, "%,d requests to %s, %,d to %s", from, moved.from(), to, moved.to()));
    }

    /** @param soaked UIDs and restarts of the target's pods in the soak; {@code serving}: of the Deployment's at the end */
    private static Promise samePods(Set<String> soaked, Set<String> serving) {
        var changed = new TreeSet<>(soaked);
        changed.removeAll(serving);
        return new Promise(
                "the handover restarts no serving pod",
                !soaked.isEmpty() && soaked.equals(serving),
                changed.isEmpty()
                        ? "%d pods in the soak, the same %d at the end".formatted(soaked.size(), serving.size())
                        : "%d of %d pods were replaced or restarted".formatted(changed.size(), soaked.size()));
    }

    private static Promise clean(Moved moved, List<String> traces) {
        return new Promise(
                "nothing of Migration %s is left on other objects".formatted(moved.name()),
                traces.isEmpty(),
                traces.isEmpty() ? "nothing found" : String.join("; ", traces));
    }

    /** A broken version cannot be tried on users without them seeing it; but nothing else may fail. */
    private static Promise onlyItsOwnErrors(Moved moved) {
        long own = moved.answers(moved.to(), 500);
        return new Promise(
                "each failed request is one that %s itself answered with 500".formatted(moved.to()),
                own > 0 && own == moved.failures(),
                String.format(Locale.ROOT, "%s, %,d of them answered with 500 by %s", failed(moved), own, moved.to()));
    }
}
