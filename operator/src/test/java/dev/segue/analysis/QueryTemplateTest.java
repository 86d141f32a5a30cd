package dev.segue.analysis;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class QueryTemplateTest {
    @Test
    void fillsEveryVariable() {
        assertThat(QueryTemplate.fill(
                        "sum(rate(x{namespace=\"$namespace\",pod=~\"$pods\"}[1m])) / sum(y{pod=~\"$pods\"})",
                        "prod",
                        "shop-m1"))
                .isEqualTo("sum(rate(x{namespace=\"prod\",pod=~\"shop-m1-[a-z0-9]{5}\"}[1m]))"
                        + " / sum(y{pod=~\"shop-m1-[a-z0-9]{5}\"})");
    }

    @ParameterizedTest
    @CsvSource({
        "shop-m1,    shop-m1-x7k2p,      true",
        "shop-m1,    shop-m12-x7k2p,     false",
        "shop-m1,    shop-m1-x7k2p-0,    false",
        "shop-m1,    my-shop-m1-x7k2p,   false",
        "shop.eu-m1, shop.eu-m1-x7k2p,   true",
        "shop.eu-m1, shopxeu-m1-x7k2p,   false",
        "shop-m1,    shop-m1-x7k2,       false",
    })
    void matchesThePodsOfThisReplicaSetOnly(String replicaSet, String pod, boolean matches) {
        assertThat(Pattern.matches(QueryTemplate.podsOf(replicaSet), pod)).isEqualTo(matches);
    }

    /** As the API server names them: it cuts the ReplicaSet's name and "-" to 58 characters and adds five. */
    @ParameterizedTest
    @ValueSource(ints = {1, 46, 47, 57, 58, 63, 200})
    void matchesPodsWhoseNamesAreCut(int length) {
        String base = "s".repeat(length) + "-";
        String pod = base.substring(0, Math.min(base.length(), 58)) + "x7k2p";
        assertThat(Pattern.matches(QueryTemplate.podsOf("s".repeat(length)), pod))
                .isTrue();
    }

    /** PromQL unescapes a string in double quotes and takes one in backquotes as it is: both have to mean the same. */
    @Test
    void needsNoEscapes() {
        assertThat(QueryTemplate.podsOf("shop.eu-m1")).doesNotContain("\\");
    }
}
