package dev.segue.e2e.fault;

import static org.assertj.core.api.Assertions.assertThat;

import dev.segue.api.Phase;
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
                container(
                        "none",
                        List.of(new Experiment("undisturbed", "nobody disturbs the operator", FaultsIT::undisturbed)),
                        labs),
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

    /** What the others stand on. */
    private static void undisturbed(Lab lab) {
        lab.start();
        lab.migrate(Lab.MIGRATION, Lab.to("2"), Lab.SWIFT);

        lab.expectEnd(Lab.MIGRATION, Phase.Completed);

        assertThat(lab.service().getSpec().getSelector()).hasSize(1).containsEntry("app", Lab.APP);
        assertThat(lab.lives())
                .contains("Service/app-segue-hold: created 1, deleted 1")
                .contains("ReplicaSet/app-TARGET: created 1, deleted 0")
                .contains("Pod/app-TARGET-?: created 2, deleted 0");
        assertThat(lab.endState().lines())
                .contains("Deployment/app spec.template.spec.containers[0].image = " + Lab.image("2"));
    }

    private static boolean selected(Experiment experiment) {
        return switch (SELECTION) {
            case "quick", "full" -> true;
            default -> Stream.of(SELECTION.split(",")).anyMatch(experiment.namespace()::startsWith);
        };
    }
}
