package dev.segue.e2e.referee;

import static dev.segue.e2e.referee.Story.KUBERNETES;
import static dev.segue.e2e.referee.Story.SEGUE;
import static dev.segue.e2e.referee.Story.USER;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.function.Consumer;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the operator writes, when, and where. */
class WritesTest {
    private final Story story = new Story().source();

    @Nested
    class Intent {
        @Test
        void aTargetIsCreatedBeforeTheStatusSaysSo() {
            story.migration("Preparing", "AwaitTarget").by(SEGUE).replicaSet("m1", 1, "2", "Migration/shop-2");

            assertThat(story.violations()).singleElement().satisfies(v -> {
                assertThat(v.invariant()).isEqualTo(Invariant.INTENT);
                assertThat(v.text()).contains("CREATE_TARGET", "Preparing/AwaitTarget");
            });
        }

        @ParameterizedTest
        @CsvSource({
            "2, Shifting/AwaitTarget, GROW_TARGET",
            "0, Reverting/Unpin, STOP_TARGET",
            "0, Shifting/SizeTarget, STOP_TARGET",
        })
        void aTargetIsSized(int replicas, String place, String act) {
            in(place, s -> s.replicaSet("m1", replicas, "2", "Migration/shop-2"), act);
        }

        @Test
        void aTargetIsMadeSmaller() {
            story.shifting().cutOver().migration("Soaking", "SizeTarget");
            story.by(SEGUE).replicaSet("m1", 1, "2", "Migration/shop-2");

            assertThat(story.violations())
                    .singleElement()
                    .extracting(Violation::text)
                    .asString()
                    .contains("SHRINK_TARGET");
        }

        @ParameterizedTest
        @CsvSource({
            "m1, CuttingOver/HoldEndpoints, PIN_TARGET",
            "a, Reverting/ProveDeployment, PIN_DEPLOYMENT",
            "'', Reverting/StopTarget, WIDEN",
        })
        void aServiceIsPointedElsewhere(String pin, String place, String act) {
            story.shifting().by(KUBERNETES).pod("b2", "m1", true);
            if (pin.isEmpty()) {
                story.migration("CuttingOver", "PinTarget").by(SEGUE).service("m1");
            }
            act(place, s -> s.service(pin), act);
        }

        @Test
        void aHoldServiceIsMade() {
            in("CuttingOver/SizeTarget", Story::holdService, "CREATE_HOLD");
        }

        @Test
        void aHoldServiceIsDeleted() {
            story.shifting().cutOver().migration("HandingOver", "Unpin").gone("Service/shop-hold");

            assertThat(story.broken()).containsExactly(Invariant.INTENT);
        }

        @Test
        void theTargetIsDeleted() {
            story.shifting().migration("Reverting", "DrainTarget").deleting("ReplicaSet/shop-m1");

            assertThat(story.broken()).containsExactly(Invariant.INTENT);
        }

        @Test
        void theTargetIsLetGo() {
            story.shifting().cutOver().migration("HandingOver", "ApplyChangePaused");
            story.by(null).replicaSet("m1", 2, "2", "");

            assertThat(story.broken()).containsExactly(Invariant.INTENT);
        }

        @ParameterizedTest
        @ValueSource(strings = {"Assessing/CheckWorkload", "Preparing/CreateTarget", "Finishing/ForgetFields"})
        void theReportIsWrittenAtAnotherTime(String place) {
            act(place, s -> s.report("plan"), "WRITE_REPORT");
        }

        @Test
        void othersMayWriteIntoTheReport() {
            story.shifting().by(USER).report("mine");

            assertThat(story.violations()).isEmpty();
        }

        @Test
        void theDeploymentIsChangedTooEarly() {
            in("Soaking/SizeTarget", s -> s.deployment(2, "2", ""), "APPLY_CHANGE");
        }

        @Test
        void theDeploymentGoesOnTooEarly() {
            story.shifting().cutOver().migration("HandingOver", "ApplyChangePaused");
            story.by(SEGUE).deployment(2, "2", ", paused: true");
            story.migration("HandingOver", "Unpin").by(null).deployment(2, "2", "");

            assertThat(story.broken()).containsExactly(Invariant.INTENT);
        }

        @Test
        void whatOthersDoNeedsNoIntent() {
            story.shifting().by(USER).replicaSet("m1", 3, "2", "Migration/shop-2");

            assertThat(story.violations()).isEmpty();
        }

        @Test
        void whatIsLostInTheHandoverIsWidenedAtOnce() {
            story.shifting()
                    .cutOver()
                    .migration("HandingOver", "AwaitAdoption")
                    .by(SEGUE)
                    .service("");

            assertThat(story.violations()).isEmpty();
        }

        private void in(String place, Consumer<Story> act, String name) {
            story.shifting();
            act(place, act, name);
        }

        private void act(String place, Consumer<Story> act, String name) {
            story.migration(place.split("/")[0], place.split("/")[1]).by(SEGUE);
            act.accept(story);

            assertThat(story.violations()).singleElement().satisfies(v -> {
                assertThat(v.invariant()).isEqualTo(Invariant.INTENT);
                assertThat(v.text()).contains(name, place);
            });
        }
    }

    @Nested
    class Idle {
        @Test
        void aServiceInAHold() {
            story.shifting().by(KUBERNETES).pod("b2", "m1", true).by(SEGUE).service("m1");

            assertThat(story.violations()).singleElement().satisfies(v -> {
                assertThat(v.invariant()).isEqualTo(Invariant.IDLE);
                assertThat(v.text()).contains("PIN_TARGET during Shifting/Hold");
            });
        }

        @Test
        void whilePaused() {
            String waiting = ", conditions: [{type: Waiting, status: \"True\", reason: Paused, message: waits}]";
            story.paused()
                    .migration("CuttingOver", "HoldEndpoints", waiting)
                    .by(SEGUE)
                    .holdService();

            assertThat(story.broken()).containsExactly(Invariant.IDLE);
        }

        @ParameterizedTest
        @ValueSource(strings = {"Completed", "Reverted", "Failed", "Stuck"})
        void afterTheEnd(String phase) {
            story.migration("Preparing", "CreateTarget")
                    .migration(phase, "null")
                    .by(SEGUE)
                    .service("");
            assertThat(story.broken()).as("to write what is there already").containsExactly(Invariant.IDLE);
        }

        @Test
        void theReportOfAPlanThatWaits() {
            story.migration("Planned", "AwaitRun").by(SEGUE).report("plan");

            assertThat(story.broken()).containsExactly(Invariant.IDLE);
        }

        @ParameterizedTest
        @ValueSource(strings = {"Pending", "Assessing", "Planned"})
        void beforeTheBeginning(String phase) {
            story.migration(phase, "null").by(SEGUE).replicaSet("m1", 1, "2", "Migration/shop-2");

            assertThat(story.broken()).containsExactly(Invariant.IDLE);
        }

        @Test
        void statusWithoutNews() {
            story.shifting().migration("Shifting", "Hold", reconciling("holding", 1));
            assertThat(story.violations()).as("what is going on, once").isEmpty();

            story.migration("Shifting", "Hold", reconciling("holding", 2));
            assertThat(story.broken()).containsExactly(Invariant.IDLE);
        }

        @Test
        void statusAfterTheEnd() {
            story.migration("Completed", "null").migration("Completed", "null", reconciling("still completed", 1));

            assertThat(story.broken()).containsExactly(Invariant.IDLE);
        }

        @Test
        void aStuckOneIsTakenUpAgainOnlyWhenItIsDeleted() {
            story.migration("Stuck", "null").deleting("Migration/shop-2").migration("Reverting", "HoldEndpoints");
            assertThat(story.violations()).isEmpty();

            var other = new Story().source().migration("Stuck", "null").migration("Reverting", "HoldEndpoints");
            assertThat(other.broken()).containsExactly(Invariant.IDLE);
        }

        @Test
        void whatIsMeasuredMayBeWritten() {
            story.shifting()
                    .migration("Shifting", "Hold", services(2))
                    .migration("Shifting", "Hold", services(1))
                    .migration("Shifting", "Hold", services(2));

            assertThat(story.violations()).isEmpty();
        }

        @Test
        void metricsAreMeasuredOncePerInterval() {
            story.shifting()
                    .migration("Shifting", "Hold", metric("00:00:00"))
                    .migration("Shifting", "Hold", metric("00:01:00"));
            assertThat(story.violations()).isEmpty();

            story.migration("Shifting", "Hold", metric("00:01:01"));
            assertThat(story.broken()).containsExactly(Invariant.IDLE);
        }

        @Test
        void intervalsAreComparedOnceEachHoweverLateTheLook() {
            story.shifting()
                    .migration("Shifting", "Hold", comparison("00:02:30", "00:02:00", "Undecided"))
                    .migration("Shifting", "Hold", comparison("00:03:28", "00:03:00", "Undecided"))
                    .migration("Shifting", "Hold", comparison("00:03:30", "00:03:00", "ProviderError"));
            assertThat(story.violations()).isEmpty();

            story.migration("Shifting", "Hold", comparison("00:03:32", "00:03:00", "ProviderError"));
            assertThat(story.broken()).as("the same, in other words").containsExactly(Invariant.IDLE);

            var other = new Story().source();
            other.shifting()
                    .migration("Shifting", "Hold", comparison("00:02:30", "00:02:00", "Undecided"))
                    .migration("Shifting", "Hold", comparison("00:03:30", "00:02:30", "Undecided"));
            assertThat(other.broken()).as("half an interval").containsExactly(Invariant.IDLE);
        }

        @Test
        void theUsersWordIsAcknowledged() {
            story.migration("Completed", "null").migration("Completed", "null", ", observedGeneration: 2");

            assertThat(story.violations()).isEmpty();
        }

        private static String reconciling(String message, int since) {
            return ", conditions: [{type: Reconciling, status: \"True\", reason: Hold, message: %s, lastTransitionTime: \"2026-01-01T00:00:0%dZ\"}]"
                    .formatted(message, since);
        }

        private static String services(int endpoints) {
            return ", services: [{name: shop, uid: shop, sourceEndpoints: %d, targetEndpoints: 1}]"
                    .formatted(endpoints);
        }

        private static String comparison(String at, String until, String verdict) {
            return """
                    , metrics: [{name: errors, verdict: %s, exceeded: [], at: "2026-01-01T%sZ", comparison: {
                        against: Source, queries: [], source: {bad: 0, total: 9, ratio: 0%%}, target: {bad: 0, total: 9, ratio: 0%%},
                        effect: {}, evidence: {}, dispersion: {phi: 1, origin: fixed},
                        coverage: {intervals: 1, missing: 0, from: "2026-01-01T00:00:00Z", to: "2026-01-01T%sZ"}}}]""".formatted(verdict, at, until);
        }

        private static String metric(String time) {
            return ", metrics: [{name: errors, value: 0.0, max: 1.0, verdict: Pass, exceeded: [false], at: \"2026-01-01T%sZ\"}]"
                    .formatted(time);
        }
    }

    @Nested
    class UserFields {
        @Test
        void aFieldOfTheDeployment() {
            apply(s -> s.deployment(2, "2", ", paused: true, minReadySeconds: 5"), "spec.minReadySeconds: - → 5");
        }

        @Test
        void anotherTemplateThanTheTargets() {
            apply(s -> s.deployment(2, "3", ", paused: true"), "shop:3");
        }

        @Test
        void theDeploymentsSize() {
            apply(s -> s.deployment(3, "2", ", paused: true"), "spec.replicas: 2 → 3");
        }

        private void apply(Consumer<Story> write, String told) {
            story.shifting()
                    .cutOver()
                    .migration("HandingOver", "ApplyChangePaused")
                    .by(SEGUE);
            write.accept(story);

            assertThat(story.violations()).singleElement().satisfies(v -> {
                assertThat(v.invariant()).isEqualTo(Invariant.USER_FIELDS);
                assertThat(v.text()).contains(told);
            });
        }

        @Test
        void usersMayChangeWhatIsTheirs() {
            story.shifting().by(USER).deployment(3, "9", ", minReadySeconds: 5");

            assertThat(story.violations()).isEmpty();
        }

        @Test
        void aFieldThatSomeoneRemovedUnsigned() {
            story.by(USER).deployment(2, "1", ", minReadySeconds: 5");
            story.shifting().by(null).deployment(2, "1", "");

            assertThat(story.broken()).containsExactly(Invariant.USER_FIELDS);
        }

        @Test
        void unlessTheTestAnnouncedIt() {
            story.by(USER).deployment(2, "1", ", minReadySeconds: 5");
            story.shifting();
            try (var _ = story.excuse(Invariant.USER_FIELDS, "Deployment/shop")) {
                story.by(null).deployment(2, "1", "");
            }

            assertThat(story.violations()).isEmpty();
        }
    }
}
