package dev.segue.analysis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TrafficShareTest {
    /** savvi, examples/InhomogeneousPoissonProcess.qmd: p of counts (148, 62). */
    @Test
    void twoArmsAsSavviHasThem() {
        double log = TrafficShare.logEvidence(new double[] {148, 62}, new double[] {.8, .2}, new double[] {80, 20});
        assertThat(Math.exp(-log)).isCloseTo(0.045579631759249686, within(1e-14));
        assertThat(new TrafficShare(.2, 0, 148, 62, 1).logMismatch()).isCloseTo(log, within(1e-12));
    }

    /** optimizely/ssrm, test_ssrm_test.py: the difference of its two marginal likelihoods. */
    @Test
    void threeArmsAsSsrmHasThem() {
        assertThat(TrafficShare.logEvidence(
                        new double[] {20, 17, 9}, new double[] {.4, .4, .2}, new double[] {1, 1, 1}))
                .isCloseTo(-7.028201432058012 - -4.0776406466, within(1e-10));
    }

    /** seqabpy's documentation: p = 0.0748645. */
    @Test
    void halfAndHalfAsSeqabpyHasIt() {
        assertThat(Math.exp(-new TrafficShare(.5, 0, 156, 212, 1).logMismatch()))
                .isCloseTo(0.0748645, within(5e-8));
    }

    @ParameterizedTest
    @CsvSource({
        "0.5,  5000,  5000, false", // as asked
        "0.5,  5400,  4600, false", // within 5 points
        "0.5, 54000, 46000, false", // however many requests say so
        "0.5,  6000,  4000, true",
        "0.5, 10000,     0, true", // routing was not applied
        "0.01,  990,    10, false", // the tolerance reaches below 0
        "0.33,    0,     0, false"
    })
    void aShareOutsideOfTheToleranceIsFound(double asked, double source, double target, boolean mismatch) {
        assertThat(new TrafficShare(asked, .05, source, target, 1).mismatch(.01))
                .isEqualTo(mismatch);
    }

    /** 4 connections of 1000 requests each that all went to the source say little. */
    @Test
    void requestsThatComeTogetherCountOnce() {
        assertThat(new TrafficShare(.5, .05, 4000, 0, 1).mismatch(.01)).isTrue();
        assertThat(new TrafficShare(.5, .05, 4000, 0, 1000).mismatch(.01)).isFalse();
    }

    /** What is asked for in a migration: 5 points of tolerance, and ten requests count as one. */
    @ParameterizedTest
    @CsvSource({
        "0.25,  800,  200, false", // a bit less
        "0.25, 8000, 2000, false", // just the tolerance
        "0.25,  300,    0, false", // a connection or two
        "0.25, 3000,    0, true",
        "0.25, 3000, 3000, true",
    })
    void aMigrationIsToldWhatIsFarOff(double asked, double source, double target, boolean mismatch) {
        assertThat(TrafficShare.of(asked, source, target).mismatch(.01)).isEqualTo(mismatch);
    }

    @Test
    void logGammaIsThatOfFactorials() {
        double log = 0;
        for (int n = 1; n < 2000; n++) {
            assertThat(TrafficShare.logGamma(n)).isCloseTo(log, within(1e-14 * Math.max(20, log)));
            log += Math.log(n);
        }
        assertThat(TrafficShare.logGamma(.5)).isCloseTo(Math.log(Math.PI) / 2, within(1e-14));
    }
}
