package dev.segue.staging;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.segue.api.StagingSpec;
import dev.segue.staging.StageCopies.Closure;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerPort;
import io.fabric8.kubernetes.api.model.EnvFromSource;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.LimitRange;
import io.fabric8.kubernetes.api.model.LocalObjectReference;
import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.ResourceQuota;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class StageCopiesTest {
    private static final YAMLMapper YAML = new YAMLMapper();

    private final Map<String, ConfigMap> configMaps = new HashMap<>(Map.of("settings", read(ConfigMap.class, """
            kind: ConfigMap
            metadata:
              name: settings
              uid: one
              resourceVersion: "7"
              ownerReferences: [{apiVersion: v1, kind: X, name: x, uid: x}]
              labels: {app: shop, app.kubernetes.io/instance: shop, team: a}
              annotations: {argocd.argoproj.io/tracking-id: t, kubectl.kubernetes.io/last-applied-configuration: "{}", note: n}
            data: {greeting: hello}
            """)));
    private final Map<String, Secret> secrets = new HashMap<>(
            Map.of(
                    "db-staging",
                    read(
                            Secret.class,
                            "{kind: Secret, metadata: {name: db-staging, uid: two, resourceVersion: '8'}, data: {password: c3RhZ2luZw==}}")));
    private final Map<String, ServiceAccount> accounts = new HashMap<>(Map.of("shop", read(ServiceAccount.class, """
                    metadata: {name: shop, annotations: {eks.amazonaws.com/role-arn: production}}
                    secrets: [{name: token}]
                    """)));
    private @Nullable String account = "shop";
    private final List<Volume> oldVolumes = new ArrayList<>();
    private final List<Volume> targetVolumes = new ArrayList<>();
    private final List<EnvFromSource> oldSources = new ArrayList<>();
    private final Map<String, Deployment> others = new HashMap<>();
    private String otherPort = "9000";
    private String staging = "secrets: {map: {db: db-staging}}";

    private static <T> T read(Class<T> type, String yaml) {
        try {
            return YAML.readValue(yaml, type);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(e);
        }
    }

    private static Deployment deployment(String name) {
        return read(Deployment.class, """
                metadata: {name: %1$s, uid: d, annotations: {deployment.kubernetes.io/revision: "3"}}
                spec:
                  replicas: 8
                  selector: {matchLabels: {app: %1$s}}
                  template:
                    metadata: {labels: {app: %1$s}}
                    spec:
                      serviceAccountName: shop
                      containers:
                      - name: shop
                        image: shop:2
                        envFrom: [{configMapRef: {name: settings}}, {secretRef: {name: db}}]
                      volumes: [{name: data, persistentVolumeClaim: {claimName: data}}]
                """.formatted(name));
    }

    private Closure closure() {
        Deployment shop = deployment("shop");
        shop.getSpec().getTemplate().getSpec().getVolumes().addAll(targetVolumes);
        shop.getSpec().getTemplate().getSpec().setServiceAccountName(account);
        Deployment old = deployment("shop");
        old.getSpec().getTemplate().getSpec().getVolumes().addAll(oldVolumes);
        old.getSpec()
                .getTemplate()
                .getSpec()
                .getContainers()
                .getFirst()
                .getEnvFrom()
                .addAll(oldSources);
        Production production = new Production(
                read(Namespace.class, "metadata: {name: prod}"),
                old,
                shop.getSpec().getTemplate(),
                List.of(
                        read(Service.class, """
                                metadata: {name: shop, annotations: {external-dns.alpha.kubernetes.io/hostname: shop.example.com}}
                                spec: {type: LoadBalancer, clusterIP: 10.0.0.1, externalIPs: [1.2.3.4], healthCheckNodePort: 30001,
                                  selector: {app: shop, pod-template-hash: abc}, ports: [{port: 80, nodePort: 30000, targetPort: 8080}]}
                                """),
                        read(
                                Service.class,
                                "{metadata: {name: other}, spec: {selector: {app: other}, ports: [{port: 80, targetPort: %s}]}}"
                                        .formatted(otherPort))),
                others,
                configMaps,
                secrets,
                Map.of("data", read(PersistentVolumeClaim.class, """
                        metadata: {name: data, annotations: {pv.kubernetes.io/bind-completed: "yes"}}
                        spec: {accessModes: [ReadWriteOnce], volumeName: pv-1, storageClassName: fast, resources: {requests: {storage: 1Gi}}}
                        """)),
                accounts,
                List.of(read(
                        LimitRange.class,
                        "{metadata: {name: limits}, spec: {limits: [{type: Container, max: {cpu: 1}}]}}")),
                "monitoring");
        return StageCopies.of(
                read(StagingSpec.class, staging),
                production,
                "prod-stg-m",
                "cluster.local",
                StageName.labels("uid-m", 2));
    }

    private <T extends HasMetadata> T copy(Class<T> kind, String name) {
        return closure().copies().stream()
                .map(StageCopy::object)
                .filter(o -> kind.isInstance(o) && o.getMetadata().getName().equals(name))
                .map(kind::cast)
                .findFirst()
                .orElseThrow();
    }

    /** What the snapshot is of, and how large, is no part of what the verdict speaks of. */
    @Test
    void aClaimIsFilledFromItsSnapshot() {
        assertThat(copy(PersistentVolumeClaim.class, "data").getSpec().getDataSource())
                .isNull();
        List<@Nullable String> digests = digests();
        staging = "{secrets: {map: {db: db-staging}}, snapshots: [{claim: data}]}";
        PersistentVolumeClaim claim = copy(PersistentVolumeClaim.class, "data");
        assertThat(claim.getSpec().getDataSource()).satisfies(source -> {
            assertThat(source.getApiGroup()).isEqualTo("snapshot.storage.k8s.io");
            assertThat(source.getKind()).isEqualTo("VolumeSnapshot");
            assertThat(source.getName()).isEqualTo(StageName.snapshot(StageName.labels("uid-m", 2), "data"));
        });
        assertThat(claim.getSpec().getStorageClassName()).isEqualTo("fast");
        assertThat(digests()).isEqualTo(digests);
    }

    private List<@Nullable String> digests() {
        List<@Nullable String> digests = new ArrayList<>();
        closure().copies().forEach(c -> digests.add(c.digest()));
        return digests;
    }

    @Test
    void aClaimThatNothingMountsIsToldToHaveNoPlace() {
        staging = "{secrets: {map: {db: db-staging}}, snapshots: [{claim: data}, {claim: archive}]}";
        assertThat(closure().problems())
                .containsExactly(
                        "spec.staging.snapshots names PersistentVolumeClaim archive, which no pod of the copy mounts");
    }

    @Test
    void areTheClosureOfTheNewVersionInTheOrderInWhichTheyAreMade() {
        Closure closure = closure();
        assertThat(closure.problems()).isEmpty();
        assertThat(closure.copies())
                .extracting(StageCopy::key)
                .containsExactly(
                        "LimitRange/limits",
                        "NetworkPolicy/segue-default-deny",
                        "NetworkPolicy/segue-allowed",
                        "ResourceQuota/segue-staging",
                        "ServiceAccount/shop",
                        "ConfigMap/settings",
                        "Secret/db",
                        "PersistentVolumeClaim/data",
                        "Service/shop",
                        "Deployment/shop");
        assertThat(closure.copies()).allSatisfy(c -> {
            assertThat(c.object().getMetadata().getNamespace()).isEqualTo("prod-stg-m");
            assertThat(c.object().getMetadata().getLabels()).containsAllEntriesOf(StageName.labels("uid-m", 2));
            assertThat(c.object().getMetadata().getUid()).isNull();
            assertThat(c.object().getMetadata().getOwnerReferences()).isEmpty();
        });
    }

    @Test
    void areScrubbedOfWhatTiesThemToProduction() {
        ConfigMap settings = copy(ConfigMap.class, "settings");
        assertThat(settings.getMetadata().getAnnotations()).containsOnlyKeys("note");
        assertThat(settings.getMetadata().getLabels())
                .containsKeys("app", "team")
                .doesNotContainKey("app.kubernetes.io/instance");
        assertThat(settings.getData()).containsEntry("greeting", "hello");
        assertThat(copy(ServiceAccount.class, "shop").getMetadata().getAnnotations())
                .isEmpty();
        assertThat(copy(PersistentVolumeClaim.class, "data").getSpec().getVolumeName())
                .isNull();
        var service = copy(Service.class, "shop").getSpec();
        assertThat(service.getType()).isEqualTo("ClusterIP");
        assertThat(service.getClusterIP()).isNull();
        assertThat(service.getExternalIPs()).isEmpty();
        assertThat(service.getHealthCheckNodePort()).isNull();
        assertThat(service.getPorts().getFirst().getNodePort()).isNull();
        assertThat(service.getSelector()).containsOnlyKeys("app");
        assertThat(copy(Service.class, "shop").getMetadata().getAnnotations()).isEmpty();
        assertThat(copy(Deployment.class, "shop").getSpec().getReplicas()).isEqualTo(1);
    }

    /** On one node there would be no second pod; on another the node's clients would come to the copy. */
    @Test
    void takeNoPortOfTheirNode() {
        staging = "{secrets: {map: {db: db-staging}}, dependencies: [{name: other, mode: Copy}]}";
        Deployment other = deployment("other");
        PodSpec original = other.getSpec().getTemplate().getSpec();
        List<ContainerPort> ports = original.getContainers().getFirst().getPorts();
        original.getInitContainers().add(read(Container.class, """
                {name: proxy, image: p, restartPolicy: Always, ports: [{containerPort: 4143, hostPort: 4143}]}"""));
        ports.add(read(ContainerPort.class, """
                {name: dns, containerPort: 53, hostPort: 53, hostIP: 10.0.0.1, protocol: UDP}"""));
        others.put("other", other);
        PodSpec pod = copy(Deployment.class, "other").getSpec().getTemplate().getSpec();
        assertThat(pod.getInitContainers()).singleElement().satisfies(c -> {
            assertThat(c.getRestartPolicy()).isEqualTo("Always");
            assertThat(c.getPorts()).containsExactly(read(ContainerPort.class, "{containerPort: 4143}"));
        });
        assertThat(pod.getContainers().getFirst().getPorts())
                .containsExactly(read(ContainerPort.class, "{name: dns, containerPort: 53, protocol: UDP}"));
        assertThat(ports.getFirst().getHostPort())
                .as("production's own is as it was")
                .isEqualTo(53);
    }

    @Test
    void areOfTheOldVersionAsWellWhenTheMovesAreRehearsed() {
        oldSources.add(read(EnvFromSource.class, "configMapRef: {name: old-settings}"));
        assertThat(closure().problems()).isEmpty();
        staging += "\nrehearse: true";
        assertThat(closure().problems()).containsExactly("there is no ConfigMap old-settings");
        configMaps.put("old-settings", read(ConfigMap.class, "{kind: ConfigMap, metadata: {name: old-settings}}"));
        assertThat(closure().copies()).extracting(StageCopy::key).contains("ConfigMap/old-settings");
    }

    /** It is told from the new one's, and has no past. */
    @Test
    void theOldVersionRunsWithAtLeastTwoPods() {
        Deployment source = StageCopies.source(
                read(StagingSpec.class, "replicas: 1"),
                deployment("shop"),
                List.of(new LocalObjectReference("registry")),
                "prod-stg-m",
                StageName.labels("uid-m", 2));
        assertThat(source.getSpec().getTemplate().getSpec().getImagePullSecrets())
                .containsExactly(new LocalObjectReference("registry"));
        assertThat(source.getSpec().getReplicas()).isEqualTo(2);
        assertThat(source.getMetadata().getAnnotations()).containsOnly(Map.entry("segue.dev/version", "source"));
        assertThat(source.getMetadata().getLabels()).containsAllEntriesOf(StageName.labels("uid-m", 2));
        assertThat(source.getMetadata().getUid()).isNull();
    }

    @Test
    void giveASecretForStagingTheNameOfProductions() {
        assertThat(copy(Secret.class, "db").getData()).containsEntry("password", "c3RhZ2luZw==");
        assertThat(StageCopies.secrets(read(StagingSpec.class, staging), Set.of("db", "other")))
                .containsExactly("db-staging");
    }

    @Test
    void containNoSecretThatNobodyHasNamed() {
        staging = "{}";
        assertThat(closure().problems()).singleElement().asString().contains("Secret db", "spec.staging.secrets.map");
        assertThat(closure().copies()).noneMatch(c -> c.object() instanceof Secret);
    }

    @Test
    void tellWhatIsMissing() {
        configMaps.clear();
        secrets.clear();
        assertThat(closure().problems())
                .containsExactly("there is no ConfigMap settings", "there is no Secret db-staging");
    }

    @Test
    void haveADigestThatChangesWithWhatTheyAreMadeFrom() {
        String before = digest("ConfigMap/settings");
        ConfigMap settings = Objects.requireNonNull(configMaps.get("settings"));
        settings.getMetadata().setResourceVersion("99");
        assertThat(digest("ConfigMap/settings")).isEqualTo(before);
        settings.setData(Map.of("greeting", "bye"));
        assertThat(digest("ConfigMap/settings")).isNotEqualTo(before);
        assertThat(digest("NetworkPolicy/segue-allowed")).isNull();
    }

    /** What is in a Secret could be guessed from a digest of it. */
    @Test
    void tellOfASecretOnlyWhichVersionItIs() {
        String before = digest("Secret/db");
        Objects.requireNonNull(secrets.get("db-staging")).setData(Map.of("password", "b3RoZXI="));
        assertThat(digest("Secret/db")).isEqualTo(before);
        Objects.requireNonNull(secrets.get("db-staging")).getMetadata().setResourceVersion("9");
        assertThat(digest("Secret/db")).isNotEqualTo(before);
    }

    private @Nullable String digest(String key) {
        return closure().copies().stream()
                .filter(c -> c.key().equals(key))
                .findFirst()
                .orElseThrow()
                .digest();
    }

    @Test
    void aDependencyOfProductionIsAnAliasAndAWayThroughTheIsolation() {
        staging = "{secrets: {map: {db: db-staging}}, dependencies: [{name: other, mode: Production}]}";
        Service alias = copy(Service.class, "other");
        assertThat(alias.getSpec().getExternalName()).isEqualTo("other.prod.svc.cluster.local");
        var rule =
                copy(NetworkPolicy.class, "segue-allowed").getSpec().getEgress().getLast();
        assertThat(rule.getTo().getFirst().getPodSelector().getMatchLabels()).containsEntry("app", "other");
        assertThat(rule.getTo().getFirst().getNamespaceSelector().getMatchLabels())
                .containsEntry("kubernetes.io/metadata.name", "prod");
        assertThat(rule.getPorts().getFirst().getPort().getIntVal()).isEqualTo(9000);
    }

    /** Else the old version would be rehearsed in its place, or production be called for it. */
    @Test
    void whatSendsToTheNewVersionItselfIsNoDependency() {
        staging = "{secrets: {map: {db: db-staging}}, dependencies: [{name: shop, mode: Production}]}";
        assertThat(closure().problems()).singleElement().asString().contains("sends to the new version itself");
    }

    @Test
    void aStubAnswersInADependencysPlace() {
        staging = "{secrets: {map: {db: db-staging}}, dependencies: [{name: other, mode: Stub, image: stub:1}]}";
        Deployment stub = copy(Deployment.class, "other");
        assertThat(stub.getSpec()
                        .getTemplate()
                        .getSpec()
                        .getContainers()
                        .getFirst()
                        .getImage())
                .isEqualTo("stub:1");
        assertThat(copy(Service.class, "other").getSpec().getSelector())
                .isEqualTo(stub.getSpec().getTemplate().getMetadata().getLabels().entrySet().stream()
                        .filter(e -> e.getKey().equals("segue.dev/stub"))
                        .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue)));
    }

    @Test
    void aDependencyIsCopiedWithWhatItNeeds() {
        others.put("other", deployment("other"));
        staging = "{secrets: {map: {db: db-staging}}, dependencies: [{name: other, mode: Copy}]}";
        assertThat(copy(Deployment.class, "other").getSpec().getReplicas()).isEqualTo(1);
        assertThat(copy(Service.class, "other").getSpec().getSelector()).containsEntry("app", "other");
        others.clear();
        assertThat(closure().problems())
                .singleElement()
                .asString()
                .contains("no Deployment stands behind Service other");
    }

    /** By these a copy would write to what is production's, whatever the network lets through. */
    @Test
    void aVolumeThatIsNotOfTheCopyIsRefused() {
        for (String inside : List.of(
                "emptyDir: {}",
                "downwardAPI: {items: []}",
                "projected: {sources: []}",
                "image: {reference: data:1}",
                "ephemeral: {volumeClaimTemplate: {spec: {accessModes: [ReadWriteOnce]}}}")) {
            targetVolumes.add(read(Volume.class, "{name: inside, %s}".formatted(inside)));
        }
        assertThat(closure().problems()).isEmpty();
        targetVolumes.add(read(Volume.class, "{name: shared, nfs: {server: files, path: /prod}}"));
        targetVolumes.add(read(Volume.class, "{name: node, hostPath: {path: /var/lib/shop}}"));
        targetVolumes.add(read(Volume.class, "{name: lent, csi: {driver: secrets-store.csi.k8s.io}}"));
        targetVolumes.add(read(Volume.class, "{name: unheard, ofTomorrow: {}}"));
        assertThat(closure().problems())
                .singleElement()
                .asString()
                .contains(
                        "Deployment shop",
                        "volume shared (nfs), volume node (hostPath), volume lent (csi), volume unheard (ofTomorrow)",
                        "volume claim instead");
    }

    @Test
    void soAreTheNodesOwnNamespacesUnderADependency() {
        Deployment other = deployment("other");
        var pod = other.getSpec().getTemplate().getSpec();
        pod.setHostNetwork(true);
        pod.setHostPID(true);
        pod.setHostIPC(true);
        others.put("other", other);
        staging = "{secrets: {map: {db: db-staging}}, dependencies: [{name: other, mode: Copy}]}";
        assertThat(closure().problems())
                .singleElement()
                .asString()
                .contains("Deployment other", "hostNetwork, hostPID, hostIPC", "let a Stub answer");
    }

    @Test
    void theOldVersionIsHeldToThatWhenItRunsThereToo() {
        oldVolumes.add(read(Volume.class, "{name: node, hostPath: {path: /var/lib/shop}}"));
        assertThat(closure().problems()).isEmpty();
        staging += "\nrehearse: true";
        assertThat(closure().problems()).singleElement().asString().contains("volume node (hostPath)");
    }

    /** A stub has no names for its ports: one that is called by such would answer nobody. */
    @Test
    void aStubIsCalledByTheNumberOfAPortThatHasAName() {
        staging = "{secrets: {map: {db: db-staging}}, dependencies: [{name: other, mode: Stub, image: stub:1}]}";
        assertThat(calledAndOpen()).containsExactly(9000, 9000);
        otherPort = "http";
        assertThat(calledAndOpen()).as("nobody says which").containsExactly(80, 80);
        Deployment behind = deployment("other");
        behind.getSpec().getTemplate().getSpec().setServiceAccountName("not-brought-over");
        behind.getSpec()
                .getTemplate()
                .getSpec()
                .getContainers()
                .getFirst()
                .setPorts(List.of(
                        read(ContainerPort.class, "{name: admin, containerPort: 9001}"),
                        read(ContainerPort.class, "{name: http, containerPort: 8080}")));
        others.put("other", behind);
        assertThat(calledAndOpen()).containsExactly(8080, 8080);
        assertThat(closure().problems()).isEmpty();
    }

    private List<Integer> calledAndOpen() {
        return List.of(
                copy(Service.class, "other")
                        .getSpec()
                        .getPorts()
                        .getFirst()
                        .getTargetPort()
                        .getIntVal(),
                copy(Deployment.class, "other")
                        .getSpec()
                        .getTemplate()
                        .getSpec()
                        .getContainers()
                        .getFirst()
                        .getPorts()
                        .getFirst()
                        .getContainerPort());
    }

    /** Those that pods bring with them count as well: a pod with an ephemeral volume would never start. */
    @Test
    void itsQuotaDoesNotCountClaims() {
        assertThat(copy(ResourceQuota.class, "segue-staging").getSpec().getHard())
                .containsOnlyKeys("pods", "services.loadbalancers", "services.nodeports");
    }

    /** The copy's own account of that name is Kubernetes', and pulls by nothing. */
    @Test
    void whatTheDefaultAccountPullsByIsBroughtOverOnThePods() {
        account = null;
        accounts.put(
                "default",
                read(ServiceAccount.class, "{metadata: {name: default}, imagePullSecrets: [{name: registry}]}"));
        secrets.put(
                "registry",
                read(Secret.class, "{kind: Secret, metadata: {name: registry, uid: three, resourceVersion: '9'}}"));
        staging = "secrets: {map: {db: db-staging}, names: [registry]}";
        assertThat(closure().problems()).isEmpty();
        assertThat(closure().copies())
                .extracting(StageCopy::key)
                .contains("Secret/registry")
                .doesNotContain("ServiceAccount/default");
        assertThat(copy(Deployment.class, "shop")
                        .getSpec()
                        .getTemplate()
                        .getSpec()
                        .getImagePullSecrets())
                .containsExactly(new LocalObjectReference("registry"));
    }

    @Test
    void aPullSecretThatNobodyHasNamedIsAProblem() {
        accounts.put(
                "shop", read(ServiceAccount.class, "{metadata: {name: shop}, imagePullSecrets: [{name: registry}]}"));
        assertThat(closure().problems()).singleElement().asString().contains("Secret registry is needed");
        staging = "secrets: {map: {db: db-staging}, names: [registry]}";
        assertThat(closure().problems()).as("one that is not there").isEmpty();
    }

    /** As admission does it. */
    @Test
    void whatThePodPullsByItselfGoesBeforeItsAccounts() {
        ServiceAccount lending =
                read(ServiceAccount.class, "{metadata: {name: shop}, imagePullSecrets: [{name: registry}]}");
        PodSpec pod = deployment("shop").getSpec().getTemplate().getSpec();
        assertThat(PullSecrets.of(pod, null)).isEmpty();
        assertThat(PullSecrets.of(pod, lending)).containsExactly(new LocalObjectReference("registry"));
        pod.setImagePullSecrets(List.of(new LocalObjectReference("own")));
        assertThat(PullSecrets.of(pod, lending)).containsExactly(new LocalObjectReference("own"));
    }
}
