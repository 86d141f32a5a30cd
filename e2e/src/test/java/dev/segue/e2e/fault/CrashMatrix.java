package dev.segue.e2e.fault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.segue.api.Migration;
import dev.segue.api.Phase;
import dev.segue.e2e.fault.ApiRequest.Kind;
import dev.segue.e2e.stage.Migrations;
import dev.segue.staging.StageName;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;

/** Takes paths, undisturbed and with a crash, each time in a lab of its own. Safe for all threads. */
final class CrashMatrix {
    /** For what Kubernetes and the operator do after the last phase was written. */
    private static final Duration TO_REST = Duration.ofMinutes(1);

    private final Labs labs;
    private final Metric metric;
    private final AtomicInteger runs = new AtomicInteger();

    CrashMatrix(Labs labs, Metric metric) {
        this.labs = labs;
        this.metric = metric;
    }

    /**
     * What a path comes to.
     *
     * @param writes of its operator
     * @param lives of all objects
     * @param copied the same of the copy
     */
    record Result(List<Write> writes, EndState end, List<String> lives, List<String> copied) {
        /** The writes for one Migration that are made in each run. */
        List<Write> certain(Path path, String by) {
            return writes.stream()
                    .filter(w -> w.by().equals(by) && !path.races(w))
                    .toList();
        }
    }

    /** What was created and deleted in the copy; by chance the moves there end earlier or later after a cue. */
    private static List<String> copied(Path path, Script script) {
        Stream<String> moves = path.cue() == null ? script.journal().lives(StageName.MOVES).stream() : Stream.empty();
        return Stream.concat(script.journal().lives(Lab.MIGRATION).stream(), moves)
                .toList();
    }

    /** Labs that were opened so far. */
    int runs() {
        return runs.get();
    }

    /** What a path comes to when nobody disturbs the operator; found twice, and the same. */
    Result undisturbed(Path path) {
        var other = CompletableFuture.supplyAsync(() -> undisturbedOnce(path), Thread::startVirtualThread);
        Result once = undisturbedOnce(path);
        Result again = other.join();
        for (String by : List.of(Lab.MIGRATION, StageName.MOVES)) {
            assertThat(again.certain(path, by)).as("writes of the second run").isEqualTo(once.certain(path, by));
        }
        assertThat(again.end().differences(once.end()))
                .as("what else is there at the end of the second run")
                .isEmpty();
        assertThat(again.lives()).as("creates and deletes of the second run").isEqualTo(once.lives());
        assertThat(again.copied())
                .as("creates and deletes of the second run in the copy")
                .isEqualTo(once.copied());
        // Of those that chance decides about, the ones that both have made.
        return new Result(
                once.writes().stream().filter(again.writes()::contains).toList(),
                once.end(),
                once.lives(),
                once.copied());
    }

    private Result undisturbedOnce(Path path) {
        var result = new AtomicReference<Result>();
        labs.run(namespace(), lab -> {
            Script script = script(path, lab);
            start(path, lab, script);
            lab.migrate(Lab.MIGRATION, path.component(), path.spec());
            expectEnd(path, lab);
            result.set(new Result(script.journal().writes(), lab.endState(), lab.lives(), copied(path, script)));
        });
        return Objects.requireNonNull(result.get());
    }

    /**
     * Crashes the operator at this write, starts another one, and asserts that it comes to the same.
     *
     * @return false when chance would have it that the write was not made
     */
    boolean crash(Path path, Write at, Crash.Way way, Result undisturbed) {
        var crashed = new AtomicBoolean();
        labs.run(namespace(), lab -> {
            Script script = script(path, lab);
            var crash = new Crash(at, way, script);
            OperatorUnderTest first = start(path, lab, crash);
            lab.migrate(Lab.MIGRATION, path.component(), path.spec());
            crashed.set(crash.awaitUnless(() -> path.races(at) && over(lab)));
            first.crash();

            OperatorUnderTest second = start(path, lab, script);

            expectEnd(path, lab);
            await().atMost(Migrations.PATIENCE).until(() -> path.deleted() || hasLooked(second, path));
            await().atMost(TO_REST)
                    .pollInterval(Duration.ofMillis(500))
                    .untilAsserted(() -> assertThat(lab.endState().differences(undisturbed.end()))
                            .as("what else is there at the end than without a crash")
                            .isEmpty());
            assertThat(lab.lives()).as("creates and deletes").isEqualTo(undisturbed.lives());
            assertThat(copied(path, script))
                    .as("creates and deletes in the copy")
                    .isEqualTo(undisturbed.copied());
        });
        return crashed.get();
    }

    private Script script(Path path, Lab lab) {
        lab.arrange(path.setting());
        return new Script(path, lab, metric);
    }

    private static OperatorUnderTest start(Path path, Lab lab, Disturbance disturbance) {
        return path.rehearsesMoves() ? lab.startRehearsing(disturbance) : lab.start(disturbance);
    }

    private static boolean over(Lab lab) {
        return lab.migrations().isDeleted(Lab.MIGRATION)
                || (!lab.migrations().history(Lab.MIGRATION).isEmpty()
                        && lab.migrations().phase(Lab.MIGRATION).terminal());
    }

    private String namespace() {
        return "crash-" + runs.incrementAndGet();
    }

    private static void expectEnd(Path path, Lab lab) {
        if (path.deleted()) {
            lab.migrations().awaitDeleted(Lab.MIGRATION);
        } else {
            lab.expectEnd(Lab.MIGRATION, path.end());
        }
        await().atMost(TO_REST).until(() -> released(lab) && lab.atRest());
        await().atMost(TO_REST)
                .untilAsserted(() ->
                        assertThat(lab.copies()).as("copies of production").isEmpty());
        Migration last = lab.migrations().history(Lab.MIGRATION).getLast();
        assertThat(Migrations.status(last).phaseOrPending()).as("last phase").isEqualTo(path.end());
    }

    private static boolean released(Lab lab) {
        Migration m = lab.migration(Lab.MIGRATION).get();
        return m == null || m.getMetadata().getFinalizers().isEmpty();
    }

    /** One that failed before anything was done is known from the list alone, and not read again. */
    private static boolean hasLooked(OperatorUnderTest operator, Path path) {
        String read = path.end() == Phase.Failed ? "/migrations" : "/migrations/" + Lab.MIGRATION;
        return operator.proxy().requests().stream()
                .anyMatch(r -> r.kind() == Kind.READ && r.path().endsWith(read));
    }
}
