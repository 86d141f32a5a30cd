package dev.segue.e2e.benchmark;

import dev.segue.e2e.cluster.Cluster;
import dev.segue.e2e.cluster.Commands;
import dev.segue.e2e.cluster.Project;
import dev.segue.shell.SegueOperator;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.readiness.Readiness;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The operator as users have it: its image, its chart, its default limits. */
final class InstalledOperator {
    private static final String NAMESPACE = "segue-system";
    private static final String NAME = "segue";
    private static final long PATIENCE_SECONDS = 180;
    private static final Pattern STARTED = Pattern.compile("\"timestamp\":([0-9]+).*" + SegueOperator.STARTED);

    private final KubernetesClient client;

    /** Installed, with these values of the chart beside its defaults, but not running yet. */
    InstalledOperator(Cluster cluster, KubernetesClient client, List<String> values) {
        this.client = client;
        cluster.load(Project.root().resolve("operator/target/segue-operator.tar"));
        var install = new ArrayList<>(List.of("helm", "upgrade", "--install", NAME));
        install.add(Project.root().resolve("helm/segue").toString());
        install.addAll(List.of("-n", NAMESPACE, "--create-namespace", "--set", "replicas=0"));
        values.forEach(value -> install.addAll(List.of("--set", value)));
        new Commands(cluster.environment()).run("", install);
        stop();
    }

    /** One life of it. */
    record Run(Pod pod, Footprint footprint, double secondsToReady) implements AutoCloseable {
        String name() {
            return pod.getMetadata().getName();
        }

        @Override
        public void close() {
            footprint.close();
        }
    }

    /** Starts it, and waits until it says that it works. */
    Run start() {
        scale(1);
        Pod running = await(p -> p.getStatus().getContainerStatuses().stream()
                .anyMatch(c -> c.getState().getRunning() != null));
        String id = running.getStatus().getContainerStatuses().getFirst().getContainerID();
        var footprint = new Footprint(id.substring(id.indexOf("://") + 3));
        await(Readiness::isPodReady);
        Matcher started = STARTED.matcher(log(running));
        if (!started.find()) {
            throw new IllegalStateException("the operator is ready, but never logged that it has started");
        }
        return new Run(running, footprint, (Long.parseLong(started.group(1)) - footprint.startedAt()) / 1000.0);
    }

    private Pod await(java.util.function.Predicate<Pod> wanted) {
        return client
                .pods()
                .inNamespace(NAMESPACE)
                .informOnCondition(pods -> pods.stream().anyMatch(wanted))
                .orTimeout(PATIENCE_SECONDS, TimeUnit.SECONDS)
                .join()
                .stream()
                .filter(wanted)
                .findFirst()
                .orElseThrow();
    }

    /** Ends it as an upgrade does. */
    void stop() {
        scale(0);
        client.pods()
                .inNamespace(NAMESPACE)
                .informOnCondition(List::isEmpty)
                .orTimeout(PATIENCE_SECONDS, TimeUnit.SECONDS)
                .join();
    }

    private void scale(int replicas) {
        client.apps().deployments().inNamespace(NAMESPACE).withName(NAME).scale(replicas);
    }

    /** How often its container ended by itself, for want of memory say. */
    int restarts(Run run) {
        return client.pods()
                .inNamespace(NAMESPACE)
                .withName(run.name())
                .require()
                .getStatus()
                .getContainerStatuses()
                .getFirst()
                .getRestartCount();
    }

    Scrape scrape(Run run) {
        return Scrape.of(Objects.requireNonNull(
                client.raw("/api/v1/namespaces/%s/pods/%s:8080/proxy/metrics".formatted(NAMESPACE, run.name()))));
    }

    private String log(Pod pod) {
        return client.pods()
                .inNamespace(NAMESPACE)
                .withName(pod.getMetadata().getName())
                .getLog();
    }

    /** The memory limit that it runs with. */
    String memoryLimit() {
        return Objects.requireNonNull(client.apps()
                        .deployments()
                        .inNamespace(NAMESPACE)
                        .withName(NAME)
                        .require()
                        .getSpec()
                        .getTemplate()
                        .getSpec()
                        .getContainers()
                        .getFirst()
                        .getResources()
                        .getLimits()
                        .get("memory"))
                .toString();
    }
}
