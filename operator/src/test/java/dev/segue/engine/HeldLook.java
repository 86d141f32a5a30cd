package dev.segue.engine;

import dev.segue.engine.Sight.Read;

/**
 * A look that is held up on its way: what it has read is of the past, the rest will be of the moment at which it goes on.
 * That is as stale as a look can be, since every kind of object is read from the API server.
 *
 * @param past the world when it was held up
 * @param last what it has read last
 * @param metricBad what the metric was, which is read before the cluster
 */
record HeldLook(World past, Read last, boolean metricBad) {
    Sight sight(World now) {
        return kind -> has(kind) ? past : now;
    }

    boolean has(Read kind) {
        return kind.compareTo(last) <= 0;
    }
}
