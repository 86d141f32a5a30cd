package dev.segue.staging;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.fabric8.kubernetes.api.model.PodSpec;
import org.junit.jupiter.api.Test;

class ReferencesTest {
    @Test
    void areFoundWhereverAPodMayHaveThem() throws JsonProcessingException {
        References found = References.of(new YAMLMapper().readValue("""
                serviceAccountName: shop
                imagePullSecrets: [{name: registry}]
                initContainers: [{name: init, envFrom: [{configMapRef: {name: init-settings}}]}]
                containers:
                - name: shop
                  env:
                  - {name: A, valueFrom: {configMapKeyRef: {name: settings, key: a, optional: true}}}
                  - {name: B, valueFrom: {secretKeyRef: {name: db, key: password}}}
                  envFrom: [{secretRef: {name: maybe, optional: true}}, {configMapRef: {name: settings}}]
                volumes:
                - {name: v1, configMap: {name: files}}
                - {name: v2, secret: {secretName: tls}}
                - {name: v3, persistentVolumeClaim: {claimName: data}}
                - {name: v4, projected: {sources: [{configMap: {name: projected}}, {secret: {name: token, optional: true}}]}}
                """, PodSpec.class));

        assertThat(found.configMaps().required())
                .as("one that is needed in one place is needed")
                .containsExactly("files", "init-settings", "projected", "settings");
        assertThat(found.configMaps().optional()).isEmpty();
        assertThat(found.secrets().required()).containsExactly("db", "tls");
        assertThat(found.secrets().optional()).containsExactly("maybe", "registry", "token");
        assertThat(found.claims()).containsExactly("data");
        assertThat(found.serviceAccount()).isEqualTo("shop");
        assertThat(References.of(new PodSpec()).serviceAccount()).isEqualTo("default");
    }
}
