package dev.segue.shell;

import dev.segue.api.StagingSpec;
import dev.segue.assessment.Kind;
import dev.segue.assessment.Right;
import dev.segue.assessment.Topology;
import dev.segue.assessment.Topology.SnapshotGrounds;
import dev.segue.assessment.Topology.Trial;
import dev.segue.staging.References;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.PersistentVolume;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.authorization.v1.ResourceRule;
import io.fabric8.kubernetes.api.model.authorization.v1.SelfSubjectAccessReviewBuilder;
import io.fabric8.kubernetes.api.model.authorization.v1.SelfSubjectRulesReview;
import io.fabric8.kubernetes.api.model.authorization.v1.SelfSubjectRulesReviewBuilder;
import io.fabric8.kubernetes.api.model.storage.StorageClass;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.ResourceDefinitionContext;
import java.net.HttpURLConnection;
import java.util.Collection;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Reads what is around a workload, for the assessment only. What may be many is listed once; what is named is asked for
 * by its name, as all ConfigMaps of a namespace may be large. Thread-safe.
 */
final class TopologyReader {
    /** What the API server says when a webhook has side effects, which a dry run must not have. */
    private static final String NO_DRY_RUN = "does not support dry run";

    private final KubernetesClient client;

    TopologyReader(KubernetesClient client) {
        this.client = client;
    }

    /**
     * @param pods those of the Deployment
     * @param services those to move
     * @param all all Services of the namespace
     * @param staging what the copy is to be like, null when there is to be none
     * @throws KubernetesClientException when the API server does not answer; a missing right is no such thing
     */
    Topology read(
            Deployment deployment,
            PodTemplateSpec target,
            List<Pod> pods,
            List<Service> services,
            Collection<Service> all,
            @Nullable StagingSpec staging) {
        String namespace = deployment.getMetadata().getNamespace();
        References names = References.of(target.getSpec());
        Set<Kind> unread = EnumSet.noneOf(Kind.class);
        List<ResourceRule> rules = rules(namespace);
        return new Topology(
                deployment,
                target,
                pods.stream()
                        .filter(p -> p.getMetadata().getDeletionTimestamp() != null)
                        .toList(),
                services,
                List.copyOf(all),
                named(Kind.CONFIG_MAPS, unread, names.configMaps().all(), name -> keys(namespace, name)),
                named(Kind.SECRETS, unread, names.secrets().all(), name -> secretKeys(namespace, name)),
                named(Kind.CLAIMS, unread, names.claims(), name -> claim(namespace, name)),
                named(
                                Kind.SERVICE_ACCOUNTS,
                                unread,
                                Set.of(names.serviceAccount()),
                                name -> client.serviceAccounts()
                                        .inNamespace(namespace)
                                        .withName(name)
                                        .get())
                        .get(names.serviceAccount()),
                listed(
                        Kind.QUOTAS,
                        unread,
                        () -> client.resourceQuotas()
                                .inNamespace(namespace)
                                .list()
                                .getItems()),
                listed(
                        Kind.LIMIT_RANGES,
                        unread,
                        () -> client.limitRanges().inNamespace(namespace).list().getItems()),
                listed(
                        Kind.AUTOSCALERS,
                        unread,
                        () -> client.autoscaling()
                                .v2()
                                .horizontalPodAutoscalers()
                                .inNamespace(namespace)
                                .list()
                                .getItems()),
                listed(
                        Kind.BUDGETS,
                        unread,
                        () -> client.policy()
                                .v1()
                                .podDisruptionBudget()
                                .inNamespace(namespace)
                                .list()
                                .getItems()),
                listed(
                        Kind.POLICIES,
                        unread,
                        () -> client.network()
                                .v1()
                                .networkPolicies()
                                .inNamespace(namespace)
                                .list()
                                .getItems()),
                listed(
                        Kind.ROLE_BINDINGS,
                        unread,
                        () -> client.rbac()
                                .roleBindings()
                                .inNamespace(namespace)
                                .list()
                                .getItems()),
                listed(
                        Kind.INGRESSES,
                        unread,
                        () -> client.network()
                                .v1()
                                .ingresses()
                                .inNamespace(namespace)
                                .list()
                                .getItems()),
                Stream.of(
                                custom(Kind.HTTP_ROUTES, "v1", "HTTPRoute", namespace, unread),
                                custom(Kind.GRPC_ROUTES, "v1", "GRPCRoute", namespace, unread))
                        .flatMap(List::stream)
                        .toList(),
                Stream.of(
                                custom(Kind.POD_MONITORS, "v1", "PodMonitor", namespace, unread),
                                custom(Kind.SERVICE_MONITORS, "v1", "ServiceMonitor", namespace, unread))
                        .flatMap(List::stream)
                        .toList(),
                trial(deployment, target, unread),
                unread,
                lacking(namespace, rules, Right.NEEDED),
                staging == null || staging.snapshotsOrEmpty().isEmpty()
                        ? null
                        : snapshots(namespace, rules, staging.snapshotsOrEmpty()));
    }

    /** Nothing of it is read where a right is lacking: that is told as it is. */
    private SnapshotGrounds snapshots(String namespace, List<ResourceRule> rules, List<StagingSpec.Snapshot> wanted) {
        List<Right> lacking = lacking(namespace, rules, Right.SNAPSHOTS);
        if (!lacking.isEmpty()) {
            return new SnapshotGrounds(Map.of(), Map.of(), Map.of(), null, lacking);
        }
        Map<String, PersistentVolumeClaim> claims = new TreeMap<>();
        Map<String, PersistentVolume> volumes = new TreeMap<>();
        Map<String, StorageClass> storage = new TreeMap<>();
        for (StagingSpec.Snapshot snapshot : wanted) {
            PersistentVolumeClaim claim = claim(namespace, snapshot.claim());
            if (claim == null) {
                continue;
            }
            claims.put(snapshot.claim(), claim);
            PersistentVolume volume = claim.getSpec().getVolumeName() == null
                            || claim.getStatus() == null
                            || !"Bound".equals(claim.getStatus().getPhase())
                    ? null
                    : client.persistentVolumes()
                            .withName(claim.getSpec().getVolumeName())
                            .get();
            if (volume != null) {
                volumes.put(snapshot.claim(), volume);
            }
            String named = claim.getSpec().getStorageClassName();
            StorageClass found = named == null || named.isEmpty()
                    ? null
                    : client.storage().v1().storageClasses().withName(named).get();
            if (found != null) {
                storage.put(snapshot.claim(), found);
            }
        }
        return new SnapshotGrounds(claims, volumes, storage, new VolumeSnapshots(client).classes(), lacking);
    }

    /** Authorizers other than RBAC may not be able to list their rules, so what is not listed is asked for by itself. */
    private List<Right> lacking(String namespace, List<ResourceRule> rules, List<Right> needed) {
        return needed.stream()
                .filter(right -> rules.stream().noneMatch(rule -> gives(rule, right)) && !may(right, namespace))
                .toList();
    }

    private List<ResourceRule> rules(String namespace) {
        SelfSubjectRulesReview review = client.authorization()
                .v1()
                .selfSubjectRulesReview()
                .create(new SelfSubjectRulesReviewBuilder()
                        .withNewSpec()
                        .withNamespace(namespace)
                        .endSpec()
                        .build());
        return review.getStatus().getResourceRules();
    }

    private static boolean gives(ResourceRule rule, Right right) {
        return rule.getResourceNames().isEmpty()
                && has(rule.getApiGroups(), right.group())
                && has(rule.getResources(), right.resource())
                && has(rule.getVerbs(), right.verb());
    }

    private static boolean has(List<String> values, String value) {
        return values.contains(value) || values.contains("*");
    }

    private boolean may(Right right, String namespace) {
        return Boolean.TRUE.equals(client.authorization()
                .v1()
                .selfSubjectAccessReview()
                .create(new SelfSubjectAccessReviewBuilder()
                        .withNewSpec()
                        .withNewResourceAttributes()
                        .withNamespace(namespace)
                        .withGroup(right.group())
                        .withResource(right.resource())
                        .withVerb(right.verb())
                        .endResourceAttributes()
                        .endSpec()
                        .build())
                .getStatus()
                .getAllowed());
    }

    /** Those that are there, by name. One that must not be read is the last that is asked for. */
    private static <T> Map<String, T> named(
            Kind kind, Set<Kind> unread, Set<String> names, Function<String, @Nullable T> get) {
        Map<String, T> found = new TreeMap<>();
        for (String name : names) {
            try {
                T object = get.apply(name);
                if (object != null) {
                    found.put(name, object);
                }
            } catch (KubernetesClientException e) {
                if (e.getCode() != HttpURLConnection.HTTP_FORBIDDEN) {
                    throw e;
                }
                unread.add(kind);
                return Map.of();
            }
        }
        return found;
    }

    private static <T> List<T> listed(Kind kind, Set<Kind> unread, Supplier<List<T>> list) {
        try {
            return list.get();
        } catch (KubernetesClientException e) {
            return switch (e.getCode()) {
                case HttpURLConnection.HTTP_NOT_FOUND -> List.of(); // no such kind, so there are none
                case HttpURLConnection.HTTP_FORBIDDEN -> {
                    unread.add(kind);
                    yield List.of();
                }
                default -> throw e;
            };
        }
    }

    private List<GenericKubernetesResource> custom(
            Kind kind, String version, String name, String namespace, Set<Kind> unread) {
        ResourceDefinitionContext context = new ResourceDefinitionContext.Builder()
                .withGroup(kind.group())
                .withVersion(version)
                .withKind(name)
                .withPlural(kind.resource())
                .withNamespaced(true)
                .build();
        return listed(
                kind,
                unread,
                () -> client.genericKubernetesResources(context)
                        .inNamespace(namespace)
                        .list()
                        .getItems());
    }

    private @Nullable Set<String> keys(String namespace, String name) {
        ConfigMap found =
                client.configMaps().inNamespace(namespace).withName(name).get();
        return found == null ? null : union(found.getData(), found.getBinaryData());
    }

    /** Its content is let go of at once. */
    private @Nullable Set<String> secretKeys(String namespace, String name) {
        Secret found = client.secrets().inNamespace(namespace).withName(name).get();
        return found == null ? null : union(found.getData(), Map.of());
    }

    private static Set<String> union(@Nullable Map<String, String> one, @Nullable Map<String, String> other) {
        Set<String> keys = new HashSet<>(
                Objects.requireNonNullElse(one, Map.<String, String>of()).keySet());
        keys.addAll(Objects.requireNonNullElse(other, Map.<String, String>of()).keySet());
        return keys;
    }

    private @Nullable PersistentVolumeClaim claim(String namespace, String name) {
        return client.persistentVolumeClaims()
                .inNamespace(namespace)
                .withName(name)
                .get();
    }

    /** During a rollout its additional pods may use up a quota that has room later. */
    private Trial trial(Deployment deployment, PodTemplateSpec target, Set<Kind> unread) {
        if (!Topology.settled(deployment)) {
            return Trial.NONE;
        }
        Pod pod = new PodBuilder()
                .withNewMetadata()
                .withGenerateName(deployment.getMetadata().getName() + "-")
                .withLabels(target.getMetadata().getLabels())
                .withAnnotations(target.getMetadata().getAnnotations())
                .endMetadata()
                .withSpec(target.getSpec())
                .build();
        try {
            return new Trial(
                    client.pods()
                            .inNamespace(deployment.getMetadata().getNamespace())
                            .resource(pod)
                            .dryRun(true)
                            .create()
                            .getSpec(),
                    null,
                    null);
        } catch (KubernetesClientException e) {
            String said = Changes.reason(e);
            if (Rejection.of(e) != Rejection.REFUSED) {
                throw e;
            }
            if (said.contains("cannot create resource \"pods\"")) {
                unread.add(Kind.PODS);
                return Trial.NONE;
            }
            return said.contains(NO_DRY_RUN) ? new Trial(null, null, said) : new Trial(null, said, null);
        }
    }
}
