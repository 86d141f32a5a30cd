package dev.segue.analysis;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Finds out why a selector matches nothing: by the number of series with its name alone, with each of its labels alone, and with
 * all.
 * A name that does not exist is a mistake, or nobody has counted yet; so it is told, and stands in nobody's way.
 */
public final class Absence {
    private static final Pattern LABEL = Pattern.compile(
            "([a-zA-Z_][a-zA-Z0-9_]*)\\s*(=~|!~|!=|=)\\s*(\"(?:[^\"\\\\]|\\\\.)*\"|'(?:[^'\\\\]|\\\\.)*'|`[^`]*`)");

    private final String name;
    private final List<String> labels;
    private final List<String> parts;

    private Absence(String name, List<String> labels, List<String> parts) {
        this.name = name;
        this.labels = labels;
        this.parts = parts;
    }

    /** Of the counter of all requests, of these pods. Empty when the selector has no name to begin with. */
    public static Optional<Absence> ofTotal(Counting counting, String namespace, String pods) {
        String selector = QueryTemplate.of(counting.total(), namespace, pods);
        return name(selector).map(name -> {
            List<String> labels = labels(selector).stream()
                    .filter(label -> counting.bound() == null || !label.startsWith("le="))
                    .toList();
            return new Absence(counting.histogram() == null ? name : natively(name), labels, labels);
        });
    }

    /**
     * Of the counter of bad ones. That it has nothing in it is good; but nothing would ever be bad if there were no such name, or
     * no such label, whatever its value.
     */
    public static Optional<Absence> ofBad(Counting counting, String namespace, String pods) {
        return Optional.ofNullable(counting.bad())
                .map(bad -> QueryTemplate.of(bad, namespace, pods))
                .flatMap(selector -> name(selector).map(name -> {
                    List<String> labels = new ArrayList<>(labels(selector));
                    labels.removeAll(labels(QueryTemplate.of(counting.total(), namespace, pods)));
                    return new Absence(
                            name,
                            labels.stream()
                                    .map(label -> "a label " + key(label))
                                    .toList(),
                            labels.stream().map(label -> key(label) + "!=\"\"").toList());
                }));
    }

    private static Optional<String> name(String selector) {
        String name = selector.split("[{]", 2)[0].strip();
        return name.matches("[a-zA-Z_:][a-zA-Z0-9_:]*") ? Optional.of(name) : Optional.empty();
    }

    /** Classic or native. */
    private static String natively(String bucket) {
        String name = bucket.replaceFirst("_bucket$", "");
        return "%s|%s|%s_count".formatted(bucket, name, name);
    }

    private static List<String> labels(String selector) {
        List<String> labels = new ArrayList<>();
        Matcher matcher = LABEL.matcher(selector);
        while (matcher.find()) {
            labels.add(matcher.group(1) + matcher.group(2) + matcher.group(3));
        }
        return labels;
    }

    private static String key(String label) {
        return label.split("[=!]", 2)[0];
    }

    /** Each gives one number. */
    public List<String> queries() {
        List<String> queries = new ArrayList<>();
        String named = "__name__=~\"%s\"".formatted(name);
        queries.add(count(named));
        parts.forEach(part -> queries.add(count(named + "," + part)));
        if (parts.size() > 1) {
            queries.add(count(named + "," + String.join(",", parts)));
        }
        return queries;
    }

    private static String count(String matchers) {
        return "count({%s}) or vector(0)".formatted(matchers);
    }

    /**
     * What does not exist, as a sentence.
     *
     * @param numbers that the queries gave
     * @return empty when there are series with all labels
     */
    public Optional<String> told(List<Double> numbers) {
        String names = name.replace("|", " or ");
        if (numbers.getFirst() == 0) {
            return Optional.of("Prometheus has no metric " + names);
        }
        List<String> lacking = new ArrayList<>();
        for (int i = 0; i < labels.size(); i++) {
            if (numbers.get(i + 1) == 0) {
                lacking.add(labels.get(i));
            }
        }
        String but = "Prometheus has %.0f series of %s, but none with ".formatted(numbers.getFirst(), names);
        if (!lacking.isEmpty()) {
            return Optional.of(but + String.join(", and none with ", lacking));
        }
        return numbers.getLast() == 0
                ? Optional.of(but + "all of these together: " + String.join(", ", labels))
                : Optional.empty();
    }
}
