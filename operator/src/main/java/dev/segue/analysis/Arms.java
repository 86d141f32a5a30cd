package dev.segue.analysis;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The pods of source and target, told apart by their names, and what their counters counted. */
public record Arms(
        @Nullable String sourceReplicaSet, @Nullable String targetReplicaSet) {
    private static final String POD = "pod";

    /** A regular expression that matches the pods of both. */
    public String pods() {
        return String.join(
                "|",
                Stream.of(sourceReplicaSet, targetReplicaSet)
                        .filter(Objects::nonNull)
                        .map(QueryTemplate::podsOf)
                        .toList());
    }

    /** Those that have none of the series; empty when each has. */
    public Optional<Arms> without(List<Series> series) {
        String source = has(series, sourceReplicaSet) ? null : sourceReplicaSet;
        String target = has(series, targetReplicaSet) ? null : targetReplicaSet;
        return source == null && target == null ? Optional.empty() : Optional.of(new Arms(source, target));
    }

    private static boolean has(List<Series> series, @Nullable String replicaSet) {
        if (replicaSet == null) {
            return false;
        }
        Pattern pods = Pattern.compile(QueryTemplate.podsOf(replicaSet));
        return series.stream()
                .anyMatch(s -> pods.matcher(s.labels().getOrDefault(POD, "")).matches());
    }

    /**
     * What both arms had in each interval.
     *
     * @param answers the series of each of {@link Counting#selectors}, and {@link Counting#nativeSelectors} where those have
     *     none, from before the first bound, so that there is something to count from
     * @param bounds rising times, n + 1 for n intervals
     * @param warmup of a pod whose first sample is among these, so much time is left out since then
     * @throws IllegalArgumentException when the series are not what is counted; the message says why
     */
    public List<Observation> count(
            Counting counting, List<List<Series>> answers, List<Instant> bounds, Duration warmup) {
        Set<String> replicas = replicas(answers);
        // A pod whose counters of bad requests appear late was scraped before: both are looked at together.
        Map<Map<String, String>, double[]> growth = Counters.growth(
                counting.bound() == null ? counters(told(answers)) : NativeHistograms.buckets(counting, told(answers)),
                replicas,
                bounds.stream().map(Instant::toEpochMilli).toList());
        List<Map<String, Counts>> byPod = perPod(counting, answers, growth, bounds, replicas);
        Map<String, Long> first = first(answers);
        List<Observation> observations = new ArrayList<>();
        for (int k = 0; k < byPod.size(); k++) {
            long from = bounds.get(k).toEpochMilli();
            long to = bounds.get(k + 1).toEpochMilli();
            Set<String> sampled = answers.stream()
                    .flatMap(List::stream)
                    .filter(s -> times(s).anyMatch(at -> at > from && at <= to))
                    .map(s -> Objects.requireNonNull(s.labels().get(POD)))
                    .collect(Collectors.toSet());
            Map<String, Counts> warm = new HashMap<>(byPod.get(k));
            if (warmup.isPositive()) {
                // It began up to a scrape before its first sample, and an interval holds two of them.
                long latest = from - warmup.toMillis() + (to - from) / 2;
                warm.keySet().removeIf(pod -> first.getOrDefault(pod, from) > latest);
            }
            observations.add(new Observation(
                    bounds.get(k + 1), interval(warm), !sampled.isEmpty(), sampled, interval(byPod.get(k))));
        }
        return observations;
    }

    private Interval interval(Map<String, Counts> byPod) {
        return new Interval(sum(byPod, sourceReplicaSet), sum(byPod, targetReplicaSet));
    }

    /** When each pod was seen first. */
    private static Map<String, Long> first(List<List<Series>> answers) {
        Map<String, Long> first = new HashMap<>();
        answers.stream()
                .flatMap(List::stream)
                .forEach(s ->
                        times(s).min().ifPresent(at -> first.merge(s.labels().get(POD), at, Math::min)));
        return first;
    }

    static LongStream times(Series series) {
        return LongStream.concat(
                series.samples().stream().mapToLong(Series.Sample::at),
                series.histograms().stream().mapToLong(NativeHistogram::at));
    }

    /** Labels that only tell which Prometheus scraped, as these answers to {@link Counting#selectors} show. */
    public static Set<String> replicas(List<List<Series>> answers) {
        return Replicas.of(answers.stream().flatMap(List::stream).toList());
    }

    private static Counts sum(Map<String, Counts> byPod, @Nullable String replicaSet) {
        if (replicaSet == null) {
            return Counts.NONE;
        }
        Pattern pods = Pattern.compile(QueryTemplate.podsOf(replicaSet));
        return byPod.entrySet().stream()
                .filter(e -> pods.matcher(e.getKey()).matches())
                .map(Map.Entry::getValue)
                .reduce(Counts.NONE, Counts::plus);
    }

    /**
     * What each pod had in each interval of a long time.
     *
     * @param answers what each of {@link Counting#growth} gave, each sample for the interval that it ends
     * @throws IllegalArgumentException also when there was more bad than there was at all
     */
    public static List<Map<String, Counts>> history(
            Counting counting, List<List<Series>> answers, List<Instant> bounds) {
        Map<Map<String, String>, double[]> growth = new HashMap<>();
        for (Series series : told(answers)) {
            double[] grown = growth.computeIfAbsent(
                    Counters.identity(series.labels(), Replicas.OWN), _ -> new double[bounds.size() - 1]);
            for (Series.Sample sample : series.samples()) {
                int end = Collections.binarySearch(bounds, Instant.ofEpochMilli(sample.at()));
                if (end > 0 && Double.isFinite(sample.value())) {
                    grown[end - 1] += sample.value();
                }
            }
        }
        if (counting.bad() != null && sum(answers.getLast()) > 1.01 * sum(answers.getFirst())) {
            throw new IllegalArgumentException(
                    "counts.bad has counted more than counts.total: what is bad has to be a part of total");
        }
        return perPod(counting, answers, growth, bounds, Replicas.OWN);
    }

    private static double sum(List<Series> series) {
        return series.stream()
                .flatMap(s -> s.samples().stream())
                .mapToDouble(Series.Sample::value)
                .filter(Double::isFinite)
                .sum();
    }

    private static List<Series> told(List<List<Series>> answers) {
        List<Series> all = answers.stream().flatMap(List::stream).toList();
        if (all.stream().anyMatch(s -> !s.labels().containsKey(POD))) {
            throw new IllegalArgumentException(
                    "the series have no label pod, so those of the two versions cannot be told apart");
        }
        return all;
    }

    private static List<Map<String, Counts>> perPod(
            Counting counting,
            List<List<Series>> answers,
            Map<Map<String, String>, double[]> growth,
            List<Instant> bounds,
            Set<String> replicas) {
        Set<Map<String, String>> bad = new HashSet<>();
        Set<Map<String, String>> total = new HashSet<>();
        answers.getFirst().forEach(s -> total.add(Counters.identity(s.labels(), replicas)));
        if (answers.size() > 1) {
            answers.getLast().forEach(s -> bad.add(Counters.identity(s.labels(), replicas)));
        }
        List<Map<String, Counts>> intervals = new ArrayList<>();
        for (int k = 0; k + 1 < bounds.size(); k++) {
            intervals.add(
                    counting.bound() == null ? counters(growth, total, bad, k) : buckets(growth, counting.bound(), k));
        }
        return intervals;
    }

    private static List<Series> counters(List<Series> all) {
        long histograms = all.stream().filter(s -> !s.histograms().isEmpty()).count();
        if (histograms > 0) {
            throw new IllegalArgumentException(
                    "%d series are native histograms: counts takes counters, and a preset …/latency histograms"
                            .formatted(histograms));
        }
        return all;
    }

    private static Map<String, Counts> counters(
            Map<Map<String, String>, double[]> growth,
            Set<Map<String, String>> total,
            Set<Map<String, String>> bad,
            int interval) {
        Map<String, Double> all = new HashMap<>();
        Map<String, Double> wrong = new HashMap<>();
        growth.forEach((labels, counts) -> {
            String pod = Objects.requireNonNull(labels.get(POD));
            if (total.contains(labels)) {
                all.merge(pod, counts[interval], Double::sum);
            }
            if (bad.contains(labels)) {
                wrong.merge(pod, counts[interval], Double::sum);
            }
        });
        Map<String, Counts> counts = new HashMap<>();
        all.forEach((pod, requests) -> {
            // A request may be bad an interval after it was counted; and a restart may hide from one of the two.
            double of = Math.min(requests, wrong.getOrDefault(pod, 0.0));
            counts.put(pod, new Counts(of, requests));
        });
        return counts;
    }

    private static Map<String, Counts> buckets(Map<Map<String, String>, double[]> growth, double bound, int interval) {
        Map<String, Map<String, Double>> byPod = new HashMap<>();
        growth.forEach(
                (labels, counts) -> byPod.computeIfAbsent(Objects.requireNonNull(labels.get(POD)), _ -> new HashMap<>())
                        .merge(labels.getOrDefault("le", ""), counts[interval], Double::sum));
        Map<String, Counts> counts = new HashMap<>();
        byPod.forEach((pod, byLe) -> counts.put(
                pod,
                Buckets.of(byLe)
                        .over(bound)
                        .orElseThrow(() -> new IllegalArgumentException(
                                "the histogram has no bucket le=\"%s\"; set slowerThan to one that it has"
                                        .formatted(bound)))));
        return counts;
    }
}
