package dev.segue.shell;

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
import java.util.function.BiFunction;
import java.util.function.Function;

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
        List<String> of(Counting counting, String namespace, String pods);
    }

    /** How to ask for one of the forms. */
    private record Form(Expressions expressions, Function<List<String>, List<PrometheusResult<List<Series>>>> ask) {}

    /**
     * What was counted in the intervals, by metric.
     *
     * @param due all with the same bounds
     * @param from for what a counter is counted from
     */
    public Map<String, Reading> counted(Arms arms, List<Due> due, Instant from) {
        Instant to = due.getFirst().bounds().getLast();
        return read(arms, due, raw(from, to), rawNative(from, to), (d, answers) -> {
            List<String> asked = new ArrayList<>(d.counting().selectors(namespace, arms.pods()));
            if (answers.stream()
                    .flatMap(List::stream)
                    .anyMatch(s -> !s.histograms().isEmpty())) {
                asked.addAll(d.counting().nativeSelectors(namespace, arms.pods()));
            }
            return new Reading.Counted(arms.count(d.counting(), answers, d.bounds()), asked);
        });
    }

    /** What the source had before the migration, by metric; what cannot be counted is refused. */
    public Map<String, Reading> history(Arms arms, List<Due> due, Duration interval) {
        if (due.isEmpty()) {
            return new HashMap<>();
        }
        List<Instant> bounds = due.getFirst().bounds();
        Instant last = bounds.getLast();
        Map<String, Reading> readings = read(
                arms,
                due,
                steps((c, of, pods) -> c.growth(of, pods, interval), interval, bounds),
                steps((c, of, pods) -> c.nativeGrowth(of, pods, interval), interval, bounds),
                (d, answers) -> new Reading.History(Arms.history(d.counting(), answers, d.bounds()), interval));
        // A sum may be had of what is no selector, and a fraction of a histogram at what is no edge.
        Instant from = last.minus(interval);
        readings.putAll(read(arms, due, raw(from, last), rawNative(from, last), (d, answers) -> {
            arms.count(d.counting(), answers, List.of(from, last));
            return Objects.requireNonNull(readings.get(d.metric()));
        }));
        return readings;
    }

    private Form raw(Instant from, Instant to) {
        return new Form(Counting::selectors, selectors -> prometheus.samples(source, namespace, selectors, from, to));
    }

    private Form rawNative(Instant from, Instant to) {
        return new Form(
                Counting::nativeSelectors, selectors -> prometheus.histograms(source, namespace, selectors, from, to));
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
        due.forEach((d, arms) -> expressions.put(d, form.expressions().of(d.counting(), namespace, arms.pods())));
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
                case ConfigError<List<Series>>(String why) -> {
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
            case ConfigError<List<List<Series>>>(String why) -> new Reading.Refused(why);
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
