package dev.segue.e2e.fault;

import dev.segue.api.Phase;
import dev.segue.e2e.fault.Station.Stay;
import dev.segue.staging.TargetName;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** One station at least in each phase, and one of a migration that is paused: in each phase something can last. */
final class Stations {
    private static final String QUICK = "verify: {propagation: 1s, drain: {wait: 1s}}\n";

    /** Until somebody promotes it. */
    private static final String LONG_STEP = "steps: [{weight: 25, hold: 10m}, {weight: 100, hold: 0s}]\n" + QUICK;

    private static final String LONG_SOAK = "steps: [{weight: 25, hold: 0s}, {weight: 100, hold: 10m}]\n" + QUICK;

    private static final String EARLIER = "earlier";

    private static final String SOAK = "Soaking/Soak";
    private static final String DRAIN = "CuttingOver/DrainSource";

    private Stations() {}

    /** @param seconds at least for this long, where nobody has to do anything */
    static List<Station> all(long seconds) {
        String steps = "steps: [{weight: 25, hold: %ds}, {weight: 100, hold: %ds}]\n";
        String swift = steps.formatted(0, 0);
        String drains = swift + "verify: {propagation: 1s, drain: {wait: %ds}}\n".formatted(seconds);
        // One step, as each waits for the nodes.
        String proves =
                "steps: [{weight: 100, hold: 0s}]\nverify: {propagation: %ds, drain: {wait: 1s}}\n".formatted(seconds);
        String patient = swift + QUICK + "deadline: {prepare: %ds}\n".formatted(seconds);
        return List.of(
                Station.of("pending", "Pending/AwaitTurn", swift + QUICK, deed("Locked", lab -> lab.delete(EARLIER)))
                        .after(Stations::migrateEarlier),
                Station.of("assess", "Assessing/AwaitSource", patient, deed("SourceUnready", Stations::undo))
                        .after(Stations::rollOutInVain),
                Station.of(
                        "plan",
                        "Planned/AwaitRun",
                        swift + QUICK + "mode: Plan\n",
                        deed("Planned", lab -> lab.run(Lab.MIGRATION))),
                Station.of("stage", "Staging/AwaitStagedTarget", patient + "staging: {keep: Never}\n", new Stay.Watch())
                        .component(Lab.NOWHERE)
                        .ending(Phase.Failed),
                Station.of("prepare", "Preparing/AwaitTarget", patient, new Stay.Watch())
                        .component(Lab.NOWHERE)
                        .ending(Phase.Reverted),
                Station.of("shift", "Shifting/Hold", steps.formatted(seconds, 0) + QUICK, new Stay.Hold()),
                Station.of(
                                "pause",
                                "Shifting/Hold",
                                LONG_STEP,
                                deed("Paused", lab -> edit(lab, "{\"spec\":{\"paused\":false}}")))
                        .with("Shifting/Hold", lab -> {
                            edit(lab, "{\"spec\":{\"paused\":true}}");
                            promote(lab);
                        }),
                Station.of("propagate", "CuttingOver/Propagate", proves, new Stay.Watch()),
                Station.of("drain", DRAIN, drains, new Stay.Watch()),
                Station.of("soak", SOAK, steps.formatted(0, seconds) + QUICK, new Stay.Hold()),
                Station.of("revert", "Reverting/DrainTarget", drains, new Stay.Watch())
                        .with(DRAIN, lab -> lab.abort(Lab.MIGRATION))
                        .ending(Phase.Reverted),
                Station.of(
                                "adopt",
                                "HandingOver/ApplyChangePaused",
                                LONG_SOAK,
                                deed("DeploymentPaused", lab -> rollout(lab, "resume")))
                        .with(SOAK, lab -> {
                            rollout(lab, "pause");
                            promote(lab);
                        }),
                Station.of("settle", "HandingOver/DrainTarget", drains + "handover: {via: Settle}\n", new Stay.Watch()),
                Station.of("finish", "Finishing/DeleteHold", LONG_SOAK, deed(null, lab -> keepHoldService(lab, "null")))
                        .with(SOAK, lab -> {
                            keepHoldService(lab, "[\"test.example/kept\"]");
                            promote(lab);
                        }));
    }

    private static Stay deed(@Nullable String reason, Consumer<Lab> deed) {
        return new Stay.Deed(reason, deed);
    }

    /** It is past its own turn when the other one comes: of two that were created in one second, either may be first. */
    private static void migrateEarlier(Lab lab) {
        lab.migrate(EARLIER, Lab.to("2"), "paused: true\n");
        lab.migrations().waiting(EARLIER, "Paused");
    }

    /** The Deployment's own pods serve on; the new one has no image. */
    private static void rollOutInVain(Lab lab) {
        lab.kubectl("", "set", "image", "deployment/app", "app=" + Lab.image("9"));
    }

    private static void undo(Lab lab) {
        rollout(lab, "undo");
    }

    private static void rollout(Lab lab, String what) {
        lab.kubectl("", "rollout", what, "deployment/app");
    }

    private static void edit(Lab lab, String json) {
        lab.migration(Lab.MIGRATION).patch(Removal.MERGE, json);
    }

    private static void promote(Lab lab) {
        lab.command(Lab.MIGRATION, "promote");
    }

    /** As a controller does that has to clean up first. */
    private static void keepHoldService(Lab lab, String finalizers) {
        lab.client()
                .services()
                .inNamespace(lab.namespace())
                .withName(TargetName.hold(Lab.APP))
                .patch(Removal.MERGE, "{\"metadata\":{\"finalizers\":%s}}".formatted(finalizers));
    }
}
