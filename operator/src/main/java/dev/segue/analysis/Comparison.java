package dev.segue.analysis;

import dev.segue.api.Ratios;
import java.math.BigDecimal;
import java.math.MathContext;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What one metric says at a look, with every figure that it rests on.
 *
 * @param source the source's requests
 * @param target the target's
 * @param effect how much worse the target is
 * @param harm evidence that it is worse than tolerated
 * @param nonInferior evidence that it is not
 * @param eta how long until one of them suffices; null when it does, or when it will not as things go
 * @param reason the verdict in one sentence
 */
public record Comparison(
        Criterion criterion,
        Verdict verdict,
        Counts source,
        Counts target,
        Effect effect,
        Strength harm,
        Strength nonInferior,
        Dispersion dispersion,
        Coverage coverage,
        @Nullable Eta eta,
        String reason) {

    /** The estimate is of all holds; what got worse with one of them is above it, as the lower bound shows. */
    private static final String SINCE_LATER = " over all holds, and worse since a later one began";

    /**
     * The target's ratio less factor times the source's, compared within intervals, so it may differ from what the totals
     * give.
     *
     * @param lower the confidence sequence's lower bound, which holds at all times at once. Above the excess where the target
     *     got worse with a later hold
     * @param upper its upper bound
     * @param ratio how many times as bad as the source the target is; null when the source had nothing bad
     */
    public record Effect(
            double excess,
            double lower,
            double upper,
            Tolerance tolerance,
            @Nullable Double ratio) {}

    /**
     * How both arms go on.
     *
     * @param perMinute the target's requests per minute
     */
    public record Outlook(Forecast.Course course, double perMinute) {
        /** As they went over all the evidence. */
        static Outlook of(Evidence evidence, double perMinute) {
            return new Outlook(
                    new Forecast.Course(
                            evidence.sourceRatio(),
                            evidence.targetRatio(),
                            evidence.source().total() / evidence.target().total()),
                    perMinute);
        }
    }

    /**
     * An estimate, if both arms go on as they are.
     *
     * @param requests of the target that are still to come
     * @param time until then; null when it gets no requests
     */
    public record Eta(double requests, @Nullable Duration time) {
        static Eta of(double requests, double perMinute) {
            return new Eta(requests, perMinute > 0 ? Duration.ofSeconds(Math.round(60 * requests / perMinute)) : null);
        }

        /** As a human says it. */
        String inWords() {
            return "about %s more target requests%s"
                    .formatted(number(requests), time == null ? "" : " or " + minutes(time));
        }
    }

    /**
     * @param evidence all of it since the analysis began
     * @param trouble what kept this look from new data, or null. It stands in the way of promotion, not of revert: what
     *     has been proved stays so
     * @param minCoverage coverage below which nothing is promoted, 0 to 1
     * @param outlook how both arms go on
     */
    public static Comparison of(
            Criterion criterion,
            Evidence evidence,
            Dispersion dispersion,
            Risk risk,
            Coverage coverage,
            double minCoverage,
            Outlook outlook,
            @Nullable Verdict trouble) {
        Tolerance tolerance = criterion.tolerance();
        double phi = dispersion.phi();
        double alpha = risk.harm() * criterion.share();
        Strength harm = Strength.of(evidence.logHarm(tolerance.excess(), phi), alpha);
        Strength nonInferior = Strength.of(evidence.logNonInferior(tolerance.excess(), phi), risk.falsePromote());
        double source = evidence.sourceRatio();
        Effect effect = new Effect(
                evidence.excess(),
                evidence.lower(alpha, phi),
                evidence.upper(risk.falsePromote(), phi),
                tolerance,
                tolerance.isObjective() || source == 0 ? null : evidence.targetRatio() / source);
        Verdict verdict;
        if (harm.decides()) {
            verdict = new Verdict.Harm();
        } else if (trouble != null) {
            verdict = trouble;
        } else if (evidence.intervals() == 0) {
            verdict = new Verdict.NoData(noData(tolerance));
        } else if (nonInferior.decides()
                && dispersion.mayPromote(evidence.intervals())
                && coverage.ratio() >= minCoverage) {
            verdict = new Verdict.NonInferior();
        } else {
            verdict = new Verdict.Undecided();
        }
        boolean open = !harm.decides() && !nonInferior.decides() && evidence.intervals() > 0;
        Eta eta = open ? eta(criterion, evidence, phi, risk, outlook) : null;
        String reason = criterion.name() + ": "
                + switch (verdict) {
                    case Verdict.Harm() ->
                        excess(effect, evidence)
                                + (effect.lower > effect.excess ? SINCE_LATER : "")
                                + " (%s lower bound %s > tolerance %s)"
                                        .formatted(
                                                percent(1 - risk.falseRevert() * criterion.share()),
                                                points(effect.lower),
                                                points(tolerance.excess()));
                    case Verdict.NonInferior() ->
                        excess(effect, evidence)
                                + " (%s upper bound %s < tolerance %s)"
                                        .formatted(
                                                percent(1 - risk.falsePromote()),
                                                points(effect.upper),
                                                points(tolerance.excess()));
                    case Verdict.Undecided() ->
                        "%s, between %s and %s; tolerated are %s"
                                        .formatted(
                                                excess(effect, evidence),
                                                points(effect.lower),
                                                points(effect.upper),
                                                points(tolerance.excess()))
                                + rest(evidence, nonInferior, dispersion, coverage, minCoverage, eta);
                    case Verdict.NoData(String why) -> why;
                    case Verdict.ProviderError(String why) -> why;
                    case Verdict.ConfigError(String why) -> why;
                    case Verdict.Inconclusive(var _, String why) -> why;
                };
        return new Comparison(
                criterion,
                verdict,
                evidence.source(),
                evidence.target(),
                effect,
                harm,
                nonInferior,
                dispersion,
                coverage,
                eta,
                reason);
    }

    /** All evidence counts, and it grows as both arms go on: which verdict that leads to is theirs to say. */
    private static @Nullable Eta eta(Criterion criterion, Evidence evidence, double phi, Risk risk, Outlook outlook) {
        Tolerance tolerance = criterion.tolerance();
        Forecast.Course course = outlook.course();
        Optional<Double> requests = course.target() - tolerance.factor() * course.source() > tolerance.excess()
                ? Forecast.harm(evidence, tolerance, risk, criterion.share(), phi, course)
                : Forecast.nonInferior(evidence, tolerance, risk, phi, course);
        return requests.map(n -> Eta.of(n, outlook.perMinute())).orElse(null);
    }

    static String noData(Tolerance tolerance) {
        return tolerance.isObjective()
                ? "the target has had no requests"
                : "there is no interval in which both source and target had requests";
    }

    private static String excess(Effect effect, Evidence evidence) {
        Counts source = evidence.source();
        Counts target = evidence.target();
        String bad = "%s of %s target requests are bad".formatted(percent(target.ratio()), number(target.total()));
        if (effect.tolerance.isObjective()) {
            return bad;
        }
        String against = effect.tolerance.factor() == 1
                ? "the source"
                : "%s × the source".formatted(digits(effect.tolerance.factor()));
        String difference = points(Math.abs(effect.excess));
        boolean below = effect.excess < 0 && !difference.equals(points(0));
        return "%s, %s of the source's: %s %s %s"
                .formatted(bad, percent(source.ratio()), difference, below ? "below" : "above", against);
    }

    /** The same, saying this as well where the figures decide, or will. */
    Comparison saying(String more) {
        boolean figures = verdict instanceof Verdict.Harm
                || verdict instanceof Verdict.NonInferior
                || verdict instanceof Verdict.Undecided;
        return figures
                ? new Comparison(
                        criterion,
                        verdict,
                        source,
                        target,
                        effect,
                        harm,
                        nonInferior,
                        dispersion,
                        coverage,
                        eta,
                        reason + more)
                : this;
    }

    private static String rest(
            Evidence evidence,
            Strength nonInferior,
            Dispersion dispersion,
            Coverage coverage,
            double minCoverage,
            @Nullable Eta eta) {
        if (nonInferior.decides()) {
            return dispersion.mayPromote(evidence.intervals())
                    ? "; enough, but only %s of the intervals have data, and %s are asked for"
                            .formatted(percent(coverage.ratio()), percent(minCoverage))
                    : "; enough, but without history at least %d intervals are awaited"
                            .formatted(Dispersion.INTERVALS_WITHOUT_HISTORY);
        }
        if (eta == null) {
            return "; at these ratios it will stay undecided";
        }
        return "; " + eta.inWords();
    }

    private static String minutes(Duration time) {
        return Math.max(1, Math.round(time.toSeconds() / 60.0)) + " min";
    }

    static String percent(double ratio) {
        return digits(100 * ratio) + " %";
    }

    static String points(double ratio) {
        return digits(100 * ratio) + Ratios.POINTS;
    }

    static String number(double count) {
        return String.format(Locale.ROOT, "%,d", Math.round(count)).replace(',', ' ');
    }

    /** Two digits, and no more than two behind the point are cut from greater numbers. */
    private static String digits(double number) {
        BigDecimal exact = BigDecimal.valueOf(number);
        int digits = Math.max(2, exact.precision() - exact.scale() + 2);
        return exact.round(new MathContext(digits)).stripTrailingZeros().toPlainString();
    }
}
