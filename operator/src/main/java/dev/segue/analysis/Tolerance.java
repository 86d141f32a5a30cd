package dev.segue.analysis;

/**
 * How much worse the target may be. The boundary is {@code target = factor · source + excess}, in bad requests per
 * request: on its one side lies harm, on the other one non-inferiority.
 *
 * @param factor what the source's ratio is multiplied with; 0 leaves the source out (an objective for the target alone)
 * @param excess what is allowed on top, as a ratio (0.0025 are 0.25 percentage points)
 */
public record Tolerance(double factor, double excess) {
    /** @throws IllegalArgumentException unless factor ≥ 0 and 0 < excess < 1 */
    public Tolerance {
        if (!(factor >= 0 && factor < Double.POSITIVE_INFINITY && excess > 0 && excess < 1)) {
            throw new IllegalArgumentException("factor %s, excess %s".formatted(factor, excess));
        }
    }

    /** Worse by at most {@code relative} (0.1 is 10 %) of the source's ratio and {@code absolute} on top. */
    public static Tolerance of(double relative, double absolute) {
        return new Tolerance(1 + relative, absolute);
    }

    /** At most {@code max} of the target's requests may be bad, whatever the source does. */
    public static Tolerance objective(double max) {
        return new Tolerance(0, max);
    }

    public boolean isObjective() {
        return factor == 0;
    }
}
