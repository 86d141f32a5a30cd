package dev.segue.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Where Prometheus answers, or what speaks its HTTP API, and how to get in. Secrets are those of the Migration's own
 * namespace, and only such as carry {@link #SECRET_LABEL}: who may write a Migration need not be allowed to read Secrets,
 * and could have any of them sent to a server of their own.
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
@ValidationRule(
        value = "!self.url.matches('[?#]') && !self.url.matches('^[a-z]+://[^/]*@')",
        message = "prometheus.url must hold no user, password, ? or #: for credentials use prometheus.auth")
@ValidationRule(
        value = "!has(self.tls) || self.url.startsWith('https://')",
        message = "prometheus.tls needs a prometheus.url that begins with https://")
@ValidationRule(
        value = "!has(self.timeout) || (duration(self.timeout) >= duration('1s')"
                + " && duration(self.timeout) <= duration('60s'))",
        message = "prometheus.timeout must be 1s to 60s")
public record PrometheusSource(
        @JsonPropertyDescription("Base URL of Prometheus' HTTP API, without /api/v1, for example"
                + " http://prometheus.monitoring:9090.")
        @Required
        @Pattern("^https?://[^\\s]+$")
        @Size(max = 2048)
        String url,

        @JsonPropertyDescription("How long Prometheus may take for one query, 1s to 60s.")
        @Default("10s")
        @Pattern(Durations.PATTERN)
        @Size(max = 20)
        @Nullable
        String timeout,

        @JsonPropertyDescription("Sent with every query, for example X-Scope-OrgID, the tenant of Mimir. Not for"
                + " secrets: use auth.")
        @Size(max = 10)
        @Nullable
        List<Header> headers,

        @JsonPropertyDescription("How Segue proves who it is. The chart's value prometheus.credentials.enabled lets it"
                + " read Secrets.")
        @Nullable
        Auth auth,

        @JsonPropertyDescription("How the server proves who it is, and a client certificate.") @Nullable
        Tls tls) {

    /** What a Secret has to be labelled with so that it is read; the value is {@code "true"}. */
    public static final String SECRET_LABEL = "segue.dev/prometheus";

    public Duration timeoutOrDefault() {
        return Durations.parse(timeout == null ? "10s" : timeout);
    }

    public List<Header> headersOrEmpty() {
        return headers == null ? List.of() : headers;
    }

    /** A header of the request. */
    @ValidationRule(
            value =
                    "!(self.name.lowerAscii() in ['authorization', 'connection', 'content-length', 'content-type', 'expect',"
                            + " 'host', 'upgrade'])",
            message =
                    "prometheus.headers must not set authorization (use prometheus.auth) nor connection, content-length,"
                            + " content-type, expect, host or upgrade, which follow from the request")
    public record Header(
            @JsonPropertyDescription("Name of the header.")
            @Required
            @Size(min = 1, max = 128)
            @Pattern("^[-A-Za-z0-9_]+$")
            String name,

            @JsonPropertyDescription("Its value.") @Required @Size(max = 1024) @Pattern("^[ -~]*$")
            String value) {}

    /** Exactly one way to log in. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    @ValidationRule(
            value = "has(self.bearer) != has(self.basic)",
            message = "prometheus.auth takes exactly one of bearer and basic")
    public record Auth(
            @JsonPropertyDescription("A bearer token.") @Nullable
            Bearer bearer,

            @JsonPropertyDescription("A user with a password.") @Nullable
            Basic basic) {}

    /** A token. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Bearer(
            @JsonPropertyDescription("Name of the Secret. It needs the label segue.dev/prometheus: \"true\".")
            @Required
            @Size(min = 1, max = 253)
            @Pattern("^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$")
            String secret,

            @JsonPropertyDescription("Key of the token.")
            @Default("token")
            @Size(min = 1, max = 253)
            @Pattern("^[-._a-zA-Z0-9]+$")
            @Nullable
            String key) {

        public String keyOrDefault() {
            return Objects.requireNonNullElse(key, "token");
        }
    }

    /** A user; the defaults are the keys of a Secret of type kubernetes.io/basic-auth. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Basic(
            @JsonPropertyDescription("Name of the Secret. It needs the label segue.dev/prometheus: \"true\".")
            @Required
            @Size(min = 1, max = 253)
            @Pattern("^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$")
            String secret,

            @JsonPropertyDescription("Key of the user's name.")
            @Default("username")
            @Size(min = 1, max = 253)
            @Pattern("^[-._a-zA-Z0-9]+$")
            @Nullable
            String usernameKey,

            @JsonPropertyDescription("Key of the password.")
            @Default("password")
            @Size(min = 1, max = 253)
            @Pattern("^[-._a-zA-Z0-9]+$")
            @Nullable
            String passwordKey) {

        public String usernameKeyOrDefault() {
            return Objects.requireNonNullElse(usernameKey, "username");
        }

        public String passwordKeyOrDefault() {
            return Objects.requireNonNullElse(passwordKey, "password");
        }
    }

    /** How a connection is made safe. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    @ValidationRule(
            value =
                    "!has(self.insecureSkipVerify) || !self.insecureSkipVerify || (!has(self.ca) && !has(self.serverName))",
            message =
                    "prometheus.tls.insecureSkipVerify checks no certificate: leave out ca and serverName, or leave it out")
    public record Tls(
            @JsonPropertyDescription(
                    "The authority that the server's certificate must come from. Default: those that" + " Java trusts.")
            @Nullable
            Authority ca,

            @JsonPropertyDescription("Name of a Secret with a client certificate: tls.crt and tls.key, as in the type"
                    + " kubernetes.io/tls. It needs the label segue.dev/prometheus: \"true\".")
            @Size(min = 1, max = 253)
            @Pattern("^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$")
            @Nullable
            String clientCertificate,

            @JsonPropertyDescription("The name that the server's certificate must be for. Default: the host of url.")
            @Size(min = 1, max = 253)
            @Pattern("^[a-zA-Z0-9]([-a-zA-Z0-9.]*[a-zA-Z0-9])?$")
            @Nullable
            String serverName,

            @JsonPropertyDescription("Take any certificate. Whoever sits in between can then read the credentials and"
                    + " make up the answers.")
            @Default("false")
            @Nullable
            Boolean insecureSkipVerify) {

        public boolean verifies() {
            return !Boolean.TRUE.equals(insecureSkipVerify);
        }
    }

    /** Certificates of authorities. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Authority(
            @JsonPropertyDescription("Name of the Secret. It needs the label segue.dev/prometheus: \"true\".")
            @Required
            @Size(min = 1, max = 253)
            @Pattern("^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$")
            String secret,

            @JsonPropertyDescription("Key of the certificates, in PEM.")
            @Default("ca.crt")
            @Size(min = 1, max = 253)
            @Pattern("^[-._a-zA-Z0-9]+$")
            @Nullable
            String key) {

        public String keyOrDefault() {
            return Objects.requireNonNullElse(key, "ca.crt");
        }
    }
}
