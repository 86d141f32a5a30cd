package dev.segue.traffic;

/** How many pods give which share of a Service's traffic. A Service balances evenly over its ready endpoints. */
public final class Ratio {
    private Ratio() {}

    /**
     * The smallest number of target pods that gives at least {@code weight} percent beside {@code source} pods:
     * ⌈wN/(1−w)⌉, at least one; for 100 percent as many as the source has.
     *
     * @param weight 1 to 50, or 100
     */
    public static int targetReplicas(int weight, int source) {
        if (weight >= 100) {
            return source;
        }
        return Math.max(1, Math.ceilDiv(weight * source, 100 - weight));
    }

    /** The share that {@code target} pods get beside {@code source} pods, in percent, rounded. */
    public static int effectiveWeight(int target, int source) {
        return target + source == 0 ? 0 : Math.round(100f * target / (target + source));
    }
}
