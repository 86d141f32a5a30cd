package dev.segue.e2e.referee;

import java.util.List;

/**
 * Judges a namespace's history, observation by observation, in the order of their revisions. Pure: the same history
 * gives the same violations. For one thread.
 */
final class Judge {
    private final World world = new World();
    private final Excuses excuses;
    private final List<Rule> rules;

    Judge(Excuses excuses) {
        this.excuses = excuses;
        this.rules = List.of(
                new Capacity(excuses),
                new ServingPods(),
                new Narrowing(),
                new Writes(),
                new QuietStatus(),
                new OneEvent(),
                new UserFields());
    }

    /** What this observation breaks. */
    List<Violation> feed(Observation next) {
        Change change = world.apply(next);
        return rules.stream()
                .flatMap(rule -> rule.check(change, world).stream())
                .filter(violation -> !excuses.cover(violation))
                .toList();
    }
}
