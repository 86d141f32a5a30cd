package dev.segue.e2e.prometheus;

import com.sun.net.httpserver.HttpServer;
import io.prometheus.metrics.core.metrics.Histogram;
import io.prometheus.metrics.core.metrics.Summary;
import io.prometheus.metrics.expositionformats.ExpositionFormatWriter;
import io.prometheus.metrics.expositionformats.ExpositionFormats;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.function.DoubleConsumer;
import java.util.function.UnaryOperator;

/**
 * Pods that measure durations with Prometheus' own client library, in whatever format the server asks for. Exemplars would need
 * its tracer, which Micrometer leaves out.
 */
final class NativeShop implements AutoCloseable {
    private static final String NAME = "http_server_requests_seconds";

    private final Map<String, PrometheusRegistry> pods = new ConcurrentHashMap<>();
    private final HttpServer server;

    NativeShop() throws IOException {
        ExpositionFormats formats = ExpositionFormats.init();
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/", exchange -> {
            PrometheusRegistry pod = pods.get(exchange.getRequestURI().getPath().substring(1));
            try (exchange) {
                if (pod == null) {
                    exchange.sendResponseHeaders(503, -1);
                    return;
                }
                ExpositionFormatWriter writer =
                        formats.findWriter(exchange.getRequestHeaders().getFirst("Accept"));
                ByteArrayOutputStream body = new ByteArrayOutputStream();
                writer.write(body, pod.scrape());
                exchange.getResponseHeaders().set("Content-Type", writer.getContentType());
                exchange.sendResponseHeaders(200, body.size());
                body.writeTo(exchange.getResponseBody());
            }
        });
        server.start();
    }

    int port() {
        return server.getAddress().getPort();
    }

    /**
     * A new process of this pod, which had these requests before it was scraped first.
     *
     * @return takes the durations of more of them, in seconds
     */
    DoubleConsumer start(String pod, UnaryOperator<Histogram.Builder> kind, double... first) {
        PrometheusRegistry registry = new PrometheusRegistry();
        Histogram histogram =
                kind.apply(Histogram.builder().name(NAME).withoutExemplars()).register(registry);
        for (double seconds : first) {
            histogram.observe(seconds);
        }
        pods.put(pod, registry);
        return histogram::observe;
    }

    /** One that counts its requests and measures no durations but their sum. */
    void startBare(String pod) {
        PrometheusRegistry registry = new PrometheusRegistry();
        Summary.builder().name(NAME).withoutExemplars().register(registry).observe(0.1);
        pods.put(pod, registry);
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
