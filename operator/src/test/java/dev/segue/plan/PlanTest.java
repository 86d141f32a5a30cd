package dev.segue.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.segue.api.Migration;
import dev.segue.api.MigrationStatus;
import dev.segue.api.PlanStatus;
import dev.segue.api.PlanStatus.Capacity;
import dev.segue.api.PlanStatus.PlannedObject;
import dev.segue.api.PlanStatus.PlannedStep;
import dev.segue.staging.StageName;
import dev.segue.staging.TargetName;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.util.Collections;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PlanTest {
    private static final String HASH = TargetName.hash("uid-m", 1);

    @Test
    void everyWriteIsThereInItsOrder() {
        assertThat(new Shop().plan().objectsOrEmpty())
                .extracting(o -> "%s %s %s".formatted(o.phase(), o.action(), o.object()))
                .containsExactly(
                        "Preparing Create Service/shop-segue-hold",
                        "Preparing Create Service/shop-admin-segue-hold",
                        "Preparing Create ReplicaSet/shop-" + HASH,
                        "Shifting Patch ReplicaSet/shop-" + HASH,
                        "CuttingOver Patch Service/shop",
                        "CuttingOver Patch Service/shop-admin",
                        "HandingOver Patch Deployment/shop",
                        "HandingOver Patch ReplicaSet/shop-" + HASH,
                        "HandingOver Patch Service/shop",
                        "HandingOver Patch Service/shop-admin",
                        "Finishing Delete Service/shop-segue-hold",
                        "Finishing Delete Service/shop-admin-segue-hold");
    }

    private static String change(PlanStatus plan, String object) {
        return plan.objectsOrEmpty().stream()
                .filter(o -> o.object().equals(object))
                .map(PlannedObject::change)
                .filter(Objects::nonNull)
                .findFirst()
                .orElseThrow();
    }

    @Test
    void thePatchesAreThoseThatAreWritten() {
        PlanStatus plan = new Shop().plan();
        assertThat(change(plan, "Service/shop"))
                .isEqualTo(
                        "[{\"op\":\"replace\",\"path\":\"/spec/selector\",\"value\":{\"app\":\"shop\",\"pod-template-hash\":\"%s\"}}]"
                                .formatted(HASH));
        assertThat(change(plan, "Deployment/shop"))
                .isEqualTo(
                        "{\"spec\":{\"template\":{\"spec\":{\"containers\":[{\"name\":\"shop\",\"env\":[{\"name\":\"PASSWORD\",\"value\":\"***\"}],\"args\":[\"***\"],\"image\":\"shop:2\"}]}}}}");
        assertThat(change(plan, "ReplicaSet/shop-" + HASH))
                .startsWith("the ReplicaSet that Deployment shop would make");
    }

    @Test
    void stepsAreWhatWholePodsGive() {
        assertThat(new Shop().plan().stepsOrEmpty())
                .extracting(PlannedStep::weight, PlannedStep::effectiveWeight, PlannedStep::replicas, PlannedStep::hold)
                .containsExactly(tuple(25, 33, 2, "5m"), tuple(100, 100, 4, "30m"));
        assertThat(new Shop().plan().stepsOrEmpty()).allSatisfy(s -> {
            assertThat(s.gate()).isEqualTo("target and source healthy");
            assertThat(s.wayBack()).contains("segue.dev/command=abort", "1m15s");
        });
    }

    /** Holds, a propagation for each step, and the drain of the cutover; by Settle another one of the target. */
    @ParameterizedTest
    @CsvSource({"Adopt, 36m30s", "Auto, 36m30s", "Settle, 37m45s"})
    void itTakesHoldsPropagationAndDrain(String via, String duration) {
        Shop shop = new Shop();
        shop.migration = Shop.migration("metadata: {name: shop-2, namespace: prod, uid: uid-m}\n"
                + "spec: {components: [{deployment: shop, images: {shop: 'shop:2'}}], steps: [{weight: 25, hold: 5m}, {weight: 100, hold: 30m}], handover: {via: %s}}"
                        .formatted(via));
        assertThat(shop.plan().expectedDuration()).isEqualTo(duration);
    }

    /** Warm-up, interval and settle delay of two holds, two propagations, one drain. */
    @Test
    void whatIsComparedTakesTheTimeOfALook() {
        Shop shop = new Shop();
        shop.migration = Shop.migration("""
                metadata: {name: shop-2, namespace: prod, uid: uid-m}
                spec:
                  components: [{deployment: shop, images: {shop: 'shop:2'}}]
                  steps: [{weight: 25, hold: 10s}, {weight: 100, hold: 10s}]
                  analysis: {prometheus: {url: 'http://p:9090'}, metrics: [{name: errors, preset: http-server/error-ratio}]}
                """);
        assertThat(shop.plan().expectedDuration()).isEqualTo("6m30s");
        assertThat(shop.plan().stepsOrEmpty().getFirst().gate())
                .endsWith(
                        "not shown to be worse than the source beside it (NoHarm), after 100 requests of each version at this weight");
        assertThat(shop.plan().stepsOrEmpty().getLast().gate())
                .endsWith(
                        "not shown to be worse than the source before the cutover (NoHarm), after 100 requests at this weight");
    }

    @Test
    void stagingIsOneLine() {
        Shop shop = new Shop();
        shop.migration = Shop.migration(
                "metadata: {name: shop-2, namespace: prod, uid: uid-m}\n"
                        + "spec: {components: [{deployment: shop, images: {shop: 'shop:2'}}], staging: {dependencies: [{name: db, mode: Stub, image: 'db:1'}], tests: [{name: smoke, image: 't:1'}]}}");
        PlannedObject first = shop.plan().objectsOrEmpty().getFirst();
        assertThat(first.object()).isEqualTo("Namespace/prod-stg-shop-2");
        assertThat(first.change()).contains("1 pod(s)", "dependencies: db (Stub)", "Jobs: smoke");
    }

    @Test
    void snapshotsAreOutsideOfTheCopyTooAndSoAreNamed() {
        Shop shop = new Shop();
        shop.migration = Shop.migration(
                "metadata: {name: shop-2, namespace: prod, uid: uid-m}\n"
                        + "spec: {components: [{deployment: shop, images: {shop: 'shop:2'}}], staging: {snapshots: [{claim: data, class: fast}, {claim: index}]}}");
        String name = StageName.snapshot(StageName.labels("uid-m", 1), "data");
        assertThat(shop.plan().objectsOrEmpty().getFirst().change())
                .contains("volume claims (data, index with production's data, others empty)");
        assertThat(shop.plan().objectsOrEmpty().subList(1, 7))
                .extracting(o -> o.action() + " " + o.object())
                .startsWith(
                        "Create VolumeSnapshot/" + name,
                        "Create VolumeSnapshotContent/" + name,
                        "Create VolumeSnapshot/" + name);
        assertThat(shop.plan().objectsOrEmpty().get(3).change()).contains("in namespace prod-stg-shop-2");
        assertThat(shop.plan().objectsOrEmpty().get(1).change()).contains("PersistentVolumeClaim data", "class fast");
        assertThat(shop.plan().objectsOrEmpty().get(4).change())
                .contains("PersistentVolumeClaim index", "the default class");
        shop.migration.setStatus(MigrationStatus.EMPTY);
        assertThat(shop.plan().objectsOrEmpty().get(1).object()).as("the first").endsWith(name);
    }

    @Test
    void capacityIsThatOfAllPodsOfTheTarget() {
        assertThat(new Shop().plan().capacity()).isEqualTo(new Capacity(4, "3600m", "512Mi"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            containers: [{name: a}]                                                                                   |       |
            containers: [{name: a, resources: {requests: {cpu: '1', memory: 1Gi}}}]                                   | 2     | 2048Mi
            containers: [{name: a, resources: {requests: {cpu: 100m}}}], initContainers: [{name: i, restartPolicy: Always, resources: {requests: {cpu: 100m}}}] | 400m |
            containers: [{name: a, resources: {requests: {cpu: 100m}}}], initContainers: [{name: s, restartPolicy: Always, resources: {requests: {cpu: 100m}}}, {name: i, resources: {requests: {cpu: 300m}}}] | 800m |
            containers: [{name: a, resources: {requests: {cpu: 100m}}}], overhead: {cpu: 50m}                         | 300m  |
            containers: [{name: a, resources: {requests: {cpu: 100m}}}], resources: {requests: {cpu: '2'}}            | 4     |
            """)
    void requestsAreCountedAsTheSchedulerDoes(String pod, String cpu, String memory) {
        Pod asking = new KubernetesSerialization().unmarshal("spec: {%s}".formatted(pod), Pod.class);
        assertThat(Requests.of(asking.getSpec(), 2)).isEqualTo(new Capacity(2, cpu, memory));
    }

    @Test
    void theSameGivesTheSame() {
        Shop other = new Shop();
        Collections.reverse(other.services);
        assertThat(other.plan()).isEqualTo(new Shop().plan());
        assertThat(new Shop().plan().hash()).matches("[0-9a-f]{64}");
    }

    @TestFactory
    Stream<DynamicTest> whatAMigrationFollowsByItselfIsNoOtherPlan() {
        return Stream.of(
                same("an autoscaler", s -> s.deployment.getSpec().setReplicas(9)),
                same("the status", s -> s.deployment.getStatus().setReadyReplicas(1)),
                same("another write", s -> s.deployment.getMetadata().setResourceVersion("8")),
                same(
                        "a label of the Deployment",
                        s -> s.deployment.getMetadata().setLabels(Map.of("team", "b"))),
                same(
                        "a node port",
                        s -> s.services
                                .getFirst()
                                .getSpec()
                                .getPorts()
                                .getFirst()
                                .setNodePort(30090)),
                same(
                        "a Service that is narrowed",
                        s -> s.services
                                .getFirst()
                                .getSpec()
                                .setSelector(Map.of("app", "shop", "pod-template-hash", "x"))),
                same("a pause", s -> s.migration = edited("paused: true")),
                same("the mode", s -> s.migration = edited("mode: Plan")),
                same("the order of fields", s -> s.migration = edited("")));
    }

    /** The Shop's, with its fields in another order. */
    private static Migration edited(String more) {
        return Shop.migration("""
                metadata: {uid: uid-m, name: shop-2, namespace: prod}
                spec:
                  steps: [{hold: 5m, weight: 25}, {hold: 30m, weight: 100}]
                  components:
                  - patch:
                      spec:
                        containers:
                        - args: ["--token=hunter3"]
                          env: [{value: hunter2, name: PASSWORD}]
                          name: shop
                    images: {shop: "shop:2"}
                    deployment: shop
                  %s
                """.formatted(more));
    }

    private static DynamicTest same(String name, Consumer<Shop> change) {
        return DynamicTest.dynamicTest(name, () -> {
            Shop shop = new Shop();
            PlanStatus before = shop.plan();
            change.accept(shop);
            assertThat(Grounds.differences(before, shop.plan())).isEmpty();
            assertThat(shop.plan().hash()).isEqualTo(before.hash());
        });
    }

    @TestFactory
    Stream<DynamicTest> whatVoidsAPlanIsNamed() {
        return Stream.of(
                voids(
                        "Deployment shop: template was changed",
                        s -> s.deployment
                                .getSpec()
                                .getTemplate()
                                .getMetadata()
                                .setAnnotations(Map.of("kubectl.kubernetes.io/restartedAt", "now"))),
                voids(
                        "Deployment shop was replaced by another of its name",
                        s -> s.deployment.getMetadata().setUid("another")),
                voids(
                        "Deployment shop: rollout was changed",
                        s -> s.deployment.getSpec().setMinReadySeconds(5)),
                voids(
                        "Service shop: selector was changed",
                        s -> s.services.getFirst().getSpec().setSelector(Map.of("app", "shop", "tier", "web"))),
                voids(
                        "Service shop: ports was changed",
                        s -> s.services
                                .getFirst()
                                .getSpec()
                                .getPorts()
                                .getFirst()
                                .setPort(8080)),
                voids(
                        "Service shop: ports was changed",
                        s -> s.services.getFirst().getSpec().setSessionAffinity("ClientIP")),
                voids("Service shop-admin is gone", s -> s.services.removeLast()),
                voids("Service third is new", s -> s.services.add(Shop.service("third", "uid-t", 82))),
                voids(
                        "Service shop was replaced by another of its name",
                        s -> s.services.getFirst().getMetadata().setUid("another")),
                voids("spec.deadline is new", s -> s.migration = edited("deadline: {prepare: 1m}")));
    }

    private static DynamicTest voids(String difference, Consumer<Shop> change) {
        return DynamicTest.dynamicTest(difference, () -> {
            Shop shop = new Shop();
            PlanStatus before = shop.plan();
            change.accept(shop);
            assertThat(Grounds.differences(before, shop.plan())).contains(difference);
            assertThat(Grounds.differences(before, shop.plan()))
                    .filteredOn(d -> !d.startsWith("Deployment shop: template"))
                    .as("nothing else is named")
                    .hasSizeLessThanOrEqualTo(1);
            assertThat(shop.plan().hash()).isNotEqualTo(before.hash());
        });
    }
}
