package dev.segue.e2e.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.segue.api.Analysis;
import dev.segue.api.Condition;
import dev.segue.api.MigrationSpec;
import dev.segue.api.MigrationStatus;
import dev.segue.api.MigrationStatus.Cause;
import dev.segue.api.MigrationStatus.ContestStatus;
import dev.segue.api.MigrationStatus.DrainStatus;
import dev.segue.api.MigrationStatus.MetricStatus;
import dev.segue.api.MigrationStatus.ServiceStatus;
import dev.segue.api.MigrationStatus.SourceStatus;
import dev.segue.api.MigrationStatus.StepStatus;
import dev.segue.api.MigrationStatus.TargetStatus;
import dev.segue.api.MigrationStatus.Transition;
import dev.segue.api.MigrationStatus.VerdictStatus;
import dev.segue.api.Phase;
import dev.segue.api.PlanStatus;
import dev.segue.api.Step;
import dev.segue.e2e.cluster.Cluster;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.parallel.Isolated;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What a real API server makes of the CRD: defaults, refusals, what may change when, what it keeps of a status. */
@ExtendWith(RunningCluster.class)
@Isolated("its second definition of Migration takes the name for kubectl")
class MigrationApiIT {
    private static final String NAME = "shop-2-0";
    private static final String MINIMAL = "components: [{deployment: shop, images: {shop: 'shop:2'}}]";
    private static final String ELABORATE = """
            components:
            - deployment: shop
              services: [shop]
              images: {shop: 'shop:2'}
              patch: {spec: {containers: [{name: shop, env: [{name: A, value: b}]}]}}
            steps: [{weight: 50, hold: 1m}, {weight: 100, hold: 1m}]
            handover: {via: Adopt}
            analysis:
              prometheus: {url: 'http://prometheus:9090'}
              metrics: [{name: errors, query: up, threshold: {max: 1}}]
            """;

    private static SchemaUnderTest schema;

    @BeforeAll
    static void install(Cluster cluster) throws IOException {
        schema = new SchemaUnderTest(cluster);
    }

    @AfterAll
    static void remove() throws IOException {
        schema.close();
    }

    @AfterEach
    void delete() {
        schema.delete(NAME);
    }

    @ParameterizedTest
    @MethodSource("samples")
    void acceptsTheSample(Path sample) throws IOException {
        GenericKubernetesResource created = schema.create(Files.readString(sample));

        assertThat(spec(created).component().deployment()).isEqualTo("shop");
    }

    static Stream<Path> samples() throws IOException {
        try (Stream<Path> files = Files.list(Path.of("../manifests/samples"))) {
            return files.toList().stream();
        }
    }

    @Test
    void fillsInTheDefaultsThatTheEngineAssumes() {
        MigrationSpec bare = spec(schema.create(NAME, MINIMAL + """

                        steps: [{weight: 100}]
                        handover: {}
                        deadline: {}
                        verify: {drain: {}}
                        analysis: {prometheus: {url: 'http://p'}, metrics: [{name: m, query: up, threshold: {max: 0.5}}]}
                        """));

        assertThat(bare.paused()).isFalse();
        assertThat(bare.onFailure()).isEqualTo(MigrationSpec.OnFailure.Revert);
        assertThat(bare.steps()).containsExactly(new Step(100, "5m", Step.Gate.NoHarm));
        assertThat(Serialization.asJson(bare.handover())).isEqualTo("{\"mode\":\"Patch\",\"via\":\"Auto\"}");
        assertThat(Serialization.asJson(bare.deadline())).isEqualTo("{\"prepare\":\"15m\",\"total\":\"48h\"}");
        assertThat(Serialization.asJson(bare.verifyOrDefault()))
                .isEqualTo("{\"propagation\":\"15s\",\"drain\":{\"quietFor\":\"30s\",\"wait\":\"60s\","
                        + "\"timeout\":\"15m\",\"onTimeout\":\"Hold\"}}");
        Analysis analysis = bare.analysisOrDefault();
        Analysis assumed = Analysis.of(null, null, List.of());
        assertThat(analysis.interval()).isEqualTo("60s");
        assertThat(analysis.intervalOrDefault()).isEqualTo(assumed.intervalOrDefault());
        assertThat(analysis.settleDelayOrDefault()).isEqualTo(assumed.settleDelayOrDefault());
        assertThat(analysis.warmupOrDefault()).isEqualTo(assumed.warmupOrDefault());
        assertThat(analysis.minRequestsOrDefault()).isEqualTo(assumed.minRequestsOrDefault());
        assertThat(analysis.minCoverageOrDefault()).isEqualTo(assumed.minCoverageOrDefault());
        assertThat(analysis.deadlineOrDefault()).isEqualTo(assumed.deadlineOrDefault());
        assertThat(analysis.outageLimitOrDefault()).isEqualTo(assumed.outageLimitOrDefault());
        assertThat(analysis.onInconclusiveOrDefault()).isEqualTo(assumed.onInconclusiveOrDefault());
        assertThat(analysis.onInconclusive()).as("written by the API server").isNotNull();
        assertThat(bare.analysisOrDefault().metricsOrEmpty().getFirst().limit().failures())
                .isEqualTo(3);
        assertThat(bare.analysisOrDefault().metricsOrEmpty().getFirst().limit().window())
                .isEqualTo(5);
    }

    @Test
    void leavesAbsentPartsAbsent() {
        MigrationSpec spec = spec(schema.create(NAME, MINIMAL));

        assertThat(spec.steps()).isNull();
        assertThat(spec.analysis()).isNull();
        assertThat(spec.verify()).isNull();
        assertThat(spec.handover()).isNull();
        assertThat(spec.deadline()).isNull();
    }

    @Test
    void keepsEveryFieldOfAPatch() {
        MigrationSpec spec = spec(schema.create(NAME, """
                components:
                - deployment: shop
                  patch:
                    metadata: {labels: {tier: web}}
                    spec: {$patch: merge, containers: [{name: shop, resources: {limits: {cpu: 500m}}}], hostAliases: null}
                """));

        assertThat(String.valueOf(spec.component().patch()))
                .contains("\"tier\":\"web\"", "\"$patch\":\"merge\"", "\"cpu\":\"500m\"");
    }

    @ParameterizedTest
    @MethodSource("dev.segue.e2e.api.RefusedSpecs#all")
    void refuses(RefusedSpecs refused) {
        assertThatThrownBy(() -> schema.create(NAME, refused.spec()))
                .isInstanceOf(KubernetesClientException.class)
                .hasMessageContaining(refused.complaint());
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("frozen")
    void refusesAChangeWhileItRuns(String what, String from, String patch) {
        schema.create(NAME, from);
        schema.status(NAME, Map.of("phase", "Preparing"));

        assertThatThrownBy(() -> schema.mergeSpec(NAME, patch))
                .isInstanceOf(KubernetesClientException.class)
                .hasMessageContaining("spec: Invalid value")
                .hasMessageContaining("cannot change once the migration runs");
    }

    /** There the command abort, which the message names as well, would be ignored. */
    @ParameterizedTest
    @CsvSource({"Completed", "Stuck"})
    void refusesAChangeAfterAnEndThatCannotBeRetried(String phase) {
        schema.create(NAME, MINIMAL);
        schema.status(NAME, Map.of("phase", phase));

        assertThatThrownBy(() -> schema.mergeSpec(NAME, "handover: {via: Settle}"))
                .isInstanceOf(KubernetesClientException.class)
                .hasMessageContaining("nor after Completed or Stuck: create a new Migration");
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("frozen")
    void allowsItBefore(String what, String from, String patch) {
        allowedIn("Assessing", from, patch);
    }

    /** Then another plan is made. */
    @ParameterizedTest(name = "{0}")
    @MethodSource("frozen")
    void allowsItWhileItIsAPlan(String what, String from, String patch) {
        allowedIn("Planned", "mode: Plan\n" + from, patch);
    }

    @ParameterizedTest
    @CsvSource({"Staging", "Preparing", "Shifting", "CuttingOver", "Soaking", "HandingOver", "Finishing", "Reverting"})
    void refusesThatARunBecomesAPlan(String phase) {
        schema.create(NAME, MINIMAL);
        schema.status(NAME, Map.of("phase", phase));

        assertThatThrownBy(() -> schema.mergeSpec(NAME, "mode: Plan"))
                .isInstanceOf(KubernetesClientException.class)
                .hasMessageContaining("mode cannot become Plan while the migration runs");
        assertThat(spec(schema.mergeSpec(NAME, "paused: true")).mode())
                .as("everything else is as it was")
                .isEqualTo(MigrationSpec.Mode.Run);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "; staging: {}",
                "staging: {}; staging: null",
                "staging: {}; staging: {namespace: other}",
                "staging: {}; staging: {rehearse: true}",
                "staging: {}; staging: {snapshots: [{claim: data}]}",
                "staging: {snapshots: [{claim: data}]}; staging: {snapshots: null}"
            })
    void refusesThatARehearsalComesGoesOrMovesWhileItRuns(@Nullable String given, String patch) {
        schema.create(NAME, given == null ? MINIMAL : MINIMAL + "\n" + given);
        schema.status(NAME, Map.of("phase", "Staging"));

        assertThatThrownBy(() -> schema.mergeSpec(NAME, patch))
                .isInstanceOf(KubernetesClientException.class)
                .hasMessageContaining("staging cannot be added, taken away or moved");
        assertThat(spec(schema.mergeSpec(NAME, "paused: true")).paused()).isTrue();
    }

    @ParameterizedTest
    @CsvSource({"Pending", "Assessing", "Failed", "Reverted"})
    void allowsThatItBecomesAPlanBeforeItRuns(String phase) {
        allowedIn(phase, MINIMAL, "mode: Plan");
    }

    @Test
    void allowsThatAPlanIsRun() {
        allowedIn("Planned", "mode: Plan\n" + MINIMAL, "mode: Run");
    }

    /** The command retry runs it again as it is then. */
    @ParameterizedTest(name = "{0}")
    @MethodSource("frozen")
    void allowsItAfterAnEndThatCanBeRetried(String what, String from, String patch) {
        allowedIn("Reverted", from, patch);
    }

    private void allowedIn(String phase, String from, String patch) {
        schema.create(NAME, from);
        schema.status(NAME, Map.of("phase", phase));

        long before = schema.get(NAME).getMetadata().getGeneration();
        assertThat(schema.mergeSpec(NAME, patch).getMetadata().getGeneration()).isGreaterThan(before);
    }

    static Stream<Arguments> frozen() {
        return Stream.of(
                frozen("another image", MINIMAL, "components: [{deployment: shop, images: {shop: 'shop:3'}}]"),
                frozen("another Deployment", MINIMAL, "components: [{deployment: shop2, images: {shop: 'shop:2'}}]"),
                frozen(
                        "a patch added",
                        MINIMAL,
                        "components: [{deployment: shop, images: {shop: 'shop:2'}, patch: {spec: {}}}]"),
                frozen(
                        "a value deep in the patch",
                        ELABORATE,
                        "components: [{deployment: shop, services: [shop], images: {shop: 'shop:2'},"
                                + " patch: {spec: {containers: [{name: shop, env: [{name: A, value: c}]}]}}}]"),
                frozen(
                        "services added",
                        MINIMAL,
                        "components: [{deployment: shop, images: {shop: 'shop:2'}, services: [shop]}]"),
                frozen("steps added", MINIMAL, "steps: [{weight: 100, hold: 1m}]"),
                frozen("steps removed", ELABORATE, "steps: null"),
                frozen("another hold", ELABORATE, "steps: [{weight: 50, hold: 2m}, {weight: 100, hold: 1m}]"),
                frozen("handover added", MINIMAL, "handover: {via: Settle}"),
                frozen("handover removed", ELABORATE, "handover: null"),
                frozen("another handover", ELABORATE, "handover: {via: Settle}"));
    }

    private static Arguments frozen(String what, String from, String patch) {
        return Arguments.of(what, from, patch);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    Preparing   | paused: true
                    Shifting    | onFailure: Hold
                    Shifting    | deadline: {total: 72h}
                    CuttingOver | verify: {drain: {onTimeout: Proceed}}
                    Soaking     | analysis: {metrics: [{name: errors, query: up, threshold: {max: 2}}]}
                    Reverting   | paused: true
                    """)
    void allowsWhatSteersARunningMigration(String phase, String patch) {
        for (String from : List.of(MINIMAL + "\nanalysis: {prometheus: {url: 'http://p'}}", ELABORATE)) {
            schema.create(NAME, from);
            schema.status(NAME, Map.of("phase", phase));

            long before = schema.get(NAME).getMetadata().getGeneration();
            assertThat(schema.mergeSpec(NAME, patch).getMetadata().getGeneration())
                    .isGreaterThan(before);
            schema.delete(NAME);
        }
    }

    @Test
    void keepsAStatusAsTheOperatorWritesIt() {
        MigrationStatus status = fullStatus();
        schema.create(NAME, MINIMAL);
        long generation = schema.get(NAME).getMetadata().getGeneration();

        schema.status(NAME, status);

        GenericKubernetesResource kept = schema.get(NAME);
        assertThat(schema.read(kept.get("status"), MigrationStatus.class)).isEqualTo(status);
        assertThat(kept.getMetadata().getGeneration()).isEqualTo(generation);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    phase: Dreaming | status.phase
                    phaseSince: yesterday | status.phaseSince
                    services: [{name: a, uid: x}, {name: a, uid: y}] | status.services[1]: Duplicate value
                    conditions: [{type: Ready, status: 'True'}] | lastTransitionTime: Required value
                    """)
    void refusesAStatusThatNobodyCouldRead(String status, String complaint) {
        schema.create(NAME, MINIMAL);

        assertThatThrownBy(() -> schema.status(NAME, Serialization.unmarshal(status, Map.class)))
                .isInstanceOf(KubernetesClientException.class)
                .hasMessageContaining(complaint);
    }

    @Test
    void showsTheColumns() throws Exception {
        schema.create(NAME, MINIMAL);
        schema.status(NAME, fullStatus());

        JsonNode table = Serialization.unmarshal(table(), JsonNode.class);

        assertThat(table.get("columnDefinitions").findValuesAsText("name"))
                .startsWith("Name", "Phase", "Step", "Weight", "Target", "Verdict", "Waiting", "Age");
        assertThat(table.at("/rows/0/cells"))
                .extracting(JsonNode::asText)
                .startsWith(NAME, "Shifting", "2/3", "50%", "3/4", "Undecided", "Draining")
                .endsWith("True", "TargetUnhealthy");
    }

    private static String table() throws Exception {
        var http = schema.client.getHttpClient();
        var request = http.newHttpRequestBuilder()
                .uri(schema.client.getMasterUrl().toURI().resolve(SchemaUnderTest.path()))
                .header("Accept", "application/json;as=Table;g=meta.k8s.io;v=v1")
                .build();
        return http.sendAsync(request, String.class).get().body();
    }

    private static MigrationSpec spec(GenericKubernetesResource migration) {
        return schema.read(migration.get("spec"), MigrationSpec.class);
    }

    private static PlanStatus plan(Instant at) {
        return new PlanStatus(
                "c0ffee",
                at,
                at,
                List.of(new PlanStatus.Basis("Service shop: selector", "abc")),
                List.of(new PlanStatus.PlannedObject("Patch", "Service/shop", Phase.CuttingOver, "[{}]")),
                List.of(new PlanStatus.PlannedStep(25, 33, 2, "5m", "healthy", "about 7m", "abort")),
                new PlanStatus.Capacity(4, "1200m", "512Mi"),
                "48m");
    }

    private static MigrationStatus fullStatus() {
        Instant at = Instant.parse("2026-11-23T06:30:00.123Z");
        return new MigrationStatus(
                1L,
                Phase.Shifting,
                at,
                "AwaitEndpoints",
                at,
                at,
                2,
                null,
                plan(at),
                null,
                new StepStatus(2, "2/3", 50, 43, "50%", 3, at, at.plusSeconds(600), at),
                new SourceStatus("uid-d", "shop-1", "abc"),
                new TargetStatus("shop-2", "mxyz", "uid-r", 3, 4, "3/4", at),
                List.of(
                        new ServiceStatus("shop", "uid-s", 4, 3, "mxyz"),
                        new ServiceStatus("shop-admin", "uid-a", 4, 3, null)),
                "Adopt",
                new Cause("TargetUnhealthy", "a pod restarts", "look at its log", Phase.Shifting, at),
                "abort",
                new ContestStatus("mxyz", 2, at),
                new ContestStatus("mxyz", 1, at),
                List.of(MetricStatus.limited("errors", 0.012, 0.01, "Fail", List.of(true, false), null, at)),
                new VerdictStatus("Undecided", "errors: more requests", at),
                new DrainStatus(3.5, at, "no answer"),
                List.of(new Transition(at, Phase.Shifting, "StepStarted", "step 2 of 3")),
                List.of(
                        new Condition("Waiting", "True", "Draining", "waits for clients", at, 1L),
                        new Condition("Reversible", "True", "SourceKept", "annotate it", at, 1L)));
    }
}
