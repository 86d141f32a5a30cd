package dev.segue.e2e.cluster;

import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.testcontainers.k3s.K3sContainer;
import org.testcontainers.utility.DockerImageName;
import org.testcontainers.utility.MountableFile;

/**
 * k3s in a container, where a Docker engine is. It pulls k3s and Prometheus from an image registry. {@code kubectl} and
 * {@code helm} have to be on this machine's PATH.
 */
public final class K3sCluster implements Cluster {

    private static final String IMAGE = "rancher/k3s:v1.36.3-k3s1";

    private @Nullable K3sContainer container;
    private @Nullable Path kubeconfig;

    @Override
    public void start() {
        if (container != null) {
            return;
        }
        var starting = new K3sContainer(DockerImageName.parse(IMAGE));
        starting.start();
        container = starting;
        try {
            var file = Files.createTempFile("segue-k3s-", ".kubeconfig");
            file.toFile().deleteOnExit();
            kubeconfig = Files.writeString(file, starting.getKubeConfigYaml());
            installPrometheus();
        } catch (IOException | RuntimeException e) {
            stop();
            throw new IllegalStateException("cannot set up k3s: " + e.getMessage(), e);
        }
    }

    @Override
    public Path kubeconfig() {
        if (kubeconfig == null) {
            throw new IllegalStateException("k3s does not run: call start() first");
        }
        return kubeconfig;
    }

    @Override
    public void load(Path archive) {
        var inside = "/tmp/" + archive.getFileName();
        running().copyFileToContainer(MountableFile.forHostPath(archive), inside);
        execute("ctr", "--namespace", "k8s.io", "images", "import", inside);
        execute("rm", inside);
    }

    @Override
    public void kill(String namespace, String pod, String container) {
        try (var client = new KubernetesClientBuilder().withConfig(config()).build()) {
            var found = client.pods().inNamespace(namespace).withName(pod).require();
            var id = found.getStatus().getContainerStatuses().stream()
                    .filter(status -> status.getName().equals(container))
                    .map(status -> status.getContainerID())
                    .filter(Objects::nonNull)
                    .findFirst()
                    .orElseThrow(() -> new IllegalStateException(
                            "pod " + namespace + "/" + pod + " has no started container " + container));
            execute("ctr", "--namespace", "k8s.io", "tasks", "kill", "--signal", "SIGKILL", id.replaceFirst(".*/", ""));
        }
    }

    @Override
    public void stop() {
        if (container != null) {
            container.stop();
            container = null;
            kubeconfig = null;
        }
    }

    @Override
    public String toString() {
        return IMAGE;
    }

    /** What runs as a process in a local cluster runs as a pod here, with the same configuration. */
    private void installPrometheus() throws IOException {
        try (var client = new KubernetesClientBuilder().withConfig(config()).build();
                var manifest = Objects.requireNonNull(getClass().getResourceAsStream("prometheus.yaml"))) {
            client.load(manifest).serverSideApply();
            var configuration = new ConfigMapBuilder()
                    .withNewMetadata()
                    .withName("prometheus")
                    .withNamespace("monitoring")
                    .endMetadata()
                    .addToData("prometheus.yml", prometheusConfiguration())
                    .build();
            client.resource(configuration).serverSideApply();
        }
    }

    /** In a pod the account is the pod's own. */
    static String prometheusConfiguration() throws IOException {
        var local = Files.readString(Project.root().resolve("e2e/kubernetes/config/prometheus.yml"));
        return local.replaceAll("(?m)^ *kubeconfig_file:.*\\R", "");
    }

    private void execute(String... command) {
        try {
            var result = running().execInContainer(command);
            if (result.getExitCode() != 0) {
                throw new IllegalStateException(String.join(" ", command) + " ended with exit code "
                        + result.getExitCode() + " in k3s: " + result.getStderr());
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot run a command in k3s", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }

    private K3sContainer running() {
        if (container == null) {
            throw new IllegalStateException("k3s does not run: call start() first");
        }
        return container;
    }
}
