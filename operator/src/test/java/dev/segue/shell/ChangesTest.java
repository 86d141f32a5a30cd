package dev.segue.shell;

import static org.assertj.core.api.Assertions.assertThat;

import dev.segue.api.Component;
import dev.segue.engine.Observed.DeploymentFacts;
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
}
