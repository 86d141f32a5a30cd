package dev.segue.e2e.benchmark;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.NodeCondition;
import io.fabric8.kubernetes.api.model.NodeConditionBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.coordination.v1.LeaseBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/**
 * A node without containers: pods that are bound to it are told to be ready at once, and gone as soon as they shall go.
 * To every other part of Kubernetes it is a node like others. What pods cost is thereby left out; what an operator does
 * is not.
 */
final class SimulatedNode implements AutoCloseable {
    /** Pods that shall run here select this label, and tolerate the taint of the same name. */
    static final String LABEL = "segue.dev/simulated";

    private static final String NAME = "simulated";
    private static final String LEASES = "kube-node-lease";
    private static final int HEARTBEAT_SECONDS = 10; // as the kubelet's; without it the node is NotReady after 50 s
    private static final String[] HEALTH = {"MemoryPressure", "DiskPressure", "PIDPressure"};

    private static final PatchContext APPLY = new PatchContext.Builder()
            .withPatchType(PatchType.SERVER_SIDE_APPLY)
            .withFieldManager(NAME)
            .withForce(true)
            .build();

    private final KubernetesClient client;
    private final ExecutorService kubelet = Executors.newFixedThreadPool(4);
    private final ScheduledExecutorService heart = Executors.newSingleThreadScheduledExecutor();
    private final SharedIndexInformer<Pod> pods;
    private final AtomicInteger addresses = new AtomicInteger();

    /** Is there and runs pods from now on. */
    SimulatedNode(KubernetesClient client) {
        this.client = client;
        register();
        var _ = heart.scheduleAtFixedRate(this::beat, HEARTBEAT_SECONDS, HEARTBEAT_SECONDS, TimeUnit.SECONDS);
        pods = client.pods().inAnyNamespace().withField("spec.nodeName", NAME).inform(new ResourceEventHandler<>() {
            @Override
            public void onAdd(Pod pod) {
                kubelet.execute(() -> run(pod));
            }

            @Override
            public void onUpdate(Pod before, Pod now) {
                kubelet.execute(() -> run(now));
            }

            @Override
            public void onDelete(Pod pod, boolean unknown) {}
        });
    }

    private void register() {
        Map<String, Quantity> room =
                Map.of("pods", new Quantity("20000"), "cpu", new Quantity("1000"), "memory", new Quantity("4Ti"));
        client.resource(new NodeBuilder()
                        .withNewMetadata()
                        .withName(NAME)
                        .addToLabels(LABEL, "true")
                        .endMetadata()
                        .withNewSpec()
                        .addNewTaint("NoSchedule", LABEL, null, "true") // nothing that has to run for real
                        .endSpec()
                        .build())
                .patch(APPLY);
        String now = Instant.now().toString();
        NodeCondition ready = condition("Ready", "True", now);
        Node status = new NodeBuilder()
                .withNewMetadata()
                .withName(NAME)
                .endMetadata()
                .withNewStatus()
                .withCapacity(room)
                .withAllocatable(room)
                .addToConditions(ready)
                .addAllToConditions(Stream.of(HEALTH)
                        .map(type -> condition(type, "False", now))
                        .toList())
                .endStatus()
                .build();
        client.resource(status).subresource("status").patch(APPLY); // by force: controllers write there as well
        beat();
    }

    private static NodeCondition condition(String type, String status, String now) {
        return new NodeConditionBuilder()
                .withType(type)
                .withStatus(status)
                .withReason("Simulated")
                .withLastHeartbeatTime(now)
                .withLastTransitionTime(now)
                .build();
    }

    private void beat() {
        try {
            client.resource(new LeaseBuilder()
                            .withNewMetadata()
                            .withName(NAME)
                            .withNamespace(LEASES)
                            .endMetadata()
                            .withNewSpec()
                            .withHolderIdentity(NAME)
                            .withLeaseDurationSeconds(40)
                            .withRenewTime(ZonedDateTime.now(ZoneOffset.UTC))
                            .endSpec()
                            .build())
                    .serverSideApply();
        } catch (KubernetesClientException e) {
            // the next one is in time
        }
    }

    private void run(Pod pod) {
        try {
            if (pod.getMetadata().getDeletionTimestamp() != null) {
                client.resource(pod).withGracePeriod(0).delete();
            } else if (pod.getStatus().getPodIP() == null) {
                start(pod);
            }
        } catch (KubernetesClientException e) {
            if (e.getCode() != 404 && e.getCode() != 409) {
                throw e; // gone already, or seen once more: no matter
            }
        }
    }

    private void start(Pod pod) {
        String now = Instant.now().toString();
        int n = addresses.incrementAndGet();
        String ip = "10.%d.%d.%d".formatted(128 + n / 62_500, n / 250 % 250, n % 250 + 1);
        Pod ready = new PodBuilder()
                .withNewMetadata()
                .withUid(pod.getMetadata().getUid()) // another one of this name is none of ours
                .endMetadata()
                .withNewStatus()
                .withPhase("Running")
                .withStartTime(now)
                .withPodIP(ip)
                .addNewPodIP(ip)
                .withConditions(List.of("PodReadyToStartContainers", "Initialized", "Ready", "ContainersReady").stream()
                        .map(type -> new io.fabric8.kubernetes.api.model.PodConditionBuilder()
                                .withType(type)
                                .withStatus("True")
                                .withLastTransitionTime(now)
                                .build())
                        .toList())
                .withContainerStatuses(pod.getSpec().getContainers().stream()
                        .map(c -> new io.fabric8.kubernetes.api.model.ContainerStatusBuilder()
                                .withName(c.getName())
                                .withImage(c.getImage())
                                .withImageID(c.getImage())
                                .withReady(true)
                                .withStarted(true)
                                .withRestartCount(0)
                                .withNewState()
                                .withNewRunning(now)
                                .endState()
                                .build())
                        .toList())
                .endStatus()
                .build();
        client.pods()
                .inNamespace(pod.getMetadata().getNamespace())
                .withName(pod.getMetadata().getName())
                .subresource("status")
                .patch(PatchContext.of(PatchType.STRATEGIC_MERGE), ready);
    }

    @Override
    public void close() {
        pods.close();
        heart.shutdownNow();
        kubelet.shutdownNow();
    }
}
