package dev.segue.plan;

import dev.segue.api.PlanStatus.Capacity;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceRequirements;
import java.math.BigDecimal;
import java.math.RoundingMode;
import org.jspecify.annotations.Nullable;

/** What pods ask the scheduler for. */
final class Requests {
    private static final String CPU = "cpu";
    private static final String MEMORY = "memory";
    private static final BigDecimal MILLI = BigDecimal.valueOf(1000);
    private static final BigDecimal MEBI = BigDecimal.valueOf(1024 * 1024);

    private Requests() {}

    /** Of so many pods. What no container asks for is absent. */
    static Capacity of(PodSpec pod, int pods) {
        BigDecimal cpu = total(pod, CPU).multiply(BigDecimal.valueOf(pods));
        BigDecimal memory = total(pod, MEMORY).multiply(BigDecimal.valueOf(pods));
        return new Capacity(pods, cores(cpu), mebibytes(memory));
    }

    /**
     * By the scheduler's rule: the containers and the init containers that go on beside them together, or the greatest of
     * the init containers that run before, whichever is more.
     */
    private static BigDecimal total(PodSpec pod, String resource) {
        BigDecimal sidecars = BigDecimal.ZERO;
        BigDecimal before = BigDecimal.ZERO;
        for (Container init : pod.getInitContainers()) {
            BigDecimal one = asked(init.getResources(), resource);
            before = before.max(sidecars.add(one));
            sidecars = "Always".equals(init.getRestartPolicy()) ? sidecars.add(one) : sidecars;
        }
        BigDecimal beside = pod.getContainers().stream()
                .map(c -> asked(c.getResources(), resource))
                .reduce(sidecars, BigDecimal::add);
        BigDecimal whole = asked(pod.getResources(), resource);
        BigDecimal needed = whole.signum() > 0 ? whole : beside.max(before);
        Quantity overhead = pod.getOverhead() == null ? null : pod.getOverhead().get(resource);
        return overhead == null ? needed : needed.add(overhead.getNumericalAmount());
    }

    private static BigDecimal asked(@Nullable ResourceRequirements resources, String resource) {
        if (resources == null || resources.getRequests() == null) {
            return BigDecimal.ZERO;
        }
        Quantity quantity = resources.getRequests().get(resource);
        return quantity == null ? BigDecimal.ZERO : quantity.getNumericalAmount();
    }

    private static @Nullable String cores(BigDecimal cpu) {
        if (cpu.signum() == 0) {
            return null;
        }
        BigDecimal milli = cpu.multiply(MILLI).setScale(0, RoundingMode.CEILING);
        return milli.remainder(MILLI).signum() == 0 ? milli.divide(MILLI).toPlainString() : milli.toPlainString() + "m";
    }

    private static @Nullable String mebibytes(BigDecimal memory) {
        return memory.signum() == 0
                ? null
                : memory.divide(MEBI, 0, RoundingMode.CEILING).toPlainString() + "Mi";
    }
}
