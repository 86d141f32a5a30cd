package dev.segue.e2e.scenario;

import dev.segue.e2e.stage.ShopDeployment;

/** Migrations as users write them, with holds for impatient ones. */
public final class Manifests {
    /** All steps in seconds, for clients whose connections live for 5 s and whose requests take up to 2 s. */
    public static final String BRISK = """
            steps: [{weight: 25, hold: 3s}, {weight: 50, hold: 3s}, {weight: 100, hold: 4s}]
            verify: {propagation: 3s, drain: {wait: 8s}}
            """;

    /** Where the cluster's Prometheus answers. */
    public static final String PROMETHEUS = "http://prometheus.monitoring:9090";

    private Manifests() {}

    /**
     * @param component in one line
     * @param spec the rest of the spec
     */
    public static String migration(String name, String component, String... spec) {
        return """
                apiVersion: segue.dev/v1alpha1
                kind: Migration
                metadata: {name: %s}
                spec:
                  components: [%s]
                %s
                """.formatted(name, component, String.join("", spec).indent(2));
    }

    /** The shop moves to the image of this version. */
    public static String to(String version) {
        return "{deployment: shop, images: {shop: %s}}".formatted(ShopDeployment.image(version));
    }

    /** The same, with another value of a variable as well. */
    public static String to(String version, String variable, String value) {
        return "{deployment: shop, images: {shop: %s}, patch: {spec: {containers: [{name: shop, env: [{name: %s, value: \"%s\"}]}]}}}"
                .formatted(ShopDeployment.image(version), variable, value);
    }

    /** A metric that is asked for once a second and fails when it exceeds the limit three times in a row. */
    public static String metric(String name, String query, double max) {
        return """
                analysis:
                  prometheus: {url: %s}
                  interval: 1s
                  metrics:
                  - name: %s
                    query: '%s'
                    threshold: {max: %s, failures: 3, window: 3}
                """.formatted(PROMETHEUS, name, query, max);
    }
}
