package dev.segue.e2e.docs;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;

/** Writes {@code docs/api.md} from the CRD. */
final class ApiPage {
    private final StringBuilder page = new StringBuilder();

    private ApiPage() {}

    static String of(Path crd) throws IOException {
        JsonNode schema = new YAMLMapper().readTree(crd.toFile()).at("/spec/versions/0/schema/openAPIV3Schema");
        var page = new ApiPage();
        page.line("# Migration, `segue.dev/v1alpha1`");
        page.line("");
        page.line(schema.path("description").asText());
        page.line(
                "Generated from `crds/`; the same as `kubectl explain migration.spec` and so on says of each field. Durations are written");
        page.line("as `90s`, `5m`, `1h30m`. A field in **bold** is required.");
        for (String part : List.of("spec", "status")) {
            page.section(part, schema.path("properties").path(part));
        }
        page.line("");
        page.line("## Annotations, labels, finalizers");
        page.line("");
        page.line("| on | name | meaning |");
        page.line("| --- | --- | --- |");
        page.line(
                "| Migration | annotation `segue.dev/command` | set by you: `abort`, `promote`, `retry`; see [operations.md](operations.md#commands) |");
        page.line(
                "| Migration | finalizer `segue.dev/revert`, from Staging, or else Preparing, until nothing of Segue is left; also while Stuck, and while a copy of production is kept (`staging.keep`, `ttl`) | a deletion waits until nothing of Segue is left |");
        page.line(
                "| Deployment | annotation `segue.dev/fence` | before a migration goes back out of its handover: makes the API server refuse a change that is still on its way; taken away at the end |");
        page.line(
                "| target's ReplicaSet | finalizer `segue.dev/serving` | a deletion by someone else does not stop its pods |");
        page.line(
                "| Secret | label `segue.dev/prometheus`, value `true` | set by you: Segue may send what is in it to the Prometheus that a Migration of the namespace names |");
        page.line("| hold Service | label `segue.dev/hold-for` | the Service that it is for |");
        page.line(
                "| Namespace | label `segue.dev/staging-for` | set by you: Migrations of the namespace that it names may use this one, by `staging.namespace` |");
        page.line(
                "| namespace of a copy | label `segue.dev/staging-of` | Segue has made it, and removes it: the namespace that it is a copy of |");
        page.line(
                "| VolumeSnapshot, VolumeSnapshotContent | label `segue.dev/snapshot-of` | made for a copy, and removed with it: production's namespace |");
        page.line(
                "| namespace of a copy, and all that Segue makes in one | label `segue.dev/migration-uid` | the Migration that it is for; nothing else there is removed |");
        return page.page.toString();
    }

    private void section(String title, JsonNode schema) {
        line("");
        line("## " + title);
        line("");
        line(schema.path("description").asText());
        line("");
        line("| field | type | meaning |");
        line("| --- | --- | --- |");
        var rules = new ArrayList<String>();
        fields("", schema, rules);
        if (!rules.isEmpty()) {
            line("");
            line("The API server refuses it with these words, where they apply:");
            line("");
            rules.stream().distinct().forEach(rule -> line("- " + rule));
        }
    }

    private void fields(String path, JsonNode schema, List<String> rules) {
        schema.path("x-kubernetes-validations")
                .forEach(rule -> rules.add((path.isEmpty() ? "" : "`" + path + "`: ")
                        + rule.path("message").asText()));
        List<String> required = StreamSupport.stream(schema.path("required").spliterator(), false)
                .map(JsonNode::asText)
                .toList();
        schema.path("properties").properties().forEach(entry -> {
            String name = path.isEmpty() ? entry.getKey() : path + "." + entry.getKey();
            JsonNode field = entry.getValue();
            if (field.path("description").asText().startsWith("Not a field")) {
                return; // declared only to be refused
            }
            boolean list = field.has("items");
            String shown = "`" + name + (list ? "[]" : "") + "`";
            line("| %s | %s | %s |"
                    .formatted(
                            required.contains(entry.getKey()) ? "**" + shown + "**" : shown,
                            type(list ? field.path("items") : field),
                            field.path("description").asText().replace("|", "\\|")));
            fields(list ? name + "[]" : name, list ? field.path("items") : field, rules);
            if (list) {
                field.path("x-kubernetes-validations")
                        .forEach(rule -> rules.add(
                                "`" + name + "`: " + rule.path("message").asText()));
            }
        });
    }

    private static String type(JsonNode field) {
        String type = field.path("type").asText("any");
        if (field.path("pattern").asText().contains("ms|s|m|h")) {
            type = "duration";
        } else if (field.path("additionalProperties").isObject()) {
            type = "map of " + type(field.path("additionalProperties"));
        } else if (field.has("enum")) {
            type = StreamSupport.stream(field.path("enum").spliterator(), false)
                    .map(JsonNode::asText)
                    .collect(Collectors.joining(", "));
        } else if (field.has("minimum") && field.has("maximum")) {
            type += " %d to %d"
                    .formatted(
                            field.path("minimum").asInt(), field.path("maximum").asInt());
        } else if (field.path("format").asText().equals("date-time")) {
            type = "time";
        }
        return field.has("default")
                ? type + ", default " + field.path("default").asText()
                : type;
    }

    private void line(String text) {
        page.append(text).append('\n');
    }
}
