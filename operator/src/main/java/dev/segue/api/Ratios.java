package dev.segue.api;

import java.math.BigDecimal;
import java.math.MathContext;

/** Ratios as users write them: {@code 0.25%} or {@code 0.0025}. */
public final class Ratios {
    /** The form the API server accepts: a percentage, or a number from 0 to 1. */
    public static final String PATTERN = "^([0-9]{1,3}(\\.[0-9]{1,6})?%|0(\\.[0-9]{1,8})?|1(\\.0{1,8})?)$";

    /** The unit of differences of percentages. */
    public static final String POINTS = " pp";

    private Ratios() {}

    /** @throws IllegalArgumentException when the text is not of the form of {@link #PATTERN} */
    public static double parse(String text) {
        if (!text.matches(PATTERN)) {
            throw new IllegalArgumentException("'" + text + "' is not a ratio such as 0.25% or 0.0025");
        }
        return text.endsWith("%")
                ? new BigDecimal(text.substring(0, text.length() - 1))
                        .movePointLeft(2)
                        .doubleValue()
                : Double.parseDouble(text);
    }

    /**
     * Reads a difference of ratios as the status shows it, {@code -0.42 pp}.
     *
     * @throws IllegalArgumentException when the text is not of this form
     */
    public static double parsePoints(String text) {
        if (!text.endsWith(POINTS)) {
            throw new IllegalArgumentException("'" + text + "' is not a number of percentage points such as -0.42 pp");
        }
        return new BigDecimal(text.substring(0, text.length() - POINTS.length()))
                .movePointLeft(2)
                .doubleValue();
    }

    /** In percent, to three digits; {@link #parse} need not read it back exactly. */
    public static String format(double ratio) {
        return BigDecimal.valueOf(100 * ratio)
                        .round(new MathContext(3))
                        .stripTrailingZeros()
                        .toPlainString()
                + "%";
    }
}
