package dev.segue.e2e.hands;

import static org.assertj.core.api.Assertions.assertThat;

import dev.segue.api.MigrationSpec;
import dev.segue.api.Phase;
import java.io.IOException;
import java.lang.reflect.RecordComponent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** docs/other-hands.md says what {@link OtherHandsIT} proves, no more and no less. */
class OtherHandsTest {
    private static final Path PAGE = Path.of("../docs/other-hands.md");
    private static final Pattern WORD = Pattern.compile("`([A-Z][a-z]+(?:[A-Z][a-z]+)*)`");
    private static final Pattern ID = Pattern.compile("`([a-z][A-Za-z]+)`");
    private static final Set<String> PHASES =
            Arrays.stream(Phase.values()).map(Phase::name).collect(Collectors.toSet());

    /**
     * A line of a table.
     *
     * @param test the id of the row that proves it
     * @param when phases
     * @param becomes phases and reasons
     */
    private record Line(String test, Set<String> when, Set<String> becomes) {}

    @Test
    void everyLineOfThePageIsProvedAndEverythingProvedIsToldThere() throws IOException {
        assertThat(told()).containsExactlyInAnyOrderElementsOf(proved());
    }

    @Test
    void noTwoRowsHaveOneName() {
        assertThat(Rows.all()).extracting(Row::id).doesNotHaveDuplicates();
    }

    @Test
    void eachFieldOfTheSpecIsEdited() {
        assertThat(MigrationHands.edited())
                .containsExactlyInAnyOrderElementsOf(Arrays.stream(MigrationSpec.class.getRecordComponents())
                        .map(RecordComponent::getName)
                        .toList());
    }

    private static List<Line> told() throws IOException {
        List<Line> lines = new ArrayList<>();
        for (String line : Files.readAllLines(PAGE)) {
            String[] cells = line.split("\\|", -1);
            if (cells.length == 7 && ID.matcher(cells[5]).find()) {
                String test =
                        ID.matcher(cells[5]).results().findFirst().orElseThrow().group(1);
                lines.add(new Line(test, words(cells[2]), words(cells[3])));
            }
        }
        return lines;
    }

    private static Set<String> words(String cell) {
        return WORD.matcher(cell).results().map(m -> m.group(1)).collect(Collectors.toCollection(TreeSet::new));
    }

    private static List<Line> proved() {
        List<Line> lines = new ArrayList<>();
        for (Row row : Rows.all()) {
            Map<Outcome, Set<String>> when = new LinkedHashMap<>();
            row.outcomes()
                    .forEach((moment, outcome) -> when.computeIfAbsent(outcome, o -> new TreeSet<>())
                            .add(moment.phase().name()));
            when.forEach((outcome, phases) -> lines.add(new Line(row.id(), phases, new TreeSet<>(outcome.words()))));
        }
        return lines;
    }

    /** What a line has to begin with, to write it by. */
    static String skeleton() {
        return proved().stream()
                .map(l -> "| | %s | %s | | `%s` |".formatted(quoted(l.when()), quoted(l.becomes()), l.test()))
                .collect(Collectors.joining("\n"));
    }

    private static String quoted(Set<String> words) {
        return words.stream()
                .map(w -> "`" + w + "`")
                .sorted((a, b) ->
                        Boolean.compare(PHASES.contains(a.replace("`", "")), PHASES.contains(b.replace("`", ""))))
                .collect(Collectors.joining(", "));
    }
}
