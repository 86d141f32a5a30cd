package dev.segue.shell;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.StatusBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RejectionTest {
    @ParameterizedTest
    @CsvSource({
        "400, REFUSED",
        "403, REFUSED",
        "404, MOVED_ON",
        "409, MOVED_ON",
        "422, MOVED_ON",
        "401, FAILED",
        "429, FAILED",
        "500, FAILED",
        "503, FAILED",
        "0,   FAILED",
    })
    void byItsCode(int code, Rejection expected) {
        assertThat(Rejection.of(rejection(new StatusBuilder().withCode(code)))).isEqualTo(expected);
    }

    /** A failed test of a JSON patch and a field with a bad value have the same code. */
    @Test
    void aNamedFieldIsRefused() {
        assertThat(Rejection.of(rejection(new StatusBuilder()
                        .withCode(422)
                        .withNewDetails()
                        .addNewCause("spec.replicas", "must not be negative", "FieldValueInvalid")
                        .endDetails())))
                .isEqualTo(Rejection.REFUSED);
    }

    @Test
    void isToldInTheWordsOfTheApiServer() {
        assertThat(inWords(rejection(new StatusBuilder().withCode(500).withMessage("etcd is full"))))
                .isEqualTo("etcd is full (500)");
    }

    /** A person on call has no use for the names of classes. */
    @Test
    void withoutAnAnswerItIsToldWhatKeptItFromComing() {
        assertThat(inWords(new TimeoutException())).isEqualTo("the API server did not answer in time");
        assertThat(inWords(new ClosedChannelException())).isEqualTo("the connection to the API server was lost");
        assertThat(inWords(new IOException("header parser received no bytes")))
                .isEqualTo("no connection to the API server: header parser received no bytes");
    }

    /** As the client and the framework wrap it. */
    private static String inWords(Exception failure) {
        return Rejection.inWords(new IllegalStateException("wrapped", new RuntimeException(failure)));
    }

    private static KubernetesClientException rejection(StatusBuilder status) {
        return new KubernetesClientException(status.build());
    }
}
