package dev.segue.analysis;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntToDoubleFunction;
import java.util.random.RandomGenerator;

/** Simulated requests of one run: the source's history, then both arms, interval by interval. */
interface Traffic {
    /** Requests of the source by pod before the migration, oldest first. */
    List<Map<String, Counts>> history();

    /** What both arms answer in the k-th interval, from 0. To be asked for once each, in order. */
    Interval interval(int k);

    /** Begins a run. */
    interface Kind {
        Traffic begin(RandomGenerator random);
    }

    /** An arm: requests in an interval, and the probability that one is bad. */
    record Arm(IntToDoubleFunction requests, IntToDoubleFunction bad) {
        static Arm steady(double requests, double bad) {
            return new Arm(_ -> requests, _ -> bad);
        }
    }

    /** Bad requests that come in clusters of a geometric size with this mean; with 1, each by itself. */
    static Kind clustered(Arm source, Arm target, double mean, int sourcePods) {
        return random -> new Traffic() {
            @Override
            public List<Map<String, Counts>> history() {
                List<Map<String, Counts>> history = new ArrayList<>();
                for (int k = 0; k < HISTORY; k++) {
                    Map<String, Counts> pods = new LinkedHashMap<>();
                    for (int pod = 0; pod < sourcePods; pod++) {
                        pods.put("pod" + pod, counts(source, 0, 1.0 / sourcePods));
                    }
                    history.add(pods);
                }
                return history;
            }

            @Override
            public Interval interval(int k) {
                return new Interval(counts(source, k, 1), counts(target, k, 1));
            }

            private Counts counts(Arm arm, int k, double part) {
                double requests = arm.requests.applyAsDouble(k) * part;
                double bad = arm.bad.applyAsDouble(k);
                return new Counts(Math.min(requests, Traffic.bad(random, requests, bad, mean)), requests);
            }
        };
    }

    /**
     * Pods that have bad spells, each by itself: a spell lasts for a geometric time with mean {@code spell} intervals, in
     * which the probability of a bad request is {@code within}, outside of it 0.
     */
    static Kind spells(
            double requestsPerPod,
            int sourcePods,
            double source,
            int targetPods,
            double target,
            double spell,
            double within) {
        return random -> new Traffic() {
            private final Pod[] sources = pods(sourcePods, source);
            private final Pod[] targets = pods(targetPods, target);

            @Override
            public List<Map<String, Counts>> history() {
                List<Map<String, Counts>> history = new ArrayList<>();
                for (int k = 0; k < HISTORY; k++) {
                    Map<String, Counts> interval = new LinkedHashMap<>();
                    for (int pod = 0; pod < sourcePods; pod++) {
                        interval.put("pod" + pod, sources[pod].next());
                    }
                    history.add(interval);
                }
                return history;
            }

            @Override
            public Interval interval(int k) {
                return new Interval(sum(sources), sum(targets));
            }

            private Counts sum(Pod[] pods) {
                Counts sum = Counts.NONE;
                for (Pod pod : pods) {
                    sum = sum.plus(pod.next());
                }
                return sum;
            }

            private Pod[] pods(int number, double bad) {
                Pod[] pods = new Pod[number];
                for (int i = 0; i < number; i++) {
                    pods[i] = new Pod(bad / within);
                }
                return pods;
            }

            final class Pod {
                private final double share;
                private boolean sick;

                Pod(double share) {
                    this.share = share;
                    sick = random.nextDouble() < share;
                }

                Counts next() {
                    double leave = 1 / spell;
                    double enter = leave * share / (1 - share);
                    sick = sick ? random.nextDouble() >= leave : random.nextDouble() < enter;
                    return new Counts(sick ? binomial(random, requestsPerPod, within) : 0, requestsPerPod);
                }
            }
        };
    }

    /** Two hours of minutes. */
    int HISTORY = 120;

    private static double bad(RandomGenerator random, double requests, double p, double mean) {
        if (mean == 1) {
            return binomial(random, requests, p);
        }
        double bad = 0;
        for (int cluster = binomial(random, requests, p / mean); cluster > 0; cluster--) {
            bad += 1 + Math.floor(Math.log(1 - random.nextDouble()) / Math.log1p(-1 / mean));
        }
        return bad;
    }

    /** How many of {@code n} trials succeed; by the gaps between them, as they are rare. */
    static int binomial(RandomGenerator random, double n, double p) {
        if (p <= 0) {
            return 0;
        }
        double log = Math.log1p(-p);
        int successes = -1;
        double at = 0;
        do {
            successes++;
            at += 1 + Math.floor(Math.log(1 - random.nextDouble()) / log);
        } while (at <= n);
        return successes;
    }
}
