package dev.segue.shell;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

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

    private static String redacted(String text, String... secrets) {
        return Redaction.of(
                text,
                Stream.of(secrets)
                        .map(plain -> Base64.getEncoder().encodeToString(plain.getBytes(StandardCharsets.UTF_8)))
                        .toList());
    }

    /** A test logs one line of it, or what stands in one, never the file. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "spring.datasource.username=shop\nspring.datasource.password=s3cr3t-of-prod\nserver.port=8080\n",
                "PORT=8080\nexport TOKEN=\"s3cr3t-of-prod\"\n",
                "db:\n  user: shop\n  password: 's3cr3t-of-prod'\n",
                "{\"auths\": {\"registry\": {\"username\": \"u\", \"password\": \"s3cr3t-of-prod\"}}}",
                "{\"keys\": [\"-----BEGIN KEY-----\\ns3cr3t-of-prod\\n-----END KEY-----\"]}",
                "-----BEGIN KEY-----\ns3cr3t-of-prod\n-----END KEY-----\n",
                "postgres://shop:s3cr3t-of-prod@db:5432/shop",
                "spring.datasource.url=jdbc:mysql://shop:s3cr3t-of-prod@db/shop\n",
            })
    void takesOutThePartsOfAFile(String file) {
        assertThat(redacted("shop on port 8080 signs in with s3cr3t-of-prod", file))
                .isEqualTo("shop on port 8080 signs in with [redacted]");
    }

    @Test
    void takesOutTheFormInWhichAUrlHasIt() {
        assertThat(redacted("GET /?key=p%40ss+word%2F1&old=p%40ss%20word%2F1 of p@ss word/1", "key=p@ss word/1\n"))
                .isEqualTo("GET /?key=[redacted]&old=[redacted] of [redacted]");
    }

    /** As the kubelet keeps the end of a log and of a message. */
    @Test
    void takesOutTheRestOfAValueThatWasCutAtTheBeginning() {
        String log = "of-prod is wrong" + " and so on".repeat(300);
        assertThat(redacted(log, "password=s3cr3t-of-prod")).startsWith("[redacted] is wrong");
        assertThat(redacted("twice".repeat(500), "twicetwice")).as("whole ones").doesNotContain("twice");
    }

    /** In what was not cut a word that ends a secret is a word. */
    @Test
    void leavesTheFirstWordOfAShortText() {
        assertThat(redacted("production blocked, staging reached", "key-of-production"))
                .isEqualTo("production blocked, staging reached");
    }

    /** As a status of ours in the copy ends, which knows nothing of Secrets. */
    @Test
    void takesOutTheHalfAtTheEndOfAMessageOfOurs() {
        assertThat(redacted("it said: s3cr3t-…", "password=s3cr3t-of-prod")).isEqualTo("it said: [redacted]…");
        assertThat(redacted("it said: s3cr3t-", "password=s3cr3t-of-prod")).isEqualTo("it said: s3cr3t-");
    }
}
