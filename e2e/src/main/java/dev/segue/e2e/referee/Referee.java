package dev.segue.e2e.referee;

import io.fabric8.kubernetes.api.model.events.v1.Event;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Watches one namespace, and tells which of the promises of {@link Invariant} were broken there. Safe
 * for all threads.
 */
public final class Referee implements AutoCloseable {
    private final KubernetesClient client;
    private final String namespace;
    private final Excuses excuses = new Excuses();
    private final List<Sitting> ended = new ArrayList<>();
    private volatile Recorder recorder;
    private long beginning;
    private boolean retired;

    /** Watches from now on; how that came to be what is there already is not judged. */
    public Referee(KubernetesClient client, String namespace) {
        this.client = client;
        this.namespace = namespace;
        recorder = new Recorder(client, namespace);
        beginning = recorder.revision();
    }

    /**
     * Announces what the test itself is about to do. Close it when that is done.
     *
     * @param kind of the object that it happens to, as {@code Pod}
     * @param name of it; one that ends with an asterisk is the beginning of several names
     * @param why for the reader of the test
     */
    public Excuse excuse(Invariant invariant, String kind, String name, String why) {
        var excuse = new Excuse(invariant, kind + "/" + name, () -> recorder.revision());
        excuses.add(excuse);
        return excuse;
    }

    /**
     * From now on, what comes is not judged any more: the watches are about to be lost with the API server.
     *
     * @throws IllegalStateException when the referee has not seen all that happened
     */
    public synchronized void retire() {
        if (!retired) {
            ended.add(new Sitting(beginning, recorder.history()));
            retired = true;
            recorder.close();
        }
    }

    /** Ends a retirement: watches again from now on. How what is there then came of what was there is not judged. */
    public synchronized void resume() {
        recorder = new Recorder(client, namespace);
        beginning = recorder.revision();
        retired = false;
    }

    private synchronized List<Sitting> sittings() {
        List<Sitting> sittings = new ArrayList<>(ended);
        if (!retired) {
            sittings.add(new Sitting(beginning, recorder.history()));
        }
        return sittings;
    }

    /**
     * All that has been broken so far.
     *
     * @throws IllegalStateException when the referee has not seen all that happened
     */
    public List<Violation> violations() {
        return Sitting.violations(sittings(), excuses);
    }

    /**
     * The same in words, with what happened around each; empty when every promise was kept.
     *
     * @throws IllegalStateException when the referee has not seen all that happened
     */
    public String report() {
        List<Sitting> sittings = sittings();
        List<Violation> violations = Sitting.violations(sittings, excuses);
        if (violations.isEmpty()) {
            return "";
        }
        var timeline = new Timeline(Sitting.history(sittings));
        var text = new StringBuilder("%d promise(s) broken%n".formatted(violations.size()));
        for (Violation violation : violations) {
            text.append("%n%s%n%s".formatted(violation, timeline.around(violation.revision())));
        }
        return text.toString();
    }

    /**
     * All objects that there are and were, in the order in which they appeared, without events.
     *
     * @throws IllegalStateException when the referee has not seen all that happened
     */
    public List<Lifespan> lifespans() {
        Map<String, Lifespan> known = new LinkedHashMap<>();
        for (Observation next : Sitting.history(sittings())) {
            if (!(next.object() instanceof Event)) {
                known.put(World.uid(next.object()), new Lifespan(next.name(), next.gone()));
            }
        }
        return List.copyOf(known.values());
    }

    @Override
    public void close() {
        recorder.close();
    }
}
