package dev.segue.e2e.stage;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.segue.e2e.witness.Json;
import dev.segue.e2e.witness.RequestRecord;
import dev.segue.e2e.witness.Summary;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.readiness.Readiness;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The load client in its pod, so that its requests take the way that users' requests take. */
public final class WitnessPod {
    private static final Duration START = Duration.ofSeconds(90);
    private static final String IMAGE = "segue.dev/e2e/witness:1";

    private static final ObjectMapper JSON = Json.MAPPER;

    private final KubernetesClient client;
    private final String namespace;
    private final String name;
    private volatile @Nullable Summary result;

    private WitnessPod(KubernetesClient client, String namespace, String name) {
        this.client = client;
        this.namespace = namespace;
        this.name = name;
    }

    /**
     * Starts it and waits until its first request has succeeded: from then on it counts.
     *
     * @throws IllegalStateException when none does; the message has the pod's log
     */
    static WitnessPod start(KubernetesClient client, String namespace, String name, Load load) {
        List<String> variables =
                load.environment("http://%s.%s.svc.cluster.local:8080/".formatted(ShopDeployment.NAME, namespace));
        var pod = new PodBuilder()
                .withNewMetadata()
                .withName(name)
                .addToLabels("app", "witness")
                .endMetadata()
                .withNewSpec()
                .withRestartPolicy("Never")
                .addNewVolume()
                .withName("out")
                .withNewEmptyDir()
                .endEmptyDir()
                .endVolume()
                .addNewContainer()
                .withName("witness")
                .withImage(IMAGE)
                .withImagePullPolicy("IfNotPresent")
                .withNewResources()
                .addToRequests("cpu", new Quantity("150m"))
                .addToRequests("memory", new Quantity("192Mi"))
                .endResources()
                .addNewVolumeMount()
                .withName("out")
                .withMountPath("/out")
                .endVolumeMount()
                .withNewReadinessProbe()
                .withPeriodSeconds(1)
                .withNewHttpGet()
                .withPath("/ready")
                .withNewPort(8081)
                .endHttpGet()
                .endReadinessProbe()
                .endContainer()
                .endSpec()
                .build();
        var container = pod.getSpec().getContainers().getFirst();
        for (int i = 0; i < variables.size(); i += 2) {
            container.getEnv().add(new EnvVar(variables.get(i), variables.get(i + 1), null));
        }
        client.pods().inNamespace(namespace).resource(pod).create();
        var witness = new WitnessPod(client, namespace, name);
        Pod started = client.pods()
                .inNamespace(namespace)
                .withName(name)
                .waitUntilCondition(
                        p -> p != null && (Readiness.isPodReady(p) || ended(p)), START.toSeconds(), TimeUnit.SECONDS);
        if (ended(started)) {
            throw new IllegalStateException(
                    "witness %s/%s ended at once:%n%s".formatted(namespace, name, witness.log()));
        }
        return witness;
    }

    private static boolean ended(Pod pod) {
        String phase = pod.getStatus() == null ? null : pod.getStatus().getPhase();
        return "Failed".equals(phase) || "Succeeded".equals(phase);
    }

    /** What it has seen so far. */
    public Summary summary() {
        return ask("GET", "summary");
    }

    /** Ends it and answers with what it saw, once every request on its way has ended. Then it is gone. */
    public Summary stop() {
        Summary last = ask("POST", "stop");
        result = last;
        return last;
    }

    /** What it saw, once it was stopped. */
    Optional<Summary> result() {
        return Optional.ofNullable(result);
    }

    /** The failed requests so far, oldest first, while it runs. */
    public List<RequestRecord> failures() {
        return records().stream().filter(r -> !r.isOk()).toList();
    }

    /** All requests that have ended so far, in the order of their ends, while it runs. */
    public List<RequestRecord> records() {
        return request("GET", "records").lines().map(WitnessPod::read).toList();
    }

    String log() {
        try {
            return client.pods()
                    .inNamespace(namespace)
                    .withName(name)
                    .tailingLines(40)
                    .getLog();
        } catch (KubernetesClientException e) {
            return "no log: " + e.getMessage();
        }
    }

    private Summary ask(String method, String what) {
        String answer = request(method, what);
        try {
            return JSON.readValue(answer, Summary.class);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("the witness's answer to %s is no summary: %s".formatted(what, answer), e);
        }
    }

    private static RequestRecord read(String line) {
        try {
            return JSON.readValue(line, RequestRecord.class);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("not a record of the witness: " + line, e);
        }
    }

    /** By way of the API server; the client sends it again where it gets no answer, or only a gateway's. */
    private String request(String method, String what) {
        String uri = "/api/v1/namespaces/%s/pods/%s:8081/proxy/%s".formatted(namespace, name, what);
        try {
            String answer = client.raw(uri, method, null);
            if (answer == null) {
                throw new KubernetesClientException("there is no such pod");
            }
            return answer;
        } catch (KubernetesClientException e) {
            throw new IllegalStateException(
                    "witness %s/%s does not answer %s:%n%s".formatted(namespace, name, what, log()), e);
        }
    }
}
