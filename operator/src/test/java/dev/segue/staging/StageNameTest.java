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

    /** A Migration may have dots in its name, a namespace must not. */
    @Test
    void dotsDoNotMakeTwoNamesOne() {
        assertThat(StageName.namespace(null, "prod", "shop.2"))
                .isNotEqualTo(StageName.namespace(null, "prod", "shop-2"))
                .doesNotContain(".");
    }
}
