package dev.segue.e2e.referee;

import java.util.function.LongSupplier;

/**
 * A hand that a test announces before it moves it: one invariant, one object, from now until it is closed. A pod that
 * is taken away by such a hand is not missed either, until the Service has as many endpoints again.
 */
public final class Excuse implements AutoCloseable {
    private final Invariant invariant;
    private final String object;
    private final long from;
    private final LongSupplier revision;
    private volatile long until = Long.MAX_VALUE;

    /** @param revision what the API server's newest revision is, now */
    Excuse(Invariant invariant, String object, LongSupplier revision) {
        this.invariant = invariant;
        this.object = object;
        this.revision = revision;
        this.from = revision.getAsLong();
    }

    /** The same hand once more would be a violation. */
    @Override
    public void close() {
        until = revision.getAsLong();
    }

    boolean covers(Invariant broken, String name, long at) {
        return broken == invariant && isObject(name) && at > from && at <= until;
    }

    private boolean isObject(String name) {
        return object.endsWith("*") ? name.startsWith(object.substring(0, object.length() - 1)) : name.equals(object);
    }
}
