package dev.segue.analysis;

import dev.segue.api.Analysis;
import dev.segue.api.ComparisonStatus.Checkpoint;
import dev.segue.api.Metric;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** When what is evaluated: the intervals of a hold, each once, some time after its end. */
public final class Schedule {
    /**
     * As much as one look asks for, but one interval in any case; an operator that was away catches up in several. Raw samples
     * are many.
     */
    private static final Duration MOST = Duration.ofMinutes(10);

    private static final Duration LONGEST_WARMUP = Duration.ofMinutes(5);

    /** Intervals of the history: enough for blocks of 20 many times over. */
    private static final long LONGEST_HISTORY = 1440;

    private Schedule() {}

    /**
     * The bounds of the intervals that can be evaluated now and have not been; empty when there are none.
     *
     * @param holdSince when the hold began
     * @param past of what has been evaluated, null before the first; of anything but what the metric counts now it is ignored
     */
    public static List<Instant> due(
            Analysis analysis, Metric metric, Instant holdSince, @Nullable Checkpoint past, Instant now) {
        Duration interval = analysis.intervalOrDefault();
        Instant first = holdSince.plus(analysis.warmupOrDefault());
        Instant known = past == null || !past.of().equals(Comparing.of(analysis, metric)) ? first : past.until();
        Instant from = known.isBefore(first) ? first : known;
        Instant settled = now.minus(analysis.settleDelayOrDefault());
        long most = Math.max(1, MOST.dividedBy(interval));
        List<Instant> bounds = new ArrayList<>();
        for (Instant end = from.plus(interval);
                !end.isAfter(settled) && bounds.size() <= most;
                end = end.plus(interval)) {
            if (bounds.isEmpty()) {
                bounds.add(from);
            }
            bounds.add(end);
        }
        return bounds;
    }

    /**
     * How much of a pod that comes later is left out. No more than samples are looked back for: raw samples are many, and
     * whether a pod is new has to be found in them.
     */
    public static Duration ofPod(Analysis analysis) {
        Duration warmup = analysis.warmupOrDefault();
        return warmup.compareTo(LONGEST_WARMUP) < 0 ? warmup : LONGEST_WARMUP;
    }

    /** From the beginning of a hold until its first interval can be evaluated. */
    public static Duration first(Analysis analysis) {
        return analysis.warmupOrDefault().plus(analysis.intervalOrDefault()).plus(analysis.settleDelayOrDefault());
    }

    /** The bounds of the history's intervals: multiples of the interval, so that asking again asks for the same. */
    public static List<Instant> history(Analysis analysis, Instant now) {
        Duration interval = analysis.intervalOrDefault();
        long length = interval.toMillis();
        Instant end =
                Instant.ofEpochMilli(now.minus(analysis.settleDelayOrDefault()).toEpochMilli() / length * length);
        long intervals =
                Math.clamp(analysis.dispersionOrDefault().lookbackOrDefault().dividedBy(interval), 1, LONGEST_HISTORY);
        List<Instant> bounds = new ArrayList<>();
        for (long k = intervals; k >= 0; k--) {
            bounds.add(end.minus(interval.multipliedBy(k)));
        }
        return bounds;
    }
}
