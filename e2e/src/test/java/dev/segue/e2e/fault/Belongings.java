package dev.segue.e2e.fault;

import dev.segue.staging.HoldService;
import io.fabric8.kubernetes.api.model.LabelSelector;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.PodTemplateSpecBuilder;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServicePort;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * What of a lab is its user's, whoever the user is: what Segue has written into it for a while is left out.
 *
 * @param deployment null when there is none
 * @param services by name
 */
public record Belongings(@Nullable OfDeployment deployment, Map<String, OfService> services) {
    /** The Deployment's spec, as far as a lab makes use of it. */
    public record OfDeployment(int replicas, boolean paused, LabelSelector selector, PodTemplateSpec template) {
        private static OfDeployment of(Deployment d) {
            return new OfDeployment(
                    d.getSpec().getReplicas(),
                    pausedByUser(d),
                    d.getSpec().getSelector(),
                    d.getSpec().getTemplate());
        }

        private static boolean pausedByUser(Deployment d) {
            return Boolean.TRUE.equals(d.getSpec().getPaused())
                    && Aftermath.written(d)
                            .noneMatch(m ->
                                    m.getFieldsV1().getAdditionalProperties().get("f:spec") instanceof Map<?, ?> spec
                                            && spec.containsKey("f:paused"));
        }
    }

    /** To which pods a Service sends, and by which ports. */
    public record OfService(Map<String, String> selector, List<ServicePort> ports) {
        private static OfService of(Service s) {
            Map<String, String> selector = new TreeMap<>(s.getSpec().getSelector());
            selector.remove(Aftermath.PIN);
            return new OfService(selector, s.getSpec().getPorts());
        }
    }

    /** As they are now, also in the middle of a migration. */
    public static Belongings of(Lab lab) {
        Deployment deployment = lab.client()
                .apps()
                .deployments()
                .inNamespace(lab.namespace())
                .withName(Lab.APP)
                .get();
        Map<String, OfService> services = new TreeMap<>();
        lab.client()
                .services()
                .inNamespace(lab.namespace())
                .withoutLabel(HoldService.LABEL)
                .list()
                .getItems()
                .forEach(s -> services.put(s.getMetadata().getName(), OfService.of(s)));
        return new Belongings(deployment == null ? null : OfDeployment.of(deployment), services);
    }

    /** The same, at this version. */
    public Belongings at(String version) {
        return with(template -> template.editSpec()
                .editFirstContainer()
                .withImage(Lab.image(version))
                .endContainer()
                .endSpec());
    }

    /** The same with another template in the Deployment, if there is one. */
    public Belongings with(UnaryOperator<PodTemplateSpecBuilder> change) {
        if (deployment == null) {
            return this;
        }
        PodTemplateSpec template =
                change.apply(new PodTemplateSpecBuilder(deployment.template())).build();
        return new Belongings(
                new OfDeployment(deployment.replicas(), deployment.paused(), deployment.selector(), template),
                services);
    }
}
