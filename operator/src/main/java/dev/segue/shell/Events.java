package dev.segue.shell;

import dev.segue.api.Message;
import dev.segue.api.Migration;
import dev.segue.api.MigrationStatus;
import dev.segue.engine.Decision.Notice;
import dev.segue.staging.TargetName;
import io.fabric8.kubernetes.api.model.MicroTime;
import io.fabric8.kubernetes.api.model.ObjectReferenceBuilder;
import io.fabric8.kubernetes.api.model.events.v1.EventBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.net.HttpURLConnection;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One Kubernetes event for each transition. An event that cannot be written is logged, never a reason to stop. */
final class Events {
    private static final Logger LOG = LoggerFactory.getLogger(Events.class);
    private static final int MAX_NAME = 253;

    private static final DateTimeFormatter MICROS =
            DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSSSSS'Z'").withZone(ZoneOffset.UTC);

    private final KubernetesClient client;
    private final String instance;

    Events(KubernetesClient client, String instance) {
        this.client = client;
        this.instance = instance;
    }

    void tell(Migration m, MigrationStatus status, Notice notice, Instant at) {
        try {
            client.resource(new EventBuilder()
                            .withNewMetadata()
                            .withName(name(m.getMetadata().getName(), notice.reason(), at))
                            .withNamespace(m.getMetadata().getNamespace())
                            .endMetadata()
                            .withEventTime(new MicroTime(MICROS.format(at)))
                            .withType(notice.warning() ? "Warning" : "Normal")
                            .withReason(notice.reason())
                            .withAction(status.phaseOrPending().name())
                            .withNote(Message.cut(notice.message()))
                            .withReportingController("segue.dev/operator")
                            .withReportingInstance(instance)
                            .withRegarding(new ObjectReferenceBuilder()
                                    .withApiVersion(m.getApiVersion())
                                    .withKind(m.getKind())
                                    .withNamespace(m.getMetadata().getNamespace())
                                    .withName(m.getMetadata().getName())
                                    .withUid(Facts.uid(m))
                                    .build())
                            .build())
                    .create();
        } catch (KubernetesClientException e) {
            if (e.getCode() == HttpURLConnection.HTTP_CONFLICT) {
                return; // told already
            }
            LOG.warn("event {} could not be written: {}", notice.reason(), Changes.reason(e));
        }
    }

    /** Follows from what is told, so that nothing is told twice. */
    static String name(String migration, String reason, Instant at) {
        String rest = ".%x.%s".formatted(at.toEpochMilli(), reason.toLowerCase(Locale.ROOT));
        return TargetName.beginning(migration, MAX_NAME - rest.length()) + rest;
    }
}
