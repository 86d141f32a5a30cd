package dev.segue.e2e.witness;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonInclude;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * One request, as it is written to the records.
 *
 * @param start when it was due, in microseconds: if the witness itself was late, that counts as duration
 * @param durationMs from {@code start} to the end of the answer or to the error
 * @param lateMs how much later than due the witness began to send it: its own fault, not the target's
 * @param kind which client sent it
 * @param status of the answer, or null when none was read to its end
 * @param error class of the connection failure, see {@link Client}, or null
 * @param detail the error in its own words, or null
 * @param version that the answer names, or null
 * @param pod that the answer names, or null
 * @param connection local address and port of the connection, or null when none was opened
 * @param reused whether the connection had carried a request before
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record RequestRecord(
        Instant start,
        double durationMs,
        double lateMs,
        Kind kind,
        @Nullable Integer status,
        @Nullable String error,
        @Nullable String detail,
        @Nullable String version,
        @Nullable String pod,
        @Nullable String connection,
        boolean reused) {

    /** Everything but a complete answer with a 2xx status is a failure. */
    @JsonIgnore
    public boolean isOk() {
        return status != null && status / 100 == 2;
    }
}
