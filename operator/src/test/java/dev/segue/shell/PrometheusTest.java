package dev.segue.shell;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.segue.analysis.Reading;
import dev.segue.analysis.Reading.NoData;
import dev.segue.analysis.Reading.Value;
import dev.segue.api.PrometheusSource;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Against an HTTP server that answers as Prometheus does, or worse. */
@Timeout(60)
class PrometheusTest {
    private static final String NAMESPACE = "shop";
    private static final Duration PATIENT = Duration.ofSeconds(50);

    private final CountDownLatch over = new CountDownLatch(1);
    private final HttpServer server = start();
    private final String url = "http://127.0.0.1:" + server.getAddress().getPort();

    private static Prometheus prometheus(Duration answer) {
        return new Prometheus(answer, new Credentials((_, _) -> null, InstantSource.system()), InstantSource.system());
    }

    private static PrometheusSource source(String url) {
        return new PrometheusSource(url, "60s", null, null, null);
    }

    private static HttpServer start() {
        try {
            HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
            server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
            server.start();
            return server;
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    @AfterEach
    void stop() {
        over.countDown();
        server.stop(0);
    }

    private static void answer(HttpExchange exchange, String body) throws IOException {
        try (exchange) {
            byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(200, bytes.length);
            exchange.getResponseBody().write(bytes);
        }
    }

    private static String query(HttpExchange exchange) throws IOException {
        return new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
    }

    private static String scalar(String number) {
        return "{\"status\":\"success\",\"data\":{\"resultType\":\"scalar\",\"result\":[1,\"%s\"]}}".formatted(number);
    }

    private Reading ask(Duration answer) {
        return prometheus(answer).ask(source(url), NAMESPACE, List.of("up")).getFirst();
    }

    /** One that asked for the second number only when it had the first would never get an answer here. */
    @Test
    void asksAllAtOnceAndAnswersInOrder() {
        CountDownLatch both = new CountDownLatch(2);
        server.createContext("/api/v1/query", exchange -> {
            String query = query(exchange);
            both.countDown();
            try {
                both.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            answer(exchange, scalar(query.startsWith("query=a%2Bb&") ? "1" : "2.5"));
        });
        assertThat(prometheus(PATIENT).ask(source(url + "/"), NAMESPACE, List.of("a+b", "c")))
                .containsExactly(new Value(1), new Value(2.5));
    }

    @Test
    void aBodyThatNeverEndsIsNoData() {
        server.createContext("/", exchange -> {
            exchange.sendResponseHeaders(200, 0);
            exchange.getResponseBody().write('{');
            exchange.getResponseBody().flush();
            try {
                over.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        assertThat(ask(Duration.ofMillis(500)))
                .isInstanceOfSatisfying(NoData.class, n -> assertThat(n.why()).contains("did not answer in time"));
    }

    @Test
    void aBodyWithoutMeasureIsNoData() {
        server.createContext("/", exchange -> answer(exchange, " ".repeat(2 << 20) + scalar("1")));
        assertThat(ask(PATIENT))
                .isInstanceOfSatisfying(NoData.class, n -> assertThat(n.why()).contains("larger than 1 MiB"));
    }

    @Test
    void nobodyThereIsNoData() {
        server.stop(0);
        assertThat(ask(PATIENT))
                .isInstanceOfSatisfying(NoData.class, n -> assertThat(n.why()).contains("cannot be reached"));
    }

    @Test
    void noUrlIsNoData() {
        assertThat(prometheus(PATIENT).ask(source("http://a b"), NAMESPACE, List.of("up", "down")))
                .hasSize(2)
                .allSatisfy(r -> assertThat(r).isInstanceOf(NoData.class));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '\0',
            value = {
                "{'status':'success','data':{'resultType':'vector','result':[]}} | no series",
                "{'status':'success','data':{'resultType':'vector','result':[{},{}]}} | 2 series",
                "{'status':'success','data':{'resultType':'matrix','result':[]}} | range or a string",
                "{'status':'success','data':{'resultType':'scalar','result':[1,'NaN']}} | NaN",
                "{'status':'error','error':'parse error at char 1'} | parse error at char 1",
                "{'status':'success','warnings':['store-2 is away'],'data':{'resultType':'scalar','result':[1,'0']}} | a warning: store-2 is away",
                "<html> | something else than JSON",
            })
    void whatIsNoNumberIsNoData(String body, String why) {
        server.createContext("/", exchange -> answer(exchange, body.replace('\'', '"')));
        assertThat(ask(PATIENT))
                .isInstanceOfSatisfying(NoData.class, n -> assertThat(n.why()).contains(why));
    }
}
