package dev.segue.analysis;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** Labels by which Prometheus servers that scrape the same say which of them it was. */
public final class Replicas {
    /** Nobody else has them: the Prometheus Operator's, Mimir's and Cortex', and that of Thanos' receivers. */
    static final Set<String> OWN = new TreeSet<>(Set.of("prometheus_replica", "__replica__", "receive_replica"));

    /** What Thanos and many others call theirs, and what an application may as well call something of its own. */
    private static final String SHARED = "replica";

    private Replicas() {}

    /**
     * Those that these series have. All that is scraped at once has one time, and two servers do not scrape in the same
     * millisecond: series that differ in nothing but {@code replica} and have samples of the same time are the
     * application's, which tells them apart itself; where they have none they are the same counter, scraped twice.
     * The greater part decides, as two servers may meet by chance.
     */
    static Set<String> of(List<Series> series) {
        Map<Map<String, String>, Map<Long, String>> times = new HashMap<>();
        Map<Map<String, String>, Set<String>> values = new HashMap<>();
        Set<Map<String, String>> together = new HashSet<>();
        for (Series one : series) {
            String replica = one.labels().get(SHARED);
            if (replica != null) {
                Map<String, String> rest = new HashMap<>(one.labels());
                rest.keySet().removeAll(OWN);
                rest.remove(SHARED);
                values.computeIfAbsent(rest, _ -> new TreeSet<>()).add(replica);
                Map<Long, String> seen = times.computeIfAbsent(rest, _ -> new HashMap<>());
                boolean met = Arms.times(one)
                                .filter(at -> !replica.equals(seen.merge(at, replica, (first, _) -> first)))
                                .count()
                        > 0;
                if (met) {
                    together.add(rest);
                }
            }
        }
        long several = values.values().stream().filter(v -> v.size() > 1).count();
        if (several <= 2L * together.size()) {
            return OWN;
        }
        Set<String> all = new TreeSet<>(OWN);
        all.add(SHARED);
        return all;
    }
}
