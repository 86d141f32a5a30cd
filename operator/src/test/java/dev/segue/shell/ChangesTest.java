package dev.segue.shell;

import static org.assertj.core.api.Assertions.assertThat;

import dev.segue.api.Component;
import dev.segue.engine.Observed.DeploymentFacts;
import io.fabric8.kubernetes.api.model.StatusBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ChangesTest {
    private static final Component COMPONENT = new Component("shop", null, null, Map.of("shop", "shop:2"), null);
    private static final DeploymentFacts SEEN = new DeploymentFacts(
            "uid-d",
            "4711",
            true,
            4,
            4,
            4,
            4,
            false,
            false,
            List.of("shop"),
            true,
            false,
            null,
            false,
            null,
            false,
            null);

    /** Whatever changed the Deployment since it was seen is not merged with ours; a user's pause is the user's. */
    @Test
    void isForTheVersionThatWasSeen() {
        assertThat(Changes.change(COMPONENT, SEEN, false))
                .hasToString(
                        "{\"spec\":{\"template\":{\"spec\":{\"containers\":[{\"name\":\"shop\",\"image\":\"shop:2\"}]}}},"
                                + "\"metadata\":{\"uid\":\"uid-d\",\"resourceVersion\":\"4711\"}}");
    }

    @Test
    void pausesInTheSameWrite() {
        assertThat(Changes.change(COMPONENT, SEEN, true).at("/spec/paused").isBoolean())
                .isTrue();
        assertThat(Changes.change(COMPONENT, SEEN, true).at("/spec/paused").asBoolean())
                .isTrue();
    }

    private static String reason(String said) {
        return Changes.reason(new KubernetesClientException(
                new StatusBuilder().withCode(422).withMessage(said).build()));
    }

    /** In the words of Kubernetes 1.36. The message goes to the status, an event and the log; the patch may hold a password. */
    @Test
    void theApiServersReasonIsToldWithoutThePatchThatItQuotes() {
        assertThat(
                        reason(
                                " \"\" is invalid: patch: Invalid value: \"map[spec:map[template:map[spec:map[containers:[map[env:[map[name:A value:say \\\"hi\\\" to s3cr3t] map[name:B value:8080]] name:x]]]]]]\": cannot convert int64 to string"))
                .isEqualTo(" \"\" is invalid: patch: Invalid value: \"…\": cannot convert int64 to string");
        assertThat(reason("patch: Invalid value: \"map[a:\\n" + "\\\"x".repeat(100_000) + "\": cannot"))
                .isEqualTo("patch: Invalid value: \"…\": cannot");
        assertThat(reason("patch: Invalid value: \"map[cut:s3cr3t")).isEqualTo("patch: Invalid value: \"…");
    }

    @Test
    void oneValueThatItFindsWrongIsTold() {
        String said =
                "Deployment.apps \"web\" is invalid: spec.template.spec.containers[0].env[0].name: Invalid value: \"A B=\": a valid environment variable name must consist only of printable ASCII characters other than '='";
        assertThat(reason(said)).isEqualTo(said);
    }
}
