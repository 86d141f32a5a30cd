package dev.segue.e2e.stage;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import dev.segue.e2e.cluster.Cluster;
import dev.segue.e2e.cluster.Commands;
import dev.segue.e2e.cluster.Project;
import dev.segue.e2e.witness.Json;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.readiness.Readiness;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The installed operator, from outside. Safe for all threads. */
public final class Operator {
    public static final String NAMESPACE = "segue-system";
    private static final Pattern REQUESTS = Pattern.compile(
            "(?m)^segue_kubernetes_requests_total\\{method=\"([A-Z]+)\",resource=\"([^\"]*)\",trial=\"(true|false)\"} ([0-9.E+]+)$");

    private final KubernetesClient client;
    private final Cluster cluster;
    private final Commands commands;
    private final List<String> leaders = new CopyOnWriteArrayList<>();
    private final AtomicLong leaseWrites = new AtomicLong();

    /** Follows its lease from now on, until the client is closed. */
    Operator(KubernetesClient client, Cluster cluster, Commands commands) {
        this.client = client;
        this.cluster = cluster;
        this.commands = commands;
        client.leases().inNamespace(NAMESPACE).inform(new ResourceEventHandler<>() {
            @Override
            public void onAdd(Lease lease) {
                leaders.add(holder(lease));
            }

            @Override
            public void onUpdate(Lease before, Lease now) {
                leaseWrites.incrementAndGet();
                if (!holder(now).equals(holder(before))) {
                    leaders.add(holder(now));
                }
            }

            @Override
            public void onDelete(Lease lease, boolean unknown) {}
        });
    }

    /**
     * What it has used since its start.
     *
     * @param container its id; after a restart it is another one, which has used nothing yet
     * @param requests to the API server by method
     * @param leaseWrites those of them that only renewed its lease
     * @param cpuSeconds as the kubelet tells; some seconds old
     * @param memoryMiB working set, likewise
     */
    public record Usage(
            String container, Map<String, Long> requests, long leaseWrites, double cpuSeconds, double memoryMiB) {}

    /** Its only pod. */
    Pod pod() {
        return client.pods().inNamespace(NAMESPACE).list().getItems().stream()
                .filter(p -> p.getMetadata().getDeletionTimestamp() == null)
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("there is no operator in namespace " + NAMESPACE));
    }

    public int restarts() {
        return restarts(pod());
    }

    /** SIGKILL to its process; the kubelet starts it again. */
    public synchronized void kill() {
        Pod pod = pod();
        cluster.kill(
                NAMESPACE,
                pod.getMetadata().getName(),
                pod.getSpec().getContainers().getFirst().getName());
    }

    /** Waits until it was restarted more often than this and is ready again. */
    public void awaitRestart(int before) {
        client.pods()
                .inNamespace(NAMESPACE)
                .withName(pod().getMetadata().getName())
                .waitUntilCondition(
                        p -> p != null && restarts(p) > before && Readiness.isPodReady(p),
                        Migrations.PATIENCE.toSeconds(),
                        TimeUnit.SECONDS);
    }

    private static int restarts(Pod pod) {
        return pod.getStatus().getContainerStatuses().stream()
                .mapToInt(ContainerStatus::getRestartCount)
                .sum();
    }

    /** Which container it runs in, by the runtime's id. */
    public String container() {
        return pod().getStatus().getContainerStatuses().getFirst().getContainerID();
    }

    /** Ends it by SIGTERM, and waits until it is gone. */
    public void stop() {
        scale(0);
        await(List::isEmpty);
    }

    /** Starts it after a stop, and waits until it is ready. */
    public void start() {
        scale(1);
        await(pods -> pods.stream().anyMatch(Readiness::isPodReady));
    }

    /**
     * Upgrades it as a user does, with {@code helm}, and waits until the new pod is ready and the old one gone.
     *
     * @param values of the chart that become others, each as {@code name=text}
     */
    public void upgrade(String... values) {
        List<String> line = new ArrayList<>(
                List.of("upgrade", "segue", Project.root().resolve("helm/segue").toString(), "--reuse-values"));
        for (String value : values) {
            line.addAll(List.of("--set-string", value));
        }
        helm(line);
    }

    /** Makes it again what was installed, and waits likewise. */
    public void rollback() {
        helm(List.of("rollback", "segue", "1"));
    }

    private void helm(List<String> arguments) {
        List<String> line = new ArrayList<>(List.of("helm"));
        line.addAll(arguments);
        line.addAll(List.of("-n", NAMESPACE, "--wait", "--timeout", Migrations.PATIENCE.toSeconds() + "s"));
        commands.run("", line);
        await(pods -> pods.size() == 1 && Readiness.isPodReady(pods.getFirst()));
    }

    private void await(Predicate<List<Pod>> wanted) {
        client.pods()
                .inNamespace(NAMESPACE)
                .informOnCondition(wanted)
                .orTimeout(Migrations.PATIENCE.toSeconds(), TimeUnit.SECONDS)
                .join();
    }

    private void scale(int replicas) {
        client.apps().deployments().inNamespace(NAMESPACE).withName("segue").scale(replicas);
    }

    /** Who holds the lease of the leader, or nothing when nobody does. */
    public String leader() {
        Lease lease = client.leases()
                .inNamespace(NAMESPACE)
                .withName("segue-operator")
                .require();
        return holder(lease);
    }

    /** All who have held it, in their order; nothing for a time in which nobody did. */
    public List<String> leaders() {
        return List.copyOf(leaders);
    }

    private static String holder(Lease lease) {
        return Objects.requireNonNullElse(lease.getSpec().getHolderIdentity(), "");
    }

    /** What its present container has written, requests by resource, but for its lease. */
    public Map<String, Long> writes() {
        Map<String, Long> writes = new TreeMap<>();
        Matcher matcher = REQUESTS.matcher(metrics());
        while (matcher.find()) {
            String resource = matcher.group(2);
            boolean reads = matcher.group(1).equals("GET")
                    || matcher.group(3).equals("true")
                    || resource.startsWith("selfsubject"); // a question what it may do, though it is a POST
            if (!reads && !resource.equals("leases")) {
                writes.merge(resource, Math.round(Double.parseDouble(matcher.group(4))), Long::sum);
            }
        }
        return writes;
    }

    /** What it tells at {@code /metrics}. */
    public String metrics() {
        return metrics(pod());
    }

    public Usage usage() {
        Pod pod = pod();
        Map<String, Long> requests = new TreeMap<>();
        Matcher matcher = REQUESTS.matcher(metrics(pod));
        while (matcher.find()) {
            requests.merge(matcher.group(1), Math.round(Double.parseDouble(matcher.group(4))), Long::sum);
        }
        JsonNode stats = stats(pod);
        return new Usage(
                container(),
                requests,
                leaseWrites.get(),
                stats.path("cpu").path("usageCoreNanoSeconds").asDouble() / 1e9,
                stats.path("memory").path("workingSetBytes").asDouble() / (1024 * 1024));
    }

    private String metrics(Pod pod) {
        return raw("/api/v1/namespaces/%s/pods/%s:8080/proxy/metrics"
                .formatted(NAMESPACE, pod.getMetadata().getName()));
    }

    private JsonNode stats(Pod pod) {
        String summary = raw(
                "/api/v1/nodes/%s/proxy/stats/summary".formatted(pod.getSpec().getNodeName()));
        try {
            for (JsonNode p : Json.MAPPER.readTree(summary).path("pods")) {
                if (p.path("podRef")
                        .path("uid")
                        .asText()
                        .equals(pod.getMetadata().getUid())) {
                    return p;
                }
            }
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("the kubelet's statistics are no JSON", e);
        }
        return Json.MAPPER.missingNode();
    }

    private String raw(String path) {
        String answer = client.raw(path);
        if (answer == null) {
            throw new IllegalStateException("nothing at " + path);
        }
        return answer;
    }

    /** Of a line of JSON what a reader needs. */
    private static String brief(String line) {
        try {
            JsonNode log = Json.MAPPER.readTree(line);
            String thrown = log.path("throwable").isObject() ? " " + log.get("throwable") : "";
            return "%s %s %s %s%s"
                    .formatted(
                            Instant.ofEpochMilli(log.path("timestamp").asLong()),
                            log.path("level").asText(),
                            log.path("mdc").path("resource.name").asText(),
                            log.path("formattedMessage").asText(),
                            thrown);
        } catch (JsonProcessingException e) {
            return line;
        }
    }

    /** Its whole log since it was started. */
    public String log() {
        return client.pods()
                .inNamespace(NAMESPACE)
                .withName(pod().getMetadata().getName())
                .getLog();
    }

    /** The end of its log, as far as it speaks of this word or is more than information. */
    String log(String word) {
        try {
            @Nullable
            String log = client.pods()
                    .inNamespace(NAMESPACE)
                    .withName(pod().getMetadata().getName())
                    .tailingLines(400)
                    .getLog();
            return log.lines()
                    .filter(l -> l.contains(word) || !l.contains("\"INFO\""))
                    .map(Operator::brief)
                    .reduce("", (a, b) -> a + "  " + b + System.lineSeparator());
        } catch (KubernetesClientException | IllegalStateException e) {
            return "no log: " + e.getMessage();
        }
    }
}
