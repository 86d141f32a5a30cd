package dev.segue.e2e.referee;

import static dev.segue.e2e.scenario.Manifests.migration;
import static dev.segue.e2e.scenario.Manifests.to;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.segue.api.Migration;
import dev.segue.api.Phase;
import dev.segue.e2e.scenario.Scenarios;
import dev.segue.e2e.stage.Migrations;
import dev.segue.e2e.stage.Scene;
import dev.segue.e2e.stage.ShopDeployment;
import io.fabric8.kubernetes.api.model.events.v1.Event;
import io.fabric8.kubernetes.api.model.events.v1.EventBuilder;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * Each promise is broken by hand on a real cluster. A strict referee, who accepts no excuse, has to see it; the scene's
 * own, to whom it was announced, must not mind.
 */
@Scenarios
class RefereeIT {
    private static final String AS_THE_OPERATOR = "--field-manager=segue";

    /** The target never gets ready, so the Migration waits for it, with four endpoints to protect. */
    @Test
    void seesEachPromiseBroken(Scene scene) {
        scene.deploy(ShopDeployment.version("1.0.0"));
        try (var strict = new Referee(scene.stage().client(), scene.namespace())) {
            scene.apply(migration(
                    "shop-4", to("4.0.0"), "verify: {propagation: 1s, drain: {wait: 1s}}\ndeadline: {prepare: 10m}\n"));
            Migration waiting = scene.migrations().task("shop-4", Phase.Preparing, "AwaitTarget");
            var target = Objects.requireNonNull(waiting.getStatus().target());
            String narrow = "{\"spec\":{\"selector\":{\"pod-template-hash\":%s}}}";
            assertThat(strict.report()).isEmpty();

            try (var _ = excuse(scene, Invariant.NARROWING, "Service", "shop");
                    var _ = excuse(scene, Invariant.CAPACITY, "Service", "shop")) {
                scene.kubectl("patch", "service", "shop", "-p", narrow.formatted('"' + target.hash() + '"'));
                sees(strict, Invariant.NARROWING, "Service/shop");
                sees(strict, Invariant.CAPACITY, "Service/shop");
                scene.kubectl("patch", "service", "shop", "-p", narrow.formatted("null"));
                awaitEndpoints(scene);
            }

            String victim = scene.shopPods().stream()
                    .map(p -> p.getMetadata().getName())
                    .filter(name -> !name.startsWith(target.replicaSet()))
                    .findFirst()
                    .orElseThrow();
            try (var _ = excuse(scene, Invariant.SERVING_PODS, "Pod", victim)) {
                scene.kubectl("delete", "pod", victim);
                sees(strict, Invariant.SERVING_PODS, "Pod/" + victim);
                awaitEndpoints(scene);
            }

            try (var _ = excuse(scene, Invariant.INTENT, "ReplicaSet", target.replicaSet())) {
                scene.kubectl("patch", "rs", target.replicaSet(), AS_THE_OPERATOR, "-p", "{\"spec\":{\"replicas\":3}}");
                sees(strict, Invariant.INTENT, "ReplicaSet/" + target.replicaSet());
            }

            try (var _ = excuse(scene, Invariant.USER_FIELDS, "Deployment", "shop");
                    var _ = excuse(scene, Invariant.INTENT, "Deployment", "shop")) {
                scene.kubectl("label", "deployment", "shop", "seeded=true", AS_THE_OPERATOR);
                sees(strict, Invariant.USER_FIELDS, "Deployment/shop");
            }

            Event told = scene.events("shop-4").getFirst();
            try (var _ = excuse(scene, Invariant.EVENTS, "Event", "again")) {
                scene.stage().client().resource(again(told)).create();
                sees(strict, Invariant.EVENTS, "Event/again");
                scene.stage().client().resource(again(told)).delete();
            }

            scene.abort("shop-4");
            scene.migrations().reached("shop-4", Phase.Reverted);
            try (var _ = excuse(scene, Invariant.USER_FIELDS, "Service", "shop");
                    var _ = excuse(scene, Invariant.IDLE, "Service", "shop")) {
                scene.kubectl("annotate", "service", "shop", "seeded=true", AS_THE_OPERATOR);
                sees(strict, Invariant.IDLE, "Service/shop");
            }

            assertThat(strict.report()).contains("NARROWING at revision", "> ", "signed by");
        }
    }

    @Test
    void seesWritesInAHold(Scene scene) {
        scene.deploy(ShopDeployment.version("1.0.0"));
        try (var strict = new Referee(scene.stage().client(), scene.namespace())) {
            scene.apply(migration(
                    "shop-2",
                    to("2.0.0"),
                    "steps: [{weight: 25, hold: 10m}, {weight: 100}]\nverify: {propagation: 1s, drain: {wait: 1s}}\n"));
            Migration holding = scene.migrations().task("shop-2", Phase.Shifting, "Hold");
            String target = Objects.requireNonNull(holding.getStatus().target()).replicaSet();
            assertThat(strict.report()).isEmpty();

            try (var _ = excuse(scene, Invariant.IDLE, "ReplicaSet", target)) {
                scene.kubectl("patch", "rs", target, AS_THE_OPERATOR, "-p", "{\"spec\":{\"replicas\":3}}");
                sees(strict, Invariant.IDLE, "ReplicaSet/" + target);
            }

            scene.abort("shop-2");
            scene.migrations().reached("shop-2", Phase.Reverted);
            try (var _ = excuse(scene, Invariant.IDLE, "Migration", "shop-2")) {
                scene.kubectl(
                        "patch",
                        "migration",
                        "shop-2",
                        "--subresource=status",
                        "--type=merge",
                        "-p",
                        "{\"status\":{\"handover\":\"Adopt\"}}");
                sees(strict, Invariant.IDLE, "Migration/shop-2");
            }
        }
    }

    private static Excuse excuse(Scene scene, Invariant invariant, String kind, String name) {
        return scene.referee().excuse(invariant, kind, name, "seeded, to see that the strict referee sees it");
    }

    private static void sees(Referee strict, Invariant invariant, String object) {
        await().untilAsserted(() -> assertThat(strict.violations())
                .extracting(v -> List.of(v.invariant(), v.object()))
                .contains(List.of(invariant, object)));
    }

    /** Until the Service has all of the source's pods again. */
    private static void awaitEndpoints(Scene scene) {
        await().atMost(Migrations.PATIENCE)
                .until(() -> scene
                                .stage()
                                .client()
                                .discovery()
                                .v1()
                                .endpointSlices()
                                .inNamespace(scene.namespace())
                                .withLabel("kubernetes.io/service-name", "shop")
                                .list()
                                .getItems()
                                .stream()
                                .flatMap(slice ->
                                        Stream.ofNullable(slice.getEndpoints()).flatMap(List::stream))
                                .filter(e -> e.getConditions().getReady())
                                .count()
                        == 4);
    }

    private static Event again(Event told) {
        return new EventBuilder(told)
                .withNewMetadata()
                .withName("again")
                .withNamespace(told.getMetadata().getNamespace())
                .endMetadata()
                .build();
    }
}
