package dev.segue.shell;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.segue.api.ComparisonStatus;
import dev.segue.api.ComparisonStatus.Against;
import dev.segue.api.ComparisonStatus.Counted;
import dev.segue.api.Condition;
import dev.segue.api.Migration;
import dev.segue.api.MigrationStatus;
import dev.segue.api.MigrationStatus.MetricStatus;
import dev.segue.api.MigrationStatus.StepStatus;
import dev.segue.api.Phase;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class GaugesTest {
    private static final Instant AT = Instant.parse("2026-01-01T00:00:00Z");

    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final Gauges gauges = new Gauges(registry);

    private static Migration migration(String name) {
        Migration m = new Migration();
        m.setMetadata(new ObjectMetaBuilder()
                .withNamespace("prod")
                .withName(name)
                .withUid("uid-" + name)
                .build());
        return m;
    }

    private static MigrationStatus status(Phase phase, double bad) {
        ComparisonStatus comparison = new ComparisonStatus(
                Against.Source,
                new Counted(9, 9000, "0.1%"),
                new Counted(bad, 6000, "1%"),
                new ComparisonStatus.Effect("0.9 pp", "-0.04 pp", "1.84 pp", "0.25 pp"),
                new ComparisonStatus.Evidence(12.8, 4.6, -3.3, 3, "harm 100%, non-inferior 0%"),
                new ComparisonStatus.Dispersion(1.1, "history"),
                new ComparisonStatus.Coverage(5, 0, AT, AT, null),
                null,
                null,
                List.of());
        MetricStatus errors =
                new MetricStatus("errors", null, null, "Harm", List.of(), "worse", AT, comparison, null, null);
        Map<String, Object> fields = Map.of(
                "phase",
                phase,
                "step",
                new StepStatus(1, "1/2", 25, 33, "31%", 2, AT, AT, null),
                "metrics",
                List.of(errors),
                "conditions",
                List.of(new Condition("Waiting", "True", "CheckFailed", "worse", AT, 1L)));
        KubernetesSerialization json = new KubernetesSerialization();
        return json.unmarshal(json.asJson(fields), MigrationStatus.class);
    }

    private List<String> lines() {
        return registry.scrape()
                .lines()
                .filter(l -> l.startsWith("segue_"))
                .sorted()
                .toList();
    }

    @Test
    void everyFigureOfAMigrationUnderWay() {
        gauges.show(migration("shop"), status(Phase.Shifting, 61));
        assertThat(lines().stream()
                        .map(l -> l.replaceAll("migration=\"shop\",migration_namespace=\"prod\",?", "")
                                .replace(",}", "}")))
                .containsExactly(
                        "segue_analysis_dispersion{metric=\"errors\"} 1.1",
                        "segue_analysis_evidence_needed{for=\"harm\",metric=\"errors\"} 4.6",
                        "segue_analysis_evidence_needed{for=\"non-inferiority\",metric=\"errors\"} 3.0",
                        "segue_analysis_evidence{for=\"harm\",metric=\"errors\"} 12.8",
                        "segue_analysis_evidence{for=\"non-inferiority\",metric=\"errors\"} -3.3",
                        "segue_analysis_excess{metric=\"errors\",value=\"estimate\"} 0.009",
                        "segue_analysis_excess{metric=\"errors\",value=\"lower\"} -4.0E-4",
                        "segue_analysis_excess{metric=\"errors\",value=\"tolerance\"} 0.0025",
                        "segue_analysis_excess{metric=\"errors\",value=\"upper\"} 0.0184",
                        "segue_analysis_ratio{metric=\"errors\",version=\"source\"} 0.001",
                        "segue_analysis_ratio{metric=\"errors\",version=\"target\"} 0.010166666666666666",
                        "segue_analysis_requests{metric=\"errors\",result=\"all\",version=\"source\"} 9000.0",
                        "segue_analysis_requests{metric=\"errors\",result=\"all\",version=\"target\"} 6000.0",
                        "segue_analysis_requests{metric=\"errors\",result=\"bad\",version=\"source\"} 9.0",
                        "segue_analysis_requests{metric=\"errors\",result=\"bad\",version=\"target\"} 61.0",
                        "segue_migration_phase{phase=\"Shifting\"} 1.0",
                        "segue_migration_waiting{reason=\"CheckFailed\"} 1.0",
                        "segue_migration_weight{kind=\"actual\"} 31.0",
                        "segue_migration_weight{kind=\"asked\"} 25.0");
    }

    @Test
    void nothingOfOneThatHasEnded() {
        gauges.show(migration("shop"), status(Phase.Shifting, 61));
        gauges.show(migration("cart"), status(Phase.Soaking, 0));
        assertThat(lines()).hasSize(38);
        gauges.show(migration("shop"), status(Phase.Completed, 61));
        assertThat(lines()).hasSize(19).allSatisfy(l -> assertThat(l).contains("migration=\"cart\""));
        gauges.forget("uid-cart");
        assertThat(lines()).isEmpty();
    }

    /** A series that begins with 1 has not increased: the first revert would alert nobody. */
    @Test
    void endsAreCountedFromZero() {
        Metrics metrics = new Metrics(registry);
        assertThat(lines())
                .contains(
                        "segue_build_info{version=\"unknown\"} 1",
                        "segue_transitions_total{phase=\"Reverted\",reason=\"Reverted\"} 0.0",
                        "segue_transitions_total{phase=\"Stuck\",reason=\"Stuck\"} 0.0");
        metrics.transition(Phase.Reverted, "Reverted");
        assertThat(lines()).contains("segue_transitions_total{phase=\"Reverted\",reason=\"Reverted\"} 1.0");
    }

    @Test
    void theDashboardAsksForNothingElse() throws IOException {
        new Metrics(registry).phases(() -> Stream.of(Phase.Shifting));
        gauges.show(migration("shop"), status(Phase.Shifting, 61));
        Set<String> there =
                lines().stream().map(l -> l.replaceAll("[{ ].*", "")).collect(Collectors.toSet());
        String dashboard = Files.readString(Path.of("../helm/segue/files/dashboard.json"));
        Set<String> asked = new HashSet<>();
        for (JsonNode panel : new ObjectMapper().readTree(dashboard).path("panels")) {
            for (JsonNode target : panel.path("targets")) {
                Matcher name = Pattern.compile("segue_[a-z_]+")
                        .matcher(target.path("expr").asText());
                while (name.find()) {
                    asked.add(name.group());
                }
            }
        }
        assertThat(asked).hasSizeGreaterThan(6).isSubsetOf(there);
    }

    @Test
    void theLatestStatusIsShown() {
        gauges.show(migration("shop"), status(Phase.Shifting, 61));
        gauges.show(migration("shop"), status(Phase.Shifting, 62));
        assertThat(lines())
                .filteredOn(l ->
                        l.startsWith("segue_analysis_requests") && l.contains("\"target\"") && l.contains("\"bad\""))
                .singleElement()
                .satisfies(l -> assertThat(l).endsWith(" 62.0"));
    }
}
