package dev.segue.analysis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.segue.analysis.Scenarios.Burst;
import dev.segue.analysis.Scenarios.Need;
import dev.segue.analysis.Scenarios.Target;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.FieldSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What the verdicts do to simulated traffic. The figures of many runs are kept; each build simulates everything anew with
 * fewer runs. What is random is compared within {@link #ERRORS} standard errors: about 1 in 16,000 for one comparison.
 */
class VerdictDocumentTest {
    private static final Path DOC = Path.of("..", "docs", "verdict.md");
    private static final Path PICTURE = Path.of("..", "docs", "verdict.svg");
    private static final double ERRORS = 4;

    /** What the page rests on; with 0 it is written anew from the kept figures. */
    private static final int RUNS = Integer.getInteger("segue.docs.runs", 2000);

    private static final long SEED = 1;
    private static final int FEW_RUNS = 100;
    private static final long OTHER_SEED = 2;

    /** Tables of the design come from at least this many runs. */
    private static final int DESIGN_RUNS = 1000;

    private static final Map<String, Figures> FIGURES = new LinkedHashMap<>();

    @BeforeAll
    static void figures() throws IOException {
        boolean write = Boolean.getBoolean("segue.docs.write");
        if (write && RUNS > 0) {
            for (Trials.Scenario scenario : Scenarios.all()) {
                Trials.run(scenario, RUNS, SEED)
                        .forEach((rule, trials) -> FIGURES.put(scenario.name() + "/" + rule, Figures.of(trials)));
            }
            Figures.write(FIGURES);
        } else {
            FIGURES.putAll(Figures.read());
        }
        if (write) {
            VerdictDocument document = new VerdictDocument(FIGURES);
            Files.writeString(DOC, document.text());
            Files.writeString(PICTURE, document.picture());
        }
    }

    @Test
    void documentIsCurrent() throws IOException {
        VerdictDocument document = new VerdictDocument(FIGURES);
        assertThat(Files.readString(DOC))
                .as("differs from the figures; regenerate it: " + VerdictDocument.REGENERATE)
                .isEqualTo(document.text());
        assertThat(Files.readString(PICTURE))
                .as("differs from the figures; regenerate it: " + VerdictDocument.REGENERATE)
                .isEqualTo(document.picture());
    }

    static Stream<Trials.Scenario> scenarios() {
        return Scenarios.all().stream();
    }

    /** The kept figures are what the code does today, not what it did once. */
    @ParameterizedTest(name = "{0}")
    @MethodSource("scenarios")
    void figuresAreThoseOfTheCode(Trials.Scenario scenario) {
        Trials.run(scenario, FEW_RUNS, OTHER_SEED).forEach((rule, trials) -> {
            Figures kept = at(scenario.name(), rule);
            near(rule + " reverted", trials.reverted(), trials.runs(), kept.reverted(), kept.runs());
            near(rule + " promoted", trials.promoted(), trials.runs(), kept.promoted(), kept.runs());
            median(
                    rule + " look of the revert",
                    trials.reverts(),
                    kept.revertAt().getFirst());
            median(
                    rule + " look of the promotion",
                    trials.promotes(),
                    kept.promoteAt().getFirst());
        });
    }

    /** The promise: each kind of error at its nominal rate at most, at the tolerance, where it is greatest. */
    @Test
    void errorsKeepTheirNominalRate() {
        List<String> worst = new ArrayList<>();
        FIGURES.forEach((key, f) -> {
            if (key.endsWith("/" + Scenarios.SEGUE)
                    && (key.contains(Target.AT_TOLERANCE.name()) || key.contains("objective 0.01"))) {
                worst.add(key);
                atMost(key + " reverted", f.reverted(), f.runs(), Risk.DEFAULT.falseRevert());
                atMost(key + " promoted", f.promoted(), f.runs(), Risk.DEFAULT.falsePromote());
            }
        });
        assertThat(worst).hasSize(Scenarios.BURSTS.size() + 3);
    }

    @Test
    void equalVersionsAreNotRevertedAndWorseOnesAreNotPromoted() {
        FIGURES.forEach((key, f) -> {
            if (key.endsWith("/" + Scenarios.SEGUE)) {
                if (key.contains("EQUAL") || key.contains("equal") || key.startsWith("simpson")) {
                    atMost(key + " reverted", f.reverted(), f.runs(), .001);
                }
                if (key.contains("PLUS") || key.contains(" to ")) {
                    atMost(key + " promoted", f.promoted(), f.runs(), .005);
                }
            }
        });
    }

    /** The tables of the design, from an independent implementation: reverted and promoted in percent. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "control EQUAL                                | Segue                |   0   | 100",
                "control AT_TOLERANCE                         | Segue                |   0.4 | 2.5",
                "control PLUS_1PP                             | Segue                | 100   |",
                "control PLUS_5PP                             | Segue                | 100   |",
                "control AT_TOLERANCE                         | z-test at every look |   6.8 | 47.8",
                "peers equal 0.1 %, 1 a second                | Segue                |   0   | 71",
                "peers equal 0.1 %, 1 a second                | Flagger              |  27   |",
                "peers equal 0.1 %, 1 a second                | Argo Rollouts        |  46   |",
                "peers equal 0.8 %, 10 a second               | Segue                |   0   | 100",
                "peers equal 0.8 %, 10 a second               | Flagger              | 100   |",
                "peers equal 0.8 %, 10 a second               | Argo Rollouts        | 100   |",
                "peers 0.1 % to 0.5 %, 50 a second            | Segue                | 100   |",
                "peers 0.1 % to 0.5 %, 50 a second            | Flagger              |   0   |",
                "peers 0.1 % to 0.5 %, 50 a second            | Argo Rollouts        |   0   |",
                "peers 0.1 % to 1.1 %, 10 a second            | Segue                | 100   |",
                "peers 0.1 % to 1.1 %, 10 a second            | Flagger              | 100   |",
                "peers 0.1 % to 1.1 %, 10 a second            | Argo Rollouts        | 100   |",
                "simpson 1.0                                  | Segue                |   0.2 | 100",
                "simpson 1.0                                  | on totals            | 100   |",
                "bursts each error by itself EQUAL            | Segue without φ      |   0   |",
                "bursts each error by itself AT_TOLERANCE     | Segue without φ      |       | 2.1",
                "bursts each error by itself AT_TOLERANCE     | Segue                |       | 1.2",
                "bursts clusters of 3 EQUAL                   | Segue without φ      |   2.4 |",
                "bursts clusters of 3 AT_TOLERANCE            | Segue without φ      |       | 54",
                "bursts clusters of 3 PLUS_1PP                | Segue                | 100   |",
                "bursts clusters of 10 EQUAL                  | Segue without φ      |  14   |",
                "bursts clusters of 10 AT_TOLERANCE           | Segue without φ      |       | 85",
                "bursts clusters of 10 PLUS_1PP               | Segue                | 100   |",
                "bursts clusters of 10 PLUS_5PP               | Segue                | 100   |",
                "bursts clusters of 30 EQUAL                  | Segue without φ      |  30   |",
                "bursts clusters of 30 AT_TOLERANCE           | Segue without φ      |       | 93",
                "bursts clusters of 30 PLUS_5PP               | Segue                | 100   |",
                "bursts pods sick for 5 min PLUS_5PP          | Segue                | 100   |",
            })
    void figuresAreThoseOfTheDesign(String scenario, String rule, Double reverted, Double promoted) {
        Figures f = at(scenario, rule);
        if (reverted != null) {
            near("reverted", reverted / 100, DESIGN_RUNS, f.reverted(), f.runs());
        }
        if (promoted != null) {
            near("promoted", promoted / 100, DESIGN_RUNS, f.promoted(), f.runs());
        }
    }

    /** Medians of the design in target requests; it does not say of how many runs. 15 percent are 4 standard errors at 450. */
    @ParameterizedTest
    @CsvSource({
        "0, 4284, 16124",
        "1, 2982, 10153",
        "2, 1127, 4025",
        "3, 6444, 13514",
        "4, 8288, 15456",
        "5, 2491, 7496",
        "6, 4257, 7970"
    })
    void requestsNeededAreThoseOfTheDesign(int index, double equal, double worse) {
        Need need = Scenarios.NEEDS.get(index);
        assertThat(at("needs " + need.name(false), Scenarios.SEGUE).promoteAt().getFirst() * need.step(false))
                .isCloseTo(equal, within(.15 * equal));
        assertThat(at("needs " + need.name(true), Scenarios.SEGUE).revertAt().getFirst() * need.step(true))
                .isCloseTo(worse, within(.15 * worse));
    }

    static final List<Need> NEEDS = Scenarios.NEEDS;

    /** What a migration would be told before it starts is no less than the median of what it takes, and kept by most. */
    @ParameterizedTest
    @FieldSource("NEEDS")
    void theForecastIsBetweenTheMedianAndNineOfTen(Need need) {
        Figures equal = at("needs " + need.name(false), Scenarios.SEGUE);
        Figures worse = at("needs " + need.name(true), Scenarios.SEGUE);
        assertThat(need.forecast(false) / need.step(false))
                .isBetween((double) equal.promoteAt().getFirst(), (double)
                        equal.promoteAt().getLast());
        assertThat(need.forecast(true) / need.step(true))
                .isBetween((double) worse.revertAt().getFirst(), (double)
                        worse.revertAt().getLast());
    }

    /** Each correction is needed: without it the same traffic gets wrong verdicts. */
    @Test
    void withoutTheCorrectionsVerdictsAreWrong() {
        for (Burst burst : Scenarios.BURSTS.subList(2, Scenarios.BURSTS.size())) {
            assertThat(at("bursts " + burst.name() + " EQUAL", Scenarios.UNCORRECTED)
                            .reverted())
                    .isGreaterThan(.1);
            assertThat(at("bursts " + burst.name() + " AT_TOLERANCE", Scenarios.UNCORRECTED)
                            .promoted())
                    .isGreaterThan(.7);
        }
        assertThat(at("bursts pods sick for 5 min AT_TOLERANCE", Scenarios.ONE_BLOCK)
                        .promoted())
                .isGreaterThan(.1);
        assertThat(at("simpson 0.9", Scenarios.POOLED).reverted()).isGreaterThan(.95);
    }

    private static Figures at(String scenario, String rule) {
        return Objects.requireNonNull(FIGURES.get(scenario + "/" + rule), scenario + "/" + rule);
    }

    /** Two rates of so many runs each, on the scale of arcsines, where the standard error is the same also near 0 and 1. */
    private static void near(String what, double one, int runs, double other, int otherRuns) {
        double difference = 2 * Math.abs(Math.asin(Math.sqrt(one)) - Math.asin(Math.sqrt(other)));
        assertThat(difference)
                .as("%s: %s of %d runs, %s of %d", what, one, runs, other, otherRuns)
                .isLessThanOrEqualTo(ERRORS * Math.sqrt(1.0 / runs + 1.0 / otherRuns));
    }

    private static void atMost(String what, double seen, int runs, double nominal) {
        assertThat(seen).as(what).isLessThanOrEqualTo(nominal + ERRORS * Math.sqrt(nominal * (1 - nominal) / runs));
    }

    /** A median lies between the values of ranks that are half the number, give or take standard errors. */
    private static void median(String what, List<Integer> sorted, int kept) {
        double error = ERRORS * Math.sqrt(sorted.size()) / 2;
        int low = (int) Math.floor(sorted.size() / 2.0 - error);
        int high = (int) Math.ceil(sorted.size() / 2.0 + error);
        if (low >= 0 && high < sorted.size()) {
            assertThat(kept).as(what).isBetween(sorted.get(low), sorted.get(high));
        }
    }
}
