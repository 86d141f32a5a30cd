package dev.segue.e2e.fault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.segue.api.Migration;
import dev.segue.api.Phase;
import dev.segue.e2e.referee.Lifespan;
import dev.segue.e2e.referee.Referee;
import dev.segue.e2e.scenario.Manifests;
import dev.segue.e2e.stage.Migrations;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.KubernetesResourceList;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.ReplicaSet;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.MixedOperation;
import io.fabric8.kubernetes.client.dsl.Resource;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * One namespace with a Deployment of two light pods and its Service, all named {@value #APP}, in which a test starts
 * operators and breaks them. The {@link Referee} watches from the beginning. Safe for all threads.
 */
public final class Lab implements AutoCloseable {
    /** Name of the Deployment, of its Service and of the container. */
    public static final String APP = "app";

    /** The Migration to version 2, where there is one only. */
    public static final String MIGRATION = "app-2";

    /** The rest of a Migration's spec: two steps, and no wait longer than it has to be. */
    public static final String SWIFT = """
            steps: [{weight: 25, hold: 0s}, {weight: 100, hold: 0s}]
            verify: {propagation: 1s, drain: {wait: 1s}}
            """;

    /** The one of this build, which the run has loaded onto the node. */
    static final String OPERATOR_IMAGE = "segue.dev/operator:0.1.0";

    /** The component of a Migration whose pods fit on no node. */
    public static final String NOWHERE = """
            {deployment: app, images: {app: "%s"}, patch: {spec: {nodeSelector: {no: such}}}}
            """.formatted(image("2")).strip();

    /** The part of a spec that rehearses. Its test is the operator's own probe, which ends well when it is told no address. */
    public static final String REHEARSED = """
            staging:
              keep: Never
              tests: [{name: nothing, image: "%s", args: [dev.segue.Main, probe]}]
            """.formatted(OPERATOR_IMAGE);

    /** What its user has applied: Deployment and Service. */
    public static final String MANIFEST = manifest("", "");

    /** What keeps the pods' data, in a volume of which the cluster can take snapshots. */
    private static final String CLAIM = """
            apiVersion: v1
            kind: PersistentVolumeClaim
            metadata: {name: data}
            spec: {storageClassName: csi-hostpath, accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Mi}}}
            """;

    /** The same with pods that use it. */
    private static final String KEEPING = manifest(
            "volumes: [{name: data, persistentVolumeClaim: {claimName: data}}]",
            "volumeMounts: [{name: data, mountPath: /data}]");

    /** The same with what its pods name: a ConfigMap, a Secret, and a Service of others that has no pods. */
    private static final String SURROUNDED =
            """
            apiVersion: v1
            kind: ConfigMap
            metadata: {name: settings}
            data: {greeting: hello}
            ---
            apiVersion: v1
            kind: Secret
            metadata: {name: db}
            stringData: {password: one}
            ---
            apiVersion: v1
            kind: Secret
            metadata: {name: db-staging}
            stringData: {password: another}
            ---
            apiVersion: v1
            kind: Service
            metadata: {name: app-ledger}
            spec: {selector: {app: app-ledger}, ports: [{port: 80, targetPort: 8080}]}
            ---
            """ + manifest("", "envFrom: [{configMapRef: {name: settings}}, {secretRef: {name: db}}]");

    private final Labs labs;
    private final KubernetesClient client;
    private final String namespace;
    private final Migrations migrations;
    private final Referee referee;
    private final Copy copy;
    private final Snapshots snapshots;
    private final List<OperatorUnderTest> operators = new CopyOnWriteArrayList<>();
    private volatile @Nullable Belongings deployed;
    private volatile boolean kept;
    private volatile boolean keepsData;

    Lab(Labs labs, String namespace) {
        this.labs = labs;
        this.client = labs.client();
        this.namespace = namespace;
        this.copy = new Copy(client, namespace);
        this.snapshots = new Snapshots(client, namespace);
        Removal.of(client, namespace);
        await().atMost(Migrations.PATIENCE)
                .until(() -> client.namespaces().withName(namespace).get() == null && copies().isEmpty());
        client.resource(new NamespaceBuilder()
                        .withNewMetadata()
                        .withName(namespace)
                        .endMetadata()
                        .build())
                .create();
        migrations = new Migrations(client, namespace);
        referee = new Referee(client, namespace);
    }

    /** Each is a line of the pods' template, or none. */
    private static String manifest(String volumes, String mounts) {
        return """
                apiVersion: apps/v1
                kind: Deployment
                metadata: {name: app}
                spec:
                  replicas: 2
                  selector: {matchLabels: {app: app}}
                  template:
                    metadata:
                      labels: {app: app}
                    spec:
                      automountServiceAccountToken: false
                      %s
                      containers:
                      - name: app
                        image: segue.dev/e2e/still:1
                        imagePullPolicy: Never
                        ports: [{name: http, containerPort: 8080}]
                        readinessProbe: {httpGet: {path: /, port: http}, periodSeconds: 1, timeoutSeconds: 5}
                        %s
                ---
                apiVersion: v1
                kind: Service
                metadata: {name: app}
                spec:
                  selector: {app: app}
                  ports: [{name: http, port: 80, targetPort: http}]
                """.formatted(volumes, mounts);
    }

    /** Deploys version 1, and waits until it serves. */
    void deploy() {
        apply(MANIFEST);
        await().atMost(Migrations.PATIENCE).until(this::atRest);
        deployed = Belongings.of(this);
    }

    /** What the user adds to it, data where {@link Labs#offerSnapshots} has been; answers when the pods serve with that. */
    void arrange(Path.Setting setting) {
        keepsData = setting == Path.Setting.DATA;
        switch (setting) {
            case NOTHING -> {}
            case DATA -> {
                apply(CLAIM);
                await().atMost(Migrations.PATIENCE).until(this::bound); // or the scheduler leaves its mark on the pods
                apply(KEEPING);
            }
            case SURROUNDINGS -> apply(SURROUNDED);
        }
        await().atMost(Migrations.PATIENCE).until(this::atRest);
    }

    private boolean bound() {
        return list(client.persistentVolumeClaims()).stream()
                .allMatch(c -> "Bound".equals(c.getStatus().getPhase()));
    }

    /** The image of version 1 or 2 of what serves here; any other does not exist. */
    public static String image(String version) {
        return "segue.dev/e2e/still:" + version;
    }

    /** The component of a Migration that takes the Deployment to this version. */
    public static String to(String version) {
        return "{deployment: %s, images: {%s: \"%s\"}}".formatted(APP, APP, image(version));
    }

    public String namespace() {
        return namespace;
    }

    /** With all rights, by no proxy: for what other hands do. */
    public KubernetesClient client() {
        return client;
    }

    /** All that the Migrations here have been. */
    public Migrations migrations() {
        return migrations;
    }

    /** Who watches that every promise is kept here. */
    public Referee referee() {
        return referee;
    }

    /**
     * Asserts that no promise was broken until now, and asks the referee no more: it is about to lose its watches.
     */
    void judgeForTheLastTime() {
        judge();
        referee.retire();
    }

    /** Asserts that no promise was broken. */
    void judge() {
        assertThat(referee.report()).as("the referee's verdict").isEmpty();
        assertThat(copy.report()).as("the verdict of the referee in the copy").isEmpty();
    }

    /** The copy that the Migration to version 2 makes when its moves are rehearsed. */
    Copy copy() {
        return copy;
    }

    /** Starts an operator for this namespace; answers once it works. It is ended with the lab, if not before. */
    public OperatorUnderTest start(Disturbance disturbance) {
        return start(disturbance, OperatorUnderTest.LIMIT);
    }

    /** The same with another limit to each request, for tests of requests that are never answered. */
    OperatorUnderTest start(Disturbance disturbance, Duration limit) {
        return started(OperatorUnderTest.start(labs.server(), Set.of(namespace), "", disturbance, limit));
    }

    /** The same for one that can rehearse the moves: it works in the copy, too, and knows its image, for the load. */
    OperatorUnderTest startRehearsing(Disturbance disturbance) {
        return started(OperatorUnderTest.start(
                labs.server(),
                Set.of(namespace, copy.namespace()),
                OPERATOR_IMAGE,
                disturbance,
                OperatorUnderTest.LIMIT));
    }

    private OperatorUnderTest started(OperatorUnderTest operator) {
        operators.add(operator);
        return operator;
    }

    /** For proxies of operators that are not started here. */
    ApiServer server() {
        return labs.server();
    }

    /** The same, undisturbed. */
    public OperatorUnderTest start() {
        return start(Disturbance.NONE);
    }

    /** Creates what these manifests say, or updates it, as {@code kubectl apply --server-side} does. */
    public void apply(String manifests) {
        for (String manifest : manifests.split("(?m)^---$")) {
            client.resource(manifest).inNamespace(namespace).forceConflicts().serverSideApply();
        }
    }

    /**
     * Creates a Migration.
     *
     * @param component as {@link #to} gives it
     * @param spec the rest of the spec
     */
    public void migrate(String name, String component, String... spec) {
        apply(Manifests.migration(name, component, spec));
    }

    /** What {@code kubectl} with these arguments prints on standard output, in this namespace. */
    public String kubectl(String stdin, String... arguments) {
        return labs.kubectl(
                stdin,
                Stream.concat(Stream.of("-n", namespace), Stream.of(arguments)).toList());
    }

    /** As a user does it. */
    public void abort(String migration) {
        command(migration, "abort");
    }

    /** As a user gives it. */
    public void command(String migration, String value) {
        migration(migration)
                .patch(
                        Removal.MERGE,
                        "{\"metadata\":{\"annotations\":{\"%s\":\"%s\"}}}"
                                .formatted(Migration.COMMAND_ANNOTATION, value));
    }

    /** As a user does it, of one that has stopped at its plan. */
    public void run(String migration) {
        migration(migration).patch(Removal.MERGE, "{\"spec\":{\"mode\":\"Run\"}}");
    }

    /** As a user does it; answers when the API server has noted it. */
    public void delete(String migration) {
        migration(migration).delete();
    }

    /** The Migration of this name, now. */
    public Resource<Migration> migration(String name) {
        return client.resources(Migration.class).inNamespace(namespace).withName(name);
    }

    /** The Deployment, now. */
    public Deployment deployment() {
        return client.apps().deployments().inNamespace(namespace).withName(APP).require();
    }

    /** The Service, now. */
    public Service service() {
        return client.services().inNamespace(namespace).withName(APP).require();
    }

    /** All pods, now. */
    public List<Pod> pods() {
        return list(client.pods());
    }

    /** Waits for this end; another one fails. */
    public Migration expectEnd(String migration, Phase phase) {
        return migrations.reached(migration, phase);
    }

    /** Waits until all is at rest, and asserts that it is as it was but for the version, and that nothing of ours is left. */
    void expectNothingLeft() {
        boolean completed = migrations.phase(MIGRATION) == Phase.Completed;
        expectNothingLeft(Objects.requireNonNull(deployed).at(completed ? "2" : "1"));
    }

    /** The same, where the user has changed something meanwhile. */
    public void expectNothingLeft(Belongings theirs) {
        Aftermath.expect(this, theirs);
    }

    /** Whether Kubernetes has done what it was told: all is rolled out, and nothing is on its way out. */
    public boolean atRest() {
        Deployment d = deployment();
        int wanted = d.getSpec().getReplicas();
        return d.getStatus() != null
                && d.getMetadata().getGeneration().equals(d.getStatus().getObservedGeneration())
                && Objects.equals(d.getStatus().getAvailableReplicas(), wanted)
                && replicaSets().stream().allMatch(Lab::atRest)
                && pods().size() == wanted
                && slices().size() == services().size()
                && endpoints() == wanted;
    }

    private static boolean atRest(ReplicaSet r) {
        return r.getStatus() != null
                && Objects.equals(r.getMetadata().getGeneration(), r.getStatus().getObservedGeneration())
                && Objects.equals(r.getSpec().getReplicas(), r.getStatus().getReplicas());
    }

    private List<ReplicaSet> replicaSets() {
        return list(client.apps().replicaSets());
    }

    private List<Service> services() {
        return list(client.services());
    }

    private List<EndpointSlice> slices() {
        return list(client.discovery().v1().endpointSlices());
    }

    private long endpoints() {
        return slices().stream()
                .flatMap(s -> Stream.ofNullable(s.getEndpoints()).flatMap(List::stream))
                .filter(e -> Boolean.TRUE.equals(e.getConditions().getReady()))
                .count();
    }

    /** Names of the copies of this namespace that are there, those that are going included. */
    List<String> copies() {
        return Copy.of(client, namespace);
    }

    /** All that is here, in words that are the same for each lab in which the same has happened. */
    public EndState endState() {
        return EndState.of(Stream.of(
                        list(client.resources(Migration.class)),
                        list(client.apps().deployments()),
                        replicaSets(),
                        services(),
                        slices(),
                        list(client.configMaps()),
                        list(client.secrets()),
                        list(client.leases()),
                        pods(),
                        list(client.persistentVolumeClaims()),
                        keepsData ? snapshots.list() : List.<GenericKubernetesResource>of())
                .flatMap(List::stream)
                .toList());
    }

    /** All of this kind that are here, now. */
    <T extends HasMetadata> List<T> list(MixedOperation<T, ? extends KubernetesResourceList<T>, ?> kind) {
        return kind.inNamespace(namespace).list().getItems();
    }

    /**
     * How often an object of each name was created and deleted since the lab was opened, in words that are the same for
     * each lab in which the same has happened.
     */
    public List<String> lives() {
        Map<String, int[]> counts = new TreeMap<>();
        for (Lifespan life : referee.lifespans()) {
            int[] count = counts.computeIfAbsent(EndState.lasting(life.name()), n -> new int[2]);
            count[0]++;
            count[1] += life.gone() ? 1 : 0;
        }
        return counts.entrySet().stream()
                .map(e -> "%s: created %d, deleted %d".formatted(e.getKey(), e.getValue()[0], e.getValue()[1]))
                .toList();
    }

    /** What happened, for the reader of a failure. */
    public String story() {
        var story = new StringBuilder();
        for (String name : migrations.names()) {
            story.append("%n--- where Migration %s was when%n%s".formatted(name, migrations.trail(name)));
        }
        for (int i = 0; i < operators.size(); i++) {
            story.append("%n--- writes of operator %d%n".formatted(i + 1));
            operators
                    .get(i)
                    .proxy()
                    .writes()
                    .forEach(w -> story.append("  %s  %3d %s%n".formatted(w.at(), w.write(), w.text())));
        }
        return story.toString();
    }

    /** When closed, leaves the namespace as it is. */
    void keep() {
        kept = true;
    }

    /** Ends its operators and begins to remove the namespace with all that is in it. */
    @Override
    public void close() {
        operators.forEach(OperatorUnderTest::crash);
        migrations.close();
        referee.close();
        copy.close();
        if (!kept) {
            Removal.of(client, namespace);
        }
    }
}
