package dev.segue.shell;

import dev.segue.analysis.QueryTemplate;
import dev.segue.analysis.Reading;
import dev.segue.api.Migration;
import dev.segue.api.MigrationStatus;
import dev.segue.api.Phase;
import dev.segue.api.PrometheusSource;
import dev.segue.api.StagingSpec;
import dev.segue.api.StagingSpec.Limit;
import dev.segue.api.StagingStatus;
import dev.segue.api.StagingStatus.TestStatus;
import dev.segue.engine.Observed.PodFacts;
import dev.segue.engine.StageFacts;
import dev.segue.engine.StageFacts.CopyFacts;
import dev.segue.engine.StageFacts.JobFacts;
import dev.segue.engine.StageFacts.Part;
import dev.segue.engine.StageFacts.Unready;
import dev.segue.staging.StageCopies.Closure;
import dev.segue.staging.StageName;
import io.fabric8.kubernetes.api.model.ContainerState;
import io.fabric8.kubernetes.api.model.ContainerStateTerminated;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.batch.v1.JobCondition;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.net.HttpURLConnection;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Looks at the copy of production. Thread-safe. */
final class StageReader {
    private static final Closure NOTHING = new Closure(List.of(), List.of());

    private final KubernetesClient client;
    private final StageSource source;
    private final StageContents contents;
    private final Prometheus prometheus;
    private final boolean probed;
    private final Set<String> watched;
    private final MovesReader moves;
    private final VolumeSnapshots snapshots;

    /**
     * @param probed whether the operator knows its own image
     * @param watched the namespaces that it works in; empty means all, also those that are made later
     */
    StageReader(
            KubernetesClient client,
            StageSource source,
            StageContents contents,
            Prometheus prometheus,
            boolean probed,
            Set<String> watched) {
        this.client = client;
        this.source = source;
        this.contents = contents;
        this.prometheus = prometheus;
        this.probed = probed;
        this.watched = watched;
        moves = new MovesReader(client, contents);
        snapshots = new VolumeSnapshots(client);
    }

    /**
     * @param wanted the template with the change, null when it is not known
     * @param refusal why it is not, null when nobody has asked
     * @return null when there is no copy and none is about to be made
     */
    @Nullable
    StageFacts look(
            Migration m,
            MigrationStatus status,
            @Nullable Deployment deployment,
            @Nullable PodTemplateSpec wanted,
            @Nullable String refusal,
            Instant now) {
        StagingSpec spec = m.getSpec().staging();
        StagingStatus staging = status.staging();
        boolean about = status.phaseOrPending() == Phase.Assessing && spec != null;
        if (!about && (staging == null || !staging.present() || !StageFacts.concerns(status))) {
            return null;
        }
        Set<Part> needs = StageFacts.needs(status);
        int attempt = staging == null ? 1 : staging.attempt();
        String name = staging == null || about
                ? StageName.namespace(
                        spec, m.getMetadata().getNamespace(), m.getMetadata().getName())
                : staging.namespace();
        Closure closure = NOTHING;
        if (needs.contains(Part.CLOSURE) && spec != null && deployment != null) {
            closure = closure(m, deployment, wanted, refusal, name, attempt);
        }
        String problem = closure.problems().isEmpty() ? null : String.join("; ", closure.problems());
        if (about) {
            return new StageFacts(
                    false, null, false, false, false, null, null, null, List.of(), problem, List.of(), List.of(),
                    Map.of(), probed, null, List.of(), Map.of());
        }
        Namespace namespace = client.namespaces().withName(name).get();
        boolean administrators = namespace != null && !Facts.labels(namespace).containsKey(StageName.STAGING_OF);
        List<? extends HasMetadata> there = namespace != null && (administrators || needs.contains(Part.COPIES))
                ? contents.all(name).toList()
                : List.of();
        String uid = Facts.uid(m);
        boolean ours = namespace != null && ours(m, namespace, spec, uid);
        Map<String, JobFacts> jobs = needs.contains(Part.JOBS) && ours ? jobs(name, uid, attempt) : Map.of();
        return new StageFacts(
                namespace != null,
                namespace == null ? null : Facts.uid(namespace),
                ours,
                administrators
                        ? there.stream()
                                .anyMatch(o -> uid.equals(Facts.labels(o).get(StageName.MIGRATION_UID)))
                        : ours,
                administrators
                        ? there.stream().anyMatch(o -> earlier(o, uid, attempt))
                        : namespace != null && earlier(namespace, uid, attempt),
                administrators ? otherwise(there, uid) : null,
                namespace == null || namespace.getMetadata().getDeletionTimestamp() == null
                        ? null
                        : Instant.parse(namespace.getMetadata().getDeletionTimestamp()),
                namespace == null ? null : blocking(namespace),
                copies(closure, there, StageName.labels(uid, attempt)),
                problem,
                needs.contains(Part.PODS) && deployment != null ? pods(name, deployment, now) : List.of(),
                needs.contains(Part.DEPENDENCIES) && ours ? unready(m, name, attempt, now) : List.of(),
                jobs,
                probed,
                needs.contains(Part.MOVES) && ours && spec != null && spec.rehearsesMoves()
                        ? moves.look(m, Objects.requireNonNull(staging))
                        : null,
                needs.contains(Part.SNAPSHOTS)
                                && !Objects.requireNonNull(staging)
                                        .snapshotsOrEmpty()
                                        .isEmpty()
                        ? snapshots.look(m, name, attempt)
                        : List.of(),
                limits(m, Objects.requireNonNull(staging), jobs, now));
    }

    private Closure closure(
            Migration m,
            Deployment deployment,
            @Nullable PodTemplateSpec wanted,
            @Nullable String refusal,
            String stage,
            int attempt) {
        if (wanted == null) {
            return refusal == null ? NOTHING : problem("the API server refuses the change in a dry run: " + refusal);
        }
        if (Objects.requireNonNull(m.getSpec().staging()).rehearsesMoves()) {
            if (!probed) {
                return problem("the operator does not know its own image, which makes the load of the rehearsal"
                        + " (SEGUE_IMAGE)");
            }
            if (!watched.isEmpty() && !watched.contains(stage)) {
                return problem(
                        ("a rehearsal of the moves (spec.staging.rehearse) needs an operator that works in namespace %s, too:"
                                        + " name one in spec.staging.namespace that is in the chart's watchNamespaces, or leave those empty")
                                .formatted(stage));
            }
        }
        try {
            return source.closure(m, deployment, wanted, stage, attempt);
        } catch (KubernetesClientException e) {
            if (e.getCode() != HttpURLConnection.HTTP_FORBIDDEN) {
                throw e;
            }
            return problem("the operator lacks rights for staging (install the chart with staging.enabled=true): "
                    + Changes.reason(e));
        }
    }

    private static Closure problem(String why) {
        return new Closure(List.of(), List.of(why));
    }

    /** One that we made carries our UID; an administrator's is labelled for our namespace. */
    static boolean ours(Migration m, Namespace namespace, @Nullable StagingSpec spec, String uid) {
        Map<String, String> labels = Facts.labels(namespace);
        return labels.containsKey(StageName.STAGING_OF)
                ? uid.equals(labels.get(StageName.MIGRATION_UID))
                : m.getMetadata().getNamespace().equals(labels.get(StageName.STAGING_FOR))
                        && (spec == null || namespace.getMetadata().getName().equals(spec.namespace()));
    }

    private static boolean earlier(HasMetadata object, String uid, int attempt) {
        return uid.equals(Facts.labels(object).get(StageName.MIGRATION_UID))
                && !Integer.toString(attempt).equals(Facts.labels(object).get(StageName.ATTEMPT));
    }

    private static @Nullable String otherwise(List<? extends HasMetadata> there, String uid) {
        return there.stream()
                .map(o -> Facts.labels(o).get(StageName.MIGRATION_UID))
                .filter(other -> !uid.equals(other))
                .findFirst()
                .map(other -> "another Migration (UID " + other + ")")
                .orElse(null);
    }

    static boolean carries(HasMetadata object, Map<String, String> labels) {
        return Facts.labels(object).entrySet().containsAll(labels.entrySet());
    }

    private static @Nullable String blocking(Namespace namespace) {
        return namespace.getStatus() == null || namespace.getStatus().getConditions() == null
                ? null
                : namespace.getStatus().getConditions().stream()
                        .filter(c -> "True".equals(c.getStatus()))
                        .map(c -> c.getMessage())
                        .reduce((one, other) -> one + "; " + other)
                        .orElse(null);
    }

    private static List<CopyFacts> copies(
            Closure closure, List<? extends HasMetadata> there, Map<String, String> ours) {
        Map<String, String> made = new HashMap<>();
        there.stream()
                .filter(o -> carries(o, ours))
                .forEach(o -> made.put(
                        o.getKind() + "/" + o.getMetadata().getName(),
                        Facts.annotations(o).getOrDefault(StageActor.DIGEST, "")));
        return closure.copies().stream()
                .map(c -> {
                    String digest = made.get(c.key());
                    return new CopyFacts(
                            c.key(), c.digest(), digest == null || digest.isEmpty() ? null : digest, digest != null);
                })
                .toList();
    }

    private List<PodFacts> pods(String namespace, Deployment deployment, Instant now) {
        return client
                .pods()
                .inNamespace(namespace)
                .withLabelSelector(deployment.getSpec().getSelector())
                .list()
                .getItems()
                .stream()
                .map(p -> Facts.pod(
                        p, Objects.requireNonNullElse(deployment.getSpec().getMinReadySeconds(), 0), now))
                .map(p -> redacted(p, namespace))
                .toList();
    }

    /** All that we have deployed there, but for the versions themselves. */
    private List<Unready> unready(Migration m, String namespace, int attempt, Instant now) {
        return client
                .apps()
                .deployments()
                .inNamespace(namespace)
                .withLabels(StageName.labels(Facts.uid(m), attempt))
                .list()
                .getItems()
                .stream()
                .filter(d -> !available(d))
                .filter(d -> !d.getMetadata()
                        .getName()
                        .equals(m.getSpec().component().deployment()))
                .map(d -> new Unready(d.getMetadata().getName(), pods(namespace, d, now)))
                .sorted(Comparator.comparing(Unready::deployment))
                .toList();
    }

    private static boolean available(Deployment deployment) {
        Integer available =
                deployment.getStatus() == null ? null : deployment.getStatus().getAvailableReplicas();
        return Objects.requireNonNullElse(available, 0) >= deployment.getSpec().getReplicas();
    }

    /** A kubelet quotes commands, with the variables in them filled in. */
    private PodFacts redacted(PodFacts pod, String namespace) {
        return pod.troubleMessage() == null
                ? pod
                : new PodFacts(
                        pod.name(),
                        pod.uid(),
                        pod.ready(),
                        pod.available(),
                        pod.deleting(),
                        pod.restarts(),
                        pod.trouble(),
                        Redaction.of(pod.troubleMessage(), contents.secrets(namespace)),
                        pod.createdAt());
    }

    private Map<String, JobFacts> jobs(String namespace, String uid, int attempt) {
        Map<String, String> labels = Map.of(StageName.MIGRATION_UID, uid, StageName.ATTEMPT, Integer.toString(attempt));
        List<Job> jobs = client.batch()
                .v1()
                .jobs()
                .inNamespace(namespace)
                .withLabels(labels)
                .list()
                .getItems();
        Map<String, List<Pod>> pods =
                client.pods().inNamespace(namespace).withLabels(labels).withLabel("job-name").list().getItems().stream()
                        .collect(Collectors.groupingBy(p -> Facts.labels(p).get("job-name")));
        boolean says = jobs.stream().anyMatch(j -> condition(j, "Complete") || condition(j, "Failed"))
                || pods.values().stream()
                        .flatMap(List::stream)
                        .anyMatch(p -> trouble(p).isPresent());
        List<String> secrets = says ? contents.secrets(namespace) : List.of();
        Map<String, JobFacts> facts = new LinkedHashMap<>();
        jobs.forEach(job -> facts.put(
                job.getMetadata().getName(),
                job(job, pods.getOrDefault(job.getMetadata().getName(), List.of()), secrets)));
        return facts;
    }

    private static JobFacts job(Job job, List<Pod> pods, List<String> secrets) {
        Optional<ContainerStateTerminated> end = pods.stream()
                .flatMap(p -> p.getStatus().getContainerStatuses().stream())
                .map(c -> c.getState())
                .flatMap(s -> Optional.ofNullable(s).map(ContainerState::getTerminated).stream())
                .max(Comparator.comparing(t -> Objects.requireNonNullElse(t.getFinishedAt(), "")));
        return new JobFacts(
                condition(job, "Complete"),
                condition(job, "Failed") ? failure(job, pods, end) : null,
                pods.stream()
                        .flatMap(p -> trouble(p).stream())
                        .findFirst()
                        .map(said -> Redaction.of(said, secrets))
                        .orElse(null),
                end.map(ContainerStateTerminated::getMessage)
                        .map(said -> Redaction.of(said, secrets))
                        .orElse(null));
    }

    private static String failure(Job job, List<Pod> pods, Optional<ContainerStateTerminated> end) {
        boolean late = pods.stream()
                        .anyMatch(p -> "DeadlineExceeded".equals(p.getStatus().getReason()))
                || conditions(job).anyMatch(c -> "DeadlineExceeded".equals(c.getReason()));
        if (late) {
            return "it took longer than %ds (timeout)"
                    .formatted(job.getSpec().getTemplate().getSpec().getActiveDeadlineSeconds());
        }
        return end.map(t -> "exit code " + t.getExitCode())
                .orElseGet(() -> conditions(job)
                        .filter(c -> c.getType().equals("Failed"))
                        .map(c -> "%s: %s".formatted(c.getReason(), c.getMessage()))
                        .findFirst()
                        .orElse("the Job failed"));
    }

    private static boolean condition(Job job, String type) {
        return conditions(job).anyMatch(c -> c.getType().equals(type) && "True".equals(c.getStatus()));
    }

    private static Stream<JobCondition> conditions(Job job) {
        return job.getStatus() == null || job.getStatus().getConditions() == null
                ? Stream.of()
                : job.getStatus().getConditions().stream();
    }

    private static Optional<String> trouble(Pod pod) {
        return Facts.waiting(pod.getStatus().getContainerStatuses())
                .map(w -> w.getMessage() == null ? w.getReason() : w.getReason() + ": " + w.getMessage());
    }

    /** What Prometheus says to the limits of the test whose Job has just succeeded. */
    private Map<String, Reading> limits(Migration m, StagingStatus staging, Map<String, JobFacts> jobs, Instant now) {
        StagingSpec spec = m.getSpec().staging();
        PrometheusSource server = m.getSpec().analysisOrDefault().prometheus();
        if (spec == null || server == null || jobs.isEmpty()) {
            return Map.of();
        }
        for (StagingSpec.Test test : spec.jobs()) {
            Optional<TestStatus> known = staging.test(test.name()).filter(t -> !t.passed() && !t.failed());
            JobFacts job = known.map(t -> jobs.get(StageName.job(test.name(), staging.attempt(), t.attempt())))
                    .orElse(null);
            if (known.isPresent()
                    && job != null
                    && job.succeeded()
                    && !test.thresholdsOrEmpty().isEmpty()) {
                return ask(
                        m, server, staging, test, Duration.between(known.get().startedAt(), now));
            }
        }
        return Map.of();
    }

    private Map<String, Reading> ask(
            Migration m, PrometheusSource server, StagingStatus staging, StagingSpec.Test test, Duration ran) {
        String pods = m.getSpec().component().deployment().replace(".", "[.]") + "-[a-z0-9]+-[a-z0-9]{5}";
        List<String> queries = test.thresholdsOrEmpty().stream()
                .map(l -> QueryTemplate.of(l.query(), staging.namespace(), pods)
                        .replace("$range", Math.max(1, ran.toSeconds()) + "s"))
                .toList();
        List<PrometheusResult<Reading>> answers =
                prometheus.numbers(server, m.getMetadata().getNamespace(), queries);
        Map<String, Reading> limits = new HashMap<>();
        for (int i = 0; i < queries.size(); i++) {
            Limit limit = test.thresholdsOrEmpty().get(i);
            limits.put(limit.name(), Readings.number(answers.get(i)));
        }
        return limits;
    }
}
