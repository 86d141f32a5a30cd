package dev.segue.e2e.fault;

import com.fasterxml.jackson.databind.JsonNode;
import dev.segue.api.Migration;
import dev.segue.e2e.witness.Json;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One request of an operator to the API server.
 *
 * @param write its number among the operator's {@linkplain Kind#WRITE writes}, from 1; 0 for other requests
 * @param path as sent, without the query
 * @param query as sent, empty when there is none
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record ApiRequest(Instant at, int write, String method, String path, String query, byte[] body) {

    /** Told apart because only writes change what a migration is about. */
    public enum Kind {
        READ,
        WATCH,
        WRITE,
        /** A write that takes no effect. */
        DRY_RUN,
        /** A Kubernetes event. */
        EVENT,
        /** The leader's Lease. */
        LEASE
    }

    static Kind kind(String method, String path, String query) {
        if (method.equals("GET")) {
            return query.contains("watch=true") ? Kind.WATCH : Kind.READ;
        }
        if (query.contains("dryRun=All")) {
            return Kind.DRY_RUN;
        }
        return switch (resource(path)) {
            case "events" -> Kind.EVENT;
            case "leases" -> Kind.LEASE;
            case "selfsubjectrulesreviews", "selfsubjectaccessreviews" ->
                Kind.READ; // questions, of which nothing is kept
            default -> Kind.WRITE;
        };
    }

    public Kind kind() {
        return kind(method, path, query);
    }

    /** Plural of what it is about, for example {@code services}. */
    public String resource() {
        return resource(path);
    }

    /** Where it is about something, empty when that is in no namespace. */
    String namespace() {
        List<String> all = List.of(path.substring(1).split("/"));
        int at = all.indexOf("namespaces");
        return at > 0 && all.size() > at + 2 ? all.get(at + 1) : "";
    }

    /** Whether it gives a Migration a command, as a user does. */
    boolean commands() {
        return method.equals("PATCH")
                && resource().equals("migrations")
                && json().path("metadata").path("annotations").has(Migration.COMMAND_ANNOTATION);
    }

    private static String resource(String path) {
        List<String> parts = parts(path);
        return parts.isEmpty() ? "" : parts.getFirst();
    }

    /** Resource, name, subresource, as far as the path goes. */
    private static List<String> parts(String path) {
        List<String> parts = List.of(path.substring(1).split("/"));
        int root = path.startsWith("/apis/") ? 3 : 2; // apis/GROUP/VERSION or api/VERSION
        boolean namespaced = parts.size() > root + 2 && parts.get(root).equals("namespaces");
        return parts.subList(Math.min(parts.size(), namespaced ? root + 2 : root), parts.size());
    }

    /** Whether it asks for one object by its name. */
    boolean named() {
        return parts(path).size() == 2;
    }

    /** For a write of a Migration's status: phase and task in it, for example {@code Soaking/Soak}; else null. */
    public @Nullable String task() {
        if (!method.equals("PUT") || !path.endsWith("/status")) {
            return null;
        }
        JsonNode status = json().path("status");
        return status.path("phase").asText() + "/" + status.path("task").asText("-");
    }

    /** What it does, in a line that is the same in each run: {@code PATCH services/shop}. */
    public String text() {
        return "%s %s %s"
                .formatted(method, String.join("/", parts(path)), Objects.requireNonNullElse(task(), ""))
                .strip();
    }

    private JsonNode json() {
        try {
            return Json.MAPPER.readTree(body);
        } catch (IOException e) {
            throw new UncheckedIOException("the body of %s %s is no JSON".formatted(method, path), e);
        }
    }
}
