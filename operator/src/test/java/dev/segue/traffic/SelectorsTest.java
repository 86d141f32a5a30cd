package dev.segue.traffic;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

class SelectorsTest {
    private static final Map<String, String> SHOP = Map.of("app", "shop");

    @Test
    void wideningTakesBackWhatNarrowingDid() {
        Map<String, String> pinned = Selectors.pinned(SHOP, "m1");
        assertThat(pinned).isEqualTo(Map.of("app", "shop", "pod-template-hash", "m1"));
        assertThat(Selectors.pinned(pinned, "m2")).containsEntry("pod-template-hash", "m2");
        assertThat(Selectors.unpinned(pinned)).isEqualTo(SHOP);
        assertThat(Selectors.unpinned(SHOP)).isEqualTo(SHOP);
    }

    @Test
    void picksByEveryEntry() {
        assertThat(Selectors.picks(SHOP, Map.of("app", "shop", "tier", "web"))).isTrue();
        assertThat(Selectors.picks(Map.of("app", "shop", "tier", "db"), Map.of("app", "shop", "tier", "web")))
                .isFalse();
        assertThat(Selectors.picks(SHOP, Map.of())).isFalse();
        assertThat(Selectors.picks(Map.of(), SHOP))
                .as("an empty selector picks no pods")
                .isFalse();
    }
}
