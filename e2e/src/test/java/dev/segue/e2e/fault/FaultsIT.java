package dev.segue.e2e.fault;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.DynamicContainer;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.parallel.Isolated;

/**
 * An operator whose requests fail, who reads the past, misses things, is not alone or away. {@code -Dsegue.faults=full}
 * takes each fault on each path and many seeds; {@code -Dsegue.faults=stale,two} those whose namespaces begin so.
 */
@ExtendWith(LabExtension.class)
@Isolated("the installed operator stands still")
class FaultsIT {
    private static final String SELECTION = System.getProperty("segue.faults", "quick");
    private static final boolean FULL = !SELECTION.equals("quick");
    private static final int SEEDS = FULL ? 30 : 3;
    private static final SideBySide RUNS = new SideBySide(10);

    @AfterAll
    static void close() {
        RUNS.close();
    }

    @TestFactory
    List<DynamicContainer> faults(Labs labs) {
        return List.of(
                container("operator away", Outages.all(), labs), // the longest ones first
                container("failing requests", FailingRequests.all(FULL, SEEDS), labs),
                container("two operators", TwoOperators.all(), labs),
                container("another object of the same name", StaleReads.all(), labs),
                container("missed states", MissedStates.all(), labs));
    }

    private static DynamicContainer container(String name, List<Experiment> experiments, Labs labs) {
        return DynamicContainer.dynamicContainer(
                name,
                experiments.stream()
                        .filter(FaultsIT::selected)
                        .map(e -> RUNS.begin(labs, e))
                        .toList());
    }

    private static boolean selected(Experiment experiment) {
        return switch (SELECTION) {
            case "quick", "full" -> true;
            default -> Stream.of(SELECTION.split(",")).anyMatch(experiment.namespace()::startsWith);
        };
    }
}
