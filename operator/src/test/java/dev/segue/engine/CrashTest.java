package dev.segue.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.segue.analysis.Reading;
import dev.segue.api.Handover.Via;
import dev.segue.api.Phase;
import dev.segue.api.Verify.OnTimeout;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The operator dies at each turning point of a migration, in each way: the end is the same, and no request fails. */
class CrashTest {
    record Story(String name, Supplier<Journey> begin) {
        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Story> stories() {
        return Stream.of(
                new Story("Adopt", () -> new Journey(World.ofShop(), new Spec())),
                new Story("Settle", () -> new Journey(World.ofShop(), new Spec().via(Via.Settle))),
                new Story("Settle for an older twin", () -> new Journey(World.backToFirst(), new Spec())),
                new Story("drain by query", () -> new Journey(World.ofShop(), new Spec().drainByQuery(OnTimeout.Hold))),
                new Story("never ready", () -> {
                    Journey journey = new Journey(World.ofShop(), new Spec());
                    journey.world.startup.put("v2", null);
                    return journey;
                }),
                new Story("abort in Preparing", () -> abort(Phase.Preparing, "AwaitTarget")),
                new Story("abort in Shifting", () -> abort(Phase.Shifting, "Hold")),
                new Story("abort in CuttingOver", () -> abort(Phase.CuttingOver, "DrainSource")),
                new Story("abort in Soaking", () -> abort(Phase.Soaking, "Soak")),
                new Story("metric fails in Soaking", () -> {
                    Journey journey = new Journey(World.ofShop(), new Spec().metric());
                    return journey.when(Phase.Soaking, "SizeTarget", () -> journey.metric = new Reading.Value(11));
                }),
                new Story("deleted in Soaking", () -> {
                    Journey journey = new Journey(World.ofShop(), new Spec());
                    return journey.when(Phase.Soaking, "Soak", () -> journey.deleting = true);
                }));
    }

    private static Journey abort(Phase phase, String task) {
        Journey journey = new Journey(World.ofShop(), new Spec());
        return journey.when(phase, task, () -> journey.command = "abort");
    }

    @ParameterizedTest
    @MethodSource("stories")
    void sameEndWhereverTheOperatorDies(Story story) {
        Journey undisturbed = story.begin().get().toEnd();
        for (int point : undisturbed.turningPoints()) {
            if (point < undisturbed.eventAt) {
                continue; // until then it is the first story
            }
            for (Journey.Crash crash : ways(undisturbed.decisions.get(point))) {
                Journey journey = story.begin().get().crash(point, crash);
                assertThat(journey.toEnd().end())
                        .as("%s at look %d, %s", crash, point, undisturbed.visited.get(point))
                        .isEqualTo(undisturbed.end());
            }
        }
    }

    /** The ways that make a difference to this decision. */
    private static List<Journey.Crash> ways(Decision decision) {
        return switch (decision.actions().size()) {
            case 0 -> List.of(Journey.Crash.STATUS_LOST, Journey.Crash.AWAY);
            case 1 -> List.of(Journey.Crash.STATUS_LOST, Journey.Crash.ACTIONS_LOST, Journey.Crash.AWAY);
            default -> List.of(Journey.Crash.values());
        };
    }
}
