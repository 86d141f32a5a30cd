package dev.segue.e2e.migration;

import static dev.segue.e2e.scenario.Manifests.HALF;
import static dev.segue.e2e.scenario.Manifests.comparing;
import static dev.segue.e2e.scenario.Manifests.errors;
import static dev.segue.e2e.scenario.Manifests.migration;
import static dev.segue.e2e.scenario.Manifests.to;
import static dev.segue.e2e.scenario.Verdicts.cause;
import static dev.segue.e2e.scenario.Verdicts.noneFailed;
import static dev.segue.e2e.scenario.Verdicts.nothingLeft;
import static dev.segue.e2e.scenario.Verdicts.onlyBad;
import static dev.segue.e2e.scenario.Verdicts.sent;
import static dev.segue.e2e.scenario.Verdicts.served;
import static dev.segue.e2e.stage.Migrations.PATIENCE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.segue.api.ComparisonStatus.Against;
import dev.segue.api.Migration;
import dev.segue.api.Phase;
import dev.segue.e2e.scenario.Dashboard;
import dev.segue.e2e.scenario.Evidence;
import dev.segue.e2e.scenario.Scenarios;
import dev.segue.e2e.shop.Outage;
import dev.segue.e2e.stage.Load;
import dev.segue.e2e.stage.Migrations;
import dev.segue.e2e.stage.Scene;
import dev.segue.e2e.stage.ShopDeployment;
import dev.segue.e2e.stage.WitnessPod;
import dev.segue.e2e.witness.Kind;
import dev.segue.e2e.witness.RequestRecord;
import dev.segue.e2e.witness.Summary;
import io.fabric8.kubernetes.api.model.Pod;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.ResourceLock;

/** Each change of the error ratio or the latency leads to the right verdict, on figures that the witness confirms. */
@Scenarios
@ResourceLock(Load.MUCH)
class VerdictIT {
    /** The most that two cores were seen to bear without a request that failed. */
    private static final Load HEAVY = new Load(20, 580, 0, Duration.ofSeconds(5));

    @Tag("long")
    @Test
    void equalVersionsPromote(Scene scene) {
        scene.deploy(ShopDeployment.version("1.0.0"));
        WitnessPod witness = withHistory(scene, Load.DENSE);
        scene.apply(migration("shop-2", to("2.0.0"), HALF, comparing(errors("1%"))));

        Migration end = scene.migrations().reached("shop-2", Phase.Completed);
        List<RequestRecord> records = witness.records();
        Summary seen = witness.stop();

        Evidence beside = show(Evidence.beside(scene, "shop-2"))
                .fits(records, "1.0.0", "2.0.0")
                .phiFrom("history of ");
        assertThat(beside.verdict()).isEqualTo("NonInferior");
        assertThat(beside.comparison().against()).isEqualTo(Against.Source);
        Evidence soak = show(Evidence.of(end)).phiFrom("history of ");
        assertThat(soak.comparison().against()).isEqualTo(Against.Frozen);
        assertThat(soak.comparison().source().total())
                .as("the source of the soak is the one that was, and before that if it was little")
                .isGreaterThanOrEqualTo(beside.comparison().source().total());
        assertThat(soak.comparison().target().total()).isGreaterThanOrEqualTo(100);
        assertThat(scene.told("shop-2", "Completed"))
                .extracting(e -> e.getReason())
                .contains("NonInferior")
                .doesNotContain("Inconclusive", "VerdictUnlikely");
        noneFailed(seen, Load.DENSE);
        served(seen, "2.0.0", Kind.NEW, Kind.KEEPALIVE);
        nothingLeft(scene);
    }

    @Test
    void fivePercentErrorsRevert(Scene scene) {
        scene.deploy(ShopDeployment.version("1.0.0").with("ERROR_RATIO", "0.001"));
        WitnessPod witness = withHistory(scene, Load.DENSE);
        scene.apply(migration(
                "shop-3",
                to("3.0.0", "ERROR_RATIO", "0.05"),
                "steps: [{weight: 25, hold: 10m}, {weight: 100}]\n",
                comparing(errors("0.25%"))));

        Evidence verdict = reverted(scene, witness, "shop-3", "3.0.0");

        assertThat(verdict.comparison().target().total())
                .as("requests of the target until the verdict")
                .isLessThanOrEqualTo(3 * 5 * 100);
    }

    /** What a threshold of 1 % never sees, and one of 0.5 % only every other time. */
    @Tag("long")
    @Test
    void fiveTimesTheErrorsRevertAtAHighRate(Scene scene) {
        scene.deploy(ShopDeployment.version("1.0.0").with("ERROR_RATIO", "0.001"));
        WitnessPod witness = withHistory(scene, HEAVY);
        scene.apply(migration(
                "shop-2",
                to("2.0.0", "ERROR_RATIO", "0.005"),
                "steps: [{weight: 50, hold: 10m}, {weight: 100}]\n",
                comparing(errors("0.1%"), "dispersion: {value: 1}")));

        reverted(scene, witness, "shop-2", "2.0.0").phiFrom("analysis.dispersion.value");
    }

    @Tag("long")
    @Test
    void anEqualButBadBaselinePromotes(Scene scene) {
        scene.deploy(ShopDeployment.version("1.0.0").with("ERROR_RATIO", "0.008"));
        WitnessPod witness = withHistory(scene, HEAVY);
        scene.apply(migration("shop-2", to("2.0.0"), HALF, comparing(errors("1%"))));

        scene.migrations().reached("shop-2", Phase.Completed);
        List<RequestRecord> records = witness.records();
        Summary seen = witness.stop();

        Evidence beside = show(Evidence.beside(scene, "shop-2"))
                .fits(records, "1.0.0", "2.0.0")
                .phiFrom("history of ");
        assertThat(beside.verdict()).isEqualTo("NonInferior");
        assertThat(beside.comparison().source().bad()).isPositive();
        assertThat(beside.comparison().target().bad()).isPositive();
        onlyBad(seen, HEAVY, "1.0.0", "2.0.0");
        nothingLeft(scene);
    }

    @Test
    void aTargetWithASlowerTailReverts(Scene scene) {
        assertThat(slowerTail(scene, ShopDeployment.version("1.0.0")))
                .singleElement()
                .asString()
                .startsWith("http_server_requests_seconds_bucket{");
    }

    @Tag("long")
    @Test
    void aSlowerTailRevertsByNativeHistograms(Scene scene) {
        assertThat(slowerTail(scene, ShopDeployment.version("1.0.0").with("HISTOGRAM", "native")))
                .as("no classic one was there to count")
                .last()
                .asString()
                .startsWith("{__name__=~\"http_server_requests_seconds|");
        assertThat(scene.stage()
                        .prometheus()
                        .query("http_server_requests_seconds_bucket{namespace=\"%s\"}".formatted(scene.namespace())))
                .isEmpty();
    }

    /**
     * One request of ten is slow, so the median is as it was and the 99th percentile is not. Slower than what a busy machine
     * makes of most requests: of a target just started, with two other scenes beside it, 31 % took more than a second.
     *
     * @return what was asked
     */
    private static List<String> slowerTail(Scene scene, ShopDeployment source) {
        scene.deploy(source);
        WitnessPod witness = withHistory(scene, Load.DENSE);
        scene.apply(migration(
                "shop-2",
                to("2.0.0", "LATENCY_MS", "1500", "LATENCY_RATIO", "0.1"),
                "steps: [{weight: 25, hold: 10m}, {weight: 100}]\n",
                comparing("{name: slow, preset: http-server/latency, slowerThan: 1s}")));

        Migration end = scene.migrations().reached("shop-2", Phase.Reverted);
        List<RequestRecord> records = witness.records();
        Summary seen = witness.stop();

        assertThat(cause(end)).isEqualTo("MetricHarm");
        Evidence verdict = show(Evidence.of(end));
        assertThat(verdict.comparison().target().bad())
                .as("slow requests of the target, below the median")
                .isPositive()
                .isLessThan(verdict.comparison().target().total() / 2);
        // The witness's time begins when a request is due, so it has more slow ones than the source.
        Evidence.of(end, r -> r.durationMs() > 1000).within(records, "1.0.0", "2.0.0");
        noneFailed(seen, Load.DENSE);
        nothingLeft(scene);
        return verdict.comparison().queries();
    }

    /**
     * Half of all requests fail for a while, when the target has a greater share of them than before: all counts taken
     * together, it looks much worse.
     */
    @Test
    void aSharedOutageIsNeitherHarmNorProof(Scene scene) {
        scene.deploy(ShopDeployment.version("1.0.0"));
        WitnessPod witness = withHistory(scene, Load.DENSE);
        scene.apply(migration("shop-2", to("2.0.0"), """
                steps: [{weight: 20, hold: 20s}, {weight: 50, hold: 3s, gate: NonInferior}, {weight: 100}]
                """, comparing(errors("0.1%"))));
        scene.migrations().task("shop-2", Phase.Shifting, "Hold");
        await("every panel of the dashboard has something to draw")
                .atMost(PATIENCE)
                .untilAsserted(
                        () -> assertThat(Dashboard.empty(scene, "shop-2")).isEmpty());

        scene.migrations().reached("shop-2", "evidence of the second hold", VerdictIT::seenAtHalf);
        Instant from = Instant.now().plusSeconds(2).truncatedTo(ChronoUnit.SECONDS);
        Instant until = from.plusSeconds(12);
        scene.outage(new Outage(from, until, 0.5));
        Migration after = scene.migrations()
                .reached(
                        "shop-2",
                        "evidence of all of the outage",
                        m -> evaluated(m).isAfter(until.plusSeconds(5)));
        scene.abort("shop-2");
        Migration end = scene.migrations().reached("shop-2", Phase.Reverted);
        List<RequestRecord> records = witness.records();
        Summary seen = witness.stop();

        var status = Migrations.status(after);
        assertThat(status.phase()).isEqualTo(Phase.Shifting);
        assertThat(Objects.requireNonNull(status.step()).weight()).isEqualTo(50);
        assertThat(cause(end)).isEqualTo("Aborted");
        assertThat(Evidence.verdicts(scene, "shop-2")).isSubsetOf("Undecided", "NoData");
        Evidence verdict = show(Evidence.of(after)).within(records, "1.0.0", "2.0.0");
        assertThat(verdict.comparison().source().bad()).isGreaterThan(200);
        assertThat(verdict.comparison().target().bad()).isGreaterThan(200);
        onlyBad(seen, Load.DENSE, "1.0.0", "2.0.0");
        assertThat(records.stream().filter(r -> !r.isOk()))
                .allSatisfy(r -> assertThat(r.start()).isBetween(from.minusSeconds(1), until.plusSeconds(1)));
        nothingLeft(scene);
    }

    /** Counters that begin anew in a pod that lives on. Requests are lost, as nobody can hide that a process dies. */
    @Tag("long")
    @Test
    void restartsOfTheSourceFakeNoErrors(Scene scene) {
        scene.deploy(ShopDeployment.version("1.0.0").with("ERROR_RATIO", "0.02"));
        WitnessPod witness = withHistory(scene, Load.DENSE);
        scene.apply(migration(
                "shop-2",
                to("2.0.0"),
                "steps: [{weight: 50, hold: 20s, gate: NonInferior}, {weight: 100, hold: 3s}]\n",
                comparing(errors("3%"))));
        scene.migrations().task("shop-2", Phase.Shifting, "Hold");
        Migration once = scene.migrations()
                .reached("shop-2", "a first evaluation", m -> evaluated(m).isAfter(Instant.EPOCH));
        List<Pod> pods = scene.pods(
                Objects.requireNonNull(Migrations.status(once).source()).replicaSet());
        scene.kill(pods.getFirst());
        scene.kill(pods.getLast());

        scene.migrations().reached("shop-2", Phase.CuttingOver);
        List<RequestRecord> records = witness.records();
        scene.abort("shop-2");
        scene.migrations().reached("shop-2", Phase.Reverted);
        Summary seen = witness.stop();

        assertThat(scene.shopPods().stream()
                        .mapToInt(p ->
                                p.getStatus().getContainerStatuses().getFirst().getRestartCount())
                        .sum())
                .isEqualTo(2);
        Evidence verdict = show(Evidence.beside(scene, "shop-2")).fits(records, "1.0.0", "2.0.0");
        assertThat(verdict.verdict()).isEqualTo("NonInferior");
        assertThat(verdict.comparison().source().bad()).isPositive();
        assertThat(Evidence.verdicts(scene, "shop-2")).doesNotContain("Harm", "ConfigError");
        sent(seen, Load.DENSE);
        nothingLeft(scene);
    }

    /** Starts a witness and lets it send for as long as the source's history needs to tell something. */
    private static WitnessPod withHistory(Scene scene, Load load) {
        WitnessPod witness = scene.witness(load);
        long enough = Math.round(20 * (load.fresh() + load.keepAlive()));
        await().atMost(PATIENCE).until(() -> witness.summary().requests() >= enough);
        return witness;
    }

    private static Evidence reverted(Scene scene, WitnessPod witness, String migration, String target) {
        Migration end = scene.migrations().reached(migration, Phase.Reverted);
        List<RequestRecord> records = witness.records();
        Summary seen = witness.stop();
        assertThat(cause(end)).isEqualTo("MetricHarm");
        assertThat(Objects.requireNonNull(Migrations.status(end).cause()).during())
                .isEqualTo(Phase.Shifting);
        Evidence verdict = show(Evidence.of(end)).fits(records, "1.0.0", target);
        assertThat(verdict.verdict()).isEqualTo("Harm");
        assertThat(seen.connectionFailures())
                .as("connection failures: %s", seen.byKind())
                .isZero();
        assertThat(seen.failures()).isEqualTo(seen.answers("1.0.0", 500) + seen.answers(target, 500));
        System.out.printf(
                "VERDICT %s: %d requests of users failed in %s%n", migration, seen.answers(target, 500), target);
        nothingLeft(scene);
        return verdict;
    }

    private static Evidence show(Evidence evidence) {
        System.out.printf("VERDICT %s: %s%n", evidence.state().getMetadata().getNamespace(), evidence.line());
        return evidence;
    }

    /** There is evidence of the time at which both have half of the requests. */
    private static boolean seenAtHalf(Migration m) {
        var step = Migrations.status(m).step();
        return step != null
                && step.weight() == 50
                && step.holdSince() != null
                && evaluated(m).isAfter(step.holdSince());
    }

    private static Instant evaluated(Migration m) {
        return Migrations.status(m).metricsOrEmpty().stream()
                .filter(s -> s.checkpoint() != null)
                .map(s -> s.comparison() == null
                        ? Instant.EPOCH
                        : s.comparison().coverage().to())
                .findFirst()
                .orElse(Instant.EPOCH);
    }
}
