package dev.segue.shell;

import dev.segue.staging.StageName;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.net.HttpURLConnection;
import java.time.Duration;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Removes copies of production whose Migration is gone although our finalizer was on it: somebody took that off by force.
 * A namespace cannot be owned by an object of another one, so Kubernetes does not do it; nor can what is in it. Works in a
 * thread of its own.
 */
final class StageSweeper implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(StageSweeper.class);

    private final KubernetesClient client;
    private final StageContents contents;
    private final VolumeSnapshots snapshots;
    private final BooleanSupplier works;
    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread sweeper = new Thread(task, "stage-sweeper");
        sweeper.setDaemon(true);
        return sweeper;
    });

    /** @param works whether this replica is the one that works */
    StageSweeper(KubernetesClient client, StageContents contents, BooleanSupplier works, Duration every) {
        this.client = client;
        this.contents = contents;
        snapshots = new VolumeSnapshots(client);
        this.works = works;
        var _ = thread.scheduleWithFixedDelay(this::sweep, every.toMillis(), every.toMillis(), TimeUnit.MILLISECONDS);
    }

    private void sweep() {
        if (!works.getAsBoolean()) {
            return;
        }
        permitted(() -> {
            sweep(StageName.STAGING_OF, this::remove);
            sweep(StageName.STAGING_FOR, this::clear);
        });
        permitted(this::sweepSnapshots);
    }

    private static void permitted(Runnable sweep) {
        try {
            sweep.run();
        } catch (KubernetesClientException e) {
            if (e.getCode() != HttpURLConnection.HTTP_FORBIDDEN) { // installed without staging, or without snapshots
                LOG.warn("copies of production that nobody needs were not looked for: {}", Changes.reason(e));
            }
        }
    }

    /** What stands outside of a copy goes after it, step by step: a VolumeSnapshot as long as a claim is filled from it. */
    private void sweepSnapshots() {
        snapshots.all().forEach((uid, all) -> {
            String production = production(all.getFirst(), StageName.SNAPSHOT_OF);
            each("snapshots of namespace " + production, () -> {
                if (!migrations(production).contains(uid)) {
                    LOG.info("removing snapshots of namespace {}: their Migration is gone", production);
                    snapshots.removeNext(all);
                }
            });
        });
    }

    private void sweep(String label, Consumer<Namespace> sweep) {
        for (Namespace stage : client.namespaces().withLabel(label).list().getItems()) {
            if (stage.getMetadata().getDeletionTimestamp() == null) {
                each("namespace " + stage.getMetadata().getName(), () -> sweep.accept(stage));
            }
        }
    }

    /** One that cannot be looked at is no reason to leave the others. */
    private static void each(String what, Runnable sweep) {
        try {
            sweep.run();
        } catch (RuntimeException e) {
            LOG.warn("could not clear {}: {}", what, String.valueOf(e.getMessage()));
        }
    }

    /** It was found by this label, whose value is the namespace of production. */
    private static String production(HasMetadata object, String label) {
        return Objects.requireNonNull(Facts.labels(object).get(label));
    }

    private void remove(Namespace stage) {
        String uid = Facts.labels(stage).get(StageName.MIGRATION_UID);
        if (uid != null && !migrations(production(stage, StageName.STAGING_OF)).contains(uid)) {
            LOG.info(
                    "removing namespace {}: its Migration is gone",
                    stage.getMetadata().getName());
            client.resource(stage)
                    .lockResourceVersion(stage.getMetadata().getResourceVersion())
                    .delete();
        }
    }

    /** An administrator's stays; what is in it of Migrations that are gone does not. */
    private void clear(Namespace stage) {
        String name = stage.getMetadata().getName();
        Set<String> gone = contents.all(name)
                .map(o -> Facts.labels(o).getOrDefault(StageName.MIGRATION_UID, ""))
                .collect(Collectors.toSet());
        // Listed later than what they made: one that is new in between is not taken for one that is gone.
        gone.removeAll(migrations(production(stage, StageName.STAGING_FOR)));
        if (!gone.isEmpty()) {
            LOG.info("clearing namespace {} of what is left of Migrations that are gone: {}", name, gone);
            contents.remove(name, gone::contains);
        }
    }

    /** The UIDs of those that are there. */
    private Set<String> migrations(String production) {
        return client.resources(PartialMigration.class).inNamespace(production).list().getItems().stream()
                .map(Facts::uid)
                .collect(Collectors.toSet());
    }

    @Override
    public void close() {
        thread.shutdownNow();
    }
}
