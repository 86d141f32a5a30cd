package dev.segue.plan;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.TextNode;
import java.util.Set;

/**
 * A patch that may be shown to everybody who may read the Migration's report. A text in a pod template can be a secret
 * wherever a user may write one: the value of a variable, an argument, a header, an annotation. So a text is hidden unless
 * it stands where Kubernetes wants an image, a name or a quantity. Numbers, booleans and field names are shown.
 */
final class Masked {
    static final String HIDDEN = "***";

    /** Their text is shown. */
    private static final Set<String> SHOWN =
            Set.of("image", "imagePullPolicy", "restartPolicy", "name", "key", "containerName", "resource", "$patch");

    /** All that is below them is shown. */
    private static final Set<String> SHOWN_WHOLE = Set.of("resources", "labels", "matchLabels", "ports");

    private Masked() {}

    static JsonNode of(JsonNode patch) {
        return of("", patch);
    }

    private static JsonNode of(String field, JsonNode value) {
        if (SHOWN_WHOLE.contains(field)) {
            return value;
        }
        if (value.isObject()) {
            var object = JsonNodeFactory.instance.objectNode();
            value.properties().forEach(e -> object.set(e.getKey(), of(e.getKey(), e.getValue())));
            return object;
        }
        if (value.isArray()) {
            var array = JsonNodeFactory.instance.arrayNode();
            value.forEach(item -> array.add(of(field, item)));
            return array;
        }
        return value.isTextual() && !isShown(field) ? TextNode.valueOf(HIDDEN) : value;
    }

    private static boolean isShown(String field) {
        return SHOWN.contains(field) || field.endsWith("Name");
    }
}
