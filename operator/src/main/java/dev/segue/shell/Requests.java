package dev.segue.shell;

import io.fabric8.kubernetes.client.http.BasicBuilder;
import io.fabric8.kubernetes.client.http.HttpRequest;
import io.fabric8.kubernetes.client.http.Interceptor;
import io.micrometer.core.instrument.MeterRegistry;

/** Counts the requests to the API server by method. */
final class Requests implements Interceptor {
    private final MeterRegistry registry;

    Requests(MeterRegistry registry) {
        this.registry = registry;
    }

    @Override
    public void before(BasicBuilder builder, HttpRequest request, RequestTags tags) {
        registry.counter("segue.kubernetes.requests", "method", request.method())
                .increment();
    }
}
