package dev.segue.plan;

import dev.segue.api.Migration;
import dev.segue.api.PlanStatus;
import dev.segue.staging.Change;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** A Deployment with its Services and a Migration of it, to be changed by a test. */
final class Shop {
    static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
    private static final KubernetesSerialization YAML = new KubernetesSerialization();

    Migration migration = YAML.unmarshal("""
            apiVersion: segue.dev/v1alpha1
            kind: Migration
            metadata: {name: shop-2, namespace: prod, uid: uid-m}
            spec:
              components:
              - deployment: shop
                images: {shop: "shop:2"}
                patch:
                  spec:
                    containers:
                    - name: shop
                      env: [{name: PASSWORD, value: hunter2}]
                      args: ["--token=hunter3"]
              steps: [{weight: 25, hold: 5m}, {weight: 100, hold: 30m}]
            """, Migration.class);

    Deployment deployment = YAML.unmarshal("""
            metadata: {name: shop, namespace: prod, uid: uid-d, resourceVersion: "7", labels: {team: a}}
            spec:
              replicas: 4
              selector: {matchLabels: {app: shop}}
              template:
                metadata: {labels: {app: shop}}
                spec:
                  initContainers:
                  - {name: setup, image: "setup:1", resources: {requests: {cpu: 900m}}}
                  containers:
                  - {name: shop, image: "shop:1", resources: {requests: {cpu: 250m, memory: 100Mi}}}
                  - {name: proxy, image: "proxy:1", resources: {requests: {cpu: 50m, memory: 28Mi}}}
            status: {replicas: 4, readyReplicas: 4}
            """, Deployment.class);

    List<Service> services = new ArrayList<>(List.of(service("shop", "uid-s", 80), service("shop-admin", "uid-a", 81)));

    static Service service(String name, String uid, int port) {
        return YAML.unmarshal("""
                metadata: {name: %s, namespace: prod, uid: %s, resourceVersion: "3"}
                spec: {type: ClusterIP, clusterIP: 10.0.0.1, selector: {app: shop}, ports: [{port: %d, nodePort: 30080}]}
                """.formatted(name, uid, port), Service.class);
    }

    static Migration migration(String yaml) {
        return YAML.unmarshal(yaml, Migration.class);
    }

    /** The template with the change, as an API server would give it. */
    PodTemplateSpec changed() {
        PodTemplateSpec changed = YAML.clone(deployment.getSpec().getTemplate());
        changed.getSpec()
                .getContainers()
                .getFirst()
                .setImage(migration.getSpec().component().imagesOrEmpty().get("shop"));
        return Change.withoutHash(changed);
    }

    PlanStatus plan() {
        return Plan.of(migration, deployment, changed(), services, List.of(), NOW);
    }
}
