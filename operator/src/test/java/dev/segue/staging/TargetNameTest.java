package dev.segue.staging;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class TargetNameTest {
    private static final String UID = "0b1f3c1e-6f0a-4c57-9d6b-0d1a4f2b7c11";
    private static final String DNS_LABEL = "[a-z0-9]([-a-z0-9]*[a-z0-9])?";

    @Test
    void followsFromTheUidAlone() {
        assertThat(TargetName.hash(UID, 1))
                .isEqualTo(TargetName.hash(UID, 1))
                .matches("m[bcdfghjklmnpqrstvwxz2456789]{9}");
        assertThat(IntStream.range(0, 10_000)
                        .mapToObj(i -> TargetName.hash("uid-" + i, 1 + i % 3))
                        .collect(Collectors.toSet()))
                .hasSize(10_000);
    }

    /** Kubernetes encodes the digits of a number with this alphabet, so that only these characters can occur. */
    @Test
    void isNoHashThatADeploymentCouldMake() {
        assertThat("bcdf456789").doesNotContain(TargetName.hash(UID, 1).substring(0, 1));
    }

    /** With "-" at most 58 characters: the API server would cut more off, and the hash with it. */
    @Test
    void replicaSetsPodsAreNamedInFull() {
        String hash = TargetName.hash(UID, 1);
        assertThat(TargetName.replicaSet("shop", hash)).isEqualTo("shop-" + hash);
        assertThat(TargetName.replicaSet("s".repeat(46), hash)).isEqualTo("s".repeat(46) + "-" + hash);
        assertThat(TargetName.replicaSet("s".repeat(63), hash))
                .isEqualTo("s".repeat(46) + "-" + hash)
                .hasSize(57);
    }

    @Test
    void aCutNameIsStillAName() {
        assertThat(TargetName.replicaSet("s".repeat(45) + "-" + "t".repeat(9), "m1234"))
                .isEqualTo("s".repeat(45) + "-ttttt-m1234");
        assertThat(TargetName.replicaSet("s".repeat(43) + ".-.-" + "t".repeat(9), "m123456789"))
                .isEqualTo("s".repeat(43) + "-m123456789");
    }

    @Test
    void holdServicesHaveValidAndDistinctNames() {
        assertThat(TargetName.hold("shop")).isEqualTo("shop-segue-hold");
        String one = TargetName.hold("s".repeat(62) + "1");
        String other = TargetName.hold("s".repeat(62) + "2");
        assertThat(one).hasSizeLessThanOrEqualTo(63).matches(DNS_LABEL).isNotEqualTo(other);
    }
}
