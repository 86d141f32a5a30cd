package dev.segue.report;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A page in the making. Whatever others have written is put in as text, never as markup. For one thread. */
final class Markdown {
    private static final String CUT = "\n\n*Cut here: a ConfigMap holds no more than 1 MiB.*\n";

    private final StringBuilder text = new StringBuilder();

    /** @param line with its {@code #} */
    Markdown heading(String line) {
        text.append(text.isEmpty() ? "" : "\n").append(line).append("\n");
        return this;
    }

    /** Markup of our own. */
    Markdown paragraph(String line) {
        text.append('\n').append(line).append('\n');
        return this;
    }

    Markdown code(String line) {
        text.append("\n```sh\n").append(line).append("\n```\n");
        return this;
    }

    /**
     * Nothing when there are no rows.
     *
     * @param head its columns, with a bar between them
     */
    Markdown table(String head, List<List<String>> rows) {
        if (!rows.isEmpty()) {
            List<String> columns = List.of(head.split(" \\| ", -1));
            text.append('\n');
            row(columns.stream());
            row(columns.stream().map(_ -> "---"));
            rows.forEach(cells -> row(cells.stream().map(Markdown::text)));
        }
        return this;
    }

    private void row(Stream<String> cells) {
        text.append(cells.collect(Collectors.joining(" | ", "| ", " |\n")));
    }

    /** On one line, and without what Markdown or HTML would make something of. */
    static String text(String others) {
        return others.strip()
                .replaceAll("\\s+", " ")
                .replace("\\", "\\\\")
                .replace("|", "\\|")
                .replace("`", "\\`")
                .replace("*", "\\*")
                .replace("[", "\\[")
                .replace("<", "&lt;");
    }

    /** The page; what is more than so many bytes of UTF-8 is cut off at the end of a line, and that is said. */
    String page(int limit) {
        byte[] bytes = text.toString().getBytes(StandardCharsets.UTF_8);
        if (bytes.length <= limit) {
            return text.toString();
        }
        int room = limit - CUT.length();
        while (room > 0 && bytes[room - 1] != '\n') {
            room--;
        }
        return new String(bytes, 0, room, StandardCharsets.UTF_8).stripTrailing() + CUT;
    }
}
