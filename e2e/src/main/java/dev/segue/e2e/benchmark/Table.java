package dev.segue.e2e.benchmark;

import java.io.PrintStream;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** A table in Markdown, each row printed when it is known: the next one may take an hour. */
final class Table {
    private final PrintStream out;

    Table(PrintStream out, String... titles) {
        this.out = out;
        out.println(line(List.of(titles)));
        out.println("|" + " --- |".repeat(titles.length));
    }

    void row(Object... cells) {
        out.println(line(List.of(cells)));
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
}
