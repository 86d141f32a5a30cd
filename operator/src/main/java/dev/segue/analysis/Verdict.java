package dev.segue.analysis;

/**
 * What is to be said of a metric, or of all of them. Only the first two are decisions. The others hold: what is missing
 * is neither success nor harm.
 */
public sealed interface Verdict {
    /** As the status says it. */
    default String name() {
        return getClass().getSimpleName();
    }

    /** The target is worse than tolerated: revert. */
    record Harm() implements Verdict {}

    /** The target is not worse than tolerated: it may get more traffic. */
    record NonInferior() implements Verdict {}

    /** More requests are needed. */
    record Undecided() implements Verdict {}

    /** There is nothing to compare: an arm has had no requests. */
    record NoData(String why) implements Verdict {}

    /** Prometheus does not answer, which says nothing about the target. It is asked again. */
    record ProviderError(String why) implements Verdict {}

    /** The question is wrong: the user has to change it. */
    record ConfigError(String why) implements Verdict {}

    /** It cannot be decided, or not in time: the user's policy says what then. */
    record Inconclusive(Reason reason, String why) implements Verdict {
        /** Why it cannot be decided. */
        public enum Reason {
            /** The time allowed is over. */
            Deadline,
            /** The time allowed is over, and there were no requests to compare. */
            NoTraffic,
            /** The time allowed is over, and too many intervals had no data. */
            Coverage,
            /** Prometheus has been away for longer than allowed. */
            ProviderOutage
        }
    }
}
