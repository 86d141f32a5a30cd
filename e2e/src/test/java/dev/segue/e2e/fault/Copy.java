package dev.segue.e2e.fault;

import dev.segue.e2e.referee.Referee;
import dev.segue.staging.StageName;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The copy of a lab in which the moves of {@value Lab#MIGRATION} are rehearsed. As they are a migration like any other, a
 * referee of its own watches them there. Safe for all threads.
 */
final class Copy implements AutoCloseable {
    private final KubernetesClient client;
    private final String namespace;
    private @Nullable Referee referee;
    private boolean retired;

    Copy(KubernetesClient client, String production) {
        this.client = client;
        this.namespace = StageName.namespace(null, production, Lab.MIGRATION);
    }

    /** Names of the copies of this namespace that are there, those that are going included. */
    static List<String> of(KubernetesClient client, String production) {
        return client.namespaces().withLabel(StageName.STAGING_OF, production).list().getItems().stream()
                .map(n -> n.getMetadata().getName())
                .toList();
    }

    String namespace() {
        return namespace;
    }

    /** From now on they are watched: they begin. What is there already nobody has promised anything about. */
    synchronized void watch() {
        referee = new Referee(client, namespace);
    }

    /**
     * They are judged up to here: the copy is about to be removed with all that runs in it. Once, as another operator may
     * try the same again: a referee that is closed would wait in vain for what has changed since.
     */
    synchronized void retire() {
        if (referee != null && !retired) {
            retired = true;
            referee.retire();
            referee.close();
        }
    }

    /** As {@link Referee#report}; empty also when nothing was rehearsed. */
    synchronized String report() {
        return referee == null ? "" : referee.report();
    }

    @Override
    public synchronized void close() {
        if (referee != null) {
            referee.close();
        }
    }
}
