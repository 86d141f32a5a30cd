package dev.segue.e2e.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.segue.api.Migration;
import dev.segue.e2e.stage.Load;
import dev.segue.e2e.stage.Migrations;
import dev.segue.e2e.stage.Scene;
import dev.segue.e2e.witness.Kind;
import dev.segue.e2e.witness.Summary;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;

/** What the tests assert again and again. */
public final class Verdicts {
    /** The witness is open-loop: what it was to send, it sent, up to the edges. */
    private static final double SENT = 0.9;

    private Verdicts() {}

    /** Every request was sent, and every one succeeded. */
    public static void noneFailed(Summary summary, Load load) {
        sent(summary, load);
        assertThat(summary.failures())
                .as("failed requests: %s", summary.byKind())
                .isZero();
    }

    /** Every request was sent, and failed only where the application of one of these versions said so. */
    public static void onlyBad(Summary summary, Load load, String source, String target) {
        sent(summary, load);
        assertThat(summary.failures())
                .as("all failures are answers 500: %s", summary.byKind())
                .isEqualTo(summary.answers(source, 500) + summary.answers(target, 500));
    }

    /** As many requests of each kind were sent as the load says. */
    public static void sent(Summary summary, Load load) {
        double seconds = Duration.between(Objects.requireNonNull(summary.from()), Objects.requireNonNull(summary.to()))
                        .toMillis()
                / 1000.0;
        // The end waits for the answers that are due: for as long as the longest took, nothing may have been sent.
        double sending = seconds - longest(summary);
        assertThat(seconds).isGreaterThan(5);
        atLeast(summary, Kind.NEW, load.fresh() * sending);
        atLeast(summary, Kind.KEEPALIVE, load.keepAlive() * sending);
        atLeast(summary, Kind.SLOW, load.slow() * sending);
        assertThat(summary.outstanding()).isZero();
    }

    private static double longest(Summary summary) {
        return summary.byKind().values().stream()
                        .flatMap(parts -> parts.values().stream())
                        .mapToDouble(p -> p.latencyMs().max())
                        .max()
                        .orElse(0)
                / 1000;
    }

    private static void atLeast(Summary summary, Kind kind, double expected) {
        assertThat((double) summary.requests(kind))
                .as("requests sent of kind %s", kind)
                .isGreaterThanOrEqualTo(expected * SENT - 2);
    }

    /** This version has answered requests of each of these kinds. */
    public static void served(Summary summary, String version, Kind... kinds) {
        for (Kind kind : kinds) {
            assertThat(summary.part(kind, version).ok())
                    .as("%s requests answered by %s", kind, version)
                    .isPositive();
        }
    }

    /** No trace of Segue is left in the scene, and its Service has the selector that its user gave it. */
    public static void nothingLeft(Scene scene) {
        assertThat(scene.traces()).as("what is left of Segue").isEmpty();
        assertThat(scene.service().getSpec().getSelector()).hasSize(1).containsEntry("app", "shop");
        assertThat(scene.serviceNames()).containsExactly("shop");
    }

    /** These very pods serve, alone, and none was ever restarted. */
    public static void serving(Scene scene, Set<String> uids) {
        List<Pod> pods = scene.shopPods();
        assertThat(uids(pods)).as("UIDs of the serving pods").isEqualTo(uids);
        assertThat(pods)
                .allSatisfy(p -> assertThat(p.getStatus().getContainerStatuses())
                        .as("containers of %s", p.getMetadata().getName())
                        .allMatch(ContainerStatus::getReady)
                        .allMatch(c -> c.getRestartCount() == 0));
    }

    public static Set<String> uids(List<? extends HasMetadata> objects) {
        return objects.stream().map(o -> o.getMetadata().getUid()).collect(Collectors.toSet());
    }

    /** Reason of the cause for which a Migration went back. */
    public static String cause(Migration m) {
        return Objects.requireNonNull(Migrations.status(m).cause(), "no cause").reason();
    }

    /** The same in a sentence. */
    public static String why(Migration m) {
        return Objects.requireNonNull(Migrations.status(m).cause(), "no cause").message();
    }

    /** Of a namespace nothing is left. */
    public static void gone(Scene scene, String namespace) {
        await().atMost(Migrations.PATIENCE)
                .untilAsserted(() -> assertThat(scene.stage()
                                .client()
                                .namespaces()
                                .withName(namespace)
                                .get())
                        .isNull());
    }

    /** The image that the shop's Deployment asks for. */
    public static String image(Scene scene) {
        return scene.shop()
                .getSpec()
                .getTemplate()
                .getSpec()
                .getContainers()
                .getFirst()
                .getImage();
    }
}
