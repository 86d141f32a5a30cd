package dev.segue.e2e.fault;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** What happens to one request on its way to the API server and back. */
public sealed interface Fault {
    /** It passes. */
    record None() implements Fault {}

    /** The connection ends before the API server hears of it. */
    record Cut() implements Fault {}

    /** It takes effect, and the connection ends without the reply. */
    record LoseReply() implements Fault {}

    /**
     * It is answered with a failure, and the API server never hears of it.
     *
     * @param code HTTP status
     * @param reason as the API server words it, for example {@code Conflict}
     * @param retryAfter value of the header Retry-After, whole seconds; null leaves it out
     */
    record Refuse(int code, String reason, @Nullable Duration retryAfter) implements Fault {
        public Refuse(int code, String reason) {
            this(code, reason, null);
        }
    }

    /** It passes after this time. */
    record Delay(Duration by) implements Fault {}

    /** The API server never hears of it, and no reply comes as long as the proxy is open. */
    record Hang() implements Fault {}

    /** It takes effect, the reply begins and does not go on as long as the proxy is open. */
    record Stall() implements Fault {}

    /** For a watch: its first and last event is the error 410 Gone, "too old resource version". */
    record Expire() implements Fault {}

    /** For a get or a list: the answer is that of this earlier resource version. */
    record Past(String resourceVersion) implements Fault {}

    None NONE = new None();
}
