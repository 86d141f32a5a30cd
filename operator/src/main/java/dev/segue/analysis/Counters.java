package dev.segue.analysis;

import dev.segue.analysis.Series.Sample;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * By how much counters grew, exactly, from their raw samples. PromQL's {@code increase} extrapolates, and loses what a
 * series had at its first sample: with two errors a pod, almost half of them, and more of the new pods' than of the
 * old ones'.
 *
 * <ul>
 *   <li>A counter that falls was reset: what it stands at now came since. It was not when it fell by less than half and is back
 *       within two samples: so it looks where a query layer makes one series of what two servers scraped, since the one
 *       that is asked now may be behind. Of the last sample nobody knows yet, so it counts for nothing. A restart that looks
 *       like that, of a counter that was small, loses what it counted.
 *   <li>A series whose target had been scraped before it appeared has grown from 0. Of any other one nothing is known before
 *       its first sample, so counting starts there.
 *   <li>Series that are the same but for replica labels, or for how {@code le} is written ({@code 1} and {@code 1.0}), are one
 *       counter, scraped more than once. Their samples are never mixed, since a scrape's time is not exact and would
 *       show resets that never were. Each keeps its own count, joins at what the others have counted, and the
 *       furthest one is what counts.
 *   <li>The order of samples does not matter. A sample belongs to the interval in which it was scraped, so a late one
 *       counts when it is there at the next reading; evaluate some time after the interval's end.
 * </ul>
 */
public final class Counters {
    /** What names the thing that was scraped. */
    static final Set<String> TARGET = new TreeSet<>(Set.of("job", "instance", "namespace", "pod"));

    private Counters() {}

    /** One sample, and the series that it is of. */
    private record Reading(int stream, Sample sample) {}

    /**
     * The growth of each counter in each interval.
     *
     * @param series raw samples; from before the first bound too, so that there is something to count from (5 minutes is
     *     what Prometheus itself looks back). Everything scraped from the same targets, total and bad alike
     * @param replicas labels that only tell which Prometheus scraped
     * @param bounds rising times in milliseconds since 1970, n + 1 for n intervals, each without its beginning
     * @return by labels, without the replicas' and with {@code le} as a plain number, the n growths
     */
    public static Map<Map<String, String>, double[]> growth(
            Collection<Series> series, Set<String> replicas, List<Long> bounds) {
        Map<Map<String, String>, Long> scrapedSince = new HashMap<>();
        Map<Map<String, String>, List<List<Sample>>> counters = new LinkedHashMap<>();
        for (Series one : series) {
            List<Sample> samples = one.samples().stream()
                    .filter(s -> Double.isFinite(s.value()))
                    .sorted(Comparator.comparingLong(Sample::at))
                    .collect(Collectors.toCollection(ArrayList::new));
            if (!samples.isEmpty()) {
                scrapedSince.merge(target(one.labels()), samples.getFirst().at(), Math::min);
                counters.computeIfAbsent(identity(one.labels(), replicas), _ -> new ArrayList<>())
                        .add(smooth(samples));
            }
        }
        Map<Map<String, String>, double[]> growth = new LinkedHashMap<>();
        counters.forEach((labels, streams) -> {
            long first =
                    streams.stream().mapToLong(s -> s.getFirst().at()).min().orElseThrow();
            boolean fromZero = scrapedSince.getOrDefault(target(labels), first) < first;
            growth.put(labels, growth(streams, fromZero, bounds));
        });
        return growth;
    }

    /** Without falls that are no resets. */
    private static List<Sample> smooth(List<Sample> samples) {
        for (int i = 1; i < samples.size(); i++) {
            double before = samples.get(i - 1).value();
            double now = samples.get(i).value();
            if (now < before && now > before / 2) {
                List<Sample> next = samples.subList(i + 1, Math.min(i + 3, samples.size()));
                if (next.isEmpty() || next.stream().anyMatch(s -> s.value() >= before)) {
                    samples.set(i, new Sample(samples.get(i).at(), before));
                }
            }
        }
        return samples;
    }

    private static double[] growth(List<List<Sample>> streams, boolean fromZero, List<Long> bounds) {
        List<Reading> readings = new ArrayList<>();
        for (int i = 0; i < streams.size(); i++) {
            for (Sample sample : streams.get(i)) {
                readings.add(new Reading(i, sample));
            }
        }
        readings.sort(Comparator.comparingLong(r -> r.sample().at()));
        double[] last = new double[streams.size()];
        Arrays.fill(last, Double.NaN);
        double[] offset = new double[streams.size()];
        double counted = fromZero ? 0 : readings.getFirst().sample().value();
        double[] at = new double[bounds.size()];
        int next = 0;
        boolean joined = false;
        for (Reading reading : readings) {
            for (; next < at.length && bounds.get(next) < reading.sample().at(); next++) {
                at[next] = counted;
            }
            int stream = reading.stream();
            double value = reading.sample().value();
            if (Double.isNaN(last[stream])) {
                offset[stream] = joined ? counted - value : 0;
                joined = true;
            } else if (value < last[stream]) {
                offset[stream] += last[stream];
            }
            last[stream] = value;
            counted = Math.max(counted, value + offset[stream]);
        }
        Arrays.fill(at, next, at.length, counted);
        double[] growth = new double[Math.max(0, at.length - 1)];
        for (int k = 0; k < growth.length; k++) {
            growth[k] = at[k + 1] - at[k];
        }
        return growth;
    }

    private static Map<String, String> target(Map<String, String> labels) {
        Map<String, String> target = new HashMap<>(labels);
        target.keySet().retainAll(TARGET);
        return target;
    }

    /** What tells counters apart. */
    static Map<String, String> identity(Map<String, String> labels, Set<String> replicas) {
        Map<String, String> identity = new TreeMap<>(labels);
        identity.keySet().removeAll(replicas);
        identity.computeIfPresent("le", (_, bound) -> Double.toString(Buckets.bound(bound)));
        return identity;
    }
}
