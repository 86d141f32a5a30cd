package dev.segue.assessment;

import dev.segue.api.Finding;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.LimitRangeItem;
import io.fabric8.kubernetes.api.model.Quantity;
import java.math.BigDecimal;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The Deployment's dry run does not prove this: only pods are held to a LimitRange. */
final class LimitRanges {
    private LimitRanges() {}

    static Stream<Finding> violated(Topology t) {
        return t.limitRanges().stream()
                .flatMap(range -> range.getSpec().getLimits().stream().flatMap(item -> switch (item.getType()) {
                    case "Container" ->
                        Stream.concat(
                                        t.targetPod().getInitContainers().stream(),
                                        t.targetPod().getContainers().stream())
                                .flatMap(c -> container(t, range.getMetadata().getName(), item, c));
                    case "Pod" -> pod(t, range.getMetadata().getName(), item);
                    default -> Stream.<Finding>empty();
                }));
    }

    private static Stream<Finding> container(Topology t, String range, LimitRangeItem item, Container c) {
        String who = "container " + c.getName();
        return Stream.concat(
                of(item.getMax())
                        .flatMap(max -> above(
                                t,
                                range,
                                who,
                                max,
                                first(Usage.LIMITS.of(c, max.getKey()), Usage.REQUESTS.of(c, max.getKey())))),
                of(item.getMin()).flatMap(min -> below(t, range, who, min, Usage.REQUESTS.of(c, min.getKey()))));
    }

    private static Stream<Finding> pod(Topology t, String range, LimitRangeItem item) {
        return Stream.concat(
                of(item.getMax())
                        .flatMap(max -> above(
                                t,
                                range,
                                "the pod",
                                max,
                                Usage.LIMITS
                                        .of(t.targetPod(), max.getKey())
                                        .max(Usage.REQUESTS.of(t.targetPod(), max.getKey())))),
                of(item.getMin())
                        .flatMap(min -> below(
                                t, range, "the pod", min, stated(Usage.REQUESTS.of(t.targetPod(), min.getKey())))));
    }

    /** What states nothing gets the range's defaults. */
    private static @Nullable BigDecimal stated(BigDecimal amount) {
        return amount.signum() == 0 ? null : amount;
    }

    private static @Nullable BigDecimal first(@Nullable BigDecimal one, @Nullable BigDecimal other) {
        return one == null ? other : one;
    }

    private static Stream<Map.Entry<String, Quantity>> of(@Nullable Map<String, Quantity> bounds) {
        return bounds == null ? Stream.empty() : new TreeMap<>(bounds).entrySet().stream();
    }

    private static Stream<Finding> above(
            Topology t, String range, String who, Map.Entry<String, Quantity> max, @Nullable BigDecimal amount) {
        return amount != null && amount.compareTo(max.getValue().getNumericalAmount()) > 0
                ? Stream.of(finding(t, range, who, max, amount, "at most"))
                : Stream.empty();
    }

    private static Stream<Finding> below(
            Topology t, String range, String who, Map.Entry<String, Quantity> min, @Nullable BigDecimal amount) {
        return amount != null && amount.compareTo(min.getValue().getNumericalAmount()) < 0
                ? Stream.of(finding(t, range, who, min, amount, "at least"))
                : Stream.empty();
    }

    private static Finding finding(
            Topology t, String range, String who, Map.Entry<String, Quantity> bound, BigDecimal amount, String word) {
        return Reason.LimitRangeViolated.finding(
                "%s of the new version asks for %s of %s, LimitRange %s allows %s %s: its pods would not be created"
                        .formatted(
                                who,
                                new Quantity(amount.stripTrailingZeros().toPlainString()),
                                bound.getKey(),
                                range,
                                word,
                                bound.getValue()),
                "set resources within it in spec.components[0].patch, or: kubectl edit limitrange %s -n %s"
                        .formatted(range, t.namespace()));
    }
}
