package dev.segue.e2e.docs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.segue.api.Phase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class DocumentationTest {
    private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
    private static final Path SOURCES = ROOT.resolve("operator/src/main/java/dev/segue");

    /** In these folders a string that is one UpperCamelCase word is a reason, a condition or a task. */
    private static final List<String> SPEAKING =
            List.of("engine", "report", "analysis", "shell/MigrationReconciler.java");

    private static final Pattern WORD = Pattern.compile("\"([A-Z][a-z]+(?:[A-Z][a-z]+)*)\"");
    private static final Set<String> NO_REASONS = Set.of("True", "False");
    private static final Pattern LINK = Pattern.compile("]\\(([^)#\\s]+)(?:#[^)]*)?\\)");

    @Test
    void operationsTellsOfEveryReasonInTheCode() throws IOException {
        var reasons = new TreeSet<String>();
        for (String place : SPEAKING) {
            for (Path source : files(SOURCES.resolve(place), ".java")) {
                WORD.matcher(Files.readString(source)).results().forEach(m -> reasons.add(m.group(1)));
            }
        }
        reasons.removeAll(NO_REASONS);
        Arrays.stream(Phase.values()).map(Phase::name).forEach(reasons::add);
        assertThat(reasons).contains("MetricFailed", "Draining", "Reversible", "Refused", "StepStarted", "PinTarget");

        String page = Files.readString(ROOT.resolve("docs/operations.md"));
        reasons.removeIf(r -> page.contains("`" + r + "`"));
        assertThat(reasons)
                .as("reasons that docs/operations.md does not tell of")
                .isEmpty();
    }

    /** {@code -Dsegue.docs.write=true} writes the page instead. */
    @Test
    void apiIsThePageOfTheCrd() throws IOException {
        String wanted = ApiPage.of(ROOT.resolve("crds/migrations.segue.dev.yaml"));
        Path file = ROOT.resolve("docs/api.md");
        if (Boolean.getBoolean("segue.docs.write")) {
            Files.writeString(file, wanted);
        }
        assertThat(file)
                .as(
                        "docs/api.md is not what crds/ says: ./mvnw test -pl e2e -am -Dtest=DocumentationTest -Dsegue.docs.write=true")
                .hasContent(wanted);
    }

    @Test
    void everyRelativeLinkLeadsToAFile() throws IOException {
        var broken = new ArrayList<String>();
        List<Path> pages = new ArrayList<>(files(ROOT.resolve("docs"), ".md"));
        pages.addAll(List.of(ROOT.resolve("README.md"), ROOT.resolve("CHANGELOG.md")));
        for (Path page : pages) {
            LINK.matcher(Files.readString(page))
                    .results()
                    .map(m -> m.group(1))
                    .filter(target -> !target.contains("://"))
                    .filter(target -> !Files.exists(page.resolveSibling(target)))
                    .forEach(target -> broken.add(ROOT.relativize(page) + " links to " + target));
        }
        assertThat(broken).isEmpty();
    }

    private static List<Path> files(Path place, String suffix) throws IOException {
        try (Stream<Path> files = Files.walk(place)) {
            return files.filter(f -> f.toString().endsWith(suffix)).toList();
        }
    }
}
