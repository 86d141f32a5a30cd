package dev.segue.analysis;

/**
 * Requests of one arm, and how many of them were bad: failed, or slower than a bound. Fractions occur only where a
 * recording rule made them.
 */
public record Counts(double bad, double total) {
    public static final Counts NONE = new Counts(0, 0);

    /** @throws IllegalArgumentException unless 0 ≤ bad ≤ total, both finite: a selector of "bad" that is no part of "total" */
    public Counts {
        if (!(bad >= 0 && bad <= total && total < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException("%s bad of %s requests".formatted(bad, total));
        }
    }

    public Counts plus(Counts more) {
        return new Counts(bad + more.bad, total + more.total);
    }

    /** Bad requests per request; 0 where there are none. */
    public double ratio() {
        return total == 0 ? 0 : bad / total;
    }
}
