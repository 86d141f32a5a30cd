package dev.segue.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Size;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The figures of one comparison. Whatever the verdict rests on is here, so that a human can recompute it. */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record ComparisonStatus(
        @JsonPropertyDescription(
                "What the target is compared with: Source, at the same time; Frozen, what the source had"
                        + " before the cutover, as nothing runs beside the target any more; or Objective.")
        Against against,

        @JsonPropertyDescription("The source's requests.") Counted source,

        @JsonPropertyDescription("The target's requests.") Counted target,

        @JsonPropertyDescription("How much worse the target is, in percentage points, and how much is tolerated.")
        Effect effect,

        @JsonPropertyDescription("How strong the evidence is, as natural logarithms.")
        Evidence evidence,

        @JsonPropertyDescription("How much bad requests come in clusters; evidence is divided by it.")
        Dispersion dispersion,

        @JsonPropertyDescription("How many of the intervals with samples had requests.")
        Coverage coverage,

        @JsonPropertyDescription(
                "About how many requests of the target are still needed, for a verdict and at this weight,"
                        + " and how long that takes.")
        @Nullable
        String eta,

        @JsonPropertyDescription("Which share of the requests the target got at this weight, and which one its ready"
                + " endpoints suggest; absent when nothing is shared.")
        @Nullable
        String share,

        @JsonPropertyDescription("The selectors that Prometheus is asked for.") @Size(max = 4)
        List<String> queries) {

    public ComparisonStatus {
        queries = List.copyOf(queries);
    }

    /** What the target is compared with. */
    public enum Against {
        Source,
        Frozen,
        Objective
    }

    /** Requests of one version. */
    public record Counted(
            @JsonPropertyDescription("Bad ones.") double bad,

            @JsonPropertyDescription("All.") double total,

            @JsonPropertyDescription("Bad of all, in percent.")
            String ratio) {}

    /** How much worse the target is. */
    public record Effect(
            @JsonPropertyDescription(
                    "The target's ratio less the tolerated multiple of the source's, within intervals.")
            String excess,

            @JsonPropertyDescription("Its lower bound, which holds at all times at once.")
            String lower,

            @JsonPropertyDescription("Its upper bound, likewise.")
            String upper,

            @JsonPropertyDescription("How much is tolerated.")
            String tolerance) {}

    /** How strong the evidence is. */
    public record Evidence(
            @JsonPropertyDescription("For harm.") double harm,

            @JsonPropertyDescription("What reverts.") double harmNeeded,

            @JsonPropertyDescription("For non-inferiority.") double nonInferior,

            @JsonPropertyDescription("What promotes.") double nonInferiorNeeded,

            @JsonPropertyDescription("How far it is to each decision, for humans.")
            String progress) {}

    /** How much bad requests come in clusters. */
    public record Dispersion(
            @JsonPropertyDescription("Variance over mean, 1 or more.")
            double phi,

            @JsonPropertyDescription("What it is from.") String origin) {}

    /** How many of the intervals with samples had requests. */
    public record Coverage(
            @JsonPropertyDescription("Intervals with requests of both versions.")
            int intervals,

            @JsonPropertyDescription("Intervals with samples, but without requests of both.")
            int missing,

            @JsonPropertyDescription("The first interval's beginning.")
            Instant from,

            @JsonPropertyDescription("The last one's end.") Instant to,

            @JsonPropertyDescription(
                    "Ready pods without samples in the last interval, of a version of which others have some.")
            @Nullable
            String unseen) {}

    /** How the requests of a hold were shared. */
    public record Shares(
            @JsonPropertyDescription("The source's.") double source,

            @JsonPropertyDescription("The target's.") double target,

            @JsonPropertyDescription("How many its share of the ready endpoints suggests for the target.")
            double expected) {}

    /** What the source was like before the migration. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Baseline(
            @JsonPropertyDescription("Which counters it is of.")
            String of,

            @JsonPropertyDescription("Bad requests in the history.")
            double bad,

            @JsonPropertyDescription("All requests in it.") double total,

            @JsonPropertyDescription("Bad of all, in percent.")
            String ratio,

            @JsonPropertyDescription("Requests per second.") double perSecond,

            @JsonPropertyDescription("Intervals with requests.")
            int intervals,

            @JsonPropertyDescription("Pods with requests.") int pods,

            @JsonPropertyDescription("How much bad requests came in clusters, between pods.")
            double phi,

            @JsonPropertyDescription("The same with what hit all pods at once, which counts when nothing runs beside.")
            double phiAlone,

            @JsonPropertyDescription("How long each step takes to show an equal version non-inferior, about.")
            String forecast) {

        public Baseline {
            forecast = Message.cut(forecast);
        }
    }

    /**
     * All that the evidence so far consists of, so that a restart loses nothing. The sums of the bets come in pairs, gain and
     * stake.
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Checkpoint(
            @JsonPropertyDescription("What it is the evidence of; evidence of anything else begins anew.")
            String of,

            @JsonPropertyDescription("The beginning of the first interval.")
            Instant from,

            @JsonPropertyDescription("The end of the last interval that was evaluated.")
            Instant until,

            @JsonPropertyDescription("The end of the last interval with samples of a version.") @Nullable
            Instant sampledUntil,

            @JsonPropertyDescription("The hold that the following counts are of.")
            Instant holdSince,

            @JsonPropertyDescription("Intervals with samples in this hold.")
            int holdIntervals,

            @JsonPropertyDescription("The source's requests in this hold.")
            double holdSource,

            @JsonPropertyDescription("Bad ones of them.") double holdSourceBad,

            @JsonPropertyDescription("The target's requests in this hold.")
            double holdTarget,

            @JsonPropertyDescription("Bad ones of them.") double holdTargetBad,

            @JsonPropertyDescription("All requests of this hold, for the check of how they are shared.") @Nullable
            Shares shares,

            @JsonPropertyDescription("Intervals without requests of both versions.")
            int missing,

            @JsonPropertyDescription("The source's requests before the cutover, once it is compared with them.")
            @Nullable
            Counted frozen,

            @JsonPropertyDescription("What the source's ratio is multiplied with.")
            double factor,

            @JsonPropertyDescription("Intervals with requests of both versions.")
            int intervals,

            @JsonPropertyDescription("The source's bad requests.")
            double sourceBad,

            @JsonPropertyDescription("The source's requests.")
            double sourceTotal,

            @JsonPropertyDescription("The target's bad requests.")
            double targetBad,

            @JsonPropertyDescription("The target's requests.")
            double targetTotal,

            @JsonPropertyDescription("Sum of the weights of the intervals.")
            double strataWeight,

            @JsonPropertyDescription("Weighted sum of the source's ratios.")
            double strataSource,

            @JsonPropertyDescription("Weighted sum of the target's ratios.")
            double strataTarget,

            @JsonPropertyDescription(
                    "Of each bet on harm, its gain and its stake: 24 numbers since the first interval, and 24 since each later"
                            + " hold.")
            @Size(max = 192)
            List<Double> harm,

            @JsonPropertyDescription("Of each bet on non-inferiority, its gain and its stake.") @Size(max = 26)
            List<Double> nonInferior) {

        public Checkpoint {
            harm = List.copyOf(harm);
            nonInferior = List.copyOf(nonInferior);
        }
    }
}
