package dev.segue.e2e.scenario;

import dev.segue.e2e.cluster.Cluster;
import dev.segue.e2e.cluster.Clusters;
import dev.segue.e2e.stage.Stage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future.State;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What all tests of a run share: one cluster, and the stage on it. Each is made when it is first asked for; one that
 * cannot be made is not tried again. JUnit closes it in the end, which ends the cluster.
 *
 * <p>With {@code -Dsegue.keep=true} the cluster is left running, and the next such run goes on with it. Without it, one
 * that an interrupted run has left is ended first.
 */
public final class Run implements AutoCloseable {
    public static final boolean KEEP = Boolean.getBoolean("segue.keep");
    private static final Logger LOG = LoggerFactory.getLogger(Run.class);

    private final Cluster cluster = Clusters.select();
    private final FutureTask<Cluster> started = new FutureTask<>(this::start);
    private final FutureTask<Stage> stage = new FutureTask<>(() -> Stage.open(cluster(), LOG::info));

    private Run() {}

    /** The one of this run of JUnit. */
    public static Run of(ExtensionContext context) {
        return context.getRoot()
                .getStore(Namespace.create(Run.class))
                .computeIfAbsent(Run.class, _ -> new Run(), Run.class);
    }

    /** The cluster, which runs. */
    public Cluster cluster() {
        return made(started);
    }

    /** The stage, with the operator of this build, which works in all namespaces. */
    public Stage stage() {
        return made(stage);
    }

    private Cluster start() {
        if (!KEEP) {
            cluster.stop();
        }
        cluster.build();
        cluster.start();
        return cluster;
    }

    private static <T> T made(FutureTask<T> task) {
        task.run(); // makes it the first time only
        try {
            return task.get();
        } catch (ExecutionException e) {
            Throwable failure = task.exceptionNow();
            throw new IllegalStateException(failure.getMessage(), failure);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while the cluster was made", e);
        }
    }

    @Override
    public void close() {
        if (stage.state() == State.SUCCESS) {
            stage.resultNow().leave();
        }
        if (!KEEP) {
            cluster.stop();
        }
    }
}
