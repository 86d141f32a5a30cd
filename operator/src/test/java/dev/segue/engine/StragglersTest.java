package dev.segue.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.segue.api.Phase;
import dev.segue.engine.Action.ForgetFields;
import java.time.Duration;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What arrives after the end, sent by an operator that had died: it is removed, and the record stays as it is. */
class StragglersTest {
    private final Moment moment = Moment.ended(Phase.Completed);

    @BeforeEach
    void nothingIsLeft() {
        moment.holds = Set.of();
        moment.target = null;
    }

    @Test
    void nothingIsDoneWhenNothingIsLeft() {
        Decision d = moment.look();
        assertThat(d.actions()).isEmpty();
        assertThat(d.notices()).isEmpty();
        assertThat(d.next()).isEqualTo(Duration.ofMinutes(10));
        assertThat(d.status().phase()).isEqualTo(Phase.Completed);
    }

    @Test
    void aHoldServiceGoes() {
        moment.holds = Set.of("shop");
        assertThat(moment.look().actions()).containsExactly(new Action.DeleteHold("shop"));
    }

    @Test
    void aReplicaSetOfOursGoesAndThatOfTheDeploymentStays() {
        moment.target = new Moment.Pods("shop-m1", Moment.TARGET, Moment.US, 0);
        assertThat(moment.look().actions()).containsExactly(new Action.DeleteTarget("shop-m1", "uid-of-shop-m1"));
        moment.target().controller = Moment.THEM;
        assertThat(moment.look().actions()).isEmpty();
    }

    @Test
    void tracesGoUnlessTheyMayBeTheNextMigrations() {
        moment.shop.marked = true;
        moment.shop.paused = moment.shop.pausedByUs = true;
        assertThat(moment.look().actions())
                .containsExactly(
                        new Action.Resume(Moment.THEM), new ForgetFields(ForgetFields.Kind.Deployment, "shop"));
        moment.precededBy = "shop-3";
        assertThat(moment.look().actions()).isEmpty();
        moment.holds = Set.of("shop");
        assertThat(moment.look().actions())
                .as("what has our name on it")
                .containsExactly(new Action.DeleteHold("shop"));
        moment.precededBy = null;
        moment.holds = Set.of();
        moment.shop.marked = false;
        moment.shop.fence = "late";
        assertThat(moment.look().actions()).hasSize(2);
        moment.deploymentGone = true;
        assertThat(moment.look().actions()).isEmpty();
    }

    /** Its target may serve, so nothing of it is removed. */
    @Test
    void whatIsStuckIsOnlyKeptFromAnOutage() {
        Moment stuck = Moment.ended(Phase.Stuck);
        assertThat(stuck.look().actions()).isEmpty();
        stuck.service().pin = Moment.TARGET;
        assertThat(stuck.look().actions()).isEmpty();
        stuck.target().has(0);
        assertThat(stuck.look().actions()).containsExactly(new Action.Unpin("shop", "uid-of-shop"));
    }

    @Test
    void theRecordStaysAsItIs() {
        Moment ended = Moment.ended(Phase.Reverted);
        ended.target().has(1);
        ended.service().uid = "uid-of-another";
        ended.step = 1;
        ended.shop.scaled(8);
        Decision d = ended.look();
        assertThat(d.status().target()).isEqualTo(ended.status().target());
        assertThat(d.status().services()).isEqualTo(ended.knownServices);
        assertThat(Objects.requireNonNull(d.status().step()))
                .isEqualTo(ended.status().step());
    }
}
