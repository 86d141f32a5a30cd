package dev.segue.analysis;

/**
 * One comparison that is asked for.
 *
 * @param name the metric's
 * @param tolerance how much worse the target may be
 * @param share of the risk of a false revert, above 0; all criteria's add up to 1
 * @param required whether it takes part in promotion; one that does not can still revert
 */
public record Criterion(String name, Tolerance tolerance, double share, boolean required) {
    /** @throws IllegalArgumentException unless 0 < share ≤ 1 */
    public Criterion {
        if (!(share > 0 && share <= 1)) {
            throw new IllegalArgumentException("share " + share);
        }
    }
}
