package dev.segue.e2e.cluster;

import io.fabric8.kubernetes.client.Config;
import java.nio.file.Path;
import java.util.Map;

/**
 * A real Kubernetes cluster with DNS, and with a Service {@code prometheus} in the namespace {@code monitoring} that
 * scrapes annotated pods every 2 s.
 *
 * <p>Calls block. They may come from any thread, but not from two at a time. What cannot be done fails with an
 * {@link IllegalStateException} that says why and what to do; what this kind of cluster can never do fails with an
 * {@link UnsupportedOperationException}.
 */
public interface Cluster extends AutoCloseable {

    /** Builds whatever it may be asked for later and is lacking: beside a test, that would starve it. */
    default void build() {}

    /** Starts it and waits until pods can run in it. Does nothing when it runs already. */
    void start();

    /** The path of an administrator's kubeconfig; it exists while the cluster runs. */
    Path kubeconfig();

    /** The same for the Java client, which then looks neither at {@code KUBECONFIG} nor at {@code ~/.kube/config}. */
    default Config config() {
        var config = Config.fromKubeconfig(kubeconfig().toFile());
        if (config.getNamespace() == null) {
            config.setNamespace("default"); // as kubectl does
        }
        return config;
    }

    /** Environment variables for commands such as {@code helm} and {@code kubectl} that shall speak to this cluster. */
    default Map<String, String> environment() {
        return Map.of("KUBECONFIG", kubeconfig().toString());
    }

    /** Makes the images of an archive (OCI layout as tar, or {@code docker save}) known to the nodes. */
    void load(Path archive);

    /**
     * Ends a container's process by SIGKILL, as the kernel does when memory is short; returns when the signal is sent.
     */
    void kill(String namespace, String pod, String container);

    /** Ends the API server by SIGKILL, and returns when its successor, which has the same data, is ready. */
    default void restartApiServer() {
        throw new UnsupportedOperationException(
                "cannot restart the API server of " + this + ": run this test with -Dsegue.cluster=local");
    }

    /** Ends Prometheus by SIGKILL; it stays away, and nothing is scraped. */
    default void stopPrometheus() {
        throw new UnsupportedOperationException(
                "cannot stop the Prometheus of " + this + ": run this test with -Dsegue.cluster=local");
    }

    /** Starts it again with the data that it had, and returns when it answers. */
    default void startPrometheus() {
        throw new UnsupportedOperationException(
                "cannot start the Prometheus of " + this + ": run this test with -Dsegue.cluster=local");
    }

    /** The name of an image of its Prometheus, for pods: the arguments of a container are Prometheus' own. */
    default String prometheusImage() {
        throw new UnsupportedOperationException(
                "cannot give an image of Prometheus to " + this + ": run this test with -Dsegue.cluster=local");
    }

    /**
     * Drops what any pod sends to this address of a Service, as a network plugin that enforces policies would.
     *
     * @param address an IPv4 address
     */
    default void block(String address) {
        throw new UnsupportedOperationException(
                "cannot block an address in " + this + ": run this test with -Dsegue.cluster=local");
    }

    /** Lets it through again. */
    default void unblock(String address) {
        throw new UnsupportedOperationException(
                "cannot unblock an address in " + this + ": run this test with -Dsegue.cluster=local");
    }

    /**
     * Gives it volumes with snapshots: the StorageClasses {@code csi-hostpath} and {@code csi-hostpath-wait}, the second of
     * which waits for a pod, the VolumeSnapshotClass {@code csi-hostpath}, the default of its driver, and the image
     * {@code segue.dev/e2e/files:1}, an application with data. Does nothing when it has them.
     *
     * @return the folder on this machine with {@code volumes} and {@code snapshots}, in which each is a folder with the name
     *     of its handle
     */
    default Path offerSnapshots() {
        throw new UnsupportedOperationException(
                "cannot offer snapshots of volumes in " + this + ": run this test with -Dsegue.cluster=local");
    }

    /** Ends the cluster and all that runs in it; does nothing when it does not run. */
    void stop();

    /** The same as {@link #stop()}. */
    @Override
    default void close() {
        stop();
    }
}
