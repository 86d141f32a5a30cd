package dev.segue.shell;

import dev.segue.api.Migration;
import dev.segue.api.PrometheusSource;
import dev.segue.api.StagingSpec;
import dev.segue.api.StagingSpec.Dependency;
import dev.segue.staging.Production;
import dev.segue.staging.References;
import dev.segue.staging.StageCopies;
import dev.segue.staging.StageCopies.Closure;
import dev.segue.staging.StageName;
import dev.segue.traffic.Selectors;
import dev.segue.traffic.Services;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.LocalObjectReference;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Reads of production what its copy is made from. Thread-safe. */
final class StageSource {
    private final KubernetesClient client;
    private final String clusterDomain;

    StageSource(KubernetesClient client, String clusterDomain) {
        this.client = client;
        this.clusterDomain = clusterDomain;
    }

    /**
     * What belongs into the copy, by production as it is now.
     *
     * @param stage namespace of the copy
     *
     * @throws KubernetesClientException when the API server refuses a read, or does not answer
     */
    Closure closure(Migration m, Deployment deployment, PodTemplateSpec target, String stage, int attempt) {
        StagingSpec spec = Objects.requireNonNull(m.getSpec().staging());
        String namespace = m.getMetadata().getNamespace();
        List<Service> services = client.services().inNamespace(namespace).list().getItems();
        Map<String, Deployment> others = others(spec, namespace, services);
        List<References> needed = new ArrayList<>();
        needed.add(References.of(target.getSpec()));
        if (spec.rehearsesMoves()) {
            needed.add(References.of(deployment.getSpec().getTemplate().getSpec()));
        }
        StageCopies.copied(spec, others)
                .forEach(d -> needed.add(References.of(d.getSpec().getTemplate().getSpec())));
        Map<String, ServiceAccount> accounts = read(
                ServiceAccount.class,
                namespace,
                needed.stream().map(References::serviceAccount).collect(Collectors.toSet()));
        Production production = new Production(
                client.namespaces().withName(namespace).require(),
                deployment,
                target,
                services,
                others,
                read(
                        ConfigMap.class,
                        namespace,
                        needed.stream()
                                .flatMap(r -> r.configMaps().all().stream())
                                .collect(Collectors.toSet())),
                read(
                        Secret.class,
                        namespace,
                        StageCopies.secrets(
                                spec,
                                Stream.concat(
                                                needed.stream().flatMap(r -> r.secrets().all().stream()),
                                                accounts.values().stream()
                                                        .flatMap(a -> a.getImagePullSecrets().stream())
                                                        .map(LocalObjectReference::getName))
                                        .collect(Collectors.toSet()))),
                read(
                        PersistentVolumeClaim.class,
                        namespace,
                        needed.stream().flatMap(r -> r.claims().stream()).collect(Collectors.toSet())),
                accounts,
                client.limitRanges().inNamespace(namespace).list().getItems(),
                monitoring(m.getSpec().analysisOrDefault().prometheus()));
        return StageCopies.of(spec, production, stage, clusterDomain, StageName.labels(Facts.uid(m), attempt));
    }

    /** By its URL, when that is a Service's: name.namespace, with more behind it or not. */
    private static @Nullable String monitoring(@Nullable PrometheusSource prometheus) {
        String host = prometheus == null ? null : URI.create(prometheus.url()).getHost();
        String[] parts = host == null ? new String[0] : host.split("[.]");
        return parts.length == 2 || (parts.length > 2 && parts[2].equals("svc")) ? parts[1] : null;
    }

    /** The Deployments behind the Services that do not answer there themselves. */
    private Map<String, Deployment> others(StagingSpec spec, String namespace, List<Service> services) {
        Set<String> wanted = spec.dependenciesOrEmpty().stream()
                .filter(d -> d.mode() != Dependency.Mode.Production)
                .map(Dependency::name)
                .collect(Collectors.toCollection(TreeSet::new));
        Map<String, Deployment> others = new TreeMap<>();
        if (wanted.isEmpty()) {
            return others;
        }
        List<Deployment> all =
                client.apps().deployments().inNamespace(namespace).list().getItems();
        services.stream()
                .filter(s -> wanted.contains(s.getMetadata().getName()))
                .forEach(s -> all.stream()
                        .filter(d -> Selectors.picks(
                                Selectors.unpinned(Services.selector(s)),
                                Objects.requireNonNullElse(
                                        d.getSpec().getTemplate().getMetadata().getLabels(), Map.of())))
                        .findFirst()
                        .ifPresent(d -> others.put(s.getMetadata().getName(), d)));
        return others;
    }

    private <T extends HasMetadata> Map<String, T> read(Class<T> kind, String namespace, Set<String> names) {
        Map<String, T> found = new TreeMap<>();
        for (String name : new TreeSet<>(names)) {
            T object =
                    client.resources(kind).inNamespace(namespace).withName(name).get();
            if (object != null) {
                found.put(name, object);
            }
        }
        return found;
    }
}
