package dev.segue.e2e.demo;

import static org.assertj.core.api.Assertions.assertThat;

import dev.segue.e2e.demo.Report.Promise;
import dev.segue.e2e.demo.Report.Traffic;
import dev.segue.e2e.demo.Report.Verdict;
import dev.segue.e2e.witness.Kind;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class PromisesTest {
    private static final Set<String> PODS = Set.of("a restarted 0", "b restarted 0");

    @Test
    void allAreKeptWhenTheGoodVersionTakesOverWithoutAFailure() {
        assertThat(Promises.completed(Examples.GOOD, PODS, PODS, List.of()))
                .hasSize(5)
                .allMatch(Promise::kept);
    }

    @Test
    void oneFailedRequestBreaksTheFirstMigration() {
        var moved = Examples.with(Examples.GOOD, 1, Examples.GOOD.traffic());

        assertThat(broken(Promises.completed(moved, PODS, PODS, List.of())))
                .singleElement()
                .satisfies(p -> assertThat(p.seen()).isEqualTo("1 of 5,600 failed"));
    }

    @Test
    void aMigrationThatEndsElsewhereBreaksItsPromise() {
        var stuck = new Verdict("DeploymentGone", "there is no Deployment shop");

        assertThat(broken(Promises.completed(Examples.with(Examples.GOOD, "Stuck", stuck), PODS, PODS, List.of())))
                .extracting(Promise::promise)
                .containsExactly("Migration shop-2-0-0 ends as Completed");
        assertThat(broken(Promises.reverted(Examples.with(Examples.BAD, "Stuck", stuck), List.of())))
                .extracting(Promise::promise)
                .containsExactly("Migration shop-3-0-0 ends as Reverted", "the errors of 3.0.0 are the cause");
    }

    @Test
    void noFailureProvesNothingWhenAVersionHadNoTraffic() {
        var moved = Examples.with(Examples.GOOD, 0, Map.of(Kind.NEW, Map.of("1.0.0", Examples.good(900))));

        assertThat(broken(Promises.completed(moved, PODS, PODS, List.of())))
                .extracting(Promise::promise)
                .containsExactly("both versions had traffic");
    }

    @Test
    void aPodThatWasReplacedOrRestartedInTheHandoverIsTold() {
        assertThat(broken(Promises.completed(Examples.GOOD, PODS, Set.of("a restarted 0", "b restarted 1"), List.of())))
                .extracting(Promise::seen)
                .containsExactly("1 of 2 pods were replaced or restarted");
    }

    @Test
    void podsThatWereNeverSeenInTheSoakProveNothing() {
        assertThat(broken(Promises.completed(Examples.GOOD, Set.of(), Set.of(), List.of())))
                .hasSize(1);
    }

    @Test
    void whatIsLeftBehindIsTold() {
        assertThat(broken(Promises.completed(Examples.GOOD, PODS, PODS, List.of("Service shop is narrowed"))))
                .extracting(Promise::seen)
                .containsExactly("Service shop is narrowed");
    }

    @Test
    void errorsThatTheBrokenVersionItselfAnsweredAreExpected() {
        assertThat(Promises.reverted(Examples.BAD, List.of())).hasSize(4).allMatch(Promise::kept);
    }

    @Test
    void anyOtherFailureIsNot() {
        var reset = new Traffic(301, 1, Map.of("reset", 1L), Map.of());
        var moved = Examples.with(
                Examples.BAD,
                8,
                Map.of(
                        Kind.NEW,
                        Map.of("2.0.0", Examples.good(100), "3.0.0", Examples.errors(500, 7)),
                        Kind.SLOW,
                        Map.of("none", reset)));

        assertThat(broken(Promises.reverted(moved, List.of())))
                .extracting(Promise::seen)
                .containsExactly("8 of 2,900 failed, 7 of them answered with 500 by 3.0.0");
    }

    @Test
    void anErrorOfTheOldVersionIsNot() {
        var moved = Examples.with(Examples.BAD, 7, Map.of(Kind.NEW, Map.of("2.0.0", Examples.errors(500, 7))));

        assertThat(broken(Promises.reverted(moved, List.of()))).hasSize(1);
    }

    private static List<Promise> broken(List<Promise> promises) {
        return promises.stream().filter(p -> !p.kept()).toList();
    }
}
