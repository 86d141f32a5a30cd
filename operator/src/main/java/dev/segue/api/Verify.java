package dev.segue.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Size;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** How a change of the traffic is proved. */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Verify(
        @JsonPropertyDescription("How long the nodes get to program a change of the endpoints. Kubernetes gives no"
                + " acknowledgement, so this is a wait; keep it above the proxies' sync period.")
        @Default("15s")
        @Pattern(Durations.PATTERN)
        @Size(max = 20)
        @Nullable
        String propagation,

        @JsonPropertyDescription("How pods that got no new traffic any more are proved idle before they are stopped.")
        @Nullable
        Drain drain) {

    static final Verify DEFAULT = new Verify(null, null);

    public Duration propagationOrDefault() {
        return Durations.parse(propagation == null ? "15s" : propagation);
    }

    public Drain drainOrDefault() {
        return Objects.requireNonNullElse(drain, Drain.DEFAULT);
    }

    /** What to do when the drain takes too long. */
    public enum OnTimeout {
        Hold,
        Proceed
    }

    /** When pods count as drained. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Drain(
            @JsonPropertyDescription("A PromQL query for the number of recent requests to the pods of $pods, for"
                    + " example sum(increase(http_server_requests_seconds_count{pod=~\"$pods\"}[2m])). Its range has"
                    + " to hold at least 4 scrapes: with fewer than 2 there is no data, and no data is not quiet. The"
                    + " pods are drained once it has been 0 for quietFor. Without it, wait is waited.")
            @Size(min = 1, max = 4096)
            @Nullable
            String query,

            @JsonPropertyDescription("How long the query has to stay at 0.")
            @Default("30s")
            @Pattern(Durations.PATTERN)
            @Size(max = 20)
            @Nullable
            String quietFor,

            @JsonPropertyDescription("Without a query: how long to wait. It has to exceed the lifetime of the clients'"
                    + " connections and the longest request.")
            @Default("60s")
            @Pattern(Durations.PATTERN)
            @Size(max = 20)
            @JsonProperty("wait")
            @Nullable
            String fixedWait,

            @JsonPropertyDescription("With a query: how long to wait for quiet before onTimeout.")
            @Default("15m")
            @Pattern(Durations.PATTERN)
            @Size(max = 20)
            @Nullable
            String timeout,

            @JsonPropertyDescription("Hold keeps the pods and waits for a human or for quiet; Proceed stops them"
                    + " although they still have clients.")
            @Default("Hold")
            @Nullable
            OnTimeout onTimeout) {

        static final Drain DEFAULT = new Drain(null, null, null, null, null);

        public Duration quietForOrDefault() {
            return Durations.parse(quietFor == null ? "30s" : quietFor);
        }

        public Duration waitOrDefault() {
            return Durations.parse(fixedWait == null ? "60s" : fixedWait);
        }

        public Duration timeoutOrDefault() {
            return Durations.parse(timeout == null ? "15m" : timeout);
        }

        public boolean proceedsOnTimeout() {
            return onTimeout == OnTimeout.Proceed;
        }
    }
}
