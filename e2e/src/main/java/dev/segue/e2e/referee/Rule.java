package dev.segue.e2e.referee;

import java.util.List;

/** Judges one invariant, change by change. Keeps what it has to remember; for one thread. */
interface Rule {
    /** @param world after the change */
    List<Violation> check(Change change, World world);
}
