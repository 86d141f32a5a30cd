package dev.segue.e2e.stage;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a scene's witness sends, in requests per second.
 *
 * @param fresh each on a connection of its own
 * @param keepAlive on pooled connections
 * @param slow of 2 s, each on a connection of its own
 * @param lifetime of a pooled connection, or null: they never end
 */
public record Load(
        double fresh,
        double keepAlive,
        double slow,
        @Nullable Duration lifetime) {
    /** All kinds of clients; a pooled connection lives for 5 s, so that a drain needs no more than 8 s. */
    public static final Load BRISK = new Load(60, 30, 3, Duration.ofSeconds(5));

    /** All kinds of clients; a pooled connection lives for 10 s, as is usual. */
    public static final Load USUAL = new Load(60, 30, 3, Duration.ofSeconds(10));

    /** All kinds of clients; a pooled connection is used until the server closes it. */
    public static final Load CLINGING = new Load(60, 30, 3, null);

    /** Enough for a verdict in seconds, and no more than two slow cores answer beside all the rest. */
    public static final Load DENSE = new Load(30, 120, 0, Duration.ofSeconds(5));

    /** Name of the lock of tests with more than 100 requests per second: two cores have no room for two of them. */
    public static final String MUCH = "much load";

    /** The witness's environment: alternating names and values. */
    List<String> environment(String target) {
        var variables = new ArrayList<>(List.of(
                "TARGET_URL", target,
                "NEW_RATE", Double.toString(fresh),
                "KEEPALIVE_RATE", Double.toString(keepAlive),
                "SLOW_RATE", Double.toString(slow)));
        variables.addAll(List.of("KEEPALIVE_LIFETIME", lifetime == null ? "unlimited" : lifetime.toMillis() + "ms"));
        // A busy machine answers late; late is not lost, which is what is counted.
        variables.addAll(List.of("CONNECT_TIMEOUT", "5s", "RESPONSE_TIMEOUT", "30s", "START_TIMEOUT", "90s"));
        return variables;
    }
}
