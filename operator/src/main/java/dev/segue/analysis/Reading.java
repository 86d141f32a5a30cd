package dev.segue.analysis;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** One evaluation of a metric. Missing data is neither success nor harm, so it is a case of its own. */
public sealed interface Reading {
    /** The query gave one finite number. */
    record Value(double number) implements Reading {}

    /** There is nothing to go by; of a query each of these is missing data. */
    sealed interface Missing extends Reading {
        /** A sentence for humans. */
        String why();
    }

    /**
     * There is no number: the provider did not answer, the result was empty, or not a number.
     *
     * @param why a sentence for humans
     */
    record NoData(String why) implements Missing {}

    /**
     * Requests were counted, interval by interval.
     *
     * @param selectors that Prometheus was asked for
     * @param absent why a version has no series at all; null when each has some, or nobody knows
     */
    record Counted(
            List<Observation> observations,
            List<String> selectors,
            @Nullable String absent) implements Reading {
        public Counted(List<Observation> observations, List<String> selectors) {
            this(observations, selectors, null);
        }
    }

    /**
     * The source's requests before the migration, by pod and interval.
     *
     * @param interval how long one of them is
     * @param absent what does not exist of that which is asked for; null when all does
     */
    record History(
            List<Map<String, Counts>> intervals,
            Duration interval,
            @Nullable String absent) implements Reading {
        public History(List<Map<String, Counts>> intervals, Duration interval) {
            this(intervals, interval, null);
        }
    }

    /** The provider did not answer: it is asked again. */
    record Unavailable(String why) implements Missing {}

    /** The question is wrong: the user has to change it. */
    record Refused(String why) implements Missing {}
}
