package dev.segue.e2e.referee;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import dev.segue.e2e.witness.Json;
import io.fabric8.kubernetes.api.model.HasMetadata;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * One field in which two states of an object differ.
 *
 * @param path from the object's root, list items by their index
 */
record Difference(List<String> path, JsonNode before, JsonNode after) {
    private static final List<String> OF_USERS = List.of("labels", "annotations", "finalizers", "ownerReferences");

    /** In what users write: the spec, labels, annotations, finalizers and owners. */
    static List<Difference> between(@Nullable HasMetadata before, @Nullable HasMetadata after) {
        List<Difference> found = new ArrayList<>();
        JsonNode one = Json.MAPPER.valueToTree(before);
        JsonNode other = Json.MAPPER.valueToTree(after);
        collect(List.of("spec"), one.path("spec"), other.path("spec"), found);
        for (String part : OF_USERS) {
            collect(
                    List.of("metadata", part),
                    one.path("metadata").path(part),
                    other.path("metadata").path(part),
                    found);
        }
        return found;
    }

    private static void collect(List<String> path, JsonNode before, JsonNode after, List<Difference> into) {
        if (before.equals(after)) {
            return;
        }
        if (before.isObject() && after.isObject()) {
            Set<String> names = new TreeSet<>();
            before.fieldNames().forEachRemaining(names::add);
            after.fieldNames().forEachRemaining(names::add);
            names.forEach(n -> collect(with(path, n), before.path(n), after.path(n), into));
        } else if (before.isArray() && after.isArray()) {
            for (int i = 0; i < Math.max(before.size(), after.size()); i++) {
                collect(with(path, Integer.toString(i)), at(before, i), at(after, i), into);
            }
        } else {
            into.add(new Difference(path, before, after));
        }
    }

    private static JsonNode at(JsonNode list, int index) {
        return index < list.size() ? list.get(index) : MissingNode.getInstance();
    }

    private static List<String> with(List<String> path, String name) {
        var longer = new ArrayList<>(path);
        longer.add(name);
        return List.copyOf(longer);
    }

    boolean removed() {
        return after.isMissingNode();
    }

    boolean in(String... start) {
        return path.size() >= start.length && path.subList(0, start.length).equals(List.of(start));
    }

    @Override
    public String toString() {
        return "%s: %s → %s".formatted(String.join(".", path), text(before), text(after));
    }

    private static String text(JsonNode value) {
        return value.isMissingNode() ? "-" : value.toString();
    }
}
