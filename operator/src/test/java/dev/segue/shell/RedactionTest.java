package dev.segue.shell;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class RedactionTest {
    /** hunter2 and its line end, "no". */
    private static final List<String> SECRETS = List.of("aHVudGVyMgo=", "bm8=");

    @Test
    void takesOutWhatIsInASecretAsItIsAndInBase64() {
        assertThat(Redaction.of("login hunter2 failed: aHVudGVyMgo= is wrong", SECRETS))
                .isEqualTo("login [redacted] failed: [redacted] is wrong");
    }

    /** "shop" and "shop-8271". */
    @Test
    void takesOutTheLongestFirst() {
        assertThat(Redaction.of("login shop-8271", List.of("c2hvcA==", "c2hvcC04Mjcx")))
                .isEqualTo("login [redacted]");
    }

    @Test
    void leavesTooShortValues() {
        assertThat(Redaction.of("there is no such thing", SECRETS)).isEqualTo("there is no such thing");
    }
}
