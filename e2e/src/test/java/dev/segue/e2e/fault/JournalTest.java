package dev.segue.e2e.fault;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class JournalTest {
    private static final String PATH = "/apis/segue.dev/v1alpha1/namespaces/n/migrations/app-2";

    private static final String MOVES = "/apis/segue.dev/v1alpha1/namespaces/copy/migrations";

    private final Journal journal = new Journal("Preparing/AwaitTarget", "copy");

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
        assertThat(journal.writes().get(1).kind()).isEqualTo("app-2: Unpin PATCH services/app");
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

    /** Chance orders them among each other. */
    @Test
    void theMovesInTheCopyHaveRowsOfTheirOwn() {
        journal.accepted(request("POST", "/api/v1/namespaces/copy/services", "{}"));
        journal.accepted(status("Staging", "RehearseMoves"));
        journal.accepted(request("POST", MOVES, "{}"));
        journal.accepted(moves("Shifting/Unpin"));
        journal.accepted(status("Staging", "RehearseMoves"));
        journal.accepted(request("PATCH", "/api/v1/namespaces/copy/services/app", "[]"));
        journal.accepted(status("Staging", "RehearseMoves"));
        journal.accepted(moves("Shifting/Unpin"));
        journal.accepted(request("PATCH", MOVES + "/rehearsal", "[]"));
        journal.accepted(request(
                "PATCH", MOVES + "/rehearsal", "{\"metadata\":{\"annotations\":{\"segue.dev/command\":\"abort\"}}}"));
        journal.accepted(request("DELETE", "/apis/batch/v1/namespaces/copy/jobs/load", ""));
        journal.accepted(request("DELETE", "/api/v1/namespaces/copy", ""));

        assertThat(journal.writes())
                .extracting(Write::toString)
                .containsExactly(
                        "POST services",
                        "PUT migrations/app-2/status Staging/RehearseMoves",
                        "POST migrations",
                        "rehearsal: PUT migrations/rehearsal/status Shifting/Unpin",
                        "PUT migrations/app-2/status Staging/RehearseMoves (2)",
                        "rehearsal: PATCH services/app",
                        "rehearsal: PUT migrations/rehearsal/status Shifting/Unpin (2)",
                        "rehearsal: PATCH migrations/rehearsal",
                        "PATCH migrations/rehearsal",
                        "DELETE jobs/load",
                        "DELETE namespaces/copy");
        assertThat(journal.lives("app-2"))
                .containsExactly(
                        "app-2: DELETE jobs/load",
                        "app-2: DELETE namespaces/copy",
                        "app-2: POST migrations",
                        "app-2: POST services");
        assertThat(journal.lives("rehearsal")).isEmpty();
        assertThat(journal.writes().get(5).task()).isEqualTo("Shifting/Unpin");
        assertThat(journal.writes().getLast().task()).isEqualTo("Staging/RehearseMoves");
    }

    /** A write that is refused, or cut, is still to come. */
    @Test
    void onlyWhatIsAcceptedCounts() {
        assertThat(journal.next(status("Unpin")))
                .isEqualTo(journal.next(status("Unpin")))
                .isNotNull();
    }

    private static ApiRequest moves(String task) {
        return status(MOVES + "/rehearsal", task.split("/")[0], task.split("/")[1]);
    }

    private static ApiRequest status(String task) {
        return status("Finishing", task);
    }

    private static ApiRequest status(String phase, String task) {
        return status(PATH, phase, task);
    }

    private static ApiRequest status(String path, String phase, String task) {
        return request(
                "PUT", path + "/status", "{\"status\":{\"phase\":\"%s\",\"task\":\"%s\"}}".formatted(phase, task));
    }

    private static ApiRequest request(String method, String path, String body) {
        return new ApiRequest(Instant.EPOCH, 1, method, path, "", body.getBytes(StandardCharsets.UTF_8));
    }
}
