package dev.segue.analysis;

import dev.segue.analysis.Verdict.Inconclusive;
import dev.segue.analysis.Verdict.Inconclusive.Reason;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * What all metrics say together.
 *
 * <p>Revert: the average of the e-values for harm, weighed by the criteria's shares, reaches 1/{@link Risk#harm}. An average of
 * e-values is an e-value however they depend on each other (Vovk and Wang, E-values: calibration, combination and
 * applications, 2021), so the risk is that of all metrics together; and it is reached whenever one metric alone has 1/(its
 * share of the risk). Promote: every required metric is non-inferior, each at the full falsePromote, as all null
 * hypotheses have to be rejected (intersection-union).
 *
 * @param harm the weighed evidence for harm
 * @param reason the verdict in one sentence
 */
public record Conclusion(Verdict verdict, Strength harm, String reason) {
    /**
     * Harm comes before everything, trouble before non-inferiority. What is latched, and when, is the caller's: a verdict
     * is that of this look, and acting on it at any look keeps the risks.
     *
     * @param comparisons of one look, at least one
     * @param outOfTime the time allowed is over
     * @param outageTooLong Prometheus has been away for longer than allowed
     * @throws IllegalArgumentException when the criteria's shares do not add up to 1
     */
    public static Conclusion of(List<Comparison> comparisons, Risk risk, boolean outOfTime, boolean outageTooLong) {
        double shares =
                comparisons.stream().mapToDouble(c -> c.criterion().share()).sum();
        if (Math.abs(shares - 1) > 1e-9) {
            throw new IllegalArgumentException("shares of the risk add up to " + shares);
        }
        Strength harm = Strength.of(logMean(comparisons), risk.harm());
        Verdict verdict = verdict(comparisons, harm, outOfTime, outageTooLong);
        return new Conclusion(verdict, harm, reason(verdict, comparisons));
    }

    /**
     * Time was over before this weight was seen, whatever the evidence of other weights shows: what is lacking is traffic.
     * Harm and trouble come first.
     */
    Conclusion lacking(String why) {
        boolean open = verdict instanceof Verdict.NonInferior
                || (verdict instanceof Inconclusive(Reason reason, var _)
                        && (reason == Reason.Deadline || reason == Reason.Coverage));
        if (!open) {
            return this;
        }
        String late = "not decided in time; " + why;
        return new Conclusion(new Inconclusive(Reason.NoTraffic, late), harm, late);
    }

    /** The same, saying this as well; except of harm, which is harm wherever the traffic goes, and of trouble. */
    Conclusion saying(String more) {
        return switch (verdict) {
            case Verdict.Harm(), Verdict.ProviderError(var _), Verdict.ConfigError(var _) -> this;
            case Inconclusive(Reason reason, String why) ->
                new Conclusion(new Inconclusive(reason, why + more), harm, this.reason + more);
            case Verdict.NonInferior(), Verdict.Undecided(), Verdict.NoData(var _) ->
                new Conclusion(verdict, harm, reason + more);
        };
    }

    private static Verdict verdict(
            List<Comparison> comparisons, Strength harm, boolean outOfTime, boolean outageTooLong) {
        if (harm.decides()) {
            return new Verdict.Harm();
        }
        for (Comparison c : comparisons) {
            if (c.verdict() instanceof Verdict.ConfigError) {
                return c.verdict();
            }
        }
        for (Comparison c : comparisons) {
            if (c.verdict() instanceof Verdict.ProviderError(String why)) {
                return outageTooLong ? new Inconclusive(Reason.ProviderOutage, why) : c.verdict();
            }
        }
        List<Comparison> open = comparisons.stream()
                .filter(c -> c.criterion().required())
                .filter(c -> !(c.verdict() instanceof Verdict.NonInferior))
                .toList();
        if (open.isEmpty()) {
            return comparisons.stream().anyMatch(c -> c.criterion().required())
                    ? new Verdict.NonInferior()
                    : new Verdict.Undecided();
        }
        Verdict first = open.getFirst().verdict();
        boolean noData = open.stream().anyMatch(c -> c.verdict() instanceof Verdict.NoData);
        if (!outOfTime) {
            return first;
        }
        // Evidence that would do, of a metric that is not taken for non-inferior: what it lacks is data.
        boolean covered = open.stream().noneMatch(c -> c.nonInferior().decides());
        Reason reason = noData ? Reason.NoTraffic : covered ? Reason.Deadline : Reason.Coverage;
        return new Inconclusive(
                reason, "not decided in time; " + open.getFirst().reason());
    }

    private static String reason(Verdict verdict, List<Comparison> comparisons) {
        return switch (verdict) {
            case Verdict.Harm harm ->
                sentence(comparisons, c -> c.verdict().equals(harm))
                        .orElseGet(() -> "no metric by itself, but all together: " + all(comparisons));
            case Verdict.Inconclusive(var _, String why) -> why;
            case Verdict.NonInferior() -> all(comparisons);
            default -> sentence(comparisons, c -> c.verdict().equals(verdict)).orElseGet(() -> all(comparisons));
        };
    }

    private static Optional<String> sentence(List<Comparison> comparisons, Predicate<Comparison> which) {
        return comparisons.stream().filter(which).map(Comparison::reason).findFirst();
    }

    private static String all(List<Comparison> comparisons) {
        return comparisons.stream().map(Comparison::reason).collect(Collectors.joining("; "));
    }

    private static double logMean(List<Comparison> comparisons) {
        double max = comparisons.stream().mapToDouble(c -> c.harm().log()).max().orElseThrow();
        return max
                + Math.log(comparisons.stream()
                        .mapToDouble(
                                c -> c.criterion().share() * Math.exp(c.harm().log() - max))
                        .sum());
    }
}
