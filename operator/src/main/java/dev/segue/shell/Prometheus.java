package dev.segue.shell;

import dev.segue.analysis.Reading;
import dev.segue.analysis.Series;
import dev.segue.api.Durations;
import dev.segue.api.PrometheusSource;
import dev.segue.shell.PrometheusRange.Piece;
import dev.segue.shell.PrometheusResult.ConfigError;
import dev.segue.shell.PrometheusResult.Data;
import dev.segue.shell.PrometheusResult.ProviderError;
import dev.segue.shell.PrometheusServer.Question;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Asks Prometheus, for numbers and for raw samples. Each call blocks no longer than until the time for a look is over, and
 * for the reading of Secrets. Thread-safe.
 */
public final class Prometheus {
    /** For all answers of one call together: meanwhile this migration's pods are not looked at. */
    public static final Duration ANSWER = Duration.ofSeconds(5);

    /** Requests to one server that are under way at the same time, of all Migrations together. */
    static final int AT_A_TIME = 4;

    /** In bytes. One number takes some hundred; whatever else sits at the URL must not fill our memory. */
    static final long LARGEST_NUMBER = 1 << 20;

    /** In bytes, of one request: more than 100,000 samples. Four at a time fit into the heap beside all else. */
    static final long LARGEST_SAMPLES = 4 << 20;

    /** Of raw samples in one request. */
    private static final Duration PIECE = Duration.ofMinutes(10);

    /** Of raw native histograms. */
    private static final Duration SHORT_PIECE = Duration.ofMinutes(2);

    /** Of values at steps. */
    private static final Duration LONG_PIECE = Duration.ofHours(1);

    private static final Duration CONNECT = Duration.ofSeconds(2);
    private static final Duration IDLE = Duration.ofMinutes(10);

    private final Duration answer;
    private final Credentials credentials;
    private final InstantSource clock;
    private final HttpClient plain = client().build();
    private final Map<PrometheusAccess, PrometheusServer> servers = new HashMap<>();
    private final Map<URI, Semaphore> limits = new HashMap<>();

    private record Asked(
            PrometheusServer server, Question question, CompletableFuture<PrometheusResult<PrometheusBody>> answer) {
        void taken() {
            server.taken(question);
        }
    }

    /** @param answer how long to wait for all answers of a call together */
    public Prometheus(Duration answer, Credentials credentials, InstantSource clock) {
        this.answer = answer;
        this.credentials = credentials;
        this.clock = clock;
    }

    /**
     * Instant queries that give one number each, asked at the same time.
     *
     * @param namespace of the Migration, and so of the Secrets
     * @return what each gave, in their order; whatever went wrong, or came with a warning, is {@code NoData} with the reason
     */
    public List<Reading> ask(PrometheusSource source, String namespace, List<String> queries) {
        return numbers(source, namespace, queries).stream()
                .map(result -> switch (result.whole()) {
                    case Data<Reading> data -> data.value();
                    case ProviderError<Reading>(String why) -> new Reading.NoData(why);
                    case ConfigError<Reading>(String why, var _) -> new Reading.NoData(why);
                })
                .toList();
    }

    /**
     * The same, with what kind of failure it was, and warnings. {@code NoData} is only what Prometheus answered: no series,
     * or not a finite number.
     */
    public List<PrometheusResult<Reading>> numbers(PrometheusSource source, String namespace, List<String> queries) {
        if (queries.isEmpty()) {
            return List.of(); // and reads no Secret
        }
        long until = System.nanoTime() + answer.toNanos();
        Duration timeout = shorter(source.timeoutOrDefault(), answer);
        return each(
                queries,
                server(source, namespace),
                (server, query) -> ask(server, question(query, timeout, LARGEST_NUMBER, ""), timeout),
                asked -> {
                    PrometheusResult<PrometheusBody> result = await(asked, source, until);
                    asked.taken();
                    return result.then(Prometheus::number);
                });
    }

    /**
     * Raw samples after {@code from}, up to and including {@code to}. All is asked at the same time, in pieces; a piece that is
     * too large in halves.
     * What does not arrive in time is asked on, and is there when the same is asked again soon.
     *
     * @param namespace of the Migration, and so of the Secrets
     * @param selectors series selectors without a range
     * @return for each selector its series, or what is in the way of having them all
     */
    public List<PrometheusResult<List<Series>>> samples(
            PrometheusSource source, String namespace, List<String> selectors, Instant from, Instant to) {
        return ranges(source, namespace, selectors, "", PIECE, from, to);
    }

    /** The same of native histograms, of which a sample may be as large as a hundred numbers: so in shorter pieces. */
    public List<PrometheusResult<List<Series>>> histograms(
            PrometheusSource source, String namespace, List<String> selectors, Instant from, Instant to) {
        return ranges(source, namespace, selectors, "", SHORT_PIECE, from, to);
    }

    /**
     * The same of any expressions that give a vector, as Prometheus evaluates them at the multiples of a step: for hours of
     * many series, whose raw samples would fill our memory.
     */
    public List<PrometheusResult<List<Series>>> steps(
            PrometheusSource source,
            String namespace,
            List<String> expressions,
            Duration step,
            Instant from,
            Instant to) {
        List<String> grouped = expressions.stream().map("(%s)"::formatted).toList();
        return ranges(source, namespace, grouped, ":" + duration(step), LONG_PIECE, from, to);
    }

    /** @param resolution what follows the range between the brackets */
    private List<PrometheusResult<List<Series>>> ranges(
            PrometheusSource source,
            String namespace,
            List<String> expressions,
            String resolution,
            Duration length,
            Instant from,
            Instant to) {
        if (expressions.isEmpty()) {
            return List.of(); // and reads no Secret
        }
        long until = System.nanoTime() + answer.toNanos();
        return each(
                expressions,
                server(source, namespace),
                (server, expression) -> new PrometheusRange<>(
                        from,
                        to,
                        length,
                        piece -> ask(
                                server,
                                question(expression, resolution, piece, source.timeoutOrDefault()),
                                source.timeoutOrDefault())),
                range -> range.join(asked -> await(asked, source, until)).then(whole -> {
                    whole.value().questions().forEach(Asked::taken);
                    return new Data<>(whole.value().series(), whole.warnings());
                }));
    }

    /** Asks all before it waits for the first; a server that cannot be asked is told of each. */
    private static <A, T> List<PrometheusResult<T>> each(
            List<String> questions,
            PrometheusResult<PrometheusServer> reached,
            BiFunction<PrometheusServer, String, A> ask,
            Function<A, PrometheusResult<T>> answer) {
        return switch (reached) {
            case Data<PrometheusServer> server ->
                questions.stream().map(question -> ask.apply(server.value(), question)).toList().stream()
                        .map(answer)
                        .toList();
            case ProviderError<PrometheusServer>(String why) ->
                Collections.nCopies(questions.size(), new ProviderError<T>(why));
            case ConfigError<PrometheusServer>(String why, var _) ->
                Collections.nCopies(questions.size(), new ConfigError<T>(why));
        };
    }

    private Asked ask(PrometheusServer server, Question question, Duration timeout) {
        return new Asked(server, question, server.ask(question, timeout));
    }

    private static PrometheusResult<PrometheusBody> await(Asked asked, PrometheusSource source, long until) {
        try {
            return asked.answer().get(until - System.nanoTime(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            return new ProviderError<>("Prometheus at %s did not answer in time".formatted(source.url()));
        } catch (ExecutionException e) {
            throw new IllegalStateException(e); // the server answers with a result, whatever happens
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return new ProviderError<>("the operator is stopping");
        }
    }

    private static Question question(String expression, String resolution, Piece piece, Duration timeout) {
        String query = "%s[%s%s]".formatted(expression.strip(), duration(piece.length()), resolution);
        long at = piece.to().toEpochMilli();
        return question(query, timeout, LARGEST_SAMPLES, "&time=%d.%03d".formatted(at / 1000, at % 1000));
    }

    private static Question question(String query, Duration timeout, long largest, String time) {
        return new Question(
                "query=%s&timeout=%dms%s"
                        .formatted(URLEncoder.encode(query, StandardCharsets.UTF_8), timeout.toMillis(), time),
                largest,
                !time.isEmpty());
    }

    /** As PromQL reads it. */
    private static String duration(Duration range) {
        return range.toMillisPart() == 0 ? Durations.format(range) : range.toMillis() + "ms";
    }

    private static PrometheusResult<Reading> number(Data<PrometheusBody> data) {
        PrometheusBody body = data.value();
        boolean one = body.type().equals("scalar") || body.type().equals("vector");
        if (!one) {
            return new ConfigError<>("the query gives a range or a string; it must give one number");
        }
        if (body.series().size() > 1) {
            return new ConfigError<>("the query found %d series; it must give one number, for example by sum()"
                    .formatted(body.series().size()));
        }
        if (body.series().stream().anyMatch(s -> !s.histograms().isEmpty())) {
            return new ConfigError<>("the query gives a native histogram; it must give one number");
        }
        return new Data<>(
                body.series().isEmpty()
                        ? new Reading.NoData("the query found no series")
                        : reading(body.series().getFirst().samples().getFirst().value()),
                data.warnings());
    }

    private static Reading reading(double number) {
        return Double.isFinite(number)
                ? new Reading.Value(number)
                : new Reading.NoData("the query gave %s, for example by dividing by no requests".formatted(number));
    }

    private PrometheusResult<PrometheusServer> server(PrometheusSource source, String namespace) {
        return credentials.access(source, namespace).then(data -> server(data.value()));
    }

    private synchronized PrometheusResult<PrometheusServer> server(PrometheusAccess access) {
        PrometheusServer known = servers.get(access);
        if (known != null) {
            return new Data<>(known, List.of());
        }
        Instant now = clock.instant();
        servers.values().removeIf(s -> s.idleSince(now.minus(IDLE))); // of Secrets and Migrations that are gone
        limits.keySet()
                .retainAll(servers.keySet().stream().map(PrometheusAccess::base).collect(Collectors.toSet()));
        try {
            HttpClient http = access.tls() == null
                    ? plain
                    : client().sslContext(PrometheusTls.context(access.tls())).build();
            PrometheusServer made = new PrometheusServer(
                    access, http, limits.computeIfAbsent(access.base(), _ -> new Semaphore(AT_A_TIME, true)), clock);
            servers.put(access, made);
            return new Data<>(made, List.of());
        } catch (GeneralSecurityException e) {
            return new ConfigError<>("analysis.prometheus.tls cannot be used: " + e.getMessage());
        } catch (IllegalArgumentException e) {
            return new ConfigError<>(
                    "analysis.prometheus cannot be used: " + access.redact(String.valueOf(e.getMessage())));
        }
    }

    private static HttpClient.Builder client() {
        return HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).connectTimeout(CONNECT);
    }

    private static Duration shorter(Duration one, Duration other) {
        return one.compareTo(other) < 0 ? one : other;
    }
}
