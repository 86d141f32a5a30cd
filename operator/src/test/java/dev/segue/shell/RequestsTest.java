package dev.segue.shell;

import static org.assertj.core.api.Assertions.assertThat;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RequestsTest {
    @ParameterizedTest
    @CsvSource({
        "/api/v1/namespaces/prod/services/shop, services",
        "/api/v1/namespaces/prod/services, services",
        "/api/v1/pods, pods",
        "/api/v1/namespaces/prod, namespaces",
        "/apis/segue.dev/v1alpha1/migrations, migrations",
        "/apis/segue.dev/v1alpha1/namespaces/prod/migrations/shop-2-0/status, migrations",
        "/apis/coordination.k8s.io/v1/namespaces/segue-system/leases/segue-operator, leases",
        "/apis/authorization.k8s.io/v1/selfsubjectrulesreviews, selfsubjectrulesreviews",
        "/version, ''",
        "/apis, ''"
    })
    void aRequestIsCountedByItsResource(String path, String resource) {
        assertThat(Requests.resource(path)).isEqualTo(resource);
    }

    @ParameterizedTest
    @CsvSource({"fieldManager=segue&dryRun=All, true", "fieldManager=segue, false", ", false"})
    void aDryRunIsToldApart(@Nullable String query, boolean trial) {
        assertThat(Requests.isTrial(query)).isEqualTo(trial);
    }
}
