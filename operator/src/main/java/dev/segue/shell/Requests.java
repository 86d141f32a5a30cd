package dev.segue.shell;

import io.fabric8.kubernetes.client.http.BasicBuilder;
import io.fabric8.kubernetes.client.http.HttpRequest;
import io.fabric8.kubernetes.client.http.Interceptor;
import io.micrometer.core.instrument.MeterRegistry;
import org.jspecify.annotations.Nullable;

/** Counts the requests to the API server by method and resource, dry runs apart. */
final class Requests implements Interceptor {
    private final MeterRegistry registry;

    Requests(MeterRegistry registry) {
        this.registry = registry;
    }

    @Override
    public void before(BasicBuilder builder, HttpRequest request, RequestTags tags) {
        registry.counter(
                        "segue.kubernetes.requests",
                        "method",
                        request.method(),
                        "resource",
                        resource(request.uri().getPath()),
                        "trial",
                        String.valueOf(isTrial(request.uri().getQuery())))
                .increment();
    }

    /** Whether it is a dry run, which writes nothing. */
    static boolean isTrial(@Nullable String query) {
        return query != null && query.contains("dryRun=All");
    }

    /** Plural of what is asked for, as {@code services}; empty when it is not a resource. Never a name. */
    static String resource(String path) {
        String[] parts =
                path.split("/"); // "", api, VERSION or "", apis, GROUP, VERSION; then [namespaces, NAME,] RESOURCE
        int at = path.startsWith("/apis/") ? 4 : 3;
        boolean namespaced = parts.length > at + 2 && parts[at].equals("namespaces");
        int resource = namespaced ? at + 2 : at;
        return path.startsWith("/api") && parts.length > resource ? parts[resource] : "";
    }
}
