package dev.segue.e2e.hands;

import dev.segue.e2e.fault.LabExtension;
import dev.segue.e2e.fault.Labs;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.DynamicContainer;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * The rows of docs/other-hands.md on a real cluster: one moment for each different outcome. {@code -Dsegue.hands=all} takes every row and moment; {@code -Dsegue.hands=ID,ID} takes every moment of these rows.
 */
@ExtendWith(LabExtension.class)
class OtherHandsIT {
    /** A migration mostly waits, and its lab has up to six light pods. */
    private static final ExecutorService SIDE_BY_SIDE = Executors.newFixedThreadPool(10);

    @AfterAll
    static void stop() {
        SIDE_BY_SIDE.shutdownNow();
    }

    @TestFactory
    Stream<DynamicContainer> rows(Labs labs) {
        List<DynamicContainer> containers = new ArrayList<>();
        String selected = System.getProperty("segue.hands", "");
        List<String> ids = List.of(selected.split(","));
        for (Row row : Rows.all()) {
            if (!selected.isEmpty() && !selected.equals("all") && !ids.contains(row.id())) {
                continue;
            }
            List<DynamicTest> tests = new ArrayList<>();
            for (Moment moment : (selected.isEmpty() ? row.selection() : row.outcomes()).keySet()) {
                Future<?> run =
                        SIDE_BY_SIDE.submit(() -> labs.run(namespace(row, moment), lab -> Play.run(lab, row, moment)));
                tests.add(DynamicTest.dynamicTest(row.id() + " in " + moment, () -> join(run)));
            }
            containers.add(DynamicContainer.dynamicContainer(row.id(), tests));
        }
        return containers.stream();
    }

    private static void join(Future<?> run) throws Throwable {
        try {
            run.get();
        } catch (ExecutionException e) {
            throw e.getCause();
        }
    }

    /** As Kubernetes likes names. */
    static String namespace(Row row, Moment moment) {
        String kebab = "%s-%s"
                .formatted(
                        row.id().replaceAll("([a-z0-9])([A-Z])", "$1-$2"),
                        moment.name().replace('_', '-'))
                .toLowerCase(Locale.ROOT);
        return kebab.length() <= 63 ? kebab : kebab.substring(0, 63).replaceAll("-+$", "");
    }
}
