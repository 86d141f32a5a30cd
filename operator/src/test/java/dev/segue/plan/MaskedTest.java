package dev.segue.plan;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import org.junit.jupiter.api.Test;

class MaskedTest {
    private static String masked(String patch) {
        JsonNode yaml = new KubernetesSerialization().unmarshal("patch:\n" + patch.indent(2), JsonNode.class);
        return Masked.of(yaml.get("patch")).toString();
    }

    @Test
    void textsThatMayBeSecretsAreHidden() {
        String shown = masked("""
                metadata: {annotations: {a: hunter2}}
                spec:
                  hostAliases: [{ip: 1.2.3.4, hostnames: [hunter2]}]
                  containers:
                  - name: shop
                    command: [run, hunter2]
                    args: ["--password", hunter2]
                    workingDir: /hunter2
                    env: [{name: A, value: hunter2}, {name: image, value: hunter2}]
                    lifecycle: {preStop: {exec: {command: [hunter2]}}}
                    readinessProbe: {httpGet: {path: /hunter2, httpHeaders: [{name: Authorization, value: hunter2}]}}
                  volumes: [{name: v, csi: {driver: d, volumeAttributes: {token: hunter2}}}]
                """);
        assertThat(shown).doesNotContain("hunter2").contains("\"name\":\"Authorization\"", "\"value\":\"***\"");
    }

    @Test
    void whatSaysWhatIsChangedIsShown() {
        assertThat(masked("""
                {metadata: {labels: {tier: web}}, spec: {$patch: merge, terminationGracePeriodSeconds: 30,
                serviceAccountName: robot, hostNetwork: false, containers: [{name: shop, image: "shop:2",
                resources: {limits: {cpu: 500m}}, env: [{name: A, valueFrom: {secretKeyRef: {name: db, key: user}}}]}]}}
                """))
                .isEqualTo(
                        "{\"metadata\":{\"labels\":{\"tier\":\"web\"}},\"spec\":{\"$patch\":\"merge\",\"terminationGracePeriodSeconds\":30,"
                                + "\"serviceAccountName\":\"robot\",\"hostNetwork\":false,\"containers\":[{\"name\":\"shop\",\"image\":\"shop:2\","
                                + "\"resources\":{\"limits\":{\"cpu\":\"500m\"}},\"env\":[{\"name\":\"A\",\"valueFrom\":{\"secretKeyRef\":{\"name\":\"db\",\"key\":\"user\"}}}]}]}}");
    }
}
