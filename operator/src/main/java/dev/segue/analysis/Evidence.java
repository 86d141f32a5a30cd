package dev.segue.analysis;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.DoubleStream;

/**
 * The evidence of all intervals so far on one metric, for harm and for non-inferiority: two e-processes, each a mixture of
 * bets against its null hypothesis on Poisson-binomial counts.
 *
 * <p>With n requests and x bad ones of source (s) and target (t), R the tolerance's factor and δ its excess, the bet on a
 * target that is ρ times as bad as the boundary takes from an interval
 *
 * <pre>
 *   v = (R·n_t + n_s) / (ρ·R·n_t + n_s)      u = ρ·v
 *   ℓ(ρ) = x_t·ln u + x_s·ln v − δ·n_t·(u − 1)
 *   ln E = ln Σ_ρ exp(Σ ℓ(ρ) / φ) − ln(number of bets)
 * </pre>
 *
 * For independent requests with any probabilities E[u^X] ≤ exp((u−1)·ΣP), so at the null E[exp ℓ] ≤ 1 whatever the
 * source's ratio in that interval is, and by Ville's inequality E ever reaches 1/α with a probability of at most α
 * (Ramdas et al., Game-theoretic statistics and safe anytime-valid inference, 2023). It may therefore be looked at as often
 * as one likes. How n_s and n_t relate may change from interval to interval. φ is the {@linkplain Dispersion dispersion}.
 *
 * <p>After an hour of equality a bet has lost so much that what breaks now is long in being noticed. So with each {@link
 * #anew} the bets on harm begin once more, beside those that there are. A part of the risk is theirs: with E₀ the evidence
 * from the first interval and Eₖ from the k-th beginning after it,
 *
 * <pre>
 *   E = E₀ + ¼ · Σ_k Eₖ / (k·(k + 1))       which reaches 1/α with a probability of at most 1.25·α
 * </pre>
 *
 * as the weights add up to 1¼ at most and each Eₖ is 1 when it begins; {@link Risk#harm} is that α.
 *
 * <p>This record is the checkpoint as well. ℓ is linear in δ, so {@code gain − δ·stake} of each bet is all that is
 * needed: for the evidence, and for the confidence sequence, which is the evidence at other δ. All numbers are finite.
 * {@code none(f).plus(a).plus(b)} has the same bits whether it was stored after {@code a} or not. Immutable, so safe for
 * any number of threads.
 *
 * @param factor R, for which the evidence holds; another R needs new evidence
 * @param intervals intervals with requests of both arms (an objective: of the target); the others say nothing
 * @param source the source's requests in these intervals
 * @param target the target's
 * @param strata the arms' ratios, compared within intervals
 * @param harm the bets against "the target is within the tolerance", by rising ρ
 * @param later the same bets, of the intervals since each {@link #anew} only
 * @param nonInferior the bets against "the target is beyond the tolerance", by falling ρ, last ρ = 0
 */
public record Evidence(
        double factor,
        int intervals,
        Counts source,
        Counts target,
        Strata strata,
        List<Bet> harm,
        List<List<Bet>> later,
        List<Bet> nonInferior) {
    /** Weight of all later beginnings together, that of the first being 1. */
    static final double LATER = .25;

    /** Beginnings after the first; another one is not worth the room that it takes in the status. */
    static final int MOST_LATER = 7;

    /** ln ρ of the bets on harm; those on non-inferiority are the reciprocals, and ρ = 0. */
    private static final double[] GRID = {.05, .1, .2, .35, .5, .75, 1, 1.4, 1.8, 2.3, 3, 4};

    private static final List<Double> HARM =
            DoubleStream.of(GRID).map(Math::exp).boxed().toList();

    private static final List<Double> NON_INFERIOR = DoubleStream.concat(
                    DoubleStream.of(GRID).map(g -> Math.exp(-g)), DoubleStream.of(0))
            .boxed()
            .toList();

    /** Halvings of an interval of doubles until nothing is left to halve. */
    private static final int HALVINGS = 200;

    /**
     * One bet's sums over the intervals; the log of its e-value at δ is {@code gain − δ·stake}. Of the bet at ρ = 0 the
     * bad requests of the target are left out, of which a single one loses it.
     */
    public record Bet(double gain, double stake) {
        private static final Bet NONE = new Bet(0, 0);
    }

    /**
     * Sums for the mean ratios of both arms at equal weights, those of Mantel and Haenszel (n_s·n_t/(n_s + n_t) per
     * interval). The plain totals would mislead when the weight moves while both arms get worse (Simpson's paradox).
     */
    public record Strata(double weight, double source, double target) {
        private static final Strata NONE = new Strata(0, 0, 0);

        private Strata plus(double w, Interval i) {
            return new Strata(
                    weight + w,
                    source + w * i.source().ratio(),
                    target + w * i.target().ratio());
        }
    }

    /** No evidence yet. */
    public static Evidence none(double factor) {
        return new Evidence(
                factor,
                0,
                Counts.NONE,
                Counts.NONE,
                Strata.NONE,
                nothing(HARM.size()),
                List.of(),
                nothing(NON_INFERIOR.size()));
    }

    /** The same, of which bets on harm begin once more: what comes may differ from what was. */
    public Evidence anew() {
        List<Bet> none = nothing(HARM.size());
        if ((later.isEmpty() ? harm : later.getLast()).equals(none) || later.size() == MOST_LATER) {
            return this;
        }
        List<List<Bet>> more = new ArrayList<>(later);
        more.add(none);
        return new Evidence(factor, intervals, source, target, strata, harm, List.copyOf(more), nonInferior);
    }

    /** The evidence of these intervals, from raw counts. */
    public static Evidence of(double factor, Iterable<Interval> intervals) {
        Evidence evidence = none(factor);
        for (Interval interval : intervals) {
            evidence = evidence.plus(interval);
        }
        return evidence;
    }

    /** With one interval more. One in which an arm had no requests changes nothing. */
    public Evidence plus(Interval interval) {
        double sources = interval.source().total();
        double targets = interval.target().total();
        if (targets == 0 || (sources == 0 && factor > 0)) {
            return this;
        }
        double weight = factor == 0 ? targets : sources * targets / (sources + targets);
        return new Evidence(
                factor,
                intervals + 1,
                source.plus(interval.source()),
                target.plus(interval.target()),
                strata.plus(weight, interval),
                plus(harm, HARM, interval),
                later.stream().map(bets -> plus(bets, HARM, interval)).toList(),
                plus(nonInferior, NON_INFERIOR, interval));
    }

    private List<Bet> plus(List<Bet> bets, List<Double> odds, Interval interval) {
        Counts s = interval.source();
        Counts t = interval.target();
        List<Bet> sums = new ArrayList<>(bets.size());
        for (int j = 0; j < bets.size(); j++) {
            double rho = odds.get(j);
            double v = factor == 0 ? 1 : (factor * t.total() + s.total()) / (rho * factor * t.total() + s.total());
            double u = rho * v;
            double gain = s.bad() * Math.log(v) + (rho == 0 ? 0 : t.bad() * Math.log(u));
            Bet bet = bets.get(j);
            sums.add(new Bet(bet.gain + gain, bet.stake + t.total() * (u - 1)));
        }
        return List.copyOf(sums);
    }

    /** ln of the e-value against "target ≤ factor · source + excess". Falls as {@code excess} rises, which may be negative. */
    public double logHarm(double excess, double phi) {
        double log = logMean(harm, excess, phi);
        for (int k = 1; k <= later.size(); k++) {
            log = logSum(log, Math.log(LATER / (k * (k + 1))) + logMean(later.get(k - 1), excess, phi));
        }
        return log;
    }

    private static double logSum(double a, double b) {
        return Math.max(a, b) + Math.log1p(Math.exp(-Math.abs(a - b)));
    }

    /** ln of the e-value against "target ≥ factor · source + excess". Rises with {@code excess}, which may be negative. */
    public double logNonInferior(double excess, double phi) {
        List<Bet> alive = target.bad() > 0 ? nonInferior.subList(0, nonInferior.size() - 1) : nonInferior;
        return logMean(alive, excess, phi) + Math.log((double) alive.size() / nonInferior.size());
    }

    private static double logMean(List<Bet> bets, double excess, double phi) {
        double max = Double.NEGATIVE_INFINITY;
        for (Bet bet : bets) {
            max = Math.max(max, bet.gain - excess * bet.stake);
        }
        double sum = 0;
        for (Bet bet : bets) {
            sum += Math.exp((bet.gain - excess * bet.stake - max) / phi);
        }
        return max / phi + Math.log(sum / bets.size());
    }

    /** The target's ratio less factor times the source's, compared within intervals; 0 without evidence. */
    public double excess() {
        return targetRatio() - factor * sourceRatio();
    }

    /** The source's bad requests per request, each interval weighed as for the target. */
    public double sourceRatio() {
        return strata.weight == 0 ? 0 : strata.source / strata.weight;
    }

    /** The target's bad requests per request, each interval weighed as for the source. */
    public double targetRatio() {
        return strata.weight == 0 ? 0 : strata.target / strata.weight;
    }

    /**
     * The lower bound of the confidence sequence of {@link #excess}: below it the truth lies, at any time, with a
     * probability of at most {@code alpha}, with later beginnings 1.25·alpha. It is above a tolerance exactly when the
     * evidence for harm at that tolerance has reached 1/alpha. −factor, the least there can be, when nothing is known.
     */
    public double lower(double alpha, double phi) {
        return edge(-factor, 1, -Math.log(alpha), phi, true);
    }

    /** The upper bound, likewise: it is below a tolerance exactly when there is evidence enough for non-inferiority. */
    public double upper(double alpha, double phi) {
        return edge(1, -factor, -Math.log(alpha), phi, false);
    }

    /** Between a bound that is kept when nothing is known and an extreme one: the last excess with evidence enough. */
    private double edge(double known, double extreme, double needed, double phi, boolean harmful) {
        for (int i = 0; i < HALVINGS; i++) {
            double middle = known + (extreme - known) / 2;
            if (middle == known || middle == extreme) {
                break;
            }
            double log = harmful ? logHarm(middle, phi) : logNonInferior(middle, phi);
            if (log >= needed) {
                known = middle;
            } else {
                extreme = middle;
            }
        }
        return known;
    }

    private static List<Bet> nothing(int size) {
        return Collections.nCopies(size, Bet.NONE);
    }
}
