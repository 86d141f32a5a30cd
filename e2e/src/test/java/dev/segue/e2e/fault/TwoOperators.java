package dev.segue.e2e.fault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.segue.api.Phase;
import dev.segue.e2e.fault.ApiRequest.Kind;
import dev.segue.e2e.stage.Migrations;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/** Two operators work for the same namespace, whatever should have kept them from it: one refuses the other's old news. */
final class TwoOperators {

    private TwoOperators() {}

    static List<Experiment> all() {
        return List.of(
                new Experiment("two-leaders", "the leader is cut off in the middle of an act", TwoOperators::cutOff),
                new Experiment("two-adopt", "at once, without election", lab -> atOnce(lab, Lab.SWIFT)),
                new Experiment(
                        "two-settle",
                        "at once, without election, Settle",
                        lab -> atOnce(lab, Lab.SWIFT + "handover: {via: Settle}\n")),
                new Experiment(
                        "two-late",
                        "one stops in the middle of a look, and goes on after the other",
                        TwoOperators::late));
    }

    /** All that goes wrong between them is that one was faster. */
    private static void atOnce(Lab lab, String spec) {
        Set<Integer> refusals = ConcurrentHashMap.newKeySet();
        Disturbance listen = new Disturbance() {
            @Override
            public Fault on(ApiRequest request) {
                return Fault.NONE;
            }

            @Override
            public void refused(ApiRequest request, int code) {
                if (request.kind() != Kind.READ) {
                    refusals.add(code);
                }
            }
        };
        OperatorUnderTest one = lab.start(listen);
        OperatorUnderTest other = lab.start(listen);
        lab.migrate(Lab.MIGRATION, Lab.to("2"), spec);

        lab.expectEnd(Lab.MIGRATION, Phase.Completed);
        lab.expectNothingLeft();

        assertThat(one.proxy().writes()).isNotEmpty();
        assertThat(other.proxy().writes()).isNotEmpty();
        // A conflict, a failed test of a JSON patch, an object that the other has deleted.
        assertThat(refusals).isNotEmpty().isSubsetOf(409, 422, 404);
    }

    /** It has read that the Service is to be narrowed to the target; when it goes on, the way back is under way. */
    private static void late(Lab lab) throws InterruptedException {
        var armed = new AtomicBoolean();
        var stopped = new CountDownLatch(1);
        var goOn = new CountDownLatch(1);
        var heldUp = new Disturbance() {
            @Override
            public Fault on(ApiRequest request) {
                if (armed.get() && request.text().equals("GET deployments/app")) {
                    stopped.countDown();
                    try {
                        goOn.await();
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                }
                return Fault.NONE;
            }

            @Override
            public void accepted(ApiRequest request) {
                if ("CuttingOver/PinTarget".equals(request.task())) {
                    armed.set(true);
                }
            }
        };
        OperatorUnderTest first = lab.start(heldUp, Migrations.PATIENCE); // or it would give the look up
        lab.migrate(Lab.MIGRATION, Lab.to("2"), """
                steps: [{weight: 100, hold: 10m}]
                verify: {propagation: 1s, drain: {wait: 20s}}
                """);
        assertThat(stopped.await(Migrations.PATIENCE.toSeconds(), TimeUnit.SECONDS))
                .isTrue();
        long before = first.proxy().writes().size();

        lab.start();
        lab.migrations().task(Lab.MIGRATION, Phase.CuttingOver, "DrainSource");
        lab.abort(Lab.MIGRATION);
        lab.migrations().task(Lab.MIGRATION, Phase.Reverting, "DrainTarget");
        goOn.countDown();

        lab.expectEnd(Lab.MIGRATION, Phase.Reverted);
        lab.expectNothingLeft();
        assertThat(first.proxy().writes().stream().skip(before))
                .as("what the late one pins")
                .noneMatch(w -> w.text().equals("PATCH services/app")
                        && new String(w.body(), StandardCharsets.UTF_8).contains(hash(lab)));
    }

    private static String hash(Lab lab) {
        return Objects.requireNonNull(Migrations.status(
                                lab.migrations().history(Lab.MIGRATION).getLast())
                        .target())
                .hash();
    }

    /** Its connections die, with the write that narrows the Service on its way; nobody answers any more. */
    private static void cutOff(Lab lab) throws Exception {
        try (var one = OperatorProcess.start(lab.server(), lab.namespace(), "one");
                var two = OperatorProcess.start(lab.server(), lab.namespace(), "two")) {
            await().atMost(Migrations.PATIENCE).until(() -> leads(lab, "one") || leads(lab, "two"));
            OperatorProcess old = leads(lab, "one") ? one : two;
            OperatorProcess next = old == one ? two : one;
            var dead = new AtomicBoolean();
            old.proxy().disturb(request -> {
                if (request.kind() == Kind.WRITE && request.text().equals("PATCH services/app")) {
                    dead.set(true);
                }
                return dead.get() ? new Fault.Hang() : Fault.NONE;
            });
            lab.migrate(Lab.MIGRATION, Lab.to("2"), """
                    steps: [{weight: 100, hold: 10m}]
                    verify: {propagation: 1s, drain: {wait: 1s}}
                    """);

            lab.migrations().task(Lab.MIGRATION, Phase.Soaking, "Soak");
            assertThat(dead).isTrue();
            assertThat(next.proxy().writes()).isNotEmpty();
            assertThat(old.awaitExit())
                    .as("exit code of the one that lost its lease")
                    .isEqualTo(1);

            lab.abort(Lab.MIGRATION);
            lab.expectEnd(Lab.MIGRATION, Phase.Reverted);
            lab.expectNothingLeft();
        }
    }

    private static boolean leads(Lab lab, String instance) {
        var lease = lab.client()
                .leases()
                .inNamespace(lab.namespace())
                .withName(OperatorProcess.LEASE)
                .get();
        return lease != null && instance.equals(lease.getSpec().getHolderIdentity());
    }
}
