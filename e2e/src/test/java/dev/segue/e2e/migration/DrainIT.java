package dev.segue.e2e.migration;

import static dev.segue.e2e.scenario.Manifests.PROMETHEUS;
import static dev.segue.e2e.scenario.Manifests.migration;
import static dev.segue.e2e.scenario.Manifests.to;
import static dev.segue.e2e.scenario.Verdicts.cause;
import static dev.segue.e2e.scenario.Verdicts.noneFailed;
import static dev.segue.e2e.scenario.Verdicts.nothingLeft;
import static dev.segue.e2e.scenario.Verdicts.sent;
import static dev.segue.e2e.scenario.Verdicts.served;
import static dev.segue.e2e.scenario.Verdicts.serving;
import static dev.segue.e2e.scenario.Verdicts.uids;
import static dev.segue.e2e.stage.Migrations.PATIENCE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.segue.api.Condition;
import dev.segue.api.Migration;
import dev.segue.api.Phase;
import dev.segue.e2e.scenario.Scenarios;
import dev.segue.e2e.stage.Load;
import dev.segue.e2e.stage.Migrations;
import dev.segue.e2e.stage.Scene;
import dev.segue.e2e.stage.ShopDeployment;
import dev.segue.e2e.witness.Kind;
import dev.segue.e2e.witness.Summary;
import io.fabric8.kubernetes.api.model.Pod;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Clients that never let go of a connection cannot be moved by a Service: only their server can send them away. */
@Scenarios
class DrainIT {

    @Test
    void clingingClientsAreNotCutOff(Scene scene) {
        scene.deploy(ShopDeployment.version("1.0.0"));
        Set<String> pods = uids(scene.shopPods());
        var witness = scene.witness(Load.CLINGING);
        scene.apply(migration("shop-2", to("2.0.0"), drain("10m", "Hold", "6s")));

        scene.migrations()
                .reached("shop-2", "Waiting=Draining of the source beyond drain.timeout", DrainIT::heldBeyond);
        serving(scene, union(pods, uids(scene.pods(target(scene)))));
        scene.abort("shop-2");
        scene.migrations().task("shop-2", Phase.Reverting, "DrainTarget");
        Summary seen = witness.stop(); // with it end connections that cling to the target
        Migration end = scene.migrations().reached("shop-2", Phase.Reverted);

        assertThat(cause(end)).isEqualTo("Aborted");
        noneFailed(seen, Load.CLINGING);
        served(seen, "1.0.0", Kind.values());
        served(seen, "2.0.0", Kind.NEW);
        serving(scene, pods);
        nothingLeft(scene);
    }

    /** Whoever says so gets it: the migration goes on, and clients that cling to the old pods are cut off. */
    @Test
    void proceedGoesOnAlthoughClientsCling(Scene scene) {
        scene.deploy(ShopDeployment.version("1.0.0"));
        var witness = scene.witness(Load.CLINGING);
        scene.apply(migration("shop-2", to("2.0.0"), drain("3s", "Proceed", "10s")));

        scene.migrations().waiting("shop-2", "Draining");
        scene.migrations().reached("shop-2", Phase.Completed);
        // Each connection is noticed to be gone, or to be left, when its turn comes, and replaced then.
        await().atMost(PATIENCE)
                .until(() -> witness.summary().part(Kind.KEEPALIVE, "2.0.0").ok() > 0);
        Summary seen = witness.stop();

        sent(seen, Load.CLINGING);
        served(seen, "2.0.0", Kind.values());
        // What fails is the user's choice of Proceed: connections that are cut, and at most as many new ones that the
        // node sends after them because they come from the same port (docs/draining.md says why).
        assertThat(seen.non2xx()).isZero();
        for (Kind kind : List.of(Kind.NEW, Kind.SLOW)) {
            Map<String, Long> failures = seen.part(kind, Summary.NO_VERSION).connectionFailures();
            assertThat(failures.keySet()).as("failures of kind %s", kind).isSubsetOf("no-route", "connect-timeout");
            assertThat(failures.values().stream().mapToLong(n -> n).sum())
                    .isLessThanOrEqualTo(
                            seen.part(Kind.KEEPALIVE, Summary.NO_VERSION).requests());
        }
        nothingLeft(scene);
    }

    /** The remedy: a server that takes leave of its clients before it ends. */
    @Tag("long")
    @Test
    void gracefulServersSendClingingClientsAway(Scene scene) {
        // Long enough to answer on each pooled connection once more, on 600 even: with the answer goes the word that
        // it was the last.
        scene.deploy(
                ShopDeployment.version("1.0.0").with("SHUTDOWN", "graceful").with("DRAIN_SECONDS", "20"));
        List<Pod> old = scene.shopPods();
        var witness = scene.witness(Load.CLINGING);
        scene.apply(migration("shop-2", to("2.0.0"), drain("3s", "Proceed", "10s")));

        scene.migrations().waiting("shop-2", "Draining");
        scene.migrations().reached("shop-2", Phase.Completed);
        for (Pod pod : old) {
            scene.kubectl(
                    "wait",
                    "--for=delete",
                    "pod/" + pod.getMetadata().getName(),
                    "--timeout",
                    PATIENCE.toSeconds() + "s");
        }
        // Each connection is noticed to be gone, or to be left, when its turn comes, and replaced then.
        await().atMost(PATIENCE)
                .until(() -> witness.summary().part(Kind.KEEPALIVE, "2.0.0").ok() > 0);
        Summary seen = witness.stop();

        noneFailed(seen, Load.CLINGING);
        served(seen, "1.0.0", Kind.values());
        served(seen, "2.0.0", Kind.values());
        nothingLeft(scene);
    }

    private static String drain(String soak, String onTimeout, String timeout) {
        return """
                steps: [{weight: 100, hold: %s}]
                analysis: {prometheus: {url: %s}}
                verify:
                  propagation: 3s
                  drain:
                    query: 'sum(increase(http_server_requests_seconds_count{namespace="$namespace",pod=~"$pods"}[6s]))'
                    quietFor: 4s
                    timeout: %s
                    onTimeout: %s
                """.formatted(soak, PROMETHEUS, timeout, onTimeout);
    }

    private static boolean heldBeyond(Migration m) {
        return Migrations.status(m).phase() == Phase.CuttingOver
                && Migrations.waitingFor(m).equals("Draining")
                && m.getStatus()
                        .condition("Waiting")
                        .map(Condition::message)
                        .filter(t -> t.contains("still get requests") && t.contains("they are kept"))
                        .isPresent();
    }

    private static String target(Scene scene) {
        return Objects.requireNonNull(scene.migrations()
                        .history("shop-2")
                        .getLast()
                        .getStatus()
                        .target())
                .replicaSet();
    }

    private static Set<String> union(Set<String> some, Set<String> others) {
        var all = new HashSet<>(some);
        all.addAll(others);
        return all;
    }
}
