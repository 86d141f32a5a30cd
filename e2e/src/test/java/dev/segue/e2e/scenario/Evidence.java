package dev.segue.e2e.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import dev.segue.api.ComparisonStatus;
import dev.segue.api.ComparisonStatus.Counted;
import dev.segue.api.Migration;
import dev.segue.api.MigrationStatus;
import dev.segue.api.MigrationStatus.MetricStatus;
import dev.segue.api.Phase;
import dev.segue.e2e.stage.Migrations;
import dev.segue.e2e.stage.Scene;
import dev.segue.e2e.witness.RequestRecord;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * The comparison of two versions as a Migration's status shows it, held against what the witness saw. A counter stands at a
 * moment as it was last scraped before, so what was counted between two moments lies between two counts of the
 * witness.
 *
 * @param verdict of the metric
 * @param bad which of the witness's requests the metric counts as bad
 */
public record Evidence(
        Migration state,
        MetricStatus metric,
        String verdict,
        ComparisonStatus comparison,
        Predicate<RequestRecord> bad) {
    /** A scrape is 2 s old at most, and one may be late on a busy machine; a request counts when its answer is sent. */
    private static final Duration SCRAPED = Duration.ofSeconds(5);

    private static final Duration ANSWERED = Duration.ofSeconds(1);

    /** The evidence of the only metric, of which answers 5xx are bad. */
    public static Evidence of(Migration state) {
        return of(state, r -> r.status() != null && r.status() >= 500);
    }

    /** The same with another idea of what is bad. */
    public static Evidence of(Migration state, Predicate<RequestRecord> bad) {
        MetricStatus metric = Migrations.status(state).metricsOrEmpty().getFirst();
        return new Evidence(
                state, metric, metric.verdict(), Objects.requireNonNull(metric.comparison(), "no comparison"), bad);
    }

    /** The evidence at the end of the comparison of both versions, side by side. */
    public static Evidence beside(Scene scene, String migration) {
        return of(last(scene, migration, s -> s.phase() == Phase.Shifting));
    }

    /** The last state that was so. */
    public static Migration last(Scene scene, String migration, Predicate<MigrationStatus> so) {
        return scene.migrations().history(migration).reversed().stream()
                .filter(m -> so.test(Migrations.status(m)))
                .findFirst()
                .orElseThrow();
    }

    /** Each state's verdict on all metrics, in their order and without repetition; those without are left out. */
    public static List<String> verdicts(Scene scene, String migration) {
        return scene.migrations().history(migration).stream()
                .map(Migrations::status)
                .flatMap(s -> Stream.ofNullable(s.verdict()))
                .map(MigrationStatus.VerdictStatus::verdict)
                .distinct()
                .toList();
    }

    /** All figures are there and fit what the witness saw, for evidence of one hold. */
    public Evidence fits(List<RequestRecord> seen, String source, String target) {
        var coverage = comparison.coverage();
        var analysis = state.getSpec().analysisOrDefault();
        Duration interval = analysis.intervalOrDefault();
        assertThat(coverage.missing()).as("intervals without data").isZero();
        assertThat(coverage.intervals())
                .as("intervals from %s to %s", coverage.from(), coverage.to())
                .isEqualTo(
                        (int) Duration.between(coverage.from(), coverage.to()).dividedBy(interval));
        Instant hold = Objects.requireNonNull(
                Objects.requireNonNull(Migrations.status(state).step()).holdSince());
        assertThat(coverage.from()).as("after the warm-up").isEqualTo(hold.plus(analysis.warmupOrDefault()));
        assertThat(metric.at())
                .as("evaluated when Prometheus had scraped")
                .isAfterOrEqualTo(coverage.to().plus(analysis.settleDelayOrDefault()));
        between(comparison.source(), seen, source, coverage.from(), coverage.to());
        between(comparison.target(), seen, target, coverage.from(), coverage.to());
        return told();
    }

    /** The same, of evidence of several holds: no request is counted that was not sent. */
    public Evidence within(List<RequestRecord> seen, String source, String target) {
        var coverage = comparison.coverage();
        for (String version : List.of(source, target)) {
            Counted counted = version.equals(source) ? comparison.source() : comparison.target();
            assertThat(counted.total()).as("requests of %s", version).isBetween(1.0, (double)
                    most(seen, version, coverage.from(), coverage.to(), r -> true));
            assertThat(counted.bad()).as("bad requests of %s", version).isBetween(0.0, (double)
                    most(seen, version, coverage.from(), coverage.to(), bad));
        }
        return told();
    }

    /** The history before the start has as many requests as were sent in its time, but for those of a scrape and an interval. */
    public Evidence historyOf(List<RequestRecord> seen, String source) {
        var history = Objects.requireNonNull(metric.baseline(), "no history");
        Instant read = Instant.parse(state.getMetadata().getCreationTimestamp());
        Instant first = seen.getFirst().start();
        double perSecond = (double) count(seen, source, first, read, r -> true)
                / Duration.between(first, read).toSeconds();
        double seconds = history.total() / history.perSecond();
        long begun = state.getSpec().analysisOrDefault().intervalOrDefault().toSeconds();
        assertThat(history.total())
                .as("requests in %s s of history, at %s a second", seconds, perSecond)
                .isBetween(
                        perSecond * (seconds - begun - SCRAPED.toSeconds()),
                        perSecond * (seconds + SCRAPED.toSeconds()));
        return this;
    }

    private Evidence told() {
        MigrationStatus status = Migrations.status(state);
        assertThat(comparison.queries())
                .isNotEmpty()
                .allSatisfy(q -> assertThat(q)
                        .contains("namespace=\"" + state.getMetadata().getNamespace() + "\"")
                        .contains(Objects.requireNonNull(status.source()).replicaSet())
                        .contains(Objects.requireNonNull(status.target()).replicaSet()));
        assertThat(comparison.dispersion().phi()).isBetween(1.0, 200.0);
        assertThat(comparison.dispersion().origin()).isNotBlank();
        assertThat(comparison.effect().tolerance()).isNotBlank();
        assertThat(metric.message()).startsWith(metric.name() + ": ");
        return this;
    }

    /** Where φ is from. */
    public Evidence phiFrom(String origin) {
        assertThat(comparison.dispersion().origin()).startsWith(origin);
        return this;
    }

    private void between(Counted counted, List<RequestRecord> seen, String version, Instant from, Instant to) {
        assertThat(counted.total())
                .as("requests of %s from %s to %s", version, from, to)
                .isBetween((double) least(seen, version, from, to, r -> true), (double)
                        most(seen, version, from, to, r -> true));
        assertThat(counted.bad())
                .as("bad requests of %s from %s to %s", version, from, to)
                .isBetween((double) least(seen, version, from, to, bad), (double) most(seen, version, from, to, bad));
    }

    private static long least(
            List<RequestRecord> seen, String version, Instant from, Instant to, Predicate<RequestRecord> which) {
        return count(seen, version, from.plus(ANSWERED), to.minus(SCRAPED), which);
    }

    private static long most(
            List<RequestRecord> seen, String version, Instant from, Instant to, Predicate<RequestRecord> which) {
        return count(seen, version, from.minus(SCRAPED), to.plus(ANSWERED), which);
    }

    private static long count(
            List<RequestRecord> seen, String version, Instant from, Instant to, Predicate<RequestRecord> which) {
        return seen.stream()
                .filter(r -> version.equals(r.version()))
                .filter(r -> r.start().isAfter(from) && !r.start().isAfter(to))
                .filter(which)
                .count();
    }

    /** For humans. */
    public String line() {
        return "%s; source %.0f of %.0f, target %.0f of %.0f; excess %s (%s to %s, tolerance %s); harm %s of %s, non-inferior %s of %s; phi %s (%s); %d+%d intervals"
                .formatted(
                        verdict,
                        comparison.source().bad(),
                        comparison.source().total(),
                        comparison.target().bad(),
                        comparison.target().total(),
                        comparison.effect().excess(),
                        comparison.effect().lower(),
                        comparison.effect().upper(),
                        comparison.effect().tolerance(),
                        comparison.evidence().harm(),
                        comparison.evidence().harmNeeded(),
                        comparison.evidence().nonInferior(),
                        comparison.evidence().nonInferiorNeeded(),
                        comparison.dispersion().phi(),
                        comparison.dispersion().origin(),
                        comparison.coverage().intervals(),
                        comparison.coverage().missing());
    }
}
