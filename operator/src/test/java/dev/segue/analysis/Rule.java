package dev.segue.analysis;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.DoubleStream;

/** A way to decide on a migration, looked at after each interval. */
interface Rule {
    /** What is to be done after this interval; each may be said at several looks, and the first one counts. */
    Call look(Evidence evidence, Interval latest);

    record Call(boolean revert, boolean promote) {
        static final Call NONE = new Call(false, false);
    }

    /** Begins with a run, of which it may see the history. */
    interface Kind {
        Rule begin(Traffic traffic);
    }

    /** Ours, with a given dispersion. */
    static Kind segue(Tolerance tolerance, double phi) {
        return _ -> (evidence, _) -> call(evidence, tolerance, phi);
    }

    /** Ours, with the dispersion of the run's history. */
    static Kind segue(Tolerance tolerance) {
        return traffic -> {
            double phi = Dispersion.of(traffic.history(), tolerance).phi();
            return (evidence, _) -> call(evidence, tolerance, phi);
        };
    }

    /** Ours, with the first estimator alone: deviations within single intervals. */
    static Kind segueWithoutBlocks(Tolerance tolerance) {
        return traffic -> {
            List<Map<String, Counts>> history = traffic.history();
            double seen = 30;
            double expected = 10;
            for (Map<String, Counts> interval : history) {
                Counts all = interval.values().stream().reduce(Counts.NONE, Counts::plus);
                for (Counts pod : interval.values()) {
                    double share = pod.total() / all.total();
                    seen += Math.pow(pod.bad() - all.bad() * share, 2);
                    expected += all.bad() * share * (1 - share);
                }
            }
            double phi = Math.max(1, seen / expected);
            return (evidence, _) -> call(evidence, tolerance, phi);
        };
    }

    /** The same test on the sums of all intervals: what not to do. */
    static Kind pooled(Tolerance tolerance) {
        return _ -> (evidence, _) -> call(
                Evidence.of(tolerance.factor(), List.of(new Interval(evidence.source(), evidence.target()))),
                tolerance,
                1);
    }

    /** Ours, if all bets on harm were those since the first interval, and had all of the risk. */
    static Kind segueWithoutBeginnings(Tolerance tolerance, double phi) {
        return _ -> (evidence, _) -> new Call(
                Strength.of(
                                new Evidence(
                                                evidence.factor(),
                                                evidence.intervals(),
                                                evidence.source(),
                                                evidence.target(),
                                                evidence.strata(),
                                                evidence.harm(),
                                                List.of(),
                                                evidence.nonInferior())
                                        .logHarm(tolerance.excess(), phi),
                                Risk.DEFAULT.falseRevert())
                        .decides(),
                call(evidence, tolerance, phi).promote());
    }

    private static Call call(Evidence evidence, Tolerance tolerance, double phi) {
        return new Call(
                Strength.of(evidence.logHarm(tolerance.excess(), phi), Risk.DEFAULT.harm())
                        .decides(),
                Strength.of(evidence.logNonInferior(tolerance.excess(), phi), Risk.DEFAULT.falsePromote())
                        .decides());
    }

    /** The textbook's z-test for a difference at the same error rates, at every look: what not to do either. */
    static Kind repeatedZTest(Tolerance tolerance) {
        return _ -> (evidence, _) -> {
            double s = evidence.source().ratio();
            double t = evidence.target().ratio();
            double variance = t * (1 - t) / evidence.target().total()
                    + Math.pow(tolerance.factor(), 2)
                            * s
                            * (1 - s)
                            / evidence.source().total();
            if (variance == 0) {
                return Call.NONE;
            }
            double z = (t - tolerance.factor() * s - tolerance.excess()) / Math.sqrt(variance);
            return new Call(z > 2.3263, z < -1.6449);
        };
    }

    /** Flagger: a check fails below a success rate; {@code threshold} failed checks, ever, roll back. */
    static Kind flagger(double successRate, int threshold, int checks) {
        return counting(successRate, threshold, checks);
    }

    /** Argo Rollouts: more than {@code failureLimit} failed measurements abort. */
    static Kind argo(double successRate, int failureLimit, int checks) {
        return counting(successRate, failureLimit + 1, checks);
    }

    private static Kind counting(double successRate, int fatal, int checks) {
        return _ -> new Rule() {
            private int looks;
            private int failed;

            @Override
            public Call look(Evidence evidence, Interval latest) {
                looks++;
                if (latest.target().ratio() > 1 - successRate + 1e-12) {
                    failed++;
                }
                return new Call(failed >= fatal, failed < fatal && looks == checks);
            }
        };
    }

    /** With most ratios 0 both roots are at a step at 0, and what is left is rounding. */
    double ROUNDING = 1e-9;

    /**
     * Kayenta's NetflixACAJudge on the error ratios of all intervals, once, at the end: Mann-Whitney with ties and
     * continuity, 98 % confidence, tolerance 0.25 times the estimated shift, and a mean
     * that is not lower.
     */
    static Kind kayenta(int checks) {
        return _ -> new Rule() {
            private final List<Double> source = new ArrayList<>();
            private final List<Double> target = new ArrayList<>();

            @Override
            public Call look(Evidence evidence, Interval latest) {
                source.add(latest.source().ratio());
                target.add(latest.target().ratio());
                if (source.size() < checks) {
                    return Call.NONE;
                }
                double[] s = source.stream().mapToDouble(d -> d).toArray();
                double[] t = target.stream().mapToDouble(d -> d).toArray();
                double low = MannWhitney.root(t, s, 2.3263, 0.5);
                boolean high = low > 0.25 * Math.abs(MannWhitney.estimate(t, s)) + ROUNDING
                        && DoubleStream.of(t).sum() >= DoubleStream.of(s).sum();
                return new Call(high, !high);
            }
        };
    }
}
