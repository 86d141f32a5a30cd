package dev.segue.e2e.referee;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Who wrote, by managed fields as an API server makes them. */
class AuthorsTest {
    private static final String USERS =
            "{manager: kubectl, operation: Update, time: \"2026-01-01T00:00:01Z\", fieldsV1: {\"f:spec\": {\"f:replicas\": {}}}}";

    @Test
    void aNewTimeNamesTheWriter() {
        Change change = change(
                deployment("1", USERS + ", " + segues(1, "\"f:paused\": {}")),
                deployment("2", USERS + ", " + segues(2, "\"f:paused\": {}")));

        assertThat(Authors.of(change)).containsExactly("segue");
    }

    @Test
    void withinOneSecondTheFieldsOwnerIsTheWriter() {
        String segues = segues(
                1,
                "\"f:template\": {\"f:spec\": {\"f:containers\": {\"k:{\\\"name\\\":\\\"shop\\\"}\": {\"f:image\": {}}}}}");
        Change image = change(deployment("1", USERS + ", " + segues), deployment("2", USERS + ", " + segues));
        Change size = change(
                deployment("1", USERS + ", " + segues)
                        .edit()
                        .editSpec()
                        .withReplicas(3)
                        .endSpec()
                        .build(),
                deployment("1", USERS + ", " + segues));

        assertThat(Authors.of(image)).isEmpty();
        assertThat(bySegue(image)).containsExactly(true);
        assertThat(bySegue(size)).containsExactly(false);
    }

    @Test
    void whatIsRemovedUnsignedWasItsOwners() {
        Deployment paused = deployment("1", USERS + ", " + segues(1, "\"f:paused\": {}"))
                .edit()
                .editSpec()
                .withPaused(true)
                .endSpec()
                .build();

        assertThat(bySegue(change(paused, deployment("1", USERS)))).containsExactly(true);
        assertThat(bySegue(change(
                        paused.edit()
                                .editMetadata()
                                .withManagedFields()
                                .endMetadata()
                                .build(),
                        deployment("1", USERS))))
                .containsExactly(false);
    }

    @Test
    void theStatusIsSignedByItsSubresource() {
        String status =
                ", {manager: segue, operation: Update, subresource: status, time: \"2026-01-01T00:00:05Z\", fieldsV1: {}}";

        assertThat(Authors.of(change(deployment("1", USERS), deployment("1", USERS + status))))
                .isEmpty();
    }

    @Test
    void anEntryThatIsGoneWithoutAHeirWasForgotten() {
        Deployment marked = deployment("1", USERS + ", " + segues(1, "\"f:paused\": {}"));
        String heir = "{manager: heir, operation: Update, time: \"2026-01-01T00:00:09Z\", fieldsV1: {}}";

        assertThat(Authors.forgotten(change(marked, deployment("1", USERS)))).isTrue();
        assertThat(Authors.forgotten(change(marked, deployment("1", USERS + ", " + heir))))
                .isFalse();
        assertThat(Authors.forgotten(change(deployment("1", USERS), deployment("1", USERS))))
                .isFalse();
    }

    private static List<Boolean> bySegue(Change change) {
        return Difference.between(change.before(), change.after()).stream()
                .map(d -> Authors.bySegue(change, d))
                .toList();
    }

    private static String segues(int second, String spec) {
        return "{manager: segue, operation: Update, time: \"2026-01-01T00:00:0%dZ\", fieldsV1: {\"f:spec\": {%s}}}"
                .formatted(second, spec);
    }

    private static Deployment deployment(String version, String managers) {
        return new KubernetesSerialization().unmarshal("""
                metadata: {name: shop, uid: shop, resourceVersion: "1", managedFields: [%s]}
                spec: {replicas: 2, template: {spec: {containers: [{name: shop, image: "shop:%s"}]}}}
                """.formatted(managers, version), Deployment.class);
    }

    private static Change change(Deployment before, Deployment after) {
        return new Change(Observation.of(after, Instant.EPOCH, false), before, after);
    }
}
