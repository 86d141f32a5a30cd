package dev.segue.e2e.referee;

import dev.segue.api.Migration;
import dev.segue.api.MigrationStatus;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.ReplicaSet;
import io.fabric8.kubernetes.api.model.discovery.v1.Endpoint;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.fabric8.kubernetes.api.model.events.v1.Event;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** An object's state in a few words: what matters here, no more. */
final class Wording {
    private Wording() {}

    static String of(HasMetadata object) {
        String state = switch (object) {
            case Pod p -> World.isReady(p) ? "ready" : "not ready";
            case EndpointSlice s -> endpoints(s);
            case Service s -> "selector " + World.selector(s);
            case ReplicaSet r -> replicaSet(r);
            case Deployment d -> deployment(d);
            case Migration m -> migration(World.status(m));
            case Event e -> e.getReason() + ": " + e.getNote();
            default -> "";
        };
        return state + meta(object.getMetadata());
    }

    private static String endpoints(EndpointSlice slice) {
        return Stream.ofNullable(slice.getEndpoints())
                .flatMap(List::stream)
                .map(Wording::endpoint)
                .sorted()
                .collect(Collectors.joining(", ", "[", "]"));
    }

    private static String endpoint(Endpoint e) {
        String pod = e.getTargetRef() == null
                ? String.join(" ", e.getAddresses())
                : e.getTargetRef().getName();
        boolean ready = e.getConditions() == null
                || !Boolean.FALSE.equals(e.getConditions().getReady());
        return ready ? pod : "(" + pod + ")";
    }

    private static String replicaSet(ReplicaSet r) {
        Integer ready = r.getStatus() == null ? null : r.getStatus().getReadyReplicas();
        return "%d pod(s) wanted, %d ready, owner %s"
                .formatted(
                        r.getSpec().getReplicas(),
                        ready == null ? 0 : ready,
                        r.getMetadata().getOwnerReferences().stream()
                                .map(o -> o.getKind() + "/" + o.getName())
                                .collect(Collectors.joining(", ")));
    }

    private static String deployment(Deployment d) {
        Integer available = d.getStatus() == null ? null : d.getStatus().getAvailableReplicas();
        String images = d.getSpec().getTemplate().getSpec().getContainers().stream()
                .map(c -> c.getImage())
                .collect(Collectors.joining(", "));
        return "%d pod(s) of %s wanted, %d available%s"
                .formatted(
                        d.getSpec().getReplicas(),
                        images,
                        available == null ? 0 : available,
                        Boolean.TRUE.equals(d.getSpec().getPaused()) ? ", paused" : "");
    }

    private static String migration(MigrationStatus status) {
        String waiting = status.condition("Waiting")
                .map(c -> ", waiting for %s: %s".formatted(c.reason(), c.message()))
                .orElse("");
        String target =
                status.target() == null ? "" : ", target " + status.target().availability();
        return Writes.place(status) + target + waiting;
    }

    private static String meta(ObjectMeta meta) {
        String finalizers = meta.getFinalizers().isEmpty() ? "" : ", finalizers " + meta.getFinalizers();
        return meta.getDeletionTimestamp() == null ? finalizers : finalizers + ", being deleted";
    }
}
