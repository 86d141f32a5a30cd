package dev.segue.e2e.referee;

import com.fasterxml.jackson.databind.JsonNode;
import dev.segue.e2e.witness.Json;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ManagedFieldsEntry;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;

/**
 * Who made a change, by the managed fields.
 *
 * <p>The API server gives each writer that changes or adds a field an entry with the time of the write, in seconds. So
 * an entry that is new or has another time names the writer. Two cases leave no such trace. A second write of the same
 * writer within its second: then the writer owns what it changed, because whoever changes a field takes it from all
 * others. And a write that only removes: its writer is not named anywhere, only the former owner of what is gone.
 */
final class Authors {
    /** The names under which the operator's writes stand. */
    private static final Set<String> SEGUE = Set.of("segue", "segue-fence");

    private Authors() {}

    /** The managers whose entries this change has made or renewed, status updates aside. */
    static Set<String> of(Change change) {
        Map<String, ManagedFieldsEntry> known = new HashMap<>();
        entries(change.before()).forEach(e -> known.put(key(e), e));
        Set<String> authors = new TreeSet<>();
        entries(change.after()).filter(e -> !same(known.get(key(e)), e)).forEach(e -> authors.add(e.getManager()));
        return authors;
    }

    /** Whether this change has made or renewed an entry of the operator's. */
    static boolean signedBySegue(Change change) {
        return of(change).stream().anyMatch(SEGUE::contains);
    }

    /** Whether the operator made this difference; one that nobody signed is its own when the field was. */
    static boolean bySegue(Change change, Difference difference) {
        if (!of(change).isEmpty()) {
            return signedBySegue(change);
        }
        return owns(difference.removed() ? change.before() : change.after(), difference);
    }

    private static boolean owns(@Nullable HasMetadata object, Difference difference) {
        return entries(object)
                .filter(e -> SEGUE.contains(e.getManager()))
                .anyMatch(e -> holds(Json.MAPPER.valueToTree(e.getFieldsV1()), difference.path()));
    }

    /** Whether the set of fields, as Kubernetes writes it, has this one or something in it. */
    private static boolean holds(JsonNode fields, List<String> path) {
        if (path.isEmpty() || fields.isEmpty()) {
            return !fields.isMissingNode(); // a field without parts is owned as a whole
        }
        List<String> rest = path.subList(1, path.size());
        if (path.getFirst().chars().allMatch(Character::isDigit)) { // an item of a list; the set names it by its key
            return StreamSupport.stream(fields.spliterator(), false).anyMatch(item -> holds(item, rest));
        }
        return holds(fields.path("f:" + path.getFirst()), rest);
    }

    /** Whether the operator's entry is gone without anyone having taken its fields over. */
    static boolean forgotten(Change change) {
        return isNamed(change.before())
                && change.after() != null
                && !isNamed(change.after())
                && of(change).isEmpty();
    }

    private static boolean isNamed(@Nullable HasMetadata object) {
        return entries(object).map(ManagedFieldsEntry::getManager).anyMatch(SEGUE::contains);
    }

    private static Stream<ManagedFieldsEntry> entries(@Nullable HasMetadata object) {
        return object == null
                ? Stream.empty()
                : object.getMetadata().getManagedFields().stream().filter(e -> e.getSubresource() == null);
    }

    private static boolean same(@Nullable ManagedFieldsEntry before, ManagedFieldsEntry now) {
        return before != null && Objects.equals(before.getTime(), now.getTime());
    }

    private static String key(ManagedFieldsEntry e) {
        return e.getManager() + " " + e.getOperation();
    }
}
