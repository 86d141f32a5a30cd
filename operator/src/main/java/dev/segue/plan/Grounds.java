package dev.segue.plan;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.segue.api.MigrationSpec;
import dev.segue.api.PlanStatus;
import dev.segue.api.PlanStatus.Basis;
import dev.segue.staging.Digest;
import dev.segue.traffic.Selectors;
import dev.segue.traffic.Services;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What a plan rests on, part by part. In it is what decides which objects are written and what traffic they move: the
 * spec, the Deployment and its template before and after the change, the Services. Not in it is what a migration follows
 * by itself: the Deployment's size, which is an autoscaler's, its status, its ReplicaSets, and what other labels and
 * annotations its own metadata have. {@code mode} and {@code paused} say when, not what.
 */
public final class Grounds {
    private static final JsonMapper JSON = new JsonMapper();

    private static final String SPEC = "spec.";

    private Grounds() {}

    /** Those in the spec. */
    public static List<Basis> of(MigrationSpec spec) {
        ObjectNode fields = JSON.valueToTree(spec);
        fields.remove(List.of("mode", "paused"));
        List<Basis> parts = new ArrayList<>();
        fields.properties().stream()
                .filter(e -> !e.getValue().isNull())
                .sorted(Map.Entry.comparingByKey())
                .forEach((Map.Entry<String, JsonNode> e) -> parts.add(part(SPEC + e.getKey(), e.getValue())));
        return parts;
    }

    /** All of them. */
    static List<Basis> of(MigrationSpec spec, Deployment deployment, PodTemplateSpec changed, List<Service> services) {
        List<Basis> parts = new ArrayList<>(of(spec));
        String name = "Deployment " + deployment.getMetadata().getName();
        parts.add(new Basis(name, deployment.getMetadata().getUid()));
        parts.add(part(name + ": template", deployment.getSpec().getTemplate()));
        parts.add(part(name + ": template with the change", changed));
        parts.add(part(
                name + ": rollout",
                Arrays.asList(
                        deployment.getSpec().getSelector(),
                        deployment.getSpec().getMinReadySeconds(),
                        deployment.getSpec().getStrategy())));
        services.stream()
                .sorted(Comparator.comparing(s -> s.getMetadata().getName()))
                .forEach(s -> {
                    String service = "Service " + s.getMetadata().getName();
                    parts.add(new Basis(service, s.getMetadata().getUid()));
                    parts.add(part(service + ": selector", selector(s)));
                    parts.add(part(service + ": ports", ports(s)));
                });
        return parts;
    }

    private static Map<String, String> selector(Service service) {
        return Selectors.unpinned(Services.selector(service));
    }

    /** How clients come in; node ports are drawn by lot. */
    private static List<@Nullable Object> ports(Service service) {
        return Arrays.asList(
                service.getSpec().getType(),
                service.getSpec().getSessionAffinity(),
                service.getSpec().getExternalTrafficPolicy(),
                service.getSpec().getInternalTrafficPolicy(),
                Services.ports(service));
    }

    private static Basis part(String name, Object value) {
        return new Basis(name, Digest.of(value));
    }

    static String hash(List<Basis> parts) {
        return Digest.whole(parts);
    }

    /** The beginning of its hash. */
    public static String brief(PlanStatus plan) {
        return plan.hash().substring(0, Math.min(12, plan.hash().length()));
    }

    /** What differs between two plans, in words; empty for the same. */
    public static List<String> differences(PlanStatus then, PlanStatus now) {
        return differences(then.basisOrEmpty(), now.basisOrEmpty());
    }

    /** What differs between the spec that a plan rests on and this one. */
    public static List<String> differences(PlanStatus then, MigrationSpec now) {
        return differences(
                then.basisOrEmpty().stream()
                        .filter(b -> b.part().startsWith(SPEC))
                        .toList(),
                of(now));
    }

    private static List<String> differences(List<Basis> then, List<Basis> now) {
        Map<String, String> before = byPart(then);
        Map<String, String> after = byPart(now);
        return Stream.concat(before.keySet().stream(), after.keySet().stream())
                .collect(Collectors.toCollection(TreeSet::new))
                .stream()
                .filter(part -> !Objects.equals(before.get(part), after.get(part)))
                .filter(part -> !part.contains(": ") || bothHave(before, after, part)) // the object itself says it
                .map(part -> told(part, before.get(part), after.get(part)))
                .toList();
    }

    private static boolean bothHave(Map<String, String> before, Map<String, String> after, String part) {
        return before.containsKey(part) && after.containsKey(part);
    }

    private static Map<String, String> byPart(List<Basis> parts) {
        return parts.stream().collect(Collectors.toMap(Basis::part, Basis::digest, (a, _) -> a, TreeMap::new));
    }

    private static String told(String part, @Nullable String before, @Nullable String after) {
        if (before == null) {
            return part + " is new";
        }
        if (after == null) {
            return part + " is gone";
        }
        boolean object = !part.startsWith(SPEC) && !part.contains(": ");
        return part + (object ? " was replaced by another of its name" : " was changed");
    }
}
