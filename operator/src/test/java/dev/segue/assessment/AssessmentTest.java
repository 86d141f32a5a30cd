package dev.segue.assessment;

import static dev.segue.assessment.Around.app;
import static dev.segue.assessment.Around.mounting;
import static dev.segue.assessment.Around.named;
import static dev.segue.assessment.Around.yaml;
import static org.assertj.core.api.Assertions.assertThat;

import dev.segue.analysis.Reading;
import dev.segue.api.Analysis;
import dev.segue.api.Finding;
import dev.segue.api.Handover.Via;
import dev.segue.api.Metric;
import dev.segue.api.PrometheusSource;
import dev.segue.assessment.Topology.SnapshotGrounds;
import dev.segue.assessment.Topology.Trial;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.LimitRange;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.ResourceQuota;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.autoscaling.v2.HorizontalPodAutoscaler;
import io.fabric8.kubernetes.api.model.networking.v1.Ingress;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import io.fabric8.kubernetes.api.model.storage.StorageClass;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Each rule by what it finds, and by what it must not find. */
class AssessmentTest {
    record Case(Reason reason, String inMessage, String inRemedy, Consumer<Around> spoil) {
        @Override
        public String toString() {
            return reason + ": " + inMessage;
        }
    }

    private static final String CPU_500M = app("resources: {requests: {cpu: 500m, memory: 64Mi}, limits: {cpu: '1'}}");
    private static final String SCRATCH_1GI =
            "{containers: [{name: app}], volumes: [{name: scratch, ephemeral: {volumeClaimTemplate: {spec:"
                    + " {storageClassName: fast, accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}}}}]}";

    static Stream<Case> found() {
        return Stream.of(
                        referenced(),
                        volumes(),
                        snapshots(),
                        pods(),
                        capacity(),
                        admission(),
                        traffic(),
                        autoscalers(),
                        policies(),
                        ownership(),
                        evidence(),
                        dependencies(),
                        RolesTest.cases())
                .flatMap(cases -> cases);
    }

    private static Stream<Case> referenced() {
        return Stream.of(
                new Case(
                        Reason.ConfigMapMissing,
                        "ConfigMap settings, which the new version's pods need, does not exist in namespace prod",
                        "kubectl create configmap settings -n prod --from-literal=KEY=VALUE",
                        a -> a.targetPod = app("envFrom: [{configMapRef: {name: settings}}]")),
                new Case(
                        Reason.SecretMissing,
                        "Secret db",
                        "kubectl create secret generic db -n prod --from-literal=password=VALUE",
                        a -> a.targetPod =
                                app("env: [{name: P, valueFrom: {secretKeyRef: {name: db, key: password}}}]")),
                new Case(
                        Reason.KeyMissing,
                        "configmap settings has no key mode",
                        "{\"data\":{\"mode\":\"VALUE\"}}",
                        a -> {
                            a.targetPod =
                                    app("env: [{name: M, valueFrom: {configMapKeyRef: {name: settings, key: mode}}}]");
                            a.configMaps.put("settings", Set.of("other"));
                        }),
                new Case(Reason.KeyMissing, "secret tls has no key tls.key", "{\"stringData\":{\"tls.key\"", a -> {
                    a.targetPod =
                            "{containers: [{name: app}], volumes: [{name: v, projected: {sources: [{secret: {name: tls, items: [{key: tls.key, path: k}]}}]}}]}";
                    a.secrets.put("tls", Set.of("tls.crt"));
                }),
                new Case(
                        Reason.VolumeClaimMissing,
                        "PersistentVolumeClaim data",
                        "metadata: {name: data}",
                        a -> a.targetPod = mounting("data")),
                new Case(
                        Reason.ServiceAccountMissing,
                        "ServiceAccount robot",
                        "kubectl create serviceaccount robot -n prod",
                        a -> {
                            a.account = null;
                            a.targetPod = "{serviceAccountName: robot, containers: [{name: app}]}";
                        }),
                new Case(
                        Reason.PullSecretMissing,
                        "image pull secret registry",
                        "kubectl create secret docker-registry registry -n prod",
                        a -> a.targetPod = "{imagePullSecrets: [{name: registry}], containers: [{name: app}]}"));
    }

    private static Stream<Case> volumes() {
        return Stream.of(
                new Case(Reason.VolumeSinglePod, "ReadWriteOncePod", "claimName: OTHER", a -> {
                    a.sourcePod = a.targetPod = mounting("data");
                    a.claim("data", "ReadWriteOncePod");
                    a.replicas = 1;
                }),
                new Case(Reason.VolumeSingleNode, "data is ReadWriteOnce:", "ReadWriteMany", a -> {
                    a.sourcePod = a.targetPod = mounting("data");
                    a.claim("data", "ReadWriteOnce");
                }),
                new Case(Reason.VolumeShared, "both versions write to PersistentVolumeClaim data", "read", a -> {
                    a.sourcePod = a.targetPod = mounting("data");
                    a.claim("data", "ReadWriteMany");
                }));
    }

    private static final String FAST = "metadata: {name: fast}, driver: csi.example";
    private static final String BY_DEFAULT =
            "metadata: {name: usual, annotations: {snapshot.storage.kubernetes.io/is-default-class: 'true'}}, driver: csi.example";
    private static final String ANOTHER = "metadata: {name: another}, driver: csi.other";

    private static Stream<Case> snapshots() {
        return Stream.of(
                new Case(
                        Reason.SnapshotStays,
                        "StorageClass gold of PersistentVolumeClaim data keeps volumes (reclaimPolicy Retain)",
                        "kubectl patch pv",
                        a -> a.snapshot("{claim: data}", "csi.example", BY_DEFAULT)
                                .storage()
                                .put(
                                        "data",
                                        Around.yaml(
                                                StorageClass.class,
                                                "{metadata: {name: gold}, provisioner: csi.example, reclaimPolicy: Retain}"))),
                new Case(
                        Reason.SnapshotStays,
                        "VolumeSnapshotClass fast keeps snapshots (deletionPolicy Retain)",
                        "deletionPolicy Delete",
                        a -> a.snapshot(
                                "{claim: data, class: fast}",
                                "csi.example",
                                FAST + ", deletionPolicy: Retain",
                                BY_DEFAULT)),
                new Case(
                        Reason.SnapshotStays,
                        "VolumeSnapshotClass usual keeps snapshots (deletionPolicy Retain)",
                        "deletionPolicy Delete",
                        a -> a.snapshot("{claim: data}", "csi.example", FAST, BY_DEFAULT + ", deletionPolicy: Retain")),
                new Case(
                        Reason.SnapshotHasData,
                        "the copy will have production's data in PersistentVolumeClaim(s) data:",
                        "spec.staging.seeds",
                        a -> a.snapshot("{claim: data, class: fast}", "csi.example", FAST)),
                new Case(
                        Reason.RightMissing,
                        "spec.staging.snapshots needs rights that the operator does not have: to list volumesnapshots, create volumesnapshotcontents",
                        "staging.snapshots=true",
                        a -> {
                            a.snapshot("{claim: data}", "csi.example", BY_DEFAULT);
                            a.snapshots = new SnapshotGrounds(
                                    Map.of(),
                                    Map.of(),
                                    Map.of(),
                                    null,
                                    List.of(
                                            new Right("snapshot.storage.k8s.io", "volumesnapshots", "list"),
                                            new Right("snapshot.storage.k8s.io", "volumesnapshotcontents", "create")));
                        }),
                new Case(
                        Reason.SnapshotsMissing,
                        "the cluster has no VolumeSnapshots",
                        "https://github.com/kubernetes-csi/external-snapshotter",
                        a -> {
                            a.snapshot("{claim: data}", "csi.example", BY_DEFAULT);
                            a.snapshots = new SnapshotGrounds(Map.of(), Map.of(), Map.of(), null, List.of());
                        }),
                new Case(
                        Reason.SnapshotSource,
                        "names PersistentVolumeClaim data, which does not exist in namespace prod",
                        "kubectl get pvc -n prod",
                        a -> a.snapshot("{claim: data}", "csi.example", BY_DEFAULT)
                                .claims()
                                .clear()),
                new Case(
                        Reason.SnapshotSource,
                        "is not bound to a volume (it is Pending)",
                        "kubectl describe pvc data -n prod",
                        a -> {
                            SnapshotGrounds grounds = a.snapshot("{claim: data}", "csi.example", BY_DEFAULT);
                            grounds.volumes().clear();
                            grounds.claims().values().forEach(c -> c.getStatus().setPhase("Pending"));
                        }),
                new Case(
                        Reason.SnapshotSource,
                        "has no CSI volume (PersistentVolume pv-1)",
                        "StorageClass with a CSI driver",
                        a -> a.snapshot("{claim: data}", null, BY_DEFAULT)),
                new Case(
                        Reason.SnapshotClass,
                        "there is no VolumeSnapshotClass slow, which",
                        "snapshots: [{claim: data, class: fast}]",
                        a -> a.snapshot("{claim: data, class: slow}", "csi.example", ANOTHER, FAST)),
                new Case(
                        Reason.SnapshotClass,
                        "VolumeSnapshotClass another is of driver csi.other, and the volume of PersistentVolumeClaim data of driver csi.example",
                        "snapshots: [{claim: data, class: fast}]",
                        a -> a.snapshot("{claim: data, class: another}", "csi.example", ANOTHER, FAST)),
                new Case(
                        Reason.SnapshotClass,
                        "of driver csi.example of PersistentVolumeClaim data there is no default VolumeSnapshotClass",
                        "make a VolumeSnapshotClass of driver csi.example",
                        a -> a.snapshot("{claim: data}", "csi.example", ANOTHER)),
                new Case(
                        Reason.SnapshotClass,
                        "there are the default VolumeSnapshotClasses [other, usual]",
                        "snapshots: [{claim: data, class: other}]",
                        a -> a.snapshot(
                                "{claim: data}", "csi.example", BY_DEFAULT, BY_DEFAULT.replace("usual", "other"))));
    }

    /** That data is in the copy is all there is to tell. */
    @Test
    void aSnapshotThatCanBeTakenIsNoBlock() {
        for (String wanted : List.of("{claim: data}", "{claim: data, class: fast}")) {
            Around around = new Around();
            around.snapshot(wanted, "csi.example", ANOTHER, FAST, BY_DEFAULT);
            assertThat(around.findings())
                    .extracting(Finding::reason)
                    .containsExactly(Reason.SnapshotHasData.name(), Reason.HealthOnly.name());
        }
    }

    private static Stream<Case> pods() {
        return Stream.of(
                new Case(
                        Reason.StrategyRecreate,
                        "two versions must not run at once",
                        "\"rollingUpdate\":null",
                        a -> a.strategy = "{type: Recreate}"),
                new Case(Reason.HostPortShared, "8080/TCP", "use the Service", a -> {
                    a.sourcePod = a.targetPod = app("ports: [{containerPort: 80, hostPort: 8080}]");
                }),
                new Case(Reason.HostPortShared, "80/TCP", "hostNetwork", a -> {
                    a.sourcePod = a.targetPod =
                            "{hostNetwork: true, containers: [{name: app, ports: [{containerPort: 80}]}]}";
                }),
                new Case(
                        Reason.HostPortUsed,
                        "9090/UDP",
                        "use the Service",
                        a -> a.targetPod = app("ports: [{containerPort: 80, hostPort: 9090, protocol: UDP}]")),
                new Case(
                        Reason.SingleReplica,
                        "one replica",
                        "kubectl scale deployment shop -n prod --replicas 2",
                        a -> a.replicas = 1),
                new Case(
                        Reason.GracePeriodTooShort,
                        "sleeps 30 s, terminationGracePeriodSeconds is 30",
                        "terminationGracePeriodSeconds: 60",
                        a -> a.targetPod = app("lifecycle: {preStop: {sleep: {seconds: 30}}}")),
                new Case(
                        Reason.NoGracefulStop,
                        "terminationGracePeriodSeconds is 0",
                        "containers: [{name: app, lifecycle: {preStop: {sleep: {seconds: 10}}}}]",
                        a -> a.targetPod = "{terminationGracePeriodSeconds: 0, containers: [{name: app}]}"));
    }

    private static Stream<Case> capacity() {
        return Stream.of(
                new Case(
                        Reason.QuotaExceeded,
                        "of pods 4 are used of 7, and 4 more are needed (4 pods of 1)",
                        "kubectl patch resourcequota team -n prod --type merge -p '{\"spec\":{\"hard\":{\"pods\":\"8\"}}}'",
                        a -> a.quota("pods", "7", "4")),
                new Case(
                        Reason.QuotaExceeded,
                        "of requests.cpu 2 are used of 3900m, and 2 more are needed (4 pods of 500m)",
                        "\"requests.cpu\":\"4\"",
                        a -> {
                            a.targetPod = CPU_500M;
                            a.quota("requests.cpu", "3900m", "2");
                        }),
                new Case(Reason.QuotaExceeded, "256Mi more", "\"memory\":\"512Mi\"", a -> {
                    a.targetPod = CPU_500M;
                    a.quota("memory", "400Mi", "256Mi");
                }),
                new Case(Reason.QuotaExceeded, "of limits.cpu", "\"limits.cpu\":\"8\"", a -> {
                    a.targetPod = CPU_500M;
                    a.quota("limits.cpu", "7", "4");
                }),
                new Case(
                        Reason.QuotaExceeded,
                        "4 pods of 700m",
                        "requests.cpu",
                        a -> { // what admission adds counts
                            a.trial = new Trial(
                                    yaml(PodSpec.class, app("resources: {requests: {cpu: 700m}}")), null, null);
                            a.quota("requests.cpu", "4", "2");
                        }),
                new Case(
                        Reason.QuotaExceeded,
                        "of persistentvolumeclaims 4 are used of 7, and 4 more are needed (4 pods of 1)",
                        "\"persistentvolumeclaims\":\"8\"",
                        a -> {
                            a.targetPod = SCRATCH_1GI;
                            a.quota("persistentvolumeclaims", "7", "4");
                        }),
                new Case(
                        Reason.QuotaExceeded,
                        "of requests.storage 4Gi are used of 7Gi, and 4096Mi more are needed (4 pods of 1024Mi)",
                        "\"requests.storage\":\"8192Mi\"",
                        a -> {
                            a.targetPod = SCRATCH_1GI;
                            a.quota("requests.storage", "7Gi", "4Gi");
                        }),
                new Case(
                        Reason.QuotaExceeded,
                        "4 pods of 1",
                        "\"fast.storageclass.storage.k8s.io/persistentvolumeclaims\":\"8\"",
                        a -> {
                            a.targetPod = SCRATCH_1GI;
                            a.quota("fast.storageclass.storage.k8s.io/persistentvolumeclaims", "7", "4");
                        }),
                new Case(
                        Reason.QuotaExceeded,
                        "of services 3 are used of 3, and 1 more are needed",
                        "\"services\":\"4\"",
                        a -> a.quota("services", "3", "3")),
                new Case(
                        Reason.QuotaExceeded,
                        "5 pods of 1",
                        "\"pods\":\"9\"",
                        a -> { // Settle rolls out beside it
                            a.via(Via.Settle);
                            a.quota("pods", "8", "4");
                        }),
                new Case(
                        Reason.LimitRangeViolated,
                        "container app of the new version asks for 1 of cpu, LimitRange small allows at most 500m",
                        "kubectl edit limitrange small -n prod",
                        a -> {
                            a.targetPod = CPU_500M;
                            a.limitRanges.add(named(
                                    LimitRange.class, "small", "{limits: [{type: Container, max: {cpu: 500m}}]}"));
                        }),
                new Case(Reason.LimitRangeViolated, "at least 100Mi", "patch", a -> {
                    a.targetPod = CPU_500M;
                    a.limitRanges.add(
                            named(LimitRange.class, "small", "{limits: [{type: Container, min: {memory: 100Mi}}]}"));
                }),
                new Case(Reason.LimitRangeViolated, "the pod of the new version asks for 2 of cpu", "patch", a -> {
                    a.targetPod =
                            "{containers: [{name: a, resources: {limits: {cpu: 1}}}, {name: b, resources: {limits: {cpu: 1}}}]}";
                    a.limitRanges.add(named(LimitRange.class, "small", "{limits: [{type: Pod, max: {cpu: 1500m}}]}"));
                }));
    }

    private static Stream<Case> admission() {
        return Stream.of(
                new Case(
                        Reason.PodRefused,
                        "violates PodSecurity",
                        "--dry-run=server",
                        a -> a.trial = new Trial(null, "pods \"shop-x\" is forbidden: violates PodSecurity", null)),
                new Case(
                        Reason.RightMissing,
                        "the operator may not patch services in namespace prod",
                        "- {apiGroups: [\"\"], resources: [services], verbs: [patch]}",
                        a -> a.lacking.add(new Right("", "services", "patch"))),
                new Case(
                        Reason.NotChecked,
                        "The operator may not get secrets in namespace prod",
                        "- {apiGroups: [\"\"], resources: [secrets], verbs: [get]}",
                        a -> {
                            a.targetPod = app("envFrom: [{secretRef: {name: db}}]");
                            a.unread.add(Kind.SECRETS);
                        }),
                new Case(
                        Reason.NotChecked,
                        "whether both versions fit into the quotas",
                        "resources: [resourcequotas], verbs: [list]",
                        a -> a.unread.add(Kind.QUOTAS)),
                new Case(
                        Reason.NotChecked,
                        "webhook \"x\" does not support dry run",
                        "sideEffects: None",
                        a -> a.trial = new Trial(null, null, "webhook \"x\" does not support dry run")));
    }

    private static Stream<Case> traffic() {
        return Stream.of(
                new Case(
                        Reason.SessionAffinity,
                        "Service shop has sessionAffinity ClientIP",
                        "kubectl patch service shop -n prod",
                        a -> a.service = "{sessionAffinity: ClientIP}"),
                new Case(
                        Reason.DisruptionsBlocked,
                        "PodDisruptionBudget strict allows no disruption",
                        "kubectl get pdb strict",
                        a -> a.budgets.add(budget("{app: shop}", 0))),
                new Case(Reason.Routed, "GRPCRoute calls, Ingress web lead to the Services", "propagation", a -> {
                    a.ingresses.add(named(Ingress.class, "web", INGRESS.formatted("shop")));
                    a.routes.add(route("GRPCRoute", "calls", "{name: shop, port: 80}"));
                }),
                new Case(
                        Reason.Routed,
                        "Ingress all lead",
                        "propagation",
                        a -> a.ingresses.add(
                                named(Ingress.class, "all", "{defaultBackend: {service: {name: shop}}}"))));
    }

    private static final String INGRESS =
            "{rules: [{host: a}, {http: {paths: [{path: /, backend: {service: {name: %s}}}]}}]}";

    private static GenericKubernetesResource route(String kind, String name, String ref) {
        return yaml(
                GenericKubernetesResource.class,
                "{kind: %s, metadata: {name: %s}, spec: {rules: [{backendRefs: [%s]}]}}".formatted(kind, name, ref));
    }

    private static PodDisruptionBudget budget(String labels, int allowed) {
        return yaml(
                PodDisruptionBudget.class,
                "{metadata: {name: strict}, spec: {selector: {matchLabels: %s}}, status: {disruptionsAllowed: %d}}"
                        .formatted(labels, allowed));
    }

    private static Stream<Case> autoscalers() {
        return Stream.of(
                new Case(
                        Reason.AutoscalerMisled,
                        "may scale Deployment shop from 4 down to 2",
                        "kubectl patch hpa cpu -n prod --type merge -p '{\"spec\":{\"minReplicas\":4}}'",
                        a -> a.autoscalers.add(autoscaler("shop", 2, "Resource", ""))),
                new Case(
                        Reason.AutoscalerMisled,
                        "from 4 down to 1",
                        "kubectl patch scaledobject queue -n prod --type merge -p '{\"spec\":{\"minReplicaCount\":4}}'",
                        a -> a.autoscalers.add(autoscaler(
                                "shop", 1, "Pods", ", ownerReferences: [{kind: ScaledObject, name: queue}]"))),
                new Case(
                        Reason.AutoscalerFollowed,
                        "scales Deployment shop (4 to 8, now 4)",
                        "",
                        a -> a.autoscalers.add(autoscaler("shop", 4, "Resource", ""))),
                new Case(
                        Reason.AutoscalerFollowed,
                        "scales Deployment shop (1 to 8, now 4)",
                        "",
                        a -> a.autoscalers.add(autoscaler("shop", 1, "External", ""))));
    }

    private static HorizontalPodAutoscaler autoscaler(String of, int min, String metric, String meta) {
        return yaml(
                HorizontalPodAutoscaler.class,
                "{metadata: {name: cpu%s}, spec: {scaleTargetRef: {kind: Deployment, name: %s}, minReplicas: %d, maxReplicas: 8, metrics: [{type: %s}]}}"
                        .formatted(meta, of, min, metric));
    }

    private static Stream<Case> policies() {
        return Stream.of(
                new Case(
                        Reason.PolicySkipsTarget,
                        "NetworkPolicy web selects the old version's pods",
                        "kubectl edit networkpolicy web -n prod",
                        a -> {
                            a.targetLabels = "{app: shop}";
                            a.policies.add(
                                    named(NetworkPolicy.class, "web", "{podSelector: {matchLabels: {tier: web}}}"));
                        }),
                new Case(
                        Reason.PolicySkipsTarget,
                        "selects the old",
                        "labels",
                        a -> a.policies.add(named(
                                NetworkPolicy.class,
                                "web",
                                "{podSelector: {matchLabels: {app: shop, pod-template-hash: abc}}}"))),
                new Case(Reason.PolicySkipsTarget, "lets through the old", "labels", a -> {
                    a.targetLabels = "{app: shop, tier: api}";
                    a.policies.add(
                            named(
                                    NetworkPolicy.class,
                                    "db",
                                    "{podSelector: {matchLabels: {app: db}}, ingress: [{from: [{podSelector: {matchExpressions: [{key: tier, operator: In, values: [web]}]}}]}]}"));
                }));
    }

    private static Stream<Case> ownership() {
        return Stream.of(
                new Case(
                        Reason.GitOpsReverts,
                        "Argo CD writes Deployment shop (argocd-controller), Service shop (argocd-controller)",
                        "jsonPointers: [/spec/template, /spec/paused]",
                        a -> {
                            a.serviceFields = fields("argocd-controller", "Apply", "f:selector");
                            a.deploymentFields = fields("argocd-controller", "Update", "f:template");
                        }),
                new Case(
                        Reason.GitOpsReverts,
                        "Flux writes Service shop (kustomize-controller)",
                        "flux suspend",
                        a -> a.serviceFields = fields("kustomize-controller", "Apply", "f:selector")),
                new Case(
                        Reason.AppliedFromElsewhere,
                        "Deployment shop (helm)",
                        "Completed",
                        a -> a.deploymentFields = fields("helm", "Update", "f:template")),
                new Case(
                        Reason.AppliedFromElsewhere,
                        "Deployment shop (kubectl)",
                        "Completed",
                        a -> a.deploymentFields = fields("kubectl", "Apply", "f:template")));
    }

    private static String fields(String manager, String operation, String field) {
        return "[{manager: %s, operation: %s, fieldsV1: {'f:spec': {'%s': {}}}}]".formatted(manager, operation, field);
    }

    private static Stream<Case> evidence() {
        return Stream.of(
                new Case(
                        Reason.MetricUnknown,
                        "metric errors: Prometheus has no metric requestz",
                        "spec.analysis",
                        a -> {
                            Duration interval = Duration.ofMinutes(1);
                            a.readings.put("slow", new Reading.History(List.of(), interval));
                            a.readings.put(
                                    "errors",
                                    new Reading.History(List.of(), interval, "Prometheus has no metric requestz"));
                        }),
                new Case(Reason.HealthOnly, "no spec.analysis", "prometheus", a -> {}),
                new Case(Reason.NotScraped, "no PodMonitor or ServiceMonitor", "podmonitors", AssessmentTest::analysed),
                new Case(Reason.NotScraped, "no PodMonitor or ServiceMonitor", "podmonitors", a -> {
                    analysed(a);
                    a.monitors.add(monitor("PodMonitor", "{app: other}"));
                    a.monitors.add(monitor("ServiceMonitor", "{app: other}"));
                }));
    }

    private static void analysed(Around a) {
        a.spec = a.spec(Analysis.of(
                new PrometheusSource("http://prometheus:9090", null, null, null, null),
                "10s",
                List.of(Metric.limited("errors", "errors", new Metric.Threshold(10, null, null)))));
    }

    private static GenericKubernetesResource monitor(String kind, String labels) {
        return yaml(
                GenericKubernetesResource.class,
                "{kind: %s, metadata: {name: m}, spec: {selector: {matchLabels: %s}}}".formatted(kind, labels));
    }

    private static Stream<Case> dependencies() {
        return Stream.of(new Case(
                Reason.Dependencies,
                "by its environment Service cache, Service mail (host smtp.example.com), Service pay.other.svc, host db.example.com; by NetworkPolicies 10.0.0.0/8, pods {app=queue}; what",
                "",
                a -> {
                    a.targetPod = app("""
                                    env: [{name: A, value: 'cache:6379'}, {name: B, value: 'mail'}, {name: C, value: 'http://pay.other.svc/x'},
                                      {name: D, value: 'postgres://user:se/cr@et@db.example.com:5432/shop'}, {name: E, value: shop}]""");
                    a.neighbours.add(named(Service.class, "cache", "{}"));
                    a.neighbours.add(
                            named(Service.class, "mail", "{type: ExternalName, externalName: smtp.example.com}"));
                    a.policies.add(
                            named(
                                    NetworkPolicy.class,
                                    "out",
                                    "{podSelector: {}, egress: [{to: [{ipBlock: {cidr: 10.0.0.0/8}}, {podSelector: {matchLabels: {app: queue}}}]}]}"));
                }));
    }

    @ParameterizedTest
    @MethodSource
    void found(Case given) {
        Around around = new Around();
        given.spoil.accept(around);

        List<Finding> findings = around.findings();

        assertThat(findings)
                .filteredOn(f -> f.reason().equals(given.reason.name()))
                .singleElement()
                .satisfies(f -> {
                    assertThat(f.severity()).isEqualTo(given.reason.severity());
                    assertThat(f.message()).contains(given.inMessage);
                    assertThat(f.remedy() == null ? "" : f.remedy()).contains(given.inRemedy);
                });
        assertThat(findings.toString()).doesNotContain("cr@et", "user:");
    }

    record Harmless(String what, Consumer<Around> change) {
        @Override
        public String toString() {
            return what;
        }
    }

    static Stream<Harmless> nothingFound() {
        return Stream.of(
                new Harmless("as it is", a -> {}),
                new Harmless(
                        "an optional ConfigMap",
                        a -> a.targetPod = app("envFrom: [{configMapRef: {name: settings, optional: true}}]")),
                new Harmless("an optional key", a -> {
                    a.configMaps.put("settings", Set.of());
                    a.targetPod = app(
                            "env: [{name: M, valueFrom: {configMapKeyRef: {name: settings, key: mode, optional: true}}}]");
                }),
                new Harmless("all that is named is there", a -> {
                    a.targetPod = app(
                            "env: [{name: M, valueFrom: {configMapKeyRef: {name: settings, key: mode}}}], envFrom: [{secretRef: {name: db}}]");
                    a.configMaps.put("settings", Set.of("mode"));
                    a.secrets.put("db", Set.of());
                }),
                new Harmless("an account that admission does not ask for", a -> {
                    a.account = null;
                    a.trial = new Trial(yaml(PodSpec.class, Around.POD), null, null);
                }),
                new Harmless("a right that is missing for what is not needed", a -> a.unread.add(Kind.SECRETS)),
                new Harmless("a volume that nobody writes to", a -> {
                    a.targetPod = mounting("data");
                    a.claim("data", "ReadOnlyMany");
                }),
                new Harmless("a volume that is only read", a -> {
                    a.sourcePod = a.targetPod =
                            "{containers: [{name: app}], volumes: [{name: data, persistentVolumeClaim: {claimName: data, readOnly: true}}]}";
                    a.claim("data", "ReadWriteMany");
                }),
                new Harmless(
                        "a preStop within the grace",
                        a -> a.targetPod = app("lifecycle: {preStop: {sleep: {seconds: 29}}}")),
                new Harmless("a quota with room to the last pod", a -> a.quota("pods", "8", "4")),
                new Harmless("a quota of another class of claims", a -> {
                    a.targetPod = SCRATCH_1GI;
                    a.quota("slow.storageclass.storage.k8s.io/requests.storage", "1Gi", "1Gi");
                }),
                new Harmless("a quota of something else", a -> a.quota("count/jobs.batch", "1", "1")),
                new Harmless("a quota while a rollout is under way", a -> {
                    a.updated = 3;
                    a.quota("pods", "7", "5");
                }),
                new Harmless("a quota with pods that are just ending", a -> {
                    a.quota("pods", "8", "6");
                    a.ending.add(yaml(Pod.class, "{spec: %s}".formatted(Around.POD)));
                    a.ending.add(yaml(Pod.class, "{spec: %s}".formatted(Around.POD)));
                }),
                new Harmless(
                        "a quota for other pods",
                        a -> a.quotas.add(
                                yaml(
                                        ResourceQuota.class,
                                        "{metadata: {name: jobs}, spec: {scopes: [Terminating]}, status: {hard: {pods: 4}, used: {pods: 4}}}"))),
                new Harmless(
                        "a quota for another priority",
                        a -> a.quotas.add(
                                yaml(
                                        ResourceQuota.class,
                                        "{metadata: {name: high}, spec: {scopeSelector: {matchExpressions: [{scopeName: PriorityClass, operator: In, values: [high]}]}}, status: {hard: {pods: 4}, used: {pods: 4}}}"))),
                new Harmless("a LimitRange that holds", a -> {
                    a.targetPod = CPU_500M;
                    a.limitRanges.add(
                            named(
                                    LimitRange.class,
                                    "fits",
                                    "{limits: [{type: Container, max: {cpu: 1}, min: {memory: 64Mi}}, {type: Pod, max: {cpu: 1}}, {type: PersistentVolumeClaim, max: {storage: 1Gi}}]}"));
                }),
                new Harmless(
                        "a refusal for a quota, which is counted here", // pods that are ending are not counted
                        a -> a.trial = new Trial(null, "forbidden: exceeded quota: team", null)),
                new Harmless("a budget of others", a -> a.budgets.add(budget("{app: other}", 0))),
                new Harmless("a budget with room", a -> a.budgets.add(budget("{app: shop}", 1))),
                new Harmless(
                        "an Ingress of others",
                        a -> a.ingresses.add(named(Ingress.class, "web", INGRESS.formatted("other")))),
                new Harmless(
                        "a route to something that is no Service",
                        a -> a.routes.add(route("HTTPRoute", "r", "{name: shop, kind: Bucket}"))),
                new Harmless("an autoscaler of others", a -> a.autoscalers.add(autoscaler("other", 1, "Resource", ""))),
                new Harmless(
                        "a policy for both versions",
                        a -> a.policies.add(
                                named(NetworkPolicy.class, "web", "{podSelector: {matchLabels: {app: shop}}}"))),
                new Harmless(
                        "a policy that names a hash of something else",
                        a -> a.policies.add(named(
                                NetworkPolicy.class,
                                "web",
                                "{podSelector: {matchLabels: {app: other, pod-template-hash: abc}}}"))),
                new Harmless("Argo CD that only writes the replicas", a -> {
                    a.deploymentFields = fields("argocd-controller", "Apply", "f:replicas");
                }),
                new Harmless("a user who once edited it", a -> {
                    a.deploymentFields = fields("kubectl-edit", "Update", "f:template");
                }));
    }

    @ParameterizedTest
    @MethodSource
    void nothingFound(Harmless given) {
        Around around = new Around();
        given.change.accept(around);

        assertThat(around.findings()).extracting(Finding::reason).containsExactly(Reason.HealthOnly.name());
    }

    @ParameterizedTest
    @MethodSource
    void scraped(Consumer<Around> way) {
        Around around = new Around();
        analysed(around);
        way.accept(around);

        assertThat(around.findings()).isEmpty();
    }

    static Stream<Consumer<Around>> scraped() {
        return Stream.of(
                a -> a.monitors.add(monitor("PodMonitor", "{app: shop}")),
                a -> a.monitors.add(monitor("ServiceMonitor", "{app: shop}")),
                a -> a.targetAnnotations = "{prometheus.io/scrape: 'true'}",
                a -> a.serviceAnnotations = "{prometheus.io/scrape: 'true'}");
    }

    /** What may not be read is told, and nothing is concluded from its absence. */
    @Test
    void nothingIsConcludedFromWhatCouldNotBeRead() {
        Around around = new Around();
        analysed(around);
        around.targetPod = """
                {imagePullSecrets: [{name: registry}], containers: [{name: app, envFrom: [{secretRef: {name: db}}, {configMapRef: {name: settings}}]}],
                  volumes: [{name: data, persistentVolumeClaim: {claimName: data}}]}""";
        around.account = null;
        around.unread.addAll(Arrays.asList(Kind.values()));

        assertThat(around.findings()).extracting(Finding::reason).containsOnly(Reason.NotChecked.name());
        assertThat(around.findings()).hasSameSizeAs(Kind.values());
    }

    @Test
    void everyReasonIsFoundByACase() {
        assertThat(found().map(Case::reason).collect(Collectors.toSet())).containsExactlyInAnyOrder(Reason.values());
    }

    /** The same twice, so that a status is not written again for it. */
    @Test
    void theSameIsFoundAgain() {
        found().forEach(given -> {
            Around around = new Around();
            given.spoil.accept(around);
            assertThat(around.findings()).isEqualTo(around.findings());
        });
    }

    /** Init containers run before the others, sidecars beside them; what has only a limit requests it. */
    @Test
    void usageIsThatOfTheScheduler() {
        PodSpec pod = yaml(PodSpec.class, """
                overhead: {cpu: 50m}
                initContainers:
                - {name: proxy, restartPolicy: Always, resources: {requests: {cpu: 200m}}}
                - {name: migrate, resources: {requests: {cpu: '2'}}}
                containers:
                - {name: app, resources: {limits: {cpu: 500m}}}
                - {name: log, resources: {requests: {cpu: 100m}, limits: {cpu: 300m}}}
                """);
        assertThat(Usage.REQUESTS.of(pod, "cpu")).isEqualByComparingTo("2.25");
        assertThat(Usage.LIMITS.of(pod, "cpu")).isEqualByComparingTo("0.85");

        pod.getInitContainers().removeLast();
        assertThat(Usage.REQUESTS.of(pod, "cpu")).isEqualByComparingTo("0.85");
    }
}
