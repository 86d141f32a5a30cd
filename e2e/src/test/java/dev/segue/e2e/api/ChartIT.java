package dev.segue.e2e.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.segue.e2e.cluster.Cluster;
import dev.segue.e2e.cluster.Commands.Result;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.authorization.v1.ResourceAttributes;
import io.fabric8.kubernetes.api.model.authorization.v1.ResourceAttributesBuilder;
import io.fabric8.kubernetes.api.model.authorization.v1.SubjectAccessReview;
import io.fabric8.kubernetes.api.model.authorization.v1.SubjectAccessReviewBuilder;
import io.fabric8.kubernetes.api.model.rbac.ClusterRole;
import io.fabric8.kubernetes.api.model.rbac.PolicyRule;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.parallel.Isolated;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The chart as helm renders it and as a real API server takes it, and the plain manifest made from it. */
@ExtendWith(RunningCluster.class)
@Isolated("installs and removes what all use")
class ChartIT {
    /** One where Pod Security enforces restricted, one that the operator has to do with, one that it has not. */
    private static final String OWN = "chart-it";

    private static final String LEASE = "chart-it-segue-operator";
    private static final String WATCHED = "chart-it-watched";
    private static final String OTHER = "chart-it-other";
    private static final Path PLAIN = Path.of("../manifests/install.yaml");
    private static final String RENDER = "eval \"$(e2e/cluster env)\" && manifests/render > manifests/install.yaml";

    private static Helm helm;
    private static KubernetesClient client;

    @BeforeAll
    static void makeNamespaces(Cluster cluster) {
        helm = new Helm(cluster);
        client = new KubernetesClientBuilder().withConfig(cluster.config()).build();
        for (String name : List.of(OWN, WATCHED, OTHER)) {
            client.resource(new NamespaceBuilder()
                            .withNewMetadata()
                            .withName(name)
                            .addToLabels(
                                    "pod-security.kubernetes.io/enforce",
                                    name.equals(OWN) ? "restricted" : "privileged")
                            .endMetadata()
                            .build())
                    .serverSideApply();
        }
    }

    @AfterAll
    static void removeNamespaces() {
        for (String name : List.of(OWN, WATCHED, OTHER)) {
            client.namespaces().withName(name).delete();
        }
        client.close();
    }

    @Test
    void isWithoutFaults() {
        Result lint = helm.lint();

        assertThat(lint.code()).as(lint.output() + lint.errors()).isZero();
    }

    @Test
    void plainManifestIsCurrent() throws IOException {
        Result rendered = helm.plainInstall();

        assertThat(rendered.code()).as(rendered.errors()).isZero();
        assertThat(Files.readString(PLAIN).strip())
                .as("manifests/install.yaml differs from the chart; write it anew with %s", RENDER)
                .isEqualTo(rendered.output().strip());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "replicas=1",
                "watchNamespaces={" + WATCHED + "}",
                "replicas=3,networkPolicy.enabled=true,metrics.service.enabled=true",
                "prometheus.credentials.enabled=true,metrics.dashboard.enabled=true",
                "crds.install=false,rbac.create=false,rbac.aggregate=false,serviceAccount.create=false,serviceAccount.name=own,leaderElection=false"
            })
    void everyObjectIsTaken(String values) {
        areTaken(render("--set", values));
    }

    /** In a namespace that is there: a dry run makes none. */
    @Test
    void everyObjectOfThePlainManifestIsTaken() throws IOException {
        List<HasMetadata> objects = load(Files.readString(PLAIN).replace("segue-system", OWN));

        assertThat(objects).extracting(HasMetadata::getKind).contains("Namespace", "Deployment", "RoleBinding");
        areTaken(objects);
    }

    private static void areTaken(List<HasMetadata> objects) {
        for (HasMetadata object : objects) {
            assertThatCode(() ->
                            client.resource(object).dryRun().forceConflicts().serverSideApply())
                    .as("%s %s", object.getKind(), object.getMetadata().getName())
                    .doesNotThrowAnyException();
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    replicas=2,leaderElection=false   | two operators would work against each other
                    replicas=some                     | /replicas
                    watchNamespace=shop               | additional properties 'watchNamespace'
                    watchNamespaces={Shop}            | /watchNamespaces/0
                    logLevel=LOUD                     | /logLevel
                    maxConcurrent=0                   | /maxConcurrent
                    image.pullPolicy=Sometimes        | /image/pullPolicy
                    image.digest=latest               | /image/digest
                    env[0].name=SEGUE_PORT            | /env/0/name
                    env[0].name=SEGUE_LEASE           | /env/0/name
                    env[0].name=SEGUE_IMAGE           | /env/0/name
                    env[0].name=SEGUE_CLUSTER_DOMAIN  | /env/0/name
                    podLabels.app\\.kubernetes\\.io/name=web | /podLabels/app.kubernetes.io~1name
                    podAnnotations.prometheus\\.io/path=/m | /podAnnotations/prometheus.io~1path
                    heap=64k                          | /heap
                    serviceAccount.create=false       | serviceAccount.name is needed
                    networkPolicy.enable=true         | additional properties 'enable'
                    """)
    void wrongValuesAreRefused(String values, String complaint) {
        Result rendered = helm.template(OWN, "--set", values);

        assertThat(rendered.code()).isNotZero();
        assertThat(rendered.errors()).contains(complaint);
    }

    /** The same annotation twice would be no manifest; once it is the user's own. */
    @Test
    void whoAnnotatesForPrometheusHimselfMaySayMore() {
        List<HasMetadata> objects = render(
                "--set", "metrics.annotations=false", "--set-string", "podAnnotations.prometheus\\.io/port=9090");

        assertThat(template(objects).getMetadata().getAnnotations()).isEqualTo(Map.of("prometheus.io/port", "9090"));
    }

    /** The image's entry point is the JVM with its options, of which the last one counts; then comes the main class. */
    @Test
    void heapIsTheLastOfTheOptions() {
        assertThat(template(render("--set", "heap=96m"))
                        .getSpec()
                        .getContainers()
                        .getFirst()
                        .getArgs())
                .containsExactly("-Xmx96m", "dev.segue.Main");
    }

    private static PodTemplateSpec template(List<HasMetadata> objects) {
        return only(objects, Deployment.class).getFirst().getSpec().getTemplate();
    }

    /** A Deployment is always taken; it is its pods that Pod Security would refuse later. */
    @Test
    void podIsAdmittedWherePodSecurityIsRestricted() {
        List<HasMetadata> objects = render();
        only(objects, ServiceAccount.class)
                .forEach(account -> client.resource(account).serverSideApply());
        PodTemplateSpec template = template(objects);
        Pod pod = new PodBuilder()
                .withMetadata(template.getMetadata())
                .withSpec(template.getSpec())
                .editMetadata()
                .withName("chart-it")
                .withNamespace(OWN)
                .endMetadata()
                .build();

        assertThatCode(() -> client.resource(pod).dryRun().create()).doesNotThrowAnyException();

        Pod careless = new PodBuilder(pod)
                .editSpec()
                .withSecurityContext(null)
                .endSpec()
                .build();
        assertThatThrownBy(() -> client.resource(careless).dryRun().create())
                .as("the namespace does enforce it")
                .isInstanceOf(KubernetesClientException.class)
                .hasMessageContaining("violates PodSecurity \"restricted");
    }

    @Test
    void listedNamespacesNeedNoClusterWideRight() {
        List<HasMetadata> objects = render("--set", "watchNamespaces={" + WATCHED + "},rbac.aggregate=false");

        assertThat(objects).extracting(HasMetadata::getKind).doesNotContain("ClusterRole", "ClusterRoleBinding");
        objects.stream()
                .filter(object -> object.getKind().startsWith("Role"))
                .forEach(object -> client.resource(object).forceConflicts().serverSideApply());
        await("the API server has seen the roles")
                .atMost(Duration.ofSeconds(30))
                .untilAsserted(() ->
                        assertThat(may("patch", "", "services", "", WATCHED)).isTrue());
        assertThat(may("get", "apps", "deployments", "", WATCHED)).isTrue();
        assertThat(may("patch", "apps", "deployments", "", WATCHED)).isTrue();
        assertThat(may("update", "segue.dev", "migrations", "status", WATCHED)).isTrue();
        assertThat(mayUpdateLease(LEASE, OWN)).isTrue();

        assertThat(may("delete", "apps", "deployments", "", WATCHED)).isFalse();
        assertThat(may("create", "", "pods", "", WATCHED)).isTrue(); // as a dry run; ReplicaSets it may create anyway
        assertThat(may("list", "rbac.authorization.k8s.io", "rolebindings", "", WATCHED))
                .isTrue();
        assertThat(may("create", "rbac.authorization.k8s.io", "rolebindings", "", WATCHED))
                .isFalse();
        assertThat(may("patch", "", "pods", "", WATCHED)).isFalse();
        assertThat(may("list", "", "configmaps", "", WATCHED)).isFalse();
        assertThat(may("delete", "", "pods", "", WATCHED)).isFalse();
        assertThat(may("get", "", "secrets", "", WATCHED)).isFalse();
        assertThat(may("update", "segue.dev", "migrations", "", WATCHED)).isFalse();
        assertThat(may("list", "segue.dev", "migrations", "", OTHER)).isFalse();
        assertThat(may("patch", "", "services", "", OTHER)).isFalse();
        assertThat(may("list", "segue.dev", "migrations", "", "")).isFalse();
        assertThat(mayUpdateLease("another", OWN)).isFalse();
        assertThat(mayUpdateLease(LEASE, WATCHED)).isFalse();
    }

    /** Without the value there is no such right at all: the test above. */
    @Test
    void credentialsMayBeReadButNotListed() {
        List<PolicyRule> rules =
                only(render("--set", "prometheus.credentials.enabled=true"), ClusterRole.class).stream()
                        .flatMap(role -> role.getRules().stream())
                        .filter(rule -> rule.getResources().contains("secrets"))
                        .toList();

        assertThat(rules).singleElement().satisfies(rule -> {
            assertThat(rule.getResources()).containsExactly("secrets");
            assertThat(rule.getVerbs()).containsExactly("get");
        });
    }

    private static boolean may(String verb, String group, String resource, String subresource, String namespace) {
        return may(new ResourceAttributesBuilder()
                .withVerb(verb)
                .withGroup(group)
                .withResource(resource)
                .withSubresource(subresource)
                .withNamespace(namespace)
                .build());
    }

    private static boolean mayUpdateLease(String name, String namespace) {
        return may(new ResourceAttributesBuilder()
                .withVerb("update")
                .withGroup("coordination.k8s.io")
                .withResource("leases")
                .withName(name)
                .withNamespace(namespace)
                .build());
    }

    private static boolean may(ResourceAttributes what) {
        SubjectAccessReview question = new SubjectAccessReviewBuilder()
                .withNewSpec()
                .withUser("system:serviceaccount:%s:chart-it-segue".formatted(OWN))
                .withResourceAttributes(what)
                .endSpec()
                .build();
        return client.resource(question).create().getStatus().getAllowed();
    }

    @Test
    void theDashboardIsThereForGrafanasSidecar() {
        assertThat(render()).noneMatch(o -> o.getKind().equals("ConfigMap"));
        assertThat(only(render("--set", "metrics.dashboard.enabled=true"), ConfigMap.class))
                .singleElement()
                .satisfies(c -> {
                    assertThat(c.getMetadata().getLabels()).containsEntry("grafana_dashboard", "1");
                    Map<?, ?> dashboard = Serialization.unmarshal(c.getData().get("segue.json"), Map.class);
                    assertThat(dashboard.get("uid")).isEqualTo("segue-migration");
                });
    }

    @Test
    void crdIsKeptOnlyWhenAsked() {
        assertThat(render())
                .filteredOn(ChartIT::isCrd)
                .singleElement()
                .satisfies(crd -> assertThat(crd.getMetadata().getAnnotations())
                        .containsEntry("helm.sh/resource-policy", "keep"));
        assertThat(render("--set", "crds.keep=false"))
                .filteredOn(ChartIT::isCrd)
                .singleElement()
                .satisfies(crd -> assertThat(crd.getMetadata().getAnnotations()).isNullOrEmpty());
        assertThat(render("--set", "crds.install=false")).noneMatch(ChartIT::isCrd);
    }

    private static boolean isCrd(HasMetadata object) {
        return object.getKind().equals("CustomResourceDefinition");
    }

    @Test
    void readmeTellsEveryValueAndItsDefault() throws IOException {
        Map<String, String> defaults = new TreeMap<>();
        flatten(
                "",
                Serialization.unmarshal(Files.readString(Path.of("../helm/segue/values.yaml")), Map.class),
                defaults);
        Map<String, String> documented = new TreeMap<>();
        Matcher row = Pattern.compile("(?m)^\\| `([^`]+)` \\| `([^`]*)` \\| .+ \\|$")
                .matcher(Files.readString(Path.of("../helm/segue/README.md")));
        while (row.find()) {
            documented.put(row.group(1), row.group(2).replace(" ", ""));
        }

        assertThat(documented).isEqualTo(defaults);
    }

    /** Leaves as JSON; {@code resources} is one value. */
    private static void flatten(String path, Map<?, ?> values, Map<String, String> into) {
        values.forEach((name, value) -> {
            String key = path + name;
            if (value instanceof Map<?, ?> map && !map.isEmpty() && !key.equals("resources")) {
                flatten(key + ".", map, into);
            } else {
                into.put(key, Serialization.asJson(value).replace(" ", ""));
            }
        });
    }

    private static List<HasMetadata> render(String... options) {
        Result rendered = helm.template(OWN, options);
        assertThat(rendered.code()).as(rendered.errors()).isZero();
        return load(rendered.output());
    }

    private static List<HasMetadata> load(String manifest) {
        return client.load(new ByteArrayInputStream(manifest.getBytes(StandardCharsets.UTF_8)))
                .items();
    }

    private static <T> List<T> only(List<HasMetadata> objects, Class<T> type) {
        return objects.stream().filter(type::isInstance).map(type::cast).toList();
    }
}
