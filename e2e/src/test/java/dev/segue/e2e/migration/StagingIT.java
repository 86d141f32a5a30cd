package dev.segue.e2e.migration;

import static dev.segue.e2e.scenario.Manifests.BRISK;
import static dev.segue.e2e.scenario.Manifests.PROMETHEUS;
import static dev.segue.e2e.scenario.Manifests.migration;
import static dev.segue.e2e.scenario.Manifests.staging;
import static dev.segue.e2e.scenario.Manifests.to;
import static dev.segue.e2e.scenario.Verdicts.cause;
import static dev.segue.e2e.scenario.Verdicts.gone;
import static dev.segue.e2e.scenario.Verdicts.noneFailed;
import static dev.segue.e2e.scenario.Verdicts.nothingLeft;
import static dev.segue.e2e.scenario.Verdicts.why;
import static dev.segue.e2e.stage.Migrations.staging;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.segue.api.Condition;
import dev.segue.api.Migration;
import dev.segue.api.Phase;
import dev.segue.api.StagingStatus;
import dev.segue.e2e.referee.Invariant;
import dev.segue.e2e.scenario.Scenarios;
import dev.segue.e2e.scenario.Started;
import dev.segue.e2e.stage.Load;
import dev.segue.e2e.stage.Migrations;
import dev.segue.e2e.stage.Scene;
import dev.segue.e2e.stage.ShopDeployment;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The change is rehearsed in a copy of production, and production is touched only when that went well. */
@Scenarios
class StagingIT {
    /** In a Secret of production, and in the one for staging. */
    private static final String EVERYTHING =
            "all,configmaps,secrets,serviceaccounts,networkpolicies,resourcequotas,persistentvolumeclaims,events";

    private static final String PRODUCTIONS = "hunter2-of-production";

    private static final String STAGINGS = "hunter2-of-staging";

    /** For 3 s, each request a new connection or on a kept one; fails when a request does. */
    private static final String FUNCTIONAL = test("functional", "3s", "");

    /** What the new version needs beside its image. */
    private static final String SURROUNDINGS = """
            apiVersion: v1
            kind: ConfigMap
            metadata: {name: settings, annotations: {argocd.argoproj.io/tracking-id: "shop:/ConfigMap:x/settings"}}
            data: {greeting: hello}
            ---
            apiVersion: v1
            kind: Secret
            metadata: {name: db}
            stringData: {password: %s}
            ---
            apiVersion: v1
            kind: Secret
            metadata: {name: db-staging}
            stringData: {password: %s}
            ---
            apiVersion: v1
            kind: ServiceAccount
            metadata: {name: shop, annotations: {eks.amazonaws.com/role-arn: "arn:aws:iam::1:role/production"}}
            """.formatted(PRODUCTIONS, STAGINGS);

    private static final String NEEDY = """
            {deployment: shop, images: {shop: %s}, patch: {spec: {serviceAccountName: shop, containers: [{name: shop, \
            env: [{name: PASSWORD, valueFrom: {secretKeyRef: {name: db, key: password}}}], \
            envFrom: [{configMapRef: {name: settings}, prefix: SETTINGS_}]}]}}}""".formatted(ShopDeployment.image("2.0.0"));

    /** A seed that succeeds, and a test that complains of what it was given: the password. */
    private static final String TEMPLATES = """
            apiVersion: v1
            kind: ConfigMap
            metadata: {name: jobs}
            data:
              seed: |
                apiVersion: batch/v1
                kind: Job
                spec:
                  template:
                    spec:
                      containers: [{name: seed, image: segue.dev/e2e/witness:1, command: [/opt/java/bin/java, --version]}]
              test: |
                apiVersion: batch/v1
                kind: Job
                spec:
                  template:
                    spec:
                      containers:
                      - name: test
                        image: segue.dev/e2e/witness:1
                        env:
                        - {name: PASSWORD, valueFrom: {secretKeyRef: {name: db, key: password}}}
                        - {name: DURATION, value: $(PASSWORD)}
            """;

    private static final String CALLED = """
            apiVersion: v1
            kind: Service
            metadata: {name: ledger}
            spec: {selector: {app: ledger}, ports: [{port: 80, targetPort: 8080}]}
            """;

    private static String test(String name, String duration, String more) {
        return """
                {name: %s, image: segue.dev/e2e/witness:1, timeout: 60s, env: {DURATION: %s, RECORDS: /dev/null}%s}""".formatted(name, duration, more);
    }

    @Test
    void aGoodVersionIsRehearsedThenMoved(Scene scene) {
        scene.deploy(ShopDeployment.version("1.0.0"));
        scene.apply(SURROUNDINGS);
        var witness = scene.witness(Load.BRISK);

        scene.apply(migration(
                "shop-2",
                NEEDY,
                BRISK,
                staging(
                        "secrets: {map: {db: db-staging}}",
                        "keep: Always",
                        "rehearse: true",
                        "tests: [%s]".formatted(FUNCTIONAL))));
        Migration rehearsed = scene.migrations().reached("shop-2", Phase.Preparing);

        StagingStatus staging = staging(rehearsed);
        assertThat(staging.verdict()).isEqualTo("Passed");
        assertThat(staging.isolation()).isEqualTo("NotEnforced"); // as kube-proxy alone enforces no NetworkPolicy
        assertThat(staging.objectsOrEmpty())
                .extracting(StagingStatus.Copied::object)
                .containsExactlyInAnyOrder(
                        "ServiceAccount/shop", "ConfigMap/settings", "Secret/db", "Service/shop", "Deployment/shop");
        assertThat(staging.testsOrEmpty())
                .filteredOn(t -> t.name().equals("functional"))
                .singleElement()
                .satisfies(t -> assertThat(t.state()).isEqualTo("Passed"));
        assertThat(staging.test("segue-load"))
                .hasValueSatisfying(t -> assertThat(t.message()).contains("to the new version and back, none failed"));
        assertThat(Migrations.status(rehearsed).condition("StagingFresh").map(Condition::status))
                .contains("True");
        copies(scene, staging.namespace());

        Migration completed = scene.migrations().reached("shop-2", Phase.Completed);
        noneFailed(witness.stop(), Load.BRISK);
        scene.kubectl("delete", "migration", "shop-2", "--timeout=90s");
        gone(scene, staging.namespace());
        noSecret(scene, completed);
    }

    /** Everything there is scrubbed, and the Secret is the one for staging under production's name. */
    private static void copies(Scene scene, String namespace) {
        KubernetesClient client = scene.stage().client();
        var settings =
                client.configMaps().inNamespace(namespace).withName("settings").require();
        assertThat(settings.getMetadata().getAnnotations()).containsOnlyKeys("segue.dev/digest");
        var account =
                client.serviceAccounts().inNamespace(namespace).withName("shop").require();
        assertThat(account.getMetadata().getAnnotations()).containsOnlyKeys("segue.dev/digest");
        var secret = client.secrets().inNamespace(namespace).withName("db").require();
        assertThat(new String(Base64.getDecoder().decode(secret.getData().get("password")), StandardCharsets.UTF_8))
                .isEqualTo(STAGINGS);
        assertThat(client.secrets()
                        .inNamespace(namespace)
                        .withName("db-staging")
                        .get())
                .isNull();
        assertThat(client.network()
                        .v1()
                        .networkPolicies()
                        .inNamespace(namespace)
                        .list()
                        .getItems())
                .extracting(p -> p.getMetadata().getName())
                .containsExactlyInAnyOrder("segue-default-deny", "segue-allowed");
        assertThat(scene.stage().kubectl("-n", namespace, "get", EVERYTHING, "-o", "yaml"))
                .as("everything there")
                .contains("kind: Deployment", "kind: Pod", "kind: Secret")
                .satisfies(all -> assertThat(contains(all, PRODUCTIONS)).isFalse());
    }

    private static boolean contains(String text, String secret) {
        return text.contains(secret)
                || text.contains(Base64.getEncoder().encodeToString(secret.getBytes(StandardCharsets.UTF_8)));
    }

    private static void noSecret(Scene scene, Migration last) {
        String told = Serialization.asYaml(last)
                + scene.kubectl("get", "events", "-o", "yaml")
                + scene.kubectl("get", "configmaps", "-o", "yaml")
                + scene.stage().operator().log();
        for (String secret : List.of(PRODUCTIONS, STAGINGS)) {
            assertThat(contains(told, secret))
                    .as("%s in what was told".formatted(secret))
                    .isFalse();
        }
    }

    @Test
    void aVersionThatFailsItsTestNeverReachesProduction(Scene scene) {
        scene.deploy(ShopDeployment.version("1.0.0"));
        String bad = to("2.0.0", "ERROR_RATIO", "0.5");
        scene.apply(migration(
                "shop-2", bad, BRISK, staging("tests: [%s]".formatted(test("functional", "3s", ", retries: 1")))));

        Migration failed = scene.migrations().reached("shop-2", Phase.Failed);
        assertThat(cause(failed)).isEqualTo("StagingTestFailed");
        StagingStatus staging = staging(failed);
        assertThat(staging.verdict()).isEqualTo("Failed");
        assertThat(staging.testsOrEmpty())
                .filteredOn(t -> t.name().equals("functional"))
                .singleElement()
                .satisfies(t -> assertThat(t.attempt()).isEqualTo(2));
        assertThat(scene.told("shop-2", "Failed"))
                .extracting(e -> e.getReason())
                .contains("StagingTestRetried");
        assertThat(scene.kubectl("get", "configmap", "shop-2-report", "-o", "jsonpath={.data.test-functional\\.log}"))
                .contains("non2xx");
        assertThat(scene.kubectl("get", "replicasets", "-o", "name").lines()).hasSize(1); // production's own
        assertThat(scene.stage()
                        .client()
                        .namespaces()
                        .withName(staging.namespace())
                        .get())
                .as("kept to be looked at")
                .isNotNull();

        scene.stage().kubectl("""
                apiVersion: v1
                kind: ConfigMap
                metadata: {name: stuck, namespace: %s, finalizers: [test.example/stuck]}
                """.formatted(staging.namespace()), List.of("apply", "-f", "-"));
        // After the end, too: something is to be done, and cannot be.
        try (var _ = scene.referee().excuse(Invariant.IDLE, "Migration", "shop-2", "a copy that does not go is told")) {
            scene.kubectl("delete", "migration", "shop-2", "--wait=false");
            scene.kubectl("wait", "--for=condition=Waiting", "migration/shop-2", "--timeout=120s");
            assertThat(scene.kubectl("get", "migration", "shop-2", "-o", "jsonpath={.status.conditions}"))
                    .contains("StagingTerminating", "test.example/stuck");
            scene.stage()
                    .kubectl(
                            "-n",
                            staging.namespace(),
                            "patch",
                            "configmap",
                            "stuck",
                            "--type=merge",
                            "-p",
                            "{\"metadata\":{\"finalizers\":null}}");
            scene.migrations().awaitDeleted("shop-2");
        }
        gone(scene, staging.namespace());
        nothingLeft(scene);
    }

    /** What a test says may hold a password: in its log, and as its last word. Nobody repeats it. */
    @Test
    void aPasswordThatATestSaysIsNotRepeated(Scene scene) {
        scene.deploy(ShopDeployment.version("1.0.0"));
        scene.apply(SURROUNDINGS);
        scene.apply(TEMPLATES);
        scene.apply(migration(
                "shop-2",
                NEEDY,
                BRISK,
                staging(
                        "secrets: {map: {db: db-staging}}",
                        "keep: Never",
                        "seeds: [{name: fill, jobTemplate: {configMap: jobs, key: seed}}]",
                        "tests: [{name: talks, jobTemplate: {configMap: jobs, key: test}}]")));

        Migration failed = scene.migrations().reached("shop-2", Phase.Failed);
        assertThat(cause(failed)).isEqualTo("StagingTestFailed");
        assertThat(staging(failed).test("fill"))
                .hasValueSatisfying(t -> assertThat(t.state()).isEqualTo("Passed"));
        assertThat(staging(failed).test("talks"))
                .hasValueSatisfying(t -> assertThat(t.message()).contains("DURATION", "[redacted]"));
        assertThat(scene.kubectl("get", "configmap", "shop-2-report", "-o", "jsonpath={.data.test-talks\\.log}"))
                .contains("DURATION", "[redacted]");
        gone(scene, staging(failed).namespace());
        noSecret(scene, failed);
        nothingLeft(scene);
    }

    @Test
    void aSlowVersionExceedsTheLoadTestsThreshold(Scene scene) {
        scene.deploy(ShopDeployment.version("1.0.0"));
        scene.apply(migration(
                "shop-2",
                to("2.0.0", "LATENCY_MS", "300"),
                BRISK,
                "analysis: {prometheus: {url: %s}}\n".formatted(PROMETHEUS),
                staging("keep: Never", "tests:", "- " + test("load", "12s", """
                                , thresholds: [{name: mean, max: 0.2, query: 'sum(increase(http_server_requests_seconds_sum{namespace="$namespace", pod=~"$pods"}[$range])) / sum(increase(http_server_requests_seconds_count{namespace="$namespace", pod=~"$pods"}[$range]))'}]"""))));

        Migration failed = scene.migrations().reached("shop-2", Phase.Failed);
        assertThat(why(failed)).contains("threshold mean is exceeded: 0.3");
        gone(scene, staging(failed).namespace());
        nothingLeft(scene);
    }

    @Test
    void productionThatChangesMakesTheVerdictStale(Scene scene) {
        scene.deploy(ShopDeployment.version("1.0.0"));
        scene.apply(SURROUNDINGS);
        scene.apply(migration("shop-2", NEEDY, BRISK, staging("onDrift: Wait", "secrets: {map: {db: db-staging}}")));
        scene.migrations().reached("shop-2", Phase.Staging);
        scene.patchSpec("shop-2", "{\"paused\":true}");
        scene.migrations().waiting("shop-2", "Paused");

        scene.kubectl("patch", "configmap", "settings", "-p", "{\"data\":{\"greeting\":\"bye\"}}");
        Migration waiting = scene.migrations().waiting("shop-2", "StagingStale");
        assertThat(staging(waiting).stale()).isEqualTo("ConfigMap/settings changed since");
        assertThat(Migrations.status(waiting).condition("StagingFresh"))
                .hasValueSatisfying(c -> assertThat(c.status()).isEqualTo("False"));
        assertThat(scene.kubectl("get", "replicasets", "-o", "name").lines()).hasSize(1);

        scene.patchSpec("shop-2", "{\"staging\":{\"onDrift\":\"Rerun\"}}");
        scene.migrations()
                .reached(
                        "shop-2",
                        "a second rehearsal that has passed",
                        m -> Migrations.status(m).staging() != null
                                && staging(m).attempt() == 2
                                && staging(m).passed());
        scene.abort("shop-2");
        Migration failed = scene.migrations().reached("shop-2", Phase.Failed);
        assertThat(cause(failed)).isEqualTo("Aborted");
        gone(scene, staging(failed).namespace());
        nothingLeft(scene);
    }

    /** The local cluster enforces no NetworkPolicy, so something else blocks the way. */
    @Test
    void aNetworkThatKeepsStagingApartIsToldFromOneThatDoesNot(Scene scene) {
        scene.deploy(ShopDeployment.version("1.0.0"));
        scene.deployCalled("ledger", new ShopDeployment(1, "1.0.0", Map.of()));
        scene.apply(TEMPLATES);
        try (var started = new Started(scene)) {
            scene.apply(apart("open"));
            Migration refused = scene.migrations().reached("open", Phase.Failed);
            assertThat(cause(refused)).isEqualTo("StagingNotIsolated");
            gone(scene, staging(refused).namespace());

            scene.stage().withBlocked(scene.service().getSpec().getClusterIP(), () -> {
                scene.apply(apart("closed"));
                Migration apart = scene.migrations().reached("closed", Phase.Preparing);
                assertThat(staging(apart).isolation()).isEqualTo("Enforced");
                await().untilAsserted(() -> assertThat(started.in(staging(apart).namespace()))
                        .containsExactlyInAnyOrder(
                                "Job/segue-isolation-1-1", "Deployment/ledger", "Job/fill-1-1", "Deployment/shop"));
            });
            assertThat(started.in(staging(refused).namespace()))
                    .as("nothing of the copy ran")
                    .containsExactly("Job/segue-isolation-1-1");
        }
        scene.abort("closed");
        Migration reverted = scene.migrations().reached("closed", Phase.Reverted);
        gone(scene, staging(reverted).namespace());
        scene.kubectl("delete", "deployment,service", "ledger");
        nothingLeft(scene);
    }

    private static String apart(String name) {
        return migration(
                name,
                to("2.0.0"),
                BRISK,
                staging(
                        "keep: Never",
                        "requireIsolation: true",
                        "dependencies: [{name: ledger, mode: Copy}]",
                        "seeds: [{name: fill, jobTemplate: {configMap: jobs, key: seed}}]"));
    }

    @Test
    void aForeignNamespaceIsNotTouched(Scene scene) {
        scene.deploy(ShopDeployment.version("1.0.0"));
        String name = scene.namespace() + "-stg-shop-2";
        KubernetesClient client = scene.stage().client();
        HasMetadata foreign = client.resource(new NamespaceBuilder()
                        .withNewMetadata()
                        .withName(name)
                        .addToLabels("owner", "somebody")
                        .endMetadata()
                        .build())
                .create();
        try {
            scene.apply(migration("shop-2", to("2.0.0"), BRISK, staging("keep: Never")));
            Migration failed = scene.migrations().reached("shop-2", Phase.Failed);
            assertThat(cause(failed)).isEqualTo("StagingNamespaceForeign");
            scene.kubectl("delete", "migration", "shop-2", "--timeout=60s");
            assertThat(client.namespaces()
                            .withName(name)
                            .require()
                            .getMetadata()
                            .getUid())
                    .isEqualTo(foreign.getMetadata().getUid());
            assertThat(client.network()
                            .v1()
                            .networkPolicies()
                            .inNamespace(name)
                            .list()
                            .getItems())
                    .isEmpty();
        } finally {
            client.namespaces().withName(name).delete();
        }
    }

    @Test
    void anImageThatCannotBePulledIsToldInSeconds(Scene scene) {
        scene.deploy(ShopDeployment.version("1.0.0"));
        scene.apply(migration(
                "shop-2",
                to("2.0.0"),
                BRISK,
                staging("keep: Never", "tests: [{name: smoke, image: segue.dev/e2e/missing:1, timeout: 10m}]")));
        Migration failed = scene.migrations().reached("shop-2", Phase.Failed);
        assertThat(why(failed)).contains("smoke", "segue.dev/e2e/missing:1");
        gone(scene, staging(failed).namespace());

        scene.apply(CALLED);
        scene.apply(migration(
                "shop-3",
                to("3.0.0"),
                BRISK,
                staging("keep: Never", "dependencies: [{name: ledger, mode: Stub, image: segue.dev/e2e/missing:1}]")));
        Migration incomplete = scene.migrations().reached("shop-3", Phase.Failed);
        assertThat(cause(incomplete)).isEqualTo("StagingIncomplete");
        assertThat(why(incomplete)).contains("ledger does not start", "segue.dev/e2e/missing:1");
        gone(scene, staging(incomplete).namespace());
    }
}
