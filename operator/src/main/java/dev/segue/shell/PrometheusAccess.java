package dev.segue.shell;

import java.net.URI;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Where a Prometheus is and how to get in, with the values of Secrets as they are now. What equals shares a connection,
 * its answers and its back-off; a Secret that has changed makes another access.
 *
 * @param base without a slash at the end
 * @param headers to send with each request, credentials among them
 * @param tls null for Java's own authorities and no client certificate
 * @param secrets what must not be told, in each form that a server gets to see
 */
record PrometheusAccess(
        URI base, Map<String, String> headers, @Nullable Tls tls, Set<String> secrets) {
    /**
     * @param ca in PEM; null for Java's own authorities
     * @param certificate the client's, in PEM, with its key
     * @param serverName whom the server's certificate must name; null for the host of the URL
     * @param verified false to take any certificate
     */
    record Tls(
            @Nullable String ca,
            @Nullable String certificate,
            @Nullable String key,
            @Nullable String serverName,
            boolean verified) {
        @Override
        public String toString() {
            return "Tls[]";
        }
    }

    /** The text without values of Secrets: servers and proxies echo what they were sent. */
    String redact(String text) {
        String redacted = text;
        List<String> longestFirst = secrets.stream()
                .sorted(Comparator.comparingInt(String::length).reversed())
                .toList();
        for (String secret : longestFirst) {
            redacted = redacted.replace(secret, "(redacted)");
        }
        return redacted;
    }

    /** Name and value in turn, as {@link java.net.http.HttpRequest.Builder#headers} takes them. */
    String[] headerList() {
        return headers.entrySet().stream()
                .flatMap(h -> Stream.of(h.getKey(), h.getValue()))
                .toArray(String[]::new);
    }

    @Override
    public String toString() {
        return "PrometheusAccess[" + base + "]";
    }
}
