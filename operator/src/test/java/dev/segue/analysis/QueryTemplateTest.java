package dev.segue.analysis;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class QueryTemplateTest {
    @Test
    void fillsEveryVariable() {
        assertThat(QueryTemplate.fill(
                        "sum(rate(x{namespace=\"$namespace\",pod=~\"$pods\"}[1m])) / sum(y{pod=~\"$pods\"})",
                        "prod",
                        "shop-m1"))
                .isEqualTo("sum(rate(x{namespace=\"prod\",pod=~\"shop-m1-[a-z0-9]+\"}[1m]))"
                        + " / sum(y{pod=~\"shop-m1-[a-z0-9]+\"})");
    }

    @ParameterizedTest
    @CsvSource({
        "shop-m1,    shop-m1-x7k2p,      true",
        "shop-m1,    shop-m12-x7k2p,     false",
        "shop-m1,    shop-m1-x7k2p-0,    false",
        "shop-m1,    my-shop-m1-x7k2p,   false",
        "shop.eu-m1, shop.eu-m1-x7k2p,   true",
        "shop.eu-m1, shopxeu-m1-x7k2p,   false",
    })
    void matchesThePodsOfThisReplicaSetOnly(String replicaSet, String pod, boolean matches) {
        assertThat(Pattern.matches(QueryTemplate.podsOf(replicaSet), pod)).isEqualTo(matches);
    }

    /** PromQL unescapes a string in double quotes and takes one in backquotes as it is: both have to mean the same. */
    @Test
    void needsNoEscapes() {
        assertThat(QueryTemplate.podsOf("shop.eu-m1")).doesNotContain("\\");
    }
}
