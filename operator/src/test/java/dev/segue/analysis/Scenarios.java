package dev.segue.analysis;

import dev.segue.analysis.Traffic.Arm;
import dev.segue.analysis.Trials.Scenario;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntToDoubleFunction;
import java.util.stream.Stream;

/** The simulations whose figures are in docs/verdict.md. */
final class Scenarios {
    static final String SEGUE = "Segue";
    static final String UNCORRECTED = "Segue without φ";
    static final String ONE_BLOCK = "Segue, φ of single intervals";
    static final String ONE_BEGINNING = "Segue, bets since the first interval";
    static final String POOLED = "on totals";
    static final String Z_TEST = "z-test at every look";
    static final String FLAGGER = "Flagger";
    static final String ARGO = "Argo Rollouts";
    static final String KAYENTA = "Kayenta";

    /** What is compared by default: 10 % and 0.25 points. */
    static final Tolerance TOLERANCE = Tolerance.of(.1, .0025);

    static final double[] CURVE = {
        .001, .0015, .002, .0025, .003, .0036, .0042, .005, .006, .007, .008, .009, .01, .012, .015, .02, .03
    };

    /** A line of the table of requests needed: nothing relative, φ 1. */
    record Need(double share, double source, double excess) {
        double worse() {
            return source + 2 * excess;
        }

        double sourcePerTarget() {
            return (1 - share) / share;
        }

        /** Of the target until the verdict, by the planner's forecast. */
        double forecast(boolean harm) {
            Tolerance tolerance = new Tolerance(1, excess);
            Forecast.Course course = new Forecast.Course(source, harm ? worse() : source, sourcePerTarget());
            Evidence none = Evidence.none(1);
            return (harm
                            ? Forecast.harm(none, tolerance, Risk.DEFAULT, 1, 1, course)
                            : Forecast.nonInferior(none, tolerance, Risk.DEFAULT, 1, course))
                    .orElseThrow();
        }

        /** Target requests per look. */
        double step(boolean harm) {
            return Math.ceil(forecast(harm) / 60);
        }

        String name(boolean harm) {
            return "%s %s %s %s".formatted(share, source, excess, harm ? "worse" : "equal");
        }
    }

    static final List<Need> NEEDS = List.of(
            new Need(.5, .0001, .001),
            new Need(.5, .001, .0025),
            new Need(.5, .001, .005),
            new Need(.5, .01, .005),
            new Need(.5, .05, .01),
            new Need(.1, .001, .0025),
            new Need(.1, .01, .005));

    /** A line of the table of bursts. */
    record Burst(String name, double mean) {}

    static final List<Burst> BURSTS = List.of(
            new Burst("each error by itself", 1),
            new Burst("clusters of 3", 3),
            new Burst("clusters of 10", 10),
            new Burst("clusters of 30", 30),
            new Burst("pods sick for 5 min", 0));

    /** How much worse the target is. */
    enum Target {
        EQUAL,
        AT_TOLERANCE,
        PLUS_1PP,
        PLUS_5PP;

        double ratio(double source, Tolerance tolerance) {
            return switch (this) {
                case EQUAL -> source;
                case AT_TOLERANCE -> tolerance.factor() * source + tolerance.excess();
                case PLUS_1PP -> source + .01;
                case PLUS_5PP -> source + .05;
            };
        }
    }

    private Scenarios() {}

    static List<Scenario> all() {
        return Stream.of(
                        needs(),
                        control(),
                        peers(),
                        curve(),
                        late(),
                        List.of(manyHolds()),
                        simpson(),
                        bursts(),
                        objective())
                .flatMap(List::stream)
                .toList();
    }

    static List<Scenario> needs() {
        List<Scenario> scenarios = new ArrayList<>();
        for (Need need : NEEDS) {
            for (boolean harm : new boolean[] {false, true}) {
                double step = need.step(harm);
                scenarios.add(new Scenario(
                        "needs " + need.name(harm),
                        480,
                        1,
                        Traffic.clustered(
                                Arm.steady(step * need.sourcePerTarget(), need.source),
                                Arm.steady(step, harm ? need.worse() : need.source),
                                1,
                                1),
                        Map.of(SEGUE, Rule.segue(new Tolerance(1, need.excess), 1))));
            }
        }
        return scenarios;
    }

    /** 100 requests a second, a tenth of them to the target, 0.1 % bad, 8 hours of minutes. */
    static List<Scenario> control() {
        return Stream.of(Target.values())
                .map(target -> new Scenario(
                        "control " + target,
                        480,
                        TOLERANCE.factor(),
                        Traffic.clustered(Arm.steady(5400, .001), Arm.steady(600, target.ratio(.001, TOLERANCE)), 1, 1),
                        rules(SEGUE, Rule.segue(TOLERANCE, 1), Z_TEST, Rule.repeatedZTest(TOLERANCE))))
                .toList();
    }

    /** An hour of one-minute checks; a tenth of the requests to the target. */
    static List<Scenario> peers() {
        return List.of(
                peer("equal 0.1 %, 1 a second", 60, .001, .001),
                peer("equal 0.8 %, 10 a second", 600, .008, .008),
                peer("0.1 % to 0.5 %, 50 a second", 3000, .001, .005),
                peer("0.1 % to 1.1 %, 10 a second", 600, .001, .011),
                peer("0.1 % to 1.1 %, 1 a second", 60, .001, .011));
    }

    private static Scenario peer(String name, double requests, double source, double target) {
        Map<String, Rule.Kind> rules = threshold(60);
        rules.put(KAYENTA, Rule.kayenta(60));
        return new Scenario(
                "peers " + name,
                60,
                TOLERANCE.factor(),
                Traffic.clustered(Arm.steady(9 * requests, source), Arm.steady(requests, target), 1, 1),
                rules);
    }

    private static Map<String, Rule.Kind> threshold(int checks) {
        return rules(
                SEGUE,
                Rule.segue(TOLERANCE, 1),
                FLAGGER,
                Rule.flagger(.99, 5, checks),
                ARGO,
                Rule.argo(.99, 3, checks));
    }

    /** What each rule makes of targets from as good to 30 times as bad: an hour at 50 requests a second. */
    static List<Scenario> curve() {
        List<Scenario> scenarios = new ArrayList<>();
        for (double bad : CURVE) {
            scenarios.add(new Scenario(
                    "curve " + bad,
                    60,
                    TOLERANCE.factor(),
                    Traffic.clustered(Arm.steady(3000, .001), Arm.steady(3000, bad), 1, 1),
                    threshold(60)));
        }
        return scenarios;
    }

    /** Minutes for which both versions are equal before the target gets worse. */
    static final List<Integer> EQUAL_FOR = List.of(0, 10, 60, 240);

    /** 0.1 % bad, then 0.6 % of the target's in a hold that begins then; 5 requests a second each, for 8 hours. */
    static List<Scenario> late() {
        return EQUAL_FOR.stream()
                .map(minutes -> new Scenario(
                        "late " + minutes,
                        480,
                        TOLERANCE.factor(),
                        Traffic.clustered(
                                Arm.steady(300, .001), new Arm(_ -> 300, k -> k < minutes ? .001 : .006), 1, 1),
                        rules(
                                SEGUE,
                                Rule.segue(TOLERANCE, 1),
                                ONE_BEGINNING,
                                Rule.segueWithoutBeginnings(TOLERANCE, 1)),
                        List.of(minutes)))
                .toList();
    }

    /** The worst case for false reverts, with a hold that begins each hour. */
    static Scenario manyHolds() {
        return new Scenario(
                "holds " + Target.AT_TOLERANCE,
                480,
                TOLERANCE.factor(),
                Traffic.clustered(
                        Arm.steady(5400, .001), Arm.steady(600, Target.AT_TOLERANCE.ratio(.001, TOLERANCE)), 1, 1),
                rules(SEGUE, Rule.segue(TOLERANCE, 1)),
                List.of(60, 120, 180, 240, 300, 360, 420));
    }

    /** The weight goes from 5 to 75 % in an hour; in its second half something that both need makes 2 % bad. */
    static List<Scenario> simpson() {
        return Stream.of(1.0, .9)
                .map(ratio -> {
                    IntToDoubleFunction weight = k -> .05 + .7 * k / 59;
                    IntToDoubleFunction bad = k -> k < 30 ? .001 : .02;
                    return new Scenario(
                            "simpson " + ratio,
                            60,
                            TOLERANCE.factor(),
                            Traffic.clustered(
                                    new Arm(k -> 6000 * (1 - weight.applyAsDouble(k)), bad),
                                    new Arm(k -> 6000 * weight.applyAsDouble(k), k -> ratio * bad.applyAsDouble(k)),
                                    1,
                                    1),
                            rules(SEGUE, Rule.segue(TOLERANCE, 1), POOLED, Rule.pooled(TOLERANCE)));
                })
                .toList();
    }

    static final Tolerance BURST_TOLERANCE = new Tolerance(1, .0025);

    /** 8 pods of the source, 2 of the target, 10 requests a second each, 0.2 % bad, 4 hours of minutes. */
    static List<Scenario> bursts() {
        List<Scenario> scenarios = new ArrayList<>();
        for (Burst burst : BURSTS) {
            for (Target target : Target.values()) {
                double bad = target.ratio(.002, BURST_TOLERANCE);
                scenarios.add(new Scenario(
                        "bursts " + burst.name + " " + target,
                        240,
                        1,
                        burst.mean == 0
                                ? Traffic.spells(600, 8, .002, 2, bad, 5, Math.max(.04, bad * 2))
                                : Traffic.clustered(Arm.steady(4800, .002), Arm.steady(1200, bad), burst.mean, 8),
                        rules(
                                SEGUE,
                                Rule.segue(BURST_TOLERANCE),
                                ONE_BLOCK,
                                Rule.segueWithoutBlocks(BURST_TOLERANCE),
                                UNCORRECTED,
                                Rule.segue(BURST_TOLERANCE, 1))));
            }
        }
        return scenarios;
    }

    static final Tolerance OBJECTIVE = Tolerance.objective(.01);

    /** An objective of 1 % on the target alone, 10 requests a second for an hour. */
    static List<Scenario> objective() {
        return Stream.of(.005, .01, .02)
                .map(bad -> new Scenario(
                        "objective " + bad,
                        60,
                        0,
                        Traffic.clustered(Arm.steady(0, 0), Arm.steady(600, bad), 1, 1),
                        rules(SEGUE, Rule.segue(OBJECTIVE, 1))))
                .toList();
    }

    private static Map<String, Rule.Kind> rules(Object... namesAndKinds) {
        Map<String, Rule.Kind> rules = new LinkedHashMap<>();
        for (int i = 0; i < namesAndKinds.length; i += 2) {
            rules.put((String) namesAndKinds[i], (Rule.Kind) namesAndKinds[i + 1]);
        }
        return rules;
    }
}
