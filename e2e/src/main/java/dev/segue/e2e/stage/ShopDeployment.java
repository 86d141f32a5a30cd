package dev.segue.e2e.stage;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * How the sample application is deployed: Deployment and Service {@code shop}, as a user would write them.
 *
 * @param version tag of its image, and what its answers name
 * @param environment its faults, see {@link dev.segue.e2e.shop.Faults}
 */
public record ShopDeployment(int replicas, String version, Map<String, String> environment) {
    /** Name of the Deployment, of the Service and of the container. */
    public static final String NAME = "shop";

    /** Four pods that die at once when they are told to end. */
    public static ShopDeployment version(String version) {
        return new ShopDeployment(4, version, Map.of());
    }

    /** The image of a version. */
    public static String image(String version) {
        return "segue.dev/e2e/shop:" + version;
    }

    /** The same with one more variable. */
    public ShopDeployment with(String variable, String value) {
        var more = new LinkedHashMap<>(environment);
        more.put(variable, value);
        return new ShopDeployment(replicas, version, more);
    }

    /** Deployment and Service, as they stand in Git. */
    public String manifest() {
        return deployment(NAME) + """
                ---
                apiVersion: v1
                kind: Service
                metadata: {name: shop}
                spec:
                  selector: {app: shop}
                  ports: [{name: http, port: 8080, targetPort: http}]
                """;
    }

    /** A Deployment of any name, whose pods have their own label {@code app} and so no traffic of the Service. */
    String deployment(String name) {
        String env = environment.entrySet().stream()
                .map(e -> "{name: %s, value: \"%s\"}".formatted(e.getKey(), e.getValue()))
                .collect(Collectors.joining(", ", "[", "]"));
        return """
                apiVersion: apps/v1
                kind: Deployment
                metadata: {name: %1$s}
                spec:
                  replicas: %2$d
                  selector: {matchLabels: {app: %1$s}}
                  template:
                    metadata:
                      labels: {app: %1$s}
                      annotations: {prometheus.io/scrape: "true", prometheus.io/port: "8080", prometheus.io/path: /metrics}
                    spec:
                      containers:
                      - name: shop
                        image: %3$s
                        imagePullPolicy: IfNotPresent
                        env: %4$s
                        ports: [{name: http, containerPort: 8080}]
                        # Without a request a busy machine starves it, and a starved server fails requests by itself.
                        resources: {requests: {cpu: 25m, memory: 64Mi}}
                        readinessProbe: {httpGet: {path: /ready, port: http}, periodSeconds: 1, timeoutSeconds: 5}
                """.formatted(name, replicas, image(version), env);
    }
}
