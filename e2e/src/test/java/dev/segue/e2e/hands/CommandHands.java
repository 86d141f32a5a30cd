package dev.segue.e2e.hands;

import static dev.segue.e2e.hands.Moment.ADOPTED;
import static dev.segue.e2e.hands.Moment.ADOPTING;
import static dev.segue.e2e.hands.Moment.ASSESSING;
import static dev.segue.e2e.hands.Moment.CUTTING_OVER;
import static dev.segue.e2e.hands.Moment.FINISHING;
import static dev.segue.e2e.hands.Moment.FLIPPING;
import static dev.segue.e2e.hands.Moment.PENDING;
import static dev.segue.e2e.hands.Moment.PREPARING;
import static dev.segue.e2e.hands.Moment.REVERTING;
import static dev.segue.e2e.hands.Moment.SETTLING;
import static dev.segue.e2e.hands.Moment.SHIFTING;
import static dev.segue.e2e.hands.Moment.SOAKING;
import static dev.segue.e2e.hands.Moment.WITHDRAWING;
import static dev.segue.e2e.hands.Outcome.aborted;
import static dev.segue.e2e.hands.Outcome.completes;
import static dev.segue.e2e.hands.Outcome.fails;

import dev.segue.api.Migration;
import dev.segue.api.Phase;
import dev.segue.e2e.fault.Lab;
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
                        .at(fails("Aborted"), PENDING, ASSESSING)
                        .at(aborted(), PREPARING, SHIFTING, FLIPPING, CUTTING_OVER, SOAKING)
                        .at(completes().telling("CommandIgnored"), ADOPTING, ADOPTED, SETTLING, WITHDRAWING, FINISHING),
                Row.of("abortTwice", CommandHands::abortTwice)
                        .at(aborted().telling("CommandIgnored"), SHIFTING, SOAKING),
                Row.of("abortAgain", command("abort@2")).at(aborted().telling("CommandIgnored"), REVERTING),
                Row.of("abortTakenBack", CommandHands::takeBack).at(completes(), SHIFTING, SOAKING),
                Row.of("abortWhileTheOperatorIsDown", CommandHands::abortWhileDown)
                        .at(aborted(), PREPARING, SHIFTING, CUTTING_OVER, SOAKING),
                Row.of("abortWhilePaused", CommandHands::abortWhilePaused)
                        .at(aborted(), PREPARING, SHIFTING, CUTTING_OVER, SOAKING),
                Row.of("promoteTheStep", command("promote"))
                        .spec(PATIENT.formatted("10m", "1s"))
                        .at(completes().telling("Promoted"), SHIFTING),
                Row.of("promoteTheSoak", command("promote"))
                        .spec(PATIENT.formatted("1s", "10m"))
                        .at(completes().telling("Promoted"), SOAKING),
                Row.of("promoteWithoutAHold", command("promote"))
                        .at(
                                completes().telling("CommandIgnored"),
                                PENDING,
                                ASSESSING,
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
                                PREPARING,
                                SHIFTING,
                                CUTTING_OVER,
                                SOAKING,
                                ADOPTING,
                                FINISHING)
                        .at(aborted().telling("CommandIgnored"), REVERTING),
                Row.of("retryAfterTheEnd", command("abort"))
                        .at(fails("Aborted").then(CommandHands::retry, "Completed"), ASSESSING)
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

    private static void takeBack(Play play) {
        give(play, "\"abort\"");
        give(play, "null");
    }

    private static void abortWhileDown(Play play) {
        play.operator().crash();
        give(play, "\"abort\"");
        play.lab().start();
    }

    private static void abortWhilePaused(Play play) {
        play.patchMigration("{\"spec\":{\"paused\":true}}");
        give(play, "\"abort\"");
    }

    private static void retry(Play play) {
        give(play, "\"retry\"");
        play.awaitAgain(Lab.MIGRATION, Phase.Completed);
    }
}
