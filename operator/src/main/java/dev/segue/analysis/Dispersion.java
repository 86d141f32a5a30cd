package dev.segue.analysis;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * How much more bad requests scatter than if each came by itself: φ, the variance over the mean. They come in clusters
 * (retries, one sick pod, a pause of a garbage collector), and a cluster of 10 says no more than one bad request. For
 * clusters of at most s, evidence divided by s is exactly valid, as u^(S/s) ≤ 1 + (S/s)(u − 1); φ = E[S²]/E[S] is that to
 * the second order.
 *
 * <p>It is estimated once, from the source's pods before the migration. From the running migration alone it comes too
 * late: the first clusters have decided by then.
 *
 * @param phi at least 1
 * @param origin where it is from
 * @param pods how many pods there were in the history
 * @param intervals how many of its intervals had requests
 * @param bad how many bad requests it had: with few of them φ is mostly the assumption
 */
public record Dispersion(double phi, Origin origin, int pods, int intervals, double bad) {
    /** Without history nothing is promoted on fewer intervals than this. */
    public static final int INTERVALS_WITHOUT_HISTORY = 10;

    /** Lengths of time, in intervals, at which bad requests may cluster. */
    static final List<Integer> BLOCKS = List.of(1, 2, 5, 10, 20);

    /** What is assumed, as if this much had been seen already, so that a sparse history is not trusted. */
    static final double ASSUMED = 3;

    private static final double ASSUMED_WEIGHT = 10;
    static final double WITHOUT_HISTORY = 5;
    static final double MAX = 200;

    /** Where φ is from. */
    public enum Origin {
        /** Estimated from the source's history. */
        HISTORY,
        /** Given by the user. */
        FIXED,
        /** Assumed, as there is no history. */
        ASSUMED
    }

    /** Numerator and denominator of an estimate: squared deviations, and what they would be if φ were 1. */
    private record Scatter(double seen, double expected) {
        static final Scatter NONE = new Scatter(0, 0);

        Scatter plus(double more, double due) {
            return new Scatter(seen + more, expected + due);
        }

        double phi() {
            return (ASSUMED * ASSUMED_WEIGHT + seen) / (ASSUMED_WEIGHT + expected);
        }
    }

    /** @throws IllegalArgumentException unless phi ≥ 1 */
    public static Dispersion fixed(double phi) {
        if (!(phi >= 1 && phi < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException("dispersion " + phi);
        }
        return new Dispersion(phi, Origin.FIXED, 0, 0, 0);
    }

    /**
     * φ of a history, the greatest over blocks of 1, 2, 5, 10 and 20 intervals, between 1 and 200.
     *
     * <p>Within a block, pods should have shares of its T bad requests like their shares s of its requests:
     * φ = Σ(x − T·s)² / ΣT·s(1 − s). What hits all pods at once does not count, as it would hit both arms. Where there is
     * one pod only, successive blocks are compared: φ = Σ(x_k − r·x_k₊₁)² / Σ(x_k + r²·x_k₊₁), r = n_k/n_k₊₁. An
     * objective has no second arm that would be hit as well, so for it the greater of both counts.
     *
     * @param history the source's requests by pod, an element per interval, without gaps, oldest first
     * @param tolerance what the evidence is for
     */
    public static Dispersion of(List<Map<String, Counts>> history, Tolerance tolerance) {
        Set<String> pods = new HashSet<>();
        history.forEach(interval -> pods.addAll(interval.keySet()));
        List<Counts> totals = history.stream().map(Dispersion::sum).toList();
        int intervals = (int) totals.stream().filter(c -> c.total() > 0).count();
        double bad = totals.stream().mapToDouble(Counts::bad).sum();
        if (intervals == 0) {
            return new Dispersion(WITHOUT_HISTORY, Origin.ASSUMED, 0, 0, 0);
        }
        boolean inTime = tolerance.isObjective() || betweenPods(history).expected == 0;
        double phi = 1;
        for (int length : BLOCKS) {
            List<Map<String, Counts>> blocks = blocks(history, length);
            if (!blocks.isEmpty()) {
                phi = Math.max(phi, betweenPods(blocks).phi());
            }
            if (inTime && blocks.size() > 1) {
                phi = Math.max(phi, inTime(blocks).phi());
            }
        }
        return new Dispersion(Math.min(MAX, phi), Origin.HISTORY, pods.size(), intervals, bad);
    }

    /** Whether the evidence of so many intervals may promote. */
    public boolean mayPromote(int evidence) {
        return origin != Origin.ASSUMED || evidence >= INTERVALS_WITHOUT_HISTORY;
    }

    private static Scatter betweenPods(List<Map<String, Counts>> blocks) {
        Scatter scatter = Scatter.NONE;
        for (Map<String, Counts> block : blocks) {
            Counts all = sum(block);
            for (Counts pod : block.values()) {
                double share = pod.total() / Math.max(all.total(), 1);
                double deviation = pod.bad() - all.bad() * share;
                scatter = scatter.plus(deviation * deviation, all.bad() * share * (1 - share));
            }
        }
        return scatter;
    }

    private static Scatter inTime(List<Map<String, Counts>> blocks) {
        Scatter scatter = Scatter.NONE;
        for (int k = 0; k + 1 < blocks.size(); k++) {
            Counts one = sum(blocks.get(k));
            Counts next = sum(blocks.get(k + 1));
            if (one.total() > 0 && next.total() > 0) {
                double r = one.total() / next.total();
                double deviation = one.bad() - r * next.bad();
                scatter = scatter.plus(deviation * deviation, one.bad() + r * r * next.bad());
            }
        }
        return scatter;
    }

    /** Whole blocks only: a shorter last one would have shorter clusters. */
    private static List<Map<String, Counts>> blocks(List<Map<String, Counts>> history, int length) {
        List<Map<String, Counts>> blocks = new ArrayList<>();
        for (int from = 0; from + length <= history.size(); from += length) {
            Map<String, Counts> block = new HashMap<>();
            for (Map<String, Counts> interval : history.subList(from, from + length)) {
                interval.forEach((pod, counts) -> block.merge(pod, counts, Counts::plus));
            }
            blocks.add(block);
        }
        return blocks;
    }

    private static Counts sum(Map<String, Counts> pods) {
        return pods.values().stream().reduce(Counts.NONE, Counts::plus);
    }
}
