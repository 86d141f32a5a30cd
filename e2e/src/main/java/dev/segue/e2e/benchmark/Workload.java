package dev.segue.e2e.benchmark;

import dev.segue.api.Condition;
import dev.segue.api.Migration;
import dev.segue.api.MigrationStatus;
import dev.segue.api.Phase;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.readiness.Readiness;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;

/** What Migrations move here: Deployments with a Service, as users write them, on the simulated node. */
final class Workload {
    private static final long PATIENCE_SECONDS = 120;

    private final KubernetesClient client;

    Workload(KubernetesClient client) {
        this.client = client;
    }

    void namespace(String name) {
        client.resource(new NamespaceBuilder()
                        .withNewMetadata()
                        .withName(name)
                        .endMetadata()
                        .build())
                .serverSideApply();
    }

    void deploy(String namespace, String name, int replicas) {
        apply(namespace, """
                apiVersion: apps/v1
                kind: Deployment
                metadata: {name: %1$s}
                spec:
                  replicas: %2$d
                  selector: {matchLabels: {app: %1$s}}
                  template:
                    metadata: {labels: {app: %1$s}}
                    spec:
                      nodeSelector: {%3$s: "true"}
                      tolerations: [{key: %3$s, operator: Exists}]
                      containers:
                      - name: app
                        image: registry.example.com/%1$s:1
                        readinessProbe: {httpGet: {path: /ready, port: 8080}}
                ---
                apiVersion: v1
                kind: Service
                metadata: {name: %1$s}
                spec:
                  selector: {app: %1$s}
                  ports: [{name: http, port: 8080}]
                """.formatted(name, replicas, SimulatedNode.LABEL));
    }

    void awaitReady(String namespace, String name) {
        client.apps()
                .deployments()
                .inNamespace(namespace)
                .withName(name)
                .waitUntilCondition(
                        d -> d != null && Readiness.getInstance().isReady(d), PATIENCE_SECONDS, TimeUnit.SECONDS);
    }

    /** A Migration of the Deployment to the next image; the holds in seconds. */
    static Migration migration(String namespace, String name, String deployment, boolean paused, int hold, int soak) {
        Migration migration = io.fabric8.kubernetes.client.utils.Serialization.unmarshal(
                """
                apiVersion: segue.dev/v1alpha1
                kind: Migration
                metadata: {name: %s, namespace: %s}
                spec:
                  paused: %s
                  components:
                  - deployment: %s
                    images: {app: "registry.example.com/%s:2"}
                  steps: [{weight: 50, hold: %ds}, {weight: 100, hold: %ds}]
                  verify: {propagation: 2s, drain: {wait: 2s}}
                """.formatted(name, namespace, paused, deployment, deployment, hold, soak), Migration.class);
        return migration;
    }

    static MigrationStatus status(Migration migration) {
        return migration.getStatus() == null ? MigrationStatus.EMPTY : migration.getStatus();
    }

    static boolean completed(Migration m) {
        return status(m).phaseOrPending() == Phase.Completed
                && m.getMetadata().getFinalizers().isEmpty();
    }

    /** Before its start: assessed, and it says that it waits for its user. */
    static boolean paused(Migration m) {
        return status(m)
                .condition("Waiting")
                .map(Condition::reason)
                .filter("Paused"::equals)
                .isPresent();
    }

    private void apply(String namespace, String manifest) {
        client.load(new java.io.ByteArrayInputStream(manifest.getBytes(StandardCharsets.UTF_8)))
                .inNamespace(namespace)
                .fieldManager("user")
                .forceConflicts()
                .serverSideApply();
    }
}
