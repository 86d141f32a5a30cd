package dev.segue.shell;

import dev.segue.api.Command;
import dev.segue.api.Migration;
import dev.segue.api.StagingSpec;
import dev.segue.api.StagingStatus;
import dev.segue.engine.Action;
import dev.segue.engine.StageFacts;
import dev.segue.staging.HoldService;
import dev.segue.staging.PullSecrets;
import dev.segue.staging.References;
import dev.segue.staging.StageCopies;
import dev.segue.staging.StageCopy;
import dev.segue.staging.StageJob;
import dev.segue.staging.StageMoves;
import dev.segue.staging.StageName;
import dev.segue.traffic.Selectors;
import dev.segue.traffic.Services;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.LocalObjectReference;
import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.net.HttpURLConnection;
import java.time.Duration;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes the copy of production and what runs in it, and removes it. Thread-safe. */
final class StageActor {
    /** Annotation of a copy: of what of production it was made from. */
    static final String DIGEST = "segue.dev/digest";

    private static final Logger LOG = LoggerFactory.getLogger(StageActor.class);

    /** What of a production namespace decides how pods run in it. */
    private static final List<String> NAMESPACE_LABELS = List.of("pod-security.kubernetes.io/", "istio");

    private static final String MESH_ANNOTATION = "linkerd.io/inject";

    /** Longer than the rehearsal of the moves may take: the engine ends that sooner. */
    private static final Duration LOAD_TIMEOUT = Duration.ofHours(24);

    /** Its image, which the node may have to pull, and its JVM on a busy node: the tries themselves are over in seconds. */
    private static final Duration PROBE_TIMEOUT = Duration.ofMinutes(3);

    private static final int LOG_LINES = 200;
    private static final int LOG_BYTES = 64 * 1024;

    private final KubernetesClient client;
    private final Changes changes;
    private final StageSource source;
    private final StageContents contents;
    private final VolumeSnapshots snapshots;
    private final Reports reports;
    private final String ownImage;

    StageActor(KubernetesClient client, Changes changes, StageSource source, StageContents contents, String ownImage) {
        this.client = client;
        this.changes = changes;
        this.source = source;
        this.contents = contents;
        snapshots = new VolumeSnapshots(client);
        reports = new Reports(client);
        this.ownImage = ownImage;
    }

    /** @throws KubernetesClientException when the API server refuses or does not answer */
    void perform(Migration m, Action.OnStage action) {
        switch (action) {
            case Action.CreateStage create -> createNamespace(m, create);
            case Action.TakeSnapshots take -> snapshots.take(m, take);
            case Action.OfferSnapshots offer -> offer(m, offer);
            case Action.RemoveSnapshots remove -> snapshots.remove(m, remove);
            case Action.CopyIntoStage copy -> copy(m, copy);
            case Action.DeleteStaged delete -> deleteDeployment(m, delete);
            case Action.DeploySource deploy -> deploySource(m, deploy);
            case Action.BeginMoves begin -> beginMoves(m, begin);
            case Action.TakeBackMoves back -> takeBackMoves(m, back);
            case Action.StopLoad stop -> stopLoad(m, stop);
            case Action.StartTest start -> startTest(m, start);
            case Action.KeepLog keep -> keepLog(m, keep);
            case Action.RemoveStage remove -> remove(m, remove);
        }
    }

    private void createNamespace(Migration m, Action.CreateStage action) {
        String production = m.getMetadata().getNamespace();
        Namespace original = client.namespaces().withName(production).require();
        Map<String, String> labels = new HashMap<>(StageName.labels(Facts.uid(m), action.attempt()));
        labels.put(StageName.STAGING_OF, production);
        Facts.labels(original).forEach((key, value) -> {
            if (NAMESPACE_LABELS.stream().anyMatch(key::startsWith)) {
                labels.put(key, value);
            }
        });
        String mesh = Facts.annotations(original).get(MESH_ANNOTATION);
        create(new NamespaceBuilder()
                .withNewMetadata()
                .withName(action.namespace())
                .withLabels(labels)
                .withAnnotations(mesh == null ? Map.of() : Map.of(MESH_ANNOTATION, mesh))
                .endMetadata()
                .build());
    }

    private void offer(Migration m, Action.OfferSnapshots action) {
        if (ours(m, action.namespace())) {
            snapshots.offer(m, action);
        }
    }

    /** By production as it is now; what it was made from stands on it. */
    private void copy(Migration m, Action.CopyIntoStage action) {
        Deployment deployment = deployment(m);
        if (deployment == null || !ours(m, action.namespace())) {
            return;
        }
        source
                .closure(m, deployment, changes.dryRun(m, deployment), action.namespace(), action.attempt())
                .copies()
                .stream()
                .filter(c -> action.objects().contains(c.key()))
                .forEach(this::create);
    }

    /** Looked at once more before anything is written there: a namespace may have been deleted and made anew. */
    private boolean ours(Migration m, String name) {
        StagingStatus staging = Objects.requireNonNull(m.getStatus().staging());
        Namespace namespace = client.namespaces().withName(name).get();
        return namespace != null
                && name.equals(staging.namespace())
                && Facts.uid(namespace).equals(staging.uid())
                && StageReader.ours(m, namespace, m.getSpec().staging(), Facts.uid(m));
    }

    private void create(StageCopy copy) {
        if (copy.digest() != null) {
            Map<String, String> annotations = new HashMap<>(Facts.annotations(copy.object()));
            annotations.put(DIGEST, copy.digest());
            copy.object().getMetadata().setAnnotations(annotations);
        }
        if (copy.object() instanceof PersistentVolumeClaim claim) {
            snapshots.fit(claim);
        }
        create(copy.object());
    }

    private @Nullable Deployment deployment(Migration m) {
        return client.apps()
                .deployments()
                .inNamespace(m.getMetadata().getNamespace())
                .withName(m.getSpec().component().deployment())
                .get();
    }

    /** That ours is there already is the success of an earlier try whose answer was lost. */
    private <T extends HasMetadata> void create(T object) {
        if (Actor.create(client, object)) {
            return;
        }
        T there = client.resource(object).get();
        if (there != null && !StageReader.carries(there, Facts.labels(object))) {
            throw another(object);
        }
    }

    /** Of what cannot be made, as there is one of its name that is not ours. */
    static KubernetesClientException another(HasMetadata object) {
        return unusable("%s %s is there already and is not this rehearsal's"
                .formatted(object.getKind(), object.getMetadata().getName()));
    }

    private void startTest(Migration m, Action.StartTest action) {
        StagingSpec spec = Objects.requireNonNull(m.getSpec().staging());
        int attempt = Objects.requireNonNull(m.getStatus().staging()).attempt();
        Deployment deployment = deployment(m);
        if (deployment == null || !ours(m, action.namespace())) {
            return;
        }
        Service service = service(m, deployment);
        String port = service == null
                ? ""
                : ":" + service.getSpec().getPorts().getFirst().getPort();
        String name = service == null ? "" : service.getMetadata().getName();
        String target = "http://%s.%s.svc%s".formatted(name, action.namespace(), port);
        Map<String, String> environment = new HashMap<>(Map.of(
                "TARGET_URL",
                target + "/",
                "MIGRATION",
                m.getMetadata().getName(),
                "COMPONENT",
                m.getSpec().component().deployment(),
                "STAGE",
                action.namespace()));
        Map<String, String> labels = StageName.labels(Facts.uid(m), attempt);
        if (action.test().equals(StageName.LOAD)) {
            environment.put(Load.URL, target + spec.loadOrDefault().pathOrDefault());
            environment.put(Load.RATE, Integer.toString(spec.loadOrDefault().rateOrDefault()));
            create(own(
                    deployment,
                    "load",
                    new StageJob.Frame(action.namespace(), action.job(), labels, environment, LOAD_TIMEOUT)));
            return;
        }
        if (action.test().equals(StageName.ISOLATION)) {
            if (service != null) {
                environment.put(Probe.PRODUCTION, service.getSpec().getClusterIP() + port);
                environment.put(
                        Probe.NAME, "%s.%s.svc".formatted(name, m.getMetadata().getNamespace()));
            }
            create(StageJob.replaceable(own(
                    deployment,
                    "probe",
                    new StageJob.Frame(action.namespace(), action.job(), labels, environment, PROBE_TIMEOUT))));
            return;
        }
        StagingSpec.Test test = spec.jobs().stream()
                .filter(t -> t.name().equals(action.test()))
                .findFirst()
                .orElseThrow();
        if (test.env() != null) {
            test.env().forEach(environment::putIfAbsent);
        }
        var frame = new StageJob.Frame(action.namespace(), action.job(), labels, environment, test.timeoutOrDefault());
        Job job = job(m, test, frame);
        pulling(job, deployment);
        create(StageJob.replaceable(job));
    }

    /** A Job of the operator's own image. */
    private Job own(Deployment deployment, String argument, StageJob.Frame frame) {
        Job job = StageJob.own(frame, ownImage, argument);
        pulling(job, deployment);
        return job;
    }

    /** In the rehearsal of the moves the new version makes place for the old one: not one that is the old one's already. */
    private void deleteDeployment(Migration m, Action.DeleteStaged action) {
        String name = m.getSpec().component().deployment();
        Deployment there = client.apps()
                .deployments()
                .inNamespace(action.namespace())
                .withName(name)
                .get();
        if (there != null
                && ours(m, action.namespace())
                && StageReader.carries(there, labels(m))
                && MovesReader.version(there) == StageFacts.Version.TARGET) {
            client.resource(there)
                    .lockResourceVersion(there.getMetadata().getResourceVersion())
                    .delete();
        }
    }

    private void deploySource(Migration m, Action.DeploySource action) {
        Deployment deployment = deployment(m);
        if (deployment != null && ours(m, action.namespace())) {
            create(StageCopies.source(
                    Objects.requireNonNull(m.getSpec().staging()),
                    deployment,
                    pullSecrets(deployment),
                    action.namespace(),
                    StageName.labels(Facts.uid(m), action.attempt())));
        }
    }

    private void beginMoves(Migration m, Action.BeginMoves action) {
        if (ours(m, action.namespace())) {
            create(StageMoves.of(m.getSpec(), action.namespace(), StageName.labels(Facts.uid(m), action.attempt())));
        }
    }

    private void takeBackMoves(Migration m, Action.TakeBackMoves action) {
        Migration moves = client.resources(Migration.class)
                .inNamespace(action.namespace())
                .withName(StageName.MOVES)
                .get();
        if (moves != null && ours(m, action.namespace()) && StageReader.carries(moves, labels(m))) {
            client.resource(moves)
                    .patch(
                            PatchContext.of(PatchType.JSON_MERGE),
                            "{\"metadata\":{\"uid\":\"%s\",\"annotations\":{\"%s\":\"%s\"}}}"
                                    .formatted(Facts.uid(moves), Migration.COMMAND_ANNOTATION, Command.ABORT.text()));
        }
    }

    /** With its pod; that it is gone already is well. */
    private void stopLoad(Migration m, Action.StopLoad action) {
        Job job = client.batch()
                .v1()
                .jobs()
                .inNamespace(action.namespace())
                .withName(action.job())
                .get();
        if (job != null && ours(m, action.namespace()) && StageReader.carries(job, labels(m))) {
            client.resource(job).delete();
        }
    }

    private static Map<String, String> labels(Migration m) {
        return StageName.labels(
                Facts.uid(m), Objects.requireNonNull(m.getStatus().staging()).attempt());
    }

    /** By the Secrets of the Deployment, where the Job has none of its own. */
    private void pulling(Job job, Deployment deployment) {
        PodSpec pod = job.getSpec().getTemplate().getSpec();
        if (pod.getImagePullSecrets().isEmpty()) {
            pod.setImagePullSecrets(pullSecrets(deployment));
        }
    }

    private List<LocalObjectReference> pullSecrets(Deployment deployment) {
        PodSpec pod = deployment.getSpec().getTemplate().getSpec();
        return PullSecrets.of(
                pod,
                client.serviceAccounts()
                        .inNamespace(deployment.getMetadata().getNamespace())
                        .withName(References.of(pod).serviceAccount())
                        .get());
    }

    private Job job(Migration m, StagingSpec.Test test, StageJob.Frame frame) {
        if (test.jobTemplate() == null) {
            return StageJob.of(frame, test.image(), test.command(), test.args());
        }
        String where = "ConfigMap %s, key %s"
                .formatted(test.jobTemplate().configMap(), test.jobTemplate().key());
        ConfigMap template = client.configMaps()
                .inNamespace(m.getMetadata().getNamespace())
                .withName(test.jobTemplate().configMap())
                .get();
        String manifest = template == null || template.getData() == null
                ? null
                : template.getData().get(test.jobTemplate().key());
        if (manifest == null) {
            throw unusable("there is no " + where);
        }
        try {
            return StageJob.of(frame, manifest);
        } catch (IllegalArgumentException e) {
            throw unusable("%s: %s".formatted(where, e.getMessage()));
        }
    }

    /** As the API server says it, so that it is told in the same way. */
    private static KubernetesClientException unusable(String why) {
        return new KubernetesClientException(why, HttpURLConnection.HTTP_BAD_REQUEST, null);
    }

    /** The first Service that picks the Deployment's pods and has a virtual IP, by TCP. */
    private @Nullable Service service(Migration m, Deployment deployment) {
        Map<String, String> labels =
                deployment.getSpec().getTemplate().getMetadata().getLabels();
        return client.services().inNamespace(m.getMetadata().getNamespace()).list().getItems().stream()
                .filter(s -> Selectors.picks(Selectors.unpinned(Services.selector(s)), labels))
                .filter(s -> !HoldService.is(s))
                .filter(s -> !"None".equals(s.getSpec().getClusterIP()))
                .filter(s -> !s.getSpec().getPorts().isEmpty()
                        && "TCP".equals(s.getSpec().getPorts().getFirst().getProtocol()))
                .filter(s -> !m.getSpec()
                        .component()
                        .excludedServicesOrEmpty()
                        .contains(s.getMetadata().getName()))
                .findFirst()
                .orElse(null);
    }

    /** Evidence, and no more than that: what is in the way of keeping it is in nobody's way. */
    private void keepLog(Migration m, Action.KeepLog action) {
        try {
            String log = client
                    .pods()
                    .inNamespace(action.namespace())
                    .withLabel("job-name", action.job())
                    .list()
                    .getItems()
                    .stream()
                    .max(Comparator.comparing(
                            p -> p.getMetadata().getCreationTimestamp())) // one may have been replaced
                    .map(this::log)
                    .orElse("there is no pod of Job %s any more".formatted(action.job()));
            reports.put(
                    m,
                    "test-%s.log".formatted(action.test()),
                    log.length() <= LOG_BYTES ? log : log.substring(log.length() - LOG_BYTES));
        } catch (KubernetesClientException e) {
            LOG.warn("the log of test {} was not kept: {}", action.test(), Changes.reason(e));
        }
    }

    private String log(Pod pod) {
        String log = client.pods()
                .inNamespace(pod.getMetadata().getNamespace())
                .withName(pod.getMetadata().getName())
                .inContainer(pod.getSpec().getContainers().getFirst().getName())
                .tailingLines(LOG_LINES)
                .getLog();
        return Redaction.of(log, contents.secrets(pod.getMetadata().getNamespace()));
    }

    /** Only what is ours: a namespace of our own by its UID, an administrator's by what we put into it. */
    private void remove(Migration m, Action.RemoveStage action) {
        Namespace namespace = client.namespaces().withName(action.namespace()).get();
        if (namespace == null || !Facts.uid(namespace).equals(action.uid())) {
            return;
        }
        String uid = Facts.uid(m);
        Map<String, String> labels = Facts.labels(namespace);
        if (labels.containsKey(StageName.STAGING_OF)) {
            if (uid.equals(labels.get(StageName.MIGRATION_UID))) {
                client.resource(namespace)
                        .lockResourceVersion(namespace.getMetadata().getResourceVersion())
                        .delete();
            }
            return;
        }
        contents.remove(action.namespace(), uid::equals);
    }
}
