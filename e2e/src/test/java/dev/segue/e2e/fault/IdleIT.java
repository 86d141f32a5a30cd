package dev.segue.e2e.fault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.segue.api.Condition;
import dev.segue.api.Migration;
import dev.segue.api.MigrationStatus;
import dev.segue.api.Phase;
import dev.segue.e2e.fault.ApiRequest.Kind;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.parallel.Isolated;

/** Where nothing happens nothing is written, also after a restart. Ended Migrations are not even read. */
@ExtendWith(LabExtension.class)
@Isolated("the installed operator stands still")
class IdleIT {
    private static final String NAMESPACE = "idle-it";
    private static final int EACH = 15;
    private static final Duration PATIENCE = Duration.ofMinutes(5);

    private static ApiServer server;
    private static KubernetesClient client;

    @BeforeAll
    static void prepare(Labs labs) {
        server = labs.server();
        client = labs.client();
        client.resource(new NamespaceBuilder()
                        .withNewMetadata()
                        .withName(NAMESPACE)
                        .endMetadata()
                        .build())
                .serverSideApply();
        apply("""
                apiVersion: apps/v1
                kind: Deployment
                metadata: {name: still}
                spec:
                  selector: {matchLabels: {app: still}}
                  template:
                    metadata: {labels: {app: still}}
                    spec:
                      containers:
                      - name: still
                        image: segue.dev/e2e/still:1
                        imagePullPolicy: IfNotPresent
                        readinessProbe: {httpGet: {path: /, port: 8080}, periodSeconds: 1}
                ---
                apiVersion: v1
                kind: Service
                metadata: {name: still}
                spec:
                  selector: {app: still}
                  ports: [{port: 8080}]
                """);
    }

    @AfterAll
    static void leave() {
        client.namespaces().withName(NAMESPACE).delete();
    }

    private static void apply(String manifest) {
        client.load(new ByteArrayInputStream(manifest.getBytes(StandardCharsets.UTF_8)))
                .inNamespace(NAMESPACE)
                .serverSideApply();
    }

    private static void migrate(String name, String deployment) {
        apply("""
                apiVersion: segue.dev/v1alpha1
                kind: Migration
                metadata: {name: %s}
                spec:
                  paused: true
                  components: [{deployment: %s, images: {still: "segue.dev/e2e/still:2"}}]
                """.formatted(name, deployment));
    }

    private static List<String> numbered(String name) {
        return IntStream.range(0, EACH).mapToObj(i -> name + "-" + i).toList();
    }

    private static MigrationStatus status(String name) {
        Migration m = client.resources(Migration.class)
                .inNamespace(NAMESPACE)
                .withName(name)
                .require();
        return m.getStatus() == null ? MigrationStatus.EMPTY : m.getStatus();
    }

    private static boolean waits(String name, String reason) {
        return status(name)
                .condition("Waiting")
                .map(Condition::reason)
                .filter(reason::equals)
                .isPresent();
    }

    /** How often this one was read by its name. */
    private static long reads(OperatorUnderTest operator, String name) {
        return operator.proxy().requests().stream()
                .filter(r -> r.kind() == Kind.READ && r.path().endsWith("/migrations/" + name))
                .count();
    }

    @Test
    void idleAndRestartedItWritesNothing() {
        List<String> ended = numbered("ended");
        List<String> locked = numbered("locked");
        List<String> waiting = Stream.concat(Stream.of("held"), locked.stream()).toList();
        try (var operator = OperatorUnderTest.start(server, NAMESPACE, Disturbance.NONE)) {
            ended.forEach(name -> migrate(name, "none"));
            migrate("held", "still");
            await().atMost(PATIENCE).until(() -> waits("held", "Paused"));
            locked.forEach(name -> migrate(name, "still"));
            await().atMost(PATIENCE)
                    .until(() -> ended.stream().allMatch(n -> status(n).phaseOrPending() == Phase.Failed)
                            && locked.stream().allMatch(n -> waits(n, "Locked")));
            // Two looks at each that waits for its turn: what there was to write is written.
            looksOn(operator, locked);
            int before = operator.proxy().writes().size();
            looksOn(operator, locked);
            assertThat(operator.proxy()
                            .writes()
                            .subList(before, operator.proxy().writes().size()))
                    .extracting(ApiRequest::text)
                    .isEmpty();
        }
        try (var restarted = OperatorUnderTest.start(server, NAMESPACE, Disturbance.NONE)) {
            await().atMost(PATIENCE).until(() -> waiting.stream().allMatch(n -> reads(restarted, n) > 0));
            looksOn(restarted, locked);
            assertThat(restarted.proxy().writes()).extracting(ApiRequest::text).isEmpty();
            assertThat(ended)
                    .allSatisfy(name -> assertThat(reads(restarted, name)).isZero());
        }
    }

    private static void looksOn(OperatorUnderTest operator, List<String> names) {
        List<Long> before = names.stream().map(n -> reads(operator, n)).toList();
        await().atMost(PATIENCE)
                .until(() -> IntStream.range(0, names.size())
                        .allMatch(i -> reads(operator, names.get(i)) >= before.get(i) + 2));
    }
}
