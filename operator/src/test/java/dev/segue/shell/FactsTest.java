package dev.segue.shell;

import static org.assertj.core.api.Assertions.assertThat;

import dev.segue.engine.Observed.DeploymentFacts;
import dev.segue.engine.Observed.ReplicaSetFacts;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.PodTemplateSpecBuilder;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.DeploymentBuilder;
import io.fabric8.kubernetes.api.model.apps.ReplicaSet;
import io.fabric8.kubernetes.api.model.apps.ReplicaSetBuilder;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class FactsTest {
    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
    private static final String HASH = "pod-template-hash";
    private static final PodTemplateSpec TEMPLATE = new PodTemplateSpecBuilder()
            .withNewMetadata()
            .addToLabels("app", "shop")
            .endMetadata()
            .withNewSpec()
            .addNewContainer()
            .withName("shop")
            .endContainer()
            .addNewInitContainer()
            .withName("sidecar")
            .endInitContainer()
            .endSpec()
            .build();

    private static Deployment deployment() {
        return new DeploymentBuilder()
                .withNewMetadata()
                .withName("shop")
                .withUid("d")
                .withResourceVersion("7")
                .withGeneration(1L)
                .endMetadata()
                .withNewSpec()
                .withReplicas(4)
                .withTemplate(TEMPLATE)
                .endSpec()
                .build();
    }

    private static ReplicaSet set(String uid, Map<String, String> labels, Map<String, String> selector) {
        return new ReplicaSetBuilder()
                .withNewMetadata()
                .withName("shop-" + uid)
                .withUid(uid)
                .withCreationTimestamp("2026-01-01T00:00:00Z")
                .withLabels(labels)
                .endMetadata()
                .withNewSpec()
                .withReplicas(4)
                .withTemplate(TEMPLATE)
                .withNewSelector()
                .withMatchLabels(selector)
                .endSelector()
                .endSpec()
                .build();
    }

    private static DeploymentFacts facts(ReplicaSet... owned) {
        return Facts.deployment(deployment(), List.of(owned), null, null, List.of(), null, NOW);
    }

    /** Labels are anybody's to change; the selector picks the pods, and cannot be changed. */
    @Test
    void readsTheHashFromTheSelector() {
        ReplicaSet stripped = set("1", Map.of(), Map.of("app", "shop", HASH, "abc"));
        ReplicaSetFacts current = Objects.requireNonNull(facts(stripped).current());
        assertThat(current.hash()).isEqualTo("abc");
    }

    /** Narrowed to a hash that no pod has, a Service would have no endpoints. */
    @Test
    void aReplicaSetWithoutAHashIsNoneToNarrowTo() {
        ReplicaSet adopted = set("1", Map.of(HASH, "abc"), Map.of("app", "shop"));
        assertThat(facts(adopted).current()).isNull();
    }

    @Test
    void knowsTheVersionAndTheContainersThatServe() {
        assertThat(facts().resourceVersion()).isEqualTo("7");
        assertThat(facts().containers()).containsExactly("shop");
    }
}
