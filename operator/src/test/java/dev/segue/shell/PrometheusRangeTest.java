package dev.segue.shell;

import static org.assertj.core.api.Assertions.assertThat;

import dev.segue.analysis.Series;
import dev.segue.analysis.Series.Sample;
import dev.segue.shell.PrometheusRange.Piece;
import dev.segue.shell.PrometheusRange.Whole;
import dev.segue.shell.PrometheusResult.ConfigError;
import dev.segue.shell.PrometheusResult.Data;
import dev.segue.shell.PrometheusResult.ProviderError;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class PrometheusRangeTest {
    private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");
    private static final Duration SCRAPES = Duration.ofSeconds(15);

    private final List<String> asked = new ArrayList<>();

    private PrometheusRange<Piece> range(Duration of, Duration piece) {
        return new PrometheusRange<>(START, START.plus(of), piece, one -> {
            asked.add("%d+%ss"
                    .formatted(
                            Duration.between(START, one.from()).toSeconds(),
                            one.length().toMillis() / 1000.0));
            return one;
        });
    }

    /** As Prometheus 2 does, with the sample at the beginning of the range. */
    private static PrometheusResult<PrometheusBody> scraped(Piece piece) {
        List<Sample> samples = LongStream.iterate(
                        piece.from().toEpochMilli(), at -> at <= piece.to().toEpochMilli(), at -> at + 1000)
                .filter(at -> at % SCRAPES.toMillis() == 0)
                .mapToObj(at -> new Sample(at, at / 1000.0))
                .toList();
        return new Data<>(
                new PrometheusBody(
                        "success", "matrix", List.of(new Series(Map.of("a", "b"), samples)), null, null, List.of()),
                List.of());
    }

    private static PrometheusResult<PrometheusBody> smallerThan(Predicate<Piece> small, Piece piece) {
        return small.test(piece) ? scraped(piece) : new ConfigError<>("too large", true);
    }

    @Test
    void aPieceThatIsTooLargeIsAskedForInHalves() {
        PrometheusResult<Whole<Piece>> result = range(Duration.ofMinutes(12), Duration.ofMinutes(10))
                .join(piece -> smallerThan(p -> p.length().compareTo(Duration.ofMinutes(3)) < 0, piece));
        assertThat(asked)
                .containsExactlyInAnyOrder(
                        "0+600.0s",
                        "600+120.0s",
                        "0+300.0s",
                        "300+300.0s",
                        "0+150.0s",
                        "150+150.0s",
                        "300+150.0s",
                        "450+150.0s");
        assertThat(result).isInstanceOfSatisfying(Data.class, data -> {
            Whole<?> whole = (Whole<?>) data.value();
            assertThat(whole.series())
                    .singleElement()
                    .satisfies(series -> assertThat(
                                    series.samples().stream().map(Sample::at).toList())
                            .as("each once, in their order")
                            .isEqualTo(LongStream.rangeClosed(1, 48)
                                    .mapToObj(i ->
                                            START.plus(SCRAPES.multipliedBy(i)).toEpochMilli())
                                    .toList()));
            assertThat(whole.questions()).hasSize(8);
        });
    }

    @Test
    void whatIsTooLargeInHalfAMinuteIsRefusedWithoutTryingEachPart() {
        PrometheusResult<Whole<Piece>> result =
                range(Duration.ofMinutes(20), Duration.ofMinutes(2)).join(piece -> smallerThan(_ -> false, piece));
        assertThat(result).isEqualTo(new ConfigError<>("too large"));
        assertThat(asked)
                .as("the ten pieces, and the first of them down to its first half minute")
                .hasSize(10 + 2 + 2);
    }

    @Test
    void anOutageInAHalfIsAnOutage() {
        PrometheusResult<Whole<Piece>> result = range(Duration.ofMinutes(10), Duration.ofMinutes(10))
                .join(piece -> piece.from().isAfter(START)
                        ? new ProviderError<>("late")
                        : smallerThan(p -> p.length().compareTo(Duration.ofMinutes(10)) < 0, piece));
        assertThat(result).isEqualTo(new ProviderError<>("late"));
    }

    @Test
    void anotherRefusalIsNotDivided() {
        assertThat(range(Duration.ofMinutes(10), Duration.ofMinutes(10)).join(_ -> new ConfigError<>("no such user")))
                .isEqualTo(new ConfigError<>("no such user"));
        assertThat(asked).containsExactly("0+600.0s");
    }
}
