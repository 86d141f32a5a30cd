package dev.segue.staging;

import dev.segue.traffic.Selectors;
import dev.segue.traffic.Services;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import java.util.Map;

/** A ClusterIP Service with the original selector, so that no draining endpoint is ever unknown to the data plane. */
public final class HoldService {
    /** Its value is the Service that it is for. Such Services are helpers, never themselves moved. */
    public static final String LABEL = "segue.dev/hold-for";

    private HoldService() {}

    /** Whether it is one, whoever made it. */
    public static boolean is(Service service) {
        Map<String, String> labels = service.getMetadata().getLabels();
        return labels != null && labels.containsKey(LABEL);
    }

    public static Service build(Service original, String name, OwnerReference migration) {
        return new ServiceBuilder()
                .withNewMetadata()
                .withName(name)
                .withNamespace(original.getMetadata().getNamespace())
                .addToLabels(LABEL, original.getMetadata().getName())
                .withOwnerReferences(migration)
                .endMetadata()
                .withNewSpec()
                .withType("ClusterIP")
                .withSelector(Selectors.unpinned(original.getSpec().getSelector()))
                .withPorts(Services.ports(original))
                .endSpec()
                .build();
    }
}
