package dev.segue.shell;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.segue.api.Migration;
import dev.segue.api.MigrationStatus;
import dev.segue.engine.Observed;
import dev.segue.engine.Observed.Reported;
import dev.segue.report.Report;
import dev.segue.staging.TargetName;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.util.Map;
import java.util.Objects;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The ConfigMap with the report. Other keys of it are left as they are, and one that is not ours as well. Thread-safe. */
final class Reports {
    private static final Logger LOG = LoggerFactory.getLogger(Reports.class);

    private static final PatchContext MERGE = new PatchContext.Builder()
            .withPatchType(PatchType.JSON_MERGE)
            .withFieldManager(Facts.MANAGER)
            .build();

    private final KubernetesClient client;

    Reports(KubernetesClient client) {
        this.client = client;
    }

    /** What there is of it, while it is written. That it cannot be read is no reason to stop. */
    Reported reported(Migration m, MigrationStatus status) {
        if (!Observed.reports(status)) {
            return Reported.NO;
        }
        try {
            ConfigMap live = resource(m).get();
            if (live == null) {
                return Reported.NO;
            }
            if (!Observer.ownedBy(live, m)) {
                return Reported.FOREIGN;
            }
            return text(m).equals(data(live).get(Report.KEY)) ? Reported.YES : Reported.NO;
        } catch (KubernetesClientException e) {
            LOG.warn("the report cannot be read: {}", Changes.reason(e));
            return Reported.NO;
        }
    }

    /** @throws KubernetesClientException when the API server refuses, or it was written by somebody meanwhile */
    void write(Migration m) {
        put(m, Report.KEY, text(m));
    }

    /** Writes one key of it, and the others stay; one that is not ours is left alone. Throws as {@link #write}. */
    void put(Migration m, String key, String text) {
        ConfigMap live = resource(m).get();
        if (live == null) {
            create(m, key, text);
        } else if (Observer.ownedBy(live, m)) {
            ObjectNode patch = JsonNodeFactory.instance.objectNode();
            patch.putObject("metadata")
                    .put("uid", live.getMetadata().getUid())
                    .put("resourceVersion", live.getMetadata().getResourceVersion());
            patch.putObject("data").put(key, text);
            resource(m).patch(MERGE, patch.toString());
        }
    }

    private void create(Migration m, String key, String text) {
        // Should there be one now, the next look sees whose.
        Actor.create(
                client,
                new ConfigMapBuilder()
                        .withNewMetadata()
                        .withName(name(m))
                        .withNamespace(m.getMetadata().getNamespace())
                        .addToLabels("app.kubernetes.io/managed-by", Facts.MANAGER)
                        .withOwnerReferences(Actor.owner(m, false))
                        .endMetadata()
                        .addToData(key, text)
                        .build());
    }

    private static String text(Migration m) {
        return Report.of(
                m.getMetadata().getName(),
                m.getSpec(),
                Objects.requireNonNullElse(m.getStatus(), MigrationStatus.EMPTY));
    }

    private static Map<String, String> data(ConfigMap map) {
        return Objects.requireNonNullElse(map.getData(), Map.of());
    }

    private Resource<ConfigMap> resource(Migration m) {
        return client.configMaps().inNamespace(m.getMetadata().getNamespace()).withName(name(m));
    }

    private static String name(Migration m) {
        return TargetName.report(m.getMetadata().getName());
    }
}
