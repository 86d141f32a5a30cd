package dev.segue.e2e.stage;

import dev.segue.api.Migration;
import dev.segue.e2e.referee.Referee;
import dev.segue.e2e.shop.Outage;
import dev.segue.e2e.witness.Summary;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.ObjectReference;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.events.v1.Event;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;

/** One namespace with the shop under the witness's load, in which Migrations happen. */
public final class Scene implements AutoCloseable {
    private final Stage stage;
    private final KubernetesClient client;
    private final String namespace;
    private final Migrations migrations;
    private final Referee referee;
    private final List<WitnessPod> witnesses = new ArrayList<>();

    Scene(Stage stage, String namespace) {
        this.stage = stage;
        this.client = stage.client();
        this.namespace = namespace;
        if (client.namespaces().withName(namespace).get() != null) {
            remove();
            client.namespaces()
                    .withName(namespace)
                    .waitUntilCondition(n -> n == null, Migrations.PATIENCE.toSeconds(), TimeUnit.SECONDS);
        }
        client.resource(new NamespaceBuilder()
                        .withNewMetadata()
                        .withName(namespace)
                        .endMetadata()
                        .build())
                .create();
        migrations = new Migrations(client, namespace);
        referee = new Referee(client, namespace);
    }

    public String namespace() {
        return namespace;
    }

    public Stage stage() {
        return stage;
    }

    public Migrations migrations() {
        return migrations;
    }

    /** Who watches that every promise is kept here. */
    public Referee referee() {
        return referee;
    }

    /** Deploys Deployment and Service {@code shop}, and waits until every pod is available. */
    public void deploy(ShopDeployment shop) {
        apply(shop.manifest());
        awaitRolledOut(ShopDeployment.NAME);
    }

    /** Deploys pods of the shop beside it, which are scraped but get no traffic; does not wait for them. */
    public void deployBeside(String name, ShopDeployment shop) {
        apply(shop.deployment(name));
    }

    /** The same with a Service of that name, by which others call them at port 8080. */
    public void deployCalled(String name, ShopDeployment shop) {
        deployBeside(name, shop);
        apply("""
                apiVersion: v1
                kind: Service
                metadata: {name: %1$s}
                spec: {selector: {app: %1$s}, ports: [{name: http, port: 8080, targetPort: http}]}
                """.formatted(name));
    }

    /** Waits until the Deployment's own rollout is finished, as {@code kubectl rollout status} does. */
    public void awaitRolledOut(String deployment) {
        kubectl("rollout", "status", "deployment/" + deployment, "--timeout", Migrations.PATIENCE.toSeconds() + "s");
    }

    /** Starts a witness; it counts when this returns. */
    public WitnessPod witness(Load load) {
        WitnessPod witness = WitnessPod.start(client, namespace, "witness-" + (witnesses.size() + 1), load);
        witnesses.add(witness);
        return witness;
    }

    /** {@code kubectl apply} of a manifest. */
    public void apply(String manifest) {
        stage.kubectl(manifest, List.of("apply", "-n", namespace, "-f", "-"));
    }

    /** What {@code kubectl} with these arguments prints on standard output, in this namespace. */
    public String kubectl(String... arguments) {
        var line = new ArrayList<>(List.of("-n", namespace));
        line.addAll(List.of(arguments));
        return stage.kubectl("", line);
    }

    /** As a user does it. */
    public void abort(String migration) {
        command(migration, "abort");
    }

    /** The same with any command. */
    public void command(String migration, String command) {
        kubectl("annotate", "--overwrite", "migration", migration, Migration.COMMAND_ANNOTATION + "=" + command);
    }

    /** Merges these fields into the Migration's spec. */
    public void patchSpec(String migration, String fields) {
        kubectl("patch", "migration", migration, "--type=merge", "-p", "{\"spec\":%s}".formatted(fields));
    }

    /** Ends the API server by SIGKILL; when this returns its successor is ready, and the referee watches again. */
    public void restartApiServer() {
        referee.retire();
        stage.restartApiServer();
        referee.resume();
    }

    /** Tells every pod of the shop of an outage that they have in common. */
    public void outage(Outage outage) {
        for (Pod pod : shopPods()) {
            client.raw(
                    "/api/v1/namespaces/%s/pods/%s:8080/proxy/outage?%s"
                            .formatted(namespace, pod.getMetadata().getName(), outage),
                    "POST",
                    null);
        }
    }

    /** Ends the shop's process in a pod by SIGKILL; the kubelet starts another one in the same pod. */
    public void kill(Pod pod) {
        stage.kill(namespace, pod.getMetadata().getName(), ShopDeployment.NAME);
    }

    /** The Deployment of the shop, now. */
    public Deployment shop() {
        return client.apps()
                .deployments()
                .inNamespace(namespace)
                .withName(ShopDeployment.NAME)
                .require();
    }

    /** The pods of a ReplicaSet that are not being deleted, now. */
    public List<Pod> pods(String replicaSet) {
        return shopPods().stream().filter(p -> isOf(p, replicaSet)).toList();
    }

    /** All pods of the shop that are not being deleted, now. */
    public List<Pod> shopPods() {
        return client.pods().inNamespace(namespace).withLabel("app", ShopDeployment.NAME).list().getItems().stream()
                .filter(p -> p.getMetadata().getDeletionTimestamp() == null)
                .toList();
    }

    private static boolean isOf(HasMetadata pod, String replicaSet) {
        return pod.getMetadata().getOwnerReferences().stream()
                .anyMatch(o -> o.getName().equals(replicaSet));
    }

    /** The Service of the shop, now. */
    public Service service() {
        return client.services()
                .inNamespace(namespace)
                .withName(ShopDeployment.NAME)
                .require();
    }

    /** Names of all Services, now. */
    public List<String> serviceNames() {
        return client.services().inNamespace(namespace).list().getItems().stream()
                .map(s -> s.getMetadata().getName())
                .toList();
    }

    /** What the witnesses that were stopped had seen, in the order of their start. */
    public List<Summary> summaries() {
        return witnesses.stream().flatMap(w -> w.result().stream()).toList();
    }

    /** What Segue left on the objects of the namespace, a sentence each. */
    public List<String> traces() {
        return Traces.of(client, namespace);
    }

    /** Every object here that somebody might have written, now. */
    public Stream<? extends HasMetadata> objects() {
        return Traces.objects(client, namespace);
    }

    /** The events of a Migration that are there now, oldest first. */
    public List<Event> events(String migration) {
        return eventsOf(
                migration,
                client.events().v1().events().inNamespace(namespace).list().getItems());
    }

    /**
     * The events of a Migration as soon as one has this reason, oldest first. To be asked after a status, as the event
     * follows it.
     *
     * @throws IllegalStateException when it is awaited in vain
     */
    public List<Event> told(String migration, String reason) {
        CompletableFuture<List<Event>> told = client.events()
                .v1()
                .events()
                .inNamespace(namespace)
                .informOnCondition(
                        all -> eventsOf(migration, all).stream().anyMatch(e -> reason.equals(e.getReason())));
        try {
            return eventsOf(migration, told.get(Migrations.PATIENCE.toSeconds(), TimeUnit.SECONDS));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while waiting for event " + reason, e);
        } catch (ExecutionException | TimeoutException e) {
            throw new IllegalStateException(
                    "no event %s of Migration %s; there are %s".formatted(reason, migration, events(migration)), e);
        } finally {
            told.cancel(true);
        }
    }

    private static List<Event> eventsOf(String migration, List<Event> all) {
        return all.stream()
                .filter(e -> regards(e.getRegarding(), migration))
                .sorted(Comparator.comparing(e -> e.getEventTime().getTime()))
                .toList();
    }

    private static boolean regards(ObjectReference object, String migration) {
        return object != null && "Migration".equals(object.getKind()) && migration.equals(object.getName());
    }

    /** All that helps to understand why something went wrong, in many lines. */
    public String diagnostics() {
        return new Diagnostics(this, witnesses).text();
    }

    /** Looks no more; all that is in the namespace goes on. */
    public void leave() {
        migrations.close();
        referee.close();
    }

    /** Begins to remove the namespace; its Migrations are ended by the operator meanwhile. */
    @Override
    public void close() {
        leave();
        remove();
    }

    private void remove() {
        client.namespaces().withName(namespace).delete();
    }
}
