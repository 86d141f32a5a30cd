package dev.segue.e2e.hands;

import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * One hand, and what becomes of a migration that it comes into; a row of docs/other-hands.md, found there by its id.
 *
 * @param before done before the migration is created
 * @param component of the Migration, in one line
 * @param spec the rest of the Migration's spec
 * @param outcomes by when the hand moves
 */
record Row(String id, Hand before, Hand hand, String component, String spec, Map<Moment, Outcome> outcomes) {
    static Row of(String id, Hand hand) {
        return new Row(id, Hand.NONE, hand, Play.COMPONENT, Play.SPEC, Map.of());
    }

    Row at(Outcome outcome, Moment... moments) {
        Map<Moment, Outcome> more = new EnumMap<>(Moment.class);
        more.putAll(outcomes);
        for (Moment moment : moments) {
            if (more.put(moment, outcome) != null) {
                throw new IllegalArgumentException("%s has two outcomes for %s".formatted(id, moment));
            }
        }
        return new Row(id, before, hand, component, spec, more);
    }

    Row before(Hand earlier) {
        return new Row(id, earlier, hand, component, spec, outcomes);
    }

    Row component(String other) {
        return new Row(id, before, hand, other, spec, outcomes);
    }

    Row spec(String other) {
        return new Row(id, before, hand, component, other, outcomes);
    }

    /**
     * The quick selection: one moment for each different outcome, but for those where the migration comes to the end that
     * it would have come to anyway, and for a plan that is run and comes to what another moment shows; of a row that has
     * no others, one moment.
     */
    Map<Moment, Outcome> selection() {
        Map<Moment, Outcome> few = new EnumMap<>(Moment.class);
        outcomes.forEach((moment, outcome) -> {
            boolean shown = outcome instanceof Outcome.Runs run && outcomes.containsValue(run.next());
            if (!outcome.usual() && !shown && !few.containsValue(outcome)) {
                few.put(moment, outcome);
            }
        });
        if (few.isEmpty()) {
            Moment middle = List.copyOf(outcomes.keySet()).get(outcomes.size() / 2);
            few.put(middle, Objects.requireNonNull(outcomes.get(middle)));
        }
        return few;
    }
}
