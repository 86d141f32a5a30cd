package dev.segue.e2e.benchmark;

import dev.segue.api.Migration;
import io.fabric8.kubernetes.client.KubernetesClient;

/** Migrations that their user paused before they began, each with a Deployment of its own. The operator assesses them all. */
final class Paused implements Crowd {
    /** A look lists the Services of its namespace, and nobody has thousands in one. */
    private static final int IN_A_NAMESPACE = 20;

    private final KubernetesClient client;
    private final Workload workload;

    Paused(KubernetesClient client, Workload workload) {
        this.client = client;
        this.workload = workload;
    }

    private static String namespace(int n) {
        return "paused-" + n / IN_A_NAMESPACE;
    }

    private static String app(int n) {
        return "app-%05d".formatted(n);
    }

    @Override
    public String kind() {
        return "paused before their start";
    }

    @Override
    public void fill(int from, int to) {
        for (int i = from / IN_A_NAMESPACE; i <= (to - 1) / IN_A_NAMESPACE; i++) {
            workload.namespace(namespace(i * IN_A_NAMESPACE));
        }
        Crowd.each("Deployments", from, to, n -> workload.deploy(namespace(n), app(n), 1));
        Crowd.each("Deployments ready", from, to, n -> workload.awaitReady(namespace(n), app(n)));
        Crowd.each(
                "Migrations",
                from,
                to,
                n -> client.resource(Workload.migration(namespace(n), app(n), app(n), true, 1, 1))
                        .create());
    }

    @Override
    public boolean idle(Migration m) {
        return Workload.paused(m);
    }
}
