package dev.segue.staging;

import dev.segue.traffic.Selectors;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.api.model.ServicePort;
import io.fabric8.kubernetes.api.model.ServicePortBuilder;
import java.util.List;

/** A ClusterIP Service with the original selector, so that no draining endpoint is ever unknown to the data plane. */
public final class HoldService {
    /** Its value is the Service that it is for. Such Services are helpers, never themselves moved. */
    public static final String LABEL = "segue.dev/hold-for";

    private HoldService() {}

    public static Service build(Service original, String name, OwnerReference migration) {
        List<ServicePort> ports = original.getSpec().getPorts().stream()
                .map(p -> new ServicePortBuilder(p).withNodePort(null).build())
                .toList();
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
                .withPorts(ports)
                .endSpec()
                .build();
    }
}
