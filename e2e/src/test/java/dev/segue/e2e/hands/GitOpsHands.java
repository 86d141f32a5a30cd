package dev.segue.e2e.hands;

import static dev.segue.e2e.hands.Moment.ASSESSING;
import static dev.segue.e2e.hands.Moment.GOING_BACK;
import static dev.segue.e2e.hands.Moment.REVERTING;
import static dev.segue.e2e.hands.Moment.SETTLING;
import static dev.segue.e2e.hands.Outcome.aborted;
import static dev.segue.e2e.hands.Outcome.waits;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.segue.api.Phase;
import dev.segue.e2e.fault.Lab;
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
        Outcome merged = Outcome.is(GitOpsHands::merge, "SourceDiverged", "Completed", "Reverted");
        Hand serverSide = play -> apply(play, "apply", "--server-side", "--force-conflicts", ARGO_CD, "-f", "-");
        return Stream.of(
                Row.of("gitOpsClientSide", play -> apply(play, "apply", "-f", "-"))
                        .at(merged, ASSESSING, SETTLING)
                        .at(aborted(), REVERTING),
                Row.of("gitOpsServerSide", serverSide)
                        .at(
                                waits(
                                        "FieldContested",
                                        "ignoreDifferences: [{kind: Service, name: app, jsonPointers: [/spec/selector]}]",
                                        GitOpsHands::leaveTheService,
                                        merged),
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

    private static void apply(Play play, String... arguments) {
        GIT.put(play.namespace(), Lab.MANIFEST);
        play.takesPods(play.own());
        // After the adoption the old template makes the Deployment roll back, by its own strategy.
        play.atPhase(Phase.HandingOver, p -> p.takesPods(List.of(p.target())));
        play.keep(Duration.ofSeconds(1), p -> p.pipe(GIT.getOrDefault(p.namespace(), ""), arguments));
    }

    private static void leaveTheService(Play play) {
        GIT.computeIfPresent(play.namespace(), (n, yaml) -> yaml.split("(?m)^---$")[0]);
    }

    /**
     * The old template is written back each second, so it is there before the Deployment has the target's ReplicaSet or
     * after that. Then the new version is committed.
     */
    private static void merge(Play play) {
        await().atMost(Migrations.PATIENCE)
                .until(() -> play.waitingFor().equals("SourceDiverged")
                        || play.status().isTerminal());
        if (play.status().isTerminal()) {
            new Outcome.Ends(Phase.Reverted, List.of("SourceDiverged")).await(play);
        } else {
            GIT.computeIfPresent(play.namespace(), (n, yaml) -> yaml.replace("still:1", "still:2"));
            play.awaitAgain(Lab.MIGRATION, Phase.Completed);
        }
        assertThat(play.operator().proxy().writes().stream()
                        .filter(w -> w.text().equals("PATCH deployments/app"))
                        .count())
                .as("writes to the Deployment")
                .isLessThan(12);
    }
}
