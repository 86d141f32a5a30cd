package dev.segue.e2e.hands;

import static dev.segue.e2e.hands.Moment.ADOPTED;
import static dev.segue.e2e.hands.Moment.ADOPTING;
import static dev.segue.e2e.hands.Moment.ASSESSING;
import static dev.segue.e2e.hands.Moment.CUTTING_OVER;
import static dev.segue.e2e.hands.Moment.FINISHING;
import static dev.segue.e2e.hands.Moment.FLIPPING;
import static dev.segue.e2e.hands.Moment.PENDING;
import static dev.segue.e2e.hands.Moment.PLANNED;
import static dev.segue.e2e.hands.Moment.PREPARING;
import static dev.segue.e2e.hands.Moment.REVERTING;
import static dev.segue.e2e.hands.Moment.SETTLING;
import static dev.segue.e2e.hands.Moment.SHIFTING;
import static dev.segue.e2e.hands.Moment.SOAKING;
import static dev.segue.e2e.hands.Moment.STAGING;
import static dev.segue.e2e.hands.Moment.WITHDRAWING;
import static dev.segue.e2e.hands.Outcome.aborted;
import static dev.segue.e2e.hands.Outcome.completes;
import static dev.segue.e2e.hands.Outcome.fails;
import static dev.segue.e2e.hands.Outcome.waits;
import static dev.segue.e2e.hands.Outcome.whenRun;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.segue.api.Migration;
import dev.segue.api.Phase;
import dev.segue.e2e.fault.Lab;
import dev.segue.e2e.stage.Migrations;
import java.util.stream.Stream;

/** The commands by annotation: everywhere, twice, taken back, while nobody listens. */
final class CommandHands {
    private static final String PATIENT = """
            steps: [{weight: 25, hold: %s}, {weight: 100, hold: %s}]
            verify: {propagation: 1s, drain: {wait: 1s}}
            """;

    private CommandHands() {}

    static Stream<Row> rows() {
        return Stream.of(
                Row.of("abort", command("abort"))
                        .at(fails("Aborted"), PENDING, ASSESSING, PLANNED, STAGING)
                        .at(aborted(), PREPARING, SHIFTING, FLIPPING, CUTTING_OVER, SOAKING)
                        .at(completes().telling("CommandIgnored"), ADOPTING, ADOPTED, SETTLING, WITHDRAWING, FINISHING),
                Row.of("abortTwice", CommandHands::abortTwice)
                        .at(aborted().telling("CommandIgnored"), SHIFTING, SOAKING),
                Row.of("abortAgain", command("abort@2")).at(aborted().telling("CommandIgnored"), REVERTING),
                Row.of("abortTakenBack", takenBack("abort")).at(completes(), SHIFTING, SOAKING),
                Row.of("abortWhileTheOperatorIsDown", whileDown("abort"))
                        .at(fails("Aborted"), PLANNED, STAGING)
                        .at(aborted(), PREPARING, SHIFTING, CUTTING_OVER, SOAKING),
                Row.of("abortWhilePaused", whilePaused("abort"))
                        .at(fails("Aborted"), STAGING)
                        .at(aborted(), PREPARING, SHIFTING, CUTTING_OVER, SOAKING),
                Row.of("promoteTheStep", command("promote"))
                        .spec(PATIENT.formatted("10m", "1s"))
                        .at(completes().telling("Promoted"), SHIFTING),
                Row.of("promoteTheSoak", command("promote"))
                        .spec(PATIENT.formatted("1s", "10m"))
                        .at(completes().telling("Promoted"), SOAKING),
                Row.of("promoteTwice", command("promote"))
                        .spec(PATIENT.formatted("10m", "10m"))
                        .at(Outcome.is(CommandHands::promoteAgain, "Promoted", "Completed"), SHIFTING),
                Row.of("promoteTakenBack", takenBack("promote"))
                        .spec(PATIENT.formatted("5s", "5s"))
                        .at(completes().then(CommandHands::notPromoted), SHIFTING, SOAKING),
                Row.of("promoteWhileTheOperatorIsDown", whileDown("promote"))
                        .spec(PATIENT.formatted("10m", "1s"))
                        .at(completes().telling("Promoted"), SHIFTING),
                Row.of("promoteWhilePaused", whilePaused("promote"))
                        .spec(PATIENT.formatted("10m", "1s"))
                        .at(
                                waits("Paused", "spec.paused", CommandHands::resume, completes())
                                        .telling("Promoted"),
                                SHIFTING),
                Row.of("promoteWithoutAHold", command("promote"))
                        .at(whenRun(completes()).telling("CommandIgnored"), PLANNED)
                        .at(
                                completes().telling("CommandIgnored"),
                                PENDING,
                                ASSESSING,
                                STAGING,
                                PREPARING,
                                CUTTING_OVER,
                                ADOPTING,
                                SETTLING,
                                FINISHING)
                        .at(aborted().telling("CommandIgnored"), REVERTING),
                Row.of("retryWhileItRuns", command("retry"))
                        .at(
                                completes().telling("CommandIgnored"),
                                PENDING,
                                ASSESSING,
                                STAGING,
                                PREPARING,
                                SHIFTING,
                                CUTTING_OVER,
                                SOAKING,
                                ADOPTING,
                                SETTLING,
                                FINISHING)
                        .at(aborted().telling("CommandIgnored"), REVERTING),
                Row.of("retryOfAPlan", command("retry")).at(whenRun(completes()).telling("Replanned"), PLANNED),
                Row.of("retryTwice", command("abort"))
                        .at(aborted().then(CommandHands::retryTwice, "CommandIgnored", "Completed"), SHIFTING),
                Row.of("retryTakenBack", command("abort"))
                        .at(aborted().then(CommandHands::retryTakenBack, "Completed"), SHIFTING),
                Row.of("retryWhileTheOperatorIsDown", command("abort"))
                        .at(aborted().then(CommandHands::retryWhileDown, "Completed"), SHIFTING),
                Row.of("retryAfterTheEnd", command("abort"))
                        .at(fails("Aborted").then(CommandHands::retry, "Completed"), ASSESSING, STAGING)
                        .at(aborted().then(CommandHands::retry, "Completed"), SHIFTING, SOAKING),
                Row.of("unknownCommand", command("abbort"))
                        .at(completes().telling("UnknownCommand"), ASSESSING, SHIFTING, SOAKING, ADOPTING));
    }

    private static Hand command(String value) {
        return play -> give(play, "\"" + value + "\"");
    }

    private static void give(Play play, String json) {
        play.patchMigration(
                "{\"metadata\":{\"annotations\":{\"%s\":%s}}}".formatted(Migration.COMMAND_ANNOTATION, json));
    }

    private static void abortTwice(Play play) {
        give(play, "\"abort\"");
        play.atPhase(Phase.Reverting, p -> give(p, "\"abort@2\""));
    }

    /** Before the operator has looked. */
    private static Hand takenBack(String command) {
        return play -> {
            give(play, "\"" + command + "\"");
            give(play, "null");
        };
    }

    private static Hand whileDown(String command) {
        return play -> {
            play.operator().crash();
            give(play, "\"" + command + "\"");
            play.lab().start();
        };
    }

    private static Hand whilePaused(String command) {
        return play -> {
            play.patchMigration("{\"spec\":{\"paused\":true}}");
            give(play, "\"" + command + "\"");
        };
    }

    static void resume(Play play) {
        play.patchMigration("{\"spec\":{\"paused\":false}}");
    }

    /** The same value is the same command, and skips nothing; another one skips the soak, too. */
    private static void promoteAgain(Play play) throws Exception {
        play.reached(Phase.Soaking);
        give(play, "\"promote\"");
        play.awaitLooks(2);
        assertThat(play.status().phaseOrPending()).isEqualTo(Phase.Soaking);
        give(play, "\"promote@2\"");
        completes().await(play);
        assertThat(play.events("Promoted")).hasSize(2);
        notIgnored(play);
    }

    private static void notPromoted(Play play) {
        assertThat(play.events("Promoted")).isEmpty();
        notIgnored(play);
    }

    private static void notIgnored(Play play) {
        assertThat(play.events("CommandIgnored")).isEmpty();
    }

    private static void retry(Play play) {
        give(play, "\"retry\"");
        play.awaitAgain(Lab.MIGRATION, Phase.Completed);
    }

    private static void retryTwice(Play play) {
        give(play, "\"retry\"");
        await().atMost(Migrations.PATIENCE).until(() -> !play.status().isTerminal());
        give(play, "\"retry@2\"");
        play.awaitEvent("CommandIgnored");
        play.awaitAgain(Lab.MIGRATION, Phase.Completed);
        assertThat(play.status().runOrFirst()).as("the run").isEqualTo(2);
    }

    /** The next operator sees neither; what is given afterwards is a command like any other. */
    private static void retryTakenBack(Play play) throws Exception {
        play.operator().crash();
        takenBack("retry").move(play);
        play.lab().start();
        assertThat(play.status().phaseOrPending()).isEqualTo(Phase.Reverted);
        retry(play);
        assertThat(play.status().runOrFirst()).as("the run").isEqualTo(2);
        notIgnored(play);
    }

    private static void retryWhileDown(Play play) throws Exception {
        whileDown("retry").move(play);
        play.awaitAgain(Lab.MIGRATION, Phase.Completed);
    }
}
