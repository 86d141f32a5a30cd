package dev.segue.staging;

import dev.segue.api.StagingSpec;
import dev.segue.api.StagingSpec.Dependency;
import dev.segue.traffic.Selectors;
import dev.segue.traffic.Services;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerBuilder;
import io.fabric8.kubernetes.api.model.ContainerPortBuilder;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.LimitRange;
import io.fabric8.kubernetes.api.model.LimitRangeBuilder;
import io.fabric8.kubernetes.api.model.LocalObjectReference;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaimBuilder;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.PodTemplateSpecBuilder;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.fabric8.kubernetes.api.model.ServiceAccountBuilder;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.DeploymentBuilder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * What belongs into the copy of production, in the order in which it is made: limits and isolation before anything runs,
 * the new version last. It is the closure of what the new version's pods need, no clone of the namespace. Roles are not in
 * it (nobody may grant what he may not do himself), and neither are production's network policies: they add up, so one that
 * opens a way would open it in staging, too.
 */
public final class StageCopies {
    private static final String DEFAULT_ACCOUNT = "default";

    /** ConfigMaps that Kubernetes or a mesh makes in each namespace itself. */
    private static final Set<String> MADE_EVERYWHERE =
            Set.of("kube-root-ca.crt", "istio-ca-root-cert", "openshift-service-ca.crt");

    /** By annotations that begin so, clouds lend pods an identity of production. */
    private static final String IDENTITY = "iam.amazonaws.com/";

    private final StagingSpec spec;
    private final Production production;
    private final String namespace;
    private final Map<String, String> labels;
    private final List<StageCopy> copies = new ArrayList<>();
    private final Set<String> problems = new TreeSet<>();

    private StageCopies(
            StagingSpec spec,
            Production production,
            String namespace,
            String clusterDomain,
            Map<String, String> labels) {
        this.spec = spec;
        this.production = production;
        this.namespace = namespace;
        this.labels = labels;
        List<PodTemplateSpec> templates = new ArrayList<>();
        templates.add(production.target());
        if (spec.rehearsesMoves()) {
            templates.add(production.deployment().getSpec().getTemplate());
            contained(production.deployment(), production.deployment().getSpec().getTemplate());
        }
        copied(spec, production.others()).forEach(d -> templates.add(d.getSpec().getTemplate()));
        production.limits().forEach(l -> copy(limits(l), l.getSpec()));
        StageIsolation.of(spec, production).forEach(o -> copies.add(new StageCopy(in(o), null)));
        templates.forEach(t -> references(t.getSpec()));
        snapshots(templates);
        spec.dependenciesOrEmpty().forEach(d -> dependency(d, clusterDomain));
        production.services().stream()
                .filter(s -> Selectors.picks(
                        Selectors.unpinned(Services.selector(s)),
                        production.target().getMetadata().getLabels()))
                .filter(s -> !HoldService.is(s))
                .forEach(this::service);
        deployment(production.deployment(), production.target(), spec.replicasOrDefault());
    }

    /** The objects, and why some that belong to them cannot be made. */
    public record Closure(List<StageCopy> copies, List<String> problems) {}

    /**
     * @param namespace of the copy
     * @param clusterDomain of the DNS names of Services, as cluster.local
     * @param labels that each object gets
     */
    public static Closure of(
            StagingSpec spec,
            Production production,
            String namespace,
            String clusterDomain,
            Map<String, String> labels) {
        var made = new StageCopies(spec, production, namespace, clusterDomain, labels);
        return new Closure(made.copies, List.copyOf(made.problems));
    }

    /** The Secrets that are read for it: those that are needed and allowed, by the names that they have in production. */
    public static Set<String> secrets(StagingSpec spec, Set<String> needed) {
        Set<String> read = new TreeSet<>();
        for (String name : needed) {
            String source = spec.secretsOrNone().mapOrEmpty().get(name);
            if (source != null) {
                read.add(source);
            } else if (spec.secretsOrNone().namesOrEmpty().contains(name)) {
                read.add(name);
            }
        }
        return read;
    }

    /** Those of the Deployments behind dependencies that run there themselves. */
    public static Stream<Deployment> copied(StagingSpec spec, Map<String, Deployment> others) {
        return spec.dependenciesOrEmpty().stream()
                .filter(d -> d.mode() == Dependency.Mode.Copy)
                .flatMap(d -> Stream.ofNullable(others.get(d.name())));
    }

    private void references(PodSpec pod) {
        References needed = References.of(pod);
        ServiceAccount account = production.accounts().get(needed.serviceAccount());
        if (!needed.serviceAccount().equals(DEFAULT_ACCOUNT)) {
            if (account == null) {
                problems.add("there is no ServiceAccount " + needed.serviceAccount());
            } else {
                copy(account(account), account.getMetadata().getUid());
            }
        }
        PullSecrets.of(pod, account).forEach(pull -> pullSecret(pull.getName()));
        for (String name : needed.configMaps().all()) {
            if (MADE_EVERYWHERE.contains(name)) {
                continue;
            }
            var found = production.configMaps().get(name);
            if (found != null) {
                copy(
                        new ConfigMapBuilder()
                                .withMetadata(Scrubbed.of(found))
                                .withData(found.getData())
                                .withBinaryData(found.getBinaryData())
                                .build(),
                        List.of(
                                Objects.requireNonNullElse(found.getData(), Map.of()),
                                Objects.requireNonNullElse(found.getBinaryData(), Map.of())));
            } else if (needed.configMaps().required().contains(name)) {
                problems.add("there is no ConfigMap " + name);
            }
        }
        needed.secrets()
                .all()
                .forEach(name -> secret(name, needed.secrets().required().contains(name)));
        for (String name : needed.claims()) {
            PersistentVolumeClaim claim = production.claims().get(name);
            if (claim == null) {
                problems.add("there is no PersistentVolumeClaim " + name);
            } else {
                copy(claim(claim), claim.getSpec().getResources());
            }
        }
    }

    private void snapshots(List<PodTemplateSpec> templates) {
        for (StagingSpec.Snapshot snapshot : spec.snapshotsOrEmpty()) {
            if (templates.stream()
                    .noneMatch(t -> References.of(t.getSpec()).claims().contains(snapshot.claim()))) {
                problems.add("spec.staging.snapshots names PersistentVolumeClaim %s, which no pod of the copy mounts"
                        .formatted(snapshot.claim()));
            }
        }
    }

    /** It may be missing, as an image that is public or on the node needs none; that it may not be copied is said. */
    private void pullSecret(String name) {
        secret(name, !allowed(name));
    }

    private boolean allowed(String name) {
        return spec.secretsOrNone().mapOrEmpty().containsKey(name)
                || spec.secretsOrNone().namesOrEmpty().contains(name);
    }

    private void secret(String name, boolean required) {
        if (!allowed(name)) {
            if (required) {
                problems.add(("Secret %1$s is needed, and no credential of production is copied unasked: map it to"
                                + " one for staging (spec.staging.secrets.map: {%1$s: NAME}), or name it in"
                                + " spec.staging.secrets.names")
                        .formatted(name));
            }
            return;
        }
        String standIn = spec.secretsOrNone().mapOrEmpty().get(name);
        String source = standIn == null ? name : standIn;
        Secret found = production.secrets().get(source);
        if (found == null) {
            if (required) {
                problems.add("there is no Secret " + source);
            }
            return;
        }
        ObjectMeta metadata = Scrubbed.of(found);
        metadata.setName(name);
        copy(
                new SecretBuilder()
                        .withMetadata(metadata)
                        .withType(found.getType())
                        .withData(found.getData())
                        .build(),
                List.of(found.getMetadata().getUid(), found.getMetadata().getResourceVersion()));
    }

    private void dependency(Dependency dependency, String clusterDomain) {
        Service real = production.services().stream()
                .filter(s -> s.getMetadata().getName().equals(dependency.name()))
                .findFirst()
                .orElse(null);
        if (real == null) {
            problems.add("there is no Service %s, which spec.staging.dependencies names".formatted(dependency.name()));
            return;
        }
        if (Selectors.picks(
                Selectors.unpinned(Services.selector(real)),
                production.target().getMetadata().getLabels())) {
            problems.add("spec.staging.dependencies names Service %s, which sends to the new version itself"
                    .formatted(dependency.name()));
            return;
        }
        if (Services.selector(real).isEmpty()) {
            problems.add(
                    "spec.staging.dependencies names Service %s, which has no pods of this namespace behind it: that cannot be isolated"
                            .formatted(dependency.name()));
            return;
        }
        switch (dependency.mode()) {
            case Production -> copy(alias(real, clusterDomain), "alias");
            case Stub -> {
                Map<String, String> own = Map.of("segue.dev/stub", dependency.name());
                Service stubbed = service(real, own);
                stubbed.getSpec()
                        .setPorts(StubPorts.of(real, production.others().get(dependency.name())));
                copy(stubbed, stubbed.getSpec().getPorts());
                copies.add(new StageCopy(in(StageIsolation.stub(dependency, stubbed, own)), null));
            }
            case Copy -> {
                service(real);
                Deployment behind = production.others().get(dependency.name());
                if (behind == null) {
                    problems.add("no Deployment stands behind Service %s, which spec.staging.dependencies wants copied"
                            .formatted(dependency.name()));
                } else {
                    deployment(behind, behind.getSpec().getTemplate(), 1);
                }
            }
        }
    }

    private void service(Service original) {
        Map<String, String> selector = Selectors.unpinned(Services.selector(original));
        copy(service(original, selector), List.of(selector, original.getSpec().getPorts()));
    }

    private static Service service(Service original, Map<String, String> selector) {
        boolean headless = "None".equals(original.getSpec().getClusterIP());
        return new ServiceBuilder()
                .withMetadata(Scrubbed.of(original))
                .withNewSpec()
                .withType("ClusterIP")
                .withClusterIP(headless ? "None" : null)
                .withSelector(selector)
                .withPorts(Services.ports(original))
                .withSessionAffinity(original.getSpec().getSessionAffinity())
                .endSpec()
                .build();
    }

    private Service alias(Service real, String clusterDomain) {
        String host = "ExternalName".equals(real.getSpec().getType())
                ? real.getSpec().getExternalName()
                : "%s.%s.svc.%s"
                        .formatted(
                                real.getMetadata().getName(),
                                production.namespace().getMetadata().getName(),
                                clusterDomain);
        return new ServiceBuilder()
                .withMetadata(Scrubbed.of(real))
                .withNewSpec()
                .withType("ExternalName")
                .withExternalName(host)
                .endSpec()
                .build();
    }

    private void deployment(Deployment original, PodTemplateSpec template, int replicas) {
        contained(original, template);
        PodSpec pod = template.getSpec();
        ServiceAccount account = production.accounts().get(References.of(pod).serviceAccount());
        copy(running(original, template, replicas, PullSecrets.of(pod, account)), template);
    }

    private void contained(Deployment original, PodTemplateSpec template) {
        List<String> reach = Reach.of(template.getSpec());
        if (!reach.isEmpty()) {
            problems.add(
                    ("the pods of Deployment %s reach past the isolation of a copy, to what is production's, by %s: give them"
                                    + " a volume claim instead (it is new and empty in the copy), or let a Stub answer in a"
                                    + " dependency's place (spec.staging.dependencies)")
                            .formatted(original.getMetadata().getName(), String.join(", ", reach)));
        }
    }

    /** The old version for the rehearsal of the moves, in the place of the new one. */
    public static Deployment source(
            StagingSpec spec,
            Deployment original,
            List<LocalObjectReference> pulls,
            String namespace,
            Map<String, String> labels) {
        Deployment source = running(original, original.getSpec().getTemplate(), spec.sourceReplicas(), pulls);
        Map<String, String> annotations =
                new HashMap<>(Objects.requireNonNullElse(source.getMetadata().getAnnotations(), Map.of()));
        annotations.put(StageName.VERSION, StageName.SOURCE);
        source.getMetadata().setAnnotations(annotations);
        return in(source, namespace, labels);
    }

    /** @param pulls also those of its account: the copy's account {@code default} has none */
    private static Deployment running(
            Deployment original, PodTemplateSpec template, int replicas, List<LocalObjectReference> pulls) {
        return new DeploymentBuilder()
                .withMetadata(Scrubbed.of(original))
                .withNewSpec()
                .withReplicas(replicas)
                .withSelector(original.getSpec().getSelector())
                .withMinReadySeconds(original.getSpec().getMinReadySeconds())
                .withTemplate(new PodTemplateSpecBuilder(template)
                        .editOrNewMetadata()
                        .withAnnotations(withoutIdentity(template))
                        .endMetadata()
                        .editSpec()
                        .withImagePullSecrets(pulls)
                        .withInitContainers(withoutHostPorts(template.getSpec().getInitContainers()))
                        .withContainers(withoutHostPorts(template.getSpec().getContainers()))
                        .endSpec()
                        .build())
                .endSpec()
                .build();
    }

    /** What is sent to a port of the node is for production, and so is the port itself. */
    private static List<Container> withoutHostPorts(List<Container> containers) {
        return containers.stream()
                .map(c -> new ContainerBuilder(c)
                        .withPorts(c.getPorts().stream()
                                .map(p -> new ContainerPortBuilder(p)
                                        .withHostPort(null)
                                        .withHostIP(null)
                                        .build())
                                .toList())
                        .build())
                .toList();
    }

    private static Map<String, String> withoutIdentity(PodTemplateSpec template) {
        Map<String, String> kept = new HashMap<>(
                template.getMetadata() == null || template.getMetadata().getAnnotations() == null
                        ? Map.of()
                        : template.getMetadata().getAnnotations());
        kept.keySet().removeIf(key -> key.startsWith(IDENTITY));
        return kept;
    }

    /** Without annotations: by them clouds lend production's identity. */
    private static ServiceAccount account(ServiceAccount original) {
        ObjectMeta metadata = Scrubbed.of(original);
        metadata.setAnnotations(Map.of());
        return new ServiceAccountBuilder()
                .withMetadata(metadata)
                .withImagePullSecrets(original.getImagePullSecrets())
                .withAutomountServiceAccountToken(original.getAutomountServiceAccountToken())
                .build();
    }

    private static LimitRange limits(LimitRange original) {
        return new LimitRangeBuilder()
                .withMetadata(Scrubbed.of(original))
                .withSpec(original.getSpec())
                .build();
    }

    private PersistentVolumeClaim claim(PersistentVolumeClaim original) {
        String name = original.getMetadata().getName();
        return new PersistentVolumeClaimBuilder()
                .withMetadata(Scrubbed.of(original))
                .withNewSpec()
                .withAccessModes(original.getSpec().getAccessModes())
                .withResources(original.getSpec().getResources())
                .withStorageClassName(original.getSpec().getStorageClassName())
                .withVolumeMode(original.getSpec().getVolumeMode())
                .withDataSource(spec.snapshotted(name) ? StageSnapshot.source(StageName.snapshot(labels, name)) : null)
                .endSpec()
                .build();
    }

    /** Two pods may need the same object. */
    private void copy(HasMetadata object, Object from) {
        StageCopy copy = new StageCopy(in(object), Digest.of(from));
        if (copies.stream().noneMatch(known -> known.key().equals(copy.key()))) {
            copies.add(copy);
        }
    }

    private <T extends HasMetadata> T in(T object) {
        return in(object, namespace, labels);
    }

    private static <T extends HasMetadata> T in(T object, String namespace, Map<String, String> labels) {
        object.getMetadata().setNamespace(namespace);
        Map<String, String> all =
                new HashMap<>(Objects.requireNonNullElse(object.getMetadata().getLabels(), Map.of()));
        all.putAll(labels);
        object.getMetadata().setLabels(all);
        return object;
    }
}
