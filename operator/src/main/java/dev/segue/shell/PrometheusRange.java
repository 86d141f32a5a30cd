package dev.segue.shell;

import dev.segue.analysis.Series;
import dev.segue.shell.PrometheusResult.ConfigError;
import dev.segue.shell.PrometheusResult.Data;
import dev.segue.shell.PrometheusResult.ProviderError;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

/**
 * Series over a range of time, asked for in pieces: all pieces at the same time, and one whose answer is too large again in
 * halves. For one thread.
 *
 * @param <A> what was asked and may be answered later
 */
final class PrometheusRange<A> {
    /** What is too large and no longer than this is not asked for in halves. */
    private static final Duration SHORTEST = Duration.ofSeconds(30);

    private final Function<Piece, A> ask;
    private final Deque<Asked<A>> left = new ArrayDeque<>();
    private final Map<Map<String, String>, Series> joined = new LinkedHashMap<>();
    private final Set<String> warnings = new LinkedHashSet<>();

    private record Asked<A>(Piece piece, A question) {}

    /** The samples of (from, to]. */
    record Piece(Instant from, Instant to) {
        private static List<Piece> of(Instant from, Instant to, Duration length) {
            List<Piece> pieces = new ArrayList<>();
            for (Instant start = from; start.isBefore(to); start = start.plus(length)) {
                Instant end = start.plus(length);
                pieces.add(new Piece(start, end.isBefore(to) ? end : to));
            }
            return pieces;
        }

        /** In whole milliseconds, as Prometheus counts. */
        Duration length() {
            return Duration.ofMillis(to.toEpochMilli() - from.toEpochMilli());
        }

        /** Prometheus 2 counts the beginning of a range to it, version 3 does not. */
        private boolean holds(long at) {
            return at > from.toEpochMilli() && at <= to.toEpochMilli();
        }

        private List<Piece> halves() {
            Instant middle = from.plusMillis(length().toMillis() / 2);
            return length().compareTo(SHORTEST) <= 0
                    ? List.of()
                    : List.of(new Piece(from, middle), new Piece(middle, to));
        }
    }

    /**
     * Asks, without waiting.
     *
     * @param length of a piece
     * @param ask without waiting
     */
    PrometheusRange(Instant from, Instant to, Duration length, Function<Piece, A> ask) {
        this.ask = ask;
        Piece.of(from, to, length).forEach(piece -> left.add(new Asked<>(piece, ask.apply(piece))));
    }

    /**
     * All pieces or none.
     *
     * @param await the answer
     * @return the series with the questions whose answers are in them; or what is in the way of having them all
     */
    PrometheusResult<Whole<A>> join(Function<A, PrometheusResult<PrometheusBody>> await) {
        List<A> answered = new ArrayList<>();
        PrometheusResult<Whole<A>> problem = null;
        while (!left.isEmpty()) {
            Asked<A> next = left.pop();
            answered.add(next.question());
            switch (await.apply(next.question()).then(PrometheusRange::matrix)) {
                case Data<List<Series>>(List<Series> series, List<String> told) -> {
                    warnings.addAll(told);
                    series.forEach(one -> add(one, next.piece()));
                }
                case ProviderError<List<Series>>(String why) ->
                    problem = problem == null ? new ProviderError<>(why) : problem;
                case ConfigError<List<Series>>(String why, boolean tooLarge) -> {
                    boolean refused = problem instanceof ConfigError;
                    List<Piece> halves = tooLarge && !refused ? next.piece().halves() : List.of();
                    if (halves.isEmpty()) {
                        problem = new ConfigError<>(why);
                    }
                    halves.reversed().forEach(half -> left.push(new Asked<>(half, ask.apply(half))));
                }
            }
        }
        return problem != null ? problem : new Data<>(new Whole<>(series(), answered), List.copyOf(warnings));
    }

    /** @param questions that have been answered, those whose answers were too large too */
    record Whole<A>(List<Series> series, List<A> questions) {}

    private void add(Series one, Piece piece) {
        Series all = joined.computeIfAbsent(
                one.labels(), labels -> new Series(labels, new ArrayList<>(), new ArrayList<>()));
        one.samples().stream().filter(s -> piece.holds(s.at())).forEach(all.samples()::add);
        one.histograms().stream().filter(h -> piece.holds(h.at())).forEach(all.histograms()::add);
    }

    private List<Series> series() {
        return joined.values().stream()
                .filter(s -> !s.samples().isEmpty() || !s.histograms().isEmpty())
                .toList();
    }

    private static PrometheusResult<List<Series>> matrix(Data<PrometheusBody> data) {
        PrometheusBody body = data.value();
        if (!body.type().equals("matrix")) {
            return new ConfigError<>("this is no series selector: Prometheus gives no raw samples for it");
        }
        return new Data<>(body.series(), data.warnings());
    }
}
