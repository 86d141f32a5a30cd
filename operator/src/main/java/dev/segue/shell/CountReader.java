package dev.segue.shell;

import dev.segue.analysis.Absence;
import dev.segue.analysis.Arms;
import dev.segue.analysis.Counting;
import dev.segue.analysis.Reading;
import dev.segue.analysis.Series;
import dev.segue.api.PrometheusSource;
import dev.segue.shell.PrometheusResult.ConfigError;
import dev.segue.shell.PrometheusResult.Data;
import dev.segue.shell.PrometheusResult.ProviderError;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Asks one Prometheus for what metrics count: counters, or the buckets of histograms. Of a version that has no classic
 * histogram the native one is asked for. That is found out anew at each look, so nothing has to be remembered, and a
 * version may have another one than the version before it.
 */
public record CountReader(Prometheus prometheus, PrometheusSource source, String namespace) {
    /** A metric that counts, and the bounds of the intervals in which it is to. */
    public record Due(String metric, Counting counting, List<Instant> bounds) {}

    /** Gives what to ask for, for the pods that match an expression. */
    private interface Expressions {
        List<String> of(Due due, String namespace, String pods);
    }

    /** How to ask for one of the forms. */
    private record Form(Expressions expressions, Function<List<String>, List<PrometheusResult<List<Series>>>> ask) {}

    /**
     * What was counted in the intervals, by metric.
     *
     * @param due all with the same bounds
     * @param lookBack for what a counter is counted from, before the first bound
     * @param warmup of a pod that comes later: so much longer back it is looked for
     */
    public Map<String, Reading> counted(Arms arms, List<Due> due, Duration lookBack, Duration warmup) {
        Instant from = due.getFirst().bounds().getFirst().minus(lookBack).minus(warmup);
        Instant to = due.getFirst().bounds().getLast();
        return read(arms, due, raw(from, to), rawNative(from, to), (d, answers) -> {
            List<String> asked = new ArrayList<>(d.counting().selectors(namespace, arms.pods()));
            if (answers.stream()
                    .flatMap(List::stream)
                    .anyMatch(s -> !s.histograms().isEmpty())) {
                asked.addAll(d.counting().nativeSelectors(namespace, arms.pods()));
            }
            return new Reading.Counted(
                    arms.count(d.counting(), answers, d.bounds(), warmup),
                    asked,
                    arms.without(answers.stream().flatMap(List::stream).toList())
                            .flatMap(lacking -> absent(Absence.ofTotal(d.counting(), namespace, lacking.pods())))
                            .orElse(null));
        });
    }

    /** What the source had before the migration, by metric; what cannot be counted is refused. */
    public Map<String, Reading> history(Arms arms, List<Due> due, Duration interval) {
        if (due.isEmpty()) {
            return new HashMap<>();
        }
        List<Instant> bounds = due.getFirst().bounds();
        Instant last = bounds.getLast();
        // A sum may be had of what is no selector, and a fraction of a histogram at what is no edge.
        Instant from = last.minus(interval);
        Map<Due, List<List<Series>>> counted = new HashMap<>();
        Map<String, Reading> readings = read(arms, due, raw(from, last), rawNative(from, last), (d, answers) -> {
            arms.count(d.counting(), answers, List.of(from, last), Duration.ZERO);
            counted.put(d, answers);
            return new Reading.History(List.of(), interval);
        });
        Function<Due, Set<String>> replicas = d -> Arms.replicas(Objects.requireNonNull(counted.get(d)));
        readings.putAll(read(
                arms,
                due.stream().filter(counted::containsKey).toList(),
                steps((d, of, pods) -> d.counting().growth(of, pods, interval, replicas.apply(d)), interval, bounds),
                steps(
                        (d, of, pods) -> d.counting().nativeGrowth(of, pods, interval, replicas.apply(d)),
                        interval,
                        bounds),
                (d, answers) -> new Reading.History(
                        Arms.history(d.counting(), answers, d.bounds()),
                        interval,
                        absent(arms, d, Objects.requireNonNull(counted.get(d))))));
        return readings;
    }

    /** What does not exist of that which is counted; null when all does, or nobody knows. */
    private @Nullable String absent(Arms arms, Due due, List<List<Series>> answers) {
        if (answers.stream().allMatch(List::isEmpty)) {
            return absent(Absence.ofTotal(due.counting(), namespace, arms.pods()))
                    .orElse(null);
        }
        return due.counting().bad() != null && answers.getLast().isEmpty()
                ? absent(Absence.ofBad(due.counting(), namespace, arms.pods()))
                        .map("nothing would ever be bad: "::concat)
                        .orElse(null)
                : null;
    }

    private Optional<String> absent(Optional<Absence> absence) {
        return absence.flatMap(a -> {
            List<Double> numbers = prometheus.numbers(source, namespace, a.queries()).stream()
                    .flatMap(r -> r.whole() instanceof Data<Reading>(Reading.Value(double n), var _)
                            ? Stream.of(n)
                            : Stream.empty())
                    .toList();
            return numbers.size() == a.queries().size() ? a.told(numbers) : Optional.empty();
        });
    }

    private Form raw(Instant from, Instant to) {
        return new Form(
                (d, of, pods) -> d.counting().selectors(of, pods),
                selectors -> prometheus.samples(source, namespace, selectors, from, to));
    }

    private Form rawNative(Instant from, Instant to) {
        return new Form(
                (d, of, pods) -> d.counting().nativeSelectors(of, pods),
                selectors -> prometheus.histograms(source, namespace, selectors, from, to));
    }

    private Form steps(Expressions growth, Duration interval, List<Instant> bounds) {
        return new Form(
                growth,
                expressions -> prometheus.steps(
                        source, namespace, expressions, interval, bounds.getFirst(), bounds.getLast()));
    }

    private Map<String, Reading> read(
            Arms arms, List<Due> due, Form form, Form natively, BiFunction<Due, List<List<Series>>, Reading> read) {
        Map<Due, Arms> all = new LinkedHashMap<>();
        due.forEach(d -> all.put(d, arms));
        Map<Due, PrometheusResult<List<List<Series>>>> answers = ask(all, form);
        Map<Due, Arms> lacking = new LinkedHashMap<>();
        answers.forEach((d, answer) -> lacking(arms, d, answer).ifPresent(of -> lacking.put(d, of)));
        Map<Due, PrometheusResult<List<List<Series>>>> more = ask(lacking, natively);
        Map<String, Reading> readings = new HashMap<>();
        answers.forEach((d, answer) -> {
            PrometheusResult<List<List<Series>>> second = more.get(d);
            readings.put(
                    d.metric(),
                    reading(
                            second == null ? answer : answer.then(one -> second.then(other -> both(one, other))),
                            series -> read.apply(d, series)));
        });
        return readings;
    }

    /** The versions of which there are no classic buckets. */
    private static Optional<Arms> lacking(Arms arms, Due due, PrometheusResult<List<List<Series>>> answer) {
        return due.counting().histogram() != null && answer instanceof Data<List<List<Series>>> data
                ? arms.without(data.value().stream().flatMap(List::stream).toList())
                : Optional.empty();
    }

    private static PrometheusResult<List<List<Series>>> both(
            Data<List<List<Series>>> one, Data<List<List<Series>>> other) {
        List<List<Series>> both = new ArrayList<>(one.value());
        both.addAll(other.value());
        return new Data<>(both, List.of());
    }

    /** Asks for all at once. */
    private Map<Due, PrometheusResult<List<List<Series>>>> ask(Map<Due, Arms> due, Form form) {
        Map<Due, List<String>> expressions = new LinkedHashMap<>();
        due.forEach((d, arms) -> expressions.put(d, form.expressions().of(d, namespace, arms.pods())));
        List<PrometheusResult<List<Series>>> results = form.ask()
                .apply(expressions.values().stream().flatMap(List::stream).toList());
        Map<Due, PrometheusResult<List<List<Series>>>> answers = new LinkedHashMap<>();
        int from = 0;
        for (Map.Entry<Due, List<String>> one : expressions.entrySet()) {
            int to = from + one.getValue().size();
            answers.put(one.getKey(), whole(results.subList(from, to)));
            from = to;
        }
        return answers;
    }

    /** All answers together, or why not. */
    private static PrometheusResult<List<List<Series>>> whole(List<PrometheusResult<List<Series>>> results) {
        List<List<Series>> answers = new ArrayList<>();
        for (PrometheusResult<List<Series>> result : results) {
            switch (result.whole()) {
                case Data<List<Series>> data -> answers.add(data.value());
                case ProviderError<List<Series>>(String why) -> {
                    return new ProviderError<>(why);
                }
                case ConfigError<List<Series>>(String why, var _) -> {
                    return new ConfigError<>(why);
                }
            }
        }
        return new Data<>(answers, List.of());
    }

    private static Reading reading(
            PrometheusResult<List<List<Series>>> answers, Function<List<List<Series>>, Reading> read) {
        return switch (answers) {
            case ProviderError<List<List<Series>>>(String why) -> new Reading.Unavailable(why);
            case ConfigError<List<List<Series>>>(String why, var _) -> new Reading.Refused(why);
            case Data<List<List<Series>>> data -> {
                try {
                    yield read.apply(data.value());
                } catch (IllegalArgumentException e) {
                    yield new Reading.Refused(String.valueOf(e.getMessage()));
                }
            }
        };
    }
}
