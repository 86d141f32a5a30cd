package dev.segue.e2e.cluster;

import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A cluster that is there already, by the path of its kubeconfig. It is neither started nor stopped. Its nodes must have
 * the images of this build, and a Service {@code prometheus} in {@code monitoring} where a test needs metrics.
 */
public final class KubeconfigCluster implements Cluster {

    private final Path kubeconfig;

    /** @throws IllegalArgumentException when there is no such file */
    public KubeconfigCluster(Path kubeconfig) {
        if (!Files.isReadable(kubeconfig)) {
            throw new IllegalArgumentException("there is no readable kubeconfig " + kubeconfig.toAbsolutePath()
                    + ": correct -Dsegue.kubeconfig or SEGUE_KUBECONFIG");
        }
        this.kubeconfig = kubeconfig.toAbsolutePath();
    }

    /** Only checks that the API server answers. */
    @Override
    public void start() {
        try (var client = new KubernetesClientBuilder().withConfig(config()).build()) {
            client.getKubernetesVersion();
        } catch (KubernetesClientException e) {
            throw new IllegalStateException("the cluster of " + kubeconfig + " does not answer: " + e.getMessage(), e);
        }
    }

    @Override
    public Path kubeconfig() {
        return kubeconfig;
    }

    @Override
    public void load(Path archive) {
        throw new UnsupportedOperationException("cannot load " + archive + " into a cluster known by kubeconfig only:"
                + " import it on its nodes (ctr -n k8s.io images import FILE), or push it where they pull from");
    }

    @Override
    public void kill(String namespace, String pod, String container) {
        throw new UnsupportedOperationException("cannot kill a process of " + namespace + "/" + pod
                + " in a cluster known by kubeconfig only: run this test with -Dsegue.cluster=local or k3s");
    }

    /** Does nothing: the cluster is not ours. */
    @Override
    public void stop() {}

    @Override
    public String toString() {
        return "cluster of " + kubeconfig;
    }
}
