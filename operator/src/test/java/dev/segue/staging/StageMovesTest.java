package dev.segue.staging;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.segue.api.Migration;
import dev.segue.api.MigrationSpec;
import dev.segue.api.Step;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

class StageMovesTest {
    private static Migration moves(String spec) throws JsonProcessingException {
        return StageMoves.of(new YAMLMapper().readValue(spec, MigrationSpec.class), "prod-stg-m", Map.of("a", "b"));
    }

    @Test
    void itMovesTheSameByTheSameStepsInSeconds() throws JsonProcessingException {
        Migration moves = moves("""
                mode: Plan
                paused: true
                components: [{deployment: shop, images: {shop: "shop:2"}}]
                steps: [{weight: 10, hold: 1h, gate: NonInferior}, {weight: 50, hold: 2s}, {weight: 100, hold: 1h}]
                staging: {rehearse: true}
                analysis: {prometheus: {url: "http://p:9090"}, metrics: [{name: e, preset: http-server}]}
                verify: {propagation: 7s, drain: {query: x, onTimeout: Proceed}}
                handover: {via: Settle}
                onFailure: Hold
                deadline: {prepare: 3m}
                """);
        assertThat(moves.getMetadata().getName()).isEqualTo("rehearsal");
        assertThat(moves.getMetadata().getNamespace()).isEqualTo("prod-stg-m");
        assertThat(moves.getMetadata().getLabels()).containsEntry("a", "b");
        MigrationSpec spec = moves.getSpec();
        assertThat(spec.plansOnly()).isFalse();
        assertThat(spec.isPaused()).isFalse();
        assertThat(spec.component().imagesOrEmpty()).containsEntry("shop", "shop:2");
        assertThat(spec.plannedSteps()).containsExactly(new Step(10, "5s"), new Step(50, "2s"), new Step(100, "24h"));
        assertThat(spec.staging()).as("a rehearsal of a rehearsal").isNull();
        assertThat(spec.analysis()).as("as the load judges").isNull();
        assertThat(spec.verifyOrDefault().propagationOrDefault()).isEqualTo(Duration.ofSeconds(7));
        assertThat(spec.verifyOrDefault().drainOrDefault().query()).isNull();
        assertThat(spec.verifyOrDefault().drainOrDefault().waitOrDefault()).isEqualTo(Duration.ofSeconds(10));
        assertThat(spec.holdsOnFailure()).isFalse();
        assertThat(spec.handover()).isNotNull();
        assertThat(spec.deadlineOrDefault().prepareOrDefault()).isEqualTo(Duration.ofMinutes(3));
    }
}
