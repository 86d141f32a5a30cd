package dev.segue.engine;

import dev.segue.api.MigrationStatus;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/** What makes a decision safe to be cut short, and to be made again. */
final class DecisionForm {
    private DecisionForm() {}

    /** What is wrong with a decision, empty when nothing is. */
    static Optional<String> flaw(Observed seen, Decision decision) {
        MigrationStatus after = decision.status();
        boolean stragglers = after.isTerminal() && decision.actions().equals(CleanUp.stragglers(seen));
        boolean reports = decision.actions().stream().allMatch(Action.WriteReport.class::isInstance); // goes with it
        if (!decision.actions().isEmpty() && !after.phaseOrPending().engaged() && !stragglers && !reports) {
            return Optional.of("only a Migration that has our finalizer acts");
        }
        if (!decision.actions().isEmpty() && moves(seen, decision)) {
            return Optional.of("the intent is written before the act");
        }
        long told = decision.notices().size();
        if (told > 1 || told != newTransitions(seen.status(), after)) {
            return Optional.of("one notice for a transition, and one transition at most");
        }
        return after.conditionsOrEmpty().stream().map(c -> c.type()).distinct().count()
                        == after.conditionsOrEmpty().size()
                ? Optional.empty()
                : Optional.of("a condition is there once");
    }

    /** Whether the same look again must be quiet: nothing is done, and it stays where it is. */
    static boolean rests(Observed seen, Decision decision) {
        return decision.actions().isEmpty()
                && !moves(seen, decision)
                && !decision.next().isZero();
    }

    /** What is wrong with looking again, when nothing has changed after a decision that rests. */
    static Optional<String> flawOfRepeating(Decision first, Decision again) {
        return again.status().equals(first.status())
                        && again.actions().isEmpty()
                        && again.notices().isEmpty()
                ? Optional.empty()
                : Optional.of("looking again without a change writes nothing");
    }

    private static boolean moves(Observed seen, Decision decision) {
        return seen.status().phase() != decision.status().phase()
                || !Objects.equals(seen.status().task(), decision.status().task());
    }

    private static long newTransitions(MigrationStatus before, MigrationStatus after) {
        List<MigrationStatus.Transition> timeline = after.timelineOrEmpty();
        if (timeline.equals(before.timelineOrEmpty())) {
            return 0;
        }
        Set<MigrationStatus.Transition> old = new HashSet<>(before.timelineOrEmpty());
        return timeline.stream().filter(t -> !old.contains(t)).count();
    }
}
