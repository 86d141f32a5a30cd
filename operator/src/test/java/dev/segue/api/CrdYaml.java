package dev.segue.api;

import com.fasterxml.jackson.annotation.JsonClassDescription;
import io.fabric8.crd.generator.annotation.AdditionalPrinterColumn;
import io.fabric8.crd.generator.annotation.AdditionalPrinterColumns;
import io.fabric8.crdv2.generator.CRDGenerator;
import io.fabric8.crdv2.generator.CRDPostProcessor;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceColumnDefinition;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinitionVersion;
import io.fabric8.kubernetes.api.model.apiextensions.v1.JSONSchemaProps;
import io.fabric8.kubernetes.api.model.apiextensions.v1.ValidationRule;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/** The CRD that follows from the records, completed by what annotations cannot say. */
final class CrdYaml {
    static final String REGENERATE = "./mvnw test -pl operator -Dtest=CrdTest -Dsegue.crds.write=true";

    /** A month: longer waits are typing errors, and the API server can tell them from others. */
    private static final String LONGEST = "720h";

    /** Lists whose items have an identity, by their path, with the field that names an item. */
    private static final Map<String, String> KEYED_LISTS = Map.of(
            "spec.components", "deployment",
            "spec.analysis.metrics", "name",
            "spec.analysis.prometheus.headers", "name",
            "spec.staging.snapshots", "claim",
            "status.services", "name",
            "status.metrics", "name",
            "status.conditions", "type");

    private static final String SET_OF_SERVICES = "spec.components.services";

    private CrdYaml() {}

    static String generate() {
        ByteArrayOutputStream yaml = new ByteArrayOutputStream();
        int written = new CRDGenerator()
                .customResourceClasses(Migration.class)
                .forCRDVersions("v1")
                .withMinQuotes(true)
                .withPostProcessor(new Completion())
                .withOutput(new CRDGenerator.CRDOutput<>() {
                    @Override
                    public ByteArrayOutputStream outputFor(String name) {
                        return yaml;
                    }

                    @Override
                    public void close() {}
                })
                .generate();
        if (written != 1) {
            throw new IllegalStateException("expected one CRD, the generator made " + written);
        }
        String text = yaml.toString(StandardCharsets.UTF_8);
        return """
                # Generated from the records in operator/src/main/java/dev/segue/api; to change it, change them and run
                #   %s
                """.formatted(REGENERATE) + text.substring(text.indexOf("apiVersion:"));
    }

    /** Calls the visitor with the path and the schema of everything below the root; items share their list's path. */
    static void walk(String path, JSONSchemaProps schema, BiConsumer<String, JSONSchemaProps> visitor) {
        visitor.accept(path, schema);
        if (schema.getProperties() != null) {
            schema.getProperties()
                    .forEach((name, child) -> walk(path.isEmpty() ? name : path + "." + name, child, visitor));
        }
        if (schema.getItems() != null) {
            walk(path + "[]", schema.getItems().getSchema(), visitor);
        }
        if (schema.getAdditionalProperties() != null) {
            walk(path + "{}", schema.getAdditionalProperties().getSchema(), visitor);
        }
    }

    private static final class Completion implements CRDPostProcessor {
        @Override
        public HasMetadata process(HasMetadata generated, String crdVersion) {
            CustomResourceDefinition crd = (CustomResourceDefinition) generated;
            for (CustomResourceDefinitionVersion version : crd.getSpec().getVersions()) {
                version.setAdditionalPrinterColumns(inDeclaredOrder(version.getAdditionalPrinterColumns()));
                JSONSchemaProps root = version.getSchema().getOpenAPIV3Schema();
                describe(root, Migration.class);
                describe(root.getProperties().get("spec"), MigrationSpec.class);
                describe(root.getProperties().get("status"), MigrationStatus.class);
                walk("", root, Completion::complete);
            }
            return crd;
        }

        /** The generator reads the description of a field, but not that of the three outermost classes. */
        private static void describe(@Nullable JSONSchemaProps schema, Class<?> described) {
            Objects.requireNonNull(schema)
                    .setDescription(
                            described.getAnnotation(JsonClassDescription.class).value());
        }

        private static void complete(String path, JSONSchemaProps schema) {
            String plain = path.replace("[]", "");
            if (KEYED_LISTS.containsKey(plain) && "array".equals(schema.getType())) {
                schema.setXKubernetesListType("map");
                schema.setXKubernetesListMapKeys(List.of(Objects.requireNonNull(KEYED_LISTS.get(plain))));
            }
            if (plain.equals(SET_OF_SERVICES) && "array".equals(schema.getType())) {
                schema.setXKubernetesListType("set");
            }
            if (Durations.PATTERN.equals(schema.getPattern())) {
                ValidationRule bound = new ValidationRule();
                bound.setRule("duration(self) <= duration('%s')".formatted(LONGEST));
                bound.setMessage("must be %s (30 days) or shorter".formatted(LONGEST));
                schema.getXKubernetesValidations().add(bound);
            }
            if (Boolean.TRUE.equals(schema.getXKubernetesPreserveUnknownFields()) && schema.getType() == null) {
                schema.setType("object");
            }
            // A rule on a record's component is found twice: on the field and on its accessor.
            schema.setXKubernetesValidations(new ArrayList<>(new LinkedHashSet<>(schema.getXKubernetesValidations())));
        }

        /** The generator sorts the columns by their path. */
        private static List<CustomResourceColumnDefinition> inDeclaredOrder(
                List<CustomResourceColumnDefinition> columns) {
            List<String> declared = Arrays.stream(Migration.class
                            .getAnnotation(AdditionalPrinterColumns.class)
                            .value())
                    .map(AdditionalPrinterColumn::name)
                    .toList();
            return columns.stream()
                    .sorted(Comparator.comparingInt(c -> declared.indexOf(c.getName())))
                    .toList();
        }
    }
}
