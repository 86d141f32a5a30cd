package dev.segue.e2e.referee;

import static dev.segue.e2e.referee.Story.KUBERNETES;
import static dev.segue.e2e.referee.Story.SEGUE;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.Test;

/** A referee looks away at each moment of a story, until each later one. */
class SittingTest {
    private final Story story = new Story().source();

    @Test
    void nothingIsWrongWhereNothingWas() {
        story.shifting().cutOver().soaking().handedOver().completed();

        eachGap((from, until) -> assertThat(violations(from, until))
                .as("away in (%d, %d]", from, until)
                .isEmpty());
    }

    @Test
    void whatIsBrokenIsSeenUnlessItWasInTheGap() {
        story.shifting().cutOver().soaking();
        story.by(SEGUE).replicaSet("m1", 3, "2", "Migration/shop-2");
        story.by(KUBERNETES).deleting("Pod/b1").endpoints("b2");
        List<Violation> broken = story.violations();
        assertThat(broken)
                .extracting(Violation::invariant)
                .containsExactly(Invariant.IDLE, Invariant.SERVING_PODS, Invariant.CAPACITY);

        eachGap((from, until) -> assertThat(violations(from, until))
                .as("away in (%d, %d]", from, until)
                .isEqualTo(broken.stream()
                        .filter(v -> v.revision() <= from || v.revision() > until)
                        .toList()));
    }

    @Test
    void whatWasThereIsKnownAndNothingIsToldTwice() {
        story.shifting().cutOver().soaking().handedOver().completed();
        Map<String, Long> end = world(story.history());

        eachGap((from, until) -> {
            List<Observation> joined = Sitting.history(sittings(from, until));
            assertThat(world(joined)).as("away in (%d, %d]", from, until).isEqualTo(end);
            assertThat(joined).doesNotHaveDuplicates();
            assertThat(joined).isSortedAccordingTo((a, b) -> Long.compare(a.revision(), b.revision()));
        });
    }

    private void eachGap(BiConsumer<Long, Long> check) {
        List<Long> moments = story.history().stream().map(Observation::revision).toList();
        for (long from : moments) {
            moments.stream().filter(until -> until >= from).forEach(until -> check.accept(from, until));
        }
    }

    private List<Violation> violations(long from, long until) {
        return Sitting.violations(sittings(from, until), new Excuses());
    }

    /** Up to one moment, and from another one on, which begins with a list of what is there then. */
    private List<Sitting> sittings(long from, long until) {
        List<Observation> early =
                story.history().stream().filter(o -> o.revision() <= from).toList();
        List<Observation> late = new ArrayList<>(latest(story.history().stream()
                        .filter(o -> o.revision() <= until)
                        .toList())
                .values());
        late.sort((a, b) -> Long.compare(a.revision(), b.revision()));
        story.history().stream().filter(o -> o.revision() > until).forEach(late::add);
        return List.of(new Sitting(0, early), new Sitting(until, late));
    }

    /** Of what is there at the end of this history. */
    private static Map<String, Observation> latest(List<Observation> history) {
        Map<String, Observation> latest = new LinkedHashMap<>();
        for (Observation o : history) {
            if (o.gone()) {
                latest.remove(o.name());
            } else {
                latest.put(o.name(), o);
            }
        }
        return latest;
    }

    private static Map<String, Long> world(List<Observation> history) {
        Map<String, Long> world = new LinkedHashMap<>();
        latest(history).forEach((name, o) -> world.put(name, o.revision()));
        return world;
    }
}
