package dev.segue.assessment;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceRequirements;
import java.math.BigDecimal;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** How much of a resource a pod counts for, as the scheduler and the quotas count it. */
enum Usage {
    REQUESTS {
        // A container that only has a limit requests as much.
        @Override
        @Nullable
        Quantity of(ResourceRequirements r, String resource) {
            Quantity request = get(r.getRequests(), resource);
            return request == null ? get(r.getLimits(), resource) : request;
        }
    },
    LIMITS {
        @Override
        @Nullable
        Quantity of(ResourceRequirements r, String resource) {
            return get(r.getLimits(), resource);
        }
    };

    abstract @Nullable Quantity of(ResourceRequirements r, String resource);

    private static @Nullable Quantity get(@Nullable Map<String, Quantity> quantities, String resource) {
        return quantities == null ? null : quantities.get(resource);
    }

    /** What the container states, null when it states nothing. */
    @Nullable
    BigDecimal of(Container container, String resource) {
        Quantity stated = container.getResources() == null ? null : of(container.getResources(), resource);
        return stated == null ? null : stated.getNumericalAmount();
    }

    /** Init containers run one after the other before the others; those that always restart run beside them. */
    BigDecimal of(PodSpec pod, String resource) {
        BigDecimal sidecars = BigDecimal.ZERO;
        BigDecimal starting = BigDecimal.ZERO;
        for (Container init : pod.getInitContainers()) {
            BigDecimal own = Objects.requireNonNullElse(of(init, resource), BigDecimal.ZERO);
            starting = starting.max(sidecars.add(own));
            if (Objects.equals(init.getRestartPolicy(), "Always")) {
                sidecars = sidecars.add(own);
            }
        }
        BigDecimal running = sidecars;
        for (Container container : pod.getContainers()) {
            running = running.add(Objects.requireNonNullElse(of(container, resource), BigDecimal.ZERO));
        }
        Quantity whole = pod.getResources() == null ? null : of(pod.getResources(), resource);
        Quantity overhead = get(pod.getOverhead(), resource);
        return (whole == null ? running.max(starting) : whole.getNumericalAmount())
                .add(overhead == null ? BigDecimal.ZERO : overhead.getNumericalAmount());
    }
}
