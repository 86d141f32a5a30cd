package dev.segue.e2e.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;

/** The local cluster itself, on this machine: it works, and it leaves no trace. */
@Tag("cluster")
@Isolated("looks at all that this machine has")
class ClusterIT {

    private static final Path IMAGES = Path.of("target/images").toAbsolutePath();
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    /** Not the machine's common one: clusters of others are neither waited for nor touched. */
    private final Path stateRoot = Path.of("/var/lib/segue-e2e-it");

    private final String name = "it";
    private final String neighbourName = "it-b";

    /** Before, too: a run that was interrupted may have left them. */
    @BeforeEach
    @AfterEach
    void endClusters() {
        for (var cluster : List.of(cluster(name), cluster(neighbourName))) {
            cluster.stop();
        }
        assertThat(stateRoot).doesNotExist();
    }

    @Test
    void runsPodsInIptablesModeAndLeavesNothing() throws IOException {
        var before = Footprint.now(name, stateRoot);
        var cluster = cluster(name, "--proxy", "iptables");
        cluster.start();
        assertThatCode(cluster::start).as("start of a running cluster").doesNotThrowAnyException();
        cluster.load(IMAGES.resolve("shop-1.0.0.tar"));
        cluster.load(IMAGES.resolve("witness.tar"));
        cluster.offerSnapshots();
        assertThat(cluster.offerSnapshots())
                .as("offered again")
                .isEqualTo(stateRoot.resolve(name).resolve("csi"));
        try (var client = client(cluster)) {
            apply(client, "shop-and-witness.yaml");
            apply(client, "files.yaml"); // has a volume
            // The witness resolves the Service's name by the cluster's DNS and reaches a pod through its address.
            awaitPods(client, 3);
            await("answers through the Service")
                    .atMost(PATIENCE)
                    .ignoreExceptions()
                    .untilAsserted(
                            () -> assertThat(client.raw("/api/v1/namespaces/default/pods/witness:8081/proxy/summary"))
                                    .contains("\"1.0.0\""));
            await("Prometheus has found the pod")
                    .atMost(PATIENCE)
                    .untilAsserted(() -> assertThat(
                                    client.raw("/api/v1/nodes/" + name + ":9090/proxy/api/v1/query?query=up==1"))
                            .contains("\"pod\":\"shop\"", "\"namespace\":\"default\""));

            cluster.kill("default", "shop", "shop");
            await("the killed container is back")
                    .atMost(PATIENCE)
                    .untilAsserted(() -> assertThat(client.pods()
                                    .withName("shop")
                                    .get()
                                    .getStatus()
                                    .getContainerStatuses())
                            .singleElement()
                            .satisfies(status -> {
                                assertThat(status.getRestartCount()).isEqualTo(1);
                                assertThat(status.getLastState().getTerminated().getExitCode())
                                        .isEqualTo(137);
                                assertThat(status.getReady()).isTrue();
                            }));
        }
        var processes = NodeProcesses.of(stateRoot.resolve(name));
        var during = Footprint.now(name, stateRoot).minus(before);
        int port = port(cluster);
        assertThat(during.cgroups()).as("this test sees cgroups").isNotEmpty();
        assertThat(processes.all()).as("parts, shims and containers").hasSizeGreaterThan(14);
        assertThat(processes.namespaces())
                .as("network namespaces of the node and of three pods")
                .filteredOn(namespace -> namespace.startsWith("net:"))
                .hasSize(4);
        for (var part : List.of("csi-driver", "csi-provisioner", "csi-snapshotter", "snapshot-controller")) {
            assertThat(processes.all())
                    .filteredOn(process -> process.info().command().orElse("").endsWith("/" + part))
                    .as(part)
                    .hasSize(1);
        }

        cluster.stop();

        assertEnded(processes);
        assertThat(NodeProcesses.namespacesOfMachine()).doesNotContainAnyElementsOf(processes.namespaces());
        assertThat(Footprint.now(name, stateRoot).minus(before)).matches(Footprint::isEmpty, "is empty");
        assertThat(stateRoot).doesNotExist();
        assertThatThrownBy(() -> new Socket(InetAddress.getLoopbackAddress(), port).close())
                .as("the API server's port on this machine")
                .isInstanceOf(ConnectException.class);
        cluster.stop(); // a second time is no error
    }

    @Test
    void runsBesideAnotherAndStartsAnewAfterItsFirstProcessWasKilled() throws Exception {
        var cluster = cluster(name);
        var neighbour = cluster(neighbourName);
        cluster.start();
        neighbour.start();
        assertThat(port(cluster)).isNotEqualTo(port(neighbour));
        try (var client = client(cluster);
                var neighbourClient = client(neighbour)) {
            assertThat(nodes(client)).containsExactly(name);
            assertThat(nodes(neighbourClient)).containsExactly(neighbourName);
            client.resource(new ConfigMapBuilder()
                            .withNewMetadata()
                            .withName("mark")
                            .endMetadata()
                            .build())
                    .create();
        }

        var killed = NodeProcesses.of(stateRoot.resolve(name));
        killed.init().destroyForcibly();
        killed.first().onExit().get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        assertThatThrownBy(cluster::kubeconfig)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("does not run");
        cluster.start();

        assertEnded(killed);
        try (var client = client(cluster);
                var neighbourClient = client(neighbour)) {
            assertThat(client.configMaps().withName("mark").get())
                    .as("an object of the killed cluster")
                    .isNull();
            assertThat(nodes(neighbourClient)).containsExactly(neighbourName);
        }
        cluster.stop();
        try (var neighbourClient = client(neighbour)) {
            assertThat(nodes(neighbourClient)).containsExactly(neighbourName);
        }
    }

    private LocalCluster cluster(String name, String... upOptions) {
        return new LocalCluster(name, List.of(upOptions), Map.of("SEGUE_STATE", stateRoot.toString()));
    }

    private static KubernetesClient client(Cluster cluster) {
        return new KubernetesClientBuilder().withConfig(cluster.config()).build();
    }

    private static int port(Cluster cluster) {
        return URI.create(cluster.config().getMasterUrl()).getPort();
    }

    private static List<String> nodes(KubernetesClient client) {
        return client.nodes().list().getItems().stream()
                .map(Node::getMetadata)
                .map(metadata -> metadata.getName())
                .toList();
    }

    private static void apply(KubernetesClient client, String file) throws IOException {
        try (var manifest = Objects.requireNonNull(ClusterIT.class.getResourceAsStream(file))) {
            client.load(manifest).serverSideApply();
        }
    }

    private static void awaitPods(KubernetesClient client, int count) {
        client.pods()
                .inNamespace("default")
                .resources()
                .forEach(pod -> pod.waitUntilReady(PATIENCE.toSeconds(), TimeUnit.SECONDS));
        assertThat(client.pods().inNamespace("default").list().getItems()).hasSize(count);
    }

    /** Waits, because the machine's own process 1 has to take note of the end of the first. */
    private static void assertEnded(NodeProcesses processes) {
        await("the end of all processes")
                .atMost(PATIENCE)
                .untilAsserted(() ->
                        assertThat(processes.all()).as("processes that live on").noneMatch(ProcessHandle::isAlive));
    }
}
