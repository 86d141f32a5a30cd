package dev.segue.api;

import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Durations as Kubernetes writes them: {@code 90s}, {@code 1h30m}, {@code 500ms}. */
public final class Durations {
    /** The form the API server accepts; CEL's {@code duration()} reads the same. */
    public static final String PATTERN = "^([0-9]{1,6}(ms|s|m|h))+$";

    private static final Pattern UNIT = Pattern.compile("([0-9]+)(ms|s|m|h)");

    private Durations() {}

    /** @throws IllegalArgumentException when the text is not of the form of {@link #PATTERN} */
    public static Duration parse(String text) {
        if (!text.matches(PATTERN)) {
            throw new IllegalArgumentException("'" + text + "' is not a duration such as 90s, 5m or 1h30m");
        }
        Duration sum = Duration.ZERO;
        Matcher matcher = UNIT.matcher(text);
        while (matcher.find()) {
            long amount = Long.parseLong(matcher.group(1));
            sum = sum.plus(
                    switch (matcher.group(2)) {
                        case "ms" -> Duration.ofMillis(amount);
                        case "s" -> Duration.ofSeconds(amount);
                        case "m" -> Duration.ofMinutes(amount);
                        default -> Duration.ofHours(amount);
                    });
        }
        return sum;
    }

    /** The shortest text that {@link #parse} reads back, to the second; below a second, to the millisecond. */
    public static String format(Duration duration) {
        if (duration.compareTo(Duration.ofSeconds(1)) < 0) {
            return duration.toMillis() + "ms";
        }
        StringBuilder text = new StringBuilder();
        append(text, duration.toHours(), "h");
        append(text, duration.toMinutesPart(), "m");
        append(text, duration.toSecondsPart(), "s");
        return text.toString();
    }

    private static void append(StringBuilder text, long amount, String unit) {
        if (amount > 0) {
            text.append(amount).append(unit);
        }
    }
}
