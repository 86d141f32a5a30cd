package dev.segue.e2e.fault;

import static org.assertj.core.api.Assertions.assertThat;

import dev.segue.api.Phase;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.parallel.Isolated;

/** What the tests of faults stand on: a migration by an operator that nobody disturbs. */
@ExtendWith(LabExtension.class)
@Isolated("the installed operator stands still")
class LabIT {
    @Test
    void anUndisturbedOperatorCompletes(Labs labs) {
        labs.run("lab", lab -> {
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
        });
    }
}
