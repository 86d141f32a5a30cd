package dev.segue.e2e.benchmark;

import dev.segue.analysis.Arms;
import dev.segue.analysis.Counting;
import dev.segue.analysis.Counts;
import dev.segue.analysis.Interval;
import dev.segue.analysis.Judgement;
import dev.segue.analysis.Observation;
import dev.segue.analysis.Reading;
import dev.segue.analysis.Series;
import dev.segue.analysis.Series.Sample;
import dev.segue.analysis.Watched;
import dev.segue.api.Analysis;
import dev.segue.api.Metric;
import dev.segue.api.MigrationStatus.MetricStatus;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * How much CPU time of its thread one evaluation of a metric takes, after an hour of intervals and after a day: without
 * cluster and Prometheus. A target just at the tolerance is never decided on, so that each evaluation also forecasts.
 */
final class Evaluation {
    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();
    private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");
    private static final int PODS = 10;
    private static final Duration SCRAPE = Duration.ofSeconds(5);
    private static final int PER_SECOND = 50;

    /** As many as take some milliseconds, so that the clock's steps do not count; and the median of so many. */
    private static final int LOOKS = 100;

    private static final int ROUNDS = 60;

    /** Evaluations before anything is measured: until then the compiler is at it. */
    private static final int WARM_UP = 20_000;

    private Evaluation() {}

    /** One length of a comparison: what is evaluated, and how long that took in each round, in microseconds. */
    private record Case(Duration interval, int intervals, List<Double> next, List<Double> all) {
        Case(Duration interval, Duration span) {
            this(interval, (int) span.dividedBy(interval), new ArrayList<>(), new ArrayList<>());
        }
    }

    public static void main(String[] arguments) {
        List<Case> cases = new ArrayList<>();
        for (int seconds : List.of(10, 15)) {
            for (int hours : List.of(1, 24)) {
                cases.add(new Case(Duration.ofSeconds(seconds), Duration.ofHours(hours)));
            }
        }
        List<Supplier<Judgement>> next = cases.stream().map(Evaluation::next).toList();
        List<Supplier<Judgement>> all = cases.stream().map(Evaluation::all).toList();
        next.forEach(evaluate -> micros(evaluate, WARM_UP / next.size()));
        all.forEach(evaluate -> micros(evaluate, 3));
        // By turns, so that what the machine does meanwhile hits all of them.
        for (int round = 0; round < ROUNDS; round++) {
            for (int i = 0; i < cases.size(); i++) {
                cases.get(i).next.add(micros(next.get(i), LOOKS));
                cases.get(i).all.add(micros(all.get(i), 1));
            }
        }
        var table = new Table(
                System.out,
                "interval, s",
                "intervals",
                "next evaluation, CPU µs",
                "of that after 1 h",
                "all from nothing, CPU µs",
                "of that after 1 h");
        for (int i = 0; i < cases.size(); i++) {
            Case one = cases.get(i);
            Case hour = cases.get(i - i % 2);
            table.row(
                    one.interval.toSeconds(),
                    one.intervals,
                    median(one.next),
                    median(one.next) / median(hour.next),
                    median(one.all),
                    median(one.all) / median(hour.all));
        }
        System.out.println();
    }

    /** CPU time of this thread for one of so many. */
    private static double micros(Supplier<Judgement> evaluate, int times) {
        long before = THREADS.getCurrentThreadCpuTime();
        for (int i = 0; i < times; i++) {
            if (evaluate.get().metrics().size() != 1) {
                throw new IllegalStateException("nothing was evaluated");
            }
        }
        return (THREADS.getCurrentThreadCpuTime() - before) / 1e3 / times;
    }

    private static double median(List<Double> numbers) {
        return numbers.stream().sorted().skip(numbers.size() / 2).findFirst().orElseThrow();
    }

    /** The look at one interval more, from its raw samples on; what was before is in the status. */
    private static Supplier<Judgement> next(Case c) {
        Instant from = START.plus(c.interval.multipliedBy(c.intervals));
        List<Instant> bounds = List.of(from, from.plus(c.interval));
        List<MetricStatus> past = all(c).get().metrics();
        Counting counting = Counting.of(metric());
        var arms = new Arms("shop-old", "shop-new");
        List<List<Series>> answers = samples(c.interval, bounds);
        return () -> judge(c, past, arms.count(counting, answers, bounds, Duration.ZERO));
    }

    /** The judgement of all intervals at once, from their counts. */
    private static Supplier<Judgement> all(Case c) {
        List<Observation> observations = new ArrayList<>();
        for (int k = 0; k < c.intervals; k++) {
            double requests = PER_SECOND * c.interval.toSeconds();
            observations.add(new Observation(
                    START.plus(c.interval.multipliedBy(k + 1L)),
                    new Interval(
                            new Counts(bad(requests, k, .001), requests),
                            new Counts(bad(requests, k, .0036), requests)),
                    true));
        }
        return () -> judge(c, List.of(), observations);
    }

    /** Bad requests of interval k, in whole numbers and at this ratio in the long run. */
    private static double bad(double requests, int k, double ratio) {
        return Math.floor((k + 1) * requests * ratio) - Math.floor(k * requests * ratio);
    }

    private static Judgement judge(Case c, List<MetricStatus> past, List<Observation> observations) {
        var analysis = new Analysis(
                null,
                c.interval.toSeconds() + "s",
                null,
                "0s",
                null,
                null,
                "48h",
                null,
                null,
                null,
                new Analysis.Dispersion(null, 1.0),
                List.of(metric()));
        return Judgement.of(
                analysis,
                new Watched(false, START, .5),
                past,
                Map.of("errors", new Reading.Counted(observations, List.of("all", "bad"))),
                observations.getLast().end().plusSeconds(30));
    }

    private static Metric metric() {
        return new Metric("errors", "http-server/error-ratio", null, null, null, null, null, null, null, null);
    }

    /** Of the pods of both versions, from two intervals before: all requests, and the bad ones. */
    private static List<List<Series>> samples(Duration interval, List<Instant> bounds) {
        List<Series> total = new ArrayList<>();
        List<Series> bad = new ArrayList<>();
        for (int pod = 0; pod < PODS; pod++) {
            for (String version : List.of("old", "new")) {
                String name = "shop-%s-abcd%d".formatted(version, pod);
                Series good = series(name, "200", interval, bounds, PER_SECOND / PODS * (int) SCRAPE.toSeconds());
                Series failed = series(name, "500", interval, bounds, pod == 0 ? 1 : 0);
                total.addAll(List.of(good, failed));
                bad.add(failed);
            }
        }
        return List.of(total, bad);
    }

    private static Series series(String pod, String status, Duration interval, List<Instant> bounds, int perScrape) {
        List<Sample> samples = new ArrayList<>();
        long counted = 1_000_000;
        for (Instant at = bounds.getFirst().minus(interval.multipliedBy(2));
                !at.isAfter(bounds.getLast());
                at = at.plus(SCRAPE)) {
            samples.add(new Sample(at.toEpochMilli(), counted));
            counted += perScrape;
        }
        return new Series(Map.of("pod", pod, "instance", pod, "status", status, "uri", "/"), samples);
    }
}
