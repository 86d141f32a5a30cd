package dev.segue.e2e.referee;

import static dev.segue.e2e.referee.Story.KUBERNETES;
import static dev.segue.e2e.referee.Story.SEGUE;
import static dev.segue.e2e.referee.Story.USER;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** Each promise is broken once, and seen; what is allowed is let pass. */
class JudgeTest {
    private final Story story = new Story().source();

    @Test
    void nothingIsWrongWithAMigrationThatGoesWell() {
        story.shifting().cutOver().soaking().handedOver().completed();

        assertThat(story.violations()).isEmpty();
    }

    @Test
    void whatHappensWithoutAMigrationIsNobodysBusiness() {
        story.by(USER).deployment(2, "3", "");
        story.by(KUBERNETES)
                .endpoints("a1")
                .deleting("Pod/a1")
                .endpoints()
                .by(USER)
                .service("nobody");

        assertThat(story.violations()).isEmpty();
    }

    @Nested
    class Capacity {
        @Test
        void fewerEndpointsThanTheDeploymentHadPods() {
            story.shifting().by(KUBERNETES).endpoints("b1");

            assertThat(story.violations()).singleElement().satisfies(v -> {
                assertThat(v.invariant()).isEqualTo(Invariant.CAPACITY);
                assertThat(v.object()).isEqualTo("Service/shop");
                assertThat(v.text()).contains("1 ready endpoint(s) instead of 2");
            });
        }

        @Test
        void eachFurtherLossIsTold() {
            story.shifting().by(KUBERNETES).endpoints("b1").endpoints().endpoints("b1");

            assertThat(story.violations())
                    .extracting(Violation::text)
                    .satisfiesExactly(
                            t -> assertThat(t).startsWith("1 ready"),
                            t -> assertThat(t).startsWith("0 ready"));
        }

        @Test
        void aPodThatFailsByItselfIsNotMissed() {
            story.shifting().by(KUBERNETES).pod("a1", "a", false).pod("a2", "a", false);
            story.endpoints("a2", "b1").endpoints("b1");

            assertThat(story.violations()).isEmpty();
        }

        @Test
        void butNoneElseMayBeTakenBesideIt() {
            story.shifting()
                    .by(KUBERNETES)
                    .pod("a1", "a", false)
                    .endpoints("a2", "b1")
                    .endpoints("b1")
                    .endpoints();

            assertThat(story.broken()).containsExactly(Invariant.CAPACITY);
        }

        @Test
        void onceItIsBackItCountsAgain() {
            story.migration("Preparing", "AwaitTarget")
                    .by(KUBERNETES)
                    .pod("a1", "a", false)
                    .endpoints("a2");
            story.pod("a1", "a", true).endpoints("a1", "a2");
            assertThat(story.violations()).isEmpty();

            story.endpoints("a2");
            assertThat(story.broken()).containsExactly(Invariant.CAPACITY);
        }

        @Test
        void theUserMayScaleDown() {
            story.shifting().by(USER).deployment(1, "1", "");
            story.by(KUBERNETES).endpoints("b1");

            assertThat(story.violations()).isEmpty();
        }

        @Test
        void aServiceThatTheUserDeletesHasNoPromise() {
            story.shifting().gone("Service/shop").endpoints();

            assertThat(story.violations()).isEmpty();
        }

        @Test
        void afterTheEndTheServiceIsTheUsersAgain() {
            story.shifting()
                    .cutOver()
                    .soaking()
                    .handedOver()
                    .completed()
                    .by(KUBERNETES)
                    .endpoints();

            assertThat(story.violations()).isEmpty();
        }
    }

    @Nested
    class ServingPods {
        @Test
        void aReadyEndpointIsDeleted() {
            story.shifting().deleting("Pod/a1");

            assertThat(story.violations()).singleElement().satisfies(v -> {
                assertThat(v.invariant()).isEqualTo(Invariant.SERVING_PODS);
                assertThat(v.object()).isEqualTo("Pod/a1");
            });
        }

        @Test
        void atOnceWithoutBeingToldFirst() {
            story.shifting().gone("Pod/a1");

            assertThat(story.broken()).containsExactly(Invariant.SERVING_PODS);
        }

        @Test
        void aPodThatLeftTheEndpointsMayGo() {
            story.shifting().cutOver().deleting("Pod/a1").gone("Pod/a1");

            assertThat(story.violations()).isEmpty();
        }

        @Test
        void whatTheTestAnnouncesIsExcusedAndNotMissed() {
            story.shifting().by(KUBERNETES).pod("b1", "m1", false).endpoints("a1", "a2");
            try (var _ = story.excuse(Invariant.SERVING_PODS, "Pod/a1")) {
                story.deleting("Pod/a1").endpoints("a2");
                assertThat(story.violations()).isEmpty();

                story.deleting("Pod/a2").endpoints();
            }
            assertThat(story.violations())
                    .extracting(v -> v.invariant() + " " + v.object())
                    .containsExactly("SERVING_PODS Pod/a2", "CAPACITY Service/shop");
        }

        @Test
        void anExcuseEnds() {
            story.shifting();
            story.excuse(Invariant.SERVING_PODS, "Pod/a1").close();
            story.deleting("Pod/a1");

            assertThat(story.broken()).containsExactly(Invariant.SERVING_PODS);
        }
    }

    @Nested
    class Narrowing {
        @Test
        void toPodsThatAreTooFew() {
            story.shifting().migration("CuttingOver", "PinTarget").by(SEGUE).service("m1");

            assertThat(story.violations()).singleElement().satisfies(v -> {
                assertThat(v.invariant()).isEqualTo(Invariant.NARROWING);
                assertThat(v.text()).contains("1 pod(s) are ready instead of 2");
            });
        }

        @Test
        void toPodsOfWhichOneIsNotReady() {
            pinTo("b2 is not ready", () -> story.by(KUBERNETES).pod("b2", "m1", false));
        }

        @Test
        void toPodsOfWhichOneIsOnItsWayOut() {
            pinTo("b2 is being deleted", () -> story.by(KUBERNETES).deleting("Pod/b2"));
        }

        @Test
        void toPodsForADeploymentThatHasGrown() {
            pinTo("3 pods are needed", () -> story.by(USER).deployment(3, "1", ""));
        }

        private void pinTo(String why, Runnable spoil) {
            story.shifting().by(KUBERNETES).pod("b2", "m1", true);
            spoil.run();
            story.migration("CuttingOver", "PinTarget").by(SEGUE).service("m1");

            assertThat(story.broken()).as(why).containsExactly(Invariant.NARROWING);
        }

        @Test
        void byWhomeverItIs() {
            story.shifting().by(USER).service("m1");

            assertThat(story.broken()).containsExactly(Invariant.NARROWING);
        }

        @Test
        void toWidenIsNeverWrong() {
            story.shifting().cutOver().by(KUBERNETES).pod("b1", "m1", false);
            story.migration("Reverting", "Unpin").by(SEGUE).service("");

            assertThat(story.violations()).isEmpty();
        }
    }

    @Nested
    class OneEvent {
        private static final String AT = "2026-01-01T00:02:00.000Z";

        private Story told() {
            return story.migration(
                    "Preparing",
                    "CreateTarget",
                    ", timeline: [{at: \"%s\", phase: Preparing, reason: Preparing, message: starting}]".formatted(AT));
        }

        @Test
        void anEventForATransition() {
            told().event("e1", "Preparing", "2026-01-01T00:02:00.000000Z", "");

            assertThat(story.violations()).isEmpty();
        }

        @Test
        void twoForOne() {
            told().event("e1", "Preparing", AT, "").event("e2", "Preparing", AT, "");

            assertThat(story.broken()).containsExactly(Invariant.EVENTS);
        }

        @Test
        void aSeries() {
            told().event("e1", "Preparing", AT, "")
                    .event("e1", "Preparing", AT, "series: {count: 2, lastObservedTime: \"%s\"}".formatted(AT));

            assertThat(story.broken()).containsExactly(Invariant.EVENTS);
        }

        @Test
        void withoutATransition() {
            told().event("e1", "Preparing", "2026-01-01T00:02:00.001Z", "");

            assertThat(story.broken()).containsExactly(Invariant.EVENTS);
        }

        @Test
        void beforeTheStatusSaysIt() {
            story.event("e1", "Preparing", AT, "");
            told();

            assertThat(story.broken()).containsExactly(Invariant.EVENTS);
        }
    }
}
