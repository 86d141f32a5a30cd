package dev.segue.shell;

import static org.assertj.core.api.Assertions.assertThat;

import dev.segue.api.PrometheusSource;
import dev.segue.api.PrometheusSource.Auth;
import dev.segue.api.PrometheusSource.Basic;
import dev.segue.api.PrometheusSource.Bearer;
import dev.segue.shell.PrometheusResult.ConfigError;
import dev.segue.shell.PrometheusResult.Data;
import dev.segue.shell.PrometheusResult.ProviderError;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CredentialsTest {
    private static final String TOKEN = "t0p-secret.token_42";
    private static final Auth BEARER = new Auth(new Bearer("login", null), null);

    private Instant now = Instant.EPOCH;
    private final Map<String, Secret> secrets = new HashMap<>();
    private @Nullable KubernetesClientException failure;
    private final Credentials credentials = new Credentials(
            (namespace, name) -> {
                if (failure != null) {
                    throw failure;
                }
                return secrets.get(namespace + "/" + name);
            },
            () -> now);

    private void secret(String label, Map<String, String> data) {
        Map<String, String> base64 = new HashMap<>();
        data.forEach((k, v) -> base64.put(k, Base64.getEncoder().encodeToString(v.getBytes(StandardCharsets.UTF_8))));
        secrets.put(
                "shop/login",
                new SecretBuilder()
                        .withNewMetadata()
                        .addToLabels(PrometheusSource.SECRET_LABEL, label)
                        .endMetadata()
                        .withData(base64)
                        .build());
    }

    private PrometheusResult<PrometheusAccess> access(String namespace, @Nullable Auth auth) {
        return credentials.access(new PrometheusSource("http://p:9090/", null, null, auth, null), namespace);
    }

    private String authorization(Auth auth) {
        assertThat(access("shop", auth)).isInstanceOf(Data.class);
        return access("shop", auth) instanceof Data<PrometheusAccess> data
                ? String.valueOf(data.value().headers().get("Authorization"))
                : "";
    }

    private void refused(PrometheusResult<PrometheusAccess> result, String... why) {
        assertThat(result)
                .isInstanceOfSatisfying(
                        ConfigError.class, e -> assertThat(e.why()).contains(why));
    }

    @Test
    void logsInByToken() {
        secret("true", Map.of("token", TOKEN + "\n"));
        assertThat(authorization(BEARER)).isEqualTo("Bearer " + TOKEN);
    }

    @Test
    void logsInByPassword() {
        secret("true", Map.of("username", "me", "pass", "a:b c"));
        assertThat(authorization(new Auth(null, new Basic("login", null, "pass"))))
                .isEqualTo("Basic bWU6YTpiIGM=");
    }

    @ParameterizedTest
    @ValueSource(strings = {"false", "", "yes"})
    void aSecretWithoutTheLabelIsNotUsed(String label) {
        secret(label, Map.of("token", TOKEN));
        refused(access("shop", BEARER), "kubectl label secret -n shop login segue.dev/prometheus=true");
    }

    @Test
    void onlyTheMigrationsOwnNamespaceIsLookedAt() {
        secret("true", Map.of("token", TOKEN));
        refused(access("other", BEARER), "namespace other has no Secret login");
    }

    @Test
    void aMissingKeyIsNamed() {
        secret("true", Map.of("password", TOKEN));
        refused(access("shop", BEARER), "nothing under the key token");
    }

    @Test
    void aMissingRightNamesTheValueOfTheChart() {
        failure = new KubernetesClientException("no", 403, null);
        refused(access("shop", BEARER), "prometheus.credentials.enabled=true");
    }

    @Test
    void anApiServerInTroubleIsNoMistakeOfTheUser() {
        failure = new KubernetesClientException("no", 500, null);
        assertThat(access("shop", BEARER)).isInstanceOf(ProviderError.class);
    }

    /** Java's own complaint about a header cites its value. */
    @Test
    void aTokenThatIsNoHeaderIsNotTold() {
        secret("true", Map.of("token", TOKEN + "\nX-Evil: 1"));
        assertThat(access("shop", BEARER))
                .isInstanceOfSatisfying(
                        ConfigError.class,
                        e -> assertThat(e.why())
                                .contains("key token of Secret login")
                                .doesNotContain(TOKEN));
    }

    @Test
    void aRotatedSecretIsInUseAfterHalfAMinute() {
        secret("true", Map.of("token", "old"));
        assertThat(authorization(BEARER)).isEqualTo("Bearer old");
        secret("true", Map.of("token", "new"));
        now = now.plusSeconds(29);
        assertThat(authorization(BEARER)).isEqualTo("Bearer old");
        now = now.plusSeconds(1);
        assertThat(authorization(BEARER)).isEqualTo("Bearer new");
    }

    @ParameterizedTest
    @ValueSource(strings = {"http://me:pw@p:9090", "http://me:p w@p", "https://:pw@p/x"})
    void aPasswordInTheUrlIsNotTold(String url) {
        assertThat(credentials.access(new PrometheusSource(url, null, null, null, null), "shop"))
                .isInstanceOfSatisfying(
                        ConfigError.class,
                        e -> assertThat(e.why())
                                .contains("use analysis.prometheus.auth")
                                .doesNotContain("pw")
                                .doesNotContain("p w"));
    }

    @Test
    void nothingOfItIsPrinted() {
        secret("true", Map.of("token", TOKEN, "username", "alice", "password", "hunter2"));
        for (Auth auth : List.of(BEARER, new Auth(null, new Basic("login", null, null)))) {
            assertThat(access("shop", auth)).isInstanceOfSatisfying(Data.class, data -> {
                PrometheusAccess access = (PrometheusAccess) data.value();
                assertThat(access.toString()).isEqualTo("PrometheusAccess[http://p:9090]");
                assertThat(access.redact("alice hunter2 YWxpY2U6aHVudGVyMg== YWxpY2U6aHVudGVyMg%3D%3D " + TOKEN))
                        .doesNotContain(auth.bearer() == null ? "hunter2" : TOKEN)
                        .doesNotContain(auth.bearer() == null ? "YWxpY2U6aHVudGVyMg" : TOKEN);
            });
        }
        assertThat(new PrometheusAccess.Tls("ca", "crt", "key", null, true).toString())
                .isEqualTo("Tls[]");
    }
}
