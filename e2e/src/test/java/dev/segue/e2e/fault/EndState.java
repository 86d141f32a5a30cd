package dev.segue.e2e.fault;

import com.fasterxml.jackson.databind.JsonNode;
import dev.segue.e2e.witness.Json;
import io.fabric8.kubernetes.api.model.HasMetadata;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Objects in lines such as {@code Deployment/app spec.replicas = 2}: every field of every object, but for what is
 * another one each time (times, UIDs, versions, addresses, generated parts of names). Equal where the same has come of
 * the same.
 */
public record EndState(List<String> lines) {
    private static final Set<String> VOLATILE = Set.of(
            "uid",
            "deploymentUid",
            "resourceVersion",
            "namespace",
            "clusterIP",
            "clusterIPs",
            "podIP",
            "podIPs",
            "ip",
            "addresses",
            "containerID",
            "endpoints.kubernetes.io/last-change-trigger-time");

    /** What follows from how long pods take; and of what was copied the digest, as a Secret's says which version it was. */
    private static final Pattern PACE = Pattern.compile("(EndpointSlice/.* metadata\\.generation"
            + "|Pod/.* status\\.resources\\."
            + "|Migration/.* status\\.staging\\.objects\\[[0-9]+]\\.digest).*");

    /** Lists whose order is that of the last changes, or none. */
    private static final Set<String> UNORDERED = Set.of("managedFields", "conditions", "endpoints", "ownerReferences");

    private static final Pattern TIME = Pattern.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+Z");

    /** Each run has a namespace of its own. */
    private static final Pattern LAB = Pattern.compile("\\bcrash-[0-9]+\\b");

    private static final Pattern UID = Pattern.compile("\\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\\b");

    /** A plan's rests on UIDs, too; events have its beginning. */
    private static final Pattern HASH = Pattern.compile("\\b[0-9a-f]{64}\\b|(?<=the plan stands \\()[0-9a-f]{12}\\b");

    /** How many there were depends on how long pods take. */
    private static final Pattern REQUESTS = Pattern.compile("\\b[0-9]+ request\\(s\\)");

    /** What Kubernetes makes names of. */
    private static final String RANDOM = "[bcdfghjklmnpqrstvwxz2456789]";

    /** A target's hash follows from the UID of its Migration. */
    private static final Pattern TARGET = Pattern.compile("\\bm%s{9}\\b".formatted(RANDOM));

    /** So does a snapshot's. */
    private static final Pattern SNAPSHOT = Pattern.compile("\\bsegue-data-%s{9}\\b".formatted(RANDOM));

    /** The end of the names of pods and slices. */
    private static final Pattern SUFFIX = Pattern.compile("\\b(%s(-[a-z0-9]+)*)-%s{5}\\b".formatted(Lab.APP, RANDOM));

    static EndState of(List<? extends HasMetadata> objects) {
        Map<String, List<List<String>>> byName = new TreeMap<>();
        for (HasMetadata object : objects) {
            byName.computeIfAbsent(name(object), n -> new ArrayList<>()).add(fields(Json.MAPPER.valueToTree(object)));
        }
        List<String> lines = new ArrayList<>();
        byName.forEach((name, alike) -> {
            alike.sort(Comparator.comparing(Object::toString));
            for (int i = 0; i < alike.size(); i++) {
                String prefix = alike.size() == 1 ? name : name + "#" + (i + 1);
                alike.get(i).stream()
                        .map(field -> prefix + " " + field)
                        .filter(line -> !PACE.matcher(line).matches())
                        .forEach(lines::add);
            }
        });
        return new EndState(lines);
    }

    /** What is here and not there by a plus, what is there and not here by a minus; empty for equal ones. */
    public List<String> differences(EndState there) {
        return Stream.concat(
                        lines.stream().filter(l -> !there.lines.contains(l)).map(l -> "+ " + l),
                        there.lines.stream().filter(l -> !lines.contains(l)).map(l -> "- " + l))
                .toList();
    }

    private static String name(HasMetadata object) {
        return lasting(object.getKind() + "/" + object.getMetadata().getName());
    }

    /** The same without what is another one each time. */
    static String lasting(String text) {
        String unnamed = UID.matcher(LAB.matcher(text).replaceAll("LAB")).replaceAll("UID");
        String timeless = TIME.matcher(HASH.matcher(unnamed).replaceAll("HASH")).replaceAll("TIME");
        String uncounted = REQUESTS.matcher(timeless).replaceAll("N request(s)");
        String unhashed = SNAPSHOT.matcher(uncounted).replaceAll("segue-data-DIGEST");
        return TARGET.matcher(SUFFIX.matcher(unhashed).replaceAll("$1-?")).replaceAll("TARGET");
    }

    /** Each leaf as {@code path = value}. */
    private static List<String> fields(JsonNode node) {
        List<String> fields = new ArrayList<>();
        collect("", "", node, fields);
        return fields;
    }

    private static void collect(String path, String name, JsonNode node, List<String> into) {
        if (node.isObject()) {
            node.properties().stream()
                    .filter(e -> !VOLATILE.contains(e.getKey()) && !e.getValue().isNull())
                    .forEach(e -> collect(path + "." + e.getKey(), e.getKey(), e.getValue(), into));
        } else if (node.isArray()) {
            List<JsonNode> items = new ArrayList<>();
            node.forEach(items::add);
            if (UNORDERED.contains(name)) {
                items.sort(Comparator.comparing(item -> fields(item).toString()));
            }
            for (int i = 0; i < items.size(); i++) {
                collect("%s[%d]".formatted(path, i), "", items.get(i), into);
            }
        } else {
            into.add(lasting("%s = %s".formatted(path.substring(1), node.asText())));
        }
    }
}
