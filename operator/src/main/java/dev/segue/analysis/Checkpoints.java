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

    static Evidence evidence(Checkpoint c) {
        return new Evidence(
                c.factor(),
                c.intervals(),
                new Counts(c.sourceBad(), c.sourceTotal()),
                new Counts(c.targetBad(), c.targetTotal()),
                new Strata(c.strataWeight(), c.strataSource(), c.strataTarget()),
                bets(c.harm()),
                bets(c.nonInferior()));
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
