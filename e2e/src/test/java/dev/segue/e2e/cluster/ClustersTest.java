package dev.segue.e2e.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ClustersTest {

    @TempDir
    Path folder;

    private String kubeconfig = "";

    @BeforeEach
    void writeKubeconfig() throws IOException {
        kubeconfig = Files.writeString(folder.resolve("some.kubeconfig"), "kind: Config")
                .toString();
    }

    @Test
    void takesLocalProcessesWhereNoDockerEngineAnswers() {
        assertThat(select(Map.of(), Map.of(), () -> false)).hasToString("local cluster segue");
    }

    @Test
    void takesK3sWhereADockerEngineAnswers() {
        assertThat(select(Map.of(), Map.of(), () -> true)).isInstanceOf(K3sCluster.class);
    }

    @Test
    void takesAnExplicitKubeconfigBeforeAll() {
        assertThat(select(Map.of(), Map.of("SEGUE_KUBECONFIG", kubeconfig), ClustersTest::notAsked))
                .hasToString("cluster of " + kubeconfig);
        assertThat(select(
                        Map.of("segue.kubeconfig", kubeconfig),
                        Map.of("SEGUE_KUBECONFIG", "/other"),
                        ClustersTest::notAsked))
                .hasToString("cluster of " + kubeconfig);
    }

    @Test
    void neverTakesTheCurrentContext() {
        assertThat(select(Map.of(), Map.of("KUBECONFIG", kubeconfig), () -> false))
                .isInstanceOf(LocalCluster.class);
    }

    @Test
    void followsTheOverride() {
        var variables = Map.of("SEGUE_KUBECONFIG", kubeconfig);
        assertThat(select(Map.of("segue.cluster", "local"), variables, ClustersTest::notAsked))
                .isInstanceOf(LocalCluster.class);
        assertThat(select(Map.of("segue.cluster", "k3s"), variables, ClustersTest::notAsked))
                .isInstanceOf(K3sCluster.class);
        assertThat(select(Map.of("segue.cluster", "kubeconfig"), variables, ClustersTest::notAsked))
                .isInstanceOf(KubeconfigCluster.class);
    }

    @Test
    void takesBlankForNotGiven() {
        assertThat(select(Map.of("segue.cluster", " "), Map.of("SEGUE_KUBECONFIG", ""), () -> false))
                .isInstanceOf(LocalCluster.class);
    }

    @Test
    void namesALocalCluster() {
        assertThat(select(Map.of("segue.cluster.name", "blue"), Map.of(), () -> false))
                .hasToString("local cluster blue");
    }

    @Test
    void saysWhatIsWrongWithTheChoice() {
        assertThatThrownBy(() -> select(Map.of("segue.cluster", "minikube"), Map.of(), ClustersTest::notAsked))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContainingAll("minikube", "local, k3s, kubeconfig");
        assertThatThrownBy(() -> select(Map.of("segue.cluster", "kubeconfig"), Map.of(), ClustersTest::notAsked))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("SEGUE_KUBECONFIG");
        assertThatThrownBy(() -> select(Map.of("segue.kubeconfig", "/no/such/file"), Map.of(), ClustersTest::notAsked))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContainingAll("/no/such/file", "SEGUE_KUBECONFIG");
    }

    @Test
    void doesNotPretendToReachIntoAForeignClustersNodes() {
        var cluster = select(Map.of("segue.kubeconfig", kubeconfig), Map.of(), ClustersTest::notAsked);
        assertThatThrownBy(() -> cluster.load(Path.of("shop.tar")))
                .isInstanceOf(UnsupportedOperationException.class)
                .hasMessageContainingAll("shop.tar", "ctr -n k8s.io images import");
        assertThatThrownBy(() -> cluster.kill("shop", "shop-1", "shop"))
                .isInstanceOf(UnsupportedOperationException.class)
                .hasMessageContaining("segue.cluster=local");
        for (var other : List.of(cluster, new K3sCluster())) {
            assertThatThrownBy(other::offerSnapshots)
                    .isInstanceOf(UnsupportedOperationException.class)
                    .hasMessageContainingAll("snapshots", other.toString(), "segue.cluster=local");
            assertThatThrownBy(other::prometheusImage)
                    .isInstanceOf(UnsupportedOperationException.class)
                    .hasMessageContainingAll("Prometheus", other.toString(), "segue.cluster=local");
        }
    }

    private static Cluster select(
            Map<String, String> properties, Map<String, String> variables, BooleanSupplier dockerAnswers) {
        return Clusters.select(properties::get, variables::get, dockerAnswers);
    }

    /** For a Docker engine that must not matter. */
    private static boolean notAsked() {
        throw new AssertionError("the Docker engine was asked");
    }
}
