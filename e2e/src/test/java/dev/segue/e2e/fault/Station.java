package dev.segue.e2e.fault;

import dev.segue.api.Migration;
import dev.segue.api.MigrationStatus;
import dev.segue.api.Phase;
import dev.segue.e2e.stage.Migrations;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A task at which a migration stays for a while, with all of Kubernetes at rest: one at least in each phase that has any.
 *
 * @param spec the rest of a Migration's spec
 * @param abort after which task it is aborted; null when it is not
 * @param task at which it stays, as {@code Shifting/Hold}
 * @param end how it ends in the end
 */
record Station(
        String name,
        String component,
        String spec,
        @Nullable String abort,
        String task,
        Phase end) {

    /** Its pods fit on no node. */
    private static final String NOWHERE = """
            {deployment: app, images: {app: "%s"}, patch: {spec: {nodeSelector: {no: such}}}}
            """.formatted(Lab.image("2")).strip();

    /** @param seconds at least for this long */
    static List<Station> all(long seconds) {
        String swift = "steps: [{weight: 25, hold: 0s}, {weight: 100, hold: 0s}]\n";
        String drains = "verify: {propagation: 1s, drain: {wait: %ds}}\n".formatted(seconds);
        String proves = "verify: {propagation: %ds, drain: {wait: 1s}}\n".formatted(seconds);
        String quick = "verify: {propagation: 1s, drain: {wait: 1s}}\n";
        return List.of(
                new Station(
                        "prepare",
                        NOWHERE,
                        swift + quick + "deadline: {prepare: %ds}\n".formatted(seconds),
                        null,
                        "Preparing/AwaitTarget",
                        Phase.Reverted),
                go(
                        "shift",
                        "steps: [{weight: 25, hold: %ds}, {weight: 100, hold: 0s}]\n".formatted(seconds) + quick,
                        "Shifting/Hold"),
                go("propagate", "steps: [{weight: 100, hold: 0s}]\n" + proves, "CuttingOver/Propagate"),
                go("drain", swift + drains, "CuttingOver/DrainSource"),
                go("soak", "steps: [{weight: 100, hold: %ds}]\n".formatted(seconds) + quick, "Soaking/Soak"),
                new Station(
                        "revert",
                        Lab.to("2"),
                        swift + drains,
                        "CuttingOver/DrainSource",
                        "Reverting/DrainTarget",
                        Phase.Reverted),
                go("handover", swift + drains + "handover: {via: Settle}\n", "HandingOver/DrainTarget"));
    }

    private static Station go(String name, String spec, String task) {
        return new Station(name, Lab.to("2"), spec, null, task, Phase.Completed);
    }

    /** Creates the Migration, and waits until it is here. */
    void enter(Lab lab) {
        lab.migrate(Lab.MIGRATION, component, spec);
        if (abort != null) {
            arrive(lab, abort);
            lab.abort(Lab.MIGRATION);
        }
        arrive(lab, task);
    }

    /** Whether a Migration in this state is here. */
    boolean holds(Migration m) {
        MigrationStatus status = Migrations.status(m);
        return task.equals(status.phaseOrPending() + "/" + status.task());
    }

    private static void arrive(Lab lab, String task) {
        String[] parts = task.split("/");
        lab.migrations().task(Lab.MIGRATION, Phase.valueOf(parts[0]), parts[1]);
    }
}
