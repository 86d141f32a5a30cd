package dev.segue.shell;

import dev.segue.shell.PrometheusResult.ProviderError;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * For how long a server is left alone after a failure: 5 s, doubled with each further one up to 60 s, or as long as it asks
 * for itself. Up to a quarter more, so that not all who wait come back at once. Thread-safe.
 */
final class PrometheusBackOff {
    private static final Duration FIRST = Duration.ofSeconds(5);
    private static final Duration LONGEST = Duration.ofSeconds(60);

    /** A server that asks for more is misconfigured. */
    private static final Duration LONGEST_ASKED = Duration.ofMinutes(5);

    private static final int DOUBLINGS = 4;

    private final InstantSource clock;
    private Instant until = Instant.MIN;
    private Instant lastAnswer = Instant.MIN;
    private String lastError = "";
    private int failures;

    PrometheusBackOff(InstantSource clock) {
        this.clock = clock;
    }

    /**
     * Why the server is left alone now; empty when it may be asked. In the same words all the time: a Migration's status
     * says them, and would be written at each look if they told how long it still takes.
     */
    synchronized Optional<String> resting() {
        return clock.instant().isBefore(until) ? Optional.of(lastError) : Optional.empty();
    }

    /** The server works, whatever it thinks of the question. */
    synchronized void answered() {
        lastAnswer = clock.instant();
        failures = 0;
    }

    /**
     * Requests that were under way together count once.
     *
     * @param retryAfter the header, in seconds or as a date
     */
    synchronized <T> ProviderError<T> failed(String why, @Nullable String retryAfter) {
        Instant now = clock.instant();
        if (!now.isBefore(until)) {
            Duration rest = FIRST.multipliedBy(1L << Math.min(failures++, DOUBLINGS));
            until = now.plus(spread(rest.compareTo(LONGEST) < 0 ? rest : LONGEST));
        }
        Duration asked = asked(retryAfter, now);
        if (asked.isPositive() && now.plus(asked).isAfter(until)) {
            until = now.plus(spread(asked));
        }
        lastError = why;
        return new ProviderError<>(why);
    }

    /**
     * No answer in time. The server is only left alone when nobody has had one meanwhile: one query that is too heavy must
     * not stop the others.
     *
     * @param since when it was asked
     */
    synchronized <T> ProviderError<T> late(Instant since, String why) {
        return lastAnswer.isBefore(since) ? failed(why, null) : new ProviderError<>(why);
    }

    private static Duration spread(Duration rest) {
        return rest.plusMillis(ThreadLocalRandom.current().nextLong(rest.toMillis() / 4 + 1));
    }

    private static Duration asked(@Nullable String retryAfter, Instant now) {
        if (retryAfter == null) {
            return Duration.ZERO;
        }
        Duration asked;
        try {
            asked = retryAfter.matches("[0-9]{1,9}")
                    ? Duration.ofSeconds(Long.parseLong(retryAfter))
                    : Duration.between(
                            now,
                            ZonedDateTime.parse(retryAfter, DateTimeFormatter.RFC_1123_DATE_TIME)
                                    .toInstant());
        } catch (DateTimeException e) {
            return Duration.ZERO;
        }
        return asked.compareTo(LONGEST_ASKED) < 0 ? asked : LONGEST_ASKED;
    }
}
