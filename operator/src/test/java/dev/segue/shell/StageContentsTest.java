package dev.segue.shell;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class StageContentsTest {
    private Stored stored;

    @BeforeEach
    void open() throws IOException {
        stored = new Stored();
    }

    @AfterEach
    void close() {
        stored.close();
    }

    /** A test may use a Secret that an administrator has put into the namespace. */
    @Test
    void knowTheSecretsThatAreNotOursToo() {
        String theirs = "{\"kind\":\"Secret\",\"metadata\":{\"name\":\"theirs\"},\"data\":{\"a\":\"dGhlaXJz\"}}";
        String ours = "{\"kind\":\"Secret\",\"metadata\":{\"name\":\"ours\"},\"data\":{\"a\":\"b3Vycw==\"}}";
        stored.has("/api/v1/namespaces/stage/secrets", theirs, ours);
        stored.has("/api/v1/namespaces/stage/secrets?labelSelector=segue.dev/migration-uid", ours);

        assertThat(new StageContents(stored.client).secrets("stage")).containsExactlyInAnyOrder("dGhlaXJz", "b3Vycw==");
    }

    /** Else the pods of an earlier rehearsal would be counted for the next one, when nothing that they belong to is left. */
    @Test
    void areThereUntilTheirPodsHaveEnded() {
        stored.has(
                "/apis/apps/v1/namespaces/stage/deployments?labelSelector=segue.dev/migration-uid",
                deployment("mine", "u"),
                deployment("other", "another"));

        new StageContents(stored.client).remove("stage", "u"::equals);

        assertThat(stored.deletions())
                .singleElement()
                .asString()
                .contains("/apis/apps/v1/namespaces/stage/deployments/mine", "\"propagationPolicy\":\"Foreground\"");
    }

    static String deployment(String name, String uid) {
        return "{\"apiVersion\":\"apps/v1\",\"kind\":\"Deployment\",\"metadata\":{\"namespace\":\"stage\",\"name\":\"%s\",\"labels\":{\"segue.dev/migration-uid\":\"%s\"}}}"
                .formatted(name, uid);
    }
}
