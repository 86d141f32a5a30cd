package dev.segue.shell;

import io.fabric8.kubernetes.client.http.AsyncBody;
import io.fabric8.kubernetes.client.http.HttpRequest;
import io.fabric8.kubernetes.client.http.HttpResponse;
import io.fabric8.kubernetes.client.http.Interceptor;
import java.net.HttpURLConnection;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Watches over the API server's answers. One that has begun must also end: the HTTP client limits the time to its first
 * byte only, and a connection that died in between would hold a thread for ever. And when the server asks to be left alone
 * (429 with Retry-After), it is. Thread-safe.
 */
final class Answers implements Interceptor {
    /** A server that asks for more is misconfigured; meanwhile nobody would look after the migrations. */
    private static final Duration LONGEST_REST = Duration.ofMinutes(1);

    private static final int TOO_MANY_REQUESTS = 429;

    private final Duration limit;
    private final InstantSource clock;
    private final AtomicReference<Instant> restUntil = new AtomicReference<>(Instant.MIN);

    /** @param limit for the whole of an answer that is no watch */
    Answers(Duration limit, InstantSource clock) {
        this.limit = limit;
        this.clock = clock;
    }

    /** How long the API server still wants to be left alone; zero when it does not. */
    Duration rest() {
        Duration left = Duration.between(clock.instant(), restUntil.get());
        return left.isNegative() ? Duration.ZERO : left;
    }

    @Override
    public void after(HttpRequest request, HttpResponse<?> response, AsyncBody.Consumer<List<ByteBuffer>> consumer) {
        if (response.code() == TOO_MANY_REQUESTS || response.code() == HttpURLConnection.HTTP_UNAVAILABLE) {
            rest(response.header("Retry-After"));
        }
        if (response.body() instanceof AsyncBody body && !PlainWatches.isWatch(request)) {
            var _ = body.done()
                    .orTimeout(limit.toMillis(), TimeUnit.MILLISECONDS)
                    .whenComplete((_, failure) -> {
                        if (failure instanceof TimeoutException) {
                            body.cancel(); // else its connection stays open
                        }
                    });
        }
    }

    private void rest(@Nullable String retryAfter) {
        try {
            Duration asked = Duration.ofSeconds(Integer.parseInt(String.valueOf(retryAfter)));
            Instant until = clock.instant().plus(asked.compareTo(LONGEST_REST) < 0 ? asked : LONGEST_REST);
            restUntil.accumulateAndGet(until, (before, now) -> before.isAfter(now) ? before : now);
        } catch (NumberFormatException e) {
            // absent, or a date, which Kubernetes never sends: then the usual pace is slow enough
        }
    }
}
