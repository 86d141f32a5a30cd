package dev.segue.e2e.fault;

import com.sun.net.httpserver.Headers;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.internal.SSLUtils;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.security.GeneralSecurityException;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/** The real API server, spoken to by TLS with the rights of a kubeconfig. Thread-safe; many proxies share one. */
public final class ApiServer implements AutoCloseable {
    /** Of one connection each, or refused by the JDK's client. */
    private static final Set<String> NOT_FORWARDED =
            Set.of("connection", "content-length", "host", "upgrade", "http2-settings", "expect", "authorization");

    private final URI address;
    private final @Nullable String token;
    private final HttpClient client;

    public ApiServer(Config config) {
        address = URI.create(config.getMasterUrl());
        token = Optional.ofNullable(config.getOauthToken()).orElse(config.getAutoOAuthToken());
        client = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1) // one connection for each watch: none shares another's fate
                .sslContext(tls(config))
                .build();
    }

    private static SSLContext tls(Config config) {
        try {
            return SSLUtils.sslContext(config);
        } catch (GeneralSecurityException | IOException e) {
            throw new IllegalStateException("the kubeconfig's certificates cannot be used", e);
        }
    }

    /** Answers when the headers of the reply are there. */
    HttpResponse<InputStream> send(String method, String path, String query, Headers headers, byte[] body)
            throws IOException, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(
                        address.resolve(query.isEmpty() ? path : path + "?" + query))
                .method(method, body.length == 0 ? BodyPublishers.noBody() : BodyPublishers.ofByteArray(body));
        headers.forEach((name, values) -> {
            if (!NOT_FORWARDED.contains(name.toLowerCase(Locale.ROOT))) {
                values.forEach(value -> request.header(name, value));
            }
        });
        if (token != null) {
            request.setHeader("Authorization", "Bearer " + token);
        }
        return client.send(request.build(), BodyHandlers.ofInputStream());
    }

    @Override
    public void close() {
        client.shutdownNow();
    }
}
