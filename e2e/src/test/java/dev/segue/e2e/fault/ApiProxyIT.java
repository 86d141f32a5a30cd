package dev.segue.e2e.fault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;
import static org.awaitility.Awaitility.await;

import dev.segue.e2e.api.RunningCluster;
import dev.segue.e2e.cluster.Cluster;
import dev.segue.e2e.fault.ApiRequest.Kind;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.Watcher;
import io.fabric8.kubernetes.client.WatcherException;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Each fault has the effect that it is named for, between a real client and a real API server. */
@ExtendWith(RunningCluster.class)
class ApiProxyIT {
    private static final String NAME = "api-proxy-it";

    private static ApiServer server;
    private static KubernetesClient direct;

    private ApiProxy proxy;
    private KubernetesClient client;

    @BeforeAll
    static void connect(Cluster cluster) {
        server = new ApiServer(cluster.config());
        direct = new KubernetesClientBuilder().withConfig(cluster.config()).build();
    }

    @AfterAll
    static void disconnect() {
        server.close();
        direct.close();
    }

    @BeforeEach
    void open() {
        proxy = new ApiProxy(server);
        Config config = proxy.config();
        config.setOnlyHttpWatches(true);
        config.setRequestRetryBackoffLimit(0); // or the client would hide what happens to one request
        config.setRequestTimeout(2_000);
        client = new KubernetesClientBuilder().withConfig(config).build();
    }

    @AfterEach
    void close() {
        client.close();
        proxy.close();
        direct.configMaps().withName(NAME).delete();
    }

    @Test
    void passesAndCounts() {
        create("1");
        client.resource(map("2")).dryRun().update();
        client.resource(map("3")).update();

        assertThat(live()).isEqualTo("3");
        assertThat(read(client)).isEqualTo("3");
        assertThat(proxy.writes())
                .extracting(ApiRequest::text, ApiRequest::write)
                .containsExactly(tuple("POST configmaps", 1), tuple("PUT configmaps/" + NAME, 2));
        assertThat(proxy.requests()).extracting(ApiRequest::kind).contains(Kind.DRY_RUN, Kind.READ);
    }

    @Test
    void cutBeforeItArrives() {
        proxy.disturb(request -> new Fault.Cut());

        assertThatThrownBy(() -> create("1")).isInstanceOf(KubernetesClientException.class);

        assertThat(live()).isNull();
    }

    @Test
    void landedButTheReplyIsLost() {
        proxy.disturb(request -> new Fault.LoseReply());

        assertThatThrownBy(() -> create("1")).isInstanceOf(KubernetesClientException.class);

        assertThat(live()).isEqualTo("1");
    }

    @Test
    void refusesInTheWordsOfTheApiServer() {
        proxy.disturb(request -> new Fault.Refuse(429, "TooManyRequests", Duration.ofSeconds(7)));

        assertThatThrownBy(() -> create("1")).isInstanceOfSatisfying(KubernetesClientException.class, e -> {
            assertThat(e.getCode()).isEqualTo(429);
            assertThat(e.getStatus().getReason()).isEqualTo("TooManyRequests");
        });

        assertThat(live()).isNull();
    }

    @Test
    void delaysAndHangs() {
        proxy.disturb(request -> new Fault.Delay(Duration.ofMillis(300)));
        long since = System.nanoTime();
        create("1");
        assertThat(Duration.ofNanos(System.nanoTime() - since)).isGreaterThan(Duration.ofMillis(300));

        proxy.disturb(request -> new Fault.Hang());
        assertThatThrownBy(() -> client.resource(map("2")).update()).isInstanceOf(KubernetesClientException.class);
        assertThat(live()).isEqualTo("1");
    }

    @Test
    void cutOffForGood() {
        create("1");
        proxy.cutOff();

        assertThatThrownBy(() -> client.resource(map("2")).update()).isInstanceOf(KubernetesClientException.class);
        assertThatThrownBy(() -> read(client)).isInstanceOf(KubernetesClientException.class);
        assertThat(live()).isEqualTo("1");
    }

    @Test
    void readsThePast() {
        ConfigMap old = create("1");
        client.resource(map("2")).update();
        proxy.disturb(request -> new Fault.Past(old.getMetadata().getResourceVersion()));

        assertThat(read(client)).isEqualTo("1");
        assertThat(client.configMaps().list().getItems())
                .filteredOn(m -> m.getMetadata().getName().equals(NAME))
                .extracting(m -> m.getData().get("value"))
                .containsExactly("1");

        proxy.disturb(request ->
                new Fault.Past(Long.toString(Long.parseLong(old.getMetadata().getResourceVersion()) - 1)));
        assertThat(read(client)).isNull();
    }

    @Test
    void streamsEndsAndExpiresWatches() throws InterruptedException {
        BlockingQueue<String> seen = new LinkedBlockingQueue<>();
        try (var _ = client.configMaps().inNamespace("default").withName(NAME).watch(new Watcher<>() {
            @Override
            public void eventReceived(Action action, ConfigMap map) {
                seen.add(action + " " + map.getData().get("value"));
            }

            @Override
            public void onClose(WatcherException cause) {
                seen.add("closed, gone: " + cause.isHttpGone());
            }
        })) {
            create("1");
            assertThat(seen.poll(5, TimeUnit.SECONDS)).isEqualTo("ADDED 1");

            proxy.endWatches(); // the client goes on from where it was
            direct.resource(map("2")).update();
            assertThat(seen.poll(10, TimeUnit.SECONDS)).isEqualTo("MODIFIED 2");

            proxy.expireWatches();
            assertThat(seen.poll(5, TimeUnit.SECONDS)).isEqualTo("closed, gone: true");
        }
    }

    @Test
    void aNewWatchFindsItsVersionGone() throws InterruptedException {
        proxy.disturb(request -> request.kind() == Kind.WATCH ? new Fault.Expire() : Fault.NONE);
        var informer = client.configMaps().inNamespace("default").runnableInformer(0);
        try (informer) {
            informer.start();
            await().until(() -> lists() > 1); // told that it is too far behind, it lists again

            proxy.disturb(Disturbance.NONE);
            create("1");
            await().until(() -> informer.getStore().getByKey("default/" + NAME) != null);
        }
    }

    private long lists() {
        return proxy.requests().stream().filter(r -> r.kind() == Kind.READ).count();
    }

    private ConfigMap create(String value) {
        return client.resource(map(value)).create();
    }

    private static ConfigMap map(String value) {
        return new ConfigMapBuilder()
                .withNewMetadata()
                .withName(NAME)
                .withNamespace("default")
                .endMetadata()
                .addToData("value", value)
                .build();
    }

    private static @Nullable String read(KubernetesClient from) {
        ConfigMap found =
                from.configMaps().inNamespace("default").withName(NAME).get();
        return found == null ? null : found.getData().get("value");
    }

    private static @Nullable String live() {
        return read(direct);
    }
}
