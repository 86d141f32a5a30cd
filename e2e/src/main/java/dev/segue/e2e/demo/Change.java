package dev.segue.e2e.demo;

import dev.segue.e2e.stage.ShopDeployment;

/**
 * A change that the demo makes.
 *
 * @param from version of the shop that serves
 * @param to version that is moved to
 * @param rehearsed whether it is planned first, and tried in a copy of production before it is moved
 */
record Change(String from, String to, boolean rehearsed) {
    private static final String REHEARSAL = """
              mode: Plan # shows what would be done; Run does exactly that
              staging: # an isolated copy of production; nothing of production is touched before this has passed
                tests:
                - name: functional # the load's own client: fails when one request does
                  image: segue.dev/e2e/witness:1
                  env: {DURATION: 3s, RECORDS: /dev/null}
            """;

    /** Name of the Migration. */
    String name() {
        return "shop-" + to.replace('.', '-');
    }

    /** The Migration as a user writes it; the times are short, because nobody wants to watch for hours. */
    String manifest() {
        return """
                apiVersion: segue.dev/v1alpha1
                kind: Migration
                metadata:
                  name: %s
                spec:
                  components:
                  - deployment: shop
                    images: {shop: "%s"}
                  steps:
                  - {weight: 25, hold: 10s, gate: NonInferior} # only when the new version is shown not to be worse
                  - {weight: 50, hold: 10s}
                  - {weight: 100, hold: 10s} # the soak: the old version is kept for a way back
                  analysis:
                    prometheus: {url: "http://prometheus.monitoring:9090"}
                    interval: 4s # Prometheus scrapes every 2 s here
                    settleDelay: 3s
                    warmup: 2s
                    dispersion: {value: 1} # the shop draws its errors one by one; else it is estimated from two hours
                    metrics:
                    - name: errors # of both versions, compared while they run side by side
                      preset: http-server/error-ratio
                      compare: {tolerance: {absolute: 1%%, relative: 10%%}}
                  verify:
                    propagation: 3s # what the nodes get to program new endpoints
                    drain: {wait: 8s} # longer than a client keeps a connection (5 s) and than the longest request (2 s)
                """.formatted(name(), ShopDeployment.image(to)) + (rehearsed ? REHEARSAL : "");
    }
}
