package dev.segue.shell;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import dev.segue.engine.StageFacts.LoadFacts;
import java.io.PrintStream;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Runs as a Job in the copy of production: sends requests at a steady rate, waits for none before the next, tries none again,
 * and says each second in a line of its log what it has counted. It goes on until it is stopped. Thread-safe.
 */
public final class Load {
    static final String URL = "LOAD_URL";
    static final String RATE = "LOAD_RATE";

    /** A Service that was just made takes some seconds to answer: it counts from so many good answers in a row. */
    private static final int FIRST_ANSWERS = 10;

    private static final ObjectMapper JSON = JsonMapper.builder()
            .addModule(new JavaTimeModule())
            .disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS)
            .build();

    private int first;
    private long requests;
    private long failed;
    private @Nullable Instant lastFailedAt;
    private @Nullable String lastFailure;

    Load() {}

    /** Returns only when it is interrupted (0), or the environment is not as it must be (2). */
    public static int run(Map<String, String> environment, PrintStream out) {
        LoadRequest request;
        long between;
        try {
            request = LoadRequest.of(environment.getOrDefault(URL, ""));
            between = TimeUnit.SECONDS.toNanos(1) / Integer.parseInt(environment.getOrDefault(RATE, "20"));
        } catch (IllegalArgumentException | ArithmeticException e) {
            out.printf("the load cannot begin: %s%n", e.getMessage());
            return 2;
        }
        Load load = new Load();
        try (var senders = Executors.newVirtualThreadPerTaskExecutor();
                ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor()) {
            Future<?> _ = clock.scheduleAtFixedRate(() -> out.println(load.line()), 1, 1, TimeUnit.SECONDS);
            clock.scheduleAtFixedRate(() -> senders.execute(() -> load.send(request)), 0, between, TimeUnit.NANOSECONDS)
                    .get();
            return 0;
        } catch (ExecutionException e) {
            out.printf("the load cannot go on: %s%n", e.getCause());
            return 1;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return 0;
        }
    }

    private void send(LoadRequest request) {
        Instant sent = Instant.now();
        count(request.send(), sent);
    }

    /**
     * @param failure null when the request was answered well
     * @param sent when the request was
     */
    synchronized void count(@Nullable String failure, Instant sent) {
        if (failure != null) {
            lastFailedAt = sent;
            lastFailure = failure;
        }
        if (first < FIRST_ANSWERS) {
            first = failure == null ? first + 1 : 0;
            return;
        }
        requests++;
        failed += failure == null ? 0 : 1;
    }

    /** What {@link #read} reads. */
    synchronized String line() {
        try {
            return JSON.writeValueAsString(new LoadFacts(requests, failed, lastFailedAt, lastFailure));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("numbers and words are JSON", e);
        }
    }

    /** The last line of its log; null when there is none yet, or it is no word of the load's. */
    static @Nullable LoadFacts read(String log) {
        String last = log.lines().reduce((_, line) -> line).orElse("");
        try {
            return last.startsWith("{") ? JSON.readValue(last, LoadFacts.class) : null;
        } catch (JsonProcessingException e) {
            return null;
        }
    }
}
