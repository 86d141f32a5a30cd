package dev.segue.shell;

import dev.segue.api.Command;
import dev.segue.api.Condition;
import dev.segue.api.Migration;
import dev.segue.api.MigrationStatus;
import dev.segue.api.MigrationStatus.Cause;
import dev.segue.api.Phase;
import dev.segue.api.StagingStatus;
import dev.segue.api.StagingStatus.TestStatus;
import dev.segue.engine.StageFacts.LoadFacts;
import dev.segue.engine.StageFacts.MigrationFacts;
import dev.segue.engine.StageFacts.MovesFacts;
import dev.segue.engine.StageFacts.Version;
import dev.segue.staging.StageName;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.time.Instant;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Looks at the rehearsal of the moves. What is not of this rehearsal is not looked at. Thread-safe. */
final class MovesReader {
    private static final Logger LOG = LoggerFactory.getLogger(MovesReader.class);

    /** The load says something each second: a line that is older is no word of a load that works. */
    private static final int FRESH_SECONDS = 5;

    private final KubernetesClient client;
    private final StageContents contents;

    MovesReader(KubernetesClient client, StageContents contents) {
        this.client = client;
        this.contents = contents;
    }

    MovesFacts look(Migration m, StagingStatus staging) {
        String namespace = staging.namespace();
        Map<String, String> ours = StageName.labels(Facts.uid(m), staging.attempt());
        Deployment deployment = client.apps()
                .deployments()
                .inNamespace(namespace)
                .withName(m.getSpec().component().deployment())
                .get();
        Migration moves = client.resources(Migration.class)
                .inNamespace(namespace)
                .withName(StageName.MOVES)
                .get();
        return new MovesFacts(
                deployment != null && StageReader.carries(deployment, ours) ? version(deployment) : null,
                load(namespace, ours, staging),
                moves != null && StageReader.carries(moves, ours) ? migration(moves) : null);
    }

    static Version version(Deployment deployment) {
        return StageName.SOURCE.equals(Facts.annotations(deployment).get(StageName.VERSION))
                ? Version.SOURCE
                : Version.TARGET;
    }

    private @Nullable LoadFacts load(String namespace, Map<String, String> ours, StagingStatus staging) {
        int tried = staging.test(StageName.LOAD).map(TestStatus::attempt).orElse(1);
        return client
                .pods()
                .inNamespace(namespace)
                .withLabels(ours)
                .withLabel("job-name", StageName.job(StageName.LOAD, staging.attempt(), tried))
                .list()
                .getItems()
                .stream()
                .filter(p -> "Running".equals(p.getStatus().getPhase()))
                .findFirst()
                .map(this::said)
                .orElse(null);
    }

    /** Not by the client's own method for logs: that watches for the pod to get ready before each. */
    private @Nullable LoadFacts said(Pod pod) {
        try {
            String log = client.raw("/api/v1/namespaces/%s/pods/%s/log?container=%s&tailLines=1&sinceSeconds=%d"
                    .formatted(
                            pod.getMetadata().getNamespace(),
                            pod.getMetadata().getName(),
                            pod.getSpec().getContainers().getFirst().getName(),
                            FRESH_SECONDS));
            return log == null ? null : Load.read(log);
        } catch (KubernetesClientException e) {
            LOG.debug("the load's log cannot be read: {}", Changes.reason(e));
            return null;
        }
    }

    private MigrationFacts migration(Migration moves) {
        MigrationStatus status = Objects.requireNonNullElse(moves.getStatus(), MigrationStatus.EMPTY);
        Cause cause = status.cause();
        String message = cause != null
                ? cause.message()
                : status.condition("Waiting")
                        .filter(c -> "True".equals(c.status()))
                        .map(Condition::message)
                        .orElse("");
        boolean soaked = status.timelineOrEmpty().stream().anyMatch(t -> t.phase() == Phase.Soaking);
        return new MigrationFacts(
                status.phaseOrPending(),
                Objects.requireNonNullElseGet(
                        status.phaseSince(),
                        () -> Instant.parse(moves.getMetadata().getCreationTimestamp())),
                Command.parse(Facts.annotations(moves).getOrDefault(Migration.COMMAND_ANNOTATION, ""))
                        .filter(c -> c == Command.ABORT)
                        .isPresent(),
                status.phaseOrPending() == Phase.Reverted
                        && soaked
                        && cause != null
                        && cause.reason().equals("Aborted"),
                message.isEmpty()
                        ? ""
                        : Redaction.of(
                                message, contents.secrets(moves.getMetadata().getNamespace())));
    }
}
