package dev.segue.e2e.fault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.segue.api.Phase;
import dev.segue.e2e.stage.Migrations;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.parallel.Isolated;

/** Where nothing happens nothing is written, also after a restart. Ended Migrations are not even read. */
@ExtendWith(LabExtension.class)
@Isolated("the installed operator stands still")
class IdleIT {
    private static final int EACH = 15;

    @Test
    void idleAndRestartedItWritesNothing(Labs labs) {
        labs.run("idle-it", IdleIT::writesNothing);
    }

    private static void writesNothing(Lab lab) {
        List<String> ended = numbered("ended");
        List<String> locked = numbered("locked");
        List<String> waiting = Stream.concat(Stream.of("held"), locked.stream()).toList();
        try (var operator = lab.start()) {
            ended.forEach(name -> migrate(lab, name, "none"));
            migrate(lab, "held", Lab.APP);
            lab.migrations().waiting("held", "Paused");
            locked.forEach(name -> migrate(lab, name, Lab.APP));
            ended.forEach(name -> lab.expectEnd(name, Phase.Failed));
            locked.forEach(name -> lab.migrations().waiting(name, "Locked"));
            // Two looks at each that waits for its turn: what there was to write is written.
            looksOn(operator, locked);
            int before = operator.proxy().writes().size();
            looksOn(operator, locked);
            assertThat(operator.proxy()
                            .writes()
                            .subList(before, operator.proxy().writes().size()))
                    .extracting(ApiRequest::text)
                    .isEmpty();
        }
        OperatorUnderTest restarted = lab.start();
        await().atMost(Migrations.PATIENCE).until(() -> waiting.stream().allMatch(n -> restarted.looks(n) > 0));
        looksOn(restarted, locked);
        assertThat(restarted.proxy().writes()).extracting(ApiRequest::text).isEmpty();
        assertThat(ended).allSatisfy(name -> assertThat(restarted.looks(name)).isZero());
    }

    private static List<String> numbered(String name) {
        return IntStream.range(0, EACH).mapToObj(i -> name + "-" + i).toList();
    }

    private static void migrate(Lab lab, String name, String deployment) {
        lab.migrate(
                name,
                "{deployment: %s, images: {app: \"%s\"}}".formatted(deployment, Lab.image("2")),
                "paused: true\n");
    }

    private static void looksOn(OperatorUnderTest operator, List<String> names) {
        List<Long> before = names.stream().map(operator::looks).toList();
        await().atMost(Migrations.PATIENCE)
                .until(() -> IntStream.range(0, names.size())
                        .allMatch(i -> operator.looks(names.get(i)) >= before.get(i) + 2));
    }
}
