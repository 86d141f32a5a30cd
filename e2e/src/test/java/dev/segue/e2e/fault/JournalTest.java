package dev.segue.e2e.fault;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class JournalTest {
    private static final String PATH = "/apis/segue.dev/v1alpha1/namespaces/n/migrations/app-2";

    private final Journal journal = new Journal("Preparing/AwaitTarget");

    @Test
    void statusWritesInARowThatNameTheSameTaskAreOne() {
        journal.accepted(status("Unpin"));
        journal.accepted(status("Unpin"));
        journal.accepted(request("PATCH", "/api/v1/namespaces/n/services/app", "[]"));
        journal.accepted(status("Unpin"));

        assertThat(journal.writes())
                .extracting(Write::toString)
                .containsExactly(
                        "PUT migrations/app-2/status Finishing/Unpin",
                        "PATCH services/app",
                        "PUT migrations/app-2/status Finishing/Unpin (2)");
        assertThat(journal.writes().get(1).kind()).isEqualTo("Unpin PATCH services/app");
    }

    @Test
    void readsAndEventsAreNoWrites() {
        assertThat(journal.next(request("GET", PATH, ""))).isNull();
        assertThat(journal.next(request("POST", "/apis/events.k8s.io/v1/namespaces/n/events", "{}")))
                .isNull();
    }

    /** What follows is the same write whether the fleeting task was told or not. */
    @Test
    void aFleetingTaskIsNotCounted() {
        journal.accepted(status("Preparing", "SizeTarget"));
        Write without = journal.next(status("Reverting", "Unpin"));
        assertThat(journal.next(status("Preparing", "AwaitTarget"))).isNull();
        journal.accepted(status("Preparing", "AwaitTarget"));
        assertThat(journal.next(status("Reverting", "Unpin"))).isNotNull().isEqualTo(without);
    }

    /** A write that is refused, or cut, is still to come. */
    @Test
    void onlyWhatIsAcceptedCounts() {
        assertThat(journal.next(status("Unpin")))
                .isEqualTo(journal.next(status("Unpin")))
                .isNotNull();
    }

    private static ApiRequest status(String task) {
        return status("Finishing", task);
    }

    private static ApiRequest status(String phase, String task) {
        return request(
                "PUT", PATH + "/status", "{\"status\":{\"phase\":\"%s\",\"task\":\"%s\"}}".formatted(phase, task));
    }

    private static ApiRequest request(String method, String path, String body) {
        return new ApiRequest(Instant.EPOCH, 1, method, path, "", body.getBytes(StandardCharsets.UTF_8));
    }
}
