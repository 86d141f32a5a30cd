package dev.segue.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.segue.analysis.Reading;
import dev.segue.analysis.Watched;
import dev.segue.api.MigrationStatus;
import dev.segue.api.MigrationStatus.DrainStatus;
import dev.segue.api.MigrationStatus.MetricStatus;
import dev.segue.api.MigrationStatus.ServiceStatus;
import dev.segue.api.Phase;
import dev.segue.api.Verify.OnTimeout;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** How long is waited, look by look: what was not watched does not count, and what serves nobody is not waited with. */
class HoldTest {
    private static Moment over() {
        Moment moment = Moment.shifting("Hold");
        moment.spec.metric();
        moment.holdUntil = Moment.NOW;
        moment.readings.put("errors", new Reading.Value(1));
        return moment;
    }

    private static List<MetricStatus> evaluated(long ago) {
        return List.of(
                MetricStatus.limited("errors", 1.0, 10, "Pass", List.of(false), null, Moment.NOW.minusSeconds(ago)));
    }

    /** It is evaluated each 10 s. */
    @ParameterizedTest
    @CsvSource({"20, 10", "41, 31"})
    void whatWasMissedIsAdded(long ago, long added) {
        Moment moment = over();
        moment.metrics = evaluated(ago);
        moment.awaits(null, "holding until " + Moment.NOW.plusSeconds(added));
        assertThat(Objects.requireNonNull(moment.look().status().step()).holdUntil())
                .isEqualTo(Moment.NOW.plusSeconds(added));
    }

    @Test
    void whatIsAlmostAnIntervalLateWasNotMissed() {
        Moment moment = over();
        moment.metrics = evaluated(19);
        assertThat(moment.look().notices()).as("the next step").hasSize(1);
    }

    @Test
    void whatIsNotEvaluatedNowIsAddedWhenItIs() {
        Moment moment = over();
        moment.metrics = evaluated(60);
        moment.readings.clear();
        assertThat(moment.look().notices()).as("the next step").hasSize(1);
    }

    @Test
    void aMetricWithoutDataIsToldBeforeTheHoldIsOver() {
        Moment moment = Moment.shifting("Hold");
        moment.spec.metric();
        moment.awaits("NoData", "not every metric has been evaluated yet");
    }

    /** Of the operator before, whose clock may have been behind: a wait that protects requests does not end by that. */
    @ParameterizedTest
    @ValueSource(longs = {14, 15})
    void aWaitIsOverWhenThisOperatorHasSeenItAll(long seen) {
        Moment moment = Moment.shifting("Propagate").after(Duration.ofHours(1));
        moment.holdUntil = null;
        moment.taskSeen = Moment.NOW.minusSeconds(seen);
        assertThat(moment.look().status().task()).isEqualTo(seen < 15 ? "Propagate" : "Hold");
    }

    @Test
    void aPromotionEndsTheSoakAsWellAndAHoldThatHasNotBegun() {
        Decision soak = Moment.soaking("Soak").commanded("promote").look();
        assertThat(soak.notices())
                .singleElement()
                .satisfies(n -> assertThat(n.reason()).isEqualTo("Promoted"));
        Moment before = Moment.shifting("Propagate").commanded("promote");
        before.holdUntil = null;
        assertThat(Objects.requireNonNull(before.look().status().step()).holdUntil())
                .isEqualTo(Moment.NOW);
        Moment hours = Moment.shifting("Hold").commanded("promote");
        hours.holdUntil = Moment.NOW.minusSeconds(5);
        assertThat(hours.look().notices())
                .singleElement()
                .satisfies(n -> assertThat(n.reason()).isEqualTo("CommandIgnored"));
    }

    // ---- narrowed to pods of which none is ready ----

    @Test
    void whatServesNobodyIsWidenedAtOnce() {
        Moment pin = Moment.soaking("PinTarget");
        pin.target().has(0);
        pin.service().endpoints = List.of("m1-0"); // they follow their pods later
        pin.acts(
                "no target pod is ready: sending the traffic to all ready pods",
                new Action.Unpin("shop", "uid-of-shop"));
    }

    @ParameterizedTest
    @CsvSource({"Soaking, AwaitTarget", "Soaking, Soak", "CuttingOver, ProveCutover"})
    void whatServesNobodyIsGoneBackFor(String phase, String task) {
        Moment moment = phase.equals("Soaking") ? Moment.soaking(task) : Moment.cuttingOver(task);
        moment.target().has(0);
        moment.goesTo("PinTarget", "a Service no longer points at the target alone");
    }

    @Test
    void aCommandThatIsNoneStopsTheLook() {
        Moment moment = Moment.shifting("SizeTarget").commanded("abrot");
        moment.target().wanted = 1;
        Moment.told(
                moment.look(),
                true,
                "UnknownCommand",
                "annotation segue.dev/command is 'abrot', which is not a command; known: abort, promote, retry");
    }

    /** What was quiet before the drain began had its requests elsewhere. */
    @Test
    void aDrainIsQuietForItsOwnTime() {
        Moment moment = Moment.cuttingOver("DrainSource").after(Duration.ofSeconds(9));
        moment.spec.drainByQuery(OnTimeout.Hold);
        moment.drain = new DrainStatus(0.0, Moment.NOW.minusSeconds(600), null);
        assertThat(moment.look().status().condition("Waiting"))
                .hasValueSatisfying(c -> assertThat(c.reason()).isEqualTo("Draining"));
        moment.after(Duration.ofSeconds(10));
        assertThat(moment.look().status().phase()).isEqualTo(Phase.Soaking);
    }

    // ---- what is watched ----

    @Test
    void watchedIsTheHoldThatIsUnderWay() {
        assertThat(Observed.watching(Moment.shifting("Hold").status()))
                .isEqualTo(new Watched(false, Moment.NOW.minusSeconds(30), null));
        assertThat(Observed.watching(Moment.soaking("Soak").status()))
                .isEqualTo(new Watched(true, Moment.NOW.minusSeconds(30), null));
        Moment cutover = Moment.cuttingOver("DrainSource");
        cutover.holdUntil = Moment.NOW;
        assertThat(Observed.watching(cutover.status())).isEqualTo(new Watched(false, null, null));
        assertThat(Observed.watching(MigrationStatus.EMPTY)).isEqualTo(new Watched(false, null, null));
    }

    /** A Service that has no endpoints of one version says nothing of how traffic is shared. */
    @ParameterizedTest
    @CsvSource({"3, 1, 0.25", "1, 1, 0.5", "0, 4,", "4, 0,"})
    void theShareIsThatOfTheEndpoints(int source, int target, @Nullable Double share) {
        Moment moment = Moment.shifting("Hold");
        moment.knownServices = List.of(new ServiceStatus("shop", "uid-of-shop", source, target, null));
        assertThat(Observed.watching(moment.status()).share()).isEqualTo(share);
    }

    @Test
    void onTheWayBackMetricsStayAsTheyWere() {
        Moment moment = Moment.reverting("DeleteHold");
        moment.spec.metric();
        moment.metrics = evaluated(60);
        moment.readings.put("errors", new Reading.Value(99));
        assertThat(moment.look().status().metricsOrEmpty()).isEqualTo(moment.metrics);
    }
}
