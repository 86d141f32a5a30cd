package dev.segue.e2e.hands;

import java.util.List;
import java.util.stream.Stream;

/** All rows of docs/other-hands.md. */
final class Rows {
    private Rows() {}

    static List<Row> all() {
        return Stream.of(
                        GitOpsHands.rows(),
                        DeploymentHands.rows(),
                        ServiceHands.rows(),
                        PodHands.rows(),
                        AdmissionHands.rows(),
                        MigrationHands.rows(),
                        CommandHands.rows(),
                        OwnerHands.rows())
                .flatMap(rows -> rows)
                .toList();
    }
}
