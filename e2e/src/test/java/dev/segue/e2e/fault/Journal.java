package dev.segue.e2e.fault;

import dev.segue.e2e.fault.ApiRequest.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Keeps what the API server has accepted of an operator. Status writes that follow each other and name the same task are
 * one: how often counts and waits are told depends on the time that pods take. Safe for all threads.
 */
final class Journal {
    private final @Nullable String fleeting;
    private final List<Write> writes = new ArrayList<>();
    private String task = "none";

    /** @param fleeting a task of which the status is not counted, as in {@link Path}; null for none */
    Journal(@Nullable String fleeting) {
        this.fleeting = fleeting;
    }

    synchronized List<Write> writes() {
        return List.copyOf(writes);
    }

    /** What this request would be, null when it is no write or repeats the last one. */
    synchronized @Nullable Write next(ApiRequest request) {
        String text = EndState.lasting(request.text());
        if (request.kind() != Kind.WRITE
                || isFleeting(request)
                || (!writes.isEmpty() && writes.getLast().text().equals(text))) {
            return null;
        }
        int before = (int) writes.stream().filter(w -> w.text().equals(text)).count();
        return new Write(text, before + 1, task);
    }

    synchronized void accepted(ApiRequest request) {
        Write write = next(request);
        if (write != null) {
            writes.add(write);
        }
        if (!isFleeting(request)) {
            task = Objects.requireNonNullElse(request.task(), task);
        }
    }

    private boolean isFleeting(ApiRequest request) {
        return fleeting != null && fleeting.equals(request.task());
    }
}
