package dev.segue.e2e.hands;

import dev.segue.e2e.fault.Experiment;
import dev.segue.e2e.fault.LabExtension;
import dev.segue.e2e.fault.Labs;
import dev.segue.e2e.fault.SideBySide;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.DynamicContainer;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.parallel.Isolated;

/**
 * The rows of docs/other-hands.md on a real cluster: one moment for each different outcome. {@code -Dsegue.hands=all} takes
 * every moment; {@code -Dsegue.hands=ID,ID} takes every moment of these rows, {@code -Dsegue.moments=STAGING,PLANNED} only
 * these of them.
 */
@ExtendWith(LabExtension.class)
@Isolated("the installed operator stands still")
class OtherHandsIT {
    /** A migration mostly waits, and its lab has up to six light pods. */
    private static final SideBySide RUNS = new SideBySide(10);

    @AfterAll
    static void stop() {
        RUNS.close();
    }

    @TestFactory
    Stream<DynamicContainer> rows(Labs labs) {
        List<DynamicContainer> containers = new ArrayList<>();
        String selected = System.getProperty("segue.hands", "");
        List<String> ids = List.of(selected.split(","));
        List<String> moments = List.of(System.getProperty("segue.moments", "").split(","));
        for (Row row : Rows.all()) {
            if (!selected.isEmpty() && !selected.equals("all") && !ids.contains(row.id())) {
                continue;
            }
            List<DynamicTest> tests = new ArrayList<>();
            for (Moment moment : (selected.isEmpty() ? row.selection() : row.outcomes()).keySet()) {
                if (!moments.contains("") && !moments.contains(moment.name())) {
                    continue;
                }
                tests.add(RUNS.begin(
                        labs,
                        new Experiment(
                                namespace(row, moment),
                                row.id() + " in " + moment,
                                lab -> Play.run(lab, row, moment))));
            }
            containers.add(DynamicContainer.dynamicContainer(row.id(), tests));
        }
        return containers.stream();
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
