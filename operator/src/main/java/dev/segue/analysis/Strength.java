package dev.segue.analysis;

/**
 * How strong the evidence is, and how strong it has to be. As logs, since an e-value may exceed every double.
 *
 * @param log ln of the e-value; 0 says nothing, below it speaks against
 * @param needed ln of what decides
 */
public record Strength(double log, double needed) {
    /** Against a null hypothesis that may be rejected falsely with the probability {@code alpha}. */
    static Strength of(double log, double alpha) {
        return new Strength(log, -Math.log(alpha));
    }

    public boolean decides() {
        return log >= needed;
    }

    /** How far it is to the decision, from 0 to 1. */
    public double progress() {
        return Math.max(0, Math.min(1, log / needed));
    }
}
