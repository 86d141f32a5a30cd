package dev.segue.staging;

import dev.segue.api.Durations;
import dev.segue.api.Migration;
import dev.segue.api.MigrationSpec;
import dev.segue.api.Step;
import dev.segue.api.Verify;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The Migration that rehearses the moves: what production's will do, with its holds and waits cut to seconds, as the load's
 * connections are short, and without metrics, as the load itself judges.
 */
public final class StageMoves {
    private static final Duration HOLD = Duration.ofSeconds(5);
    private static final Duration DRAIN = Duration.ofSeconds(10);

    /** It is taken back long before. */
    private static final String SOAK = "24h";

    private StageMoves() {}

    /** @param labels of all that is in the copy */
    public static Migration of(MigrationSpec production, String namespace, Map<String, String> labels) {
        Migration moves = new Migration();
        moves.setMetadata(new ObjectMetaBuilder()
                .withName(StageName.MOVES)
                .withNamespace(namespace)
                .withLabels(labels)
                .build());
        moves.setSpec(new MigrationSpec(
                MigrationSpec.Mode.Run,
                false,
                production.components(),
                steps(production.plannedSteps()),
                null,
                null,
                verify(production.verifyOrDefault()),
                production.handover(),
                MigrationSpec.OnFailure.Revert,
                production.deadline()));
        return moves;
    }

    private static List<Step> steps(List<Step> production) {
        List<Step> steps = new ArrayList<>();
        for (Step step : production) {
            steps.add(new Step(step.weight(), step.weight() == 100 ? SOAK : shorter(step.holdFor(), HOLD)));
        }
        return steps;
    }

    private static Verify verify(Verify production) {
        Verify.Drain drain = production.drainOrDefault();
        String wait = shorter(drain.query() == null ? drain.waitOrDefault() : DRAIN, DRAIN);
        return new Verify(production.propagation(), new Verify.Drain(null, null, wait, null, null));
    }

    private static String shorter(Duration given, Duration most) {
        return Durations.format(given.compareTo(most) < 0 ? given : most);
    }
}
