package dev.segue.analysis;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * What came out of a simulation, for one rule: kept in verdict.csv, so that the page made from it can be checked without
 * simulating it all again.
 *
 * @param revertBy how many runs were reverted at the latest at each look of {@link #LOOKS}
 * @param revertAt the look at which the median of those was, and nine tenths of them; 0 when none was
 */
record Figures(
        int runs,
        int reverts,
        int promotes,
        List<Integer> revertBy,
        List<Integer> promoteBy,
        List<Integer> revertAt,
        List<Integer> promoteAt) {
    static final List<Integer> LOOKS = List.of(1, 2, 3, 5, 10, 20, 30, 60, 120, 240, 480);

    /** From the operator's directory, where its tests run. */
    static final Path FILE = Path.of("src", "test", "resources", "dev", "segue", "analysis", "verdict.csv");

    static Figures of(Trials trials) {
        return new Figures(
                trials.runs(),
                trials.reverts().size(),
                trials.promotes().size(),
                by(trials.reverts()),
                by(trials.promotes()),
                at(trials.reverts()),
                at(trials.promotes()));
    }

    double reverted() {
        return (double) reverts / runs;
    }

    double promoted() {
        return (double) promotes / runs;
    }

    private static List<Integer> by(List<Integer> looks) {
        return LOOKS.stream()
                .map(limit -> (int) looks.stream().filter(look -> look <= limit).count())
                .toList();
    }

    private static List<Integer> at(List<Integer> looks) {
        return looks.isEmpty()
                ? List.of(0, 0)
                : List.of(looks.get((looks.size() - 1) / 2), looks.get((looks.size() - 1) * 9 / 10));
    }

    /** By "scenario/rule". */
    static Map<String, Figures> read() throws IOException {
        Map<String, Figures> all = new LinkedHashMap<>();
        for (String line : Files.readAllLines(FILE)) {
            if (!line.startsWith("#")) {
                String[] cells = line.split(";", -1);
                all.put(
                        cells[0],
                        new Figures(
                                Integer.parseInt(cells[1]),
                                Integer.parseInt(cells[2]),
                                Integer.parseInt(cells[3]),
                                numbers(cells[4]),
                                numbers(cells[5]),
                                numbers(cells[6]),
                                numbers(cells[7])));
            }
        }
        return all;
    }

    static void write(Map<String, Figures> all) throws IOException {
        List<String> lines = new ArrayList<>();
        lines.add(
                "# Written by VerdictDocumentTest. scenario/rule;runs;reverted;promoted;reverted by look;promoted by look;"
                        + "look of the revert (median, 9 of 10);of the promotion");
        all.forEach((key, f) -> lines.add("%s;%d;%d;%d;%s;%s;%s;%s"
                .formatted(
                        key,
                        f.runs,
                        f.reverts,
                        f.promotes,
                        text(f.revertBy),
                        text(f.promoteBy),
                        text(f.revertAt),
                        text(f.promoteAt))));
        Files.createDirectories(Optional.ofNullable(FILE.getParent()).orElseThrow());
        Files.write(FILE, lines);
    }

    private static String text(List<Integer> numbers) {
        return numbers.stream().map(String::valueOf).collect(Collectors.joining(" "));
    }

    private static List<Integer> numbers(String text) {
        return List.of(text.split(" ")).stream().map(Integer::valueOf).toList();
    }
}
