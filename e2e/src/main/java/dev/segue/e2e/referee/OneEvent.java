package dev.segue.e2e.referee;

import dev.segue.api.Migration;
import dev.segue.api.MigrationStatus.Transition;
import io.fabric8.kubernetes.api.model.events.v1.Event;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** {@link Invariant#EVENTS}. A transition is known by its time and reason, and the status tells it first. */
final class OneEvent implements Rule {
    private record Key(String migration, Instant at, String reason) {}

    private final Set<Key> transitions = new HashSet<>();
    private final Map<Key, Integer> events = new HashMap<>();

    @Override
    public List<Violation> check(Change change, World world) {
        return switch (change.after()) {
            case Migration m -> {
                learn(m);
                yield List.of();
            }
            case Event e
            when change.before() != null && count(e) > 1 ->
                List.of(Violation.of(Invariant.EVENTS, change, "%s told %d times".formatted(e.getReason(), count(e))));
            case Event e when change.before() == null -> judge(change, e);
            case null, default -> List.of();
        };
    }

    private void learn(Migration m) {
        String uid = World.uid(m);
        for (Transition t : World.status(m).timelineOrEmpty()) {
            transitions.add(new Key(uid, t.at(), t.reason()));
        }
    }

    private List<Violation> judge(Change change, Event e) {
        var key = new Key(
                e.getRegarding().getUid(), Instant.parse(e.getEventTime().getTime()), e.getReason());
        int told = events.merge(key, 1, Integer::sum);
        if (!transitions.contains(key)) {
            return List.of(Violation.of(
                    Invariant.EVENTS, change, "%s of %s without such a transition".formatted(key.reason(), key.at())));
        }
        return told == 1
                ? List.of()
                : List.of(Violation.of(
                        Invariant.EVENTS, change, "%s of %s told %d times".formatted(key.reason(), key.at(), told)));
    }

    private static int count(Event e) {
        if (e.getSeries() != null && e.getSeries().getCount() != null) {
            return e.getSeries().getCount();
        }
        return e.getDeprecatedCount() == null ? 1 : e.getDeprecatedCount();
    }
}
