package dev.segue.engine;

/** From which moment a look has each kind of object. A look takes a while, and nobody stands still for it. */
@FunctionalInterface
interface Sight {
    /** What a look reads from the API server, in its order: that of {@code Observer.look}. */
    enum Read {
        /** With the metrics, and the time of the look. */
        MIGRATION,
        DEPLOYMENT,
        REPLICA_SETS,
        PODS,
        /** With the hold Services. */
        SERVICES,
        ENDPOINTS
    }

    World at(Read kind);
}
