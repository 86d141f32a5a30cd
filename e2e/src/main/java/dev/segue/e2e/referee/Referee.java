package dev.segue.e2e.referee;

import io.fabric8.kubernetes.api.model.events.v1.Event;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Watches one namespace, and tells which of the promises of {@link Invariant} were broken there. Safe
 * for all threads.
 */
public final class Referee implements AutoCloseable {
    private final Recorder recorder;
    private final long beginning;
    private volatile @Nullable List<Observation> retired;
    private final Excuses excuses = new Excuses();

    /** Watches from now on; how that came to be what is there already is not judged. */
    public Referee(KubernetesClient client, String namespace) {
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
        var excuse = new Excuse(invariant, kind + "/" + name, recorder::revision);
        excuses.add(excuse);
        return excuse;
    }

    /**
     * From now on, what comes is not judged any more: the watches are about to be lost with the API server.
     *
     * @throws IllegalStateException when the referee has not seen all that happened
     */
    public void retire() {
        retired = recorder.history();
    }

    private List<Observation> history() {
        List<Observation> last = retired;
        return last == null ? recorder.history() : last;
    }

    /**
     * All that has been broken so far.
     *
     * @throws IllegalStateException when the referee has not seen all that happened
     */
    public List<Violation> violations() {
        return judge(history());
    }

    /**
     * The same in words, with what happened around each; empty when every promise was kept.
     *
     * @throws IllegalStateException when the referee has not seen all that happened
     */
    public String report() {
        List<Observation> history = history();
        List<Violation> violations = judge(history);
        if (violations.isEmpty()) {
            return "";
        }
        var timeline = new Timeline(history);
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
        for (Observation next : history()) {
            if (!(next.object() instanceof Event)) {
                known.put(World.uid(next.object()), new Lifespan(next.name(), next.gone()));
            }
        }
        return List.copyOf(known.values());
    }

    private List<Violation> judge(List<Observation> history) {
        var judge = new Judge(excuses);
        List<Violation> violations = new ArrayList<>();
        for (Observation next : history) {
            violations.addAll(judge.feed(next));
        }
        violations.removeIf(v -> v.revision() <= beginning);
        return violations;
    }

    @Override
    public void close() {
        recorder.close();
    }
}
