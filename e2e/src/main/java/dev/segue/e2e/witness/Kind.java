package dev.segue.e2e.witness;

/** The clients whose requests a migration may lose, each in its own way. */
public enum Kind {
    /** A new connection for every request: meets whatever the Service routes to at this moment. */
    NEW,
    /** Pooled connections that live on: meets the pod its connection was routed to when it was opened. */
    KEEPALIVE,
    /** Requests that take seconds, a new connection each: meets a pod that ends while it still works. */
    SLOW
}
