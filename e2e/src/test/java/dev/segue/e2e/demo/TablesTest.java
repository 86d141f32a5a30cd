package dev.segue.e2e.demo;

import static org.assertj.core.api.Assertions.assertThat;

import dev.segue.e2e.demo.Report.Promise;
import dev.segue.e2e.demo.Report.Traffic;
import dev.segue.e2e.witness.Kind;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TablesTest {

    @Test
    void requestsByKindAndVersion() {
        assertThat(Tables.requests(Examples.GOOD).lines())
                .containsExactly(
                        "  REQUESTS                       1.0.0       2.0.0      FAILED",
                        "  a connection each              1,800       1,860           0",
                        "  on kept connections              840         900           0",
                        "  of 2 seconds                       0         200           0",
                        "  all                            2,640       2,960           0");
    }

    @Test
    void requestsThatNobodyAnsweredHaveAColumn() {
        var none = new Traffic(3, 3, Map.of("refused", 3L), Map.of());
        var moved = Examples.with(Examples.GOOD, 3, Map.of(Kind.NEW, Map.of("1.0.0", Examples.good(10), "none", none)));

        assertThat(Tables.requests(moved).lines().toList())
                .startsWith("  REQUESTS                       1.0.0   NO ANSWER      FAILED")
                .endsWith("  all                               10           3           3");
    }

    @Test
    void phasesWithDurations() {
        assertThat(Tables.phases(Examples.GOOD))
                .isEqualTo("  Shifting 28.1 s > Soaking 12.0 s > Completed after 61.5 s");
    }

    @Test
    void aBrokenPromiseStandsOut() {
        assertThat(Tables.promises(List.of(new Promise("good", true, "seen"), new Promise("bad", false, "not seen")))
                        .lines())
                .containsExactly("  kept     good: seen", "  BROKEN   bad: not seen");
    }
}
