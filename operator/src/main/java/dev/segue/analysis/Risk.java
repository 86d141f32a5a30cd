package dev.segue.analysis;

/**
 * How often a verdict may be false, however often it is looked at.
 *
 * @param falseRevert the most probable it may be that a target within the tolerance is reverted, over all metrics
 * @param falsePromote the most probable it may be that a target beyond the tolerance is taken for non-inferior
 */
public record Risk(double falseRevert, double falsePromote) {
    public static final Risk DEFAULT = new Risk(0.01, 0.05);

    /** @throws IllegalArgumentException unless both are between 0 and 1 */
    public Risk {
        if (!(falseRevert > 0 && falseRevert < 1 && falsePromote > 0 && falsePromote < 1)) {
            throw new IllegalArgumentException("falseRevert %s, falsePromote %s".formatted(falseRevert, falsePromote));
        }
    }

    /** By which evidence for harm is measured, so that with all its {@linkplain Evidence#anew beginnings} falseRevert is kept. */
    double harm() {
        return falseRevert / (1 + Evidence.LATER);
    }
}
