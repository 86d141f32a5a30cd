package dev.segue.e2e.fault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.segue.api.Migration;
import dev.segue.e2e.stage.Migrations;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ManagedFieldsEntry;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.DeploymentStatus;
import io.fabric8.kubernetes.api.model.apps.ReplicaSet;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** How a migration has to leave a lab: the user has what the user wants, it serves, and nothing of Segue is there. */
final class Aftermath {
    /** The key of a Service's selector by which it is narrowed. */
    static final String PIN = "pod-template-hash";

    private final @Nullable Deployment deployment;
    private final List<Deployment> deployments;
    private final List<ReplicaSet> replicaSets;
    private final List<Pod> pods;
    private final List<Service> services;
    private final List<EndpointSlice> slices;
    private final List<Migration> migrations;
    private final List<String> copies;

    private Aftermath(Lab lab) {
        deployments = lab.list(lab.client().apps().deployments());
        deployment = deployments.stream()
                .filter(d -> d.getMetadata().getName().equals(Lab.APP))
                .findFirst()
                .orElse(null);
        replicaSets = lab.list(lab.client().apps().replicaSets());
        pods = lab.list(lab.client().pods());
        services = lab.list(lab.client().services());
        slices = lab.list(lab.client().discovery().v1().endpointSlices());
        migrations = lab.list(lab.client().resources(Migration.class));
        copies = lab.copies();
    }

    /** Waits until all is at rest; what is left then has to be what is the user's. */
    static void expect(Lab lab, Belongings theirs) {
        await().atMost(Migrations.PATIENCE).untilAsserted(() -> new Aftermath(lab).atRest());
        assertThat(Belongings.of(lab)).as("what is the user's").isEqualTo(theirs);
        new Aftermath(lab).hasNoTraces();
    }

    private void atRest() {
        assertThat(migrations)
                .as("Migrations that are held by their finalizers")
                .allMatch(m -> m.getMetadata().getFinalizers().isEmpty());
        assertThat(copies).as("copies of production").isEmpty();
        int wanted = deployment == null ? 0 : deployment.getSpec().getReplicas();
        if (deployment != null) {
            DeploymentStatus status = deployment.getStatus();
            assertThat(status.getObservedGeneration())
                    .as("what the Deployment controller has seen")
                    .isEqualTo(deployment.getMetadata().getGeneration());
            assertThat(Stream.of(status.getReplicas(), status.getUpdatedReplicas(), status.getAvailableReplicas())
                            .map(n -> Objects.requireNonNullElse(n, 0)))
                    .as("the Deployment's pods: all, of its template, available")
                    .containsOnly(wanted);
        }
        assertThat(replicaSets)
                .as("ReplicaSets that no Deployment has, or that are not at rest")
                .allMatch(r -> ownedBy(r, deployments))
                .allMatch(r -> r.getStatus() != null
                        && Objects.equals(
                                r.getSpec().getReplicas(), r.getStatus().getReplicas()));
        assertThat(pods).as("pods that no ReplicaSet has").allMatch(p -> ownedBy(p, replicaSets));
        Set<String> own = own();
        assertThat(own).as("the Deployment's pods").hasSize(wanted);
        for (Service service : services) {
            assertThat(readyEndpoints(service))
                    .as(
                            "the ready endpoints of Service %s",
                            service.getMetadata().getName())
                    .containsExactlyInAnyOrderElementsOf(selects(service) ? own : Set.of());
        }
        assertThat(slices).as("EndpointSlices that no Service has").allMatch(s -> ownedBy(s, services));
    }

    private void hasNoTraces() {
        assertThat(services)
                .as("Services that are narrowed")
                .noneMatch(s -> s.getSpec().getSelector().containsKey(PIN));
        assertThat(replicaSets)
                .as("ReplicaSets with a finalizer")
                .allMatch(r -> r.getMetadata().getFinalizers().isEmpty());
        assertThat(Stream.of(deployments, replicaSets, services, pods).flatMap(List::stream))
                .as("what Segue has written")
                .allSatisfy(o -> {
                    String name = o.getKind() + "/" + o.getMetadata().getName();
                    assertThat(written(o)).as("its managed fields of " + name).isEmpty();
                    assertThat(Stream.of(
                                            o.getMetadata().getLabels(),
                                            o.getMetadata().getAnnotations())
                                    .filter(Objects::nonNull)
                                    .map(Map::keySet)
                                    .flatMap(Set::stream))
                            .as("labels and annotations of " + name)
                            .noneMatch(key -> key.startsWith("segue.dev/"));
                });
    }

    /** The managed fields that say that Segue has written something. */
    static Stream<ManagedFieldsEntry> written(HasMetadata object) {
        return object.getMetadata().getManagedFields().stream()
                .filter(m -> m.getManager().startsWith("segue"));
    }

    /** Names of the pods that the Deployment has. */
    private Set<String> own() {
        List<ReplicaSet> sets = deployment == null
                ? List.of()
                : replicaSets.stream()
                        .filter(r -> ownedBy(r, List.of(deployment)))
                        .toList();
        return pods.stream()
                .filter(p -> ownedBy(p, sets))
                .map(p -> p.getMetadata().getName())
                .collect(Collectors.toSet());
    }

    private static boolean ownedBy(HasMetadata object, Collection<? extends HasMetadata> owners) {
        Set<String> uids = owners.stream().map(o -> o.getMetadata().getUid()).collect(Collectors.toSet());
        List<OwnerReference> references = object.getMetadata().getOwnerReferences();
        return !references.isEmpty() && references.stream().allMatch(o -> uids.contains(o.getUid()));
    }

    private boolean selects(Service service) {
        return deployment != null
                && deployment
                        .getSpec()
                        .getTemplate()
                        .getMetadata()
                        .getLabels()
                        .entrySet()
                        .containsAll(service.getSpec().getSelector().entrySet());
    }

    private List<String> readyEndpoints(Service service) {
        return slices.stream()
                .filter(s -> ownedBy(s, List.of(service)))
                .flatMap(s -> Stream.ofNullable(s.getEndpoints()).flatMap(List::stream))
                .filter(e -> Boolean.TRUE.equals(e.getConditions().getReady()))
                .map(e -> e.getTargetRef().getName())
                .toList();
    }
}
