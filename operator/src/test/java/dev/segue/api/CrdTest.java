package dev.segue.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinitionVersion;
import io.fabric8.kubernetes.api.model.apiextensions.v1.JSONSchemaProps;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiPredicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The checked-in CRD is the one of the records, and it is fit for an API server and for a reader. */
class CrdTest {
    private static final String YAML = CrdYaml.generate();
    private static final CustomResourceDefinitionVersion VERSION = Serialization.unmarshal(
                    YAML, CustomResourceDefinition.class)
            .getSpec()
            .getVersions()
            .getFirst();

    @ParameterizedTest
    @ValueSource(strings = {"crds/migrations.segue.dev.yaml", "helm/segue/files/migrations.segue.dev.yaml"})
    void checkedInCopyIsCurrent(String file) throws IOException {
        Path copy = Path.of("..").resolve(file);
        if (Boolean.getBoolean("segue.crds.write")) {
            Files.createDirectories(copy.getParent());
            Files.writeString(copy, YAML);
        }
        assertThat(copy)
                .as("%s is missing; write it with %s", file, CrdYaml.REGENERATE)
                .exists();
        assertThat(Files.readString(copy))
                .as(
                        "%s differs from the records in operator/src/main/java/dev/segue/api; write it anew with %s",
                        file, CrdYaml.REGENERATE)
                .isEqualTo(YAML);
    }

    @Test
    void everyFieldIsDescribed() {
        assertThat(fields((path, schema) -> !path.endsWith("[]")
                        && !path.endsWith("{}")
                        && (schema.getDescription() == null
                                || schema.getDescription().isBlank())))
                .as("fields without a @JsonPropertyDescription")
                .isEmpty();
    }

    /** Without bounds the API server takes the worst case for the cost of a rule and refuses the CRD. */
    @Test
    void everythingAUserWritesIsBounded() {
        assertThat(fields((path, schema) -> path.startsWith("spec") && !bounded(schema)))
                .as("fields without @Size")
                .isEmpty();
    }

    private static boolean bounded(JSONSchemaProps schema) {
        return switch (schema.getType()) {
            case "string" ->
                schema.getMaxLength() != null
                        || (schema.getEnum() != null && !schema.getEnum().isEmpty());
            case "array" -> schema.getMaxItems() != null;
            case "object" -> schema.getAdditionalProperties() == null || schema.getMaxProperties() != null;
            default -> true;
        };
    }

    @Test
    void everyDurationIsLimited() {
        assertThat(fields((path, schema) -> Durations.PATTERN.equals(schema.getPattern())
                        && schema.getXKubernetesValidations().stream()
                                .noneMatch(rule -> rule.getRule().contains("duration('720h')"))))
                .isEmpty();
    }

    @Test
    void columnsComeInTheOrderTheyAreRead() {
        assertThat(VERSION.getAdditionalPrinterColumns())
                .filteredOn(column -> column.getPriority() == 0)
                .extracting(column -> column.getName())
                .containsExactly("Phase", "Step", "Weight", "Target", "Verdict", "Waiting", "Age");
    }

    @Test
    void noRuleIsThereTwice() {
        assertThat(fields((path, schema) ->
                        schema.getXKubernetesValidations().stream().distinct().count()
                                < schema.getXKubernetesValidations().size()))
                .isEmpty();
    }

    private static List<String> fields(BiPredicate<String, JSONSchemaProps> wanted) {
        List<String> found = new ArrayList<>();
        CrdYaml.walk("", VERSION.getSchema().getOpenAPIV3Schema(), (path, schema) -> {
            if (wanted.test(path, schema)) {
                found.add(path);
            }
        });
        return found;
    }
}
