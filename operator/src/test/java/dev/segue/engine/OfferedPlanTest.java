package dev.segue.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.segue.api.MigrationSpec.Mode;
import dev.segue.api.MigrationStatus;
import dev.segue.api.MigrationStatus.Cause;
import dev.segue.api.Phase;
import dev.segue.api.PlanStatus;
import dev.segue.api.PlanStatus.Basis;
import dev.segue.api.Step;
import dev.segue.engine.AssessingTest.Workload;
import dev.segue.plan.Grounds;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** A plan, look by look: made, reported, offered, run or void. */
class OfferedPlanTest {
    private final Workload workload = new Workload();

    /** It rests on the spec and on a template. */
    private PlanStatus plan(String template) {
        List<Basis> basis = new ArrayList<>(Grounds.of(workload.spec.build()));
        basis.add(new Basis("Deployment shop: template", template));
        return new PlanStatus("hash-of-" + template, workload.now, null, basis, null, null, null, null);
    }

    private Decision look(MigrationStatus status) {
        return Planner.plan(workload.observed(status));
    }

    /** The assessment is through, with this plan in the status. */
    private MigrationStatus reporting(@Nullable PlanStatus plan) {
        workload.planned = plan;
        MigrationStatus status = look(AssessingTest.assessing("AwaitSource")).status();
        assertThat(status.task()).isEqualTo("WriteReport");
        assertThat(status.plan()).isEqualTo(plan);
        return status;
    }

    private MigrationStatus offered(PlanStatus plan) {
        workload.spec.mode = Mode.Plan;
        MigrationStatus reporting = reporting(plan);
        workload.reported = Observed.Reported.YES;
        MigrationStatus status = look(reporting).status();
        workload.reported = Observed.Reported.NO;
        assertThat(status.phase()).isEqualTo(Phase.Planned);
        workload.now = workload.now.plusSeconds(60);
        return status;
    }

    /** What was offered is to be run, and the source was looked at. */
    private Decision runs(PlanStatus then, @Nullable PlanStatus now) {
        MigrationStatus offered = offered(then);
        workload.spec.mode = Mode.Run;
        workload.planned = now;
        MigrationStatus pending = look(offered).status();
        assertThat(pending.phase()).isEqualTo(Phase.Pending);
        MigrationStatus checking = look(pending).status();
        MigrationStatus source = look(checking).status();
        assertThat(source.task()).isEqualTo("AwaitSource");
        assertThat(source.plan()).isEqualTo(then.offered(workload.now.minusSeconds(60)));
        return look(source);
    }

    @Test
    void aPlanIsReportedAsItStandsInTheStatus() {
        MigrationStatus reporting = reporting(plan("v1"));
        assertThat(look(reporting).actions()).containsExactly(new Action.WriteReport(Phase.Assessing));
        workload.planned = plan("v2");
        Decision anew = look(reporting);
        assertThat(anew.status().task()).isEqualTo("AwaitSource");
        assertThat(Moment.said(anew)).isEqualTo("what the plan rests on has changed: planning anew");
        workload.planned = null;
        assertThat(look(reporting).status().task()).isEqualTo("AwaitSource");
        assertThat(look(reporting(null)).actions()).containsExactly(new Action.WriteReport(Phase.Assessing));
    }

    @Test
    void whatIsDoneAlreadyIsNeitherReportedNorRun() {
        MigrationStatus reporting = reporting(plan("v1"));
        workload.carriesChange = true;
        Decision d = look(reporting);
        assertThat(d.status().phase()).isEqualTo(Phase.Completed);
        Moment.announced(d, false, "Superseded", "the Deployment already has this version; nothing to do");
    }

    @Test
    void aPlanIsOfferedFromTheMomentOn() {
        PlanStatus plan = plan("v1");
        workload.spec.mode = Mode.Plan;
        MigrationStatus reporting = reporting(plan);
        workload.reported = Observed.Reported.YES;
        Decision d = look(reporting);
        assertThat(d.status().phase()).isEqualTo(Phase.Planned);
        assertThat(d.status().task()).isEqualTo("AwaitRun");
        assertThat(d.status().plan()).isEqualTo(plan.offered(workload.now));
        Moment.announced(
                d,
                false,
                "Planned",
                "the plan stands (hash-of-v1); nothing has been written but its report. It is run when spec.mode is Run");
        assertThat(look(reporting(null)).notices())
                .singleElement()
                .satisfies(n -> assertThat(n.message()).startsWith("the plan stands (unknown); "));
    }

    @Test
    void anOfferCostsNothingUntilItIsTaken() {
        MigrationStatus offered = offered(plan("v1"));
        Decision waits = look(offered);
        assertThat(waits.status().phase()).isEqualTo(Phase.Planned);
        assertThat(waits.actions()).isEmpty();
        assertThat(waits.next()).isEqualTo(Duration.ofMinutes(10));
        assertThat(waits.status().condition("Waiting"))
                .hasValueSatisfying(c -> assertThat(c.reason() + ": " + c.message())
                        .isEqualTo("Planned: the plan stands; set spec.mode to Run to execute it"));

        workload.spec.mode = Mode.Run;
        Decision taken = look(offered);
        assertThat(taken.status().phase()).isEqualTo(Phase.Pending);
        assertThat(taken.status().task()).isEqualTo("AwaitTurn");
        assertThat(taken.status().plan()).isEqualTo(offered.plan());
        Moment.announced(taken, false, "Pending", "the plan is to be run, if what it rests on has not changed");
    }

    @Test
    void anotherSpecIsAnotherPlan() {
        MigrationStatus offered = offered(plan("v1"));
        workload.spec.steps = List.of(new Step(100, "1m"));
        workload.spec.images = Map.of("app", "shop:3");
        Decision d = look(offered);
        assertThat(d.status().phase()).isEqualTo(Phase.Pending);
        assertThat(d.status().plan()).isNull();
        Moment.announced(
                d, false, "Replanned", "spec.components was changed; spec.steps was changed: another plan is made");
    }

    @Test
    void aRetryIsAnotherPlanToo() {
        MigrationStatus offered = offered(plan("v1"));
        workload.command = "retry";
        Decision d = look(offered);
        assertThat(d.status().phase()).isEqualTo(Phase.Pending);
        assertThat(d.status().task()).isEqualTo("AwaitTurn");
        assertThat(d.status().plan()).isNull();
        Moment.announced(d, false, "Replanned", "a user asked for it: another plan is made");
    }

    @Test
    void anAbortEndsIt() {
        MigrationStatus offered = offered(plan("v1"));
        workload.command = "abort";
        Decision d = look(offered);
        assertThat(d.status().phase()).isEqualTo(Phase.Failed);
        assertThat(d.status().plan()).as("as it stood").isNotNull();
    }

    @Test
    void whatWasOfferedIsRunAsItWas() {
        PlanStatus then = plan("v1");
        workload.now = workload.now.plusSeconds(60);
        Decision goes = runs(then, plan("v1"));
        assertThat(goes.status().task()).isEqualTo("WriteReport");
        assertThat(Objects.requireNonNull(goes.status().plan()).offeredAt()).isNotNull();
        assertThat(goes.status().plan().at()).isEqualTo(then.at());
    }

    @Test
    void whatDoesNotHoldAnyMoreIsVoid() {
        Decision end = runs(plan("v1"), plan("v2"));
        assertThat(end.status().phase()).isEqualTo(Phase.Failed);
        assertThat(end.actions()).isEmpty();
        Cause cause = Objects.requireNonNull(end.status().cause());
        assertThat(cause.reason()).isEqualTo("PlanVoid");
        assertThat(cause.message())
                .isEqualTo(
                        "the plan that was offered does not hold any more, so nothing is run: Deployment shop: template was changed");
        assertThat(cause.remedy()).contains("kubectl patch migration shop-2", "annotate migration shop-2");
    }

    @Test
    void whatCannotBePlannedAnyMoreIsVoid() {
        assertThat(Objects.requireNonNull(runs(plan("v1"), null).status().cause())
                        .message())
                .endsWith("so nothing is run: it cannot be planned any more");
    }

    /** Nobody has seen it, so there is nothing to keep to. */
    @Test
    void aPlanThatWasNotOfferedFollowsTheWorld() {
        MigrationStatus reporting = reporting(plan("v1"));
        workload.planned = plan("v2");
        MigrationStatus back = look(reporting).status();
        assertThat(back.task()).isEqualTo("AwaitSource");
        assertThat(look(back).status().plan()).isEqualTo(plan("v2"));
    }

    @Test
    void whatIsThereAlreadyVoidsNoPlan() {
        MigrationStatus offered = offered(plan("v1"));
        workload.spec.mode = Mode.Run;
        workload.planned = plan("v2");
        MigrationStatus source = look(look(look(offered).status()).status()).status();
        assertThat(source.task()).isEqualTo("AwaitSource");
        workload.carriesChange = true;
        assertThat(look(source).status().cause()).isNull();
    }

    /** Its user has taken the word back: in mode Plan another one is made, and offered. */
    @Test
    void aPlanThatIsOnlyOfferedIsNeverVoid() {
        MigrationStatus offered = offered(plan("v1"));
        workload.spec.mode = Mode.Run;
        MigrationStatus source = look(look(look(offered).status()).status()).status();
        workload.spec.mode = Mode.Plan;
        workload.planned = plan("v2");
        assertThat(look(source).status().plan()).isEqualTo(plan("v2"));
        workload.planned = plan("v1");
        assertThat(Objects.requireNonNull(look(source).status().plan()).offeredAt())
                .as("it is offered anew")
                .isNull();
    }
}
