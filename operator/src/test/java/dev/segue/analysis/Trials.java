package dev.segue.analysis;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * What rules decide on the same simulated traffic.
 *
 * @param runs how many migrations were simulated
 * @param reverts at which look each of them was reverted, from 1, sorted; as many as there were
 * @param promotes at which look each was promoted; both are counted, whichever was first
 */
record Trials(int runs, List<Integer> reverts, List<Integer> promotes) {
    /**
     * One line of a table: traffic, and who decides on it.
     *
     * @param holds the looks, from 0, before which another hold begins
     */
    record Scenario(
            String name,
            int looks,
            double factor,
            Traffic.Kind traffic,
            Map<String, Rule.Kind> rules,
            List<Integer> holds) {
        /** In one hold. */
        Scenario(String name, int looks, double factor, Traffic.Kind traffic, Map<String, Rule.Kind> rules) {
            this(name, looks, factor, traffic, rules, List.of());
        }

        @Override
        public String toString() {
            return name;
        }
    }

    static Map<String, Trials> run(Scenario scenario, int runs, long seed) {
        int[][] reverts = new int[scenario.rules.size()][runs];
        int[][] promotes = new int[scenario.rules.size()][runs];
        SplittableRandom random = new SplittableRandom(seed * 31 + scenario.name.hashCode());
        for (int run = 0; run < runs; run++) {
            Traffic traffic = scenario.traffic.begin(random.split());
            Rule[] rules = scenario.rules.values().stream()
                    .map(kind -> kind.begin(traffic))
                    .toArray(Rule[]::new);
            Evidence evidence = Evidence.none(scenario.factor);
            for (int k = 0; k < scenario.looks; k++) {
                Interval interval = traffic.interval(k);
                evidence = (scenario.holds.contains(k) ? evidence.anew() : evidence).plus(interval);
                boolean open = false;
                for (int r = 0; r < rules.length; r++) {
                    Rule.Call call = rules[r].look(evidence, interval);
                    if (call.revert() && reverts[r][run] == 0) {
                        reverts[r][run] = k + 1;
                    }
                    if (call.promote() && promotes[r][run] == 0) {
                        promotes[r][run] = k + 1;
                    }
                    open |= reverts[r][run] == 0 || promotes[r][run] == 0;
                }
                if (!open) {
                    break;
                }
            }
        }
        Map<String, Trials> trials = new LinkedHashMap<>();
        int r = 0;
        for (String rule : scenario.rules.keySet()) {
            trials.put(rule, new Trials(runs, decided(reverts[r]), decided(promotes[r])));
            r++;
        }
        return trials;
    }

    private static List<Integer> decided(int[] looks) {
        return Arrays.stream(looks).filter(look -> look > 0).sorted().boxed().toList();
    }

    double reverted() {
        return (double) reverts.size() / runs;
    }

    double promoted() {
        return (double) promotes.size() / runs;
    }
}
