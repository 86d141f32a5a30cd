package dev.segue.shell;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a real client makes of a server that answers like this. */
class AnswersTest {
    private final CountDownLatch end = new CountDownLatch(1);
    private Instant now = Instant.parse("2026-01-01T00:00:00Z");
    private final Answers answers = new Answers(Duration.ofMillis(300), () -> now);
    private int code = 200;
    private @Nullable String retryAfter;
    private boolean stalls;
    private HttpServer server;
    private KubernetesClient client;

    @BeforeEach
    void open() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/", this::answer);
        server.start();
        client = new KubernetesClientBuilder()
                .withConfig(new ConfigBuilder(Config.empty())
                        .withMasterUrl("http://127.0.0.1:" + server.getAddress().getPort())
                        .withRequestRetryBackoffLimit(0)
                        .build())
                .withHttpClientBuilderConsumer(b -> b.addOrReplaceInterceptor("answers", answers))
                .build();
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            if (retryAfter != null) {
                exchange.getResponseHeaders().set("Retry-After", retryAfter);
            }
            exchange.sendResponseHeaders(code, 0);
            exchange.getResponseBody()
                    .write("{\"kind\":\"Pod\",\"apiVersion\":\"v1\"".getBytes(StandardCharsets.UTF_8));
            exchange.getResponseBody().flush();
            if (stalls) {
                end.await();
            }
            exchange.getResponseBody().write('}');
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @AfterEach
    void close() {
        end.countDown();
        client.close();
        server.stop(0);
    }

    private void ask() {
        client.pods().inNamespace("prod").withName("shop").get();
    }

    @Test
    void anAnswerThatDoesNotEndIsGivenUp() {
        stalls = true;

        assertThatThrownBy(this::ask)
                .isInstanceOf(KubernetesClientException.class)
                .hasRootCauseInstanceOf(TimeoutException.class);
    }

    @Test
    void oneThatEndsIsNot() {
        ask();

        assertThat(answers.rest()).isZero();
    }

    @Test
    void restsForAsLongAsTheServerAsks() {
        code = 429;
        retryAfter = "7";

        assertThatThrownBy(this::ask).isInstanceOf(KubernetesClientException.class);

        assertThat(answers.rest()).isEqualTo(Duration.ofSeconds(7));
        now = now.plusSeconds(5);
        assertThat(answers.rest()).isEqualTo(Duration.ofSeconds(2));
        now = now.plusSeconds(5);
        assertThat(answers.rest()).isZero();
    }

    @Test
    void butNotForHours() {
        code = 503;
        retryAfter = "36000";

        assertThatThrownBy(this::ask).isInstanceOf(KubernetesClientException.class);

        assertThat(answers.rest()).isEqualTo(Duration.ofMinutes(1));
    }

    @Test
    void aDateOrNothingAsksForNothing() {
        code = 429;
        assertThatThrownBy(this::ask).isInstanceOf(KubernetesClientException.class);
        retryAfter = "Thu, 01 Jan 2026 00:10:00 GMT";
        assertThatThrownBy(this::ask).isInstanceOf(KubernetesClientException.class);

        assertThat(answers.rest()).isZero();
    }
}
