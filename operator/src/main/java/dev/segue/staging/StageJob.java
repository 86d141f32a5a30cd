package dev.segue.staging;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerBuilder;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.EnvVarBuilder;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.SecurityContext;
import io.fabric8.kubernetes.api.model.SecurityContextBuilder;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.batch.v1.JobBuilder;
import io.fabric8.kubernetes.api.model.batch.v1.JobSpec;
import io.fabric8.kubernetes.api.model.batch.v1.PodFailurePolicyBuilder;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * One try of a Job in the copy of production. Kubernetes does not try it again: that is counted, told and decided here.
 */
public final class StageJob {
    private static final YAMLMapper YAML = new YAMLMapper();

    /** For a pod to be scheduled and its image to be pulled. */
    private static final Duration START = Duration.ofMinutes(2);

    /** Istio's, with sidecars and without. */
    private static final Map<String, String> NO_MESH_LABELS =
            Map.of("sidecar.istio.io/inject", "false", "istio.io/dataplane-mode", "none");

    private StageJob() {}

    /**
     * @param labels of all that is in the copy
     * @param environment of each container, beside what it has
     */
    public record Frame(
            String namespace,
            String name,
            Map<String, String> labels,
            Map<String, String> environment,
            Duration timeout) {}

    /** A Job that runs one program. */
    public static Job of(
            Frame frame, @Nullable String image, @Nullable List<String> command, @Nullable List<String> args) {
        Container container = new ContainerBuilder()
                .withName("test")
                .withImage(image)
                .withCommand(command)
                .withArgs(args)
                .withSecurityContext(restricted())
                .build();
        PodSpec pod = new PodSpec();
        pod.setContainers(List.of(container));
        pod.setAutomountServiceAccountToken(false);
        JobSpec spec = new JobSpec();
        spec.setTemplate(new PodTemplateSpec());
        spec.getTemplate().setSpec(pod);
        return framed(spec, frame);
    }

    /**
     * One of the operator's own image, without a mesh: a sidecar would keep it from ending, and would itself accept the
     * connections that the probe tries to make.
     */
    public static Job own(Frame frame, String image, String argument) {
        return new JobBuilder(of(frame, image, null, List.of("dev.segue.Main", argument)))
                .editSpec()
                .editTemplate()
                .editMetadata()
                .addToLabels(NO_MESH_LABELS)
                .addToAnnotations("linkerd.io/inject", "disabled")
                .endMetadata()
                .editSpec()
                .editFirstContainer()
                .editSecurityContext()
                .withRunAsNonRoot(true)
                .endSecurityContext()
                .endContainer()
                .endSpec()
                .endTemplate()
                .endSpec()
                .build();
    }

    /**
     * The Job of a user's manifest.
     *
     * @throws IllegalArgumentException when it is none; the message says why
     */
    public static Job of(Frame frame, String manifest) {
        try {
            @Nullable Job job = YAML.readValue(manifest, Job.class);
            JobSpec spec = job == null ? null : job.getSpec();
            if (spec == null
                    || spec.getTemplate() == null
                    || spec.getTemplate().getSpec() == null
                    || spec.getTemplate().getSpec().getContainers() == null
                    || spec.getTemplate().getSpec().getContainers().isEmpty()) {
                throw new IllegalArgumentException("it has no spec.template.spec.containers");
            }
            return framed(spec, frame);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("it is no YAML of a Job: " + e.getOriginalMessage(), e);
        }
    }

    /**
     * A pod that is evicted or drained says nothing about what it was to try: another one takes its place. Not so where the
     * user says himself what counts, and nothing for what counts itself, as that would begin anew.
     */
    public static Job replaceable(Job job) {
        JobSpec spec = job.getSpec();
        boolean theirs = spec.getPodFailurePolicy() != null
                || "TerminatingOrFailed".equals(spec.getPodReplacementPolicy()); // excludes one, for Kubernetes
        if (!theirs) {
            spec.setPodFailurePolicy(new PodFailurePolicyBuilder()
                    .addNewRule()
                    .withAction("Ignore")
                    .addNewOnPodCondition()
                    .withType("DisruptionTarget")
                    .withStatus("True")
                    .endOnPodCondition()
                    .endRule()
                    .build());
        }
        return job;
    }

    private static Job framed(JobSpec given, Frame frame) {
        PodTemplateSpec template = given.getTemplate();
        PodSpec pod = template.getSpec();
        if (!"Never".equals(pod.getRestartPolicy())) {
            pod.setRestartPolicy("Never"); // else a pod that failed is gone before anyone has read why
        }
        // The pod's own: one that the Job ends is deleted, and its log with it.
        pod.setActiveDeadlineSeconds(seconds(frame.timeout()));
        for (Container container : pod.getContainers()) {
            container.setEnv(environment(container.getEnv(), frame.environment()));
            container.setTerminationMessagePolicy(
                    Objects.requireNonNullElse(container.getTerminationMessagePolicy(), "FallbackToLogsOnError"));
        }
        Map<String, String> labels = new HashMap<>(
                template.getMetadata() == null || template.getMetadata().getLabels() == null
                        ? Map.of()
                        : template.getMetadata().getLabels());
        labels.putAll(frame.labels());
        return new JobBuilder()
                .withNewMetadata()
                .withNamespace(frame.namespace())
                .withName(frame.name())
                .withLabels(frame.labels())
                .endMetadata()
                .withSpec(given)
                .editSpec()
                .withBackoffLimit(0)
                .withActiveDeadlineSeconds(seconds(frame.timeout().plus(START)))
                .withTtlSecondsAfterFinished(null)
                .withSuspend(null)
                .editTemplate()
                .editOrNewMetadata()
                .withLabels(labels)
                .endMetadata()
                .endTemplate()
                .endSpec()
                .build();
    }

    private static long seconds(Duration duration) {
        return Math.max(1, duration.toSeconds());
    }

    private static List<EnvVar> environment(@Nullable List<EnvVar> own, Map<String, String> ours) {
        List<EnvVar> all = new ArrayList<>(own == null ? List.of() : own);
        all.removeIf(v -> ours.containsKey(v.getName()));
        new TreeMap<>(ours)
                .forEach((name, value) -> all.add(
                        new EnvVarBuilder().withName(name).withValue(value).build()));
        return all;
    }

    /** What the restricted Pod Security Standard asks of a container, but for the user, whom its image names. */
    static SecurityContext restricted() {
        return new SecurityContextBuilder()
                .withAllowPrivilegeEscalation(false)
                .withNewCapabilities()
                .withDrop("ALL")
                .endCapabilities()
                .withNewSeccompProfile()
                .withType("RuntimeDefault")
                .endSeccompProfile()
                .build();
    }
}
