package dev.segue.assessment;

import dev.segue.analysis.Reading;
import dev.segue.api.Component;
import dev.segue.api.Finding;
import dev.segue.api.Handover;
import dev.segue.api.Handover.Via;
import dev.segue.api.MigrationSpec;
import dev.segue.api.StagingSpec;
import dev.segue.assessment.Topology.SnapshotGrounds;
import dev.segue.assessment.Topology.Trial;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.LimitRange;
import io.fabric8.kubernetes.api.model.PersistentVolume;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.ResourceQuota;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.autoscaling.v2.HorizontalPodAutoscaler;
import io.fabric8.kubernetes.api.model.networking.v1.Ingress;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import io.fabric8.kubernetes.api.model.rbac.RoleBinding;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A workload in whose surroundings nothing is found but that there is no analysis, until a case spoils it. */
final class Around {
    static final String POD = "{containers: [{name: app, image: 'shop:1'}]}";

    int replicas = 4;
    int updated = 4;
    String strategy = "{type: RollingUpdate, rollingUpdate: {maxSurge: 25%}}";
    String sourcePod = POD;
    String targetPod = "{containers: [{name: app, image: 'shop:2'}]}";
    String targetLabels = "{app: shop, tier: web}";
    String targetAnnotations = "{}";
    String deploymentFields = "[]";
    String serviceFields = "[]";
    String service = "{selector: {app: shop}}";
    String serviceAnnotations = "{}";

    @Nullable
    ServiceAccount account = new ServiceAccount();

    Trial trial = Trial.NONE;

    @Nullable
    Via via;

    final Map<String, Reading> readings = new HashMap<>();
    final List<Pod> ending = new ArrayList<>();
    final List<Service> neighbours = new ArrayList<>();
    final Map<String, Set<String>> configMaps = new HashMap<>();
    final Map<String, Set<String>> secrets = new HashMap<>();
    final Map<String, PersistentVolumeClaim> claims = new HashMap<>();
    final List<ResourceQuota> quotas = new ArrayList<>();
    final List<LimitRange> limitRanges = new ArrayList<>();
    final List<HorizontalPodAutoscaler> autoscalers = new ArrayList<>();
    final List<PodDisruptionBudget> budgets = new ArrayList<>();
    final List<NetworkPolicy> policies = new ArrayList<>();
    final List<RoleBinding> roleBindings = new ArrayList<>();
    final List<Ingress> ingresses = new ArrayList<>();
    final List<GenericKubernetesResource> routes = new ArrayList<>();
    final List<GenericKubernetesResource> monitors = new ArrayList<>();
    final Set<Kind> unread = EnumSet.noneOf(Kind.class);
    final List<Right> lacking = new ArrayList<>();

    @Nullable
    SnapshotGrounds snapshots;

    @Nullable
    StagingSpec staging;

    MigrationSpec spec = spec(null);

    static <T> T yaml(Class<T> type, String text) {
        return Serialization.unmarshal("---\n" + text, type); // what begins with a brace is taken for JSON
    }

    /** An object of this name and spec. */
    static <T> T named(Class<T> type, String name, String spec) {
        return yaml(type, "{metadata: {name: %s, namespace: prod}, spec: %s}".formatted(name, spec));
    }

    /** The pod's container with these fields. */
    static String app(String fields) {
        return "{containers: [{name: app, image: 'shop:2', %s}]}".formatted(fields);
    }

    MigrationSpec spec(dev.segue.api.@Nullable Analysis analysis) {
        return new MigrationSpec(
                null,
                null,
                List.of(new Component("shop", null, null, Map.of("app", "shop:2"), null)),
                null,
                staging,
                analysis,
                null,
                via == null ? null : new Handover(null, via),
                null,
                null);
    }

    void via(Via way) {
        via = way;
        spec = spec(null);
    }

    void staging(String wanted) {
        staging = yaml(StagingSpec.class, wanted);
        spec = spec(null);
    }

    /** The copy shall have the claim's data; it is bound, by this driver. */
    SnapshotGrounds snapshot(String wanted, @Nullable String driver, String... classes) {
        staging("{snapshots: [%s]}".formatted(wanted));
        SnapshotGrounds bound = new SnapshotGrounds(
                new HashMap<>(Map.of(
                        "data", yaml(PersistentVolumeClaim.class, "{metadata: {name: data}, status: {phase: Bound}}"))),
                new HashMap<>(Map.of(
                        "data",
                        named(
                                PersistentVolume.class,
                                "pv-1",
                                driver == null
                                        ? "{hostPath: {path: /data}}"
                                        : "{csi: {driver: %s, volumeHandle: h}}".formatted(driver)))),
                new HashMap<>(),
                Stream.of(classes)
                        .map(c -> yaml(GenericKubernetesResource.class, "{kind: VolumeSnapshotClass, %s}".formatted(c)))
                        .toList(),
                List.of());
        snapshots = bound;
        return bound;
    }

    void claim(String name, String mode) {
        claims.put(name, named(PersistentVolumeClaim.class, name, "{accessModes: [%s]}".formatted(mode)));
    }

    static String mounting(String claim) {
        return "{containers: [{name: app}], volumes: [{name: data, persistentVolumeClaim: {claimName: %s}}]}"
                .formatted(claim);
    }

    void quota(String resource, String hard, String used) {
        quotas.add(yaml(
                ResourceQuota.class,
                "{metadata: {name: team}, spec: {}, status: {hard: {%1$s: '%2$s'}, used: {%1$s: '%3$s'}}}"
                        .formatted(resource, hard, used)));
    }

    Topology topology() {
        Deployment deployment = yaml(Deployment.class, """
                metadata: {name: shop, namespace: prod, generation: 2, managedFields: %s}
                spec:
                  replicas: %d
                  strategy: %s
                  template: {metadata: {labels: {app: shop, tier: web}}, spec: %s}
                status: {observedGeneration: 2, replicas: %d, updatedReplicas: %d}
                """.formatted(
                        deploymentFields, replicas, strategy, sourcePod, replicas, Math.min(replicas, updated)));
        Service moved = yaml(
                Service.class,
                "{metadata: {name: shop, namespace: prod, labels: {app: shop}, annotations: %s, managedFields: %s}, spec: %s}"
                        .formatted(serviceAnnotations, serviceFields, service));
        return new Topology(
                deployment,
                yaml(
                        PodTemplateSpec.class,
                        "{metadata: {labels: %s, annotations: %s}, spec: %s}"
                                .formatted(targetLabels, targetAnnotations, targetPod)),
                ending,
                List.of(moved),
                Stream.concat(Stream.of(moved), neighbours.stream()).toList(),
                configMaps,
                secrets,
                claims,
                account,
                quotas,
                limitRanges,
                autoscalers,
                budgets,
                policies,
                roleBindings,
                ingresses,
                routes,
                monitors,
                trial,
                unread,
                lacking,
                snapshots);
    }

    List<Finding> findings() {
        return Assessment.of(topology(), spec, readings);
    }
}
