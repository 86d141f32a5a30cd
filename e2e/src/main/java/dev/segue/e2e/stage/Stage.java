package dev.segue.e2e.stage;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.segue.e2e.cluster.Cluster;
import dev.segue.e2e.cluster.Commands;
import dev.segue.e2e.cluster.Project;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * One cluster with the images of this build in it and the operator installed as users install it: by the chart, with
 * {@code helm}. Safe for all threads.
 */
public final class Stage {
    /** The witness's last answer waits for each of its requests, which may take 35 s by their time-outs. */
    private static final int REQUEST_TIMEOUT_MS = 60_000;

    /** Of any request: each that is sent from here may be sent twice. */
    private static final int RETRIES = 2;

    private final Cluster cluster;
    private final Commands commands;
    private final KubernetesClient client;
    private final Operator operator;
    private final Map<String, Prometheus> prometheus = new ConcurrentHashMap<>();

    private Stage(Cluster cluster, Commands commands, KubernetesClient client) {
        this.cluster = cluster;
        this.commands = commands;
        this.client = client;
        this.operator = new Operator(client, cluster, commands);
    }

    /** As {@link Cluster#restartApiServer}. */
    public void restartApiServer() {
        cluster.restartApiServer();
    }

    /** Ends Prometheus, does this, and starts it again, however this ends. */
    public void withoutPrometheus(Runnable meanwhile) {
        cluster.stopPrometheus();
        try {
            meanwhile.run();
        } finally {
            cluster.startPrometheus();
        }
    }

    /** Drops what pods send to this address of a Service, does this, and lets it through again, however this ends. */
    public void withBlocked(String address, Runnable meanwhile) {
        cluster.block(address);
        try {
            meanwhile.run();
        } finally {
            cluster.unblock(address);
        }
    }

    /** As {@link Cluster#offerSnapshots}. */
    public Path offerSnapshots() {
        return cluster.offerSnapshots();
    }

    /** As {@link Cluster#kill}. */
    void kill(String namespace, String pod, String container) {
        cluster.kill(namespace, pod, container);
    }

    /**
     * Starts the cluster where it does not run, and replaces an operator that is there by the one of this build.
     *
     * @param progress told what is going on, a line each
     * @throws IllegalStateException when the images are not built or a step fails
     */
    public static Stage open(Cluster cluster, Consumer<String> progress) {
        Path root = Project.root();
        List<Path> images = images(root);
        progress.accept("starting " + cluster);
        cluster.start();
        progress.accept("loading %d images".formatted(images.size()));
        try {
            images.forEach(cluster::load);
        } catch (UnsupportedOperationException e) {
            progress.accept(e.getMessage());
        }
        var commands = new Commands(cluster.environment());
        progress.accept("installing the operator by its chart");
        commands.run(
                "", List.of("helm", "uninstall", "segue", "-n", Operator.NAMESPACE, "--ignore-not-found", "--wait"));
        String chart = root.resolve("helm/segue").toString();
        commands.run(
                "",
                List.of(
                        "helm",
                        "install",
                        "segue",
                        chart,
                        "-n",
                        Operator.NAMESPACE,
                        "--create-namespace",
                        "--set",
                        "staging.enabled=true,staging.snapshots=true",
                        "--wait",
                        "--timeout",
                        Migrations.PATIENCE.toSeconds() + "s"));
        Config config = cluster.config();
        config.setRequestTimeout(REQUEST_TIMEOUT_MS);
        config.setRequestRetryBackoffLimit(RETRIES);
        return new Stage(cluster, commands, client(config));
    }

    /** It reads what a later version has written as well: what only that one has a name for is missing then. */
    private static KubernetesClient client(Config config) {
        var mapper = new ObjectMapper().enable(DeserializationFeature.READ_UNKNOWN_ENUM_VALUES_AS_NULL);
        return new KubernetesClientBuilder()
                .withConfig(config)
                .withKubernetesSerialization(new KubernetesSerialization(mapper, true))
                .build();
    }

    /** A namespace of its own for what follows; one of this name that is there already is removed first. */
    public Scene scene(String namespace) {
        return new Scene(this, namespace);
    }

    public Operator operator() {
        return operator;
    }

    /** The cluster's own. */
    public Prometheus prometheus() {
        return prometheus(Prometheus.URL);
    }

    /** The one that Migrations know by this address. */
    public Prometheus prometheus(String url) {
        return prometheus.computeIfAbsent(url, address -> new Prometheus(client, address));
    }

    /** As {@link Cluster#prometheusImage}. */
    public synchronized String prometheusImage() {
        return cluster.prometheusImage();
    }

    /** For what the scenes do not offer. */
    public KubernetesClient client() {
        return client;
    }

    /** What {@code kubectl} with these arguments prints on standard output. */
    public String kubectl(String... arguments) {
        return kubectl("", List.of(arguments));
    }

    /** The same with this on its standard input. */
    public String kubectl(String stdin, List<String> arguments) {
        var line = new ArrayList<>(List.of("kubectl"));
        line.addAll(arguments);
        return commands.run(stdin, line);
    }

    /** Ends its connections; the cluster runs on. */
    public void leave() {
        client.close();
    }

    private static List<Path> images(Path root) {
        Path operator = root.resolve("operator/target/segue-operator.tar");
        Path others = root.resolve("e2e/target/images");
        List<Path> images = new ArrayList<>();
        if (Files.isDirectory(others)) {
            try (Stream<Path> files = Files.list(others)) {
                files.filter(f -> f.toString().endsWith(".tar")).sorted().forEach(images::add);
            } catch (IOException e) {
                throw new UncheckedIOException("cannot list " + others, e);
            }
        }
        if (images.isEmpty() || !Files.isRegularFile(operator)) {
            throw new IllegalStateException(
                    "%s or %s/*.tar are missing: build them by ./mvnw package -DskipTests".formatted(operator, others));
        }
        images.add(operator);
        return images;
    }
}
