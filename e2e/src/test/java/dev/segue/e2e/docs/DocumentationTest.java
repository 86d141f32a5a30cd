package dev.segue.e2e.docs;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.segue.api.Finding.Severity;
import dev.segue.api.Phase;
import dev.segue.assessment.Reason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class DocumentationTest {
    private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
    private static final Path SOURCES = ROOT.resolve("operator/src/main/java/dev/segue");

    /** In these folders a string that is one UpperCamelCase word is a reason, a condition or a task. */
    private static final List<String> SPEAKING =
            List.of("engine", "report", "analysis", "shell/MigrationReconciler.java");

    private static final Pattern WORD = Pattern.compile("\"([A-Z][a-z]+(?:[A-Z][a-z]+)*)\"");
    private static final Set<String> NO_REASONS = Set.of("True", "False", "Deployment");
    private static final Pattern TOLD = Pattern.compile("`([A-Z][a-z]+(?:[A-Z][a-z]+)*)`");
    private static final Pattern FIRST_CELL = Pattern.compile("(?m)^\\| ([^|]*) \\|");
    private static final Pattern LINK = Pattern.compile("]\\(([^)#\\s]*)(?:#([^)\\s]+))?\\)");
    private static final Pattern HEADING = Pattern.compile("(?m)^#+ (.+)$");

    @Test
    void operationsTellsOfEveryReasonInTheCode() throws IOException {
        Set<String> reasons = reasons();
        assertThat(reasons).contains("MetricFailed", "Draining", "Reversible", "Refused", "StepStarted", "PinTarget");

        String page = operations();
        reasons.removeIf(r -> page.contains("`" + r + "`"));
        assertThat(reasons)
                .as("reasons that docs/operations.md does not tell of")
                .isEmpty();
    }

    /** What its tables begin a row with. */
    @Test
    void operationsTellsOfNoReasonThatIsNotInTheCode() throws IOException {
        var told = new TreeSet<String>();
        FIRST_CELL
                .matcher(operations())
                .results()
                .flatMap(cell -> TOLD.matcher(cell.group(1)).results())
                .forEach(m -> told.add(m.group(1)));
        assertThat(told).contains("MetricFailed", "Draining", "Reversible", "Refused", "StepStarted", "PinTarget");

        told.removeAll(reasons());
        assertThat(told)
                .as("reasons of docs/operations.md that the code does not know")
                .isEmpty();
    }

    /** Each row of its tables is a reason with its severity, and every reason has one. */
    @Test
    void assessmentTellsOfEveryFinding() throws IOException {
        var told = new TreeSet<String>();
        Pattern.compile("(?m)^\\| `([A-Za-z]+)` \\| (Block|Warn|Info) \\| [^|]+ \\| [^|]+ \\|$")
                .matcher(Files.readString(ROOT.resolve("docs/assessment.md")))
                .results()
                .forEach(row -> told.add(row.group(1) + " " + row.group(2)));
        assertThat(told)
                .containsExactlyElementsOf(Arrays.stream(Reason.values())
                        .map(reason -> reason.name() + " " + reason.severity())
                        .sorted()
                        .toList());
    }

    /** As a key, or in a comment where it excludes another. */
    @Test
    void theFullSampleNamesEveryField() throws IOException {
        var fields = new TreeSet<String>();
        properties(
                new YAMLMapper()
                        .readTree(ROOT.resolve("crds/migrations.segue.dev.yaml").toFile())
                        .at("/spec/versions/0/schema/openAPIV3Schema/properties/spec"),
                fields);
        assertThat(fields).contains("components", "rehearse", "falseRevert");

        String sample = Files.readString(ROOT.resolve("manifests/samples/full.yaml"));
        fields.removeIf(f -> Pattern.compile("\\b" + f + "\\b").matcher(sample).find());
        fields.remove("template"); // declared only to be refused
        assertThat(fields).as("fields that the full sample does not name").isEmpty();
    }

    private static void properties(JsonNode schema, Set<String> into) {
        schema.path("properties").properties().forEach(p -> {
            into.add(p.getKey());
            properties(p.getValue(), into);
        });
        if (schema.has("items")) {
            properties(schema.path("items"), into);
        }
        if (schema.path("additionalProperties").isObject()) {
            properties(schema.path("additionalProperties"), into);
        }
    }

    private static String operations() throws IOException {
        return Files.readString(ROOT.resolve("docs/operations.md"));
    }

    private static Set<String> reasons() throws IOException {
        var reasons = new TreeSet<String>();
        for (String place : SPEAKING) {
            for (Path source : files(SOURCES.resolve(place), ".java")) {
                WORD.matcher(Files.readString(source)).results().forEach(m -> reasons.add(m.group(1)));
            }
        }
        reasons.removeAll(NO_REASONS);
        Arrays.stream(Phase.values()).map(Phase::name).forEach(reasons::add);
        Arrays.stream(Reason.values()) // only these can be a cause
                .filter(reason -> reason.severity() == Severity.Block)
                .map(Reason::name)
                .forEach(reasons::add);
        return reasons;
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
    void everyRelativeLinkLeadsToAFileAndAHeading() throws IOException {
        var broken = new ArrayList<String>();
        int links = 0;
        for (Path page : files(ROOT, ".md")) {
            for (MatchResult link :
                    LINK.matcher(Files.readString(page)).results().toList()) {
                links++;
                if (!leads(page, link.group(1), link.group(2))) {
                    broken.add(ROOT.relativize(page) + " links to " + link.group());
                }
            }
        }
        assertThat(links).isGreaterThan(10);
        assertThat(broken).isEmpty();
    }

    private static boolean leads(Path page, String target, @Nullable String anchor) throws IOException {
        if (target.contains("://")) {
            return true;
        }
        Path file = target.isEmpty() ? page : page.resolveSibling(target);
        return Files.exists(file) && (anchor == null || anchors(file).contains(anchor));
    }

    /** As GitHub makes them of the headings. */
    private static Set<String> anchors(Path page) throws IOException {
        return HEADING.matcher(Files.readString(page))
                .results()
                .map(m -> m.group(1).toLowerCase(Locale.ROOT))
                .map(heading -> heading.replaceAll("[^\\p{L}\\p{N} _-]", "").replace(' ', '-'))
                .collect(Collectors.toSet());
    }

    /** Below the place, but for what the build makes. */
    private static List<Path> files(Path place, String suffix) throws IOException {
        try (Stream<Path> files = Files.walk(place)) {
            return files.filter(f -> f.toString().endsWith(suffix))
                    .filter(f -> !ROOT.relativize(f).toString().matches("(.*/)?target/.*"))
                    .toList();
        }
    }
}
