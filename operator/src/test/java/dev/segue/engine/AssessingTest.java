package dev.segue.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.segue.api.Handover.Via;
import dev.segue.api.MigrationStatus;
import dev.segue.api.Phase;
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
                    replicas,
                    paused,
                    List.of("app", "sidecar"),
                    probed,
                    false,
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
                    new Subject("prod", "shop-2", "uid", 1, false, null),
                    spec.build(),
                    status,
                    exists ? deployment : null,
                    null,
                    0,
                    found,
                    serviceProblem,
                    Set.of(),
                    new ChangeFacts(refusal, labels),
                    null,
                    Map.of(),
                    null,
                    status.taskSince() == null ? now : status.taskSince());
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
        assertThat(Planner.plan(workload.observed(status)).status().phase()).isEqualTo(Phase.Preparing);
    }

    private static MigrationStatus assessing(String task) {
        MigrationStatus begun =
                Planner.plan(new Workload().observed(MigrationStatus.EMPTY)).status();
        MigrationStatus assessing = Planner.plan(new Workload().observed(begun)).status();
        assertThat(assessing.task()).isEqualTo("CheckWorkload");
        return task.equals("CheckWorkload")
                ? assessing
                : Planner.plan(new Workload().observed(assessing)).status();
    }
}
