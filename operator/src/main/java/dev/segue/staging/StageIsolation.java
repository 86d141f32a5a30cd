package dev.segue.staging;

import dev.segue.api.StagingSpec;
import dev.segue.api.StagingSpec.Dependency;
import dev.segue.traffic.Selectors;
import dev.segue.traffic.Services;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerBuilder;
import io.fabric8.kubernetes.api.model.ContainerPort;
import io.fabric8.kubernetes.api.model.ContainerPortBuilder;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceQuotaBuilder;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServicePort;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.DeploymentBuilder;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyBuilder;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyEgressRule;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyEgressRuleBuilder;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyPeer;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyPeerBuilder;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyPort;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyPortBuilder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** What keeps the copy of production apart from production, and small. */
final class StageIsolation {
    private static final String NAMESPACE_NAME = "kubernetes.io/metadata.name";
    private static final int DNS_PORT = 53;

    /** Beside the versions and what they call: Jobs, and pods that are about to end. */
    private static final int SPARE_PODS = 10;

    private StageIsolation() {}

    static List<HasMetadata> of(StagingSpec spec, Production production) {
        List<HasMetadata> all = new ArrayList<>();
        all.add(denied());
        all.add(allowed(spec, production));
        all.add(quota(spec));
        return all;
    }

    private static NetworkPolicy denied() {
        return new NetworkPolicyBuilder()
                .withNewMetadata()
                .withName("segue-default-deny")
                .endMetadata()
                .withNewSpec()
                .withNewPodSelector()
                .endPodSelector()
                .withPolicyTypes("Ingress", "Egress")
                .endSpec()
                .build();
    }

    /** Within the namespace, to DNS, and to the dependencies that are production's own. */
    private static NetworkPolicy allowed(StagingSpec spec, Production production) {
        List<NetworkPolicyEgressRule> egress = new ArrayList<>();
        egress.add(new NetworkPolicyEgressRuleBuilder()
                .addNewTo()
                .withNewPodSelector()
                .endPodSelector()
                .endTo()
                .build());
        egress.add(new NetworkPolicyEgressRuleBuilder()
                .addNewTo()
                .withNewNamespaceSelector()
                .addToMatchLabels(NAMESPACE_NAME, "kube-system")
                .endNamespaceSelector()
                .endTo()
                .withPorts(port("UDP", new IntOrString(DNS_PORT)), port("TCP", new IntOrString(DNS_PORT)))
                .build());
        for (Dependency dependency : spec.dependenciesOrEmpty()) {
            production.services().stream()
                    .filter(s -> dependency.mode() == Dependency.Mode.Production
                            && s.getMetadata().getName().equals(dependency.name())
                            && !Services.selector(s).isEmpty())
                    .forEach(s -> egress.add(to(s, production)));
        }
        return new NetworkPolicyBuilder()
                .withNewMetadata()
                .withName("segue-allowed")
                .endMetadata()
                .withNewSpec()
                .withNewPodSelector()
                .endPodSelector()
                .withPolicyTypes("Ingress", "Egress")
                .addNewIngress()
                .withFrom(visitors(production))
                .endIngress()
                .withEgress(egress)
                .endSpec()
                .build();
    }

    /** Pods of the namespace itself, and the Prometheus by whose metrics a test is judged. */
    private static List<NetworkPolicyPeer> visitors(Production production) {
        List<NetworkPolicyPeer> visitors = new ArrayList<>();
        visitors.add(new NetworkPolicyPeerBuilder()
                .withNewPodSelector()
                .endPodSelector()
                .build());
        if (production.monitoring() != null) {
            visitors.add(new NetworkPolicyPeerBuilder()
                    .withNewNamespaceSelector()
                    .addToMatchLabels(NAMESPACE_NAME, production.monitoring())
                    .endNamespaceSelector()
                    .build());
        }
        return visitors;
    }

    private static NetworkPolicyEgressRule to(Service real, Production production) {
        return new NetworkPolicyEgressRuleBuilder()
                .addNewTo()
                .withNewNamespaceSelector()
                .addToMatchLabels(
                        NAMESPACE_NAME, production.namespace().getMetadata().getName())
                .endNamespaceSelector()
                .withNewPodSelector()
                .addToMatchLabels(Selectors.unpinned(real.getSpec().getSelector()))
                .endPodSelector()
                .endTo()
                .withPorts(real.getSpec().getPorts().stream()
                        .map(p -> port(p.getProtocol(), targetPort(p)))
                        .toList())
                .build();
    }

    private static NetworkPolicyPort port(String protocol, IntOrString number) {
        return new NetworkPolicyPortBuilder()
                .withProtocol(protocol)
                .withPort(number)
                .build();
    }

    private static IntOrString targetPort(ServicePort port) {
        return Objects.requireNonNullElse(port.getTargetPort(), new IntOrString(port.getPort()));
    }

    /**
     * Counts only: a quota of CPU or memory would refuse pods that ask for none. Claims are not counted: beside those that
     * are copied there are those that pods bring with them, whose number is the pods'.
     */
    private static HasMetadata quota(StagingSpec spec) {
        int versions = 2 * (spec.rehearsesMoves() ? spec.sourceReplicas() : spec.replicasOrDefault());
        int pods = versions + 2 * spec.dependenciesOrEmpty().size() + SPARE_PODS;
        return new ResourceQuotaBuilder()
                .withNewMetadata()
                .withName("segue-staging")
                .endMetadata()
                .withNewSpec()
                .addToHard("pods", new Quantity(Integer.toString(pods)))
                .addToHard("services.loadbalancers", new Quantity("0"))
                .addToHard("services.nodeports", new Quantity("0"))
                .endSpec()
                .build();
    }

    /**
     * The program that answers in a dependency's place.
     *
     * @param service the one in front of it, by numbers
     */
    static Deployment stub(Dependency dependency, Service service, Map<String, String> labels) {
        List<ContainerPort> ports = service.getSpec().getPorts().stream()
                .map(p -> new ContainerPortBuilder()
                        .withContainerPort(p.getTargetPort().getIntVal())
                        .withProtocol(p.getProtocol())
                        .build())
                .toList();
        Container container = new ContainerBuilder()
                .withName("stub")
                .withImage(dependency.image())
                .withPorts(ports)
                .withSecurityContext(StageJob.restricted())
                .build();
        return new DeploymentBuilder()
                .withNewMetadata()
                .withName(dependency.name())
                .endMetadata()
                .withNewSpec()
                .withReplicas(1)
                .withNewSelector()
                .withMatchLabels(labels)
                .endSelector()
                .withNewTemplate()
                .withNewMetadata()
                .withLabels(labels)
                .endMetadata()
                .withNewSpec()
                .withContainers(container)
                .withAutomountServiceAccountToken(false)
                .endSpec()
                .endTemplate()
                .endSpec()
                .build();
    }
}
