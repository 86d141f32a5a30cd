package dev.segue.e2e.benchmark;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.segue.api.Condition;
import dev.segue.api.Migration;
import dev.segue.api.MigrationSpec;
import dev.segue.api.MigrationStatus;
import dev.segue.api.Phase;
import dev.segue.e2e.witness.Json;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * Thousands of Migrations with which nothing happens. The real operator runs one of each kind; the others get a copy of its
 * status, through the API, so that they are what the operator would have made of them.
 */
final class Crowd {
    /** Kinds of Migrations with which nothing happens. */
    enum Kind {
        /** Ended an hour ago. */
        COMPLETED,
        /** Paused by its user before it began, or waiting for one that is. */
        HELD
    }

    private static final int NAMESPACES = 10;
    private static final int WRITERS = 12;

    private final KubernetesClient client;
    private final Workload workload;

    Crowd(KubernetesClient client, Workload workload) {
        this.client = client;
        this.workload = workload;
        for (int i = 0; i < NAMESPACES; i++) {
            workload.namespace(namespace(i));
            workload.deploy(namespace(i), "shop", 1);
        }
        for (int i = 0; i < NAMESPACES; i++) {
            workload.awaitReady(namespace(i), "shop");
        }
    }

    static String namespace(int i) {
        return "crowd-" + i % NAMESPACES;
    }

    /** One of this kind, made by the operator, which runs. */
    Migration model(Kind kind) {
        String name = kind.name().toLowerCase(java.util.Locale.ROOT);
        workload.namespace("models");
        workload.deploy("models", name, 1);
        workload.awaitReady("models", name);
        try (var seen = new Sightings(client, "models")) {
            client.resource(Workload.migration("models", name, name, kind == Kind.HELD, 1, 1))
                    .serverSideApply();
            return seen.await(name, kind == Kind.HELD ? Crowd::held : Crowd::completed);
        }
    }

    static boolean completed(Migration m) {
        return Workload.status(m).phaseOrPending() == Phase.Completed
                && m.getMetadata().getFinalizers().isEmpty();
    }

    static boolean held(Migration m) {
        return Workload.status(m)
                .condition("Waiting")
                .map(Condition::reason)
                .filter("Paused"::equals)
                .isPresent();
    }

    /** Lets there be copies of the model with the numbers from (inclusive) to (exclusive). */
    void fill(Migration model, int from, int to) {
        MigrationStatus status = anHourOlder(Workload.status(model));
        try (ExecutorService writers = Executors.newFixedThreadPool(WRITERS)) {
            List<CompletableFuture<Void>> written = new ArrayList<>();
            for (int i = from; i < to; i++) {
                int n = i;
                written.add(CompletableFuture.runAsync(() -> copy(model, status, n), writers));
            }
            written.forEach(CompletableFuture::join);
        }
    }

    private void copy(Migration model, MigrationStatus status, int n) {
        MigrationSpec spec =
                Workload.migration(namespace(n), "m", "shop", false, 1, 1).getSpec();
        Migration copy = new Migration();
        copy.setMetadata(new ObjectMetaBuilder()
                .withNamespace(namespace(n))
                .withName("m-%05d".formatted(n))
                .build());
        copy.setSpec(new MigrationSpec(
                null,
                model.getSpec().paused(),
                spec.components(),
                spec.steps(),
                null,
                spec.analysis(),
                spec.verify(),
                spec.handover(),
                spec.onFailure(),
                spec.deadline()));
        Migration created = client.resource(copy).create();
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
