package dev.segue.e2e.referee;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** The hands that a test has announced. Safe for all threads. */
final class Excuses {
    private final List<Excuse> announced = new CopyOnWriteArrayList<>();

    void add(Excuse excuse) {
        announced.add(excuse);
    }

    boolean cover(Violation violation) {
        return announced.stream()
                .anyMatch(e -> e.covers(violation.invariant(), violation.object(), violation.revision()));
    }
}
