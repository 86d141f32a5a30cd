package dev.segue.e2e.witness;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.NoRouteToHostException;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.UnknownHostException;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.hc.client5.http.ConnectTimeoutException;
import org.apache.hc.client5.http.SystemDefaultDnsResolver;
import org.apache.hc.client5.http.classic.methods.HttpGet;
import org.apache.hc.client5.http.config.ConnectionConfig;
import org.apache.hc.client5.http.config.RequestConfig;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.classic.HttpClients;
import org.apache.hc.client5.http.impl.io.ManagedHttpClientConnectionFactory;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManagerBuilder;
import org.apache.hc.client5.http.protocol.HttpClientContext;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.ConnectionClosedException;
import org.apache.hc.core5.http.EndpointDetails;
import org.apache.hc.core5.http.HttpEntity;
import org.apache.hc.core5.http.HttpHeaders;
import org.apache.hc.core5.http.MalformedChunkCodingException;
import org.apache.hc.core5.http.NoHttpResponseException;
import org.apache.hc.core5.http.config.Http1Config;
import org.apache.hc.core5.http.io.entity.EntityUtils;
import org.apache.hc.core5.io.CloseMode;
import org.apache.hc.core5.pool.PoolConcurrencyPolicy;
import org.apache.hc.core5.pool.PoolReusePolicy;
import org.apache.hc.core5.util.TimeValue;
import org.apache.hc.core5.util.Timeout;
import org.jspecify.annotations.Nullable;

/**
 * Sends the requests of one kind with Apache HttpClient, with every help of it off that could hide a failure.
 *
 * <ul>
 *   <li>One request is one attempt: no retry, no redirect, and of several addresses of the host only the first is
 *       tried.
 *   <li>A pooled connection is never tested before use. Real pools test one that was idle for a while; here, a server
 *       that closes an idle connection we then use has failed a request. The one thing that ends the use of a
 *       connection without a failure is its lifetime, as pools have it, and a {@code Connection: close} in an answer.
 *   <li>The pool is first in, first out, and unbounded: every open connection is used in turn, so none is overlooked
 *       in a corner while its pod ends, and no request ever waits for a connection.
 *   <li>A connection that is not to be used again is reset once the answer is complete. Closed in good order, it would
 *       stay in conntrack for two minutes, and a port that comes round meanwhile could be sent to a pod that is gone.
 * </ul>
 *
 * <p>Classes of connection failures: {@code dns}, {@code connect-refused}, {@code connect-timeout}, {@code no-route},
 * {@code reset}, {@code no-response} (closed before a byte of the answer), {@code truncated} (closed within it),
 * {@code response-timeout}, or the name of the exception. Safe for all threads.
 */
final class Client implements AutoCloseable {
    private static final int MAX_CONNECTIONS = 20_000;
    private static final int MAX_BODY_BYTES = 64 * 1024;

    /** Small buffers: when a server stalls, a thousand connections stand open at once. */
    private static final ManagedHttpClientConnectionFactory CONNECTIONS = ManagedHttpClientConnectionFactory.builder()
            .http1Config(Http1Config.custom().setBufferSize(2048).build())
            .build();

    private final Kind kind;
    private final URI uri;
    private final CloseableHttpClient http;
    private final AtomicLong opened = new AtomicLong();

    /** An answer that was read to its end. */
    record Answer(
            int status, @Nullable String version, @Nullable String pod) {}

    /** What became of one attempt: an answer or an error. */
    record Outcome(
            @Nullable Answer answer,
            @Nullable String error,
            @Nullable String detail,
            @Nullable String connection,
            boolean reused) {}

    Client(Kind kind, Settings settings) {
        this.kind = kind;
        this.uri = settings.uri(kind);
        ConnectionConfig.Builder connection = ConnectionConfig.custom()
                .setConnectTimeout(Timeout.of(settings.connectTimeout()))
                .setSocketTimeout(Timeout.of(settings.responseTimeout()))
                .setValidateAfterInactivity(TimeValue.NEG_ONE_MILLISECOND);
        if (kind == Kind.KEEPALIVE && settings.lifetime() != null) {
            connection.setTimeToLive(TimeValue.of(settings.lifetime()));
        }
        http = HttpClients.custom()
                .setConnectionManager(PoolingHttpClientConnectionManagerBuilder.create()
                        .setDefaultConnectionConfig(connection.build())
                        .setPoolConcurrencyPolicy(PoolConcurrencyPolicy.LAX)
                        .setConnPoolPolicy(PoolReusePolicy.FIFO)
                        .setMaxConnPerRoute(MAX_CONNECTIONS)
                        .setMaxConnTotal(MAX_CONNECTIONS)
                        .setConnectionFactory(socket -> {
                            opened.incrementAndGet();
                            return CONNECTIONS.createConnection(socket);
                        })
                        .setDnsResolver(new FirstAddress())
                        .setTlsSocketStrategy((socket, host, port, attachment, context) -> {
                            throw new IOException("the witness speaks http only");
                        })
                        .build())
                .setDefaultRequestConfig(RequestConfig.custom()
                        .setResponseTimeout(Timeout.of(settings.responseTimeout()))
                        .setConnectionRequestTimeout(Timeout.of(settings.connectTimeout()))
                        .setProtocolUpgradeEnabled(false)
                        .build())
                .disableAutomaticRetries()
                .disableRedirectHandling()
                .disableAuthCaching()
                .disableCookieManagement()
                .disableContentCompression()
                .setUserAgent("segue-witness/" + kind.name().toLowerCase(Locale.ROOT))
                .build();
    }

    Kind kind() {
        return kind;
    }

    /** One attempt, to its end; blocks the calling thread. */
    Outcome send() {
        HttpClientContext context = HttpClientContext.create();
        HttpGet request = new HttpGet(uri);
        if (kind != Kind.KEEPALIVE) {
            request.setHeader(HttpHeaders.CONNECTION, "close");
        }
        Answer answer = null;
        String error = null;
        String detail = null;
        try {
            answer = http.execute(request, context, Client::read);
        } catch (IOException | RuntimeException failed) {
            // Whatever it is, the request has an outcome: one that vanished would be a failure nobody counts.
            error = classify(failed);
            detail = failed.toString();
        }
        // Set once the request was about to be written; it counts this request, too.
        EndpointDetails endpoint = context.getEndpointDetails();
        boolean reused = endpoint != null && endpoint.getRequestCount() > 1;
        String connection = endpoint == null || endpoint.getLocalAddress() == null
                ? null
                : endpoint.getLocalAddress().toString().replaceFirst("^.*/", "");
        return new Outcome(answer, error, detail, connection, reused);
    }

    /** Connections opened so far, or tried to. */
    long opened() {
        return opened.get();
    }

    private static Answer read(ClassicHttpResponse response) throws IOException {
        HttpEntity entity = response.getEntity();
        byte[] body = entity == null ? new byte[0] : EntityUtils.toByteArray(entity, MAX_BODY_BYTES);
        JsonNode json = null;
        try {
            json = body == null ? null : Json.MAPPER.readTree(body);
        } catch (IOException notJson) {
            // Some proxy's words: an answer all the same, of no version.
        }
        return new Answer(response.getCode(), text(json, "version"), text(json, "pod"));
    }

    private static @Nullable String text(@Nullable JsonNode json, String field) {
        JsonNode value = json == null ? null : json.get(field);
        return value == null || value.isNull() ? null : value.asText();
    }

    private static String classify(Exception failed) {
        return switch (failed) {
            case UnknownHostException _ -> "dns";
            case ConnectTimeoutException _ -> "connect-timeout";
            case SocketTimeoutException _ -> "response-timeout";
            case NoRouteToHostException _ -> "no-route";
            case ConnectException refused when messages(refused).contains("No route to host") -> "no-route";
            case ConnectException refused when messages(refused).contains("refused") -> "connect-refused";
            case NoHttpResponseException _ -> "no-response";
            case ConnectionClosedException _ -> "truncated";
            case MalformedChunkCodingException _ -> "truncated";
            case SocketException broken
            when messages(broken).contains("reset") || messages(broken).contains("Broken pipe") -> "reset";
            default -> failed.getClass().getSimpleName();
        };
    }

    private static String messages(Throwable failed) {
        StringBuilder all = new StringBuilder();
        for (Throwable one = failed; one != null; one = one.getCause()) {
            all.append(one.getMessage()).append('\n');
        }
        return all.toString();
    }

    /** Cuts what is in flight. */
    @Override
    public void close() {
        http.close(CloseMode.IMMEDIATE);
    }

    /** HttpClient tries one address after the other and would hide the failure of all but the last. */
    private static final class FirstAddress extends SystemDefaultDnsResolver {
        @Override
        public InetAddress[] resolve(@Nullable String host) throws UnknownHostException {
            return new InetAddress[] {super.resolve(host)[0]};
        }
    }
}
