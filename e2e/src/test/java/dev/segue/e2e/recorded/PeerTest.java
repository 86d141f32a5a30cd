package dev.segue.e2e.recorded;

import static org.assertj.core.api.Assertions.assertThat;

import dev.segue.analysis.Counts;
import dev.segue.analysis.Interval;
import dev.segue.analysis.Observation;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The rules of others are what they are said to be, and what RuleTest shows of those that are simulated. */
class PeerTest {
    private static final Duration INTERVAL = Duration.ofSeconds(10);
    private static final Peer FLAGGER = Peer.ALL.getFirst();
    private static final Peer ARGO = Peer.ALL.getLast();
    private static final int AT_LIMIT = 10;
    private static final int ABOVE = 11;

    @Test
    void flaggerRollsBackAtTheThresholdAndArgoAbortsAboveTheLimit() {
        List<Observation> checks = checks(Collections.nCopies(9, ABOVE));
        assertThat(FLAGGER.on(checks, INTERVAL))
                .isEqualTo(new Detection(FLAGGER.name(), "rolls back", 5, 5000, 55, 50));
        assertThat(ARGO.on(checks, INTERVAL)).isEqualTo(new Detection(ARGO.name(), "rolls back", 4, 4000, 44, 40));
    }

    @Test
    void aRatioAtTheLimitIsGoodHoweverOften() {
        assertThat(FLAGGER.on(checks(Collections.nCopies(60, AT_LIMIT)), INTERVAL))
                .isEqualTo(new Detection(FLAGGER.name(), "goes on (0 failed)", 60, 60_000, 600, 600));
    }

    @Test
    void failedChecksNeedNotFollowEachOther() {
        List<Observation> checks = checks(List.of(ABOVE, 0, ABOVE, 0, ABOVE, 0, ABOVE));
        assertThat(ARGO.on(checks, INTERVAL).checks()).isEqualTo(7);
        assertThat(ARGO.on(checks, INTERVAL).decision()).isEqualTo("rolls back");
        assertThat(FLAGGER.on(checks, INTERVAL).text())
                .isEqualTo(FLAGGER.name()
                        + ": goes on (4 failed) after 7 checks, 7000 requests of the target (44 bad), 70 s");
    }

    /** Of 1000 requests each. */
    private static List<Observation> checks(List<Integer> bad) {
        List<Observation> checks = new ArrayList<>();
        for (int k = 0; k < bad.size(); k++) {
            checks.add(new Observation(
                    Instant.EPOCH.plus(INTERVAL.multipliedBy(k + 1L)),
                    new Interval(new Counts(0, 1000), new Counts(bad.get(k), 1000)),
                    true));
        }
        return checks;
    }
}
