package dev.segue.engine;

import static java.util.Map.entry;
import static org.assertj.core.api.Assertions.assertThat;

import dev.segue.api.Durations;
import dev.segue.api.Phase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** docs/lifecycle.md is generated from the code and the descriptions in here, so that it cannot grow old. */
class LifecycleTest {
    private static final Path DOC = Path.of("..", "docs", "lifecycle.md");
    private static final String REGENERATE = "./mvnw -pl operator test -Dtest=LifecycleTest -Dsegue.docs.write=true";

    /** What a task does, and what makes it go elsewhere than to the next. */
    private record Line(String does, String back) {}

    private static Line line(String does, String back) {
        return new Line(does, back);
    }

    /** By "Phase/Task" where tasks of the same name differ, else by the task's name. */
    private static final Map<String, Line> LINES = Map.ofEntries(
            entry("AwaitTurn", line("waits until no older Migration of this Deployment is unfinished", "")),
            entry(
                    "CheckWorkload",
                    line(
                            "looks for what cannot be moved safely; a finding has a reason and a remedy",
                            "a finding: Failed")),
            entry(
                    "AwaitSource",
                    line(
                            "waits until the Deployment's own rollout is finished and healthy, checking on",
                            "a finding, not healthy within `deadline.prepare`, or a plan that was offered and does not hold: Failed")),
            entry(
                    "WriteReport",
                    line(
                            "writes the ConfigMap `NAME-report`; goes on without it after 15 s, and where it is somebody else's",
                            "")),
            entry(
                    "Assessing/WriteReport",
                    line(
                            "writes the plan, which is in the status by now, into the ConfigMap `NAME-report`; goes on without it after 15 s, and where it is somebody else's",
                            "what the plan rests on, or the source, is not as it was: AwaitSource")),
            entry(
                    "AwaitRun",
                    line(
                            "waits until `spec.mode` is Run: Pending, then the assessment once more",
                            "the spec was changed, or the command retry: Pending, for another plan")),
            entry("CreateNamespace", line("creates the staging namespace", "")),
            entry(
                    "CreateTarget",
                    line(
                            "creates the target's ReplicaSet, without pods",
                            "not possible within `deadline.prepare`; with `onFailure: Hold` it is tried on")),
            entry(
                    "AwaitTarget",
                    line("waits until the target's pods are available", "not available within `deadline.prepare`")),
            entry(
                    "SizeTarget",
                    line(
                            "raises the target to the pods that the step needs; never lowers it, its pods have traffic",
                            "")),
            entry(
                    "Shifting/ProveEndpoints",
                    line("waits until every Service has all target pods as ready endpoints", "")),
            entry(
                    "CuttingOver/ProveEndpoints",
                    line("waits until every Service has all target pods as ready endpoints", "")),
            entry(
                    "HandingOver/ProveEndpoints",
                    line(
                            "waits until the Services have the Deployment's pods, all of them and no others",
                            "the template was changed again meanwhile: clean-up, then Reverted")),
            entry("Propagate", line("waits `verify.propagation` for the nodes to program the endpoints", "")),
            entry(
                    "Hold",
                    line(
                            "watches for the step's `hold`; ends when it is over, every metric has data and is good, and"
                                    + " the source is healthy",
                            "the Deployment was scaled up: SizeTarget (the hold goes on)")),
            entry(
                    "HoldEndpoints",
                    line(
                            "creates a second Service per Service, so that draining endpoints stay known to the data plane",
                            "")),
            entry(
                    "PinTarget",
                    line(
                            "narrows each Service to the target's pods, once they are ready at full capacity; widens it, when none of them is ready",
                            "the Deployment was scaled up: SizeTarget")),
            entry(
                    "ProveCutover",
                    line(
                            "waits until the ready endpoints are the target's pods, all of them and no others",
                            "a Service was widened: PinTarget")),
            entry(
                    "DrainSource",
                    line(
                            "waits until the source's pods have no requests (`verify.drain`)",
                            "a Service was widened: PinTarget")),
            entry(
                    "Soak",
                    line(
                            "watches for the `hold` of step 100; ends as Hold does",
                            "the Deployment was scaled up: SizeTarget; a Service was widened: PinTarget")),
            entry(
                    "ApplyChangePaused",
                    line(
                            "writes the change into the Deployment's template and pauses it",
                            "a Service was widened: PinTarget")),
            entry(
                    "ReleaseTarget",
                    line(
                            "lets go of the target's ReplicaSet, and waits until the Deployment has adopted it",
                            "not paused any more: ApplyChangePaused; a Service was widened: PinTarget; it would not be"
                                    + " recognised, or the Deployment was scaled down: Settle")),
            entry("Resume", line("lets the Deployment go on", "")),
            entry(
                    "AwaitAdoption",
                    line(
                            "waits until the Deployment has stopped the old version's idle pods; widens the Services at"
                                    + " once if it prefers another ReplicaSet",
                            "")),
            entry("HandingOver/Unpin", line("gives the Services their own selector back", "")),
            entry("Reverting/Unpin", line("gives the Services their own selector back", "")),
            entry(
                    "ApplyChange",
                    line("writes the change into the Deployment's template", "a Service was widened: PinTarget")),
            entry(
                    "AwaitRollout",
                    line(
                            "waits until the Deployment's own pods of the new version are available; the target serves",
                            "")),
            entry(
                    "PinDeployment",
                    line(
                            "narrows each Service to the Deployment's own pods, once they are ready at full capacity;"
                                    + " until then widens it, unless a rollout of the Deployment is under way and the target is at full capacity",
                            "in a handover, the template is not the target's any more: AwaitRollout")),
            entry(
                    "ProveDeployment",
                    line(
                            "waits until the ready endpoints are the Deployment's own pods, all of them and no others",
                            "the Deployment's pods are not ready, or a Service was widened: PinDeployment")),
            entry(
                    "PropagateDeployment",
                    line("waits `verify.propagation` for the nodes to program the endpoints", "as ProveDeployment")),
            entry(
                    "DrainTarget",
                    line("waits until the target's pods have no requests (`verify.drain`)", "as ProveDeployment")),
            entry("StopTarget", line("stops the target's idle pods", "as ProveDeployment, while they run")),
            entry(
                    "DeleteTarget",
                    line(
                            "deletes the target's ReplicaSet when its pods are gone",
                            "it was scaled up again: PinDeployment; in a handover, the template is not the target's any more: clean-up, then Reverted")),
            entry("DeleteHold", line("deletes the second Services", "")),
            entry(
                    "SnapshotVolumes",
                    line(
                            "with `staging.snapshots`: takes a snapshot of each such claim of production, gives it to the copy, and waits until both are ready",
                            "an error stands for a minute, or not ready within `deadline.prepare`: Reverting")),
            entry(
                    "CopyObjects",
                    line("copies what the new version needs, scrubbed, and notes what it was made from", "")),
            entry(
                    "ProbeIsolation",
                    line(
                            "tries from there to reach production's Service, and the cluster's name server, before anything of the copy runs",
                            "it is not isolated and `requireIsolation` is true: Reverting")),
            entry("DeployDependencies", line("deploys what is there of `staging.dependencies`", "")),
            entry(
                    "SeedData",
                    line(
                            "runs the Jobs of `staging.seeds`, one after the other",
                            "one failed as often as it may: Reverting")),
            entry(
                    "AwaitDependencies",
                    line(
                            "waits until what is there of `staging.dependencies` is available",
                            "a container cannot even be tried (no image, no ConfigMap), or not within `deadline.prepare`: Reverting")),
            entry("DeployTarget", line("deploys the new version there", "")),
            entry(
                    "AwaitStagedTarget",
                    line(
                            "waits until its pods are available",
                            "they cannot start, or not within `deadline.prepare`: Reverting")),
            entry(
                    "RunTests",
                    line(
                            "runs the Jobs of `staging.tests`, one after the other, and looks at their thresholds",
                            "one failed as often as it may: Reverting")),
            entry(
                    "DeploySource",
                    line(
                            "with `staging.rehearse`: starts the old version there, in the new one's place",
                            "the API server refuses it for `deadline.prepare`: Reverting; somebody else brought the new version to production: ProveFresh")),
            entry(
                    "AwaitStagedSource",
                    line(
                            "waits until its pods are available",
                            "they cannot start, or not within `deadline.prepare`: Reverting")),
            entry(
                    "RehearseMoves",
                    line(
                            "sends it requests, has a Migration move the traffic there to the new version, and takes it back",
                            "a request failed, or the moves did not end as they should: Reverting")),
            entry("JudgeStaging", line("notes the verdict", "")),
            entry("LeaveStaging", line("begins to remove the copy, unless it is kept", "")),
            entry(
                    "ProveFresh",
                    line(
                            "compares what was copied, and a plan that was offered, with production as it is now",
                            "something was changed, or the verdict is too old: CreateNamespace, or a wait (`onDrift`); the plan does not hold: Reverting; somebody else brought the new version to production: Finishing")),
            entry(
                    "RemoveStaging",
                    line(
                            "removes the copy of production, then the snapshots for it, unless it is kept for a while; only after a rehearsal",
                            "")),
            entry("ForgetFields", line("removes our entries from the managed fields of the user's objects", "")));

    @Test
    void documentIsCurrent() throws IOException {
        String text = text();
        if (Boolean.getBoolean("segue.docs.write")) {
            Files.createDirectories(DOC.getParent());
            Files.writeString(DOC, text);
        }
        assertThat(DOC).as("regenerate it: " + REGENERATE).exists();
        assertThat(Files.readString(DOC))
                .as("differs from the code; regenerate it: " + REGENERATE)
                .isEqualTo(text);
    }

    /** A task is found by its name in the status, so a list must not have two of one name. */
    @ParameterizedTest
    @EnumSource
    void namesAreUniqueWithinAPhase(Phase phase) {
        for (List<Task> tasks : lists(phase).values()) {
            assertThat(tasks).extracting(Task::name).doesNotHaveDuplicates().isNotEmpty();
        }
        assertThat(lists(phase).isEmpty()).isEqualTo(phase.terminal());
    }

    private static Map<String, List<Task>> lists(Phase phase) {
        return switch (phase) {
            case Completed, Reverted, Failed, Stuck -> Map.of();
            case HandingOver -> {
                Map<String, List<Task>> routes = new LinkedHashMap<>();
                for (HandingOver.Route route : HandingOver.Route.values()) {
                    routes.put(" by " + route, HandingOver.tasks(route));
                }
                yield routes;
            }
            case Pending -> Map.of("", Assessing.TURN);
            case Assessing -> Map.of("", Assessing.TASKS);
            case Planned -> Map.of("", Planning.TASKS);
            case Staging -> Map.of("", Staging.TASKS);
            case Preparing -> Map.of("", Preparing.TASKS);
            case Shifting -> Map.of("", Shifting.TASKS);
            case CuttingOver -> Map.of("", CuttingOver.TASKS);
            case Soaking -> Map.of("", Soaking.TASKS);
            case Finishing -> Map.of("", CleanUp.TASKS);
            case Reverting -> Map.of("", Reverting.TASKS);
        };
    }

    private static String text() {
        StringBuilder text = new StringBuilder(
                """
                <!-- Generated by LifecycleTest. Change the code or the test, then run:
                     %s -->
                # The life of a migration

                `status.phase` says where a migration is, `status.task` what it is doing there. Each task looks at the
                cluster before it acts, and its name is written into the status before its first act, so an operator
                that dies anywhere goes on where it was.

                ```text
                Pending → Assessing → (Staging) → Preparing → Shifting → CuttingOver → Soaking → HandingOver → Finishing → Completed
                   ↑        │ └ Failed ←─┴── Reverting ←─┴──────────┴──────────┴───────────┴ → Reverted
                   └─ Planned, where mode Plan stops
                ```

                From Preparing to Soaking a migration goes back by itself (Reverting) when one of these is seen; with
                `onFailure: Hold` it stays where it is, as `Waiting=CheckFailed`, until that has passed:

                - a target pod is crash looping, cannot start, or was restarted %d times;
                - the target is short of available pods for %s, or not available within `deadline.prepare`;
                - a metric fails (`analysis`);
                - the Deployment's template is changed while its pods still have traffic;
                - the Deployment, a Service or the target's ReplicaSet is deleted;
                - `deadline.total` is over.

                An abort (`segue.dev/command=abort`) and the deletion of the Migration always go back, whatever
                `onFailure` and `paused` say, and also in HandingOver as long as the Deployment does not carry the change.
                `paused` makes it wait before the first pod, before the next step, before the cutover and before the
                handover.

                Tasks in *italics* are not part of the way: a phase only goes back to them when what they had
                reached is lost.
                """.formatted(REGENERATE, Guards.RESTARTS, Durations.format(Guards.UNAVAILABLE_GRACE)));
        for (Phase phase : Phase.values()) {
            lists(phase).forEach((suffix, tasks) -> {
                text.append("\n## %s%s\n\n%s.\n\n".formatted(phase, suffix, sentence(phase.description())));
                text.append("| Task | What it does | Goes elsewhere when |\n|---|---|---|\n");
                for (Task task : tasks) {
                    Line line = Objects.requireNonNull(
                            LINES.getOrDefault(phase + "/" + task.name(), LINES.get(task.name())),
                            () -> "describe %s/%s in LINES".formatted(phase, task.name()));
                    String name = task.detour() ? "*%s*".formatted(task.name()) : task.name();
                    text.append("| %s | %s | %s |\n".formatted(name, line.does(), line.back()));
                }
            });
        }
        text.append("\n## The ends\n\n| Phase | What it means |\n|---|---|\n");
        Arrays.stream(Phase.values())
                .filter(Phase::terminal)
                .forEach(p -> text.append("| %s | %s |\n".formatted(p, p.description())));
        return text.toString();
    }

    private static String sentence(String text) {
        return text.substring(0, 1).toUpperCase(Locale.ROOT) + text.substring(1);
    }
}
