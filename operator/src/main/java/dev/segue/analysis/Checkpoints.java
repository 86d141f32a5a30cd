package dev.segue.analysis;

import dev.segue.analysis.Evidence.Bet;
import dev.segue.analysis.Evidence.Strata;
import dev.segue.api.ComparisonStatus.Checkpoint;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Evidence as the status keeps it, bit by bit. */
final class Checkpoints {
    private Checkpoints() {}

    private static final int BETS = Evidence.none(0).harm().size();

    static Evidence evidence(Checkpoint c) {
        List<List<Bet>> begun = new ArrayList<>();
        List<Bet> harm = bets(c.harm());
        for (int from = 0; from < harm.size(); from += BETS) {
            begun.add(harm.subList(from, from + BETS));
        }
        return new Evidence(
                c.factor(),
                c.intervals(),
                new Counts(c.sourceBad(), c.sourceTotal()),
                new Counts(c.targetBad(), c.targetTotal()),
                new Strata(c.strataWeight(), c.strataSource(), c.strataTarget()),
                begun.getFirst(),
                begun.subList(1, begun.size()),
                bets(c.nonInferior()));
    }

    /** The bets on harm of all beginnings, one after the other. */
    static List<Double> harm(Evidence evidence) {
        return Stream.concat(Stream.of(evidence.harm()), evidence.later().stream())
                .flatMap(bets -> sums(bets).stream())
                .toList();
    }

    static List<Double> sums(List<Bet> bets) {
        return bets.stream().flatMap(b -> Stream.of(b.gain(), b.stake())).toList();
    }

    private static List<Bet> bets(List<Double> sums) {
        List<Bet> bets = new ArrayList<>();
        for (int i = 0; i + 1 < sums.size(); i += 2) {
            bets.add(new Bet(sums.get(i), sums.get(i + 1)));
        }
        return List.copyOf(bets);
    }
}
