package dev.segue.traffic;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RatioTest {
    @ParameterizedTest(name = "{0} % beside {1} pods: {2} pods, {3} %")
    @CsvSource({
        "25,  4,  2,  33",
        "25,  3,  1,  25",
        "25,  1,  1,  50",
        "25, 12,  4,  25",
        "50,  4,  4,  50",
        "50,  1,  1,  50",
        "5,   4,  1,  20",
        "5,  19,  1,   5",
        "5,  20,  2,   9",
        "1, 100,  2,   2",
        "1,  99,  1,   1",
        "10,  9,  1,  10",
        "33, 10,  5,  33",
        "100, 4,  4,  50",
        "100, 7,  7,  50",
    })
    void wholePods(int weight, int source, int target, int effective) {
        assertThat(Ratio.targetReplicas(weight, source)).isEqualTo(target);
        assertThat(Ratio.effectiveWeight(target, source)).isEqualTo(effective);
    }

    @ParameterizedTest
    @CsvSource({"1", "2", "3", "4", "7", "10", "33", "100"})
    void givesAtLeastTheWeightAndWithOnePodLessDoesNot(int source) {
        for (int weight = 1; weight <= 50; weight++) {
            int target = Ratio.targetReplicas(weight, source);
            assertThat(100.0 * target / (target + source)).isGreaterThanOrEqualTo(weight);
            assertThat(target == 1 || 100.0 * (target - 1) / (target - 1 + source) < weight)
                    .as("%d%% beside %d", weight, source)
                    .isTrue();
        }
    }

    @ParameterizedTest
    @CsvSource({"0, 0, 0", "4, 0, 100", "0, 4, 0", "1, 2, 33", "2, 1, 67"})
    void share(int target, int source, int percent) {
        assertThat(Ratio.effectiveWeight(target, source)).isEqualTo(percent);
    }
}
