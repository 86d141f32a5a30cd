package dev.segue.traffic;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SetProofTest {
    @ParameterizedTest(name = "ready [{0}], set [{1}], {2} needed: {3}")
    @CsvSource({
        "a b,   a b,   2, ",
        "a b,   a b c, 2, ",
        "a,     a b,   2, Service shop has 1 of 2 needed ready endpoint(s)",
        "'',    a b,   2, Service shop has 0 of 2 needed ready endpoint(s)",
        "a b x, a b,   2, Service shop still has 1 ready endpoint(s) of other pods",
        "x y,   a b,   2, Service shop still has 2 ready endpoint(s) of other pods",
        "'',    '',    0, ",
    })
    void only(String ready, String set, int needed, @Nullable String missing) {
        assertThat(SetProof.only("shop", words(ready), Set.copyOf(words(set)), needed))
                .isEqualTo(Optional.ofNullable(missing));
    }

    @ParameterizedTest(name = "ready [{0}], set [{1}], {2} needed: {3}")
    @CsvSource({
        "x y a b, a b,   2, ",
        "x y a,   a b,   2, Service shop has 1 of 2 needed ready endpoint(s)",
        "x y,     a b,   2, Service shop has 0 of 2 needed ready endpoint(s)",
        "a b c,   a b,   2, ",
        "'',      '',    1, Service shop has 0 of 1 needed ready endpoint(s)",
    })
    void among(String ready, String set, int needed, @Nullable String missing) {
        assertThat(SetProof.among("shop", words(ready), Set.copyOf(words(set)), needed))
                .isEqualTo(Optional.ofNullable(missing));
    }

    private static List<String> words(String text) {
        return text.isEmpty() ? List.of() : List.of(text.split(" ", -1));
    }
}
