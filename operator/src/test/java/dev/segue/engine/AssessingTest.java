package dev.segue.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.segue.analysis.Reading;
import dev.segue.api.Finding;
import dev.segue.api.Finding.Severity;
import dev.segue.api.Handover.Via;
import dev.segue.api.MigrationStatus;
import dev.segue.api.Phase;
import dev.segue.api.PlanStatus;
import dev.segue.engine.Observed.ChangeFacts;
import dev.segue.engine.Observed.DeploymentFacts;
import dev.segue.engine.Observed.PodFacts;
import dev.segue.engine.Observed.ReplicaSetFacts;
import dev.segue.engine.Observed.ServiceFacts;
import dev.segue.engine.Observed.Subject;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Each reason to refuse a workload, before anything is written. */
class AssessingTest {
    private static final PodFacts POD = new PodFacts("shop-1-abcde", "pod-1", true, true, false, 0, null, null, null);

    /** A workload that can be moved, until a case spoils it. */
    static final class Workload {
        Observed.Reported reported = Observed.Reported.NO;
        final Spec spec = new Spec();
        boolean exists = true;
        int replicas = 4;
        boolean paused;
        boolean probed = true;
        boolean twin;
        boolean ordinary = true;

        @Nullable
        String owner;

        @Nullable
        String serviceProblem;

        @Nullable
        String unmovable;

        @Nullable
        String locked;

        @Nullable
        String refusal;

        @Nullable
        List<Finding> findings = List.of();

        /** The plan that would be made now. */
        @Nullable
        PlanStatus planned;

        @Nullable
        String command;

        @Nullable
        String precededBy;

        Map<String, Reading> readings = Map.of();
        boolean carriesChange;
        int available = -1;
        int services = 1;
        Map<String, String> labels = Map.of("app", "shop", "track", "stable");
        List<String> endpoints = List.of("pod-1");
        Instant now = Instant.parse("2026-01-01T00:00:00Z");

        Observed observed(MigrationStatus status) {
            ReplicaSetFacts current =
                    new ReplicaSetFacts("shop-1", "rs-1", "1", replicas, "d", false, true, false, List.of(POD));
            DeploymentFacts deployment = new DeploymentFacts(
                    "d",
                    "1",
                    true,
                    replicas,
                    replicas,
                    replicas,
                    available < 0 ? replicas : available,
                    paused,
                    false,
                    List.of("app", "sidecar"),
                    probed,
                    carriesChange,
                    ordinary ? current : null,
                    twin,
                    owner,
                    false,
                    null);
            List<ServiceFacts> found = IntStream.range(0, services)
                    .mapToObj(i -> new ServiceFacts(
                            i == 0 ? "shop" : "shop-" + i,
                            "s" + i,
                            "1",
                            Map.of("app", "shop"),
                            endpoints,
                            unmovable,
                            true,
                            locked,
                            null,
                            false))
                    .toList();
            return new Observed(
                    now,
                    new Subject("prod", "shop-2", "uid", 1, false, command),
                    spec.build(),
                    status,
                    exists ? deployment : null,
                    null,
                    0,
                    found,
                    serviceProblem,
                    Set.of(),
                    new ChangeFacts(refusal, labels),
                    precededBy,
                    readings,
                    null,
                    status.taskSince() == null ? now : status.taskSince(),
                    findings,
                    planned,
                    reported,
                    null);
        }
    }

    record Case(String reason, String inMessage, String inRemedy, Consumer<Workload> spoil) {
        @Override
        public String toString() {
            return reason + ": " + inMessage;
        }
    }

    static Stream<Case> cases() {
        return Stream.of(
                new Case(
                        "DeploymentNotFound",
                        "no Deployment shop in namespace prod",
                        "deployment",
                        w -> w.exists = false),
                new Case(
                        "ForeignController", "controlled by Rollout shop", "controller", w -> w.owner = "Rollout shop"),
                new Case("DeploymentPaused", "paused", "kubectl rollout resume deployment/shop", w -> w.paused = true),
                new Case("NoReplicas", "scaled to 0", "scale it up", w -> w.replicas = 0),
                new Case(
                        "UnknownContainer",
                        "[apps, web]",
                        "[app, sidecar]; an init container's image",
                        w -> w.spec.images = Map.of("app", "a", "web", "b", "apps", "c")),
                new Case("NoReadinessProbe", "readinessProbe", "readinessProbe", w -> w.probed = false),
                new Case(
                        "ServiceNotFound", "no Service x", "services", w -> w.serviceProblem = "there is no Service x"),
                new Case("NoService", "no Service of namespace prod", "Service", w -> w.services = 0),
                new Case("TooManyServices", "51 Services", "fewer Services", w -> w.services = 51),
                new Case(
                        "ServiceUnmovable",
                        "shop cannot be moved: it is headless",
                        "excludedServices",
                        w -> w.unmovable = "it is headless"),
                new Case(
                        "ServiceSelector",
                        "Service shop selects {app=shop}",
                        "patch",
                        w -> w.labels = Map.of("app", "shop-2")),
                new Case(
                        "ChangeRefused",
                        "dry run: spec.x is wrong",
                        "images or patch",
                        w -> w.refusal = "spec.x is wrong"),
                new Case("AdoptImpossible", "older ReplicaSet", "Auto", w -> {
                    w.spec.via(Via.Adopt);
                    w.twin = true;
                }));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void isRefusedWithAReasonAndARemedy(Case given) {
        Workload workload = new Workload();
        given.spoil.accept(workload);
        for (String task : List.of("CheckWorkload", "AwaitSource")) {
            Decision decision = Planner.plan(workload.observed(assessing(task)));

            assertThat(decision.status().phase()).isEqualTo(Phase.Failed);
            assertThat(decision.actions()).isEmpty();
            MigrationStatus.Cause cause =
                    Objects.requireNonNull(decision.status().cause());
            assertThat(cause.reason()).isEqualTo(given.reason);
            assertThat(cause.message()).contains(given.inMessage);
            assertThat(cause.remedy()).contains(given.inRemedy);
            assertThat(cause.during()).isEqualTo(Phase.Assessing);
            assertThat(decision.status().findingsOrEmpty())
                    .first()
                    .isEqualTo(new Finding(Severity.Block, cause.reason(), cause.message(), cause.remedy()));
            assertThat(decision.status().condition("Stalled").orElseThrow().reason())
                    .isEqualTo(given.reason);
            assertThat(decision.notices())
                    .singleElement()
                    .satisfies(n -> assertThat(n.warning()).isTrue());
        }
    }

    /** Narrowed by the other Migration, it would be told to be unmovable, and its owner to take that back. */
    @Test
    void aServiceInOtherHandsIsWaitedFor() {
        Workload workload = new Workload();
        workload.locked = "Migration other";
        workload.unmovable = "its selector already names a pod-template-hash; remove it first";
        for (String task : List.of("CheckWorkload", "AwaitSource")) {
            Decision decision = Planner.plan(workload.observed(assessing(task)));
            assertThat(decision.status().phase()).isEqualTo(Phase.Assessing);
            assertThat(decision.status().condition("Waiting")).get().satisfies(c -> {
                assertThat(c.reason()).isEqualTo("Locked");
                assertThat(c.message()).contains("Migration other has Service shop in hand");
            });
            assertThat(decision.status().findingsOrEmpty()).isEmpty();
        }
    }

    @Test
    void aGoodWorkloadIsNotRefused() {
        Decision decision = Planner.plan(new Workload().observed(assessing("CheckWorkload")));
        assertThat(decision.status().task()).isEqualTo("AwaitSource");
        assertThat(decision.status().cause()).isNull();
    }

    /** A Service narrowed to no hash at all would have no endpoints. */
    @Test
    void aReplicaSetWithoutAHashIsRefused() {
        Workload workload = new Workload();
        workload.ordinary = false;
        Decision decision = Planner.plan(workload.observed(assessing("AwaitSource")));
        assertThat(decision.status().phase()).isEqualTo(Phase.Failed);
        assertThat(Objects.requireNonNull(decision.status().cause()).reason()).isEqualTo("UnknownReplicaSet");
        assertThat(Objects.requireNonNull(decision.status().cause()).remedy()).contains("kubectl rollout restart");
    }

    @Test
    void aTwinIsNoObstacleForAuto() {
        Workload workload = new Workload();
        workload.twin = true;
        assertThat(Planner.plan(workload.observed(assessing("CheckWorkload")))
                        .status()
                        .cause())
                .isNull();
    }

    @Test
    void aServiceOfMoreThanTheDeploymentIsRefusedOnceItsEndpointsHadTimeToFollow() {
        Workload workload = new Workload();
        workload.endpoints = List.of("pod-1", "pod-of-another");
        MigrationStatus status = assessing("AwaitSource");
        assertThat(Planner.plan(workload.observed(status)).status().phase()).isEqualTo(Phase.Assessing);

        workload.now = workload.now.plusSeconds(15);
        MigrationStatus failed = Planner.plan(workload.observed(status)).status();
        assertThat(failed.phase()).isEqualTo(Phase.Failed);
        assertThat(Objects.requireNonNull(failed.cause()).reason()).isEqualTo("ServiceShared");
        assertThat(failed.cause().message())
                .contains("Service shop", "1 ready endpoint(s) of other pods", "Deployment shop");

        workload.endpoints = List.of("pod-1");
        assertThat(Planner.plan(workload.observed(status)).status().task()).isEqualTo("WriteReport");
    }

    private static final Finding QUOTA =
            new Finding(Severity.Block, "QuotaExceeded", "no room", "kubectl patch resourcequota team");
    private static final Finding SINGLE = new Finding(Severity.Warn, "SingleReplica", "one pod", "kubectl scale");
    private static final Finding AFFINITY = new Finding(Severity.Warn, "SessionAffinity", "sticky", null);
    private static final Finding HEALTH = new Finding(Severity.Info, "HealthOnly", "no analysis", null);

    @Test
    void aBlockOfTheSurroundingsIsACauseLikeAnyOther() {
        Workload workload = new Workload();
        workload.findings = List.of(HEALTH, SINGLE, QUOTA);
        for (String task : List.of("CheckWorkload", "AwaitSource")) {
            Decision decision = Planner.plan(workload.observed(assessing(task)));
            assertThat(decision.status().phase()).isEqualTo(Phase.Failed);
            assertThat(decision.actions()).isEmpty();
            MigrationStatus.Cause cause =
                    Objects.requireNonNull(decision.status().cause());
            assertThat(cause.reason()).isEqualTo("QuotaExceeded");
            assertThat(cause.remedy()).isEqualTo("kubectl patch resourcequota team");
            assertThat(decision.status().findingsOrEmpty()).containsExactly(QUOTA, SINGLE, HEALTH);
            assertThat(decision.status().condition("Assessed")).get().satisfies(c -> {
                assertThat(c.status()).isEqualTo("False");
                assertThat(c.reason()).isEqualTo("Blocked");
                assertThat(c.message())
                        .isEqualTo("1 block: QuotaExceeded; 1 warning: SingleReplica; 1 note: HealthOnly");
            });
        }
    }

    @Test
    void allBlocksAreListedAndTheFirstIsTheCause() {
        Workload workload = new Workload();
        workload.findings = List.of(QUOTA, SINGLE);
        workload.paused = true;
        workload.probed = false;
        workload.services = 2;
        workload.unmovable = "it is headless";

        MigrationStatus status =
                Planner.plan(workload.observed(assessing("CheckWorkload"))).status();

        assertThat(Objects.requireNonNull(status.cause()).reason()).isEqualTo("DeploymentPaused");
        assertThat(status.findingsOrEmpty())
                .extracting(Finding::reason)
                .containsExactly(
                        "DeploymentPaused",
                        "NoReadinessProbe",
                        "ServiceUnmovable",
                        "ServiceUnmovable",
                        "QuotaExceeded",
                        "SingleReplica");
        assertThat(status.findingsOrEmpty().getFirst().remedy()).contains("kubectl rollout resume");
    }

    /** One event for all of them, in a transition of its own; then it goes on. */
    @Test
    void warningsAreToldOnceAndItGoesOn() {
        Workload workload = new Workload();
        workload.findings = List.of(HEALTH, SINGLE, AFFINITY);

        Decision found = Planner.plan(workload.observed(assessing("AwaitSource")));
        workload.reported = Observed.Reported.YES;
        Decision told = Planner.plan(workload.observed(found.status()));
        assertThat(told.status().phase()).isEqualTo(Phase.Assessing);
        assertThat(told.notices()).singleElement().satisfies(n -> {
            assertThat(n.reason()).isEqualTo("AssessmentWarned");
            assertThat(n.warning()).isTrue();
            assertThat(n.message()).isEqualTo("SingleReplica: one pod; SessionAffinity: sticky");
        });
        assertThat(told.next()).isEqualTo(Planner.NOW);

        workload.now = workload.now.minusSeconds(60); // another operator, whose clock is behind
        Decision gone = Planner.plan(workload.observed(told.status()));
        assertThat(gone.status().phase()).isEqualTo(Phase.Preparing);
        assertThat(gone.notices())
                .singleElement()
                .satisfies(n -> assertThat(n.reason()).isEqualTo("Preparing"));
        assertThat(gone.status().findingsOrEmpty()).containsExactly(SINGLE, AFFINITY, HEALTH);
        assertThat(gone.status().condition("Assessed")).get().satisfies(c -> {
            assertThat(c.status()).isEqualTo("True");
            assertThat(c.reason()).isEqualTo("Warned");
            assertThat(c.message()).isEqualTo("2 warnings: SessionAffinity, SingleReplica; 1 note: HealthOnly");
        });

        workload.findings = List.of(QUOTA); // nothing is looked for any more
        assertThat(Planner.plan(workload.observed(gone.status())).status().findingsOrEmpty())
                .containsExactly(SINGLE, AFFINITY, HEALTH);
    }

    @Test
    void withoutAWarningNothingIsTold() {
        Workload workload = new Workload();
        workload.findings = List.of(HEALTH);
        Decision found = Planner.plan(workload.observed(assessing("AwaitSource")));
        workload.reported = Observed.Reported.YES;
        Decision decision = Planner.plan(workload.observed(found.status()));
        assertThat(decision.status().phase()).isEqualTo(Phase.Preparing);
        assertThat(decision.status().condition("Assessed").orElseThrow().reason())
                .isEqualTo("Passed");
    }

    /** While the source is waited for nothing is read, and what is known stays. */
    @Test
    void whatWasFoundStaysWhileNothingIsRead() {
        Workload workload = new Workload();
        workload.findings = List.of(HEALTH, SINGLE);
        workload.available = 3;
        MigrationStatus first =
                Planner.plan(workload.observed(assessing("CheckWorkload"))).status();
        workload.findings = null;
        MigrationStatus second = Planner.plan(workload.observed(first)).status();
        assertThat(second.task()).isEqualTo("AwaitSource");
        assertThat(second.findingsOrEmpty()).containsExactly(SINGLE, HEALTH);
        assertThat(Planner.plan(workload.observed(second)).status()).isEqualTo(second);

        workload.now = workload.now.plusSeconds(3600);
        MigrationStatus failed = Planner.plan(workload.observed(second)).status();
        assertThat(failed.findingsOrEmpty())
                .extracting(Finding::reason)
                .containsExactly("SourceUnhealthy", "SingleReplica", "HealthOnly");
    }

    @Test
    void theStatusTakesNoMoreThanFiftyAndTheWorstFirst() {
        Workload workload = new Workload();
        workload.findings = Stream.concat(
                        IntStream.range(0, 60).mapToObj(i -> new Finding(Severity.Info, "NotChecked", "x" + i, null)),
                        Stream.of(QUOTA))
                .toList();
        MigrationStatus status =
                Planner.plan(workload.observed(assessing("CheckWorkload"))).status();
        assertThat(status.findingsOrEmpty()).hasSize(50).startsWith(QUOTA);
    }

    /** The first check and the last are sure to be of the whole; in between it may look each second. */
    @Test
    void theSurroundingsAreReadWhenNothingElseIsWaitedFor() {
        Workload workload = new Workload();
        MigrationStatus checking = assessing("CheckWorkload");
        MigrationStatus waiting = assessing("AwaitSource");
        DeploymentFacts settled =
                Objects.requireNonNull(workload.observed(waiting).deployment());
        workload.available = 3;
        DeploymentFacts unhealthy =
                Objects.requireNonNull(workload.observed(waiting).deployment());

        assertThat(Observed.readsSurroundings(checking, unhealthy, Map.of())).isTrue();
        assertThat(Observed.readsSurroundings(waiting, unhealthy, Map.of())).isFalse();
        assertThat(Observed.readsSurroundings(waiting, settled, Map.of())).isTrue();
        assertThat(Observed.readsSurroundings(
                        waiting, settled, Map.of("errors", new Reading.Unavailable("it does not answer"))))
                .isFalse();
        assertThat(Observed.readsSurroundings(MigrationStatus.EMPTY, settled, Map.of()))
                .isFalse();
    }

    static MigrationStatus assessing(String task) {
        MigrationStatus begun =
                Planner.plan(new Workload().observed(MigrationStatus.EMPTY)).status();
        MigrationStatus assessing = Planner.plan(new Workload().observed(begun)).status();
        assertThat(assessing.task()).isEqualTo("CheckWorkload");
        return task.equals("CheckWorkload")
                ? assessing
                : Planner.plan(new Workload().observed(assessing)).status();
    }
}
