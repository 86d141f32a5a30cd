package dev.segue.assessment;

import dev.segue.api.Finding;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.networking.v1.Ingress;
import io.fabric8.kubernetes.api.model.networking.v1.IngressBackend;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What leads to the pods. */
final class Traffic {
    private Traffic() {}

    static Stream<Finding> affinity(Topology t) {
        return t.services().stream()
                .filter(s -> "ClientIP".equals(s.getSpec().getSessionAffinity()))
                .map(s -> Reason.SessionAffinity.finding(
                        "Service %s has sessionAffinity ClientIP: a step shifts clients, not requests, few clients make its share inexact, and at the cutover all of them change pods at once"
                                .formatted(s.getMetadata().getName()),
                        "kubectl patch service %s -n %s --type merge -p '{\"spec\":{\"sessionAffinity\":\"None\"}}'"
                                .formatted(s.getMetadata().getName(), t.namespace())));
    }

    static Stream<Finding> budgets(Topology t) {
        return t.budgets().stream()
                .filter(b -> Labels.pick(b.getSpec().getSelector(), t.sourceLabels()))
                .filter(b ->
                        b.getStatus() != null && Objects.equals(b.getStatus().getDisruptionsAllowed(), 0))
                .map(b -> Reason.DisruptionsBlocked.finding(
                        "PodDisruptionBudget %s allows no disruption now: Segue evicts nothing, but a node drain during the migration hangs on these pods"
                                .formatted(b.getMetadata().getName()),
                        "kubectl get pdb %s -n %s -o yaml"
                                .formatted(b.getMetadata().getName(), t.namespace())));
    }

    static Stream<Finding> routes(Topology t) {
        Set<String> services =
                t.services().stream().map(s -> s.getMetadata().getName()).collect(Collectors.toSet());
        String leading = Stream.concat(
                        t.ingresses().stream()
                                .filter(i -> backends(i).anyMatch(services::contains))
                                .map(i -> "Ingress " + i.getMetadata().getName()),
                        t.routes().stream()
                                .filter(r -> backends(r).anyMatch(services::contains))
                                .map(r -> r.getKind() + " " + r.getMetadata().getName()))
                .sorted()
                .collect(Collectors.joining(", "));
        return leading.isEmpty()
                ? Stream.empty()
                : Stream.of(Reason.Routed.finding(
                        "%s lead to the Services: such a controller follows the endpoints by itself, and may be later than the nodes"
                                .formatted(leading),
                        "spec.verify.propagation has to be longer than it takes: verify: {propagation: 15s}"));
    }

    private static Stream<String> backends(Ingress ingress) {
        Stream<IngressBackend> paths = ingress.getSpec().getRules().stream()
                .filter(rule -> rule.getHttp() != null)
                .flatMap(rule -> rule.getHttp().getPaths().stream())
                .map(path -> path.getBackend());
        return Stream.concat(Stream.ofNullable(ingress.getSpec().getDefaultBackend()), paths)
                .filter(backend -> backend.getService() != null)
                .map(backend -> backend.getService().getName());
    }

    /** A backend without a kind is a Service, one without a namespace is in the route's. */
    private static Stream<String> backends(GenericKubernetesResource route) {
        return maps(route.get("spec", "rules"))
                .flatMap(rule -> maps(rule.get("backendRefs")))
                .filter(ref -> Objects.requireNonNullElse(ref.get("kind"), Service.class.getSimpleName())
                        .equals(Service.class.getSimpleName()))
                .map(ref -> String.valueOf(ref.get("name")));
    }

    private static Stream<Map<?, ?>> maps(@Nullable Object list) {
        return list instanceof List<?> elements
                ? elements.stream().flatMap(e -> e instanceof Map<?, ?> map ? Stream.of(map) : Stream.empty())
                : Stream.empty();
    }
}
