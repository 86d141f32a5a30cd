package dev.segue.shell;

import dev.segue.api.PrometheusSource;
import dev.segue.shell.PrometheusResult.ConfigError;
import dev.segue.shell.PrometheusResult.Data;
import dev.segue.shell.PrometheusResult.ProviderError;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiFunction;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Reads the Secrets that a source of metrics refers to. Only labelled ones: see {@link PrometheusSource#SECRET_LABEL}.
 * Thread-safe.
 */
public final class Credentials {
    /** How long a read may be used again; a rotated Secret is in use after that. */
    public static final Duration REREAD = Duration.ofSeconds(30);

    private static final Pattern PRINTABLE = Pattern.compile("[!-~]+");
    private static final Pattern USER_IN_URL = Pattern.compile("^[A-Za-z]+://[^/]*@.*");

    private final BiFunction<String, String, @Nullable Secret> read;
    private final InstantSource clock;
    private final Map<Name, Read> reads = new ConcurrentHashMap<>();

    private record Name(String namespace, String name) {}

    /** @param problem why there is no content */
    private record Read(
            Map<String, String> base64, @Nullable Unusable problem, Instant at) {}

    /** Never with a value of a Secret in its message. */
    private static final class Unusable extends Exception {
        private static final long serialVersionUID = 1;
        private final boolean passing;

        /** @param passing whether it may pass by itself */
        Unusable(boolean passing, String message) {
            super(message, null, false, false);
            this.passing = passing;
        }
    }

    Credentials(KubernetesClient client, InstantSource clock) {
        this(
                (namespace, name) ->
                        client.secrets().inNamespace(namespace).withName(name).get(),
                clock);
    }

    /** @param read gives a Secret by namespace and name, null when there is none */
    public Credentials(BiFunction<String, String, @Nullable Secret> read, InstantSource clock) {
        this.read = read;
        this.clock = clock;
    }

    /** How to get at this source, for a Migration of the namespace. Asks the API server when a read is too old. */
    PrometheusResult<PrometheusAccess> access(PrometheusSource source, String namespace) {
        try {
            Set<String> secrets = new HashSet<>();
            Map<String, String> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
            source.headersOrEmpty().forEach(h -> headers.put(h.name(), h.value()));
            if (source.auth() != null) {
                headers.put("Authorization", authorization(source.auth(), namespace, secrets));
            }
            PrometheusSource.Tls tls = source.tls();
            return new Data<>(
                    new PrometheusAccess(
                            base(source.url()), headers, tls == null ? null : tls(tls, namespace), Set.copyOf(secrets)),
                    List.of());
        } catch (Unusable e) {
            String why = Objects.requireNonNull(e.getMessage());
            return e.passing ? new ProviderError<>(why) : new ConfigError<>(why);
        }
    }

    private static URI base(String url) throws Unusable {
        if (USER_IN_URL.matcher(url).matches()) {
            throw new Unusable(
                    false, "analysis.prometheus.url holds a user or a password: use analysis.prometheus.auth");
        }
        try {
            URI base = URI.create(url.replaceAll("/+$", ""));
            if (base.getHost() == null) {
                throw new IllegalArgumentException("it names no host");
            }
            return base;
        } catch (IllegalArgumentException e) {
            throw new Unusable(false, "analysis.prometheus.url is no usable URL: " + e.getMessage());
        }
    }

    private String authorization(PrometheusSource.Auth auth, String namespace, Set<String> secrets) throws Unusable {
        if (auth.bearer() != null) {
            String token = value(
                            namespace, auth.bearer().secret(), auth.bearer().keyOrDefault())
                    .strip();
            if (!PRINTABLE.matcher(token).matches()) { // Java would tell the value in its complaint
                throw new Unusable(
                        false,
                        "key %s of Secret %s holds what no HTTP header may hold, a line break for example"
                                .formatted(
                                        auth.bearer().keyOrDefault(),
                                        auth.bearer().secret()));
            }
            hide(token, secrets);
            return "Bearer " + token;
        }
        PrometheusSource.Basic basic = auth.basic();
        if (basic == null) {
            throw new Unusable(false, "analysis.prometheus.auth names no way to log in: set bearer or basic");
        }
        String user =
                value(namespace, basic.secret(), basic.usernameKeyOrDefault()).strip();
        String password =
                value(namespace, basic.secret(), basic.passwordKeyOrDefault()).replaceAll("\\R$", "");
        String both = Base64.getEncoder().encodeToString((user + ":" + password).getBytes(StandardCharsets.UTF_8));
        hide(user, secrets);
        hide(password, secrets);
        hide(both, secrets);
        return "Basic " + both;
    }

    private static void hide(String value, Set<String> secrets) {
        if (value.isBlank()) {
            return; // to take it out of a text would tear the text apart
        }
        secrets.add(value);
        secrets.add(URLEncoder.encode(value, StandardCharsets.UTF_8));
    }

    private PrometheusAccess.Tls tls(PrometheusSource.Tls tls, String namespace) throws Unusable {
        String client = tls.clientCertificate();
        return new PrometheusAccess.Tls(
                tls.ca() == null
                        ? null
                        : value(namespace, tls.ca().secret(), tls.ca().keyOrDefault()),
                client == null ? null : value(namespace, client, "tls.crt"),
                client == null ? null : value(namespace, client, "tls.key"),
                tls.serverName(),
                tls.verifies());
    }

    private String value(String namespace, String secret, String key) throws Unusable {
        Read latest = reads.get(new Name(namespace, secret));
        if (latest == null || !clock.instant().isBefore(latest.at().plus(REREAD))) {
            Instant now = clock.instant();
            reads.values().removeIf(r -> !now.isBefore(r.at().plus(REREAD))); // those of Migrations that are over
            latest = read(namespace, secret, now);
            reads.put(new Name(namespace, secret), latest);
        }
        if (latest.problem() != null) {
            throw latest.problem();
        }
        String base64 = latest.base64().get(key);
        if (base64 == null || base64.isBlank()) {
            throw new Unusable(
                    false, "Secret %s in namespace %s has nothing under the key %s".formatted(secret, namespace, key));
        }
        return new String(Base64.getDecoder().decode(base64), StandardCharsets.UTF_8);
    }

    private Read read(String namespace, String name, Instant now) {
        try {
            Secret secret = read.apply(namespace, name);
            if (secret == null) {
                return problem(false, "namespace %s has no Secret %s".formatted(namespace, name), now);
            }
            if (!"true".equals(Facts.labels(secret).get(PrometheusSource.SECRET_LABEL))) {
                return problem(
                        false,
                        ("Secret %2$s in namespace %1$s lacks the label that lets Segue send it to Prometheus:"
                                        + " kubectl label secret -n %1$s %2$s %3$s=true")
                                .formatted(namespace, name, PrometheusSource.SECRET_LABEL),
                        now);
            }
            return new Read(Objects.requireNonNullElse(secret.getData(), Map.of()), null, now);
        } catch (KubernetesClientException e) {
            return e.getCode() == HttpURLConnection.HTTP_FORBIDDEN
                    ? problem(
                            false,
                            ("Segue may not read Secret %s in namespace %s: install its chart with"
                                            + " prometheus.credentials.enabled=true")
                                    .formatted(name, namespace),
                            now)
                    : problem(
                            true,
                            "Secret %s in namespace %s could not be read: the API server answered %d"
                                    .formatted(name, namespace, e.getCode()),
                            now);
        }
    }

    private static Read problem(boolean passing, String message, Instant now) {
        return new Read(Map.of(), new Unusable(passing, message), now);
    }
}
