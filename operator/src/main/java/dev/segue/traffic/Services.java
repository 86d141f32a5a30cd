package dev.segue.traffic;

import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServicePort;
import io.fabric8.kubernetes.api.model.ServicePortBuilder;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** What of a Service another one takes over from it. */
public final class Services {
    private Services() {}

    /** Its selector; empty when it has none. */
    public static Map<String, String> selector(Service service) {
        return Objects.requireNonNullElse(service.getSpec().getSelector(), Map.of());
    }

    /** Its ports without those of the nodes, which are drawn by lot and are its alone. */
    public static List<ServicePort> ports(Service service) {
        return service.getSpec().getPorts().stream()
                .map(p -> new ServicePortBuilder(p).withNodePort(null).build())
                .toList();
    }
}
