package dev.segue.shell;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.Watcher;
import io.fabric8.kubernetes.client.WatcherException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a real client's watch makes of text. */
class PlainWatchesTest {
    private static final String TEXT = "1.1 × the source, größer, 試験, 🙂 and \\\"quoted\\\\";
    private static final String READ = "1.1 × the source, größer, 試験, 🙂 and \"quoted\\";

    private final CountDownLatch end = new CountDownLatch(1);

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 7, 4096})
    void anyTextArrivesInPiecesOfAnySize(int size) throws Exception {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/", exchange -> answer(exchange, size));
        server.start();
        Config config = new ConfigBuilder(Config.empty())
                .withMasterUrl("http://127.0.0.1:" + server.getAddress().getPort())
                .withOnlyHttpWatches(true)
                .build();
        BlockingQueue<String> seen = new LinkedBlockingQueue<>();
        try (KubernetesClient client = new KubernetesClientBuilder()
                        .withConfig(config)
                        .withHttpClientBuilderConsumer(b -> b.addOrReplaceInterceptor("plain", new PlainWatches()))
                        .build();
                var _ = client.configMaps().inNamespace("here").watch(new Watcher<>() {
                    @Override
                    public void eventReceived(Action action, ConfigMap map) {
                        seen.add(map.getData().get("text"));
                    }

                    @Override
                    public void onClose(@Nullable WatcherException cause) {
                        seen.add("closed: " + cause);
                    }
                })) {
            assertThat(seen.poll(20, TimeUnit.SECONDS)).isEqualTo(READ + 1);
            assertThat(seen.poll(20, TimeUnit.SECONDS)).isEqualTo(READ + 2);
        } finally {
            end.countDown();
            server.stop(0);
        }
    }

    private void answer(HttpExchange exchange, int size) throws IOException {
        try (exchange) {
            exchange.sendResponseHeaders(200, 0);
            byte[] events = (event(1) + event(2)).getBytes(StandardCharsets.UTF_8);
            for (int from = 0; from < events.length; from += size) {
                exchange.getResponseBody().write(events, from, Math.min(size, events.length - from));
                exchange.getResponseBody().flush();
            }
            end.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static String event(int n) {
        return """
                {"type":"ADDED","object":{"kind":"ConfigMap","apiVersion":"v1",\
                "metadata":{"name":"m","namespace":"here","resourceVersion":"%1$d"},"data":{"text":"%2$s%1$d"}}}
                """.formatted(n, TEXT);
    }
}
