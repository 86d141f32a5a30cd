package dev.segue.shell;

import dev.segue.staging.StageName;
import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.net.HttpURLConnection;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Removes copies of production whose Migration is gone although our finalizer was on it: somebody took that off by force.
 * A namespace cannot be owned by an object of another one, so Kubernetes does not do it. Works in a thread of its own.
 */
final class StageSweeper implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(StageSweeper.class);

    private final KubernetesClient client;
    private final BooleanSupplier works;
    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread sweeper = new Thread(task, "stage-sweeper");
        sweeper.setDaemon(true);
        return sweeper;
    });

    /** @param works whether this replica is the one that works */
    StageSweeper(KubernetesClient client, BooleanSupplier works, Duration every) {
        this.client = client;
        this.works = works;
        var _ = thread.scheduleWithFixedDelay(this::sweep, every.toMillis(), every.toMillis(), TimeUnit.MILLISECONDS);
    }

    private void sweep() {
        if (!works.getAsBoolean()) {
            return;
        }
        try {
            client.namespaces().withLabel(StageName.STAGING_OF).list().getItems().stream()
                    .filter(n -> n.getMetadata().getDeletionTimestamp() == null)
                    .forEach(this::sweep);
        } catch (KubernetesClientException e) {
            if (e.getCode() != HttpURLConnection.HTTP_FORBIDDEN) { // installed without staging
                LOG.warn("copies of production that nobody needs were not looked for: {}", Changes.reason(e));
            }
        }
    }

    /** One that cannot be looked at is no reason to leave the others. */
    private void sweep(Namespace stage) {
        try {
            if (orphaned(stage)) {
                remove(stage);
            }
        } catch (RuntimeException e) {
            LOG.warn("namespace {} was left: {}", stage.getMetadata().getName(), String.valueOf(e.getMessage()));
        }
    }

    private boolean orphaned(Namespace stage) {
        Map<String, String> labels = Objects.requireNonNull(stage.getMetadata().getLabels());
        String uid = labels.get(StageName.MIGRATION_UID);
        return uid != null
                && client
                        .resources(PartialMigration.class)
                        .inNamespace(labels.get(StageName.STAGING_OF))
                        .list()
                        .getItems()
                        .stream()
                        .noneMatch(m -> Facts.uid(m).equals(uid));
    }

    private void remove(Namespace stage) {
        LOG.info(
                "removing namespace {}: its Migration is gone",
                stage.getMetadata().getName());
        client.resource(stage)
                .lockResourceVersion(stage.getMetadata().getResourceVersion())
                .delete();
    }

    @Override
    public void close() {
        thread.shutdownNow();
    }
}
