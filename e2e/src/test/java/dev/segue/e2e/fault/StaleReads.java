package dev.segue.e2e.fault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.segue.api.Migration;
import dev.segue.api.Phase;
import dev.segue.e2e.fault.ApiRequest.Kind;
import dev.segue.e2e.referee.Invariant;
import dev.segue.e2e.stage.Migrations;
import dev.segue.staging.TargetName;
import io.fabric8.kubernetes.api.model.DeletionPropagation;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.apps.ReplicaSet;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/**
 * The operator dies just before an act. The object that it was for is replaced by another one of the same name, and the
 * next operator is shown the world as it was before. What it then does is for the old object, and never hits the new one.
 */
final class StaleReads {
    private static final PatchContext MERGE = PatchContext.of(PatchType.JSON_MERGE);

    /** Looks at the old world. */
    private static final int STALE_LOOKS = 3;

    private StaleReads() {}

    static List<Experiment> all() {
        return List.of(
                new Experiment(
                        "stale-service-pin", "Service, to be narrowed", lab -> service(lab, "CuttingOver/PinTarget")),
                new Experiment(
                        "stale-service-unpin", "Service, to be widened", lab -> service(lab, "HandingOver/Unpin")),
                new Experiment(
                        "stale-deployment-change",
                        "Deployment, to be changed",
                        lab -> deployment(lab, "HandingOver/ApplyChangePaused")),
                new Experiment(
                        "stale-deployment-resume",
                        "Deployment, to be resumed",
                        lab -> deployment(lab, "HandingOver/Resume")),
                new Experiment(
                        "stale-target-stop", "target, to be stopped", lab -> target(lab, "Reverting/StopTarget")),
                new Experiment(
                        "stale-target-delete", "target, to be deleted", lab -> target(lab, "Reverting/DeleteTarget")),
                new Experiment("stale-hold", "hold Service, to be deleted", StaleReads::hold),
                new Experiment("stale-migration", "Migration, about to act", StaleReads::migration));
    }

    /** Goes to the task, dies there before its act, and answers the revision at that moment. */
    private static String dieAt(Lab lab, String task) throws InterruptedException {
        var reached = new CountDownLatch(1);
        OperatorUnderTest first = lab.start(new Disturbance() {
            @Override
            public Fault on(ApiRequest request) {
                return reached.getCount() == 0 ? new Fault.Cut() : Fault.NONE;
            }

            @Override
            public void accepted(ApiRequest request) {
                if (task.equals(request.task())) {
                    reached.countDown();
                }
            }
        });
        lab.migrate(Lab.MIGRATION, Lab.to("2"), Lab.SWIFT);
        if (task.startsWith("Reverting")) {
            lab.migrations().task(Lab.MIGRATION, Phase.CuttingOver, "Propagate");
            lab.abort(Lab.MIGRATION);
        }
        assertThat(reached.await(Migrations.PATIENCE.toSeconds(), TimeUnit.SECONDS))
                .isTrue();
        first.crash();
        return revision(lab);
    }

    private static String revision(Lab lab) {
        return lab.client()
                .pods()
                .inNamespace(lab.namespace())
                .list()
                .getMetadata()
                .getResourceVersion();
    }

    /** Sees the past for some looks; notes which writes were accepted meanwhile. */
    private static final class Past implements Disturbance {
        private final String revision;
        private final AtomicInteger looks = new AtomicInteger();
        private final List<String> accepted = new CopyOnWriteArrayList<>();

        Past(String revision) {
            this.revision = revision;
        }

        private boolean over() {
            return looks.get() > STALE_LOOKS;
        }

        @Override
        public Fault on(ApiRequest request) {
            boolean look = request.kind() == Kind.READ && request.text().equals("GET deployments/app");
            if (look ? looks.incrementAndGet() > STALE_LOOKS : over()) {
                return Fault.NONE;
            }
            return switch (request.kind()) {
                case READ -> new Fault.Past(revision);
                case WATCH -> new Fault.Stall(); // or it would tell at once what came after
                default -> Fault.NONE;
            };
        }

        @Override
        public void accepted(ApiRequest request) {
            if (request.kind() == Kind.WRITE && !over()) {
                accepted.add(request.text());
            }
        }

        void assertHarmless(OperatorUnderTest operator, String object) {
            await().atMost(Migrations.PATIENCE).until(this::over);
            assertThat(operator.proxy().writes())
                    .as("writes that were tried")
                    .anyMatch(w -> w.text().endsWith(object));
            assertThat(accepted).as("writes that landed while it saw the past").noneMatch(w -> w.endsWith(object));
        }
    }

    /** The next operator, who sees the past at first, tries to write to the object, and none of that lands. */
    private static void actHarmlessly(Lab lab, String past, String object) {
        var disturbance = new Past(past);
        disturbance.assertHarmless(lab.start(disturbance), object);
    }

    private static void service(Lab lab, String task) throws Exception {
        String past = dieAt(lab, task);
        lab.referee().excuse(Invariant.CAPACITY, "Service", Lab.APP, "another one needs endpoints first");
        lab.referee().excuse(Invariant.NARROWING, "Service", Lab.APP, "another one needs endpoints first");
        var another = recreate(
                lab, lab.client().services().inNamespace(lab.namespace()).withName(Lab.APP), s -> {
                    s.getSpec().setClusterIP(null);
                    s.getSpec().setClusterIPs(null);
                    s.getSpec().getSelector().remove("pod-template-hash");
                });
        actHarmlessly(lab, past, "services/app");
        end(lab);
        assertThat(lab.service().getMetadata().getUid())
                .isEqualTo(another.getMetadata().getUid());
        assertThat(lab.service().getSpec().getSelector()).containsOnlyKeys("app");
    }

    private static void deployment(Lab lab, String task) throws Exception {
        String past = dieAt(lab, task);
        var another = recreate(
                lab,
                lab.client().apps().deployments().inNamespace(lab.namespace()).withName(Lab.APP),
                d -> {});
        actHarmlessly(lab, past, "deployments/app");
        end(lab);
        assertThat(lab.deployment().getMetadata().getUid())
                .isEqualTo(another.getMetadata().getUid());
        assertThat(lab.deployment().getSpec()).isEqualTo(another.getSpec());
    }

    /** Its pods go with it. */
    private static void target(Lab lab, String task) throws Exception {
        String past = dieAt(lab, task);
        String name = Objects.requireNonNull(
                        Migrations.status(lab.migration(Lab.MIGRATION).get()).target())
                .replicaSet();
        ReplicaSet another = recreate(
                lab,
                lab.client().apps().replicaSets().inNamespace(lab.namespace()).withName(name),
                DeletionPropagation.BACKGROUND,
                r -> {
                    r.getMetadata().setLabels(Map.of()); // or the Deployment would adopt it
                    r.getSpec().setReplicas(1);
                    r.getSpec().getSelector().setMatchLabels(Map.of("another", "one"));
                    r.getSpec().getTemplate().getMetadata().setLabels(Map.of("another", "one"));
                });
        actHarmlessly(lab, past, "replicasets/" + name);
        lab.expectEnd(Lab.MIGRATION, Phase.Reverted);
        ReplicaSet now = lab.client()
                .apps()
                .replicaSets()
                .inNamespace(lab.namespace())
                .withName(name)
                .require();
        assertThat(now.getMetadata().getUid()).isEqualTo(another.getMetadata().getUid());
        assertThat(now.getSpec()).isEqualTo(another.getSpec());
        assertThat(now.getMetadata().getManagedFields())
                .noneMatch(m -> m.getManager().equals("segue"));
    }

    private static void hold(Lab lab) throws Exception {
        String past = dieAt(lab, "Finishing/DeleteHold");
        String name = TargetName.hold(Lab.APP);
        var another = recreate(
                lab, lab.client().services().inNamespace(lab.namespace()).withName(name), s -> {
                    s.getSpec().setClusterIP(null);
                    s.getSpec().setClusterIPs(null);
                    s.getMetadata().setLabels(Map.of());
                });
        actHarmlessly(lab, past, "services/" + name);
        lab.expectEnd(Lab.MIGRATION, Phase.Completed);
        assertThat(lab.client()
                        .services()
                        .inNamespace(lab.namespace())
                        .withName(name)
                        .require()
                        .getMetadata()
                        .getUid())
                .isEqualTo(another.getMetadata().getUid());
    }

    private static void migration(Lab lab) throws Exception {
        String past = dieAt(lab, "CuttingOver/PinTarget");
        Resource<Migration> resource = lab.migration(Lab.MIGRATION);
        // What it owns is deleted by Kubernetes, and the target kept by its finalizer.
        lab.referee().excuse(Invariant.IDLE, "ReplicaSet", "app-*", "the test deletes its owner");
        lab.referee().excuse(Invariant.IDLE, "Service", "app-*", "the test deletes its owner");
        var another = recreate(lab, resource, DeletionPropagation.BACKGROUND, m -> {
            m.setStatus(null);
            m.getMetadata().setAnnotations(null);
        });
        var list = new Disturbance() {
            final AtomicInteger reads = new AtomicInteger();

            @Override
            public Fault on(ApiRequest request) {
                if (request.text().equals("GET migrations/app-2")) {
                    reads.incrementAndGet();
                    return Fault.NONE; // by name, the API server never answers with the past
                }
                return switch (request.kind()) {
                    case READ -> new Fault.Past(past);
                    case WATCH -> new Fault.Stall();
                    default -> Fault.NONE;
                };
            }
        };
        OperatorUnderTest second = lab.start(list);
        await().atMost(Migrations.PATIENCE).until(() -> list.reads.get() > 0);
        second.close(); // when the look has come to its end
        assertThat(second.proxy().writes()).isEmpty();
        assertThat(resource.require().getMetadata().getUid())
                .isEqualTo(another.getMetadata().getUid());
        assertThat(lab.service().getSpec().getSelector()).containsOnlyKeys("app");
    }

    /** The rest of the way: to an end, or to waiting for a human. */
    private static void end(Lab lab) {
        await().atMost(Migrations.PATIENCE)
                .until(() -> Migrations.status(lab.migration(Lab.MIGRATION).require())
                        .isTerminal());
    }

    /** Deletes it by force, what it owns stays, and creates another one of its name. */
    private static <T extends HasMetadata> T recreate(Lab lab, Resource<T> resource, Consumer<T> change) {
        return recreate(lab, resource, DeletionPropagation.ORPHAN, change);
    }

    private static <T extends HasMetadata> T recreate(
            Lab lab, Resource<T> resource, DeletionPropagation owned, Consumer<T> change) {
        T old = resource.require();
        resource.withPropagationPolicy(owned).delete();
        if (!old.getMetadata().getFinalizers().isEmpty()) {
            resource.patch(MERGE, "{\"metadata\":{\"finalizers\":null}}");
        }
        resource.waitUntilCondition(o -> o == null, Migrations.PATIENCE.toSeconds(), TimeUnit.SECONDS);
        ObjectMeta meta = old.getMetadata();
        old.setMetadata(new ObjectMetaBuilder()
                .withName(meta.getName())
                .withNamespace(meta.getNamespace())
                .withLabels(meta.getLabels())
                .withAnnotations(meta.getAnnotations())
                .build());
        change.accept(old);
        return lab.client().resource(old).create();
    }
}
