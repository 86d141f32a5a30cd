package dev.segue.e2e.hands;

import static dev.segue.e2e.hands.Moment.ADOPTED;
import static dev.segue.e2e.hands.Moment.ASSESSING;
import static dev.segue.e2e.hands.Moment.GOING_BACK;
import static dev.segue.e2e.hands.Moment.REVERTING;
import static dev.segue.e2e.hands.Moment.SETTLING;
import static dev.segue.e2e.hands.Outcome.aborted;
import static dev.segue.e2e.hands.Outcome.completes;
import static dev.segue.e2e.hands.Outcome.reverts;
import static dev.segue.e2e.hands.Outcome.waits;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.segue.api.Phase;
import dev.segue.e2e.fault.Lab;
import dev.segue.e2e.referee.Invariant;
import dev.segue.e2e.stage.Migrations;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/** A tool that makes the cluster what Git says, each second. */
final class GitOpsHands {
    private static final String ARGO_CD = "--field-manager=argocd-controller";

    /** What Git says, by namespace. */
    private static final Map<String, String> GIT = new ConcurrentHashMap<>();

    private GitOpsHands() {}

    static Stream<Row> rows() {
        Outcome merged = waits(
                "SourceDiverged",
                "Make the same change where the template comes from",
                GitOpsHands::commit,
                completes().then(GitOpsHands::noWar));
        Outcome mergedOrTooLate = Outcome.is(GitOpsHands::mergeInTime, "SourceDiverged", "Completed", "Reverted")
                .then(GitOpsHands::noWar);
        Hand serverSide = play -> apply(play, "apply", "--server-side", "--force-conflicts", ARGO_CD, "-f", "-");
        return Stream.of(
                Row.of("gitOpsClientSide", play -> apply(play, "apply", "-f", "-"))
                        .at(mergedOrTooLate, ASSESSING)
                        .at(merged, SETTLING)
                        .at(reverts("SourceDiverged"), ADOPTED)
                        .at(aborted(), REVERTING),
                Row.of("gitOpsServerSide", serverSide)
                        .at(
                                waits(
                                        "FieldContested",
                                        "ignoreDifferences: [{kind: Service, name: app, jsonPointers: [/spec/selector]}]",
                                        GitOpsHands::leaveTheService,
                                        mergedOrTooLate),
                                ASSESSING),
                Row.of("gitOpsServerSideInTheWayBack", serverSide)
                        .spec(Play.SPEC.replace("propagation: 1s", "propagation: 5s"))
                        .at(
                                waits(
                                        "FieldContested",
                                        "ignoreDifferences: [{kind: Service, name: app, jsonPointers: [/spec/selector]}]",
                                        GitOpsHands::leaveTheService,
                                        aborted()),
                                GOING_BACK));
    }

    private static void apply(Play play, String... arguments) throws Exception {
        GIT.put(play.namespace(), Lab.MANIFEST);
        // From the adoption on, the old template makes the Deployment roll back, by its own strategy.
        if (play.moment() == ADOPTED) {
            play.takesPods(List.of(play.target()));
        } else if (play.moment() == ASSESSING) {
            play.atPhase(Phase.HandingOver, p -> p.announce(Invariant.SERVING_PODS, "Pod", p.target() + "-*"));
        }
        Hand write = p -> p.pipe(GIT.getOrDefault(p.namespace(), ""), arguments);
        write.move(play);
        play.keep(Duration.ofSeconds(1), write);
    }

    private static void leaveTheService(Play play) {
        GIT.computeIfPresent(play.namespace(), (n, yaml) -> yaml.split("(?m)^---$")[0]);
    }

    private static void commit(Play play) {
        GIT.computeIfPresent(play.namespace(), (n, yaml) -> yaml.replace("still:1", "still:2"));
    }

    /**
     * To a tool that came long before the handover either may happen: the Deployment has the new template and not yet the
     * target's ReplicaSet for a part of a second, and where in its second the tool writes is chance. Before the adoption
     * the new version can still be committed; after it the Deployment rolls back.
     */
    private static void mergeInTime(Play play) throws Exception {
        await().atMost(Migrations.PATIENCE)
                .until(() -> play.waitingFor().equals("SourceDiverged")
                        || play.status().isTerminal());
        if (play.status().isTerminal()) {
            reverts("SourceDiverged").await(play);
        } else {
            commit(play);
            play.awaitAgain(Lab.MIGRATION, Phase.Completed);
        }
    }

    private static void noWar(Play play) {
        assertThat(play.operator().proxy().writes().stream()
                        .filter(w -> w.text().equals("PATCH deployments/app"))
                        .count())
                .as("writes to the Deployment")
                .isLessThan(12);
    }
}
