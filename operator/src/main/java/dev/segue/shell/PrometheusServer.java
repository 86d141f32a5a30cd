package dev.segue.shell;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import dev.segue.shell.PrometheusResult.ConfigError;
import dev.segue.shell.PrometheusResult.Data;
import dev.segue.shell.PrometheusResult.ProviderError;
import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.channels.UnresolvedAddressException;
import java.security.cert.CertificateException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import javax.net.ssl.SSLException;

/**
 * One Prometheus as one kind of user sees it: asks no more at a time than it should, asks once what several want to know
 * in the same moment, and leaves the server alone while it is in trouble. Thread-safe.
 */
final class PrometheusServer {
    /** An answer to which nobody waited is kept this long for whoever asks the same again. */
    private static final Duration KEPT = Duration.ofSeconds(60);

    /** In Prometheus' refusal of a query that loads more than its {@code --query.max-samples}. */
    private static final String TOO_MANY_SAMPLES = "too many samples";

    /** Nobody reads it: the time was over. */
    private static final PrometheusResult<PrometheusBody> INTERRUPTED = new ProviderError<>("interrupted");

    private final PrometheusAccess access;
    private final HttpRequest.Builder request;
    private final HttpClient http;
    private final Semaphore limit;
    private final InstantSource clock;
    private final PrometheusBackOff backOff;
    private final Map<Question, Asked> asked = new ConcurrentHashMap<>();
    private volatile Instant used;

    /**
     * @param form the body of the POST request
     * @param largest the size of an answer, in bytes
     * @param dated whether it names the time to evaluate at, so that a late answer is as good as one in time
     */
    record Question(String form, long largest, boolean dated) {}

    private record Asked(CompletableFuture<PrometheusResult<PrometheusBody>> answer, Instant at) {
        boolean usable(boolean late) {
            return !answer.isDone() || (late && lasts(answer.getNow(INTERRUPTED)));
        }

        /** Of the past, and so are samples that are too many. */
        private static boolean lasts(PrometheusResult<?> answer) {
            return answer instanceof Data || (answer instanceof ConfigError<?> refusal && refusal.tooLarge());
        }
    }

    /**
     * @param http with what the access says about TLS
     * @param limit of the requests under way to this server, whoever asks
     * @throws IllegalArgumentException when there can be no request to this URL, or with these headers
     */
    PrometheusServer(PrometheusAccess access, HttpClient http, Semaphore limit, InstantSource clock) {
        this.access = access;
        this.request = HttpRequest.newBuilder(URI.create(access.base() + "/api/v1/query"))
                .header("Content-Type", "application/x-www-form-urlencoded");
        if (!access.headers().isEmpty()) {
            request.headers(access.headerList());
        }
        this.http = http;
        this.limit = limit;
        this.clock = clock;
        this.backOff = new PrometheusBackOff(clock);
        this.used = clock.instant();
    }

    /** Not asked since, and nothing under way. */
    boolean idleSince(Instant since) {
        return used.isBefore(since)
                && asked.values().stream().allMatch(a -> a.answer().isDone());
    }

    /**
     * Asks without waiting. Whoever asks the same while it is under way gets the same answer.
     *
     * @param timeout for all of it, the wait for its turn too
     */
    CompletableFuture<PrometheusResult<PrometheusBody>> ask(Question question, Duration timeout) {
        Instant now = clock.instant();
        used = now;
        asked.values().removeIf(a -> a.answer().isDone() && a.at().isBefore(now.minus(KEPT)));
        return asked.compute(
                        question,
                        (_, before) -> before == null || !before.usable(question.dated())
                                ? new Asked(start(question, timeout), now)
                                : before)
                .answer();
    }

    /** Whoever has an answer says so: the next one who asks the same asks anew. */
    void taken(Question question) {
        asked.computeIfPresent(question, (_, a) -> a.answer().isDone() ? null : a);
    }

    private CompletableFuture<PrometheusResult<PrometheusBody>> start(Question question, Duration timeout) {
        Instant started = clock.instant();
        CompletableFuture<PrometheusResult<PrometheusBody>> found = new CompletableFuture<>();
        AtomicBoolean sent = new AtomicBoolean();
        Thread worker = Thread.ofVirtual().name("prometheus").unstarted(() -> work(question, started, sent, found));
        CompletableFuture<PrometheusResult<PrometheusBody>> told = found.orTimeout(
                        timeout.toMillis(), TimeUnit.MILLISECONDS)
                .handle((result, failure) -> {
                    if (failure == null) {
                        return result;
                    }
                    worker.interrupt();
                    if (failure instanceof TimeoutException && !sent.get()) { // that is ours, not the server's
                        return new ProviderError<>(
                                "Segue asks Prometheus at %s so much at a time that this did not get its turn"
                                        .formatted(access.base()));
                    }
                    return failure instanceof TimeoutException
                            ? backOff.late(started, "Prometheus at %s did not answer in time".formatted(access.base()))
                            : backOff.failed(
                                    "asking Prometheus at %s failed: %s"
                                            .formatted(access.base(), access.redact(String.valueOf(failure))),
                                    null);
                });
        worker.start();
        return told;
    }

    private void work(
            Question question,
            Instant started,
            AtomicBoolean sent,
            CompletableFuture<PrometheusResult<PrometheusBody>> found) {
        try {
            limit.acquire();
            sent.set(true);
        } catch (InterruptedException e) {
            return; // its time is over
        }
        try {
            found.complete(backOff.resting()
                    .<PrometheusResult<PrometheusBody>>map(ProviderError::new)
                    .orElseGet(() -> fetch(question, started, found)));
        } catch (RuntimeException e) {
            found.completeExceptionally(e);
        } finally {
            limit.release();
        }
    }

    private PrometheusResult<PrometheusBody> fetch(Question question, Instant started, CompletableFuture<?> found) {
        CompletableFuture<HttpResponse<InputStream>> response = http.sendAsync(
                request.copy().POST(BodyPublishers.ofString(question.form())).build(), BodyHandlers.ofInputStream());
        try {
            HttpResponse<InputStream> answered = response.get();
            try (InputStream body = answered.body()) {
                return read(answered, body, question, started);
            }
        } catch (IOException e) {
            return found.isDone() ? INTERRUPTED : broken(e);
        } catch (ExecutionException e) {
            return broken(e.getCause() == null ? e : e.getCause());
        } catch (InterruptedException e) {
            response.cancel(true);
            return INTERRUPTED;
        }
    }

    private PrometheusResult<PrometheusBody> read(
            HttpResponse<?> answered, InputStream in, Question question, Instant started) throws IOException {
        long largest = question.largest();
        int status = answered.statusCode();
        PrometheusBody body = PrometheusBody.NONE;
        try {
            body = PrometheusBody.read(in, largest, access::redact);
        } catch (StreamConstraintsException e) {
            if (status == 200) {
                return refused(
                        "the answer of Prometheus is larger than %d MiB: narrow the %s"
                                .formatted(
                                        largest >> 20,
                                        question.dated() ? "selectors, so that they match fewer series" : "query"),
                        true);
            }
        } catch (JsonProcessingException e) {
            if (status == 200) {
                return failed("Prometheus answered 200 with something else than JSON", answered);
            }
        }
        String error = body.error() == null ? "no reason given" : body.error();
        return switch (status) {
            case 200 -> {
                if (!body.status().equals("success")) {
                    yield failed("Prometheus answered 200 with an error: " + error, answered);
                }
                backOff.answered();
                yield new Data<>(body, body.warnings());
            }
            case 400, 422 ->
                body.error() == null
                        ? elsewhere(answered)
                        : refused(
                                "Prometheus refused the query (%d): %s".formatted(status, error),
                                error.contains(TOO_MANY_SAMPLES));
            case 401 ->
                config("Prometheus at %s does not let Segue in (401): check analysis.prometheus.auth and its Secret"
                        .formatted(access.base()));
            case 403 ->
                config("Prometheus at %s forbids the query (403): %s; check what the credentials of"
                                .formatted(access.base(), error)
                        + " analysis.prometheus.auth may read, and analysis.prometheus.headers");
            case 404 ->
                config("there is no API of Prometheus at %s (404): check the path of analysis.prometheus.url"
                        .formatted(access.base()));
            case 429 ->
                failed("Prometheus at %s has too much to do (429): %s".formatted(access.base(), error), answered);
            default -> {
                if (status < 500) {
                    yield elsewhere(answered);
                }
                yield "timeout".equals(body.errorType()) || "canceled".equals(body.errorType())
                        ? backOff.late(started, "Prometheus gave the query up (%d): %s".formatted(status, error))
                        : failed(
                                "Prometheus at %s cannot answer (%d): %s".formatted(access.base(), status, error),
                                answered);
            }
        };
    }

    /** Something answers, but not as Prometheus does. */
    private PrometheusResult<PrometheusBody> elsewhere(HttpResponse<?> answered) {
        String to = answered.headers()
                .firstValue("Location")
                .map(location -> " (go to " + access.redact(location) + ")")
                .orElse("");
        return config("Prometheus at %s answers %d%s, not as its API does: check analysis.prometheus.url"
                .formatted(access.base(), answered.statusCode(), to));
    }

    private PrometheusResult<PrometheusBody> config(String why) {
        return refused(why, false);
    }

    private PrometheusResult<PrometheusBody> refused(String why, boolean tooLarge) {
        backOff.answered();
        return new ConfigError<>(why, tooLarge);
    }

    private PrometheusResult<PrometheusBody> failed(String why, HttpResponse<?> answered) {
        return backOff.failed(why, answered.headers().firstValue("Retry-After").orElse(null));
    }

    private PrometheusResult<PrometheusBody> broken(Throwable failure) {
        String base = access.base().toString();
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            String told = access.redact(String.valueOf(cause.getMessage()));
            boolean refused = told.contains("fatal alert") || told.contains("Unsupported or unrecognized");
            if (cause instanceof CertificateException || (cause instanceof SSLException && refused)) {
                return config("the connection to Prometheus at %s is not safe: %s; check analysis.prometheus.tls"
                        .formatted(base, told));
            }
        }
        return backOff.failed(
                switch (failure) {
                    case HttpConnectTimeoutException _ -> "Prometheus at %s did not answer in time".formatted(base);
                    case ConnectException _ -> "Prometheus at %s cannot be reached".formatted(base);
                    case UnresolvedAddressException _ -> "Prometheus at %s cannot be reached".formatted(base);
                    default ->
                        "asking Prometheus at %s failed: %s"
                                .formatted(base, access.redact(String.valueOf(failure.getMessage())));
                },
                null);
    }
}
