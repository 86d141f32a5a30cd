package dev.segue.analysis;

/**
 * Whether the target gets the share of the traffic that was asked for. The sequential test of Lindon and Malek
 * (Anytime-valid inference for multinomial count data, 2022), known as the check for a sample ratio mismatch; it may be
 * looked at as often as one likes. A mismatch does not say that the target is bad, but that routing is not what everybody
 * believes it to be.
 *
 * @param asked the target's share, between 0 and 1
 * @param tolerance by how much the true share may differ from it
 * @param source requests that the source got since this share was asked for
 * @param target requests that the target got
 * @param together how many requests come together, at least 1: traffic moves by connection, and the requests of one all
 *     go the same way
 */
public record TrafficShare(double asked, double tolerance, double source, double target, double together) {
    /** Pods that have it by chance, or by how a proxy deals, are no mismatch. */
    private static final double TOLERANCE = .05;

    /**
     * Nobody counts connections. Where more requests than this come with each, so many of them in a row are no proof of
     * anything; that is one reason why a mismatch is told, and decides nothing.
     */
    private static final double TOGETHER = 10;

    /** The weight of the prior, in requests: shares within about 5 points of what was asked for are expected. */
    private static final double PRIOR = 100;

    private static final double LEAST = 1e-6;

    /** @throws IllegalArgumentException unless 0 < asked < 1, tolerance ≥ 0 and together ≥ 1 */
    public TrafficShare {
        if (!(asked > 0 && asked < 1 && tolerance >= 0 && together >= 1)) {
            throw new IllegalArgumentException(
                    "asked %s, tolerance %s, together %s".formatted(asked, tolerance, together));
        }
    }

    /** The share that was asked for in this many requests. */
    static TrafficShare of(double asked, double source, double target) {
        return new TrafficShare(asked, TOLERANCE, source, target, TOGETHER);
    }

    /** The share that the target got; what was asked for, when there were no requests. */
    public double observed() {
        return source + target == 0 ? asked : target / (source + target);
    }

    /** ln of the e-value against "the share is what was asked for, give or take the tolerance". */
    public double logMismatch() {
        double nearest = Math.max(asked - tolerance, Math.min(asked + tolerance, observed()));
        double share = Math.max(LEAST, Math.min(1 - LEAST, nearest));
        return logEvidence(
                new double[] {source / together, target / together},
                new double[] {1 - share, share},
                new double[] {PRIOR * (1 - asked), PRIOR * asked});
    }

    public boolean mismatch(double alpha) {
        return logMismatch() >= -Math.log(alpha);
    }

    String inWords() {
        return "the target got %s of the requests at this weight, its pods suggest %s"
                .formatted(Comparison.percent(observed()), Comparison.percent(asked));
    }

    /** ln of the multinomial e-value: B(prior + counts) / B(prior) / Π shares^counts, B the multivariate beta function. */
    static double logEvidence(double[] counts, double[] shares, double[] prior) {
        double log = 0;
        double before = 0;
        double after = 0;
        for (int j = 0; j < counts.length; j++) {
            log += logGamma(prior[j] + counts[j]) - logGamma(prior[j]) - counts[j] * Math.log(shares[j]);
            before += prior[j];
            after += prior[j] + counts[j];
        }
        return log + logGamma(before) - logGamma(after);
    }

    /** ln Γ(x) for x > 0, by Stirling's series from 12 on, where its error is below 1e-15. */
    static double logGamma(double x) {
        double shift = 0;
        double z = x;
        for (; z < 12; z++) {
            shift += Math.log(z);
        }
        double w = 1 / (z * z);
        double series = (1 / 12.0 - w * (1 / 360.0 - w * (1 / 1260.0 - w * (1 / 1680.0 - w / 1188)))) / z;
        return (z - 0.5) * Math.log(z) - z + 0.5 * Math.log(2 * Math.PI) + series - shift;
    }
}
