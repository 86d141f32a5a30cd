package dev.segue.analysis;

import java.util.Collection;
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
     * Those that these series have. All that is scraped at once has one time, and two servers seldom scrape in the same
     * millisecond: series that differ in nothing but {@code replica} and have their samples at the same times are the
     * application's, which tells them apart itself; else they are the same counter, scraped twice. The greater part of the
     * samples decides, as two servers may meet by chance.
     */
    static Set<String> of(List<Series> series) {
        Map<Map<String, String>, Map<String, Set<Long>>> times = new HashMap<>();
        for (Series one : series) {
            String replica = one.labels().get(SHARED);
            if (replica != null) {
                Map<String, String> rest = new HashMap<>(one.labels());
                rest.keySet().removeAll(OWN);
                rest.remove(SHARED);
                Set<Long> seen = times.computeIfAbsent(rest, _ -> new HashMap<>())
                        .computeIfAbsent(replica, _ -> new HashSet<>());
                Arms.times(one).forEach(seen::add);
            }
        }
        int together = 0;
        int possible = 0;
        for (Map<String, Set<Long>> counter : times.values()) {
            Set<Long> any = new HashSet<>();
            counter.values().forEach(any::addAll);
            int all = counter.values().stream().mapToInt(Collection::size).sum();
            together += all - any.size();
            possible += all
                    - counter.values().stream().mapToInt(Collection::size).max().orElse(0);
        }
        if (2 * together >= possible) {
            return OWN; // also where there is only one of each
        }
        Set<String> all = new TreeSet<>(OWN);
        all.add(SHARED);
        return all;
    }
}
