package dev.segue.e2e.benchmark;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** A table in Markdown. */
final class Table {
    private final List<String> lines = new ArrayList<>();

    Table(String... titles) {
        lines.add(line(List.of(titles)));
        lines.add("|" + " --- |".repeat(titles.length));
    }

    void row(Object... cells) {
        lines.add(line(List.of(cells)));
    }

    private static String line(List<?> cells) {
        return cells.stream().map(Table::text).collect(Collectors.joining(" | ", "| ", " |"));
    }

    private static String text(Object cell) {
        return switch (cell) {
            case Double number when number.isNaN() -> "-";
            case Double number when Math.abs(number) < 10 -> String.format(Locale.ROOT, "%.2f", number);
            case Double number -> String.format(Locale.ROOT, "%,.0f", number);
            case Integer number -> String.format(Locale.ROOT, "%,d", number);
            case Long number -> String.format(Locale.ROOT, "%,d", number);
            default -> cell.toString();
        };
    }

    String text() {
        return String.join(System.lineSeparator(), lines) + System.lineSeparator();
    }
}
