package dev.segue.e2e.referee;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What was seen in one go, in the order in which it happened. Between two sittings nobody looked: what was done there is
 * not judged, but what had come of it is known to the later one, and what was known before is not forgotten, such as how
 * many endpoints were promised.
 *
 * @param beginning the revision from which on all was seen; how that came to be what was there by then is not judged
 */
record Sitting(long beginning, List<Observation> seen) {

    /** What was broken in any of these, which follow each other. */
    static List<Violation> violations(List<Sitting> sittings, Excuses excuses) {
        var judge = new Judge(excuses);
        List<Violation> violations = new ArrayList<>();
        for (Sitting sitting : connected(sittings)) {
            for (Observation next : sitting.seen()) {
                judge.feed(next).stream()
                        .filter(v -> v.revision() > sitting.beginning())
                        .forEach(violations::add);
            }
        }
        return violations;
    }

    /** One history of all. */
    static List<Observation> history(List<Sitting> sittings) {
        return connected(sittings).stream().flatMap(s -> s.seen().stream()).toList();
    }

    private static List<Sitting> connected(List<Sitting> sittings) {
        List<Sitting> connected = new ArrayList<>();
        List<Observation> before = new ArrayList<>();
        for (Sitting sitting : sittings) {
            Sitting next = sitting.after(before);
            connected.add(next);
            before.addAll(next.seen());
        }
        return connected;
    }

    /** The same for one who knows these: without what they tell already, and with the end of what is no longer there. */
    private Sitting after(List<Observation> before) {
        Map<String, Observation> known = new LinkedHashMap<>();
        for (Observation o : before) {
            if (o.gone()) {
                known.remove(World.uid(o.object()));
            } else {
                known.put(World.uid(o.object()), o);
            }
        }
        Set<String> found = seen.stream().map(o -> World.uid(o.object())).collect(Collectors.toSet());
        List<Observation> news = new ArrayList<>();
        // When it ended is unknown. As it is missing, something was written since: this is not after the beginning.
        long since = before.isEmpty() ? 0 : before.getLast().revision() + 1;
        known.forEach((uid, last) -> {
            if (!found.contains(uid)) {
                news.add(new Observation(since, last.at(), last.object(), true));
            }
        });
        seen.stream().filter(o -> o.gone() || !isKnown(o, known)).forEach(news::add);
        return new Sitting(beginning, news);
    }

    private static boolean isKnown(Observation o, Map<String, Observation> known) {
        Observation last = known.get(World.uid(o.object()));
        return last != null && last.revision() == o.revision();
    }
}
