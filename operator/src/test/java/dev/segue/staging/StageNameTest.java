package dev.segue.staging;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class StageNameTest {
    @Test
    void followsFromTheNamesAlone() {
        assertThat(StageName.namespace(null, "prod", "shop-2")).isEqualTo("prod-stg-shop-2");
    }

    @Test
    void longNamesAreCutAndStayDifferent() {
        String one = StageName.namespace(null, "p".repeat(40), "m".repeat(60) + "1");
        String other = StageName.namespace(null, "p".repeat(40), "m".repeat(60) + "2");
        assertThat(one).hasSizeLessThanOrEqualTo(63).isNotEqualTo(other).matches("[a-z0-9]([-a-z0-9]*[a-z0-9])?");
    }

    /** Another Migration, rehearsal or claim has another; that of a cluster-wide object says whose it is. */
    @Test
    void snapshotsAreNamedByClaimAndRehearsal() {
        String one = StageName.snapshot(StageName.labels("uid", 1), "data");
        assertThat(one)
                .startsWith("segue-data-")
                .isEqualTo(StageName.snapshot(StageName.labels("uid", 1), "data"))
                .isNotEqualTo(StageName.snapshot(StageName.labels("uid", 2), "data"))
                .isNotEqualTo(StageName.snapshot(StageName.labels("other", 1), "data"));
        String longer = StageName.snapshot(StageName.labels("uid", 1), "d".repeat(252) + "1");
        assertThat(longer)
                .hasSize(63)
                .isNotEqualTo(StageName.snapshot(StageName.labels("uid", 1), "d".repeat(252) + "2"));
    }

    /** A Migration may have dots in its name, a namespace must not. */
    @Test
    void dotsDoNotMakeTwoNamesOne() {
        assertThat(StageName.namespace(null, "prod", "shop.2"))
                .isNotEqualTo(StageName.namespace(null, "prod", "shop-2"))
                .doesNotContain(".");
    }
}
