package dev.segue.e2e.demo;

import static org.assertj.core.api.Assertions.assertThat;

import dev.segue.api.Migration;
import dev.segue.api.MigrationSpec;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.time.Duration;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class ChangeTest {

    @Test
    void theManifestIsTheMigrationThatIsMeant() {
        Migration migration = Serialization.unmarshal(new Change("1.0.0", "2.0.0", true).manifest(), Migration.class);

        assertThat(migration.getMetadata().getName()).isEqualTo("shop-2-0-0");
        MigrationSpec spec = migration.getSpec();
        assertThat(spec.plansOnly()).isTrue();
        assertThat(spec.component().imagesOrEmpty()).containsEntry("shop", "segue.dev/e2e/shop:2.0.0");
        assertThat(spec.plannedSteps()).extracting(s -> s.weight()).containsExactly(25, 50, 100);
        assertThat(spec.verifyOrDefault().drainOrDefault().waitOrDefault()).isEqualTo(Duration.ofSeconds(8));
        assertThat(spec.analysisOrDefault().metricsOrEmpty())
                .singleElement()
                .satisfies(m -> assertThat(m.preset()).isEqualTo("http-server/error-ratio"));
        assertThat(Objects.requireNonNull(spec.staging()).testsOrEmpty())
                .singleElement()
                .satisfies(t -> assertThat(t.image()).isEqualTo("segue.dev/e2e/witness:1"));
        assertThat(Serialization.unmarshal(new Change("1.0.0", "2.0.0", false).manifest(), Migration.class)
                        .getSpec()
                        .staging())
                .isNull();
    }
}
