package dev.segue.e2e.prometheus;

import static org.awaitility.Awaitility.await;

import dev.segue.analysis.Series;
import dev.segue.api.PrometheusSource;
import dev.segue.shell.Prometheus;
import dev.segue.shell.PrometheusResult.Data;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;

/** What a server has scraped of pods in the namespace {@code shop}, each a target of its own. */
record Scrapes(Prometheus prometheus, PrometheusSource source) {
    /** A server that has just started may wait for its turn as long as others use the machine. */
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    /** A time between what the pods have shown and what they show next: see PrometheusIT. */
    Instant boundary(String... pods) {
        since(Instant.now(), pods);
        Instant boundary = Instant.now();
        since(boundary, pods);
        return boundary;
    }

    /** Waits until it has scraped them. */
    void since(Instant since, String... pods) {
        String up = "up{pod=~\"%s\"}".formatted(String.join("|", pods));
        await("a scrape of " + String.join(" and ", pods)).atMost(PATIENCE).until(() -> {
            Instant soon = Instant.now().plusSeconds(5);
            return series(prometheus
                                    .samples(source, "shop", List.of(up), since, soon)
                                    .getFirst())
                            .filter(s -> s.samples().getLast().value() == 1)
                            .count()
                    == pods.length;
        });
    }

    static Stream<Series> series(Object result) {
        return result instanceof Data<?> data
                ? ((List<?>) data.value()).stream().map(Series.class::cast)
                : Stream.empty();
    }
}
