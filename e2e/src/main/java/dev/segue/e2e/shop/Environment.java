package dev.segue.e2e.shop;

import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Settings read from environment variables. A variable that is unset or blank has its default; a value that cannot be
 * used throws {@link Invalid}, whose message names the variable, the value and what would be right.
 */
public record Environment(Map<String, String> variables) {
    private static final Pattern DURATION = Pattern.compile("([0-9]+(?:\\.[0-9]+)?)(ms|s|m|h)");

    public Environment {
        variables = Map.copyOf(variables);
    }

    /** A value that cannot be used; the message is fit for the user. */
    public static final class Invalid extends RuntimeException {
        private static final long serialVersionUID = 1L;

        public Invalid(String message) {
            super(message);
        }
    }

    public @Nullable String text(String name) {
        String value = variables.get(name);
        return value == null || value.isBlank() ? null : value.strip();
    }

    public String text(String name, String byDefault) {
        String value = text(name);
        return value == null ? byDefault : value;
    }

    /** A decimal number from {@code least} to {@code most}, both included. */
    public double number(String name, double byDefault, double least, double most) {
        String value = text(name);
        if (value == null) {
            return byDefault;
        }
        double number;
        try {
            number = Double.parseDouble(value);
        } catch (NumberFormatException notANumber) {
            throw invalid(name, value, "a number from " + plain(least) + " to " + plain(most));
        }
        if (!(number >= least && number <= most)) {
            throw invalid(name, value, "a number from " + plain(least) + " to " + plain(most));
        }
        return number;
    }

    /** A whole number from {@code least} to {@code most}, both included. */
    public int wholeNumber(String name, int byDefault, int least, int most) {
        double number = number(name, byDefault, least, most);
        if (number != Math.rint(number)) {
            throw invalid(name, variables.getOrDefault(name, ""), "a whole number from " + least + " to " + most);
        }
        return (int) number;
    }

    /** One of the constants of {@code byDefault}'s enum, written in lower case. */
    public <E extends Enum<E>> E choice(String name, E byDefault) {
        String value = text(name);
        if (value == null) {
            return byDefault;
        }
        E[] all = byDefault.getDeclaringClass().getEnumConstants();
        return Arrays.stream(all)
                .filter(one -> lowerCase(one).equals(value))
                .findFirst()
                .orElseThrow(() -> invalid(
                        name,
                        value,
                        Arrays.stream(all).map(Environment::lowerCase).collect(Collectors.joining(" or "))));
    }

    /** A duration such as {@code 10s}, {@code 500ms} or {@code 2m}, longer than zero. */
    public Duration duration(String name, Duration byDefault) {
        String value = text(name);
        if (value == null) {
            return byDefault;
        }
        Matcher matcher = DURATION.matcher(value);
        if (!matcher.matches()) {
            throw invalid(name, value, "a duration such as 10s, 500ms or 2m");
        }
        double millis = Double.parseDouble(matcher.group(1))
                * switch (matcher.group(2)) {
                    case "ms" -> 1;
                    case "s" -> 1_000;
                    case "m" -> 60_000;
                    default -> 3_600_000;
                };
        if (millis < 1) {
            throw invalid(name, value, "a duration of at least 1ms");
        }
        return Duration.ofMillis((long) millis);
    }

    public static Invalid invalid(String name, String value, String right) {
        return new Invalid(name + "='" + value + "' cannot be used: it must be " + right);
    }

    private static String lowerCase(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }

    private static String plain(double number) {
        return number == Math.rint(number) ? Long.toString((long) number) : Double.toString(number);
    }
}
