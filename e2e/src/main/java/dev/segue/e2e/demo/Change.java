package dev.segue.e2e.demo;

import dev.segue.e2e.stage.ShopDeployment;

/**
 * A change that the demo makes.
 *
 * @param from version of the shop that serves
 * @param to version that is moved to
 */
record Change(String from, String to) {

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
                  - {weight: 25, hold: 10s}
                  - {weight: 50, hold: 10s}
                  - {weight: 100, hold: 10s} # the soak: the old version is kept for a way back
                  analysis:
                    prometheus: {url: "http://prometheus.monitoring:9090"}
                    interval: 2s
                    metrics:
                    - name: errors # share of the answers that are 5xx
                      query: |
                        (sum(rate(http_server_requests_seconds_count{namespace="$namespace",pod=~"$pods",status=~"5.."}[10s])) or vector(0))
                        / sum(rate(http_server_requests_seconds_count{namespace="$namespace",pod=~"$pods"}[10s]))
                      threshold: {max: 0.02, failures: 3, window: 5} # reverts when above 2 %% in 3 of 5 evaluations
                  verify:
                    propagation: 3s # what the nodes get to program new endpoints
                    drain: {wait: 8s} # longer than a client keeps a connection (5 s) and than the longest request (2 s)
                """.formatted(name(), ShopDeployment.image(to));
    }
}
