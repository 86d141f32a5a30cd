package dev.segue.e2e.scenario;

import dev.segue.e2e.stage.Scene;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.Informable;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * What was ever started in any copy of a scene's production, also in one that is gone: its Deployments and Jobs. One watch of
 * each kind tells of all copies, so who has heard of something in a later copy has heard of all of that kind before it.
 */
public final class Started implements AutoCloseable {
    private record Seen(String namespace, String object) {}

    private final List<Seen> seen = new CopyOnWriteArrayList<>();
    private final List<SharedIndexInformer<?>> watches;

    /** Watches from now on. */
    public Started(Scene scene) {
        KubernetesClient client = scene.stage().client();
        watches = List.of(
                watch(client.apps().deployments().inAnyNamespace()),
                watch(client.batch().v1().jobs().inAnyNamespace()));
    }

    private <T extends HasMetadata> SharedIndexInformer<T> watch(Informable<T> source) {
        return source.inform(new ResourceEventHandler<>() {
            @Override
            public void onAdd(T now) {
                seen.add(new Seen(
                        now.getMetadata().getNamespace(),
                        now.getKind() + "/" + now.getMetadata().getName()));
            }

            @Override
            public void onUpdate(T before, T now) {}

            @Override
            public void onDelete(T last, boolean unknown) {}
        });
    }

    /** Of one copy, like Job/smoke-1-1. */
    public List<String> in(String namespace) {
        return seen.stream()
                .filter(s -> s.namespace().equals(namespace))
                .map(Seen::object)
                .toList();
    }

    @Override
    public void close() {
        watches.forEach(SharedIndexInformer::close);
    }
}
