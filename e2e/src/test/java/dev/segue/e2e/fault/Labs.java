package dev.segue.e2e.fault;

import dev.segue.e2e.cluster.Cluster;
import dev.segue.e2e.scenario.Run;
import dev.segue.e2e.stage.Stage;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.nio.file.Path;
import java.util.List;

/**
 * Where {@link Lab}s come from. The installed operator, which works in all namespaces, is stopped as long as this is
 * open, so that each lab has the operators that its test starts, and no others. Safe for all threads.
 */
public final class Labs implements AutoCloseable {
    private final Stage stage;
    private final ApiServer server;

    Labs(Cluster cluster, Stage stage) {
        this.stage = stage;
        this.server = new ApiServer(cluster.config());
        stage.operator().stop();
    }

    /** What a test does in its lab. */
    @FunctionalInterface
    public interface Experiment {
        void in(Lab lab) throws Exception;
    }

    /**
     * Opens a lab, whose Deployment serves, and closes it afterwards. A failure tells what happened there; with {@code
     * -Dsegue.keep=true} it leaves the namespace as it is. A silent referee is part of every success. Several can run at a
     * time: a lab has up to six pods.
     *
     * @param namespace of the lab; one that is there already is removed first
     */
    public void run(String namespace, Experiment experiment) {
        try (var lab = new Lab(this, namespace)) {
            try {
                lab.deploy();
                experiment.in(lab);
                lab.judge();
            } catch (Exception | AssertionError e) {
                if (Run.KEEP) {
                    lab.keep();
                }
                throw new AssertionError("namespace %s: %s%n%s".formatted(namespace, e.getMessage(), lab.story()), e);
            }
        }
    }

    /** With all rights, by no proxy. */
    public KubernetesClient client() {
        return stage.client();
    }

    /** What {@code kubectl} with these arguments prints on standard output. */
    String kubectl(String stdin, List<String> arguments) {
        return stage.kubectl(stdin, arguments);
    }

    /** For all labs: volumes with snapshots; answers where their storage is. */
    Path offerSnapshots() {
        return stage.offerSnapshots();
    }

    /** For all labs; returns when the API server is back. */
    void restartApiServer() {
        stage.restartApiServer();
    }

    /** To which proxies lead. */
    public ApiServer server() {
        return server;
    }

    @Override
    public void close() {
        server.close();
        stage.operator().start();
    }
}
