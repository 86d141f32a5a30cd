package dev.segue.e2e.scenario;

import dev.segue.e2e.stage.Migrations;
import dev.segue.e2e.stage.Scene;
import dev.segue.e2e.stage.Stage;
import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import java.util.List;

/**
 * Two Prometheus servers that both scrape the pods of a scene. Each says by an external label which of them it is, and writes
 * what it has scraped to a third, where so each series is twice. They live in a namespace of their own, which ends with the
 * scene's.
 */
public final class PrometheusPair {
    private final String namespace;

    private PrometheusPair(String namespace) {
        this.namespace = namespace;
    }

    /**
     * Starts them, and answers when all are ready.
     *
     * @param label that tells which of the two has scraped
     */
    public static PrometheusPair start(Scene scene, String label) {
        Stage stage = scene.stage();
        String namespace = namespace(scene);
        String image = stage.prometheusImage();
        stage.kubectl(
                configuration(namespace, scene.namespace(), label)
                        + servers(namespace, "receiver", 1, image, "--web.enable-remote-write-receiver, ")
                        + servers(namespace, "pair", 2, image, ""),
                List.of("apply", "-f", "-"));
        for (String servers : List.of("receiver", "pair")) {
            stage.kubectl(
                    "-n",
                    namespace,
                    "rollout",
                    "status",
                    "statefulset/" + servers,
                    "--timeout",
                    Migrations.PATIENCE.toSeconds() + "s");
        }
        return new PrometheusPair(namespace);
    }

    /** The garbage collector removes it after the scene's. */
    private static String namespace(Scene scene) {
        var client = scene.stage().client();
        Namespace owner = client.namespaces().withName(scene.namespace()).require();
        return client.resource(new NamespaceBuilder()
                        .withNewMetadata()
                        .withGenerateName("monitoring-")
                        .addNewOwnerReference()
                        .withApiVersion("v1")
                        .withKind("Namespace")
                        .withName(owner.getMetadata().getName())
                        .withUid(owner.getMetadata().getUid())
                        .endOwnerReference()
                        .endMetadata()
                        .build())
                .create()
                .getMetadata()
                .getName();
    }

    private static String configuration(String namespace, String watched, String label) {
        return """
                apiVersion: v1
                kind: ServiceAccount
                metadata: {name: prometheus, namespace: %1$s}
                ---
                apiVersion: rbac.authorization.k8s.io/v1
                kind: RoleBinding
                metadata: {name: prometheus, namespace: %2$s}
                roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: "segue-e2e:discovery"}
                subjects: [{kind: ServiceAccount, name: prometheus, namespace: %1$s}]
                ---
                apiVersion: v1
                kind: ConfigMap
                metadata: {name: prometheus, namespace: %1$s}
                data:
                  pair.yml: |
                    global:
                      scrape_interval: 2s
                      scrape_timeout: 1s
                      external_labels: {%3$s: "${POD}"}
                    remote_write: [{url: "http://receiver:9090/api/v1/write"}]
                    scrape_configs:
                    - job_name: pods
                      kubernetes_sd_configs:
                      - {role: pod, namespaces: {names: [%2$s]}, selectors: [{role: pod, label: app=shop}]}
                      relabel_configs:
                      - {source_labels: [__meta_kubernetes_namespace], target_label: namespace}
                      - {source_labels: [__meta_kubernetes_pod_name], target_label: pod}
                  receiver.yml: |
                    global: {} # nothing to scrape
                ---
                """.formatted(namespace, watched, label);
    }

    /** So many, with a Service of their name. */
    private static String servers(String namespace, String name, int replicas, String image, String flags) {
        return """
                apiVersion: apps/v1
                kind: StatefulSet
                metadata: {name: %2$s, namespace: %1$s}
                spec:
                  replicas: %3$d
                  podManagementPolicy: Parallel
                  serviceName: %2$s
                  selector: {matchLabels: {app: %2$s}}
                  template:
                    metadata: {labels: {app: %2$s}}
                    spec:
                      serviceAccountName: prometheus
                      containers:
                      - name: prometheus
                        image: %4$s
                        imagePullPolicy: IfNotPresent
                        args: [%5$s--config.file=/config/%2$s.yml, --storage.tsdb.path=/data, --log.level=warn]
                        env: [{name: POD, valueFrom: {fieldRef: {fieldPath: metadata.name}}}]
                        ports: [{name: http, containerPort: 9090}]
                        resources: {requests: {cpu: 25m, memory: 64Mi}}
                        readinessProbe: {httpGet: {path: /-/ready, port: http}, periodSeconds: 1, timeoutSeconds: 5}
                        volumeMounts: [{name: config, mountPath: /config}, {name: data, mountPath: /data}]
                      volumes: [{name: config, configMap: {name: prometheus}}, {name: data, emptyDir: {}}]
                ---
                apiVersion: v1
                kind: Service
                metadata: {name: %2$s, namespace: %1$s}
                spec: {selector: {app: %2$s}, ports: [{port: 9090, targetPort: http}]}
                ---
                """.formatted(namespace, name, replicas, image, flags);
    }

    /** Where the third answers, which has what both wrote. */
    public String receiver() {
        return "http://receiver.%s:9090".formatted(namespace);
    }
}
