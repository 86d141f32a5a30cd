package dev.segue.e2e.migration;

import static dev.segue.e2e.scenario.Manifests.comparingBy;
import static dev.segue.e2e.scenario.Manifests.errors;
import static dev.segue.e2e.scenario.Manifests.migration;
import static dev.segue.e2e.scenario.Manifests.to;
import static dev.segue.e2e.scenario.Verdicts.nothingLeft;
import static dev.segue.e2e.scenario.Verdicts.onlyBad;
import static dev.segue.e2e.stage.Migrations.PATIENCE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.segue.api.Phase;
import dev.segue.e2e.scenario.Evidence;
import dev.segue.e2e.scenario.PrometheusPair;
import dev.segue.e2e.scenario.Scenarios;
import dev.segue.e2e.stage.Load;
import dev.segue.e2e.stage.Scene;
import dev.segue.e2e.stage.ShopDeployment;
import dev.segue.e2e.witness.RequestRecord;
import dev.segue.e2e.witness.Summary;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.ResourceLock;

/** What two Prometheus servers have scraped from the same pods counts once. */
@Scenarios
@ResourceLock(Load.MUCH)
class PrometheusPairIT {
    /** Of requests per second as many as are counted in seconds, and no more: what is scraped twice costs time as well. */
    private static final Load LOAD = new Load(40, 80, 0, Duration.ofSeconds(5));

    /** An application may have a label of this name as well, so that it is found out by the times of the samples. */
    @Test
    void serversThatDifferByALabelReplicaCountOnce(Scene scene) {
        countsOnce(scene, "replica");
    }

    /** Both versions are equally bad, so that bad requests could be counted twice as well. */
    private static void countsOnce(Scene scene, String label) {
        PrometheusPair pair = PrometheusPair.start(scene, label);
        scene.deploy(ShopDeployment.version("1.0.0").with("ERROR_RATIO", "0.01"));
        var witness = scene.witness(LOAD);
        await().atMost(PATIENCE).until(() -> witness.summary().requests() >= 3000);
        // A scrape interval, and the 5 s for which a Prometheus collects what it writes to another one.
        scene.apply(migration(
                "shop-2",
                to("2.0.0"),
                "steps: [{weight: 50, hold: 25s, gate: NonInferior}, {weight: 100, hold: 10m}]\n",
                comparingBy(pair.receiver(), "8s", errors("3%"))));

        scene.migrations().reached("shop-2", Phase.CuttingOver);
        List<RequestRecord> records = witness.records();
        JsonNode servers = scene.stage()
                .prometheus(pair.receiver())
                .query("count by (%s) (http_server_requests_seconds_count{namespace=\"%s\",status=\"200\"})"
                        .formatted(label, scene.namespace()));
        scene.abort("shop-2");
        scene.migrations().reached("shop-2", Phase.Reverted);
        Summary seen = witness.stop();

        assertThat(servers)
                .as("each of the two has all pods of both versions")
                .hasSize(2)
                .allSatisfy(s ->
                        assertThat(s.path("value").path(1).asText()).as("%s", s).isEqualTo("8"));
        Evidence verdict = Evidence.beside(scene, "shop-2")
                .fits(records, "1.0.0", "2.0.0")
                .historyOf(records, "1.0.0")
                .phiFrom("history of ");
        assertThat(verdict.verdict()).isEqualTo("NonInferior");
        assertThat(verdict.comparison().coverage().intervals())
                .as("intervals, so that twice their requests are more than were sent in them and a scrape before")
                .isGreaterThan(1);
        assertThat(verdict.comparison().source().bad()).isPositive();
        assertThat(verdict.comparison().target().bad()).isPositive();
        onlyBad(seen, LOAD, "1.0.0", "2.0.0");
        nothingLeft(scene);
    }
}
