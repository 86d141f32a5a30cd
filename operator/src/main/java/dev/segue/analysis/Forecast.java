package dev.segue.analysis;

import java.util.Optional;

/** After how many more of the target's requests evidence will suffice, if both arms go on at given ratios. */
public final class Forecast {
    /** Beyond this many requests "never" is the better answer. */
    private static final double HORIZON = 1e12;

    private Forecast() {}

    /**
     * How both arms go on.
     *
     * @param source bad requests per request of the source
     * @param target of the target
     * @param sourcePerTarget the source's requests for each of the target
     */
    public record Course(double source, double target, double sourcePerTarget) {
        private Interval of(double requests) {
            double sources = requests * sourcePerTarget;
            return new Interval(new Counts(source * sources, sources), new Counts(target * requests, requests));
        }
    }

    /** Requests of the target until harm is certain enough; empty when this course does not lead there. */
    public static Optional<Double> harm(
            Evidence now, Tolerance tolerance, Risk risk, double share, double phi, Course course) {
        return solve(now, course, then -> Strength.of(then.logHarm(tolerance.excess(), phi), risk.harm() * share));
    }

    /** Requests of the target until non-inferiority is certain enough; empty when this course does not lead there. */
    public static Optional<Double> nonInferior(
            Evidence now, Tolerance tolerance, Risk risk, double phi, Course course) {
        return solve(
                now, course, then -> Strength.of(then.logNonInferior(tolerance.excess(), phi), risk.falsePromote()));
    }

    private interface Question {
        Strength at(Evidence then);
    }

    /** Along a course ln E is convex in the number of requests, so it crosses what is needed once. */
    private static Optional<Double> solve(Evidence now, Course course, Question question) {
        if (question.at(now).decides()) {
            return Optional.of(0.0);
        }
        double high = 1;
        while (!question.at(now.plus(course.of(high))).decides()) {
            high *= 2;
            if (high > HORIZON) {
                return Optional.empty();
            }
        }
        double low = high / 2;
        while (high - low > 1) {
            double middle = (low + high) / 2;
            if (question.at(now.plus(course.of(middle))).decides()) {
                high = middle;
            } else {
                low = middle;
            }
        }
        return Optional.of(Math.ceil(high));
    }
}
