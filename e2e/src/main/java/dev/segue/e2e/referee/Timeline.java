package dev.segue.e2e.referee;

import io.fabric8.kubernetes.api.model.HasMetadata;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A history for humans: a table with a line for each observation. */
final class Timeline {
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("HH:mm:ss.SSS").withZone(ZoneOffset.UTC);
    private static final int BEFORE = 20;
    private static final int AFTER = 5;

    private record Row(long revision, String time, String object, String by, String text) {}

    private final List<Row> rows = new ArrayList<>();

    Timeline(List<Observation> history) {
        Map<String, HasMetadata> last = new HashMap<>();
        for (Observation o : history) {
            HasMetadata before = o.gone() ? last.remove(o.name()) : last.put(o.name(), o.object());
            rows.add(row(new Change(o, before, o.gone() ? null : o.object())));
        }
    }

    private static Row row(Change change) {
        String text = Wording.of(change.object());
        if (change.after() == null) {
            text = "gone";
        } else if (change.before() == null) {
            text = "new: " + text;
        } else if (text.equals(Wording.of(change.before()))) {
            text = "(other) " + text;
        }
        return new Row(
                change.seen().revision(),
                TIME.format(change.seen().at()),
                change.seen().name(),
                String.join(", ", Authors.of(change)),
                text);
    }

    /** Some lines before and after this revision, which is marked. */
    String around(long revision) {
        int at = 0;
        while (at < rows.size() - 1 && rows.get(at).revision() < revision) {
            at++;
        }
        List<Row> part = rows.subList(Math.max(0, at - BEFORE), Math.min(rows.size(), at + AFTER + 1));
        int object = width(part.stream().map(Row::object).toList(), "object");
        int by = width(part.stream().map(Row::by).toList(), "signed by");
        String format = "%%s %%10s  %%-12s  %%-%ds  %%-%ds  %%s%%n".formatted(object, by);
        var table = new StringBuilder(format.formatted(" ", "revision", "heard (UTC)", "object", "signed by", "state"));
        for (Row row : part) {
            table.append(format.formatted(
                    row.revision() == revision ? ">" : " ",
                    row.revision(),
                    row.time(),
                    row.object(),
                    row.by(),
                    row.text()));
        }
        return table.toString();
    }

    private static int width(List<String> cells, String title) {
        return Math.max(
                title.length(), cells.stream().mapToInt(String::length).max().orElse(0));
    }
}
