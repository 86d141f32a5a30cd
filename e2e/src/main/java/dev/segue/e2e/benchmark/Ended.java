package dev.segue.e2e.benchmark;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.segue.api.Migration;
import dev.segue.api.MigrationStatus;
import dev.segue.e2e.witness.Json;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/**
 * Migrations that ended an hour ago. The operator runs one; the others get a copy of its status, through the API: of one that
 * has ended no more is looked at.
 */
final class Ended implements Crowd {
    private static final int NAMESPACES = 10;

    private final KubernetesClient client;
    private final MigrationStatus status;

    private Ended(KubernetesClient client, Migration model) {
        this.client = client;
        this.status = anHourOlder(Workload.status(model));
    }

    /** With one that the operator, which runs, completes now. */
    static Ended like(KubernetesClient client, Workload workload) {
        workload.namespace("models");
        for (int i = 0; i < NAMESPACES; i++) {
            workload.namespace(namespace(i));
        }
        workload.deploy("models", "model", 1);
        workload.awaitReady("models", "model");
        try (var seen = new Sightings(client, "models")) {
            client.resource(Workload.migration("models", "model", "model", false, 1, 1))
                    .serverSideApply();
            return new Ended(client, seen.await("model", Workload::completed));
        }
    }

    private static String namespace(int n) {
        return "ended-" + n % NAMESPACES;
    }

    @Override
    public String kind() {
        return "ended an hour ago";
    }

    @Override
    public void fill(int from, int to) {
        Crowd.each("Migrations", from, to, this::copy);
    }

    @Override
    public boolean idle(Migration m) {
        return Workload.completed(m);
    }

    private void copy(int n) {
        Migration created = client.resource(
                        Workload.migration(namespace(n), "m-%05d".formatted(n), "shop", false, 1, 1))
                .create();
        created.setStatus(status);
        client.resource(created).updateStatus();
    }

    private static MigrationStatus anHourOlder(MigrationStatus status) {
        ObjectNode json = Json.MAPPER.valueToTree(status);
        for (String time : List.of("startedAt", "phaseSince")) {
            if (json.hasNonNull(time)) {
                json.put(
                        time,
                        Instant.parse(json.get(time).asText())
                                .minus(Duration.ofHours(1))
                                .toString());
            }
        }
        return Json.MAPPER.convertValue(json, MigrationStatus.class);
    }

    /** Removes them all; no operator runs. */
    void clear() {
        for (int i = 0; i < NAMESPACES; i++) {
            client.raw("/apis/segue.dev/v1alpha1/namespaces/%s/migrations".formatted(namespace(i)), "DELETE", null);
        }
    }
}
