package dev.segue.e2e.shop;

import java.time.Instant;
import java.time.format.DateTimeParseException;

/**
 * What fails requests of all shops at the same time, as a database that is away does. Each shop is told of it by
 * {@code POST /outage?BEGINNING/END/RATIO}.
 *
 * @param ratio share of the requests answered with 500 in that time, drawn for each request
 */
public record Outage(Instant from, Instant until, double ratio) {
    static final String PATH = "/outage";

    /** @throws IllegalArgumentException when the text is none; the message says what would be one */
    static Outage parse(String text) {
        String[] parts = text.split("/", -1);
        try {
            if (parts.length == 3) {
                var outage = new Outage(Instant.parse(parts[0]), Instant.parse(parts[1]), Double.parseDouble(parts[2]));
                if (outage.from.isBefore(outage.until) && outage.ratio > 0 && outage.ratio <= 1) {
                    return outage;
                }
            }
        } catch (DateTimeParseException | NumberFormatException notOne) {
            // told below
        }
        throw new IllegalArgumentException("'" + text
                + "' is no outage: send BEGINNING/END/RATIO, such as 2026-01-31T10:00:00Z/2026-01-31T10:00:20Z/0.5");
    }

    /** Share of the requests that fail by it at this time. */
    double errorRatio(Instant at) {
        return at.isBefore(from) || !at.isBefore(until) ? 0 : ratio;
    }

    /** As {@link #PATH} takes it. */
    @Override
    public String toString() {
        return from + "/" + until + "/" + ratio;
    }
}
