package dev.segue.e2e.hands;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.segue.api.Condition;
import dev.segue.api.Migration;
import dev.segue.api.MigrationStatus;
import dev.segue.api.MigrationStatus.TargetStatus;
import dev.segue.api.Phase;
import dev.segue.e2e.fault.ApiRequest;
import dev.segue.e2e.fault.Belongings;
import dev.segue.e2e.fault.Disturbance;
import dev.segue.e2e.fault.Fault;
import dev.segue.e2e.fault.Lab;
import dev.segue.e2e.fault.OperatorUnderTest;
import dev.segue.e2e.referee.Excuse;
import dev.segue.e2e.referee.Invariant;
import dev.segue.e2e.scenario.Manifests;
import dev.segue.e2e.stage.Migrations;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.PodTemplateSpecBuilder;
import io.fabric8.kubernetes.api.model.events.v1.Event;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** One migration in a lab of its own, into which a hand comes at one moment. */
final class Play {
    static final String COMPONENT = Lab.to("2");
    static final String SPEC = """
            steps: [{weight: 25, hold: 1s}, {weight: 100, hold: 1s}]
            verify: {propagation: 1s, drain: {wait: 1s}}
            deadline: {prepare: 20s}
            """;

    /** Of a Migration of this size, which needs half of it; whoever writes in a hot loop is far above. */
    private static final int MOST_WRITES = 150; // two runs and a way back make 125, four reports among them

    /** More, where it rehearses; of two rehearsals. */
    private static final int MOST_OF_REHEARSALS = 80;

    private static final PatchContext MERGE = PatchContext.of(PatchType.JSON_MERGE);

    private final Lab lab;
    private final Row row;
    private final Moment moment;
    private final CompletableFuture<Void> moved = new CompletableFuture<>();
    private final AtomicBoolean over = new AtomicBoolean();
    private final List<Hand> last = new CopyOnWriteArrayList<>();
    private final List<Thread> busy = new CopyOnWriteArrayList<>();
    private final Queue<TakenPods> taken = new ConcurrentLinkedQueue<>();
    private @Nullable OperatorUnderTest operator;
    private volatile @Nullable String remembered;
    private volatile @Nullable Exception gaveUp;
    private @Nullable Belongings theirs;

    private Play(Lab lab, Row row, Moment moment) {
        this.lab = lab;
        this.row = row;
        this.moment = moment;
    }

    /** Plays it to its end. */
    static void run(Lab lab, Row row, Moment moment) throws Exception {
        new Play(lab, row, moment).run();
    }

    private void run() throws Exception {
        row.before().move(this);
        operator = lab.start(new Trigger());
        try {
            lab.apply(Manifests.migration(
                    Lab.MIGRATION,
                    row.component(),
                    row.spec(),
                    "handover: {via: %s}\n".formatted(moment.via()),
                    moment.spec()));
            moved.get(Migrations.PATIENCE.toSeconds(), TimeUnit.SECONDS);
            outcome().await(this);
        } finally {
            over.set(true);
            for (Thread hand : busy) {
                hand.join();
            }
            for (Hand hand : last) {
                hand.move(this);
            }
        }
        assertThat(gaveUp).as("why the hand stopped, and so proves nothing").isNull();
        if (!(outcome() instanceof Outcome.Vanishes)) {
            lab.expectNothingLeft(due());
        }
        wellTold();
        neverInAHotLoop();
    }

    private Outcome outcome() {
        return Objects.requireNonNull(row.outcomes().get(moment));
    }

    /** Moves the hand; what it leaves is the user's from now on, and the pods that it takes away soon are gone. */
    void move(Hand hand) throws Exception {
        hand.move(this);
        note();
        for (TakenPods next = taken.poll(); next != null; next = taken.poll()) {
            closeWhenGone(next);
        }
    }

    private void closeWhenGone(TakenPods pods) {
        busy.add(Thread.ofVirtual().name(row.id()).start(() -> {
            await().forever().pollInterval(Duration.ofMillis(500)).until(() -> over.get() || pods.areGone(lab));
            pods.excuse().close();
        }));
    }

    private synchronized void note() {
        theirs = Belongings.of(lab);
    }

    /** For what a migration has to make of the template beside {@link #COMPONENT}. */
    synchronized void expect(UnaryOperator<PodTemplateSpecBuilder> change) {
        theirs = Objects.requireNonNull(theirs).with(change);
    }

    /** What the user has to have at the end: as the last hand left it, at the new version where that is what was reached. */
    private synchronized Belongings due() {
        Belongings left = Objects.requireNonNull(theirs);
        boolean changes = moment.phase() != Phase.Finishing; // later nobody writes the template any more
        return changes && lab.migrations().phase(Lab.MIGRATION) == Phase.Completed ? left.at("2") : left;
    }

    /** Moves the hand once, when the moment has come. */
    private final class Trigger implements Disturbance {
        private final AtomicBoolean aborted = new AtomicBoolean();
        private final AtomicBoolean come = new AtomicBoolean();

        @Override
        public Fault on(ApiRequest request) {
            return Fault.NONE;
        }

        @Override
        public void accepted(ApiRequest request) {
            String task = request.task();
            if (moment.phase() == Phase.Reverting
                    && Moment.SOAKING.task().equals(task)
                    && aborted.compareAndSet(false, true)) {
                lab.abort(Lab.MIGRATION);
            }
            if (moment.task().equals(task) && come.compareAndSet(false, true)) {
                try {
                    move(row.hand());
                    moved.complete(null);
                } catch (Exception | AssertionError e) {
                    moved.completeExceptionally(e);
                }
            }
        }
    }

    /** In no state a condition that a person on call could not use. */
    private void wellTold() {
        for (Migration m : lab.migrations().history(Lab.MIGRATION)) {
            assertThat(Migrations.status(m).conditionsOrEmpty()).allSatisfy(c -> {
                assertThat(c.message()).isNotBlank().doesNotContain("Exception", "java.", "\tat ");
                assertThat(c.reason()).isNotEqualTo("Error");
            });
        }
    }

    private void neverInAHotLoop() {
        List<ApiRequest> writes = operator().proxy().writes();
        long migrations = writes.stream()
                .filter(w -> w.task() != null)
                .map(ApiRequest::path)
                .distinct()
                .count();
        int most = moment == Moment.STAGING ? MOST_WRITES + MOST_OF_REHEARSALS : MOST_WRITES;
        assertThat((long) writes.size())
                .as("the operator's writes, for %d Migrations", migrations)
                .isLessThan(most * migrations);
    }

    Lab lab() {
        return lab;
    }

    Moment moment() {
        return moment;
    }

    KubernetesClient client() {
        return lab.client();
    }

    String namespace() {
        return lab.namespace();
    }

    OperatorUnderTest operator() {
        return Objects.requireNonNull(operator);
    }

    /** What {@code kubectl} with these arguments prints, in the namespace of the lab. */
    String kubectl(String... arguments) {
        return lab.kubectl("", arguments);
    }

    /** {@code kubectl apply} of these manifests. */
    void kubectlApply(String manifests) {
        lab.kubectl(manifests, "apply", "-f", "-");
    }

    /** What {@code kubectl} does with this on its standard input. */
    void pipe(String stdin, String... arguments) {
        lab.kubectl(stdin, arguments);
    }

    /** Merges this into the Deployment, as {@code kubectl patch --type merge} does. */
    void patchDeployment(String json) {
        client().apps().deployments().inNamespace(namespace()).withName(Lab.APP).patch(MERGE, json);
    }

    void patchService(String json) {
        client().services().inNamespace(namespace()).withName(Lab.APP).patch(MERGE, json);
    }

    void patchMigration(String json) {
        lab.migration(Lab.MIGRATION).patch(MERGE, json);
    }

    /** The status, now. */
    MigrationStatus status() {
        return Migrations.status(lab.migration(Lab.MIGRATION).require());
    }

    /** Name of the target's ReplicaSet. */
    String target() {
        TargetStatus target = Objects.requireNonNull(status().target(), "there is no target yet");
        return target.replicaSet();
    }

    /** For later, when the Migration is gone. */
    void remember(String name) {
        remembered = name;
    }

    String remembered() {
        return Objects.requireNonNull(remembered);
    }

    /** Names of the pods behind the ready endpoints of the Service. */
    List<String> readyEndpoints() {
        return client()
                .discovery()
                .v1()
                .endpointSlices()
                .inNamespace(namespace())
                .withLabel("kubernetes.io/service-name", Lab.APP)
                .list()
                .getItems()
                .stream()
                .flatMap(s -> Stream.ofNullable(s.getEndpoints()).flatMap(List::stream))
                .filter(e -> Boolean.TRUE.equals(e.getConditions().getReady()))
                .map(e -> e.getTargetRef().getName())
                .toList();
    }

    /** Names of the ReplicaSets that the Deployment has now. */
    List<String> own() {
        return client().apps().replicaSets().inNamespace(namespace()).list().getItems().stream()
                .filter(r -> r.getMetadata().getOwnerReferences().stream()
                        .map(OwnerReference::getKind)
                        .anyMatch("Deployment"::equals))
                .map(r -> r.getMetadata().getName())
                .toList();
    }

    /** Tells the referee that the hand takes pods of these ReplicaSets away, until they are gone. */
    void takesPods(List<String> replicaSets) {
        for (String set : replicaSets) {
            taken.add(new TakenPods(set, announce(Invariant.SERVING_PODS, "Pod", set + "-*")));
        }
    }

    /**
     * Tells the referee what is the hand's doing, from now on, and to the end of the play unless it is closed: what
     * garbage collection makes of it, or a Service without pods, has no end that could be awaited.
     */
    Excuse announce(Invariant invariant, String kind, String name) {
        return lab.referee().excuse(invariant, kind, name, row.id());
    }

    /** Whatever there is goes: nothing of it is missed. */
    void announceNamespace() {
        takesPods(List.of("app"));
        announce(Invariant.CAPACITY, "Service", Lab.APP);
        announce(Invariant.NARROWING, "Service", Lab.APP);
        announce(Invariant.INTENT, "ReplicaSet", "app-*");
        announce(Invariant.INTENT, "Service", "app-*");
    }

    /** Does this when the play is over, also when it has failed. */
    void atEnd(Hand hand) {
        last.add(hand);
    }

    /** Does this once the migration has got there, in the background. */
    void atPhase(Phase phase, Hand hand) {
        Thread.ofVirtual().name(row.id()).start(() -> {
            try {
                reached(phase);
                hand.move(this);
            } catch (Exception e) {
                moved.completeExceptionally(e);
            }
        });
    }

    /** Goes on doing this, in the background, until the play is over. */
    void keep(Duration every, Hand hand) {
        busy.add(Thread.ofVirtual().name(row.id()).start(() -> {
            while (!over.get()) {
                try {
                    move(hand);
                    Thread.sleep(every);
                } catch (Exception e) {
                    if (!over.get()) {
                        gaveUp = e;
                    }
                    return;
                }
            }
        }));
    }

    /** Waits until it is in this phase. */
    Migration reached(Phase phase) {
        return lab.migrations().reached(Lab.MIGRATION, phase);
    }

    /** Waits until it waits for this. */
    Migration waiting(String reason) {
        return lab.migrations().waiting(Lab.MIGRATION, reason);
    }

    /** Waits until the latest that is known of it is this phase, also after it had ended. */
    void awaitAgain(String migration, Phase phase) {
        await().atMost(Migrations.PATIENCE).until(() -> {
            List<Migration> history = lab.migrations().history(migration);
            return !history.isEmpty() && Migrations.status(history.getLast()).phaseOrPending() == phase;
        });
    }

    /** Waits until the operator has looked at the Migration this often from now on. */
    void awaitLooks(int number) {
        long before = operator().looks(Lab.MIGRATION);
        await().atMost(Migrations.PATIENCE).until(() -> operator().looks(Lab.MIGRATION) >= before + number);
    }

    /** Waits until this was told of it. */
    void awaitEvent(String reason) {
        await().atMost(Migrations.PATIENCE).until(() -> !events(reason).isEmpty());
    }

    /** What was told for this reason. */
    List<String> events(String reason) {
        return client().events().v1().events().inNamespace(namespace()).list().getItems().stream()
                .filter(e -> reason.equals(e.getReason()))
                .map(Event::getNote)
                .toList();
    }

    String waitingFor() {
        return status().condition("Waiting").map(Condition::reason).orElse("-");
    }

    void awaitNamespaceGone() {
        await().atMost(Migrations.PATIENCE)
                .until(() -> client().namespaces().withName(namespace()).get() == null);
    }
}
