package dev.segue.assessment;

import dev.segue.traffic.Selectors;
import io.fabric8.kubernetes.api.model.LabelSelector;
import io.fabric8.kubernetes.api.model.LabelSelectorRequirement;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Label selectors with expressions, by Kubernetes' rules. */
final class Labels {
    private Labels() {}

    /** An empty selector picks everything, none at all picks nothing. */
    static boolean pick(@Nullable LabelSelector selector, Map<String, String> labels) {
        return selector != null
                && labels.entrySet().containsAll(equal(selector).entrySet())
                && selector.getMatchExpressions().stream().allMatch(e -> holds(e, labels));
    }

    private static Map<String, String> equal(LabelSelector selector) {
        return Objects.requireNonNullElse(selector.getMatchLabels(), Map.of());
    }

    private static boolean holds(LabelSelectorRequirement e, Map<String, String> labels) {
        String value = labels.get(e.getKey());
        List<String> values = e.getValues();
        return switch (e.getOperator()) {
            case "In" -> value != null && values.contains(value);
            case "NotIn" -> value == null || !values.contains(value);
            case "Exists" -> value != null;
            default -> value == null;
        };
    }

    /** Whether it tells the pods of one ReplicaSet from those of another. */
    static boolean namesHash(LabelSelector selector) {
        return Stream.concat(
                        equal(selector).keySet().stream(),
                        selector.getMatchExpressions().stream().map(LabelSelectorRequirement::getKey))
                .anyMatch(Selectors.HASH::equals);
    }

    /** The same without what it says of the hash. */
    static LabelSelector withoutHash(LabelSelector selector) {
        return new LabelSelector(
                selector.getMatchExpressions().stream()
                        .filter(e -> !e.getKey().equals(Selectors.HASH))
                        .toList(),
                Selectors.unpinned(equal(selector)));
    }
}
