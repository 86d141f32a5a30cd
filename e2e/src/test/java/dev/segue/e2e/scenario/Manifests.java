package dev.segue.e2e.scenario;

import dev.segue.e2e.stage.Prometheus;
import dev.segue.e2e.stage.ShopDeployment;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Migrations as users write them, with holds for impatient ones. */
public final class Manifests {
    /** All steps in seconds, for clients whose connections live for 5 s and whose requests take up to 2 s. */
    public static final String BRISK = """
            steps: [{weight: 25, hold: 3s}, {weight: 50, hold: 3s}, {weight: 100, hold: 4s}]
            verify: {propagation: 3s, drain: {wait: 8s}}
            """;

    /** At one half it takes as long as the proof that the target is no worse. */
    public static final String HALF = """
            steps: [{weight: 50, hold: 3s, gate: NonInferior}, {weight: 100, hold: 3s}]
            """;

    /** Where the cluster's Prometheus answers. */
    public static final String PROMETHEUS = Prometheus.URL;

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

    /** The part of a spec that rehearses the change, of these lines. */
    public static String staging(String... lines) {
        return "staging:\n" + String.join("\n", lines).indent(2);
    }

    /** The shop moves to the image of this version. */
    public static String to(String version) {
        return "{deployment: shop, images: {shop: %s}}".formatted(ShopDeployment.image(version));
    }

    /** The same, with other values of variables as well: name, value, name, value. */
    public static String to(String version, String... environment) {
        String variables = IntStream.range(0, environment.length / 2)
                .mapToObj(i -> "{name: %s, value: \"%s\"}".formatted(environment[2 * i], environment[2 * i + 1]))
                .collect(Collectors.joining(", "));
        return "{deployment: shop, images: {shop: %s}, patch: {spec: {containers: [{name: shop, env: [%s]}]}}}"
                .formatted(ShopDeployment.image(version), variables);
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

    /**
     * Both versions are compared every 5 s, as soon as their pods have been scraped after it.
     *
     * @param metric in one line
     * @param settings more of the analysis, a line each
     */
    public static String comparing(String metric, String... settings) {
        return comparingBy(PROMETHEUS, "4s", metric, settings);
    }

    /**
     * The same by another Prometheus.
     *
     * @param settleDelay after which it has what was scraped
     */
    public static String comparingBy(String prometheus, String settleDelay, String metric, String... settings) {
        return """
                verify: {propagation: 3s, drain: {wait: 8s}}
                analysis:
                  prometheus: {url: %s}
                  interval: 5s
                  settleDelay: %s
                  warmup: 4s
                  minRequests: 100
                  metrics: [%s]
                """.formatted(prometheus, settleDelay, metric)
                + String.join("\n", settings).indent(2);
    }

    /** Answers 5xx, of which the target may have this much more than the source, in points of the ratio. */
    public static String errors(String tolerance) {
        return "{name: errors, preset: http-server/error-ratio, compare: {tolerance: {absolute: %s}}}"
                .formatted(tolerance);
    }
}
