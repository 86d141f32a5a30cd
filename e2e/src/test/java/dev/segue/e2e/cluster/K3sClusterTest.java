package dev.segue.e2e.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What can be proved without a Docker engine. */
class K3sClusterTest {

    @Test
    void scrapesAsALocalClusterDoesButByThePodsOwnAccount() throws IOException {
        assertThat(K3sCluster.prometheusConfiguration())
                .contains("scrape_interval: 2s", "- role: pod", "prometheus_io_scrape")
                .doesNotContain("kubeconfig");
    }

    @Test
    void shipsAValidManifestOfPrometheus() {
        List<HasMetadata> objects =
                new KubernetesSerialization().unmarshal(K3sCluster.class.getResourceAsStream("prometheus.yaml"));
        assertThat(objects)
                .extracting(HasMetadata::getKind)
                .containsExactly(
                        "Namespace", "ServiceAccount", "ClusterRole", "ClusterRoleBinding", "Deployment", "Service");
    }

    @Test
    void saysThatItDoesNotRun() {
        var cluster = new K3sCluster();
        assertThatThrownBy(cluster::kubeconfig)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("call start() first");
        assertThatThrownBy(() -> cluster.load(Path.of("shop.tar"))).isInstanceOf(IllegalStateException.class);
        cluster.stop(); // nothing to stop is no error
    }
}
