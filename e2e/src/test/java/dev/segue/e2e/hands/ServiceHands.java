package dev.segue.e2e.hands;

import static dev.segue.e2e.hands.Moment.ADOPTED;
import static dev.segue.e2e.hands.Moment.ADOPTING;
import static dev.segue.e2e.hands.Moment.ASSESSING;
import static dev.segue.e2e.hands.Moment.CUTTING_OVER;
import static dev.segue.e2e.hands.Moment.FINISHING;
import static dev.segue.e2e.hands.Moment.FLIPPING;
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
import static dev.segue.e2e.hands.Outcome.reverts;
import static dev.segue.e2e.hands.Outcome.waits;
import static dev.segue.e2e.hands.Outcome.whenRun;

import dev.segue.e2e.fault.Lab;
import dev.segue.e2e.referee.Invariant;
import java.util.stream.Stream;

/** What is done to the Service whose traffic is being moved, and what is put beside it. */
final class ServiceHands {
    private ServiceHands() {}

    static Stream<Row> rows() {
        return Stream.of(
                Row.of("serviceDeleted", ServiceHands::delete)
                        .at(whenRun(fails("NoService")), PLANNED)
                        .at(fails("NoService"), ASSESSING, STAGING)
                        .at(reverts("ServiceGone"), PREPARING, SHIFTING, FLIPPING, CUTTING_OVER, SOAKING)
                        .at(waits("ServiceGone", "is there again", ServiceHands::create, completes()), ADOPTING)
                        .at(completes(), ADOPTED, SETTLING, WITHDRAWING, FINISHING)
                        .at(aborted(), REVERTING),
                Row.of("serviceReplaced", ServiceHands::replace)
                        .at(whenRun(fails("PlanVoid")), PLANNED)
                        .at(completes(), ASSESSING, STAGING, ADOPTING, ADOPTED, SETTLING, WITHDRAWING, FINISHING)
                        .at(reverts("ServiceGone"), PREPARING, SHIFTING, FLIPPING, CUTTING_OVER, SOAKING)
                        .at(aborted(), REVERTING),
                Row.of("serviceSelectorEdited", ServiceHands::editSelector)
                        .at(whenRun(fails("NoService")), PLANNED)
                        .at(fails("NoService"), ASSESSING, STAGING)
                        .at(reverts("ServiceSelector"), PREPARING, SHIFTING, FLIPPING, CUTTING_OVER, SOAKING)
                        .at(completes(), FINISHING)
                        .at(aborted(), REVERTING),
                Row.of("servicePortsChanged", ServiceHands::changePorts)
                        .at(whenRun(fails("PlanVoid")), PLANNED)
                        .at(completes(), Moment.onTheWay())
                        .at(aborted(), REVERTING),
                Row.of("serviceAdded", play -> add(play, "app-too", ""))
                        .at(whenRun(fails("PlanVoid")), PLANNED)
                        .at(completes(), Moment.onTheWay())
                        .at(aborted(), REVERTING),
                Row.of("headlessServiceAdded", play -> add(play, "app-headless", "  clusterIP: None"))
                        .at(whenRun(fails("ServiceUnmovable")), PLANNED)
                        .at(fails("ServiceUnmovable"), ASSESSING, STAGING)
                        .at(reverts("ServiceUnmovable"), PREPARING, SHIFTING, FLIPPING, CUTTING_OVER, SOAKING)
                        .at(completes(), ADOPTING, ADOPTED, SETTLING, WITHDRAWING, FINISHING)
                        .at(aborted(), REVERTING));
    }

    private static void delete(Play play) {
        play.kubectl("delete", "service", "app");
    }

    private static void create(Play play) {
        add(play, Lab.APP, "");
    }

    /** It sends to all pods until it is narrowed. Of those, the Deployment that settles stops the old version's. */
    private static void add(Play play, String name, String more) {
        if (play.moment() == SETTLING) {
            play.takesPods(play.own());
        }
        play.lab().apply("""
                apiVersion: v1
                kind: Service
                metadata: {name: %s}
                spec:
                  selector: {app: app}
                  ports: [{name: http, port: 80, targetPort: http}]
                %s
                """.formatted(name, more));
    }

    private static void replace(Play play) {
        delete(play);
        create(play);
    }

    /** To pods that there are none of. */
    private static void editSelector(Play play) {
        play.announce(Invariant.NARROWING, "Service", Lab.APP);
        play.announce(Invariant.CAPACITY, "Service", Lab.APP);
        play.patchService("{\"spec\":{\"selector\":{\"tier\":\"other\"}}}");
    }

    private static void changePorts(Play play) {
        play.patchService(
                "{\"spec\":{\"ports\":[{\"name\":\"http\",\"port\":81,\"targetPort\":\"http\"},{\"name\":\"more\",\"port\":82,\"targetPort\":8080}]}}");
    }
}
