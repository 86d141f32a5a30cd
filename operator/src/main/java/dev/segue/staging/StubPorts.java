package dev.segue.staging;

import dev.segue.traffic.Services;
import io.fabric8.kubernetes.api.model.ContainerPort;
import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServicePort;
import io.fabric8.kubernetes.api.model.ServicePortBuilder;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A Service's ports for a stub behind it, whose container has no names for its ports: by number. */
final class StubPorts {
    private StubPorts() {}

    /** @param behind what stands behind it in production and gives the names their numbers, null when that is no Deployment */
    static List<ServicePort> of(Service real, @Nullable Deployment behind) {
        return Services.ports(real).stream()
                .map(p -> new ServicePortBuilder(p)
                        .withTargetPort(new IntOrString(number(p, behind)))
                        .build())
                .toList();
    }

    private static int number(ServicePort port, @Nullable Deployment behind) {
        IntOrString target = Objects.requireNonNullElse(port.getTargetPort(), new IntOrString(port.getPort()));
        return target.getIntVal() != null
                ? target.getIntVal()
                : Stream.ofNullable(behind)
                        .map(d -> d.getSpec().getTemplate().getSpec())
                        .flatMap(pod -> Stream.concat(pod.getContainers().stream(), pod.getInitContainers().stream()))
                        .flatMap(container -> container.getPorts().stream())
                        .filter(p -> target.getStrVal().equals(p.getName()))
                        .map(ContainerPort::getContainerPort)
                        .findFirst()
                        .orElse(port.getPort());
    }
}
