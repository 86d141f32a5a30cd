package dev.segue.e2e.fault;

import dev.segue.e2e.fault.ApiRequest.Kind;
import dev.segue.staging.StageName;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Keeps what the API server has accepted of an operator. Status writes that follow each other and name the same task are
 * one: how often counts and waits are told depends on the time that pods take.
 *
 * <p>When the moves are rehearsed there are two Migrations, and nothing but chance orders the writes for one among those
 * for the other. So each has rows of its own. Safe for all threads.
 */
final class Journal {
    private final @Nullable String fleeting;
    private final String copy;
    private final List<Write> writes = new ArrayList<>();

    /** By the Migration. */
    private final Map<String, String> tasks = new HashMap<>();

    /** In the copy, of it, and for it, as a snapshot in production is; with the Migration for which it was done. */
    private final List<String> lives = new ArrayList<>();

    private boolean moving;

    /**
     * @param fleeting a task of which the status is not counted, as in {@link Path}; null for none
     * @param copy the namespace in which the moves are rehearsed
     */
    Journal(@Nullable String fleeting, String copy) {
        this.fleeting = fleeting;
        this.copy = copy;
    }

    /** As they were made, those for one Migration among those for the other. */
    synchronized List<Write> writes() {
        return List.copyOf(writes);
    }

    /** What was created and deleted in the copy for this Migration, each as often as it was, and the copy itself. */
    synchronized List<String> lives(String migration) {
        return lives.stream()
                .filter(l -> l.startsWith(migration + ":"))
                .sorted()
                .toList();
    }

    /** Whether it is the one by which the rehearsal of the moves begins. */
    boolean begins(ApiRequest request) {
        return request.method().equals("POST")
                && request.resource().equals("migrations")
                && request.namespace().equals(copy);
    }

    /** What this request would be, null when it is no write or repeats the last one. */
    synchronized @Nullable Write next(ApiRequest request) {
        if (request.kind() != Kind.WRITE || isFleeting(request)) {
            return null;
        }
        String by = by(request);
        String text = EndState.lasting(request.text());
        List<Write> before = writes.stream().filter(w -> w.by().equals(by)).toList();
        if (!before.isEmpty() && before.getLast().text().equals(text)) {
            return null;
        }
        int same = (int) before.stream().filter(w -> w.text().equals(text)).count();
        return new Write(by, text, same + 1, tasks.getOrDefault(by, "none"));
    }

    /** In the copy all is done for the moves from their beginning on, but for the Job of the load and the word to go back. */
    private String by(ApiRequest request) {
        boolean theirs = moving
                && request.namespace().equals(copy)
                && !request.resource().equals("jobs")
                && !request.commands();
        return theirs ? StageName.MOVES : Lab.MIGRATION;
    }

    synchronized void accepted(ApiRequest request) {
        Write write = next(request);
        if (write != null) {
            writes.add(write);
        }
        boolean lives = request.method().equals("POST") || request.method().equals("DELETE");
        boolean copied = request.namespace().equals(copy)
                || request.resource().equals("namespaces")
                || request.resource().startsWith("volumesnapshot");
        if (request.kind() == Kind.WRITE && lives && copied) {
            this.lives.add("%s: %s".formatted(by(request), EndState.lasting(request.text())));
        }
        String task = request.task();
        if (task != null && !isFleeting(request)) {
            tasks.put(by(request), task);
        }
        moving |= begins(request);
    }

    private boolean isFleeting(ApiRequest request) {
        return fleeting != null && fleeting.equals(request.task());
    }
}
