package dev.segue.e2e.fault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.segue.api.Migration;
import dev.segue.api.Phase;
import dev.segue.e2e.referee.Invariant;
import dev.segue.e2e.stage.Migrations;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.util.List;
import java.util.Objects;

/** What came and went while the operator saw nothing has not happened; what is left of it counts. */
final class MissedStates {
    private static final PatchContext MERGE = PatchContext.of(PatchType.JSON_MERGE);
    private static final String STAYS = """
            steps: [{weight: 50, hold: 12s}, {weight: 100, hold: 0s}]
            verify: {propagation: 1s, drain: {wait: 1s}}
            """;

    private MissedStates() {}

    static List<Experiment> all() {
        return List.of(
                new Experiment("missed-pod", "a pod was stopped, and another one is ready", MissedStates::pod),
                new Experiment("missed-edit", "the spec was edited, and edited back", MissedStates::edit),
                new Experiment("missed-command", "abort was asked for, and taken back", MissedStates::command),
                new Experiment("missed-abort", "abort was asked for, and still is", MissedStates::abort));
    }

    /** Cut off from all; its watches end. */
    private static void blind(OperatorUnderTest operator, Runnable meanwhile) {
        operator.proxy().disturb(request -> new Fault.Cut());
        operator.proxy().endWatches();
        long before = operator.proxy().requests().size();
        await().atMost(Migrations.PATIENCE)
                .until(() -> operator.proxy().requests().size() > before);
        meanwhile.run();
        operator.proxy().disturb(Disturbance.NONE);
    }

    private static OperatorUnderTest holding(Lab lab) {
        OperatorUnderTest operator = lab.start();
        lab.migrate(Lab.MIGRATION, Lab.to("2"), STAYS);
        lab.migrations().task(Lab.MIGRATION, Phase.Shifting, "Hold");
        return operator;
    }

    private static void pod(Lab lab) {
        OperatorUnderTest operator = holding(lab);
        String target = Objects.requireNonNull(
                        Migrations.status(lab.migration(Lab.MIGRATION).require())
                                .target())
                .replicaSet();
        Pod pod = lab.pods().stream()
                .filter(p -> p.getMetadata().getName().startsWith(target))
                .findFirst()
                .orElseThrow();
        String name = pod.getMetadata().getName();
        try (var _ = lab.referee().excuse(Invariant.SERVING_PODS, "Pod", name, "the test stops it")) {
            blind(operator, () -> {
                lab.client().resource(pod).withGracePeriod(0).delete();
                await().atMost(Migrations.PATIENCE)
                        .until(() -> lab.pods().stream()
                                .filter(p -> p.getMetadata().getName().startsWith(target))
                                .filter(p -> !p.getMetadata().getName().equals(name))
                                .anyMatch(p -> p.getStatus().getConditions().stream()
                                        .anyMatch(c -> c.getType().equals("Ready")
                                                && c.getStatus().equals("True"))));
            });
        }
        completes(lab);
    }

    private static void edit(Lab lab) {
        OperatorUnderTest operator = holding(lab);
        blind(operator, () -> {
            lab.migration(Lab.MIGRATION).patch(MERGE, "{\"spec\":{\"paused\":true,\"deadline\":{\"total\":\"1s\"}}}");
            lab.migration(Lab.MIGRATION).patch(MERGE, "{\"spec\":{\"paused\":false,\"deadline\":null}}");
        });
        completes(lab);
    }

    private static void command(Lab lab) {
        OperatorUnderTest operator = holding(lab);
        blind(operator, () -> {
            lab.abort(Lab.MIGRATION);
            lab.migration(Lab.MIGRATION)
                    .patch(
                            MERGE,
                            "{\"metadata\":{\"annotations\":{\"%s\":null}}}".formatted(Migration.COMMAND_ANNOTATION));
        });
        completes(lab);
    }

    private static void abort(Lab lab) {
        OperatorUnderTest operator = holding(lab);
        blind(operator, () -> lab.abort(Lab.MIGRATION));
        lab.expectEnd(Lab.MIGRATION, Phase.Reverted);
        lab.expectNothingLeft();
    }

    private static void completes(Lab lab) {
        lab.expectEnd(Lab.MIGRATION, Phase.Completed);
        lab.expectNothingLeft();
        assertThat(lab.migrations().history(Lab.MIGRATION))
                .noneMatch(m -> Migrations.status(m).phaseOrPending() == Phase.Reverting);
    }
}
