package dev.segue.analysis;

import java.util.Arrays;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;

/** The Mann-Whitney test as Kayenta and R's wilcox.test have it: normal approximation, with ties. */
final class MannWhitney {
    private MannWhitney() {}

    /** The shift of x against y at which the test's statistic is z: a confidence bound. */
    static double root(double[] x, double[] y, double z, double continuity) {
        double low = DoubleStream.of(x).min().orElseThrow()
                - DoubleStream.of(y).max().orElseThrow();
        double high = DoubleStream.of(x).max().orElseThrow()
                - DoubleStream.of(y).min().orElseThrow();
        if (statistic(x, y, low, continuity) < z) {
            return low;
        }
        for (int i = 0; i < 40; i++) {
            double middle = (low + high) / 2;
            if (statistic(x, y, middle, continuity) >= z) {
                low = middle;
            } else {
                high = middle;
            }
        }
        return (low + high) / 2;
    }

    /** Hodges and Lehmann's estimate of the shift: the middle of where the statistic is 0. */
    static double estimate(double[] x, double[] y) {
        return (root(x, y, 1e-9, 0) + root(x, y, -1e-9, 0)) / 2;
    }

    static double statistic(double[] x, double[] y, double shift, double continuity) {
        double[] all = new double[x.length + y.length];
        for (int i = 0; i < x.length; i++) {
            all[i] = x[i] - shift;
        }
        System.arraycopy(y, 0, all, x.length, y.length);
        Integer[] order = IntStream.range(0, all.length).boxed().toArray(Integer[]::new);
        Arrays.sort(order, (a, b) -> Double.compare(all[a], all[b]));
        double ranks = 0;
        double ties = 0;
        for (int from = 0; from < order.length; ) {
            int to = from;
            while (to < order.length && all[order[to]] == all[order[from]]) {
                to++;
            }
            double size = to - from;
            ties += size * size * size - size;
            for (int i = from; i < to; i++) {
                if (order[i] < x.length) {
                    ranks += (from + 1 + to) / 2.0;
                }
            }
            from = to;
        }
        double n = x.length;
        double m = y.length;
        double deviation = ranks - n * (n + 1) / 2 - n * m / 2;
        double sigma = Math.sqrt(n * m / 12 * (n + m + 1 - ties / ((n + m) * (n + m - 1))));
        return sigma == 0 ? 0 : (deviation - continuity) / sigma;
    }
}
